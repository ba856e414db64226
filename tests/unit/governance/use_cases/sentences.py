"""What the sentences of the cases do, and what they claim. A sentence that is not here fails its case."""

import json
from typing import Any

from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from governance.domain.roll_up import Standing, Verdict
from governance.domain.use_cases import ORDER, UseCaseStage
from tests.builders import group_arn
from tests.unit.governance.decisions.sentences import person
from tests.unit.governance.use_cases.board import ID, PRE_PRODUCTION, Board, answers, describes, id_of, says

NOBODY = Person(id="")

# What people ask


@says("{who} creates it")
def creates(board: Board, who: Person, **changed: Any) -> None:
    board.ask(who, "create-use-case", document=describes(**changed))


@says("{who} creates {name}")
def creates_another(board: Board, who: Person, name: str) -> None:
    creates(board, who, id=name)


@says("{who} creates it for the jurisdiction {name}")
def creates_elsewhere(board: Board, who: Person, name: str) -> None:
    creates(board, who, jurisdictions=[name.upper()])


@says("{who} creates it owned by {name}")
def creates_for(board: Board, who: Person, name: str) -> None:
    creates(board, who, owner=name)


@says("{who} changes its purpose")
def changes_purpose(board: Board, who: Person) -> None:
    known = board.stands().about.model_dump(mode="json")
    board.ask(who, "change-use-case", document={**known, "purpose": "Something else"})


@says("{who} says who oversees it")
def oversight(board: Board, who: Person) -> None:
    known = board.stands().about.model_dump(mode="json")
    board.ask(who, "change-use-case", document={**known, "human_oversight": "a loan officer may overrule it"})


@says("{who} makes {name} its owner")
def new_owner(board: Board, who: Person, name: str) -> None:
    known = board.stands().about.model_dump(mode="json")
    board.ask(who, "change-use-case", document={**known, "owner": name})


@says("{who} assesses it as {class} of {tier} materiality")
def assesses(board: Board, who: Person, tier: str, **more: str) -> None:
    document = json.loads(json.dumps(answers(more["class"], tier)))
    board.ask(who, "assess-use-case", use_case=ID, document=document)


@says("{who} assesses it as high but only preparing")
def assesses_exempt(board: Board, who: Person) -> None:
    told = answers("high", **{"only-prepares": "it sorts the post"})
    board.ask(who, "assess-use-case", use_case=ID, document=told)


@says("{who} assesses it as high but only preparing, and profiling people")
def assesses_profiling(board: Board, who: Person) -> None:
    told = answers("high", **{"only-prepares": "it sorts the post", "profiles-people": "it does"})
    board.ask(who, "assess-use-case", use_case=ID, document=told)


@says("{who} assesses it without answering {name}")
def assesses_in_part(board: Board, who: Person, name: str) -> None:
    told = answers("minimal")
    del told["answers"][name]
    board.ask(who, "assess-use-case", use_case=ID, document=told)


@says("{who} approves {stage}")
def approves(board: Board, who: Person, stage: str) -> None:
    board.ask(who, "advance-use-case", use_case=ID, stage=stage)


@says("{who} would approve {stage}")
def would_approve(board: Board, who: Person, stage: str) -> None:
    board.ask(who, "advance-use-case", use_case=ID, stage=stage, dry_run=True)


@says("{who} rejects {stage}")
def rejects(board: Board, who: Person, stage: str) -> None:
    findings = [{"severity": "high", "text": "The purpose is not said clearly"}]
    board.ask(who, "reject-use-case", use_case=ID, stage=stage, findings=findings)


@says("{who} answers the finding")
def answers_it(board: Board, who: Person) -> None:
    board.ask(who, "answer-use-case-finding", use_case=ID, finding=board.stands().findings[0].id)


@says("{who} attaches {name}")
def attaches(board: Board, who: Person, name: str) -> None:
    board.ask(who, "attach-group", use_case=ID, group=group_arn(name))


@says("{who} attaches {name} to fraud")
def attaches_elsewhere(board: Board, who: Person, name: str) -> None:
    board.ask(who, "attach-group", use_case="fraud", group=group_arn(name))


@says("{who} detaches {name}")
def detaches(board: Board, who: Person, name: str) -> None:
    board.ask(who, "detach-group", use_case=ID, group=group_arn(name))


@says("{who} names {name} its successor")
def succeeds(board: Board, who: Person, name: str) -> None:
    board.ask(who, "name-successor", use_case=ID, successor=name)


@says("{who} names it the successor of {name}")
def succeeded(board: Board, who: Person, name: str) -> None:
    board.ask(who, "name-successor", use_case=name, successor=ID)


@says("the request comes again")
def again(board: Board) -> None:
    board.again()


# What is so


@says("olive wrote it down, and it is {class} of {tier} materiality")
def on_record(board: Board, tier: str, **more: str) -> None:
    creates(board, person("olive") or NOBODY)
    assesses(board, person("vera") or NOBODY, tier, **more)


@says("it is in {stage} with {name}")
def has_come_to(board: Board, stage: str, name: str) -> None:
    """It came there by approvals of otto, vera and oskar, with one group that is approved everywhere."""
    board.models.groups[group_arn(name)] = {one: Standing(version=7, verdict=Verdict.APPROVED) for one in Stage}
    for one in ORDER[: ORDER.index(UseCaseStage(stage))]:
        if one is UseCaseStage.DEVELOPMENT:
            attaches(board, person("otto") or NOBODY, name)
        for who in ("viktor", "oskar"):
            if board.stands().stage is one:
                approves(board, person(who) or NOBODY, one.value)


@says("{name} is {verdict} in {model_stage}")
def group_stands(board: Board, name: str, verdict: str, model_stage: str) -> None:
    known = board.models.groups.setdefault(group_arn(name), {})
    known[Stage(model_stage)] = Standing(version=8, verdict=Verdict(verdict))


@says("nothing of {name} was decided on in {model_stage}")
def group_waits(board: Board, name: str, model_stage: str) -> None:
    board.models.groups.get(group_arn(name), {}).pop(Stage(model_stage), None)


@says("the tags of {name} say {name2}")
def tags_say(board: Board, name: str, name2: str) -> None:
    board.tag(name, name2)


@says("{name} has left")
def has_left(board: Board, name: str) -> None:
    board.use_cases.gone.add(id_of(name))


@says("there is an environment for pre-production")
def pre_production(board: Board) -> None:
    board.over(PRE_PRODUCTION)


# What came of it


@says("it is {status} in {stage}")
def stands(board: Board, status: str, stage: str) -> None:
    assert (board.stands().status, board.stands().stage) == (status, stage)


@says("{stage} is {status}")
def stage_is(board: Board, stage: str, status: str) -> None:
    decided = board.stands().stages.get(stage)  # type: ignore[call-overload]
    assert decided is not None
    assert decided.status == status


@says("nothing is decided in {stage}")
def nothing_in(board: Board, stage: str) -> None:
    assert stage not in board.stands().stages


@says("it is refused as {name}", "it is refused as {name}: {text}")
def refused(board: Board, name: str, text: str = "") -> None:
    said, board.refused = board.refused, ""
    assert said.startswith(f"{name}: "), said or "it was not refused"
    assert text in said


@says("its class is {class}")
def its_class(board: Board, **more: str) -> None:
    assert board.stands().ai_act_class == more["class"]


@says("it rests on {text}")
def rests_on(board: Board, text: str) -> None:
    known = board.stands().assessed
    assert known is not None
    assert ", ".join(known.grounds) == text


@says("it waits for another person")
def waits(board: Board) -> None:
    assert board.answer["outcome"] == "waits-for-another-person"


@says("it is proposed")
def proposed(board: Board) -> None:
    assert board.answer["outcome"] == "proposed"


@says("nothing was changed by it")
def unchanged(board: Board) -> None:
    assert not board.answer["changed"]


@says("it would change something")
def would(board: Board) -> None:
    assert (board.answer["changed"], board.answer["would_change"]) == (False, True)


@says("it has {n} groups")
def groups(board: Board, n: str) -> None:
    assert board.stands().groups == len(board.use_cases.groups(ID)) == int(n)


@says("{n} finding is open", "{n} findings are open")
def findings(board: Board, n: str) -> None:
    assert len(board.stands().findings) == int(n)


@says("{name} knows that it is {class} in {stage}")
def group_knows(board: Board, name: str, stage: str, **more: str) -> None:
    known = board.groups.get(group_arn(name))
    assert known and known.use_case
    assert (known.use_case.id, known.use_case.ai_act_class, known.use_case.stage) == (ID, more["class"], stage)


@says("{name} belongs to nothing")
def group_alone(board: Board, name: str) -> None:
    known = board.groups.get(group_arn(name))
    assert known is None or known.use_case is None


@says("{name} was announced")
def announced(board: Board, name: str) -> None:
    wanted = "".join(word.capitalize() for word in name.split("-"))
    assert board.announced[-1] == wanted


@says("{n} deeds are on its chain")
def deeds(board: Board, n: str) -> None:
    assert len(board.chain) == int(n)


@says("the deed says {text}")
def deed_says(board: Board, text: str) -> None:
    assert text in json.dumps(board.chain[-1], ensure_ascii=False)
