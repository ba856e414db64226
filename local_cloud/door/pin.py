"""The one MiniStack version the hooks are written against, and the check that it is the one installed."""

from importlib import metadata

MINISTACK = "1.5.33"
"""Hooks reach into private functions, so another version may fail in ways no test of ours has seen."""


def check_pin() -> None:
    """End the program with advice unless exactly the pinned MiniStack is installed."""
    try:
        installed = metadata.version("ministack")
    except metadata.PackageNotFoundError:
        installed = None
    if installed != MINISTACK:
        found = f"this is {installed}" if installed else "none is installed here"
        raise SystemExit(
            f"The local cloud needs MiniStack {MINISTACK}; {found}. "
            f"Run: uv pip install --python <its venv> 'ministack[full]=={MINISTACK}'"
        )
