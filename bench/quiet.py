"""Handlers without their logs, metrics and warnings, so that results can be read."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from unittest.mock import patch

from governance.runtime import logger


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing is shown of what functions say, but they do say it: it is part of what they cost."""
    nowhere = StringIO()
    shown = patch.object(logger.registered_handler, "stream", nowhere)
    with redirect_stdout(nowhere), shown, warnings.catch_warnings(action="ignore"):
        yield
