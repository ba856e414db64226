"""Every command about a model has a sample to begin with, and every sample is a command that is understood."""

import json

import pytest
from pydantic import TypeAdapter

from governance.domain.entitlement import MAY
from governance.domain.orders import AnyOrder
from tests.template.translation import ROOT

SAMPLES = sorted((ROOT / "events").glob("decide-*.json"))
SHAPE: TypeAdapter[AnyOrder] = TypeAdapter(AnyOrder)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_a_sample_is_understood(sample):
    payload = json.loads(sample.read_text())["payload"]
    assert f"decide-{SHAPE.validate_python(payload).command}" == sample.stem


def test_no_command_is_without_the_roles_that_may_give_it_or_without_a_sample():
    commands = {sample.stem.removeprefix("decide-") for sample in SAMPLES}
    assert commands >= MAY.keys()
