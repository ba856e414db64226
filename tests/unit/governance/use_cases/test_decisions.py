"""Which versions took part in a decision is recorded under their use case, as told by the account they answered in."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from governance.domain.errors import MalformedEvent, NotItsProducer, NoUseCase
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.served_decisions import DecisionServed
from governance.domain.use_case import Profile
from governance.domain.use_cases import Membership
from governance.services.serving_decisions import ServingDecisions
from tests.builders import DEV, PROD, TEST, Clock, after, group_arn, package_arn
from tests.fakes import InMemoryGroups
from tests.fakes_of_use_cases import InMemoryDecisions

MEMBER = Membership(id="credit-risk", name="Credit risk", stage="production")  # type: ignore[arg-type]


def told(**changed: Any) -> DecisionServed:
    common = {"decision_id": "loan-1", "model_package_arn": package_arn(), "stage": "production", "endpoint": "e"}
    return DecisionServed.model_validate({**common, "served_at": after(0), "request_id": "r-1", **changed})


def recording(**group: Any) -> tuple[ServingDecisions, InMemoryDecisions]:
    groups, decisions = InMemoryGroups(), InMemoryDecisions()
    if group:
        groups.save(ModelGroup.model_validate({"arn": group_arn(), "revision": 1, **group}), 0)
    producers = {Stage.PRODUCTION: frozenset({PROD}), Stage.TEST: frozenset({TEST})}
    return ServingDecisions(groups, decisions, producers, timedelta(days=30), Clock()), decisions


@pytest.mark.parametrize("group", [{"use_case": MEMBER}, {"profile": Profile(use_case_id="credit-risk")}])
def test_the_use_case_is_that_of_the_group(group: dict[str, Any]):
    service, decisions = recording(**group)
    for _ in range(2):
        assert service.record(told(), PROD).use_case == "credit-risk"
    (part,) = decisions.of("credit-risk", "loan-1")
    assert (part.model_package_arn, part.account, part.expires_at) == (package_arn(), PROD, after(30 * 86_400))


@pytest.mark.parametrize("name", ["Credit_Risk", "Credit risk: loans/2026", "x", "r" * 256])
def test_what_tags_name_is_kept_as_they_do_though_no_use_case_on_record_is_called_so(name: str):
    service, decisions = recording(profile=Profile(use_case_id=name))
    assert service.record(told(), PROD).use_case == name
    (part,) = decisions.of(name, "loan-1")
    assert part.use_case == name


def test_what_belongs_to_no_use_case_is_put_aside_until_it_does():
    for group in ({}, {"profile": Profile()}):
        with pytest.raises(NoUseCase):
            recording(**group)[0].record(told(), PROD)


@pytest.mark.parametrize("account", [TEST, DEV])
def test_only_an_account_of_the_stage_tells(account: str):
    with pytest.raises(NotItsProducer):
        recording(use_case=MEMBER)[0].record(told(), account)


def test_of_the_accounts_of_a_stage_only_those_that_the_group_names():
    with pytest.raises(NotItsProducer):
        recording(use_case=MEMBER, producers=(TEST,))[0].record(told(), PROD)


def test_nothing_answers_before_it_is_asked():
    with pytest.raises(MalformedEvent, match="served_at"):
        recording(use_case=MEMBER)[0].record(told(served_at=after(86_400)), PROD)


@pytest.mark.parametrize(
    "wrong",
    [
        {"decision_id": ""},
        {"decision_id": "a#b"},
        {"decision_id": "x" * 65},
        {"decision_id": "with space"},
        {"captured": "the data itself"},
        {"request_id": "a#b"},
        {"body": "income,age"},
    ],
)
def test_what_is_no_identifier_is_not_taken(wrong: dict[str, str]):
    with pytest.raises(ValidationError):
        told(**wrong)
