"""The endpoint's stack template, which lies beside this module and is shipped with it."""

from importlib.resources import files


def endpoint_template() -> str:
    """The text of `stacks/model-endpoint.yaml`, as every deployment bundle carries it."""
    return files("governance.adapters").joinpath("model_endpoint.yaml").read_text(encoding="utf-8")
