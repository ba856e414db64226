"""What has to be so in the hub, in dev and in workload accounts before a first promotion, and whether it is.

Each need says where it is looked for, what has to be allowed there, and what is missing where it is not: the exact
statement to add. What could not be looked at is never fine.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field

from governance.domain.access import Answer, Request, answer
from governance.domain.values import Value


class Kind(StrEnum):
    """The kinds of place that are looked at."""

    BUCKET_POLICY = "bucket policy"
    KEY_POLICY = "key policy"
    BUCKETS_KEY_POLICY = "policy of the bucket's key"
    BUS_POLICY = "bus policy"
    TRUST = "trust policy"
    ROLE = "policies of the role"
    RULE = "rule"
    PIPELINE = "pipeline"
    SHARES = "resource shares"
    IMAGE = "repository policy"


class Place(Value):
    """Where something is looked for: what kind of thing, whose, and by what name or ARN."""

    kind: Kind
    account: str
    name: str


class State(StrEnum):
    """What became of looking."""

    FOUND = "found"
    MISSING = "missing"
    UNREADABLE = "unreadable"


class Seen(Value):
    """What was found at a place: its statements, and of a rule or pipeline what it leads to; or why nothing was."""

    state: State = State.FOUND
    why: str = ""
    statements: tuple[dict[str, Any], ...] = ()
    leads_to: tuple[str, ...] = ()


class Need(Value):
    """Something that has to be so: requests that a policy has to allow, or ARNs that a rule or pipeline leads to."""

    what: str
    place: Place
    principal: str = ""
    actions: tuple[str, ...] = ()
    resource: str = "*"
    context: dict[str, str] = Field(default_factory=dict)
    leads_to: tuple[str, ...] = ()
    remedy: str = ""
    add: dict[str, Any] | None = None


class Verdict(StrEnum):
    """What was found out about a need."""

    FINE = "fine"
    GAP = "gap"
    NOT_CHECKED = "not checked"


class Finding(Value):
    """One need and what was found; `add` is the statement that closes a gap, where one can."""

    verdict: Verdict
    what: str
    account: str
    place: str
    name: str
    why: str = ""
    remedy: str = ""
    add: dict[str, Any] | None = None


class Report(Value):
    """All needs, in the order of a promotion."""

    findings: tuple[Finding, ...]

    @property
    def gaps(self) -> tuple[Finding, ...]:
        """What has to be put right."""
        return tuple(one for one in self.findings if one.verdict is Verdict.GAP)

    @property
    def unseen(self) -> tuple[str, ...]:
        """Accounts of which nothing at all could be looked at: nobody knows whether they are ready.

        A registry of images may be anybody's, and is no account of ours for that.
        """
        ours = [one for one in self.findings if one.place != Kind.IMAGE]
        looked_at = {one.account for one in ours if one.verdict is not Verdict.NOT_CHECKED}
        return tuple(sorted({one.account for one in ours} - looked_at))

    @property
    def is_ready(self) -> bool:
        """Whether every account was looked at, and nothing that was looked at is missing."""
        return not self.gaps and not self.unseen


IDENTITY = frozenset({Kind.ROLE})
"""Places whose policies name no principal: they are their holder's own."""


def judged(need: Need, seen: Seen) -> Finding:
    """Whether a need is met by what was seen."""
    if seen.state is State.UNREADABLE:
        return finding(need, Verdict.NOT_CHECKED, seen.why)
    if seen.state is State.MISSING:
        return finding(need, Verdict.GAP, seen.why or "there is none")
    if need.leads_to:
        lacking = sorted(set(need.leads_to) - set(seen.leads_to))
        why = f"{seen.why or 'it does not lead to'} {', '.join(lacking)}"
        return finding(need, Verdict.GAP, why) if lacking else finding(need, Verdict.FINE)
    identity = need.place.kind in IDENTITY
    told = {action: answer(seen.statements, request(need, action), identity) for action in need.actions}
    return of_answers(need, told)


def request(need: Need, action: str) -> Request:
    """What will be asked when it comes to it."""
    return Request(principal=need.principal, action=action, resource=need.resource, context=need.context)


def of_answers(need: Need, told: Mapping[str, Answer]) -> Finding:
    """A need by what the policy says to each of its actions."""
    refused = sorted(action for action, said in told.items() if said is Answer.REFUSED)
    lacking = sorted(action for action, said in told.items() if said is Answer.SILENT)
    untold = sorted(action for action, said in told.items() if said is Answer.UNTOLD)
    if refused:
        remedy = "take that statement away, or except the principal from it: no other statement overrules it"
        return finding(need, Verdict.GAP, f"a statement refuses {', '.join(refused)}", remedy, keep_statement=False)
    if lacking:
        return finding(need, Verdict.GAP, f"no statement allows {', '.join(lacking)}")
    if untold:
        why = f"whether {', '.join(untold)} is allowed depends on a condition that cannot be told beforehand"
        return finding(need, Verdict.NOT_CHECKED, why)
    return finding(need, Verdict.FINE)


def finding(need: Need, verdict: Verdict, why: str = "", remedy: str = "", keep_statement: bool = True) -> Finding:
    """A need with its verdict. Only a gap has a way out."""
    gap = verdict is Verdict.GAP
    return Finding(
        verdict=verdict,
        what=need.what,
        account=need.place.account,
        place=need.place.kind.value,
        name=need.place.name,
        why=why,
        remedy=(remedy or need.remedy) if gap else "",
        add=need.add if gap and keep_statement else None,
    )
