"""What a version's record need not remember to decide: it leaves the head, and stays as rows.

The head is read and written with every change, so it may not grow with every decision that was ever made. What
nothing depends on any more is taken out of the state by the fold itself, in the step after which that is so: the
state that all facts give and the one that grew step by step are then the same, and every fact that comes later is
folded on a state that has forgotten just as much.
"""

from collections.abc import Mapping, Sequence

from pydantic import Field

from governance.domain.evidence import Piece, latest_pieces
from governance.domain.findings import Finding
from governance.domain.keeping import Keeping, latest
from governance.domain.model_version import ModelVersion
from governance.domain.sealing import Sealing
from governance.domain.signing import SignOff
from governance.domain.values import Value
from governance.domain.writing_back import WriteBack


class Past(Value):
    """What has left the state, as it was last: kept as rows, and never changed but by a late fact."""

    findings: Mapping[str, Finding] = Field(default_factory=dict)
    """Closed findings. One that opened again since is in the state, and that is what counts."""
    sign_offs: tuple[SignOff, ...] = ()
    """Those of earlier rounds: what they were given for was decided on again."""
    sealings: tuple[Sealing, ...] = ()
    """Sealings that another followed and that no deployment rests on."""
    keepings: tuple[Keeping, ...] = ()
    """What was done to keep sealed objects, and followed by something else of its family."""
    pieces: tuple[Piece, ...] = ()
    """Evidence that younger evidence of its kind took the place of."""
    write_backs: tuple[WriteBack, ...] = ()
    """What was written to the registry, or overtaken, and followed by another of its stage."""

    @classmethod
    def of(cls, steps: Sequence["Past"]) -> "Past":
        """What has left the state in several steps, the earliest first."""
        return cls(
            findings={key: finding for one in steps for key, finding in one.findings.items()},
            sign_offs=tuple(signed for one in steps for signed in one.sign_offs),
            sealings=tuple(sealing for one in steps for sealing in one.sealings),
            keepings=tuple(keeping for one in steps for keeping in one.keepings),
            pieces=tuple(piece for one in steps for piece in one.pieces),
            write_backs=tuple(written for one in steps for written in one.write_backs),
        )


NOTHING = Past()
"""Nothing has left the state, or nobody knows what did."""


class Folded(Value):
    """All that facts give: the state that decides, and what it need not remember."""

    state: ModelVersion
    past: Past = NOTHING


def settle(state: ModelVersion) -> Folded:
    """Take out of a state what nothing depends on any more."""
    closed = {key: finding for key, finding in state.findings.items() if not finding.is_open}
    over = tuple(signed for signed in state.sign_offs if signed.round < state.stage(signed.stage).rounds)
    rested_on = {deployment.sealing for deployment in state.deployments.values()}
    unused = tuple(sealing for sealing in state.earlier_sealings if sealing.effect_id not in rested_on)
    ended = tuple(one for one in state.keepings if one.is_over and one is not latest(state.keepings, one.family))
    deciding = latest_pieces(state.pieces, state.specification)
    older = tuple(one for one in state.pieces if one not in deciding)
    last = {one.stage: one for one in state.write_backs}
    written = tuple(one for one in state.write_backs if one.is_over and one is not last[one.stage])
    if not any((closed, over, unused, ended, older, written)):
        return Folded(state=state)
    left = state.model_copy(
        update={
            "findings": {key: finding for key, finding in state.findings.items() if finding.is_open},
            "sign_offs": tuple(signed for signed in state.sign_offs if signed not in over),
            "earlier_sealings": tuple(one for one in state.earlier_sealings if one not in unused),
            "keepings": tuple(one for one in state.keepings if one not in ended),
            "pieces": tuple(one for one in state.pieces if one not in older),
            "write_backs": tuple(one for one in state.write_backs if one not in written),
        }
    )
    past = Past(findings=closed, sign_offs=over, sealings=unused, keepings=ended, pieces=older, write_backs=written)
    return Folded(state=left, past=past)
