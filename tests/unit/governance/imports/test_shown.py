"""People see of a version where it came from."""

from io import StringIO

from rich.console import Console

from governance.domain.fold import fold_all
from governance.domain.people import Names
from governance.services.inventory import VersionView, seen
from steward import rendering
from tests.builders import observed, on_record
from tests.unit.governance.imports.copies import GRACE, SOURCE_ARN, by_steward, copied


def screen(view: VersionView) -> str:
    console = Console(width=200, record=True, file=StringIO())
    console.print(rendering.summary(view))
    return console.export_text()


def test_a_copy_is_shown_with_its_source_and_who_approved_that():
    names = Names(by_id={on_record(GRACE).id: GRACE.id})
    folded = fold_all([by_steward(), copied(approved_by=on_record(GRACE), left_out=("SecurityConfig",))])
    view = seen(folded, names, None, 1, "")
    assert view.imported == {
        "source": SOURCE_ARN,
        "created_at": "2026-10-12T07:14:03.000000Z",
        "approved_by": GRACE.id,
        "left_out": ["SecurityConfig"],
    }
    assert f"{SOURCE_ARN}, approved there by {GRACE.id}" in screen(view)


def test_of_a_copy_whose_source_nobody_is_known_to_have_approved_only_the_source_is_shown():
    view = seen(fold_all([by_steward(), copied(approved_by=None)]), Names(), None, 1, "")
    assert SOURCE_ARN in screen(view)
    assert "approved there" not in screen(view)


def test_nothing_is_said_of_a_version_that_was_registered_here():
    view = seen(fold_all([observed(0)]), Names(), None, 1, "")
    assert view.imported is None
    assert "imported" not in screen(view)
