"""How the door replaces a function of MiniStack: by name, loudly, and with the original still at hand."""

import functools
import inspect
from collections.abc import Callable
from typing import Any


class HookMissing(AttributeError):
    """MiniStack no longer has what a hook replaces: it is not the version the door is pinned to."""


def wrap(module: Any, name: str, replacement: Callable[..., Any]) -> None:
    """Put `replacement(original, *args)` in the place of `module.name`."""
    original = getattr(module, name, None)
    if original is None:
        raise HookMissing(f"{getattr(module, '__name__', module)}.{name}")
    if inspect.iscoroutinefunction(original) != inspect.iscoroutinefunction(replacement):
        raise HookMissing(f"{module.__name__}.{name} changed between plain and async")

    setattr(module, name, _hooked(original, replacement))


def wrap_entry(table: dict[str, Any], key: str, replacement: Callable[..., Any]) -> None:
    """Put `replacement(original, *args)` in the place of a function that MiniStack keeps in a table."""
    if key not in table:
        raise HookMissing(key)
    table[key] = _hooked(table[key], replacement)


def _hooked(original: Callable[..., Any], replacement: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def hooked(*args: Any, **kwargs: Any) -> Any:
        return replacement(original, *args, **kwargs)

    return hooked
