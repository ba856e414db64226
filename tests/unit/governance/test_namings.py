"""Where a record names an image, data or another version: what is found by which name, and whether it still holds."""

from typing import Any

import pytest

from governance.domain.facts import ArtifactsSealed
from governance.domain.fold import fold
from governance.domain.namings import Form, Naming, every_naming, namings, sought
from governance.domain.registry import PackageChange
from governance.services.blast_radius import Affected, radius
from tests.builders import change, package_arn, specification
from tests.unit.governance.decisions.board import ARN, REPORT, Board
from tests.unit.governance.decisions.test_cases import told

DIGEST, OTHER_DIGEST = "4d" * 32, "5e" * 32
REPOSITORY = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn"


def found(board: Board, what: str, arn: str = ARN) -> tuple[Naming, ...]:
    looked_for = sought(what)
    assert looked_for
    facts = list(board.ledger.known[arn].values())
    return namings(facts, fold(facts), looked_for)


def whats(board: Board, what: str) -> set[tuple[str, bool]]:
    return {(one.what, one.now) for one in found(board, what)}


@pytest.mark.parametrize(
    ("text", "form", "is_for"),
    [("s3://bucket/a/b.csv", Form.URI, "s3://bucket/a/b.csv"), (DIGEST, Form.HASH, DIGEST),
     (f"sha256:{DIGEST.upper()}", Form.HASH, DIGEST), (f"{REPOSITORY}@sha256:{DIGEST}", Form.HASH, DIGEST),
     (f"{REPOSITORY}:1.4@sha256:{DIGEST}", Form.HASH, DIGEST), (f"{REPOSITORY}:1.4", Form.IMAGE, f"{REPOSITORY}:1.4"),
     (REPOSITORY, Form.IMAGE, REPOSITORY), ("registry.corp:5000/a/b", Form.IMAGE, "registry.corp:5000/a/b"),
     (ARN, Form.PACKAGE, ARN)],
)  # fmt: skip
def test_what_is_looked_for_is_known_by_its_form(text: str, form: Form, is_for: str):
    looked_for = sought(text)
    assert looked_for
    assert (looked_for.form, looked_for.text) == (form, is_for)


@pytest.mark.parametrize(
    "text", ["credit-risk-pd/7", "s3://", "a b", "", DIGEST[:-1], f"{DIGEST}0", "sha256:xyz", "image"]
)
def test_what_is_none_of_these_is_nothing_to_look_for(text: str):
    assert sought(text) is None


@pytest.mark.parametrize(
    ("asked", "told", "is_named"),
    [("s3://b/data/", "s3://b/data/x.csv", True), ("s3://b/data", "s3://b/data/x.csv", True),
     ("s3://b/data/x.csv", "s3://b/data/", True), ("s3://b/data/x.csv", "s3://b/data/x.csv", True),
     ("s3://b/data/x.csv", "s3://b/data", False), ("s3://b/dat", "s3://b/data/x.csv", False),
     ("s3://b/data", "somebody wrote s3://b/data", False), (DIGEST, f"s3://hub/sealed/{DIGEST}/model.tar.gz", True),
     (f"{REPOSITORY}:1", f"{REPOSITORY}:1@sha256:{DIGEST}", True), (REPOSITORY, f"{REPOSITORY}:1", True),
     (f"{REPOSITORY}:1", f"{REPOSITORY}:2", False), (REPOSITORY, f"{REPOSITORY}-pro:1", False),
     ("registry.corp:5000/a/b", "registry.corp:5000/a/b:7", True), (ARN, package_arn(version=70), False)],
)  # fmt: skip
def test_a_text_names_what_it_is_or_holds_and_nothing_that_only_begins_alike(asked: str, told: str, is_named: bool):
    looked_for = sought(asked)
    assert looked_for
    assert looked_for.is_named_by(told) is is_named


def test_image_model_data_and_what_was_sealed_are_found():
    board = Board()
    assert whats(board, f"sha256:{DIGEST}") == {("image", True)}
    assert whats(board, REPOSITORY) == {("image", True)}
    assert whats(board, "s3://dev-bucket/") == {("model data", True)}
    (sealed,) = board.facts(ArtifactsSealed)
    assert whats(board, sealed.artifacts[0].sha256) == {("sealed copy", True)}


def test_what_it_ran_before_it_was_changed_is_found_and_said_to_be_over():
    board = Board()
    board.changes(None, InferenceSpecification=specification(ImageDigest=f"sha256:{OTHER_DIGEST}"))
    assert whats(board, DIGEST) == {("image", False)}
    assert whats(board, OTHER_DIGEST) == {("image", True)}
    (before,) = found(board, DIGEST)
    (after,) = found(board, OTHER_DIGEST)
    assert before.since < after.since
    assert [one.now for one in found(board, REPOSITORY)] == [True, True, False]


def test_evidence_is_found_by_where_it_lay_and_by_its_hash():
    board = told("ada attaches bias evidence")
    (piece,) = board.state().pieces
    assert whats(board, piece.sha256) == {("evidence (bias)", True)}
    assert whats(board, piece.uri) == {("evidence (bias)", True)}
    assert piece.uri.startswith(REPORT)


def test_what_properties_and_the_environment_of_a_container_name_is_found():
    registered: dict[str, Any] = {
        "CustomerMetadataProperties": {"training-data": "s3://lake/train/2026/"},
        "InferenceSpecification": specification(Environment={"LOOKUP": "s3://lake/lookup/table.csv"}),
    }
    board = Board()
    arn = package_arn(version=9)
    first: PackageChange = change(board.later(), arn=arn, **registered)
    board.tell(first)
    assert {one.what for one in found(board, "s3://lake/train/2026/part-7.csv", arn)} == {"property training-data"}
    assert {one.what for one in found(board, "s3://lake/", arn)} == {"property training-data", "environment LOOKUP"}


def test_everything_that_is_named_is_a_text():
    board = told("ada attaches bias evidence", "olive approves it in development in Studio", "it runs in test")
    assert all(one.named for one in every_naming(board.ledger.known[ARN].values(), board.state()))


def test_what_would_return_and_is_affected_too_is_said_to_be():
    there = {"account": "1", "environment": "test", "endpoint_arn": "arn:e", "returns": package_arn(version=6)}
    common = {"model_group": "g", "use_case": "", "owner": "", "risk": "high", "stages": {}, "quarantined": False}
    seven = Affected(version=ARN, namings=(), reach=(there,), **common)
    six = Affected(version=package_arn(version=6), namings=(), reach=(), **common)
    assert radius("x", [seven], 2, ()).versions[0].reach[0]["returns_affected"] is False
    both = radius("x", [seven, six], 2, ())
    assert both.versions[0].reach[0]["returns_affected"] is True
    assert (both.use_cases, both.accounts, both.endpoints) == ((), ("1",), ("arn:e",))
