"""What people are told of by a notice: a subject, a few lines, and what programs tell it apart by."""

from governance.domain.use_cases import UseCase, UseCaseStage
from governance.domain.values import Value

LONGEST_SUBJECT = 100
"""Characters of a subject (SNS API: Publish, `Subject`: ASCII, fewer than 100 characters, no line breaks)."""


class Notice(Value):
    """Something that somebody is to be told. It names people by their ids: a mailbox forgets nobody."""

    event_id: str
    """Id of the announcement that it follows from: told twice, it is the same one."""
    use_case_id: str
    subject: str
    text: str


def may_be_onboarded(use_case: UseCase, event_id: str) -> Notice:
    """That the proof of concept of a use case was approved, and what is to be done next."""
    decided = use_case.stages[UseCaseStage.PROOF_OF_CONCEPT]
    ai_act = use_case.ai_act_class.value if use_case.ai_act_class else "not assessed"
    tier = use_case.materiality.value if use_case.materiality else "unknown"
    lines = (
        f"The proof of concept of {use_case.about.name} ({use_case.id}) is approved: it may have model groups now.",
        "",
        f"EU AI Act class: {ai_act}; materiality: {tier}",
        f"Line of business: {use_case.about.line_of_business}; project: {use_case.about.project}",
        f"Approved by {' and '.join(decided.by)}, under {decided.policy}",
        "",
        "To make one, write down what it is (docs/onboarding.md) and run:",
        f"  steward onboard onboarding.yaml --why 'model group for {use_case.id}'",
        "What is on record of the use case:",
        f"  steward use-case show {use_case.id}",
        "",
        f"Event {event_id}. It may be told more than once.",
    )
    subject = f"Use case {use_case.id} may have model groups"
    return Notice(
        event_id=event_id, use_case_id=use_case.id, subject=subject[: LONGEST_SUBJECT - 1], text="\n".join(lines)
    )
