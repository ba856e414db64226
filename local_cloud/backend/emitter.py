"""Hand events to the door: off the request's thread, in order per resource, again until it takes them."""

from __future__ import annotations

import logging
import queue
import threading
import time
import zlib
from typing import Any

from local_cloud.backend.door import Door, DoorError

logger = logging.getLogger(__name__)

LANES = 4
LONGEST_PAUSE = 2.0


class Emitter:
    """A few lanes, each an ordered queue; a resource always takes the same lane."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._lanes: list[queue.Queue[dict[str, Any]]] = [queue.Queue() for _ in range(LANES)]
        for lane in self._lanes:
            threading.Thread(target=self._run, args=(lane,), daemon=True, name="events").start()

    def emit(self, entry: dict[str, Any], key: str) -> None:
        """Send `entry` soon; entries of one `key` arrive in the order they were given."""
        self._lanes[zlib.crc32(key.encode()) % LANES].put(entry)

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until everything given so far has been taken; tell whether it was in time."""
        deadline = time.monotonic() + timeout
        while any(lane.unfinished_tasks for lane in self._lanes):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _run(self, lane: queue.Queue[dict[str, Any]]) -> None:
        while True:
            entry = lane.get()
            try:
                self._deliver(entry)
            finally:
                lane.task_done()

    def _deliver(self, entry: dict[str, Any]) -> None:
        pause = 0.05
        while True:
            try:
                return self._door.put_events([entry])
            except DoorError:
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except ValueError as refusal:
                logger.error("event refused by the door: %s: %s", refusal, entry)
                return None
