"""An artifact that was uploaded in parts may have no SHA-256 of the whole: then its sealed copy is read back."""

import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from botocore.response import StreamingBody

from governance.adapters.s3_vault import S3Vault
from governance.domain.errors import ArtifactRefused
from tests.builders import BORN, Clock, container

COMPOSITE = {"ChecksumSHA256": "c29tZSBwYXJ0cw==-2", "ChecksumType": "COMPOSITE"}


class Bucket:
    """S3 as far as sealing asks it: it tells a checksum of parts, and the copy holds what a test says."""

    def __init__(self, source: bytes, copied: bytes) -> None:
        self.objects = {"dev-bucket": source, "hub": copied}

    def get_object(self, Bucket: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        content = self.objects[Bucket]
        body = StreamingBody(io.BytesIO(content), len(content))
        return {"Body": body, "ETag": '"e1"', "ContentLength": len(content), "LastModified": BORN}

    def copy_object(self, **_: Any) -> dict[str, Any]:
        return {"CopyObjectResult": COMPOSITE, "VersionId": "v1"}

    def put_object_retention(self, **_: Any) -> None: ...

    def head_object(self, **_: Any) -> dict[str, Any]:
        return {**COMPOSITE, "ContentLength": len(self.objects["hub"]), "VersionId": "v1"}


def vault(source: bytes, copied: bytes) -> S3Vault:
    return S3Vault(Bucket(source, copied), "hub", "key", "GOVERNANCE", timedelta(days=1), Clock())


def test_a_copy_that_reads_back_the_same_is_sealed_under_the_hash_of_the_whole():
    sealed = vault(b"weights", b"weights").seal(container(), BORN)
    assert sealed.sha256 == hashlib.sha256(b"weights").hexdigest()
    assert vault(b"weights", b"weights").holds(sealed)


def test_a_copy_that_reads_back_otherwise_is_refused():
    with pytest.raises(ArtifactRefused, match="another SHA-256"):
        vault(b"weights", b"WEIGHTS").seal(container(), BORN)


def test_a_sealed_version_of_another_size_is_not_what_was_sealed():
    sealed = vault(b"weights", b"weights").seal(container(), BORN)
    assert not vault(b"weights", b"weights and more").holds(sealed)
