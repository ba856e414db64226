"""What a bundle would run loads only what was sealed of its version, in the hub's bucket, under the sealed prefix."""

import json
from typing import Any

import pytest

from governance.domain.sealed_places import strays
from tests.builders import sealed_artifact

SEALED = sealed_artifact()
SOURCE = {"S3DataSource": {"S3DataType": "S3Prefix", "CompressionType": "None", "S3Uri": "s3://elsewhere/m/"}}


def template(*containers: Any, place: str = "Containers") -> str:
    told = list(containers) if place == "Containers" else containers[0]
    return f"Resources:\n  Model:\n    Properties:\n      {place}: {json.dumps(told)}\n"


def test_what_was_sealed_is_loaded_and_a_container_may_load_nothing():
    assert strays(template({"ModelDataUrl": SEALED.uri}, place="PrimaryContainer"), SEALED.bucket, [SEALED]) == []
    assert strays(template({"ModelDataUrl": SEALED.uri}, {"Image": "rules"}), SEALED.bucket, [SEALED]) == []


@pytest.mark.parametrize(
    "container",
    [
        {"ModelDataUrl": "s3://elsewhere/m.tar.gz"},
        {"ModelDataSource": SOURCE},
        {"ModelDataSource": {}, "AdditionalModelDataSources": [SOURCE]},
        {"ModelDataUrl": f"{SEALED.uri}/../../other"},
    ],
)
def test_whichever_way_a_container_names_it_what_was_not_sealed_is_told(container):
    (told,) = strays(template({"ModelDataUrl": SEALED.uri}, container), SEALED.bucket, [SEALED])
    assert "not what was sealed" in told


@pytest.mark.parametrize("elsewhere", [{"bucket": "another-bucket"}, {"key": "work/model.tar.gz"}])
def test_what_a_record_names_outside_the_hubs_sealed_prefix_is_not_sealed(elsewhere):
    named = sealed_artifact(**elsewhere)
    assert strays(template({"ModelDataUrl": named.uri}), SEALED.bucket, [named])


STRAY = {"ModelDataUrl": "s3://elsewhere/m.tar.gz"}


@pytest.mark.parametrize(
    "laid_out",
    [
        f"Model: {{Properties: {{PrimaryContainer: {json.dumps(STRAY)}}}}}",
        f'{{"Model": {{"Properties": {{"Containers" : [{json.dumps(STRAY)}]}}}}}}',
        f"Containers:\n  {json.dumps([{}, STRAY], indent=2)}\n",
        f"PrimaryContainer: {json.dumps({'Environment': {'Containers': 'none'}, **STRAY})}\n",
    ],
)
def test_however_a_container_is_laid_out_it_is_read(laid_out):
    (told,) = strays(f"{template({'ModelDataUrl': SEALED.uri})}{laid_out}\n", SEALED.bucket, [SEALED])
    assert "s3://elsewhere/m.tar.gz" in told


@pytest.mark.parametrize("block", ["Containers:\n  - ModelDataUrl: s3://elsewhere", "PrimaryContainer: !Ref Elsewhere"])
def test_a_container_that_nobody_can_read_is_not_passed_over(block):
    with pytest.raises(json.JSONDecodeError):
        strays(f"{template({'ModelDataUrl': SEALED.uri})}{block}\n", SEALED.bucket, [SEALED])


def test_a_comment_names_no_container():
    beside = "      # Containers: those of the version\n"
    assert strays(f"{beside}{template({'ModelDataUrl': SEALED.uri})}", SEALED.bucket, [SEALED]) == []
