"""What is promised of the registry and of pipelines, kept by the fakes, the stand-ins and the local cloud alike."""

import pytest

from governance.adapters.codepipeline import CodePipelineJobs, CodePipelines
from governance.adapters.sagemaker_registry import SageMakerRegistry
from governance.domain.environment import Environment
from governance.domain.errors import GroupNotFound, PackageNotFound
from governance.domain.lifecycle import Stage
from tests import fakes
from tests.aws import standins
from tests.aws.resources import BUNDLES, client
from tests.aws.seam import Seam
from tests.builders import ADA, TEST, change, described, group_arn, package_arn
from tests.contract.local_backend import make_pipelines, use_local_cloud

KINDS = ("in memory", "stand-in", "local cloud")
ENVIRONMENT = Environment(stage=Stage.TEST, account=TEST, pipeline="steward-deploy-test")
VARIABLES = {"DeploymentId": "deploy-1", "ModelPackageArn": package_arn()}
MISSING = "bundles/missing.zip"


class Fake:
    """The fakes."""

    def __init__(self) -> None:
        self.registry, self.pipelines = fakes.InMemoryRegistry(), fakes.InMemoryPipelines()

    def registered(self) -> str:
        self.registry.packages[package_arn()] = described(change(0), ADA)
        return package_arn()

    def tagged(self, tags: dict[str, str]) -> str:
        self.registry.group_tags[group_arn()] = tags
        return group_arn()

    def deleted(self, group: str) -> None:
        self.registry.gone.add(group)

    def failed(self) -> str:
        execution = self.pipelines.start(ENVIRONMENT, "token", MISSING, VARIABLES)
        self.pipelines.end(execution, "Failed", "Bundle: there is no such object")
        return execution

    def has_deployed(self, execution: str) -> None:
        self.pipelines.deployed.add(execution)


class StandIn(Fake):
    """The adapters on stand-ins at the seam."""

    def __init__(self, seam: Seam) -> None:
        self.sagemaker, self.codepipeline = standins.Registry(), standins.Pipelines()
        seam.standins = {"sagemaker": self.sagemaker, "codepipeline": self.codepipeline}
        self.registry = SageMakerRegistry(client("sagemaker"))
        self.pipelines = CodePipelines(client("codepipeline"))

    def registered(self) -> str:
        told = described(change(0), ADA).model_dump(by_alias=True, exclude_none=True)
        self.sagemaker.packages[package_arn()] = told
        return package_arn()

    def tagged(self, tags: dict[str, str]) -> str:
        self.sagemaker.tags[group_arn()] = tags
        return group_arn()

    def deleted(self, group: str) -> None:
        self.sagemaker.gone.add(group)

    def failed(self) -> str:
        execution = self.pipelines.start(ENVIRONMENT, "token", MISSING, VARIABLES)
        self.codepipeline.executions[execution]["status"] = "Failed"
        self.codepipeline.reasons[execution] = "there is no such object"
        return execution

    def has_deployed(self, execution: str) -> None:
        self.codepipeline.executions[execution]["deployed"] = True


class LocalCloud(Fake):
    """The adapters on the local cloud's own registry and pipelines."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        use_local_cloud(monkeypatch)
        make_pipelines()
        self.sagemaker = client("sagemaker")
        self.registry = SageMakerRegistry(self.sagemaker)
        self.pipelines = CodePipelines(client("codepipeline"))

    def tagged(self, tags: dict[str, str]) -> str:
        told = [{"Key": key, "Value": value} for key, value in tags.items()]
        made = self.sagemaker.create_model_package_group(ModelPackageGroupName="pd", Tags=told)
        return str(made["ModelPackageGroupArn"])

    def deleted(self, group: str) -> None:
        self.sagemaker.delete_model_package_group(ModelPackageGroupName=group.rpartition("/")[2])

    def registered(self) -> str:
        self.sagemaker.create_model_package_group(ModelPackageGroupName="pd")
        container = {"Image": "repo/image:1", "ModelDataUrl": f"s3://{BUNDLES}/model.tar.gz"}
        specification = {"Containers": [container], "SupportedContentTypes": ["text/csv"]}
        made = self.sagemaker.create_model_package(
            ModelPackageGroupName="pd",
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={**specification, "SupportedResponseMIMETypes": ["text/csv"]},
        )
        return str(made["ModelPackageArn"])

    def failed(self) -> str:
        return self.pipelines.start(ENVIRONMENT, "token", MISSING, VARIABLES)


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Fake:
    if request.param == "in memory":
        return Fake()
    seam = request.getfixturevalue("seam")
    return StandIn(seam) if request.param == "stand-in" else LocalCloud(monkeypatch)


def test_a_package_is_described_as_it_was_registered(world):
    arn = world.registered()
    found = world.registry.describe(arn)
    assert (found.model_package_arn, found.model_approval_status) == (arn, "PendingManualApproval")
    assert len(found.containers) == 1
    assert found.created_by.person() is not None


def test_a_package_that_is_not_there_is_said_not_to_be(world):
    group, _, _ = world.registered().rpartition("/")
    with pytest.raises(PackageNotFound):
        world.registry.describe(f"{group}/99")


def test_a_groups_tags_are_all_read(world):
    tags = {f"steward:{number}": str(number) for number in range(30)}
    assert dict(world.registry.tags(world.tagged(tags))) == tags


def test_a_group_that_was_deleted_is_said_not_to_be(world):
    group = world.tagged({"steward:owner": "mary"})
    world.deleted(group)
    with pytest.raises(GroupNotFound):
        world.registry.tags(group)


def test_the_same_token_is_the_same_execution(world):
    first, again = (world.pipelines.start(ENVIRONMENT, "token", MISSING, VARIABLES) for _ in range(2))
    assert first == again
    assert world.pipelines.start(ENVIRONMENT, "another", MISSING, VARIABLES) != first


def test_an_execution_tells_what_it_was_started_with(world):
    execution = world.pipelines.start(ENVIRONMENT, "token", MISSING, VARIABLES)
    found = world.pipelines.get(ENVIRONMENT.pipeline, execution)
    assert (found.id, found.pipeline) == (execution, ENVIRONMENT.pipeline)
    assert found.variables.items() >= VARIABLES.items()


def test_a_failed_execution_tells_why(world):
    execution = world.failed()
    assert world.pipelines.get(ENVIRONMENT.pipeline, execution).status == "Failed"
    assert world.pipelines.failure(ENVIRONMENT.pipeline, execution)


@pytest.mark.parametrize("world", ["in memory", "stand-in"], indirect=True)
def test_an_execution_that_is_stopping_may_be_stopped_again(world):
    execution = world.pipelines.start(ENVIRONMENT, "token", MISSING, VARIABLES)
    for _ in range(2):
        world.pipelines.stop(ENVIRONMENT.pipeline, execution, "taken back")
    assert world.pipelines.get(ENVIRONMENT.pipeline, execution).status == "Stopping"


def test_stopping_what_has_ended_changes_nothing(world):
    execution = world.failed()
    world.pipelines.stop(ENVIRONMENT.pipeline, execution, "x" * 300)
    assert world.pipelines.get(ENVIRONMENT.pipeline, execution).status == "Failed"
    assert not world.pipelines.has_deployed(ENVIRONMENT.pipeline, execution)


@pytest.mark.parametrize("world", ["in memory", "stand-in"], indirect=True)
def test_an_execution_tells_whether_it_has_deployed(world):
    execution = world.pipelines.start(ENVIRONMENT, "token", MISSING, VARIABLES)
    assert not world.pipelines.has_deployed(ENVIRONMENT.pipeline, execution)
    world.has_deployed(execution)
    assert world.pipelines.has_deployed(ENVIRONMENT.pipeline, execution)


def test_a_job_takes_one_answer_and_a_second_changes_nothing(seam):
    codepipeline = standins.Pipelines()
    seam.standins = {"codepipeline": codepipeline}
    jobs = CodePipelineJobs(client("codepipeline"))
    jobs.succeed("job-1")
    jobs.succeed("job-1")
    jobs.fail("job-1", "too late")
    jobs.fail("job-2", "no")
    assert codepipeline.jobs == {"job-1": "Succeeded", "job-2": "Failed: no"}


def test_a_reason_is_cut_to_what_the_pipeline_takes(seam):
    codepipeline = standins.Pipelines()
    seam.standins = {"codepipeline": codepipeline}
    CodePipelineJobs(client("codepipeline")).fail("job-1", "x" * 6000)
    assert len(codepipeline.jobs["job-1"]) == len("Failed: ") + 5000
