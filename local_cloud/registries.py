"""Images that are there before anybody registers a model: a stand-in for the one that the examples serve with."""

import hashlib
import json

from local_cloud.clients import Clients

ACCOUNT, REPOSITORY, TAG = "141502667606", "sagemaker-scikit-learn", "1.4-2-cpu-py3"
"""AWS's own registry of scikit-learn images in Ireland (SageMaker guide: Docker registry paths)."""
MANIFEST = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []})
DIGEST = f"sha256:{hashlib.sha256(MANIFEST.encode()).hexdigest()}"
PULL = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
}
"""Everybody may load it, as it is with images of AWS's that customers may see."""


def create_images(clients: Clients) -> None:
    """Push the image into the account where AWS has it."""
    ecr = clients.root("ecr", ACCOUNT)
    ecr.create_repository(repositoryName=REPOSITORY)
    ecr.put_image(repositoryName=REPOSITORY, imageManifest=MANIFEST, imageTag=TAG, imageDigest=DIGEST)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [PULL]})
    ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=policy)
