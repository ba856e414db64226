"""What is known of a version in one environment: what was deployed there, how its endpoint is, what was measured."""

from collections.abc import Mapping

from pydantic import Field

from governance.domain.metrics import Metric
from governance.domain.recalls import Bar
from governance.domain.values import Instant, Value


class Whereabouts(Value):
    """Of one environment of a stage; a stage's own state is that of its own environment."""

    deployment_id: str = ""
    metrics: tuple[Metric, ...] = ()
    measured_at: Instant | None = None
    measured_on: str = ""
    not_measured: str = ""
    monitoring: tuple[Metric, ...] = ()
    monitored_at: Instant | None = None
    monitored_endpoint: str = ""
    endpoint_status: str = ""
    alarms: Mapping[str, str] = Field(default_factory=dict)
    """The alarms on its endpoint that are in `ALARM`, each with its reason."""
    endpoint_gone_at: Instant | None = None
    """Since when its endpoint is known to be gone; None while it is there, or nobody knows."""
    endpoint_difference: str = ""
    """In what the endpoint contradicts the record, as the reconciler found; empty while they agree."""
    bar: Bar | None = None
    """The last order to take the version back there."""

    def is_barred(self, basis: str) -> bool:
        """Whether it was taken back there alone, and an approval is the one that stood then."""
        return self.bar is not None and bool(self.bar.basis) and self.bar.basis == basis
