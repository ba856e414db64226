"""What officers may ask about how versions are deployed: a command to `decide`."""

from typing import Any, Literal

from governance.domain.identifiers import ModelGroupArn
from governance.domain.order import Order


class SetDeploymentProfile(Order):
    """Have versions of a group deployed in another way, from the next deployment that is requested on."""

    command: Literal["set-deployment-profile"]
    group: ModelGroupArn
    document: dict[str, Any]
    """The profile as plain values. It is judged where it arrives, whoever looked at it before."""
