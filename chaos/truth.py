"""Lives of versions, chosen by the seed, and what each one asked of the registry: the complete truth."""

import random
from dataclasses import dataclass, field

APPROVED, PENDING, REJECTED = "Approved", "PendingManualApproval", "Rejected"
STATUS = {APPROVED: "approved", PENDING: "pending", REJECTED: "rejected"}

_MOVES = {"approve": 5, "reject": 2, "withdraw": 1, "note": 3, "promote": 2, "refuse": 1}


@dataclass
class Version:
    """One version: what it will do, and what has been asked of the registry for it, in order."""

    group: str
    number: int
    deployable: bool
    moves: list[str]
    arn: str = ""
    asked: list[str] = field(default_factory=list)
    approval: str = PENDING
    life_cycle: tuple[str, str] | None = None
    second: int = 0

    @property
    def approvals(self) -> int:
        """How often it was approved in development."""
        return self.asked.count("approve")

    @property
    def development(self) -> str:
        """What development has to say in the end: what was decided last."""
        return STATUS[self.approval]

    @property
    def may_be_in_test(self) -> bool:
        """Whether anybody ever approved it for development, which is what a deployment to test needs."""
        return self.approvals > 0

    @property
    def approved_in_test(self) -> bool:
        """Whether test was approved and not refused since: both fields said so at one time."""
        return self._in_test()[0]

    @property
    def blocked(self) -> bool:
        """Whether development has withdrawn its approval, which blocks every stage."""
        return self.approval != APPROVED

    @property
    def due_in_test(self) -> bool:
        """Whether test has to be approved: it was promoted while approved, and nothing was decided since."""
        return self._in_test()[1]

    def _in_test(self) -> tuple[bool, bool]:
        approved = promoted = counted = due = False
        for move in self.asked:
            if move in ("approve", "reject", "withdraw"):
                approved, due = move == "approve", False
            elif move in ("promote", "refuse"):
                promoted = due = move == "promote"
                due = due and approved
                counted = counted and promoted
            counted = counted or (approved and promoted)
        return counted, due


def fleet(seed: int, versions: int, groups: int, deployable_groups: int, prefix: str) -> list[Version]:
    """So many versions in so many groups; those of the first groups have artifacts, so they can be deployed."""
    dice = random.Random(seed)
    names = [f"{prefix}-{number}" for number in range(groups)]
    return [
        Version(
            group=names[number % groups],
            number=number,
            deployable=number % groups < deployable_groups,
            moves=dice.choices(list(_MOVES), list(_MOVES.values()), k=dice.randint(1, 5)),
        )
        for number in range(versions)
    ]
