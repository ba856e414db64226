"""Several processes at once, one call at a time: whose call is next is drawn by lot, and a seed repeats the draw.

Each process is a thread that runs only from one of its calls to AWS to the next. What processes can do to each other
they do in AWS, so that every interleaving of theirs is an order of calls, and every order can be drawn.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Semaphore, Thread, current_thread

from tests.aws.seam import Seam


@dataclass
class Process:
    """One of those that run at once."""

    work: Callable[[], object]
    go: Semaphore = field(default_factory=lambda: Semaphore(0))
    thread: Thread | None = None
    answer: object = None
    error: Exception | None = None
    done: bool = False


@dataclass
class Turns:
    """Runs processes by turns."""

    seam: Seam
    lots: random.Random
    back: Semaphore = field(default_factory=lambda: Semaphore(0))
    processes: list[Process] = field(default_factory=list)

    def run(self, works: Sequence[Callable[[], object]]) -> list[Process]:
        """Run all to their end. What they raised is theirs; a process that hangs fails the test by its limit."""
        self.processes = [Process(work) for work in works]
        self.seam.turn = self.wait
        try:
            for process in self.processes:
                process.thread = Thread(target=self.live, args=(process,), daemon=True)
                process.thread.start()
            while alive := [process for process in self.processes if not process.done]:
                self.lots.choice(alive).go.release()
                assert self.back.acquire(timeout=60), "a process neither called AWS nor ended"
        finally:
            self.seam.turn = lambda: None
        return self.processes

    def live(self, process: Process) -> None:
        """Work, from the first turn on."""
        process.go.acquire()
        try:
            process.answer = process.work()
        except Exception as error:  # noqa: BLE001 - the process ends here, and its error is told
            process.error = error
        finally:
            process.done = True
            self.back.release()

    def wait(self) -> None:
        """Before each call: give the turn back, and wait for the next."""
        mine = next((process for process in self.processes if process.thread is current_thread()), None)
        if mine is None:
            return  # a reader that one of them waits for: its turn is its process's
        self.back.release()
        mine.go.acquire()
