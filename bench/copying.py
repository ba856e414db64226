"""What sealing takes for artifacts of any size: calls, batches and the longest task, as planned; nothing is copied.

A test holds each plan against the quotas (`tests/unit/governance/test_copy_plans.py`), and another the counts against
what is really called (`tests/contract/test_copying_in_pieces.py`). What one copy holds is counted under `aws_calls`.
"""

from collections.abc import Iterable

from bench.measurement import Measurement
from governance.domain.copying import MIB, Limits
from governance.domain.copying_costs import Cost, cost

GB, TB = 10**9, 10**12
SHAPES = {
    "an object of 6 GB": ([6 * GB], False),
    "an object of 5 TB": ([5 * TB], False),
    "an object of 50 TB": ([50 * TB], False),
    "a prefix of 2,000 objects of 5 MiB": ([5 * MIB] * 2_000, True),
    "a prefix of 100,000 objects of 25 MiB": ([25 * MIB] * 100_000, True),
}


def measured() -> Iterable[Measurement]:
    """Calls, and the seconds that are planned for the longest function call."""
    for name, (sizes, is_prefix) in SHAPES.items():
        planned = cost(sizes, is_prefix, Limits())
        yield Measurement("copying", f"{name}: calls", "calls", (sum(planned.calls.values()),), told(planned))
        longest = max(planned.longest_batch, planned.longest_task)
        batches = f"{planned.batches:,} batches side by side, {planned.parts:,} parts"
        yield Measurement("copying", f"{name}: longest function call", "s", (longest,), batches)


def told(planned: Cost) -> str:
    """The operations, the most frequent first."""
    ordered = sorted(planned.calls.items(), key=lambda call: (-call[1], call[0]))
    return ", ".join(f"{operation} {count:,}" for operation, count in ordered)
