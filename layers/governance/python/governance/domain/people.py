"""Who people are on the record: by an id that says nothing, with the name kept apart, so that it can be erased.

Facts, audit entries and events are for good, and hold a person's id and the role they acted in. The name that the id
stands for is in one item beside the head of a version or of a use case, and in the rows of versions that people read;
erasing it there leaves every text and every hash of the chain as it was.
"""

import hmac
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from governance.domain.identifiers import ASSUMED_ROLE, IAM_USER, Person
from governance.domain.reviewing import FindingAnswered, RaisedFinding
from governance.domain.use_case import OWNER, Profile
from governance.domain.values import Value

Kept = TypeVar("Kept", bound=Value)

ID = re.compile(r"^person-[0-9a-f]{20}$")
"""What an id of ours looks like. No name that comes from AWS does: see `identifiers.disarmed`."""

KNOWN_IDS = re.compile(r"^(unknown|steward|account \d{12}|)$")
"""Ids that stand for nobody in particular, and so hide nothing."""

WITHOUT_SESSION = re.compile(r"^arn:aws[a-z-]*:(sts::\d{12}:assumed-role/[^/]+|iam::\d{12}:user)$")
"""How somebody came, as the record has it. No ARN that comes from AWS looks so."""

IN_TEXT = re.compile(r"person-[0-9a-f]{20}")


class Names(Value):
    """Names by id, as far as they are known and were not erased. An erased one is kept as an empty text."""

    by_id: Mapping[str, str] = {}

    def shown(self, person: str) -> str:
        """The name where one is kept, else the id."""
        return self.by_id.get(person) or person

    def told(self, text: str) -> str:
        """A text with the names in place of the ids."""
        return IN_TEXT.sub(lambda found: self.shown(found[0]), text)

    def throughout(self, told: Any) -> Any:
        """A document with the names in place of the ids, in every text of it; keys stay as they are."""
        if isinstance(told, str):
            return self.told(told)
        if isinstance(told, Mapping):
            return {key: self.throughout(one) for key, one in told.items()}
        if isinstance(told, list | tuple):
            return [self.throughout(one) for one in told]
        return told

    def with_new(self, learned: Mapping[str, str]) -> "Names":
        """With those that were not known yet. What was erased stays so: it is known to be nobody's to keep."""
        new = {person: name for person, name in learned.items() if person not in self.by_id}
        return Names(by_id={**self.by_id, **new}) if new else self

    def without(self, person: str) -> "Names":
        """With the name of a person erased."""
        return Names(by_id={**self.by_id, person: ""}) if self.by_id.get(person) else self


class Pseudonyms:
    """Gives people their ids, and remembers the names that it saw.

    The id is the HMAC-SHA-256 of the name, case aside, under a key that never leaves the table: the same person has
    the same id on every version, and nobody without the key can try out names. Without a key, people go by their
    names: so they do on records that no release with pseudonyms has opened yet.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.seen: dict[str, str] = {}

    def id_of(self, name: str) -> str:
        """The id of a name; an id stays as it is."""
        if not self.key or ID.match(name) or KNOWN_IDS.match(name):
            return name
        hashed = hmac.new(self.key.encode(), name.casefold().encode(), "sha256").hexdigest()
        self.seen.setdefault(f"person-{hashed[:20]}", name)
        return f"person-{hashed[:20]}"

    def person(self, person: Person) -> Person:
        """Somebody by their id, with the role they acted in and without the session's name."""
        known = self.id_of(person.id)
        return person if known == person.id else Person(id=known, arn=role_of(person.arn))

    def with_name(self, person: Person, names: Names) -> Person:
        """Somebody on record by the name that is kept for them, so that another record that they come on keeps it too.

        By their id where no name is kept, or one that has another id under this key.
        """
        name = names.shown(person.id)
        return Person(id=name, arn=person.arn) if Pseudonyms(self.key).id_of(name) == person.id else person

    def written(self, fact: Kept) -> Kept:
        """A fact with everybody in it by their id. Written already, it stays as it is."""
        changes = {name: self.anonymous(value) for name, value in fact if value is not None}
        if isinstance(fact, RaisedFinding | FindingAnswered):
            changes["owner"] = self.id_of(fact.owner)
        changed = {name: value for name, value in changes.items() if value != getattr(fact, name)}
        return fact.model_copy(update=changed) if changed else fact

    def profile(self, profile: Profile) -> Profile:
        """A profile with its owner by their id."""
        owner = self.id_of(profile.owner)
        return profile if owner == profile.owner else profile.model_copy(update={"owner": owner})

    def anonymous(self, value: Any) -> Any:
        """Any field of a fact: a person, a profile with an owner, what names one; all else as it is."""
        if isinstance(value, Person):
            return self.person(value)
        if isinstance(value, Profile):
            return self.profile(value)
        if isinstance(value, tuple) and value and isinstance(value[0], RaisedFinding):
            return tuple(self.written(one) for one in value)
        if isinstance(value, Mapping) and value.get(OWNER):
            return {**value, OWNER: self.id_of(value[OWNER])}
        return value


def role_of(arn: str) -> str:
    """The ARN of the role or kind of user somebody acted as, without what tells who it was; of that one, itself."""
    if WITHOUT_SESSION.match(arn):
        return arn
    if assumed := ASSUMED_ROLE.match(arn):
        return arn[: -len(assumed["session"]) - 1]
    if IAM_USER.match(arn):
        return f"{arn.partition(':user/')[0]}:user"
    return arn if arn.endswith(":root") else ""
