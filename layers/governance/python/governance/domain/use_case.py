"""Who answers for a model group: its use case, owner, line of business, project and risk, and where that was said."""

from collections.abc import Mapping
from enum import StrEnum

from governance.domain.values import Value


class ModelRisk(StrEnum):
    """How much depends on a model. Nobody said: `high`, because caution costs less than surprise."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


USE_CASE = "steward:use-case-id"
OWNER = "steward:owner"
LINE_OF_BUSINESS = "steward:line-of-business"
PROJECT = "steward:project"
RISK = "steward:risk"
VALIDATION_SET = "steward:validation-set"
VALIDATION_SHA256 = "steward:validation-set-sha256"
VALIDATION_TARGET = "steward:validation-target"


class Profile(Value):
    """What is known of who answers for a model. Empty text means that nobody has said."""

    use_case_id: str = ""
    use_case_name: str = ""
    use_case_stage: str = ""
    owner: str = ""
    line_of_business: str = ""
    project: str = ""
    risk: str = ""

    def over(self, weaker: "Profile") -> "Profile":
        """This profile, with its gaps filled from a weaker source."""
        return Profile.model_validate({**weaker.said(), **self.said()})

    def said(self) -> dict[str, str]:
        """Only what somebody has said."""
        return {name: value for name, value in self.model_dump().items() if value}

    @property
    def model_risk(self) -> ModelRisk:
        """The risk as classified, or `high` where nobody classified it or the word is not one of ours."""
        try:
            return ModelRisk(self.risk.casefold())
        except ValueError:
            return ModelRisk.HIGH


def profile_from(properties: Mapping[str, str]) -> Profile:
    """Read a profile from a group's tags or a package's `CustomerMetadataProperties`."""
    return Profile(
        use_case_id=properties.get(USE_CASE, ""),
        owner=properties.get(OWNER, ""),
        line_of_business=properties.get(LINE_OF_BUSINESS, ""),
        project=properties.get(PROJECT, ""),
        risk=properties.get(RISK, ""),
    )


class ValidationSet(Value):
    """The held-out rows that a group's owner bound to it, pinned by the hash of their bytes."""

    uri: str
    sha256: str
    target: str


def validation_set_from(tags: Mapping[str, str]) -> ValidationSet | None:
    """The validation set that a group's tags bind, or None unless all three tags are there."""
    uri, pinned, target = (tags.get(key, "") for key in (VALIDATION_SET, VALIDATION_SHA256, VALIDATION_TARGET))
    return ValidationSet(uri=uri, sha256=pinned, target=target) if uri and pinned and target else None
