"""What an adapter says it is, it is: each has everything that the ports promise which its docstring names."""

import importlib
import inspect
import pkgutil
import re
from types import ModuleType
from typing import Any

import pytest

from governance import adapters, ports

NAMED = re.compile(r"`ports\.(\w+)`")


def classes_of(package: ModuleType) -> list[type[Any]]:
    """The classes that are written in the modules of a package."""
    modules = [
        importlib.import_module(f"{package.__name__}.{one.name}") for one in pkgutil.iter_modules(package.__path__)
    ]
    return [
        one
        for module in modules
        for one in vars(module).values()
        if inspect.isclass(one) and one.__module__ == module.__name__
    ]


def promised(port: type[Any]) -> set[str]:
    """The methods of a port."""
    return {name for name in vars(port) if not name.startswith("_")}


PORTS = [one for one in classes_of(ports) if getattr(one, "_is_protocol", False)]
CLAIMS = [(one, name) for one in classes_of(adapters) for name in NAMED.findall(one.__doc__ or "")]


@pytest.mark.parametrize(("adapter", "name"), CLAIMS, ids=lambda one: one if isinstance(one, str) else one.__name__)
def test_an_adapter_has_all_that_its_port_promises(adapter: type[Any], name: str):
    called_so = [port for port in PORTS if port.__name__ == name]
    assert called_so, "there is no such port"
    lacking = [promised(port) - set(dir(adapter)) for port in called_so]
    assert set() in lacking, lacking


def test_most_ports_have_an_adapter_that_says_so():
    assert len({name for _, name in CLAIMS}) >= len(PORTS) // 2
