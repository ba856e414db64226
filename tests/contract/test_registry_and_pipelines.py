"""What is promised of the registry and of pipelines, kept by the fakes, the stand-ins and the local cloud alike."""

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from governance.adapters.codepipeline import CodePipelineJobs, CodePipelines
from governance.adapters.sagemaker_registry import SageMakerRegistryWriter
from governance.domain.environment import Environment
from governance.domain.errors import GroupNotFound, PackageNotFound, QuotaUsedUp, UpdateRefused
from governance.domain.lifecycle import ApprovalStatus, LifeCycle, Stage
from governance.domain.registry_updates import RegistryUpdate
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
        self.registry = SageMakerRegistryWriter(client("sagemaker"))
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
        self.registry = SageMakerRegistryWriter(self.sagemaker)
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


APPROVES = RegistryUpdate(token="token-1", approval=ApprovalStatus.APPROVED, description="sound")
MOVES = RegistryUpdate(token="token-2", life_cycle=LifeCycle(stage="QA", status="Approved", description="measured"))


def test_what_is_written_is_shown_and_everything_else_stays(world):
    arn = world.registered()
    before = world.registry.describe(arn)
    world.registry.update(arn, APPROVES)
    world.registry.update(arn, MOVES)
    shown = world.registry.describe(arn)
    assert (shown.model_approval_status, shown.approval_description) == (ApprovalStatus.APPROVED, "sound")
    assert shown.life_cycle == MOVES.life_cycle
    assert shown.identity == before.identity
    assert shown.containers == before.containers
    assert shown.last_modified_by.person() is not None


def test_a_reason_may_be_written_beside_the_life_cycle(world):
    arn = world.registered()
    world.registry.update(arn, MOVES.model_copy(update={"description": "Steward: not approved"}))
    shown = world.registry.describe(arn)
    assert shown.approval_description == "Steward: not approved"
    assert shown.model_approval_status is ApprovalStatus.PENDING


def test_the_same_token_writes_once(world):
    arn = world.registered()
    world.registry.update(arn, APPROVES)
    rejects = RegistryUpdate(token="token-3", approval=ApprovalStatus.REJECTED, description="no")
    world.registry.update(arn, rejects)
    world.registry.update(arn, APPROVES)
    assert world.registry.describe(arn).model_approval_status is ApprovalStatus.REJECTED


def test_nothing_is_written_to_what_is_not_there(world):
    group, _, _ = world.registered().rpartition("/")
    with pytest.raises(PackageNotFound):
        world.registry.update(f"{group}/99", APPROVES)


def test_what_the_registry_does_not_take_is_refused_in_its_words(seam):
    sagemaker = standins.Registry()
    seam.standins = {"sagemaker": sagemaker}
    sagemaker.packages[package_arn()] = described(change(0), ADA).model_dump(by_alias=True, exclude_none=True)
    too_long = RegistryUpdate.model_construct(
        token="t", approval=ApprovalStatus.APPROVED, life_cycle=None, description="x" * 1025
    )
    with pytest.raises(UpdateRefused, match="1024"):
        SageMakerRegistryWriter(client("sagemaker")).update(package_arn(), too_long)


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


@pytest.mark.parametrize("code", ["ConcurrentPipelineExecutionsLimitExceededException", "LimitExceededException"])
def test_a_quota_that_is_used_up_is_told_in_aws_s_own_words(code):
    codepipeline = client("codepipeline")
    pipelines = CodePipelines(codepipeline)
    with Stubber(codepipeline) as stubbed:
        stubbed.add_client_error("start_pipeline_execution", code, "50 executions are running")
        with pytest.raises(QuotaUsedUp, match=f"{code}: 50 executions are running"):
            pipelines.start(ENVIRONMENT, "token", MISSING, VARIABLES)


def test_a_call_that_is_throttled_is_no_quota_and_is_left_to_the_event_s_own_retries():
    codepipeline = client("codepipeline")
    pipelines = CodePipelines(codepipeline)
    with Stubber(codepipeline) as stubbed:
        stubbed.add_client_error("start_pipeline_execution", "ThrottlingException", "slow down")
        with pytest.raises(ClientError, match="ThrottlingException"):
            pipelines.start(ENVIRONMENT, "token", MISSING, VARIABLES)


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
