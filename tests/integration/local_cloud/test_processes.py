"""A local cloud starts, is found, and leaves nothing behind when it ends."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local_cloud import life, processes
from local_cloud.place import Place

pytestmark = pytest.mark.cloud


def listens(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((urlsplit(url).hostname, urlsplit(url).port)) == 0


def test_what_was_started_is_found_and_ended(bare_cloud: str, tmp_path: Path):
    place = Place(tmp_path / "another")
    started = processes.start(place)
    assert processes.find(place) == started
    assert started.endpoint_url != bare_cloud

    assert life.down(place)
    assert processes.find(place) is None
    assert not listens(started.endpoint_url)
    assert not listens(started.backend_url)
    assert sorted(path.name for path in place.folder.iterdir()) == ["logs"]


def test_ending_what_is_not_there_is_no_mistake(tmp_path: Path):
    assert life.down(Place(tmp_path)) is False
    assert life.running(Place(tmp_path)) is None


def test_a_missing_ministack_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STEWARD_MINISTACK_PYTHON", str(tmp_path / "none"))
    with pytest.raises(processes.CloudFault, match="make install"):
        processes.start(Place(tmp_path))
