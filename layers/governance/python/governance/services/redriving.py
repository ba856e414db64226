"""Show dead letters, and hand them over again: each is thrown away only after its target took it.

Killed anywhere, a letter is still there, and its effect is the same as of one: what it does has a name of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.domain.audit import Deed
from governance.domain.errors import Refused
from governance.domain.letters import Box, Letter, Redrive, Request, versions_of
from governance.domain.people import Pseudonyms
from governance.ports.dead_letters import Courier, Letterbox, Look, Taken
from governance.ports.identity import Caller
from governance.ports.journal import Journal
from governance.ports.rows import Rows

RESERVE = 150.0
"""No letter is begun with fewer seconds left than this: a target may take two minutes to answer."""
AT_ONCE = 200
"""How many letters one call redrives, so that its audit entry fits into an item; the rest is for the next call."""

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Redriving:
    """Look after the dead letters of an installation."""

    boxes: Mapping[Box, Letterbox]
    courier: Courier
    journal: Journal
    rows: Rows
    install: str

    def carry_out(self, request: Request, caller: Caller, seconds_left: Callable[[], float]) -> Answer:
        """List or redrive. Raises `Refused` for a redrive that gives no reason."""
        if request.action == "redrive" and not (request.why or request.dry_run):
            raise Refused("no-reason", "say why these letters are redriven: it stays on the record")
        boxes = {name: box for name, box in self.boxes.items() if request.queue in ("all", name)}
        looks = {name: box.look() for name, box in boxes.items()}
        if request.action == "list":
            for name, look in looks.items():
                boxes[name].release(look.taken)
            return listed(looks, wanted(looks, request.ids))
        return self.redrive(request, caller, looks, seconds_left)

    def redrive(
        self, request: Request, caller: Caller, looks: Mapping[Box, Look], seconds_left: Callable[[], float]
    ) -> Answer:
        """Hand over what was chosen, in the order in which it was put aside."""
        ids = request.ids if request.dry_run else self.chosen_before(request)
        every = wanted(looks, ids)
        chosen = every[:AT_ONCE]
        for name, look in looks.items():
            self.boxes[name].release([one for one in look.taken if request.dry_run or one not in chosen])
        found = {one.letter.id for one in every}
        missing = [] if ids == "all" else [one for one in ids if one not in found]
        answer = listed(looks, chosen) | {"missing": missing, "left": [one.letter.id for one in every[AT_ONCE:]]}
        if request.dry_run:
            return answer
        if chosen:
            chosen = self.noted(request, caller, chosen)
        outcomes = [self.handed(one, seconds_left()) for one in chosen]
        answer["left"] += [letter["id"] for letter in outcomes if letter["outcome"] == "not-begun"]
        return answer | {"letters": [one for one in outcomes if one["outcome"] != "not-begun"]}

    def chosen_before(self, request: Request) -> Sequence[str] | str:
        """The letters that a request of this id took before, or those that it asks for now."""
        known = self.journal.document(f"HUB#{self.install}", f"REDRIVE#{request.request_id}")
        return Redrive.model_validate_json(known).letters if known else request.ids

    def noted(self, request: Request, caller: Caller, chosen: list[Taken]) -> list[Taken]:
        """Say in the hub's chain who redrives what and why, before anything is handed over; once for a request.

        Where the same request was faster, only the letters that it took are left.
        """
        letters = [one.letter for one in chosen]
        deed = Deed(
            action="redriven",
            who=Pseudonyms(self.rows.make_person_key()).person(caller.person),
            why=request.why,
            at=caller.at,
            correlation_id=request.request_id,
            new={
                "letters": [{"id": one.id, "target": one.target.rpartition(":")[2]} for one in letters],
                "versions": list(versions_of(letters)),
            },
        )
        kept = Redrive(letters=tuple(one.id for one in letters))
        hub, key = f"HUB#{self.install}", f"REDRIVE#{request.request_id}"
        if self.journal.write_once(hub, deed, key, kept) is not None:
            return chosen
        known = self.chosen_before(request)
        for one in chosen:
            if one.letter.id not in known:
                self.boxes[one.letter.box].release([one])
        return [one for one in chosen if one.letter.id in known]

    def handed(self, taken: Taken, seconds: float) -> Answer:
        """Hand one letter over; it is thrown away if its target took it, and put back if not."""
        letter, box = taken.letter, self.boxes[taken.letter.box]
        if letter.obstacle or seconds < RESERVE:
            box.release([taken])
            outcome = "kept" if letter.obstacle else "not-begun"
            return told(letter) | {"outcome": outcome, "detail": letter.obstacle}
        box.keep(taken)
        handed = self.courier.hand_over(letter)
        if handed.accepted:
            box.discard(taken)
        else:
            box.release([taken])
        return told(letter) | {"outcome": "accepted" if handed.accepted else "kept", "detail": handed.detail}


def wanted(looks: Mapping[Box, Look], ids: Sequence[str] | str) -> list[Taken]:
    """The letters that are asked for, oldest first."""
    every = [one for look in looks.values() for one in look.taken if ids == "all" or one.letter.id in ids]
    return sorted(every, key=lambda one: (one.letter.at, one.letter.id))


def listed(looks: Mapping[Box, Look], chosen: Sequence[Taken]) -> Answer:
    """Letters without what is in them, and how many there are in each box."""
    boxes = {
        name: {"letters": len(look.taken), "held": look.held, "more": look.more}
        for name, look in sorted(looks.items())
    }  # fmt: skip
    return {
        "letters": [told(one.letter) for one in chosen],
        "boxes": boxes,
        "versions": list(versions_of(one.letter for one in chosen)),
    }


def told(letter: Letter) -> Answer:
    """A letter as it is shown: its payload stays where it is, for it may hold what no log should."""
    return letter.model_dump(mode="json", exclude={"payload"})
