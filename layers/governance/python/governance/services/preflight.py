"""Look, before the first promotion, at everything that one needs, from both sides."""

from collections.abc import Iterable
from dataclasses import dataclass

from governance.domain.preflight import Need, Place, Report, Seen, judged
from governance.ports.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Preflight:
    """Compares what has to be with what is. Changes nothing; asked again it looks again."""

    surroundings: Surroundings

    def check(self, needs: Iterable[Need]) -> Report:
        """Every need with what was found; a place that several need is looked at once."""
        known: dict[str, Seen] = {}
        return Report(findings=tuple(judged(need, self.seen(need.place, known)) for need in needs))

    def seen(self, place: Place, known: dict[str, Seen]) -> Seen:
        """What is at a place."""
        name = place.model_dump_json()
        if name not in known:
            known[name] = self.surroundings.look(place)
        return known[name]
