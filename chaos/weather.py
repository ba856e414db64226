"""The misbehaviour that the fleet lives in, and the local cloud's address for it."""

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass
class Harm:
    """What had been done when it was over."""

    counts: dict[str, int]
    by_resource: dict[str, Counter[str]]

    def to(self, resource: str, what: str) -> int:
        """How often that was done to the events of a resource."""
        return self.by_resource.get(resource, Counter())[what]


def storm(seed: int, lost: float = 0.05) -> dict[str, Any]:
    """10 % of events twice, some lost, others late or out of order; calls throttled or unanswered; functions killed."""
    throttled = [
        {"service": service, "error": "throttled", "rate": 0.02}
        for service in ("dynamodb", "sagemaker", "s3", "codepipeline", "events", "kms", "sts")
    ]
    unanswered = [
        {"service": "dynamodb", "operation": "TransactWriteItems", "error": "lost", "rate": 0.03, "when": "after"},
        {"service": "codepipeline", "operation": "StartPipelineExecution", "error": "failed", "rate": 0.3,
         "when": "after"},
        {"service": "events", "operation": "PutEvents", "error": "failed", "rate": 0.05, "when": "after"},
        {"service": "s3", "operation": "PutObject", "error": "failed", "rate": 0.1, "when": "after"},
    ]  # fmt: skip
    return {
        "seed": seed,
        "events": {"duplicate": 0.1, "drop": lost, "reorder": 0.1, "delay": 0.1, "seconds": 1.5, "sources": ["aws."]},
        "deliveries": {"duplicate": 0.1, "reorder": 0.05, "delay": 0.1, "undeliverable": 0.02, "seconds": 1.0},
        "calls": [*unanswered, *throttled],
        "functions": {"kill": 0.03},
    }


@contextmanager
def raging(endpoint_url: str, asked: Mapping[str, Any]) -> Iterator[Harm]:
    """Let it rage inside the block; whatever happens there, it has ended afterwards, and the harm is counted."""
    harm = Harm({}, {})
    _ask(endpoint_url, "POST", asked)
    try:
        yield harm
    finally:
        ended = _ask(endpoint_url, "DELETE")
        harm.counts.update(ended["counts"])
        for one in ended["harmed"]:
            if "resource" in one:
                harm.by_resource.setdefault(one["resource"], Counter())[one["what"]] += 1


def _ask(endpoint_url: str, method: str, asked: Mapping[str, Any] | None = None) -> dict[str, Any]:
    body = json.dumps(asked).encode() if asked is not None else None
    request = urllib.request.Request(f"{endpoint_url}/_steward/mischief", body, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        told: dict[str, Any] = json.loads(answer.read())
        return told
