"""All hooks of the door, in one list: what is here is everything that differs from plain MiniStack."""

from ministack import app

from local_cloud.door import (
    action_names,
    alarms,
    async_lambda,
    async_queue,
    bus,
    conditions,
    delivery,
    forwarding,
    http_apis,
    layers,
    local_api,
    mischief,
    registries,
    resource_policies,
    resource_types,
    s3_copy,
    s3_encryption,
    s3_ranges,
    step_functions,
    stream_mapping,
    trail,
)

_HOOKED = (
    forwarding,
    action_names,
    conditions,
    s3_encryption,
    resource_policies,
    registries,
    s3_copy,
    s3_ranges,
    bus,
    delivery,
    async_lambda,
    async_queue,
    stream_mapping,
    step_functions,
    layers,
    http_apis,
    alarms,
    resource_types,
    trail,
    mischief,
    local_api,
)


def install() -> None:
    """Install every hook; fails at once when MiniStack is not what the hooks expect."""
    for module in _HOOKED:
        module.install()


def serve() -> None:
    """Run MiniStack until it is told to stop."""
    alarms.start()
    app.main()
