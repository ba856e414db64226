"""Do the tasks of a sealing: the outcome of each decides what the state machine does next.

Each is safe to repeat. Whatever refuses anything ends the sealing, and what ends it is one fact.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.domain import sealing_tasks as tasks
from governance.domain.artifacts import Refusal, RefusalCode, SealedArtifact
from governance.domain.images import SealedImage
from governance.domain.sealing_tasks import AnyTask, CopyResult, Done, TaskOfVersion
from governance.services.sealing import Sealing
from governance.services.sealing_in_pieces import SealingInPieces

MOST_WORDS = 1000
"""As much as is kept of what a breakdown says of itself."""


@dataclass(frozen=True, slots=True)
class SealingTasks:
    """One task after the other, those that one copy can do and those that take many."""

    sealing: Sealing
    in_pieces: SealingInPieces

    def do(self, task: AnyTask) -> Done:
        """Do a task. Failures of AWS are raised, for the state machine to retry."""
        match task:
            case tasks.Plan():
                return self.plan(task)
            case tasks.Copy():
                return self.copy(task)
            case tasks.Seal():
                return self.seal(task)
            case tasks.PlanPieces():
                sealed = [one.sealed for one in task.results if one.sealed]
                left = [one.left for one in task.results if one.left]
                return self.going_on(task, self.in_pieces.plan(task.run, left, sealed), "batches")
            case tasks.Measure():
                measured = self.in_pieces.measure(task.run, task.batch)
                return Done(answer=measured, counts={"PiecesMeasured": measured})
            case tasks.Name():
                return self.going_on(task, self.in_pieces.name(task.run), "uploads")
            case tasks.Place():
                placed = self.in_pieces.copy(task.run, task.batch)
                return Done(answer=placed, counts={"PiecesCopied": placed})
            case tasks.Complete():
                return Done(answer=self.in_pieces.complete(task.run, task.upload))
            case tasks.Gather():
                return self.gather(task)
            case tasks.Note():
                self.in_pieces.note(task.run, task.error.words)
                return Done(answer={})
            case tasks.RecordFailure():
                return self.record_failure(task)

    def plan(self, task: tasks.Plan) -> Done:
        """Hand on what is to be copied; refuse here what needs no copy for that."""
        planned = self.sealing.plan(task.model_package_arn, task.effect_id, task.execution_arn)
        done = self.refused(task, planned.refusals) if planned.refusals else Done(answer={})
        about = task.model_dump(include={"model_package_arn", "effect_id", "correlation_id"})
        counts = {"CopiesPlanned": len(planned.orders)}
        return done.model_copy(update={"answer": {**about, **planned.handed_on}, "counts": counts})

    def copy(self, task: tasks.Copy) -> Done:
        """Copy one artifact; hand back one that is to be sealed in pieces."""
        outcome = self.sealing.copy(task.artifact)
        match outcome:
            case None:
                return Done(answer=CopyResult(left=task.artifact).handed_on)
            case Refusal():
                return Done(answer=CopyResult(refused=outcome).handed_on, counts={"CopiesRefused": 1})
            case SealedArtifact():
                return Done(answer=CopyResult(sealed=outcome).handed_on, counts={"Copies": 1})

    def seal(self, task: tasks.Seal) -> Done:
        """Refused if anything was; else left for pieces if anything is; else sealed."""
        refusals = [one.refused for one in task.results if one.refused]
        if not refusals and any(one.left for one in task.results):
            return Done(answer={"sealed": False, "refusals": 0, "left": True})
        sealed = [one.sealed for one in task.results if one.sealed]
        done = self.refused(task, refusals) if refusals else self.ended(task, sealed, [], task.images)
        return done.model_copy(update={"answer": {**done.answer, "left": False}})

    def gather(self, task: tasks.Gather) -> Done:
        """Refused if anything was, else sealed."""
        sealed, refusals = self.in_pieces.gather(task.run)
        if refusals:
            done, counts = self.refused(task, refusals), {"CopiesRefused": len(refusals)}
        else:
            self.in_pieces.clear_up(task.run)
            done, counts = self.ended(task, sealed, [], task.images), {"Copies": len(sealed)}
        return done.model_copy(update={"counts": counts})

    def record_failure(self, task: tasks.RecordFailure) -> Done:
        """Refused with the cause: that which was noted, where a map of many tells none."""
        cause = self.in_pieces.noted(task.run) if task.error.name == tasks.OF_MANY else ""
        detail = (cause or task.error.words)[:MOST_WORDS]
        return self.refused(task, [Refusal(code=RefusalCode.BROKEN, detail=detail)])

    def going_on(self, task: TaskOfVersion, outcome: int | list[Refusal], what: str) -> Done:
        """The numbers that the next map goes over; or the end, where something was refused."""
        if isinstance(outcome, int):
            return Done(answer={what: list(range(outcome)), "proceed": True})
        return self.refused(task, outcome).model_copy(update={"answer": {what: [], "proceed": False}})

    def refused(self, task: TaskOfVersion, refusals: Sequence[Refusal]) -> Done:
        """Leave no upload behind, then record why nothing was sealed: nobody comes back to what has an outcome.

        It is recorded if giving up fails, too; but not where another execution has taken over, which speaks for itself.
        """
        is_ours = True
        try:
            is_ours = self.in_pieces.give_up(task.run)
        finally:
            done = self.ended(task, [], refusals) if is_ours else Done(answer={"sealed": False, "refusals": 0})
        return done

    def ended(
        self,
        task: TaskOfVersion,
        sealed: Sequence[SealedArtifact],
        refusals: Sequence[Refusal],
        images: Sequence[SealedImage] = (),
    ) -> Done:
        """Record the outcome, and say which it was."""
        about = (task.model_package_arn, task.effect_id)
        learned = self.sealing.end(*about, sealed, refusals, task.correlation_id, images)
        answer = {"sealed": bool(sealed) and not refusals, "refusals": len(refusals)}
        return Done(answer=answer, has_ended=True, learned=learned)
