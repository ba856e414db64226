"""Images in ECR, asked for by their manifest: the one right that everybody has who may pull them.

ECR user guide, "Amazon ECR repository policies", and ECR API, BatchGetImage: called once whenever an image is pulled.
DescribeImages would say as much, but is a right that a repository's policy need not give to those who pull. Layers
cannot be read with it: they take `ecr:GetDownloadUrlForLayer`.
"""

from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of, message_of
from governance.domain.images import ImageName, Seen, Sight, named

GONE = frozenset({"RepositoryNotFoundException", "RegistryNotFoundException", "InvalidParameterException"})
"""Answers by which there is no such image, nor can be (ECR API: BatchGetImage, errors)."""
DENIED = frozenset({"AccessDeniedException", "AccessDenied"})
NOT_THERE = frozenset(
    {"ImageNotFound", "InvalidImageDigest", "InvalidImageTag", "ImageTagDoesNotMatchDigest", "ImageInaccessible"}
)
"""Failures by which an image cannot be pulled; the last is one that was archived (ECR API: ImageFailure)."""


class EcrImages:
    """`ports.Images` on ECR."""

    def __init__(self, ecr: Any) -> None:
        self.ecr = ecr

    def look(self, image: str) -> Seen:
        """Ask its registry."""
        asked = named(image)
        if asked is None:
            return Seen(sight=Sight.ELSEWHERE, why="it does not lie in a private registry of ECR")
        here = self.ecr.meta.region_name
        if asked.region != here:
            # AWS API: ContainerDefinition, Image: in the region of the endpoint.
            why = f"it lies in {asked.region}, and endpoints in {here} load images of their own region only"
            return Seen(sight=Sight.GONE, why=why)
        try:
            told = self.ecr.batch_get_image(
                registryId=asked.account, repositoryName=asked.repository, imageIds=[asked.id]
            )
        except ClientError as refused:
            if code_of(refused) in GONE:
                return Seen(sight=Sight.GONE, why=message_of(refused))
            if code_of(refused) in DENIED:
                return Seen(sight=Sight.DENIED, why=message_of(refused))
            raise
        return answered(asked, told)


def answered(asked: ImageName, told: dict[str, Any]) -> Seen:
    """What an answer says. Raises `ClientError` for a failure that may pass, as of a registry behind this one."""
    found = [one["imageId"] for one in told.get("images", ())]
    if found:
        return Seen(sight=Sight.THERE, digest=asked.digest or found[0].get("imageDigest", ""))
    failure: dict[str, str] = next(iter(told.get("failures", ())), {})
    code = failure.get("failureCode", "")
    why = f"{code}: {failure.get('failureReason') or 'no reason given'}"
    if code in NOT_THERE:
        return Seen(sight=Sight.GONE, why=why)
    raise ClientError({"Error": {"Code": code or "NoAnswer", "Message": why}}, "BatchGetImage")
