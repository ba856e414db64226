"""What is to go wrong and what has: the request that `POST /_steward/mischief` takes, its dice and its account."""

import random
import threading
from collections import Counter, defaultdict
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

_KEPT = 20_000
"""Harmed events are listed one by one, up to so many; the counts go on."""


@dataclass(frozen=True)
class Rates:
    """What happens to events, each rate from 0 to 1; `seconds` is the longest that one is held back.

    `undeliverable` is what EventBridge does when it gives a target up: the event becomes a dead letter. `sources` and
    `detail_types` are prefixes; an event that has none of them is left alone.
    """

    drop: float = 0
    duplicate: float = 0
    delay: float = 0
    reorder: float = 0
    undeliverable: float = 0
    seconds: float = 2.0
    sources: tuple[str, ...] = ("",)
    detail_types: tuple[str, ...] = ("",)

    def concerns(self, source: str, detail_type: str) -> bool:
        """Whether an event of that kind may be harmed."""
        return source.startswith(self.sources) and detail_type.startswith(self.detail_types)


@dataclass(frozen=True)
class Call:
    """An API call that fails: `error` is `throttled`, `failed`, `lost`, or a code of the service's own with `status`.

    `when` is `before` the effect or `after` it: then the call has done what was asked, and the caller does not know.
    """

    service: str
    operation: str = "*"
    error: str = "throttled"
    rate: float = 1.0
    when: str = "before"
    status: int = 400
    message: str = ""
    times: int | None = None

    def concerns(self, service: str, operation: str) -> bool:
        """Whether it speaks of that operation."""
        return self.service in ("*", service) and self.operation in ("*", operation)


@dataclass(frozen=True)
class Kill:
    """A function's process that dies: `after_calls` AWS calls of its own (0: a random number), or at its very end.

    `function` is a prefix of function names; `when` says whether the last call still takes effect (`random`: either).
    """

    function: str = ""
    rate: float = 1.0
    after_calls: int = 0
    when: str = "random"
    times: int | None = None


@dataclass
class Mischief:
    """One time of misbehaviour, from POST to DELETE."""

    seed: int = 0
    principals: tuple[str, ...] | None = None
    events: Rates = Rates()
    deliveries: Rates = Rates()
    calls: tuple[Call, ...] = ()
    kills: tuple[Kill, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    harmed: list[dict[str, Any]] = field(default_factory=list)
    _numbers: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _spent: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def parse(cls, asked: dict[str, Any]) -> "Mischief":
        """Read a request. Raises ValueError for what cannot be meant: a typing error must not look like peace."""
        _only(asked, {"seed", "principals", "events", "deliveries", "calls", "functions"})
        functions = dict(asked.get("functions") or {})
        _only(functions, {"kill", "kills"})
        kills = [_read(Kill, kill) for kill in functions.get("kills") or ()]
        if functions.get("kill"):
            kills.append(Kill(rate=float(functions["kill"])))
        principals = asked.get("principals")
        return cls(
            seed=int(asked.get("seed") or 0),
            principals=None if principals is None else tuple(principals),
            events=_read(Rates, asked.get("events") or {}),
            deliveries=_read(Rates, asked.get("deliveries") or {}),
            calls=tuple(_read(Call, call) for call in asked.get("calls") or ()),
            kills=tuple(kills),
        )

    def dice(self, key: str) -> random.Random:
        """Dice for the next thing of this name: the same seed, name and number always fall the same way."""
        with self._lock:
            self._numbers[key] += 1
            return random.Random(f"{self.seed}/{key}/{self._numbers[key]}")

    def spend(self, rule: Call | Kill) -> bool:
        """Use a rule up by one; False when it has been used `times` times."""
        with self._lock:
            if rule.times is not None and self._spent[id(rule)] >= rule.times:
                return False
            self._spent[id(rule)] += 1
            return True

    def note(self, what: str, **about: Any) -> None:
        """Count one harm, and keep what is known of it."""
        with self._lock:
            self.counts[what] += 1
            if about and len(self.harmed) < _KEPT:
                self.harmed.append({"what": what, **about})

    def account(self) -> dict[str, Any]:
        """What it has done so far."""
        with self._lock:
            return {
                "active": _current is self,
                "seed": self.seed,
                "counts": dict(self.counts),
                "harmed": [*self.harmed],
            }


_current: Mischief | None = None


def current() -> Mischief | None:
    """The misbehaviour that is on; None nearly always."""
    return _current


def begin(mischief: Mischief) -> None:
    """Turn it on, in the place of what was on before."""
    global _current
    _current = mischief


def end() -> Mischief | None:
    """Turn it off; what it was."""
    global _current
    ended, _current = _current, None
    return ended


def _read(kind: Any, given: Any) -> Any:
    if not isinstance(given, dict):
        raise TypeError(f"{kind.__name__.lower()} has to be an object")
    known = {one.name: one for one in fields(kind)}
    _only(given, set(known))
    needed = [name for name, one in known.items() if one.default is MISSING and name not in given]
    if needed:
        raise ValueError(f"{kind.__name__.lower()} needs {needed}")
    if given.get("when") not in (None, "before", "after", "random"):
        raise ValueError("when is before or after")
    wrong = [
        name
        for name, one in known.items()
        if one.type is float and name != "seconds" and not 0 <= given.get(name, 0) <= 1
    ]
    if wrong:
        raise ValueError(f"{wrong}: rates are from 0 to 1")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})


def _only(given: dict[str, Any], known: set[str]) -> None:
    if strange := set(given) - known:
        raise ValueError(f"unknown: {sorted(strange)}; known: {sorted(known)}")
