"""How the policy of use cases is shown to people: who approves which stage, how many it takes, and what is checked."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from governance.domain.ai_act import Materiality
from governance.domain.authority import Role
from governance.domain.use_case_policy_document import (
    CHECK_NAMES,
    CLASSES,
    EVERYWHERE,
    UseCasePolicyDocument,
)
from steward.output import row, table


def shown(read: UseCasePolicyDocument) -> Iterator[RenderableType]:
    """A policy of use cases as people read it."""
    yield Text(f"{read.name}: {read.title}", style="bold")
    yield Text(read.description)
    made = table("Stages", "stage", "approved by")
    for stage in EVERYWHERE:
        row(made, stage, " or ".join(role for role in Role if role in read.roles[stage]))
    yield made
    made = table("Checks", "check", "made in")
    for name, stages in sorted(read.enforced.items(), key=lambda one: CHECK_NAMES.index(one[0])):
        row(made, name, "every stage" if set(stages) == set(EVERYWHERE) else ", ".join(sorted_stages(stages)))
    yield made
    yield f"people by class: {', '.join(f'{one} {read.people_by_class[one]}' for one in reversed(CLASSES))}"
    yield f"people by tier: {', '.join(f'{one} {read.people_by_tier[one]}' for one in Materiality)}"
    if read.nobody_alone_from:
        yield f"two different people at least from {read.nobody_alone_from} on, in that stage or those before"
    if read.oversight_for:
        yield f"overseen by people: class {', '.join(read.oversight_for)}"


def sorted_stages(stages: tuple[str, ...]) -> list[str]:
    """Stages from first to last."""
    return [stage for stage in EVERYWHERE if stage in stages]
