"""The part of the attic for images: who is asked for them, and in whose name."""

from governance.adapters.clients import client
from governance.adapters.ecr_images import EcrImages
from governance.services.looking_up_images import LookingUpImages
from governance.settings import Settings

__all__ = ["looking_up_images"]


def looking_up_images(settings: Settings, function: str) -> LookingUpImages:
    """Look images up with the rights of a function's role."""
    ecr = client("ecr")
    role = f"arn:{ecr.meta.partition}:iam::{settings.hub_account_id}:role/{settings.install}-{function}"
    return LookingUpImages(EcrImages(ecr), settings.registries, role)
