"""What an order about a use case says, read against what is on record; and what is told to who gave it."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from governance.domain import orders_on_use_cases as o
from governance.domain import use_case_deciding as d
from governance.domain.errors import Refused
from governance.domain.people import Names, Pseudonyms
from governance.domain.problems import Dialect
from governance.domain.use_cases import UseCase, UseCaseFinding, problems_of
from governance.domain.values import iso, sha256_of
from governance.ports.use_cases import Opened

Answer = dict[str, Any]
"""What is told to who asked."""

Document = TypeVar("Document", bound=BaseModel)


def known(seen: Opened, name: str) -> UseCase:
    """A use case that has to be there. Refuses one that is not."""
    if seen.use_case is None:
        raise Refused("unknown-use-case", f"no use case {name} is on record: steward use-case list tells what there is")
    return seen.use_case


def check_stage(use_case: UseCase, order: o.AdvanceUseCase | o.RejectUseCase) -> None:
    """Refuse a decision on a stage that it is not in: it was moved since somebody looked."""
    if use_case.stage is not order.stage:
        raise Refused("another-stage", f"{use_case.id} is in {use_case.stage}, not in {order.stage}: look again")


def raised(order: o.RejectUseCase, asking: d.AskingUnder, people: Pseudonyms) -> list[UseCaseFinding]:
    """The findings of a rejection, as the record keeps them. Refuses a date that has gone by."""
    for one in order.findings:
        if one.due and one.due <= asking.at:
            raise Refused("no-such-time", f"{iso(one.due)} has gone by: say a later date, or none")
    return [
        UseCaseFinding(
            id=f"finding-{sha256_of(f'{order.request_id}|{number}')[:12]}",
            severity=one.severity,
            text=one.text,
            owner=people.id_of(one.owner) if one.owner else "",
            due=one.due,
            stage=order.stage,
            raised_by=asking.by.id,
            raised_at=asking.at,
        )
        for number, one in enumerate(order.findings)
    ]


def document_of(told: Mapping[str, Any], shape: type[Document], dialect: Dialect, code: str) -> Document:
    """What an order holds. Raises `Refused`, naming every field that is wrong."""
    try:
        return shape.model_validate(told)
    except ValidationError as wrong:
        raise Refused(code, "; ".join(f"{one.field}: {one.said}" for one in problems_of(wrong, dialect))) from wrong


def told(order: o.AnyOrderOnUseCases, act: d.Act, names: Names) -> Answer:
    """What came of it, with people's names; in a dry run, what would."""
    use_case, changed = act.after, bool(act.action)
    return {
        "use_case": use_case.id,
        "outcome": act.outcome.value,
        "stage": use_case.stage.value,
        "status": use_case.status.value,
        "ai_act_class": use_case.ai_act_class.value if use_case.ai_act_class else "",
        "materiality": use_case.materiality.value if use_case.materiality else "",
        "groups": use_case.groups,
        "findings": [one.id for one in use_case.findings],
        "checks": names.throughout([one.model_dump(mode="json") for one in act.checks]),
        "changed": changed and not order.dry_run,
        "would_change": changed and order.dry_run,
    }
