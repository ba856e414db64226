"""Seal what no single copy can: objects above 5 GB, and prefixes of many objects.

Everything is read once, in pieces, to know its checksums; those name the keys; and only then is anything copied, so
that keys are made of the content although no whole object was ever in one hand. Each method is a task of the state
machine, safe to repeat. What the tasks hand to one another lies in working papers: it may be too long for a payload.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby

from governance.domain.artifacts import CopyOrder, Refusal, RefusalCode, SealedArtifact, SourceForm
from governance.domain.copying import (
    MOST_BATCHES,
    MOST_LARGE,
    MOST_OBJECTS,
    Entry,
    Limits,
    Piece,
    batches,
    manifest_text,
    pieces,
)
from governance.domain.copying_names import Measures, target
from governance.domain.errors import ArtifactRefused, PaperMissing, PartsMissing
from governance.domain.working_papers import Batch, Copied, Large, Named, Names, Placed, Planned, Trouble, Uploads
from governance.ports.copying import Papers, Pieces
from governance.services.claiming_sealings import runs_before

TREE, LISTS = "sealed/trees/", "sealed/manifests/"
MOST_REFUSALS = 20
"""As many as go on the record: of 100,000 objects that cannot be read, nobody reads as many findings."""


@dataclass(frozen=True, slots=True)
class SealingInPieces:
    """Plan, measure, name, copy, complete, gather. `run` names one execution that tries one effect."""

    pieces: Pieces
    papers: Papers
    limits: Limits
    until: Callable[[], datetime]
    bucket: str

    def plan(self, run: str, orders: Sequence[CopyOrder], sealed: Sequence[SealedArtifact]) -> int | list[Refusal]:
        """List all pieces, in batches; returns how many batches there are, or why nothing is copied."""
        before = runs_before(self.papers, run) or ()
        try:
            count = self.papers.write_all(
                (f"{run}/planned/{number}", Batch(pieces=batch, before=before))
                for number, batch in enumerate(self.every_batch(orders))
            )
        except ArtifactRefused as refused:
            return [refusal(refused)]
        planned = Planned(orders=tuple(orders), batches=count, until=self.until(), sealed=tuple(sealed))
        self.papers.write(f"{run}/plan", planned)
        return count

    def every_batch(self, orders: Sequence[CopyOrder]) -> Iterator[tuple[Piece, ...]]:
        """The batches. Raises `ArtifactRefused` for what is too much, or not there."""
        for count, batch in enumerate(batches(self.every_piece(orders), self.limits), 1):
            if count > MOST_BATCHES:
                raise ArtifactRefused(RefusalCode.TOO_LARGE, f"more than {MOST_BATCHES:,} batches of pieces")
            yield batch

    def every_piece(self, orders: Sequence[CopyOrder]) -> Iterator[Piece]:
        """The pieces of every object of every artifact. Raises `ArtifactRefused` for one that is empty or too much.

        What is too much is counted over all artifacts: they are locked, and held, together.
        """
        objects = large = 0
        for number, order in enumerate(orders):
            uri, known = order.container.source_uri, objects
            for source in self.pieces.find(order, number):
                objects += 1
                large += source.size > self.limits.single
                if objects > MOST_OBJECTS:
                    detail = f"{uri}: more than {MOST_OBJECTS:,} objects in one version"
                    raise ArtifactRefused(RefusalCode.PREFIX, detail)
                if large > MOST_LARGE:
                    detail = (
                        f"{uri}: more than {MOST_LARGE:,} objects above {self.limits.single:,} bytes in one version"
                    )
                    raise ArtifactRefused(RefusalCode.TOO_LARGE, detail)
                yield from pieces(source, self.limits)
            if objects == known:
                raise ArtifactRefused(RefusalCode.MISSING, f"nothing lies under {uri}")

    def measure(self, run: str, batch: int) -> int:
        """Read the pieces of a batch once and note their checksums; returns how many could be read.

        What an execution that was stopped or timed out has measured of just these pieces is gone on with.
        """
        planned = self.papers.read(f"{run}/planned/{batch}", Batch)
        for earlier in reversed(planned.before):
            done = self.measured_before(f"{earlier}/measured/{batch}", planned)
            if done:
                self.papers.write(f"{run}/measured/{batch}", done)
                return len(done.pieces)
        measured: list[Piece] = []
        refusals: list[Refusal] = []
        for piece in planned.pieces:
            try:
                measured.append(self.pieces.measure(piece))
            except ArtifactRefused as refused:
                refusals.append(refusal(refused))
                break
        self.papers.write(f"{run}/measured/{batch}", Batch(pieces=tuple(measured), refusals=tuple(refusals)))
        return len(measured)

    def measured_before(self, name: str, planned: Batch) -> Batch | None:
        """What was measured of just these pieces, all of them, in an execution before."""
        try:
            done = self.papers.read(name, Batch)
        except PaperMissing:
            return None
        is_same = [one.planned for one in done.pieces] == [one.planned for one in planned.pieces]
        return done if is_same and not done.refusals else None

    def name(self, run: str) -> int | list[Refusal]:
        """Name everything by what was measured, and open the uploads; returns how many, or why nothing is copied.

        The names are put down before the first upload is opened, so that none is ever open that nobody can find.
        """
        plan = self.papers.read(f"{run}/plan", Planned)
        measures, refusals = Measures(self.limits), list[Refusal]()
        for measured in self.papers.read_all((f"{run}/measured/{one}" for one in range(plan.batches)), Batch):
            refusals.extend(measured.refusals)
            measures.add(measured.pieces)
        if refusals:
            return refusals[:MOST_REFUSALS]
        try:
            names = measures.names(plan.orders, TREE)
        except ArtifactRefused as refused:
            return [refusal(refused)]
        self.papers.write(f"{run}/names", names)
        for number, large in enumerate(names.large):
            told = large.model_copy(update={"digests": measures.digests(large.source)})
            self.papers.write(f"{run}/large/{number}", told)
        ids = tuple(self.pieces.open(one.key, one.composite, one.source) for one in names.large)
        self.papers.write(f"{run}/uploads", Uploads(ids=ids))
        return len(ids)

    def copy(self, run: str, batch: int) -> int:
        """Copy the pieces of a batch to where they belong; returns how many."""
        plan = self.papers.read(f"{run}/plan", Planned)
        names = self.papers.read(f"{run}/names", Names)
        ids = self.papers.read(f"{run}/uploads", Uploads).ids
        uploads = {one.key: upload for one, upload in zip(names.large, ids, strict=True)}
        measured = self.papers.read(f"{run}/measured/{batch}", Batch)
        placed: list[Placed] = []
        refusals: list[Refusal] = []
        try:
            for _, group in groupby(measured.pieces, key=lambda one: one.owner):
                parts = list(group)
                key = target(names.artifacts[parts[0].source.artifact], parts[0].source.name)
                if not parts[0].part:
                    placed.append(placed_of(parts[0], self.pieces.place(parts[0], key, plan.until)))
                elif uploads[key]:
                    self.pieces.copy(parts, key, uploads[key])
        except ArtifactRefused as refused:
            refusals.append(refusal(refused))
        self.papers.write(f"{run}/copied/{batch}", Copied(placed=tuple(placed), refusals=tuple(refusals)))
        return len(measured.pieces)

    def complete(self, run: str, number: int) -> int:
        """Put one large object together, if all its parts are there; returns of how many parts it is."""
        plan = self.papers.read(f"{run}/plan", Planned)
        large = self.papers.read(f"{run}/large/{number}", Large)
        upload = self.papers.read(f"{run}/uploads", Uploads).ids[number]
        source, known = large.source, large.composite
        outcome = Copied()
        try:
            version_id = self.pieces.complete(large.key, upload, large.digests, source.size, plan.until)
            told = {"artifact": source.artifact, "name": source.name, "size": source.size, "version_id": version_id}
            outcome = Copied(placed=(Placed.model_validate(told | known.model_dump()),))
        except PartsMissing:
            pass  # a part was refused, and why is among what was copied; else gathering says that it is missing
        except ArtifactRefused as refused:
            outcome = Copied(refusals=(refusal(refused),))
        self.papers.write(f"{run}/completed/{number}", outcome)
        return len(outcome.placed) and known.parts

    def gather(self, run: str) -> tuple[list[SealedArtifact], list[Refusal]]:
        """Every artifact as it lies there now, or why it does not; of a prefix the list is kept with it.

        Raises `PartsMissing` where something is not there and nothing was refused.
        """
        plan = self.papers.read(f"{run}/plan", Planned)
        names = self.papers.read(f"{run}/names", Names)
        outcomes = chain(
            self.papers.read_all((f"{run}/copied/{one}" for one in range(plan.batches)), Copied),
            self.papers.read_all((f"{run}/completed/{one}" for one in range(len(names.large))), Copied),
        )
        refusals: list[Refusal] = []
        placed: dict[int, list[Placed]] = {}
        for outcome in outcomes:
            refusals.extend(outcome.refusals)
            for one in outcome.placed:
                placed.setdefault(one.artifact, []).append(one)
        if refusals:
            return [], refusals[:MOST_REFUSALS]
        try:
            etags = {(one.source.artifact): one.source.etag for one in names.large}
            sealed = [
                self.sealed(named, placed.get(number, []), etags.get(number, ""), plan.until)
                for number, named in enumerate(names.artifacts)
            ]
        except ArtifactRefused as refused:
            return [], [refusal(refused)]
        return [*plan.sealed, *sealed], []

    def sealed(self, named: Named, placed: Sequence[Placed], etag: str, until: datetime) -> SealedArtifact:
        """One artifact. Raises `PartsMissing` unless all of it is there."""
        if sum(one.size for one in placed) != named.size or not placed:
            raise PartsMissing(f"not everything of {named.key} was copied")
        order = named.order
        told = {
            "index": order.container.index,
            "source_uri": order.container.source_uri,
            "bucket": self.bucket,
            "key": named.key,
            "size": named.size,
            "sha256": named.sha256,
            "locked_until": until,
            "channel": order.channel,
            "parts": named.parts,
            "source_check": named.check,
        }
        if order.container.form is not SourceForm.PREFIX:
            return SealedArtifact.model_validate({**told, "source_etag": etag, "version_id": placed[0].version_id})
        entries = [Entry(**one.model_dump(exclude={"artifact"})) for one in placed]
        text = manifest_text(entries)
        kept = self.pieces.keep_list(f"{LISTS}{named.sha256}.json", text.encode(), len(entries), until)
        of_a_prefix = {"source_etag": "", "version_id": kept.version_id, "form": SourceForm.PREFIX, "manifest": kept}
        return SealedArtifact.model_validate({**told, **of_a_prefix})

    def give_up(self, run: str) -> bool:
        """Give up every upload that this execution opened, or one that had the effect before it.

        False, and nothing is done, where another has taken the effect over: what is open then is gone on with. Two
        calls, one for each of those executions, and two for each upload.
        """
        before = runs_before(self.papers, run)
        if before is None:
            return False
        self.pieces.abandon(sorted({key for one in (*before, run) for key in self.keys_of(one)}))
        return True

    def clear_up(self, run: str) -> None:
        """Give up the uploads of executions before that are not for what was sealed now: completing saw to the rest."""
        for one in runs_before(self.papers, run) or ():
            self.pieces.abandon(sorted(self.keys_of(one) - self.keys_of(run)))

    def keys_of(self, run: str) -> set[str]:
        """The keys for which an execution has opened uploads, or was about to."""
        try:
            names = self.papers.read(f"{run}/names", Names)
        except PaperMissing:
            return set()
        return {one.key for one in names.large}

    def note(self, run: str, cause: str) -> None:
        """Note what broke down: a state machine tells no cause of what broke within a map of many."""
        self.papers.write(f"{run}/trouble", Trouble(cause=cause))

    def noted(self, run: str) -> str:
        """What broke down last, or an empty text."""
        try:
            return self.papers.read(f"{run}/trouble", Trouble).cause
        except PaperMissing:
            return ""


def refusal(refused: ArtifactRefused) -> Refusal:
    """As it goes on the record."""
    return Refusal(code=RefusalCode(refused.code), detail=refused.detail)


def placed_of(piece: Piece, version_id: str) -> Placed:
    """A whole object in its place."""
    source = piece.source
    return Placed(
        artifact=source.artifact, name=source.name, size=source.size, sha256=piece.sha256, version_id=version_id
    )
