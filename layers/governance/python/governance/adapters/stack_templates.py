"""The stack templates of bundles, which lie beside this module and are shipped with it."""

from importlib.resources import files

from governance.domain.bundle import Templates


def stack_templates() -> Templates:
    """The texts of the stacks `model-endpoint`, `model-batch` and `model-removed`, as deployment bundles carry them."""
    names = {"endpoint": "model_endpoint.yaml", "batch": "model_batch.yaml", "removed": "model_removed.yaml"}
    return Templates(**{which: text_of(name) for which, name in names.items()})


def text_of(name: str) -> str:
    """A file that lies here."""
    return files("governance.adapters").joinpath(name).read_text(encoding="utf-8")
