"""What is watched of a variant, as people write it: errors, latency; and what takes a new version back."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from governance.domain.values import Value

Minutes = Annotated[int, Field(strict=True, ge=1, le=60)]
"""For how many minutes on end something has to be so before an alarm says so."""

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A number, and nothing that only looks like one."""

Named = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._/#:@ -]{1,255}$")]


class ErrorRate(Value):
    """More than so many of a hundred requests end in an error of the model."""

    above_percent: Number = Field(ge=0, lt=100)
    minutes: Minutes = 1


class ErrorCount(Value):
    """So many requests of a minute end in an error of the model."""

    at_least: int = Field(strict=True, ge=1)
    minutes: Minutes = 1


class Latency(Value):
    """The model takes longer than so many milliseconds."""

    above_ms: Number = Field(gt=0)
    statistic: Literal["Average", "p50", "p90", "p95", "p99"] = "p95"
    minutes: Minutes = 1


class BusinessMetric(Value):
    """A metric that the business itself puts to CloudWatch, in the account that runs the endpoint."""

    namespace: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._/#:-]{1,255}$")]
    metric: Named
    dimensions: Mapping[Named, Named] = Field(default_factory=dict, max_length=10)
    statistic: Literal["Average", "Minimum", "Maximum", "Sum", "SampleCount"] = "Average"
    trips: Literal["above", "below"]
    threshold: Number
    minutes: Minutes = 1


class VariantAlarms(Value):
    """What is watched of one variant of an endpoint; each an alarm of the endpoint's own stack."""

    error_rate: ErrorRate | None = None
    error_count: ErrorCount | None = None
    latency: Latency | None = None

    def given(self) -> Mapping[str, int]:
        """Those that are asked for, with the minutes that each takes to say so."""
        alarms = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: one.minutes for name, one in alarms.items() if one is not None}


class Alarms(VariantAlarms):
    """What takes a new version back while it rolls out: of its variant, and of the business."""

    business: BusinessMetric | None = None
