"""What the answers of gates come to."""

from collections.abc import Iterable

from governance.domain.gates import Answer
from governance.domain.policy import passes


def lets_pass(answers: Iterable[Answer]) -> bool:
    return passes(tuple(each.check for each in answers))
