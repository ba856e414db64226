"""Calls at a bearable rate: whoever looks at everything must leave room for those who work."""

import threading
import time
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

PATIENT = Config(retries={"mode": "adaptive", "total_max_attempts": 8}, connect_timeout=5, read_timeout=60)
"""Adaptive retries: the SDK itself slows down when it is throttled (AWS: "Retry behavior", adaptive mode)."""


def patient_client(service: str, **options: Any) -> Any:
    """A client of an AWS service for work that can wait."""
    make: Any = boto3.client
    return make(service, config=PATIENT, **options)


class Pace:
    """A token bucket: so many calls a second on average, and a few at once."""

    def __init__(
        self,
        per_second: float,
        burst: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.per_second = per_second
        self.burst = float(burst)
        self.clock = clock
        self.sleep = sleep
        self.tokens = float(burst)
        self.filled_at = clock()
        self.lock = threading.Lock()

    def wait(self) -> None:
        """Take a token, as soon as there is one."""
        with self.lock:
            self.fill()
            if self.tokens < 1:
                self.sleep((1 - self.tokens) / self.per_second)
                self.fill()
            self.tokens = max(0.0, self.tokens - 1)

    def fill(self) -> None:
        """Let in what has come since the last time."""
        now = self.clock()
        self.tokens = min(self.burst, self.tokens + (now - self.filled_at) * self.per_second)
        self.filled_at = now
