"""The backend hooks into one version of moto, and says so when it meets another."""

import moto
import pytest

from local_cloud.backend import server


def test_another_moto_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch):
    server.check_version()
    monkeypatch.setattr(moto, "__version__", "6.0.0")
    with pytest.raises(SystemExit, match=r"hooks into moto 5\.2\.5, but 6\.0\.0 is installed"):
        server.check_version()
