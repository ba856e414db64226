"""The copy state machine as its definition says it, one task after the other, on a hub in one process.

As much of the Amazon States Language as `statemachines/copy_artifacts.asl.json` speaks: tasks, maps, choices, retries
and catches (Step Functions guide: "Amazon States Language", "Handling errors in Step Functions workflows"). Retries do
not wait. An execution can be stopped before any of its tasks, as it is by hand or by its time.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.aws.cloud import Cloud, Delivery, execution_arn
from tests.aws.seam import ApiCall
from tests.aws.standins import Executions
from tests.template.translation import ROOT

DEFINITION = ROOT / "statemachines/copy_artifacts.asl.json"
UNCAUGHT = frozenset({"States.DataLimitExceeded", "States.Runtime"})
"""What `States.ALL` does not match (Step Functions guide: "Error names")."""

States = dict[str, Any]


def definition() -> States:
    """The states, by name."""
    states: States = json.loads(re.sub(r": \$\{\w+\}", ": 1", DEFINITION.read_text()))["States"]
    return states


def tasks(states: States) -> Iterator[tuple[str, Any]]:
    """Every task by its name, those of maps among them."""
    for name, state in states.items():
        if state["Type"] == "Task":
            yield name, state
        elif state["Type"] == "Map":
            yield from tasks(state["ItemProcessor"]["States"])


class Failed(Exception):
    """An error by its name, with a cause."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.told = {"Error": error, "Cause": cause}


class Stopped(Exception):
    """The execution was stopped: nothing of it runs any more."""


@dataclass
class Machine:
    """Runs executions. `before` is called with the name of each task that is to begin, and may raise."""

    cloud: Cloud
    executions: Executions = field(default_factory=Executions)
    before: Callable[[str], None] = lambda _: None
    tried: list[str] = field(default_factory=list)
    """The tasks, as often as they were tried."""
    calls: list[ApiCall] = field(default_factory=list)
    """Of tasks that did not fail."""

    def run(self, event: dict[str, Any], name: str) -> str:
        """One execution from its beginning to its end; returns in which state it ended, or `Stopped`."""
        arn = execution_arn(name)
        self.executions.status[arn] = "RUNNING"
        context = {"Execution": {"Id": arn, "Name": name}}
        try:
            ended, _ = self.walk(definition(), "Plan", event, context)
        except Stopped:
            ended = "Stopped"
        except Failed:
            ended = "Failed"
        over = {"Stopped": "ABORTED", "Failed": "FAILED"}
        self.executions.status[arn] = over.get(ended, "SUCCEEDED")
        return ended

    def walk(self, states: States, start: str, given: Any, context: Any) -> tuple[str, Any]:
        """From state to state. Raises `Failed` where a state fails that catches nothing."""
        name = start
        while True:
            state = states[name]
            if state["Type"] == "Fail":
                raise Failed(*(str(at(state[one], given, context)) for one in ("ErrorPath", "CausePath")))
            if state["Type"] == "Succeed":
                return name, given
            if state["Type"] == "Choice":
                name = next((one["Next"] for one in state["Choices"] if holds(one, given)), state["Default"])
                continue
            given, caught = self.settled(name, state, given, context)
            if not caught and state.get("End"):
                return name, given
            name = caught or state["Next"]

    def settled(self, name: str, state: Any, given: Any, context: Any) -> tuple[Any, str]:
        """What a task or map leaves for the next state; and the state that its error is caught by, if it is."""
        do = self.mapped if state["Type"] == "Map" else self.retried
        try:
            answer = do(name, state, given, context)
        except Failed as failed:
            for catcher in state.get("Catch", ()):
                if is_matched(failed.told["Error"], catcher["ErrorEquals"]):
                    return put(given, catcher["ResultPath"], failed.told), catcher["Next"]
            raise
        return put(given, state.get("ResultPath", "$"), answer), ""

    def mapped(self, name: str, state: Any, given: Any, context: Any) -> list[Any]:
        """The items one after the other. A map of many fails without a word of what failed in it."""
        within, results = state["ItemProcessor"], []
        for item in at(state["ItemsPath"], given, context):
            told = filled(state["ItemSelector"], given, {**context, "Map": {"Item": {"Value": item}}})
            try:
                results.append(self.walk(within["States"], within["StartAt"], told, context)[1])
            except Failed as failed:
                if within["ProcessorConfig"]["Mode"] == "INLINE":
                    raise
                raise Failed("States.ExceedToleratedFailureThreshold", f"{name} failed") from failed
        return results

    def retried(self, name: str, state: Any, given: Any, context: Any) -> Any:
        """A task, as often as its retries have it."""
        asked = filled(state["Parameters"], given, context) if "Parameters" in state else given
        left = {number: one["MaxAttempts"] for number, one in enumerate(state["Retry"])}
        while True:
            try:
                return self.once(name, asked)
            except Failed as failed:
                error = failed.told["Error"]
                fits = (at for at, one in enumerate(state["Retry"]) if is_matched(error, one["ErrorEquals"]))
                number = next(fits, -1)
                if not left.get(number):
                    raise
                left[number] -= 1

    def once(self, name: str, asked: Any) -> Any:
        """One call of the function; what it raises has its class for a name (Lambda: errors of a function)."""
        answers: list[Any] = []
        self.tried.append(name)
        self.before(name)
        kept = self.cloud.seam.standins
        self.cloud.seam.standins = {**kept, "stepfunctions": self.executions}
        try:
            self.calls += self.cloud.deliver(Delivery("CopyArtifacts", asked, partial(noted, answers)))
        except (Failed, Stopped):
            raise
        except Exception as raised:
            raise Failed(type(raised).__name__, str(raised)) from raised
        finally:
            self.cloud.seam.standins = kept
        return json.loads(json.dumps(answers[0]))


def noted(answers: list[Any], answer: Any) -> list[Delivery]:
    """Keep an answer; nothing is delivered because of it."""
    answers.append(answer)
    return []


def is_matched(error: str, wanted: Iterable[str]) -> bool:
    """Whether a retrier or catcher is for an error (Step Functions guide: "Error names")."""
    every = "States.ALL" in wanted and error not in UNCAUGHT
    of_tasks = "States.TaskFailed" in wanted and error not in {"States.Timeout", *UNCAUGHT}
    return error in wanted or every or of_tasks


def holds(choice: Any, given: Any) -> bool:
    """Whether a choice is the one."""
    return bool(at(choice["Variable"], given, {}) == choice["BooleanEquals"])


def at(path: str, given: Any, context: Any) -> Any:
    """What a reference path names, in the input or in the context object."""
    found, path = (context, path.removeprefix("$$")) if path.startswith("$$") else (given, path.removeprefix("$"))
    for part in filter(None, path.split(".")):
        found = found[part]
    return found


def filled(parameters: Any, given: Any, context: Any) -> dict[str, Any]:
    """A payload template."""
    return {
        name.removesuffix(".$"): at(told, given, context) if name.endswith(".$") else told
        for name, told in parameters.items()
    }


def put(given: Any, path: str | None, answer: Any) -> Any:
    """The input with a result put into it."""
    if path is None:
        return given
    if path == "$":
        return answer
    name, _, within = path.removeprefix("$.").partition(".")
    return {**given, name: put(given[name], f"$.{within}", answer) if within else answer}
