"""What happens in the cases: in the registry, asked of Steward, and otherwise."""

from governance.domain.authority import Role
from governance.domain.collecting import LARGEST
from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from tests.builders import PROD, TEST, after, call, specification
from tests.unit.governance.decisions.board import ARN, OTHER, STEP, Board, quality
from tests.unit.governance.decisions.sentences import says

# What happens in the registry


@says("{who} approves it in {stage} in Studio")
def approves(board: Board, who: Person, stage: Stage) -> None:
    board.decides(who, stage, "Approved")


@says("{who} approves it in {stage} by its life cycle")
def approves_by_life_cycle(board: Board, who: Person, stage: Stage) -> None:
    board.moves(who, stage, "Approved")


@says("{who} rejects it in {stage} in Studio")
def rejects_in_studio(board: Board, who: Person, stage: Stage) -> None:
    board.decides(who, stage, "Rejected")


@says("{who} puts it back to pending in {stage} in Studio")
def puts_back(board: Board, who: Person, stage: Stage) -> None:
    board.decides(who, stage, "PendingManualApproval")


@says("CloudTrail tells that {who} approved it")
def cloudtrail(board: Board, who: Person) -> None:
    at = (board.registry.packages[ARN].changed_at - after(0)).total_seconds()
    board.synchronisation.identify(call(at, who, modelApprovalStatus="Approved"), "event")
    board.settle()


@says("{who} changes what it runs")
def changes(board: Board, who: Person | None) -> None:
    board.changed_at = board.second + STEP
    board.changes(who, InferenceSpecification=specification(f"s3://dev-bucket/{board.changed_at}.tar.gz"))


@says("CloudTrail tells that {who} changed what it runs")
def cloudtrail_of_change(board: Board, who: Person) -> None:
    told = {"containers": [{"image": "repo/image:2"}]}
    board.synchronisation.identify(call(board.changed_at, who, inferenceSpecification=told), "event")
    board.settle()


@says("{who} writes a note on it in Studio")
def notes(board: Board, who: Person) -> None:
    board.changes(who, CustomerMetadataProperties={"note": f"at {board.second}"})


@says("it was registered approved already")
def born_approved(board: Board) -> None:
    board.__init__(approval="Approved")  # type: ignore[misc]


@says("Steward's writing is delayed")
def delayed(board: Board) -> None:
    board.is_written_at_once = False


@says("Steward writes now")
def writes_now(board: Board) -> None:
    board.is_written_at_once = True
    board.settle()


@says("what follows happens within one second")
def at_once(board: Board) -> None:
    board.pace = 0.0


@says("time goes on")
def goes_on(board: Board) -> None:
    board.pace = STEP


@says("events are held back")
def held_back(board: Board) -> None:
    board.held = []


@says("what was held back arrives, the last first")
def arrives(board: Board) -> None:
    board.lets_go()


@says("the registry's event is delivered again")
def again(board: Board) -> None:
    board.echo()
    board.settle()


# What people ask of Steward


@says("{who} asks Steward to approve it in {stage}")
def asks(board: Board, who: Person, stage: Stage) -> None:
    board.ask(who, "approve", stage=stage)


@says("{who} quarantines it")
def quarantines(board: Board, who: Person) -> None:
    board.ask(who, "quarantine")


@says("{who} releases it")
def releases(board: Board, who: Person) -> None:
    board.ask(who, "release")


@says("{who} rolls it back in {stage}")
def rolls_back(board: Board, who: Person, stage: Stage) -> None:
    board.ask(who, "roll-back", stage=stage)


@says("{who} bars it from {stage}")
def bars(board: Board, who: Person, stage: Stage) -> None:
    board.ask(who, "roll-back", stage=stage, even_if_nothing_returns=True)


@says("{who} signs it off in {stage}")
def signs(board: Board, who: Person, stage: Stage) -> None:
    board.ask(who, "sign-off", stage=stage)


@says("{who} rejects it in {stage} for “{text}”")
def rejects(board: Board, who: Person, stage: Stage, text: str) -> None:
    board.ask(who, "reject", stage=stage, findings=[{"severity": "high", "text": text}])


@says("{who} rejects it in {stage} without a finding")
def rejects_without(board: Board, who: Person, stage: Stage) -> None:
    try:
        board.ask(who, "reject", stage=stage, findings=[])
    except ValueError:
        board.refused = "no-finding"


@says("{who} raises the finding “{text}” in {stage}, due in {n} days")
def raises(board: Board, who: Person, text: str, stage: Stage, n: int) -> None:
    due = after(board.second + n * 86400).isoformat()
    board.ask(who, "raise-findings", stage=stage, findings=[{"severity": "high", "text": text, "due": due}])


@says("{who} raises the finding “{text}” in {stage}")
def raises_undated(board: Board, who: Person, text: str, stage: Stage) -> None:
    board.ask(who, "raise-findings", stage=stage, findings=[{"severity": "high", "text": text}])


@says("{who} answers the finding")
def answers(board: Board, who: Person) -> None:
    finding = next(iter(board.state().reviews))
    board.ask(who, "answer-finding", finding=finding)


@says("{who} puts it forward again, answering every finding")
def resubmits(board: Board, who: Person) -> None:
    board.resubmits(who, anew=False)


@says("{who} puts it forward again, answering nothing")
def resubmits_silently(board: Board, who: Person) -> None:
    board.ask(who, "resubmit", of=ARN, answers={})


@says("{who} registers version 8 in its place, answering every finding")
def in_its_place(board: Board, who: Person) -> None:
    board.resubmits(who, anew=True)


@says("{who} breaks the glass in {stage} for {n} hours")
def breaks(board: Board, who: Person, stage: Stage, n: int) -> None:
    board.ask(who, "break-glass", stage=stage, hours=n)


@says("{who} upholds the emergency in {stage}")
def upholds(board: Board, who: Person, stage: Stage) -> None:
    board.ask(who, "review-emergency", stage=stage, upheld=True)


@says("{who} overrules the emergency in {stage}")
def overrules(board: Board, who: Person, stage: Stage) -> None:
    board.ask(who, "review-emergency", stage=stage, upheld=False)


@says("{who} delegates the role of {role} to {whom} for {n} days")
def delegates(board: Board, who: Person, role: Role, whom: Person, n: int) -> None:
    board.delegated(role, who, whom, n)


# What else happens


@says("{n} days later", "{n} day later")
def days_later(board: Board, n: int) -> None:
    board.later(n * 86400)


@says("the emergency ends")
def emergency_ends(board: Board) -> None:
    board.passes_by("emergency")


@says("the time for its review is over")
def review_over(board: Board) -> None:
    board.passes_by("review")


@says("the finding's date goes by")
def finding_due(board: Board) -> None:
    board.passes_by("finding")


@says("{who} attaches {kind} evidence")
def attaches(board: Board, who: Person, kind: str) -> None:
    board.attaches(who, kind.replace(" ", "-"), b"a document")


@says("{who} attaches {kind} evidence that is {n} days old")
def attaches_old(board: Board, who: Person, kind: str, n: int) -> None:
    board.attaches(who, kind.replace(" ", "-"), b"a document", days=n)


@says("{who} attaches a model quality report with AUC {text}")
def attaches_auc(board: Board, who: Person, text: str) -> None:
    board.attaches(who, "model-quality", quality(text))


@says("{who} attaches a model quality report of another version with AUC {number}")
def attaches_of_another(board: Board, who: Person, number: str) -> None:
    board.attaches(who, "model-quality", quality(number, version=OTHER))


@says("version 8 had a model quality report with AUC {number} before")
def had_before(board: Board, number: str) -> None:
    board.documents.keep(quality(number), "s3://dev-bucket/of-version-8.json", OTHER)


@says("{who} attaches {kind} evidence whose hash is not the one claimed")
def attaches_other(board: Board, who: Person, kind: str) -> None:
    board.attaches(who, kind.replace(" ", "-"), b"a document", sha256="0" * 64)


@says("{who} attaches {kind} evidence of 50 MB")
def attaches_large(board: Board, who: Person, kind: str) -> None:
    board.attaches(who, kind.replace(" ", "-"), b"x" * (2 * LARGEST))


@says("{who} attaches {kind} evidence that is still to be fetched")
def attaches_unfetched(board: Board, who: Person, kind: str) -> None:
    board.ask(who, "attach-evidence", kind=kind.replace(" ", "-"), uri="s3://dev-bucket/later.json")


@says("the account of the stage sends a model quality report with AUC {number}")
def sends(board: Board, number: str) -> None:
    board.sends_evidence(TEST, "model-quality", quality(number))


@says("an unregistered account sends a model quality report with AUC {number}")
def sends_uninvited(board: Board, number: str) -> None:
    board.sends_evidence(PROD, "model-quality", quality(number))


@says("the evidence grows too old")
def grows_old(board: Board) -> None:
    board.expires()


@says("the model's risk is {name}")
def risk(board: Board, name: str) -> None:
    board.risk(name)


@says("its artifacts are sealed")
def sealed(board: Board) -> None:
    for container in board.state().containers:
        board.vault.objects[container.source_uri] = (container.source_etag, b"other weights")
    board.seal()
    board.settle()


@says("it runs in {stage}")
def runs(board: Board, stage: Stage) -> None:
    board.runs_in(stage)


@says("it is being deployed to {stage}")
def being_deployed(board: Board, stage: Stage) -> None:
    board.later()
    board.start(stage)


@says("it is validated in {stage} with AUC {number}")
def validated(board: Board, stage: Stage, number: str) -> None:
    board.measured(stage, auc=float(number))


@says("it is monitored in {stage} with AUC {number}")
def monitored(board: Board, stage: Stage, number: str) -> None:
    board.measured(stage, "monitoring", auc=float(number))


@says("production serves a version with AUC {number}")
def serves(board: Board, number: str) -> None:
    board.serving(auc=float(number))


@says("production serves a version whose AUC nobody measured")
def serves_unmeasured(board: Board) -> None:
    board.serving()
