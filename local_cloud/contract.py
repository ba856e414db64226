"""`cloud.json`: all that any AWS SDK program needs to drive the local cloud. A public contract."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from local_cloud.accounts import ACCOUNTS, HUB_STACK, REGION, Further
from local_cloud.place import Place


def write(
    place: Place,
    endpoint_url: str,
    hub_outputs: Mapping[str, str],
    account_outputs: Mapping[str, Mapping[str, str]],
    personas: Mapping[str, Mapping[str, str]],
    further: Sequence[Further] = (),
) -> dict[str, Any]:
    """Write the contract in one go, readable by its owner only, and return it."""
    accounts = {**ACCOUNTS, **{one.account: one.number for one in further}}
    cloud: dict[str, Any] = {
        "accounts": accounts,
        "endpoint_url": endpoint_url,
        "region": REGION,
        "credentials": {
            name: {"access_key_id": account, "secret_access_key": "test"} for name, account in accounts.items()
        },
        "personas": {name: dict(persona) for name, persona in personas.items()},
        "stack": HUB_STACK,
        "outputs": dict(hub_outputs),
        "account_outputs": {name: dict(outputs) for name, outputs in account_outputs.items()},
        "dashboard_url": hub_outputs.get("DashboardUrl"),
        "api_url": hub_outputs.get("ApiUrl"),
        "logs": str(place.logs),
    }
    unfinished = place.contract.with_suffix(".unfinished")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(cloud, indent=2) + "\n")
    unfinished.replace(place.contract)
    return cloud


def read(place: Place) -> dict[str, Any] | None:
    """The contract of the cloud that lives here, or None when it is not up."""
    if not place.contract.exists():
        return None
    cloud: dict[str, Any] = json.loads(place.contract.read_text())
    return cloud
