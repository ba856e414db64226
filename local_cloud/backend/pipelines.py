"""CodePipeline's API over executions that really run."""

from __future__ import annotations

import json
import threading
from copy import deepcopy
from typing import Any

from botocore.session import get_session
from moto.codepipeline import urls
from moto.codepipeline.exceptions import InvalidStructureException
from moto.codepipeline.models import CodePipeline, CodePipelineBackend, codepipeline_backends
from moto.codepipeline.responses import CodePipelineResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult

from local_cloud.backend import jobs, runner
from local_cloud.backend.caller import Caller
from local_cloud.backend.checked import CheckedResponse
from local_cloud.backend.errors import Refusal, ValidationException
from local_cloud.backend.executions import TERMINAL, Execution
from local_cloud.backend.pipeline_views import action_detail, pipeline_state, selected
from local_cloud.backend.sagemaker import page

MODEL = get_session().get_service_model("codepipeline")


class Pipeline(CodePipeline):
    """A pipeline with its running and past executions, and the tokens they were asked for with."""

    def __init__(self, account_id: str, region: str, pipeline: dict[str, Any]) -> None:
        super().__init__(account_id, region, pipeline)
        self.runs: dict[str, Execution] = {}
        self.tokens: dict[str, str] = {}
        self.lock = threading.Lock()


class Backend(CodePipelineBackend):
    """CodePipeline of one account and Region."""

    @property
    def _url_module(self) -> Any:
        return urls

    def create_pipeline(
        self, pipeline: dict[str, Any], tags: list[dict[str, str]]
    ) -> tuple[dict[str, Any], list[dict[str, str]]]:
        """Keep a pipeline; whether its role may be assumed shows when it runs, for roles live behind the door."""
        name = pipeline["name"]
        if name in self.pipelines:
            raise _failure("PipelineNameInUseException", f"A pipeline with the name '{name}' already exists.")
        if len(pipeline["stages"]) < 2:
            raise InvalidStructureException("Pipeline should have a minimum of 2 stages.")
        made = Pipeline(self.account_id, self.region_name, deepcopy(pipeline))
        made.validate_tags(tags or [])
        made.tags.update({tag["key"]: tag["value"] for tag in tags or []})
        self.pipelines[name] = made
        return made.pipeline, sorted(tags or [], key=lambda tag: tag["key"])

    def pipeline(self, name: str) -> Pipeline:
        """Return a pipeline. Raises `PipelineNotFoundException`."""
        found = self.pipelines.get(name)
        if not isinstance(found, Pipeline):
            message = f"Account '{self.account_id}' does not have a pipeline with name '{name}'"
            raise _failure("PipelineNotFoundException", message)
        return found

    def execution(self, name: str, execution_id: str) -> Execution:
        """Return an execution. Raises `PipelineExecutionNotFoundException`."""
        execution = self.pipeline(name).runs.get(execution_id)
        if execution is None:
            message = f"Pipeline '{name}' does not have an execution with id '{execution_id}'"
            raise _failure("PipelineExecutionNotFoundException", message)
        return execution


class Response(CheckedResponse, CodePipelineResponse):
    """CodePipeline's API."""

    shapes = MODEL

    @property
    def given(self) -> dict[str, Any]:
        """The members that the request carries."""
        loaded: dict[str, Any] = json.loads(self.body or "{}")
        return loaded

    @property
    def backend(self) -> Backend:
        """The caller's backend."""
        backend = codepipeline_backends[self.current_account][self.region]
        assert isinstance(backend, Backend)
        return backend

    @property
    def checked(self) -> dict[str, Any]:
        """All of them."""
        return self.given

    def start_pipeline_execution(self) -> ActionResult:  # type: ignore[override]
        """Start, once per token."""
        params = self.given
        pipeline = self.backend.pipeline(params["name"])
        token = params.get("clientRequestToken")
        with pipeline.lock:
            if token and token in pipeline.tokens:
                return ActionResult({"pipelineExecutionId": pipeline.tokens[token]})
            declared = deepcopy(pipeline.pipeline)
            variables = _variables(declared, params.get("variables", []))
            caller = Caller.from_headers(self.headers, self.current_account)
            execution = Execution(pipeline.metadata["pipelineArn"], declared, variables, caller.arn)
            execution.revisions = _revisions(declared, params.get("sourceRevisions", []))
            pipeline.runs[execution.id] = execution
            if token:
                pipeline.tokens[token] = execution.id
        runner.start(execution)
        return ActionResult({"pipelineExecutionId": execution.id})

    def get_pipeline_execution(self) -> ActionResult:  # type: ignore[override]
        """Return one execution, with its variables."""
        return ActionResult({"pipelineExecution": self._execution().described()})

    def list_pipeline_executions(self) -> ActionResult:  # type: ignore[override]
        """Return executions, newest first."""
        params = self.given
        runs = list(reversed(self.backend.pipeline(params["pipelineName"]).runs.values()))
        chosen, token = page([run.summarised() for run in runs], _paging(params))
        return ActionResult({"pipelineExecutionSummaries": chosen, "nextToken": token})

    def get_pipeline_state(self) -> ActionResult:
        """Return each stage's and action's latest attempt."""
        pipeline = self.backend.pipeline(self.given["name"])
        return ActionResult(pipeline_state(pipeline.pipeline, list(pipeline.runs.values()), pipeline))

    def list_action_executions(self) -> ActionResult:
        """Return attempts at actions, newest first."""
        params = self.given
        pipeline = self.backend.pipeline(params["pipelineName"])
        runs = list(pipeline.runs.values())
        wanted = (params.get("filter") or {}).get("pipelineExecutionId")
        if wanted:
            runs = [self.backend.execution(params["pipelineName"], wanted)]
        details = [action_detail(execution, run) for execution, run in selected(runs)]
        chosen, token = page(details, _paging(params))
        return ActionResult({"actionExecutionDetails": chosen, "nextToken": token})

    def stop_pipeline_execution(self) -> ActionResult:
        """Stop after the running actions, or without waiting for them."""
        params, execution = self.given, self._execution()
        with execution.lock:
            if execution.status in TERMINAL:
                message = f"Cannot stop the execution {execution.id} in status {execution.status}."
                raise _failure("PipelineExecutionNotStoppableException", message)
            if execution.status == "Stopping" and not params.get("abandon"):
                message = f"A stop request for {execution.id} has been made already."
                raise _failure("DuplicatedStopRequestException", message)
            runner.stop(execution, bool(params.get("abandon")), params.get("reason"))
        return ActionResult({"pipelineExecutionId": execution.id})

    def retry_stage_execution(self) -> ActionResult:
        """Try the failed stage of an execution again."""
        params, execution = self.given, self._execution()
        stage = params["stageName"]
        if stage not in [declared["name"] for declared in execution.pipeline["stages"]]:
            raise _failure("StageNotFoundException", f"There is no stage named {stage}.")
        with execution.lock:
            if execution.status not in ("Failed", "Stopped") or execution.stages.get(stage) == "Succeeded":
                message = f"The stage {stage} of {execution.id} is not in a state to be retried."
                raise _failure("StageNotRetryableException", message)
            runner.retry(execution, stage, whole=params["retryMode"] == "ALL_ACTIONS")
        return ActionResult({"pipelineExecutionId": execution.id})

    def put_job_success_result(self) -> EmptyResult:
        """Take a function's word that its job is done, or goes on."""
        job = self._job()
        self._report(job, jobs.succeeded(self.given, job))
        return EmptyResult()

    def put_job_failure_result(self) -> EmptyResult:
        """Take a function's word that its job has failed."""
        self._report(self._job(), jobs.failed(self.given))
        return EmptyResult()

    def _job(self) -> jobs.Job:
        job = jobs.find(self.given["jobId"], self.current_account)
        if job is None:
            raise _failure("JobNotFoundException", f"There is no job with id {self.given['jobId']}.")
        return job

    def _report(self, job: jobs.Job, outcome: jobs.Outcome) -> None:
        if not jobs.report(job, outcome):
            raise _failure("InvalidJobStateException", f"The job {job.id} is not in progress.")

    def _execution(self) -> Execution:
        return self.backend.execution(self.given["pipelineName"], self.given["pipelineExecutionId"])


def install() -> None:
    """Put these classes in moto's places."""
    codepipeline_backends.backend = Backend
    for path in urls.url_paths:
        urls.url_paths[path] = Response.dispatch


def _variables(pipeline: dict[str, Any], given: list[dict[str, str]]) -> dict[str, str]:
    """Return every declared variable's value. Raises `ValidationException` on a strange or missing one."""
    declared = {variable["name"]: variable.get("defaultValue") for variable in pipeline.get("variables", [])}
    values = {**declared, **{variable["name"]: variable["value"] for variable in given}}
    strange = sorted(set(values) - set(declared))
    if strange:
        raise ValidationException(f"Variables not declared in the pipeline: {', '.join(strange)}.")
    missing = sorted(name for name, value in values.items() if value is None)
    if missing:
        raise ValidationException(f"Variables without a default need a value: {', '.join(missing)}.")
    return {name: value for name, value in values.items() if value is not None}


def _revisions(pipeline: dict[str, Any], given: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return the overrides per source action. Raises `ValidationException` where one is not allowed."""
    actions = {action["name"]: action for stage in pipeline["stages"] for action in stage["actions"]}
    revisions: dict[str, dict[str, str]] = {}
    for revision in given:
        action = actions.get(revision["actionName"])
        if action is None or action["actionTypeId"]["category"] != "Source":
            raise ValidationException(f"There is no source action named {revision['actionName']}.")
        allowed = action.get("configuration", {}).get("AllowOverrideForS3ObjectKey") == "true"
        if revision["revisionType"] == "S3_OBJECT_KEY" and not allowed:
            raise ValidationException(f"{action['name']} does not allow the S3 object key to be overridden.")
        revisions.setdefault(action["name"], {})[revision["revisionType"]] = revision["revisionValue"]
    return revisions


def _paging(params: dict[str, Any]) -> dict[str, Any]:
    return {"NextToken": params.get("nextToken"), "MaxResults": params.get("maxResults")}


def _failure(code: str, message: str) -> ServiceException:
    return Refusal(code, message)
