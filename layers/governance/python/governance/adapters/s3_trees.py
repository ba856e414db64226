"""Sealed prefixes in S3: a list of everything in one, itself sealed and locked, and the objects that it lists.

The list names each object's version. Under Object Lock a version is its bytes, for good; so what lies there is
compared by one listing of the versions, a thousand to a call, and not object by object (S3 API: ListObjectVersions).
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of
from governance.domain.artifacts import ObjectVersion, SealedArtifact
from governance.domain.errors import SealedObjectMissing

MANIFESTS, TREES = "sealed/manifests/", "sealed/trees/"
"""Where lists lie, and what they list: apart, so that no container loads the list with the model."""
OF_A_TREE = re.compile(rf"{MANIFESTS}([0-9a-f]{{64}})\.json")

GONE = frozenset({"404", "405", "NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})
"""How S3 says that an object version is not there, or is a delete marker."""


def prefix_of(sha256: str) -> str:
    """Under which prefix an artifact of this digest lies."""
    return f"{TREES}{sha256}/"


def is_manifest(stored: ObjectVersion) -> bool:
    """Whether an object version stands for everything that it lists."""
    return OF_A_TREE.fullmatch(stored.key) is not None


def listed(s3: Any, stored: ObjectVersion, sha256: str = "") -> list[ObjectVersion]:
    """What a list names, in its order. One GetObject.

    Raises `SealedObjectMissing` where the list is not there, or has another SHA-256 than the one that is given.
    """
    return [version for version, _ in entries(s3, stored, sha256)]


def entries(s3: Any, stored: ObjectVersion, sha256: str = "") -> list[tuple[ObjectVersion, int]]:
    """What a list names, each with its size."""
    try:
        answer = s3.get_object(Bucket=stored.bucket, Key=stored.key, VersionId=stored.version_id)
    except ClientError as refused:
        if code_of(refused) in GONE:
            raise SealedObjectMissing(stored.name) from refused
        raise
    with closing(answer["Body"]) as body:
        content = body.read()
    if sha256 and hashlib.sha256(content).hexdigest() != sha256:
        raise SealedObjectMissing(f"{stored.name} as it was sealed")
    named = OF_A_TREE.fullmatch(stored.key)
    prefix = prefix_of(named[1] if named else "")
    return [
        (ObjectVersion(bucket=stored.bucket, key=prefix + one["name"], version_id=one["version_id"]), one["size"])
        for one in json.loads(content)["objects"]
    ]


def stands(s3: Any, artifact: SealedArtifact) -> bool:
    """Whether just what was sealed lies under a prefix, in just these versions, and nothing beside it.

    One GetObject, and one ListObjectVersions for every thousand.
    """
    if artifact.manifest is None:
        return False
    try:
        wanted = {
            (one.key, one.version_id, size) for one, size in entries(s3, artifact.stored, artifact.manifest.sha256)
        }
    except SealedObjectMissing:
        return False
    return wanted == set(lying(s3, artifact.bucket, artifact.key))


def lying(s3: Any, bucket: str, prefix: str) -> Iterator[tuple[str, str, int]]:
    """Every version that lies under a prefix, with its size; a delete marker has none."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for one in page.get("Versions", ()):
            yield one["Key"], one["VersionId"], one["Size"]
        for one in page.get("DeleteMarkers", ()):
            yield one["Key"], one["VersionId"], -1
