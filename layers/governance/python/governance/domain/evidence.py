"""Evidence: documents and measurements that speak for a version, each known by the hash of its bytes."""

from enum import StrEnum

from governance.domain.values import Value


class EvidenceKind(StrEnum):
    """What a piece of evidence is about: SageMaker's families of metrics reports first, then what people attach.

    The families are those of `ModelMetrics` (AWS API). What Steward finds on a package today is of these four.
    """

    MODEL_QUALITY = "model-quality"
    DATA_QUALITY = "data-quality"
    BIAS = "bias"
    EXPLAINABILITY = "explainability"
    PRE_TRAINING_BIAS = "pre-training-bias"
    POST_TRAINING_BIAS = "post-training-bias"
    MODEL_CARD = "model-card"
    LINEAGE = "lineage"
    VALIDATION_RUN = "validation-run"
    MONITORING_PLAN = "monitoring-plan"
    SECURITY_SCAN = "security-scan"
    ADVERSARIAL_ROBUSTNESS = "adversarial-robustness"
    HUMAN_OVERSIGHT_PLAN = "human-oversight-plan"
    DOCUMENT = "document"


FAMILIES = {
    "ModelQuality": EvidenceKind.MODEL_QUALITY,
    "ModelDataQuality": EvidenceKind.DATA_QUALITY,
    "Bias": EvidenceKind.BIAS,
    "Explainability": EvidenceKind.EXPLAINABILITY,
}
"""What SageMaker calls the families, and what we call them."""


class Evidence(Value):
    """One report that a package names: which, where, and the hash it claims for it, which nobody has checked yet."""

    kind: EvidenceKind
    report: str
    """SageMaker's name of the report: `ModelQuality.Statistics` and the like."""
    uri: str
    sha256: str = ""
