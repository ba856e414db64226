"""What the models of a use case come to, in whatever order their versions are looked at."""

from hypothesis import given
from hypothesis import strategies as st

from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.roll_up import SPEAKS, GroupSummary, Verdict, VersionTold, lacking, summary_of
from tests.builders import group_arn

GROUP = group_arn()
VERSIONS = st.lists(
    st.builds(
        VersionTold,
        number=st.integers(1, 30),
        stages=st.dictionaries(st.sampled_from(list(Stage)), st.sampled_from(list(ModelStatus)), max_size=4),
        quarantined=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.number,
)


@given(versions=VERSIONS, data=st.data())
def test_a_summary_is_the_same_in_any_order(versions, data):
    shuffled = data.draw(st.permutations(versions))
    assert summary_of(GROUP, shuffled) == summary_of(GROUP, versions)


@given(versions=VERSIONS, stage=st.sampled_from(list(Stage)))
def test_a_group_lacks_nothing_only_if_the_latest_version_that_was_decided_on_is_approved_and_free(versions, stage):
    decided = [one for one in versions if one.stages.get(stage) in SPEAKS]
    latest = max(decided, key=lambda one: one.number, default=None)
    passes = latest is not None and latest.stages[stage] is ModelStatus.APPROVED and not latest.quarantined
    assert (lacking([summary_of(GROUP, versions)], stage) == ()) == passes


@given(versions=VERSIONS, stage=st.sampled_from(list(Stage)))
def test_a_version_that_waits_or_is_retired_changes_nothing(versions, stage):
    before = summary_of(GROUP, versions)
    for status in (ModelStatus.PENDING, ModelStatus.RETIRED):
        waits = VersionTold(number=99, stages={stage: status})
        assert summary_of(GROUP, [*versions, waits]) == before


def test_what_is_lacking_names_group_version_and_why():
    approved = VersionTold(number=3, stages={Stage.TEST: ModelStatus.APPROVED})
    rejected = VersionTold(number=4, stages={Stage.TEST: ModelStatus.REJECTED})
    held = approved.model_copy(update={"quarantined": True})
    summaries = [
        summary_of(group_arn("a"), [approved]),
        summary_of(group_arn("b"), [approved, rejected]),
        summary_of(group_arn("c"), [held]),
        GroupSummary(group=group_arn("d")),
    ]
    assert lacking(summaries, Stage.TEST) == (
        "b/4 is rejected in test",
        "c/3 is quarantined in test",
        "d has no version that was decided on in test",
    )
    assert summaries[2].stages[Stage.TEST].verdict is Verdict.QUARANTINED
    assert lacking([], Stage.TEST) == ()
