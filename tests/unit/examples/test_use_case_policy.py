"""The example's policy of use cases can be published by one officer: it asks nowhere less than the built-in one."""

from governance.adapters.policy_files import read_policy
from governance.domain.publishing import asks_less, unpublishable
from governance.domain.use_case_policy import BUILT_IN
from governance.domain.use_case_policy_document import UseCasePolicyDocument
from tests.template.translation import ROOT

POLICY = read_policy((ROOT / "examples/credit_risk/use-case-policy.yaml").read_bytes())


def test_it_asks_more_in_places_and_less_in_none():
    assert isinstance(POLICY, UseCasePolicyDocument)
    assert not list(unpublishable(POLICY))
    assert not asks_less(POLICY, BUILT_IN.document)
    assert {one.gate for one in asks_less(BUILT_IN.document, POLICY)} == {
        "entitled",
        "enough-people",
        "nobody-alone",
        "human-oversight",
    }
