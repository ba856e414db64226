"""Endpoints that come up, change, fail and serve, as real ones do."""

from __future__ import annotations

import logging
import random
import shutil
import threading
import time
import uuid
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException
from moto.sagemaker.models import FakeEndpoint

from local_cloud.backend import capture, clock, events, guardrails, serving
from local_cloud.backend.arns import ResourceArn
from local_cloud.backend.registry import shared_package
from local_cloud.backend.sagemaker import backend_of
from local_cloud.backend.serving import Answer, CannotServe, ModelProcess
from local_cloud.backend.wiring import wiring

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Variant:
    """A production variant: its share of the traffic, its role, and its containers, each fed by the one before."""

    name: str
    weight: float
    role: str
    containers: tuple[ModelProcess, ...]
    images: tuple[str, ...]

    def ask(self, body: bytes, content_type: str, accept: str) -> Answer:
        """Return the answer of the last container."""
        answer = Answer(200, body, content_type)
        for container in self.containers:
            if answer.status == 200:
                answer = container.ask(answer.body, answer.content_type, accept)
        return answer


class Endpoint(FakeEndpoint):
    """An endpoint that serves what its configuration named when it was deployed."""

    def __init__(self, arn: ResourceArn, config: dict[str, Any], tags: list[dict[str, str]]) -> None:
        super().__init__(
            account_id=arn.account,
            region_name=arn.region,
            endpoint_name=arn.name,
            endpoint_config_name=config["EndpointConfigName"],
            production_variants=config["ProductionVariants"],
            data_capture_config=config.get("DataCaptureConfig") or {},
            tags=list(tags),
        )
        self.production_variants = _described(self.production_variants, config)
        self.creation_time = self.last_modified_time = clock.now()
        self.endpoint_status = "Creating"
        self.failure_reason: str | None = None  # type: ignore[assignment]
        self.last_deployment_config: dict[str, Any] | None = None
        self.pending_deployment_summary: dict[str, Any] | None = None
        self._arn = arn
        self._serving: tuple[Variant, ...] = ()
        self._arriving: tuple[Variant, ...] = ()
        self._shadows: tuple[Variant, ...] = ()
        self._share = 0.0

    @classmethod
    def is_created(cls, *_: Any) -> bool:
        """Tell moto's CloudFormation, which is not used here, that there is nothing to wait for."""
        return True

    def described(self) -> dict[str, Any]:
        """Return what DescribeEndpoint answers."""
        hidden = ("Arn", "Serving", "Arriving", "Shadows", "Share", "DataCaptureConfig", "_")
        response = {
            key: value
            for key, value in self.gen_response_object().items()
            if value is not None and key not in hidden and not key.startswith("_")
        }
        if self.data_capture_config:
            capture = self.data_capture_config
            response["DataCaptureConfig"] = {
                "EnableCapture": capture.get("EnableCapture", True),
                "CaptureStatus": "Started",
                "CurrentSamplingPercentage": capture.get("InitialSamplingPercentage", 100),
                "DestinationS3Uri": capture.get("DestinationS3Uri", ""),
            }
        if self._shadows:
            weights = ("CurrentWeight", "DesiredWeight")
            response["ShadowProductionVariants"] = [
                {"VariantName": shadow.name, **dict.fromkeys(weights, shadow.weight)} for shadow in self._shadows
            ]
        return {**response, "EndpointArn": str(self._arn)}

    def turn(self, status: str) -> None:
        """Take on a status and announce it."""
        self.endpoint_status, self.last_modified_time = status, clock.now()
        events.endpoint_changed(self._arn, deepcopy(self.described()))

    def deploy(self, config: dict[str, Any]) -> None:
        """Bring up a configuration off the caller's thread; what serves now goes on until it has taken over."""
        threading.Thread(target=self._deploy, args=(config,), daemon=True, name=self.endpoint_name).start()

    def choose(self, target: str | None) -> Variant | None:
        """Return the variant asked for, or one by weight; None where there is none."""
        variants = self._arriving if random.random() < self._share else self._serving
        if target:
            return next((variant for variant in variants if variant.name == target), None)
        weights = [variant.weight for variant in variants]
        return random.choices(variants, weights)[0] if variants and any(weights) else None

    def copy(self, to: Variant, body: bytes, content_type: str, accept: str) -> None:
        """Let the shadows have their share of the copies: their weight against that of the variant that answers.

        Nobody waits for what they say, and nobody gets it.
        """
        for shadow in self._shadows:
            if random.random() * to.weight < shadow.weight:
                asked = (body, content_type, accept)
                threading.Thread(target=shadow.ask, args=asked, daemon=True, name=f"{shadow.name} copy").start()

    def keep(self, of: Variant, asked: capture.Body, told: capture.Body, inference_id: str) -> None:
        """Capture what a variant was asked and answered, if the configuration has it captured."""
        capture.keep(self._arn, self.data_capture_config, of.role, of.name, asked, told, inference_id)

    def stop(self) -> None:
        """Serve no more."""
        before, self._serving, shadows, self._shadows = self._serving, (), self._shadows, ()
        _stop((*before, *shadows))
        self._share = 0.0

    def _deploy(self, config: dict[str, Any]) -> None:
        variants: tuple[Variant, ...] = ()
        try:
            variants = _started(self._arn, config)
            shadows = _started(self._arn, config, "ShadowProductionVariants")
        except (CannotServe, ServiceException) as failure:
            _stop(variants)
            return self._failed(str(failure.message if isinstance(failure, ServiceException) else failure))
        if tripped := self._watched(variants, config["EndpointConfigName"]):
            self._share = 0.0
            self._tell(config["EndpointConfigName"], "Deleting", "Terminating the new fleet.")
            _stop((*variants, *shadows))
            return self._failed(f"The deployment was rolled back: in ALARM while it was watched: {', '.join(tripped)}.")
        if self.endpoint_status == "Deleting":
            return _stop((*variants, *shadows))
        before = (*self._serving, *self._shadows)
        self._serving, self._shadows = variants, shadows
        self._share = 0.0
        self.endpoint_config_name = config["EndpointConfigName"]
        self.production_variants = _described(self._process_production_variants(config["ProductionVariants"]), config)
        for described, variant in zip(self.production_variants, variants, strict=True):
            described["DeployedImages"] = [_deployed(image) for image in variant.images]
        self.data_capture_config = config.get("DataCaptureConfig") or {}
        self.failure_reason = self.pending_deployment_summary = None
        self.turn("InService")
        return _stop(before)

    def _tell(self, arrives: str, status: str, message: str) -> None:
        """Announce what happens to the fleet that comes."""
        events.deployment_changed(self._arn, deepcopy(self.described()), arrives, status, message)

    def _watched(self, variants: tuple[Variant, ...], arrives: str) -> list[str]:
        """Move the traffic as the deployment policy says; return the alarms that sent it back, if any did.

        The first fleet of an endpoint has none to go back to, and is not watched.
        """
        policy = self.last_deployment_config
        if not self._serving or not policy:
            return []
        self._arriving = variants
        for phase in guardrails.phases(policy, int(self.production_variants[0].get("DesiredInstanceCount") or 1)):
            if phase.share != self._share:
                self._share = phase.share
                self._tell(arrives, "ActivatingTraffic", f"Activating traffic on {phase.share:.0%} of the capacity.")
            if phase.seconds:
                self._tell(arrives, "Baking", f"Baking for {phase.seconds:g} seconds with traffic enabled.")
            until = time.monotonic() + phase.seconds
            while self.endpoint_status != "Deleting":
                if tripped := guardrails.alarmed(self._arn, policy):
                    return tripped
                if time.monotonic() >= until:
                    break
                time.sleep(guardrails.POLL_SECONDS)
        return []

    def _failed(self, reason: str) -> None:
        """Fail, or go back to what still serves; either way say why."""
        logger.warning("endpoint %s: %s", self.endpoint_name, reason)
        self.failure_reason = reason
        self.pending_deployment_summary = None
        if self.endpoint_status == "Deleting":
            return
        if self._serving:
            self.turn("RollingBack")
        self.turn("InService" if self._serving else "Failed")


def _started(arn: ResourceArn, config: dict[str, Any], of: str = "ProductionVariants") -> tuple[Variant, ...]:
    """Bring up every variant. Raises `CannotServe`, and then leaves none running."""
    variants: list[Variant] = []
    try:
        for declared in config.get(of) or ():
            weight = float(declared.get("InitialVariantWeight", 1.0))
            wanted = containers_wanted(arn, declared["ModelName"])
            containers = brought_up(arn, *wanted)
            images = tuple(container["Image"] for container in wanted[1] if container.get("Image"))
            variants.append(Variant(declared["VariantName"], weight, wanted[0], containers, images))
    except (CannotServe, ServiceException):
        _stop(tuple(variants))
        raise
    return tuple(variants)


def containers_wanted(arn: ResourceArn, model_name: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the execution role and the containers of a model."""
    model = backend_of(arn)._models.get(model_name)
    if model is None:
        raise CannotServe(f'Could not find model "{model_name}".')
    declared = model.containers or [model.primary_container]
    return model.execution_role_arn, [_resolved(arn, container) for container in declared]


def brought_up(arn: ResourceArn, role: str, wanted: list[dict[str, Any]]) -> tuple[ModelProcess, ...]:
    """Start each container, or none. Raises `CannotServe`."""
    processes: list[ModelProcess] = []
    folder = wiring().state / "endpoints" / arn.account / arn.name / uuid.uuid4().hex[:8]
    try:
        for number, container in enumerate(wanted):
            processes.append(serving.start(arn, container, role, folder / str(number)))
    except CannotServe:
        for process in processes:
            process.stop()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return tuple(processes)


def _resolved(arn: ResourceArn, container: dict[str, Any]) -> dict[str, Any]:
    """Return the container, with what its model package says where it names one."""
    if not container.get("ModelPackageName"):
        return container
    package = shared_package(arn.account, container["ModelPackageName"], arn.region)
    if package.model_package_version and package.model_approval_status != "Approved":
        raise CannotServe(f"The model package {package.arn} is not approved.")
    return {**package.inference_specification["Containers"][0], **container}


def _described(variants: list[dict[str, Any]], config: dict[str, Any]) -> list[dict[str, Any]]:
    """Return variants with weights and counts, which default to one."""
    for variant, declared in zip(variants, config["ProductionVariants"], strict=True):
        weight = float(declared.get("InitialVariantWeight", 1.0))
        variant.update({"CurrentWeight": weight, "DesiredWeight": weight})
    return variants


def _deployed(image: str) -> dict[str, Any]:
    return {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": clock.now()}


def _stop(variants: tuple[Variant, ...]) -> None:
    for variant in variants:
        for container in variant.containers:
            container.stop()
