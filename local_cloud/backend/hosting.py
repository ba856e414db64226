"""SageMaker hosting's API, and the runtime that invokes endpoints."""

from __future__ import annotations

import json
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.models import FakeEndpointConfig, sagemaker_backends
from moto.sagemakerruntime import urls as runtime_urls
from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from local_cloud.backend import clock
from local_cloud.backend.arns import ResourceArn
from local_cloud.backend.capture import Body
from local_cloud.backend.endpoints import Endpoint
from local_cloud.backend.errors import ValidationException
from local_cloud.backend.sagemaker import Backend, SageMakerApi
from local_cloud.backend.serving import Answer

KEPT_OF_CONFIG = ("ShadowProductionVariants", "ExplainerConfig", "VpcConfig", "ExecutionRoleArn", "MetricsConfig")


class HostingApi(SageMakerApi):
    """Operations on models, endpoint configurations and endpoints."""

    @property
    def backend(self) -> Backend:
        """The caller's backend."""
        backend = sagemaker_backends[self.current_account][self.region]
        assert isinstance(backend, Backend)
        return backend

    def create_model(self) -> ActionResult:
        """Keep a model under a name that is free."""
        params = self.given
        name = params["ModelName"]
        self._must_be_free("model", name, self.backend._models)
        if not params.get("PrimaryContainer") and not params.get("Containers"):
            raise ValidationException("Provide PrimaryContainer or Containers.")
        made = super().create_model()
        model = self.backend._models[name]
        model.enable_network_isolation = bool(params.get("EnableNetworkIsolation"))
        return made

    def create_endpoint_config(self) -> ActionResult:
        """Keep a configuration under a name that is free, with the members that moto drops."""
        params = self.given
        name = params["EndpointConfigName"]
        self._must_be_free("endpoint-config", name, self.backend.endpoint_configs)
        made = super().create_endpoint_config()
        config = self.backend.endpoint_configs[name]
        for member in KEPT_OF_CONFIG:
            if member in params:
                config.__dict__[member] = params[member]
        return made

    def create_endpoint(self) -> ActionResult:
        """Begin to bring up an endpoint."""
        params = self.given
        name, backend = params["EndpointName"], self.backend
        config = backend.describe_endpoint_config(params["EndpointConfigName"])
        arn = self._named("endpoint", name)
        with backend.lock:
            self._must_be_free("endpoint", name, backend.endpoints)
            endpoint = Endpoint(arn, config, params.get("Tags") or [])
            endpoint.last_deployment_config = params.get("DeploymentConfig")
            backend.endpoints[name] = endpoint
        endpoint.turn("Creating")
        endpoint.deploy(config)
        return ActionResult({"EndpointArn": str(arn)})

    def update_endpoint(self) -> ActionResult:
        """Begin to bring up another configuration, while the present one serves."""
        params = self.given
        endpoint = self._endpoint(params["EndpointName"])
        config = self.backend.describe_endpoint_config(params["EndpointConfigName"])
        with self.backend.lock:
            if endpoint.endpoint_status != "InService":
                arn = self._named("endpoint", params["EndpointName"])
                raise ValidationException(f'Cannot update in-progress endpoint "{arn}".')
            endpoint.failure_reason = None
            again = endpoint.last_deployment_config if params.get("RetainDeploymentConfig") else None
            endpoint.last_deployment_config = params.get("DeploymentConfig") or again
            endpoint.pending_deployment_summary = {
                "EndpointConfigName": config["EndpointConfigName"],
                "StartTime": clock.now(),
            }
            endpoint.turn("Updating")
        endpoint.deploy(config)
        return ActionResult({"EndpointArn": str(self._named("endpoint", params["EndpointName"]))})

    def describe_endpoint(self) -> ActionResult:
        """Return an endpoint, with the reason if it failed."""
        return ActionResult(self._endpoint(self.params["EndpointName"]).described())

    def delete_endpoint(self) -> EmptyResult:
        """Stop serving and forget."""
        endpoint = self._endpoint(self.params["EndpointName"])
        with self.backend.lock:
            endpoint.turn("Deleting")
            self.backend.endpoints.pop(self.params["EndpointName"], None)
        endpoint.stop()
        return EmptyResult()

    def _endpoint(self, name: str) -> Endpoint:
        endpoint = self.backend.endpoints.get(name)
        if not isinstance(endpoint, Endpoint):
            raise ValidationException(f'Could not find endpoint "{self._named("endpoint", name)}".')
        return endpoint

    def _named(self, kind: str, name: str) -> ResourceArn:
        return ResourceArn(self.region, self.current_account, kind, name)

    def _must_be_free(self, kind: str, name: str, taken: dict[str, Any]) -> None:
        if name in taken:
            words = kind.replace("endpoint-config", "endpoint configuration")
            raise ValidationException(f'Cannot create already existing {words} "{self._named(kind, name)}".')


class RuntimeResponse(SageMakerRuntimeResponse):
    """The SageMaker runtime's API."""

    use_raw_body = True

    def invoke_endpoint(self) -> TYPE_RESPONSE:
        """Ask the model, and return what it says in the forms of the API."""
        name = self.path.split("/")[2]
        endpoint = sagemaker_backends[self.current_account][self.region].endpoints.get(name)
        if not isinstance(endpoint, Endpoint):
            return _invalid(f"Endpoint {name} of account {self.current_account} not found.")
        variant = endpoint.choose(self.headers.get("X-Amzn-SageMaker-Target-Variant"))
        if variant is None:
            return _invalid(f"Endpoint {name} has no such variant in service.")
        content_type = self.headers.get("Content-Type") or "application/octet-stream"
        sent = (self.raw_body or b"", content_type, self.headers.get("Accept") or "")
        endpoint.copy(variant, *sent)
        answer = variant.ask(*sent)
        if answer.status != 200:
            return _model_error(name, self.region, self.current_account, answer)
        inference_id = self.headers.get("X-Amzn-SageMaker-Inference-Id") or ""
        endpoint.keep(variant, Body(*sent[:2]), Body(answer.body, answer.content_type), inference_id)
        headers = {"Content-Type": answer.content_type, "x-Amzn-Invoked-Production-Variant": variant.name}
        custom = self.headers.get("X-Amzn-SageMaker-Custom-Attributes")
        if custom:
            headers["X-Amzn-SageMaker-Custom-Attributes"] = custom
        return 200, headers, answer.body


def install() -> None:
    """Put these classes in moto's places, and accept instance types newer than moto's list."""
    FakeEndpointConfig.validate_instance_type = lambda *_: None  # type: ignore[method-assign]
    for path in runtime_urls.url_paths:
        runtime_urls.url_paths[path] = RuntimeResponse.dispatch


def _model_error(name: str, region: str, account: str, answer: Answer) -> TYPE_RESPONSE:
    status = answer.status
    kind = "client" if status < 500 else "server"
    logs = f"/aws/sagemaker/Endpoints/{name}"
    said = answer.body.decode(errors="replace")
    message = (
        f'Received {kind} error ({status}) from primary with message "{said}". '
        f"See https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={logs} "
        f"in account {account} for more information."
    )
    details = {
        "Message": message,
        "OriginalStatusCode": status,
        "OriginalMessage": said,
        "LogStreamArn": f"arn:aws:logs:{region}:{account}:log-group:{logs}",
    }
    return _error(424, "ModelError", details)


def _invalid(message: str) -> TYPE_RESPONSE:
    return _error(400, "ValidationError", {"Message": message})


def _error(status: int, code: str, body: dict[str, Any]) -> TYPE_RESPONSE:
    headers = {"status": status, "x-amzn-ErrorType": code, "Content-Type": "application/json"}
    return status, headers, json.dumps(body)
