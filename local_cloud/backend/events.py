"""The events of the registry and of endpoints, in the forms that AWS gives them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from local_cloud.backend import clock
from local_cloud.backend.arns import ResourceArn
from local_cloud.backend.caller import Caller
from local_cloud.backend.wiring import wiring

PACKAGE_KEYS = (
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "CreationTime",
    "InferenceSpecification",
    "ModelPackageStatus",
    "ModelPackageStatusDetails",
    "CertifyForMarketplace",
    "ModelApprovalStatus",
    "MetadataProperties",
    "ModelMetrics",
    "CustomerMetadataProperties",
    "ApprovalDescription",
    "ModelLifeCycle",
    "LastModifiedTime",
)

UPDATED_FIELDS = {
    "ModelLifeCycle": "ModelLifeCycle",
    "ModelApprovalStatus": "ModelApprovalStatus",
    "ApprovalDescription": "ApprovalDescription",
    "SourceUri": "sourceUri",
    "CustomerMetadataProperties": "CustomerMetadataProperties",
    "CustomerMetadataPropertiesToRemove": "CustomerMetadataProperties",
    "InferenceSpecification": "InferenceSpecification",
}

MAPS = frozenset({"CustomerMetadataProperties", "Environment"})


def package_changed(arn: ResourceArn, package: dict[str, Any], updated: dict[str, Any] | None) -> None:
    """Tell the owner's bus that a package was made (`updated` is None) or which fields were sent."""
    detail = {key: package[key] for key in PACKAGE_KEYS if package.get(key) is not None}
    if "ModelPackageVersion" not in detail:
        detail.pop("ModelPackageGroupName", None)
        detail = {"ModelPackageName": package["ModelPackageName"], **detail}
    if updated is not None:
        named = dict.fromkeys(UPDATED_FIELDS[name] for name in updated if name in UPDATED_FIELDS)
        detail["UpdatedModelPackageFields"] = list(named)
    _tell(arn, "SageMaker Model Package State Change", _isoformatted(detail))


def api_called(
    operation: str, arn: ResourceArn, caller: Caller, params: dict[str, Any], response: dict[str, Any] | None
) -> None:
    """Record a management call as CloudTrail does: for the caller's account, and for the owner's."""
    time = clock.iso(clock.now())
    detail: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": caller.user_identity(time),
        "eventTime": time,
        "eventSource": "sagemaker.amazonaws.com",
        "eventName": operation,
        "awsRegion": arn.region,
        "sourceIPAddress": caller.source_ip,
        "userAgent": caller.user_agent,
        "requestParameters": _lower_camel(params),
        "responseElements": _lower_camel(response),
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"api.sagemaker.{arn.region}.amazonaws.com",
        },
    }
    accounts = list(dict.fromkeys((caller.account, arn.account)))
    if len(accounts) > 1:
        detail["sharedEventID"] = str(uuid.uuid4())
    for account in accounts:
        entry = {
            "account": account,
            "region": arn.region,
            "source": "aws.sagemaker",
            "detail-type": "AWS API Call via CloudTrail",
            "resources": [],
            "time": time,
            "detail": {**detail, "recipientAccountId": account},
        }
        wiring().events.emit(entry, str(arn))


def endpoint_changed(arn: ResourceArn, endpoint: dict[str, Any]) -> None:
    """Tell the endpoint's account about its status, with this event's own forms of time and status."""
    variants = [
        {"DesiredWeight": variant.get("DesiredWeight", 1.0), "DesiredInstanceCount": float(count)}
        for variant in endpoint["ProductionVariants"]
        if (count := variant.get("DesiredInstanceCount", 1)) is not None
    ]
    detail = {
        "EndpointName": endpoint["EndpointName"],
        "EndpointArn": str(arn),
        "EndpointConfigName": endpoint["EndpointConfigName"],
        "ProductionVariants": variants,
        "EndpointStatus": _upper_snake(endpoint["EndpointStatus"]),
        "CreationTime": float(clock.epoch_milliseconds(endpoint["CreationTime"])),
        "LastModifiedTime": float(clock.epoch_milliseconds(endpoint["LastModifiedTime"])),
        "Tags": {tag["Key"]: tag["Value"] for tag in endpoint.get("Tags", [])},
    }
    if endpoint.get("FailureReason"):
        detail["FailureReason"] = endpoint["FailureReason"]
    _tell(arn, "SageMaker Endpoint State Change", detail, str(clock.epoch_milliseconds(clock.now())))


def deployment_changed(arn: ResourceArn, endpoint: dict[str, Any], arrives: str, status: str, message: str) -> None:
    """Tell the endpoint's account what happens to a fleet that comes, as it does for endpoints with a policy."""
    variants = [
        {"VariantName": one["VariantName"], "CurrentWeight": one.get("CurrentWeight", 1)}
        for one in endpoint["ProductionVariants"]
    ]
    at = clock.epoch_milliseconds(clock.now())
    said = {"Status": status, "StatusMessage": message, "StartTime": at}
    detail = {
        "EndpointName": endpoint["EndpointName"],
        "EndpointArn": str(arn),
        "EndpointConfigName": endpoint["EndpointConfigName"],
        "ProductionVariants": variants,
        "EndpointStatus": _upper_snake(endpoint["EndpointStatus"]),
        "CreationTime": clock.epoch_milliseconds(endpoint["CreationTime"]),
        "LastModifiedTime": clock.epoch_milliseconds(endpoint["LastModifiedTime"]),
        "Tags": {},
        "PendingDeploymentSummary": {
            "EndpointConfigName": arrives,
            "StartTime": at,
            "ProductionVariants": [{**one, "VariantStatus": [said]} for one in variants],
        },
    }
    _tell(arn, "SageMaker Endpoint Deployment State Change", detail)


def _tell(arn: ResourceArn, kind: str, detail: dict[str, Any], time: str = "") -> None:
    """Tell the owner's bus. The time is in the usual form where the kind has none of its own."""
    entry = {
        "account": arn.account,
        "region": arn.region,
        "source": "aws.sagemaker",
        "detail-type": kind,
        "resources": [str(arn)],
        "time": time or clock.iso(clock.now()),
        "detail": detail,
    }
    wiring().events.emit(entry, str(arn))


def _upper_snake(status: str) -> str:
    """Return `IN_SERVICE` for `InService`."""
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in status).strip("_").upper()


def _isoformatted(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.iso(value)
    if isinstance(value, dict):
        return {key: _isoformatted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_isoformatted(item) for item in value]
    return value


def _lower_camel(value: Any) -> Any:
    """Return request or response members as CloudTrail writes them; the keys of maps are left as given."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: item if key in MAPS else _lower_camel(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_lower_camel(item) for item in value]
    return clock.iso(value) if isinstance(value, datetime) else value
