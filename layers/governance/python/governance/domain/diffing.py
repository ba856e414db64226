"""In what two versions differ: what a reviewer looks at before deciding on the one that comes after the other. Pure."""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from governance.domain.evidence import EvidenceKind, Piece
from governance.domain.gates import Answer, judge
from governance.domain.identifiers import STEWARD
from governance.domain.lifecycle import Stage
from governance.domain.matters import flaw, matter_of, readings_of
from governance.domain.meanings import KNOWN, Meaning
from governance.domain.model_version import ModelVersion
from governance.domain.policy_document import Measurement, PolicyDocument
from governance.domain.terms import Terms
from governance.domain.values import Instant, Value, iso

Told = str | float
"""What is known of one version under one name."""

IN_A_STAGE = frozenset({Measurement.VALIDATION, Measurement.MONITORING})
"""What was measured while the version ran somewhere."""

OF_WHO_APPROVES = frozenset({"approver-entitled", "not-by-the-author"})
"""Checks that say nothing of a version before somebody approves it."""


class Part(StrEnum):
    """What two versions are compared in."""

    METRICS = "metrics"
    DATA = "data"
    IMAGE = "image"
    PARAMETERS = "parameters"
    CARD = "card"
    EVIDENCE = "evidence"
    POLICY = "policy"


class Line(Value):
    """One thing under which two versions are not alike. `None` stands for what one of them does not have."""

    part: Part
    name: str
    ours: Told | None
    theirs: Told | None
    change: float | None = None
    """By how much the number grew, where both are numbers."""
    better: bool | None = None
    """Whether that is for the better, where it is known which way a metric is better, and it is not the same."""


class Side(Value):
    """One of the two: a version as it was at a moment, and the terms on which it is judged."""

    state: ModelVersion
    terms: Terms
    at: Instant


def differences(ours: Side, theirs: Side, stage: Stage) -> tuple[Line, ...]:
    """Everything in which one version differs from another, part by part; what both do not have is no difference."""
    lines: list[Line] = []
    for part, told in PARTS.items():
        here, there = dict(told(ours, stage)), dict(told(theirs, stage))
        lines += [
            compared(part, name, here.get(name), there.get(name), ours.terms.policy.document)
            for name in sorted({*here, *there})
            if here.get(name) != there.get(name)
        ]
    return tuple(lines)


def compared(part: Part, name: str, ours: Told | None, theirs: Told | None, policy: PolicyDocument) -> Line:
    """One line; of two numbers, what became of them."""
    line = Line(part=part, name=name, ours=ours, theirs=theirs)
    if not isinstance(ours, float) or not isinstance(theirs, float):
        return line
    meaning = meaning_of(name.partition(" ")[0], policy)
    worse = meaning.badness(ours) - meaning.badness(theirs) if meaning else 0
    return line.model_copy(update={"change": ours - theirs, "better": worse < 0 if worse else None})


def meaning_of(metric: str, policy: PolicyDocument) -> Meaning | None:
    """What a metric means, to everybody or to a policy; None where nobody said."""
    return KNOWN.get(metric) or policy.metrics.get(metric)


def metrics(side: Side, _: Stage) -> Iterator[tuple[str, Told]]:
    """Everything measured, by what, and of what runs also where."""
    for stage in side.state.stages:
        for reading in sorted(readings_of(side.state, stage), key=lambda one: one.at):
            where = f" in {stage}" if reading.by in IN_A_STAGE else ""
            for name, value in reading.values.items():
                yield f"{name} by {reading.by}{where}", value if value is not None else "missing"


def data(side: Side, _: Stage) -> Iterator[tuple[str, Told]]:
    """What it was made of and measured on: the model's data, sealed or not, and the rows of its validation."""
    for container in side.state.containers:
        yield f"container {container.index}: model data", container.source_uri
        yield f"container {container.index}: ETag", container.source_etag
    for artifact in side.state.sealing.artifacts:
        yield f"container {artifact.index}: SHA-256", artifact.sha256
    for stage, known in side.state.stages.items():
        if known.measured_on:
            yield f"validation set in {stage}", known.measured_on
    yield from (told for told in by_hash(side, EvidenceKind.DATA_QUALITY) if told[1])


def image(side: Side, _: Stage) -> Iterator[tuple[str, Told]]:
    """What it runs in."""
    for container in side.state.containers:
        yield f"container {container.index}", container.pinned_image


def parameters(side: Side, _: Stage) -> Iterator[tuple[str, Told]]:
    """What it was told: the package's own properties, and the environment of its containers."""
    yield from side.state.properties.items()
    for container in side.state.containers:
        for name, value in container.environment.items():
            yield f"container {container.index}: {name}", value


def card(side: Side, _: Stage) -> Iterator[tuple[str, Told]]:
    """Its model card."""
    yield from by_hash(side, EvidenceKind.MODEL_CARD)


def evidence(side: Side, _: Stage) -> Iterator[tuple[str, Told]]:
    """What speaks for it, of each kind."""
    for kind in EvidenceKind:
        yield from by_hash(side, kind)


def by_hash(side: Side, kind: EvidenceKind) -> Iterator[tuple[str, Told]]:
    """The pieces of a kind that count, by the beginning of their hashes; else why none does."""
    pieces = [piece for piece in side.state.pieces if piece.kind is kind]
    counting = [in_words(piece) for piece in pieces if piece.counts and not flaw(piece, side.state.specification)]
    if pieces:
        yield kind.value, ", ".join(sorted(counting)) or "; ".join(sorted({standing(side, one) for one in pieces}))


def in_words(piece: Piece) -> str:
    """One piece that counts."""
    return f"{piece.sha256[:12]} from {iso(piece.dated_at or piece.requested_at)[:10]}"


def standing(side: Side, piece: Piece) -> str:
    """What keeps a piece from counting."""
    return flaw(piece, side.state.specification) or piece.status


def policy(side: Side, stage: Stage) -> Iterator[tuple[str, Told]]:
    """What the policy in force finds in it now, whoever approves, and the last verdicts."""
    matter = matter_of(side.state, stage, STEWARD, side.at, side.terms)
    for answer in judge(side.terms.policy.document, matter):
        if answer.gate not in OF_WHO_APPROVES:
            yield f"{answer.gate} in {stage}", found(answer)
    for where, known in side.state.stages.items():
        if last := known.refused or known.verdict:
            yield f"last verdict in {where}", f"{'passed' if last.passed else 'refused'} by {last.policy}"
    yield "findings of reviewers", f"{len(side.state.reviews)} open"


def found(answer: Answer) -> str:
    """How a gate stands, and what it found."""
    return f"{answer.standing}: {answer.check.found}"


PARTS: Mapping[Part, Callable[[Side, Stage], Iterator[tuple[str, Told]]]] = {
    Part.METRICS: metrics,
    Part.DATA: data,
    Part.IMAGE: image,
    Part.PARAMETERS: parameters,
    Part.CARD: card,
    Part.EVIDENCE: evidence,
    Part.POLICY: policy,
}
"""Where each part of a version is told."""
