"""The SageMaker API as one response class: what is validated, who calls, and where a resource lives."""

from __future__ import annotations

import threading
from typing import Any

from moto.sagemaker import urls
from moto.sagemaker.models import SageMakerModelBackend, sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse

from local_cloud.backend import sharing
from local_cloud.backend.arns import ResourceArn, resolve
from local_cloud.backend.caller import Caller
from local_cloud.backend.checked import CheckedResponse
from local_cloud.backend.errors import ValidationException
from local_cloud.backend.packages import MODEL


class Backend(SageMakerModelBackend):
    """SageMaker of one account and Region, with what idempotent requests have led to."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = threading.RLock()
        self.answers: dict[tuple[str, str], tuple[dict[str, Any], str]] = {}

    @property
    def _url_module(self) -> Any:
        return urls


class SageMakerApi(CheckedResponse, SageMakerResponse):
    """What every SageMaker operation shares."""

    shapes = MODEL
    params: dict[str, Any]

    @property
    def checked(self) -> dict[str, Any]:
        """All of them."""
        return self.params

    @property
    def caller(self) -> Caller:
        """Who sent this request."""
        return Caller.from_headers(self.headers, self.current_account)

    @property
    def given(self) -> dict[str, Any]:
        """The members that the request carries."""
        return {name: value for name, value in self.params.items() if value is not None}

    def arn(self, name_or_arn: str, kind: str) -> ResourceArn:
        """Return what is meant, once the caller is known to be allowed to use it."""
        arn = resolve(name_or_arn, kind, account=self.current_account, region=self.region)
        if arn.kind != kind:
            raise ValidationException(f"Invalid ARN: {name_or_arn} is not of a {kind}.")
        sharing.authorize(self.caller, self._get_action(), arn)
        return arn


def backend_of(arn: ResourceArn) -> Backend:
    """Return the backend of the account that owns the resource."""
    backend = sagemaker_backends[arn.account][arn.region]
    assert isinstance(backend, Backend)
    return backend


def page(items: list[Any], params: dict[str, Any]) -> tuple[list[Any], str | None]:
    """Return the asked-for page and the token of the next. Raises `ValidationException`."""
    token = params.get("NextToken") or "0"
    if not token.isdigit():
        raise ValidationException("Invalid pagination token.")
    start, size = int(token), params.get("MaxResults") or 100
    following = start + size
    return items[start:following], str(following) if following < len(items) else None
