"""The stack templates of bundles, which lie beside this module and are shipped with it."""

from importlib.resources import files

from governance.domain.bundle import Templates


def stack_templates() -> Templates:
    """The texts of `stacks/model-endpoint.yaml` and `stacks/model-batch.yaml`, as deployment bundles carry them."""
    return Templates(endpoint=text_of("model_endpoint.yaml"), batch=text_of("model_batch.yaml"))


def text_of(name: str) -> str:
    """A file that lies here."""
    return files("governance.adapters").joinpath(name).read_text(encoding="utf-8")
