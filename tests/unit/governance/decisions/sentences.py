"""What the sentences of the cases do, and what they claim. A sentence that is not here fails its case."""

import re
from typing import Any

from governance.domain.authority import Role
from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from tests.builders import HUB, PROD
from tests.unit.governance.decisions.board import ROLES, SCRIBE, through
from tests.unit.governance.language import Language

CAST = {
    "ada": "steward-data-scientist",
    "grace": "steward-data-scientist",
    "olive": ROLES[Role.OWNER],
    "otto": ROLES[Role.OWNER],
    "vera": ROLES[Role.VALIDATOR],
    "viktor": ROLES[Role.VALIDATOR],
    "oskar": ROLES[Role.OFFICER],
    "olga": ROLES[Role.OFFICER],
    "nina": "steward-ml-engineer",
}
"""Who is there, and through which IAM role of the hub they come unless a sentence says otherwise."""

STRANGERS = {
    "an admin of the hub": through("root.admin", "Admin"),
    "somebody of another account": through("olive", ROLES[Role.OWNER], account=PROD),
    "the root user of the hub": Person(id=f"root@{HUB}", arn=f"arn:aws:iam::{HUB}:root"),
    "Steward's own role": SCRIBE,
    "somebody unknown": None,
    "nobody": Person(id=""),
}

WORDS = {
    "who": f"(?:{'|'.join(CAST)})(?: as an? [a-z]+)?|{'|'.join(map(re.escape, STRANGERS))}",
    "whom": "|".join(CAST),
    "stage": "development|test|production",
    "role": "|".join(Role),
    "n": r"\d+",
    "number": r"-?\d+(?:\.\d+)?",
    "kind": "(?:model quality|model card|bias|validation run|document)",
    "text": ".+",
    "name": "[a-z0-9-]+",
    "word": "[A-Za-z]+",
}


def understood(name: str, word: str) -> Any:
    """A word of a sentence as what it names."""
    if name in {"who", "whom"}:
        return person(word)
    readers: dict[str, Any] = {"stage": Stage, "role": Role, "n": int}
    return readers.get(name, str)(word)


def person(words: str) -> Person | None:
    """Somebody of the cast, perhaps through another role than their own; or a stranger."""
    if words in STRANGERS:
        return STRANGERS[words]
    name, _, role = words.partition(" as a")
    return through(name, ROLES[Role(role.removeprefix("n").strip())] if role else CAST[name])


LANGUAGE = Language(WORDS, understood)
says, carry_out = LANGUAGE.says, LANGUAGE.carry_out
