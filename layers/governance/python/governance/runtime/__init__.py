"""How Lambda talks to us: observability, event parsing, and answers to pipeline jobs."""

from governance.runtime.events import Incoming, Shapes, read
from governance.runtime.jobs import answering, job_of
from governance.runtime.observability import count, logger, metrics, report, tracer

__all__ = ["Incoming", "Shapes", "answering", "count", "job_of", "logger", "metrics", "read", "report", "tracer"]
