"""How the models of a use case stand in the stage that corresponds to its own: what an approval of its stage asks."""

from dataclasses import dataclass

from governance.domain.environment import Landscape
from governance.domain.roll_up import lacking
from governance.domain.use_case_totals import model_stage_of
from governance.domain.use_cases import UseCase
from governance.ports.use_cases import Summaries, UseCases


@dataclass(frozen=True, slots=True)
class ModelsOfUseCases:
    """Answer what is lacking of models."""

    use_cases: UseCases
    summaries: Summaries
    landscape: Landscape

    def lacking(self, use_case: UseCase) -> tuple[str, ...]:
        """Why not every model of it is approved in the stage that corresponds to its own."""
        stage = model_stage_of(use_case, self.landscape)
        if stage is None or not use_case.groups:
            return ()
        return lacking(self.summaries.of(self.use_cases.groups(use_case.id), stage), stage)
