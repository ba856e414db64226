"""A measurement: what was measured, in which unit, and what came out each time."""

import statistics
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Measurement:
    """One line of the results."""

    subject: str
    """What it is about: `aws_calls`, `cold_start`, and so on."""
    name: str
    unit: str
    values: tuple[float, ...]
    note: str = ""

    @property
    def median(self) -> float:
        """The value in the middle."""
        return statistics.median(self.values)

    def percentile(self, percent: int) -> float:
        """The value that so many percent do not exceed (nearest rank)."""
        ordered = sorted(self.values)
        return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]

    def described(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "subject": self.subject,
            "name": self.name,
            "unit": self.unit,
            "runs": len(self.values),
            "median": round(self.median, 4),
            "p95": round(self.percentile(95), 4),
            "min": round(min(self.values), 4),
            "max": round(max(self.values), 4),
            "note": self.note,
        }


@dataclass
class Results:
    """All measurements, and the machine that they were made on."""

    machine: dict[str, Any]
    measurements: list[Measurement] = field(default_factory=list)

    def described(self) -> dict[str, Any]:
        """As they are kept."""
        return {"machine": self.machine, "measurements": [one.described() for one in self.measurements]}
