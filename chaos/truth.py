"""Lives of versions, chosen by the seed, and what each one asked of the registry: the complete truth."""

import random
from dataclasses import dataclass, field

APPROVED, PENDING, REJECTED = "Approved", "PendingManualApproval", "Rejected"
STATUS = {APPROVED: "approved", PENDING: "pending", REJECTED: "rejected"}

_MOVES = {"approve": 5, "reject": 2, "withdraw": 1, "note": 3, "promote": 2, "refuse": 1, "hold": 1, "release": 1}

_GROUPS_OF_WHICH_ONE_IS_OLD = 3
_ADOPTED = 0.7
"""Which part of the versions from before governance is ever adopted."""


@dataclass
class Version:
    """One version: what it will do, and what has been asked of the registry for it, in order."""

    group: str
    number: int
    deployable: bool
    moves: list[str]
    old: bool = False
    """Whether it was registered before its registry was governed."""
    arn: str = ""
    asked: list[str] = field(default_factory=list)
    approval: str = PENDING
    life_cycle: tuple[str, str] | None = None
    held: bool = False
    second: int = 0

    @property
    def dormant(self) -> bool:
        """Whether nothing may follow from anything, because nobody has adopted it."""
        return self.old and "adopt" not in self.asked

    @property
    def approvals(self) -> int:
        """How often it was approved in development."""
        return self.asked.count("approve")

    @property
    def development(self) -> str:
        """What development has to say in the end: what was decided last. No approval counts before adoption."""
        return STATUS[PENDING if self.dormant and self.approval == APPROVED else self.approval]

    @property
    def may_be_in_test(self) -> bool:
        """Whether anybody ever approved it for development, which is what a deployment to test needs."""
        return self.approvals > 0 and not self.dormant

    @property
    def may_be_in_production(self) -> bool:
        """Whether both fields ever let it into test at one time, which is what a deployment to production needs."""
        return self._in_test()[2] and not self.dormant

    @property
    def approved_in_test(self) -> bool:
        """Whether test was approved and not refused since: both fields said so at one time."""
        return self._in_test()[0] and not self.dormant

    @property
    def blocked(self) -> bool:
        """Whether development has withdrawn its approval, which blocks every stage."""
        return self.approval != APPROVED

    @property
    def due_in_test(self) -> bool:
        """Whether test has to be approved: it was promoted while approved, and nothing was decided since."""
        return self._in_test()[1] and not self.dormant

    def _in_test(self) -> tuple[bool, bool, bool]:
        """Whether it is approved there, whether it has to be, and whether it ever was."""
        approved = promoted = counted = due = ever = False
        for move in self.asked:
            if move in ("approve", "reject", "withdraw"):
                approved, due = move == "approve", False
            elif move in ("promote", "refuse"):
                promoted = due = move == "promote"
                due = due and approved
                counted = counted and promoted
            elif move == "adopt":
                due = False
            counted = counted or (approved and promoted)
            ever = ever or counted
        return counted, due, ever


def fleet(seed: int, versions: int, groups: int, deployable_groups: int, prefix: str) -> list[Version]:
    """So many versions in so many groups; those of the first groups have artifacts, so they can be deployed.

    Of three groups or more, the last is from before governance, and can be deployed once it is adopted.
    """
    dice = random.Random(seed)
    names = [f"{prefix}-{number}" for number in range(groups)]
    return [_version(dice, names, number, deployable_groups) for number in range(versions)]


def _version(dice: random.Random, names: list[str], number: int, deployable_groups: int) -> Version:
    group = number % len(names)
    old = len(names) >= _GROUPS_OF_WHICH_ONE_IS_OLD and group == len(names) - 1
    moves = dice.choices(list(_MOVES), list(_MOVES.values()), k=dice.randint(1, 5))
    if old and dice.random() < _ADOPTED:
        moves.insert(dice.randint(0, len(moves)), "adopt")
    return Version(names[group], number, old or group < deployable_groups, moves, old)
