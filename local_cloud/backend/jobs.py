"""Jobs that functions report on: opened by an action that invokes one, settled by the function."""

from __future__ import annotations

import queue
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

from local_cloud.backend.executions import Result


@dataclass(frozen=True, slots=True)
class Outcome:
    """One report: done, failed (type and message), or to be continued."""

    result: Result | None = None
    failure: tuple[str, str] | None = None
    continuation: str | None = None
    external_id: str | None = None


@dataclass(slots=True)
class Job:
    """What a function was asked to do for an action."""

    account: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    settled: bool = False
    reports: queue.Queue[Outcome] = field(default_factory=queue.Queue)

    def outcome(self, timeout: float) -> Outcome | None:
        """Return the next report, or None if none comes in time."""
        try:
            return self.reports.get(timeout=timeout)
        except queue.Empty:
            return None


_jobs: dict[str, Job] = {}
_lock = threading.Lock()


def open_job(account: str) -> Job:
    """Return a new job of an account's pipeline."""
    job = Job(account)
    with _lock:
        _jobs[job.id] = job
    return job


def close_job(job: Job) -> None:
    """Accept no more reports on it."""
    with _lock:
        job.settled = True


def find(job_id: str, account: str) -> Job | None:
    """Return a job that this account's pipelines opened."""
    job = _jobs.get(job_id)
    return job if job is not None and job.account == account else None


def report(job: Job, outcome: Outcome) -> bool:
    """Give the waiting action its answer; False when the job is settled already."""
    with _lock:
        if job.settled:
            return False
        job.settled = outcome.continuation is None
        job.reports.put(outcome)
        return True


def succeeded(params: dict[str, Any], job: Job) -> Outcome:
    """Return the report that a PutJobSuccessResult makes."""
    details = params.get("executionDetails") or {}
    external_id = details.get("externalExecutionId") or job.id
    result = Result(external_id, details.get("summary"), None, params.get("outputVariables") or {})
    return Outcome(result=result, continuation=params.get("continuationToken"), external_id=external_id)


def failed(params: dict[str, Any]) -> Outcome:
    """Return the report that a PutJobFailureResult makes."""
    details = params["failureDetails"]
    external_id = details.get("externalExecutionId")
    return Outcome(failure=(details["type"], details["message"]), external_id=external_id)
