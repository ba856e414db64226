"""A world in which packages name evidence, people attach it, and Steward collects it."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from governance.domain.evidence import Piece
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.policy_document import PolicyDocument
from governance.domain.published import PublishedPolicy
from governance.services.collecting_evidence import CollectingEvidence
from tests.builders import group_arn, package_arn
from tests.fakes_of_evidence import InMemoryEvidenceVault
from tests.world import World

SEVEN, EIGHT = package_arn(version=7), package_arn(version=8)
QUALITY = "s3://dev-bucket/reports/quality.json"
AUC = json.dumps({"binary_classification_metrics": {"auc": {"value": 0.91}, "accuracy": {"value": 0.9}}}).encode()
SAMPLES = Path(__file__).with_name("samples")


def names(uri: str = QUALITY, sha256: str = "", family: str = "ModelQuality", report: str = "Statistics") -> Any:
    """`ModelMetrics` that name one report."""
    source = {"S3Uri": uri, "ContentType": "application/json"}
    claimed = {"ContentDigest": f"sha256:{sha256}"} if sha256 else {}
    return {"ModelMetrics": {family: {report: {**source, **claimed}}}}


def policy(*gates: dict[str, Any], **fields: Any) -> PublishedPolicy:
    """A policy of these gates, published as its third version."""
    told = {"name": "ours", "title": "ours", "gates": list(gates), **fields}
    return PublishedPolicy(version=3, document=PolicyDocument.model_validate(told))


class Evident(World):
    """Everything, and where evidence lies."""

    def __init__(self) -> None:
        super().__init__()
        self.documents = InMemoryEvidenceVault()
        self.collecting = CollectingEvidence(self.ledger, self.recording, self.documents, self.registry)

    def under(self, published: PublishedPolicy) -> None:
        """The group stands under this policy."""
        known = self.groups.kept.get(group_arn()) or ModelGroup(arn=group_arn())
        self.groups.kept[group_arn()] = known.under(published)

    def collect(self, arn: str = SEVEN) -> ModelVersion | None:
        """What was announced is collected."""
        done = None
        for piece in self.state(arn).pieces:
            if piece.status == "requested":
                done = self.collecting.collect(arn, piece.effect_id, "event-9") or done
        return done

    def piece(self, arn: str = SEVEN) -> Piece:
        """The only piece of evidence on record."""
        (found,) = self.state(arn).pieces
        return found

    def named(self, content: bytes = AUC, claimed: str = "", dated_at: datetime | None = None, **kind: str) -> Piece:
        """Version 7 is registered with one report, and that is collected."""
        self.documents.put(QUALITY, content, dated_at)
        self.register(**names(sha256=claimed, **kind))
        self.collect()
        return self.piece()
