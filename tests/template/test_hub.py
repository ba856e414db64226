"""What stays true of template.yaml, whatever is added to it."""

import importlib
import json
import pkgutil
import re

import pytest

from governance import adapters
from governance.adapters.rows import Row
from governance.domain import commands, events
from governance.settings import Settings
from tests.template.policies import allows, functions, role_of, role_statements
from tests.template.translation import HUB, REGION, ROOT, hub, source

FUNCTIONS = sorted(functions())
RULES = hub(subscriber=True).of_type("AWS::Events::Rule")
ON_GOVERNANCE_BUS = sorted(
    name for name, rule in RULES.items() if rule.get("EventBusName") == hub().name("GovernanceBus")
)


def test_there_is_one_function_for_each_folder():
    folders = {folder.parent.name for folder in (ROOT / "functions").glob("*/app.py")}
    written = source("template.yaml")["Resources"].values()
    declared = {
        one["Properties"]["CodeUri"].strip("/").split("/")[-1]
        for one in written
        if one["Type"] == "AWS::Serverless::Function"
    }
    assert declared == folders


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_named_after_its_folder(function):
    folder = functions()[function]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    assert functions()[function]["FunctionName"] == "steward-" + folder.replace("_", "-")
    assert function == "".join(word.capitalize() for word in folder.split("_"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_a_role_of_its_own(function):
    sharing = [other for other in FUNCTIONS if role_of(other) == role_of(function)]
    assert sharing == [function]
    assert hub().name(role_of(function)) == functions()[function]["FunctionName"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_writes_to_a_log_that_ends(function):
    group = functions()[function]["LoggingConfig"]["LogGroup"]
    (log,) = [one for one in hub().of_type("AWS::Logs::LogGroup").values() if one["LogGroupName"] == group]
    assert group == "/aws/lambda/" + functions()[function]["FunctionName"]
    assert log["RetentionInDays"] > 0
    assert log["KmsKeyId"] == hub().arn("OperationsKey")


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_an_alarm_watches_a_functions_errors_and_throttles(function, metric):
    name = functions()[function]["FunctionName"]
    watching = [
        alarm
        for alarm in hub(subscriber=True).of_type("AWS::CloudWatch::Alarm").values()
        if (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", metric)
        and alarm["Dimensions"] == [{"Name": "FunctionName", "Value": name}]
    ]
    assert len(watching) == 1
    assert watching[0]["AlarmActions"], "nobody hears it"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_a_function_cannot_handle_is_kept(function):
    name = functions()[function]["FunctionName"]
    (config,) = [one for one in hub().of_type("AWS::Lambda::EventInvokeConfig").values() if one["FunctionName"] == name]
    assert config["MaximumRetryAttempts"] == 2
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == hub().arn("FailedEvents")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_traced_and_has_both_layers(function):
    assert functions()[function]["TracingConfig"] == {"Mode": "Active"}
    assert len(functions()[function]["Layers"]) == (3 if function == "CopyArtifacts" else 2)


READ_FROM_THE_STREAM = {"RelayChanges": ["AUDIT#"], "ArchiveAudit": ["AUDIT#", "FACT#"]}


@pytest.mark.parametrize("function", READ_FROM_THE_STREAM)
def test_the_stream_loses_nothing(function):
    mappings = hub().of_type("AWS::Lambda::EventSourceMapping").values()
    assert len(mappings) == len(READ_FROM_THE_STREAM)
    (mapping,) = [one for one in mappings if one["FunctionName"] == hub().name(function)]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["MaximumRetryAttempts"] > 0
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == hub().arn("StreamFailureBucket")
    (only,) = mapping["FilterCriteria"]["Filters"]
    prefixes = [{"prefix": prefix} for prefix in READ_FROM_THE_STREAM[function]]
    assert json.loads(only["Pattern"]) == {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": prefixes}}}}


@pytest.mark.parametrize("function", READ_FROM_THE_STREAM)
def test_an_alarm_watches_how_far_behind_the_stream_a_function_is(function):
    watched = [
        alarm["MetricName"]
        for alarm in hub().of_type("AWS::CloudWatch::Alarm").values()
        if alarm["Dimensions"] == [{"Name": "FunctionName", "Value": hub().name(function)}]
    ]
    assert "IteratorAge" in watched


@pytest.mark.parametrize("schedule", sorted(hub().of_type("AWS::Scheduler::Schedule")))
def test_a_schedule_tries_again_and_then_keeps_what_it_could_not_deliver(schedule):
    target = hub().of_type("AWS::Scheduler::Schedule")[schedule]["Target"]
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] > 0
    assert target["DeadLetterConfig"]["Arn"] == hub().arn("UndeliveredEvents")
    assert target["RoleArn"] == hub().arn("SchedulerRole")
    for action, resource in (
        ("lambda:InvokeFunction", target["Arn"]),
        ("sqs:SendMessage", hub().arn("UndeliveredEvents")),
    ):
        assert allows(role_statements("SchedulerRole"), action, resource)
    assert isinstance(json.loads(target["Input"]), dict)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_tries_again_and_then_keeps_what_it_could_not_deliver(rule):
    for target in RULES[rule]["Targets"]:
        assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
        assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] > 0
        assert target["DeadLetterConfig"]["Arn"] == hub().arn("UndeliveredEvents")


@pytest.mark.parametrize("rule", ON_GOVERNANCE_BUS)
def test_a_rule_on_the_governance_bus_names_events_that_steward_publishes(rule):
    assert RULES[rule]["EventPattern"]["source"] == [events.SOURCE]
    named = RULES[rule]["EventPattern"].get("detail-type", [])
    assert set(named) <= set(events.PUBLISHED)
    assert named or rule == "OnAnnouncement", "only the subscriber's rule takes everything"


def test_a_command_that_is_understood_has_a_rule_on_the_intake_bus():
    on_intake = [
        rule["EventPattern"].get("detail-type", [])
        for rule in hub().of_type("AWS::Events::Rule").values()
        if rule.get("EventBusName") == hub().name("IntakeBus")
    ]
    assert set(commands.COMMANDS) <= {name for names in on_intake for name in names}


def test_every_target_is_entered_with_permission():
    """A function by its permission, everything else by a role: EventBridge has neither by itself."""
    permissions = hub(subscriber=True).of_type("AWS::Lambda::Permission").values()
    allowed = {(one["FunctionName"], one["SourceArn"]) for one in permissions}
    for rule, properties in RULES.items():
        for target in properties["Targets"]:
            if target["Arn"].split(":")[2] == "lambda":
                name = target["Arn"].split(":")[-1]
                assert (name, hub(subscriber=True).arn(rule)) in allowed
            else:
                assert target["RoleArn"].startswith("arn:aws:iam::")


def test_every_queue_that_collects_failures_has_an_alarm():
    watched = {
        dimension["Value"]
        for alarm in hub().of_type("AWS::CloudWatch::Alarm").values()
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "QueueName"
    }
    assert watched == {queue["QueueName"] for queue in hub().of_type("AWS::SQS::Queue").values()}


def test_every_alarm_can_be_heard_and_says_what_to_do():
    for name, alarm in hub(subscriber=True).of_type("AWS::CloudWatch::Alarm").items():
        assert alarm["AlarmActions"] == [f"arn:aws:sns:{REGION}:{HUB}:alarms"], name
        waits_for_news = alarm["ComparisonOperator"] == "LessThanThreshold"
        assert alarm["TreatMissingData"] == ("breaching" if waits_for_news else "notBreaching"), name
        assert len(alarm["AlarmDescription"]) > 20, name


def test_the_state_machine_is_logged_without_what_it_carries_and_watched():
    (machine,) = hub().of_type("AWS::StepFunctions::StateMachine").values()
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
    watched = [one["MetricName"] for one in hub().of_type("AWS::CloudWatch::Alarm").values()]
    assert "ExecutionsFailed" in watched


def test_the_table_cannot_be_lost_read_or_deleted_by_mistake():
    (table,) = hub().of_type("AWS::DynamoDB::Table").values()
    assert table["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": hub().arn("TableKey"),
    }
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"] == "true"
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_the_tables_keys_and_indexes_are_the_public_contract():
    (table,) = hub().of_type("AWS::DynamoDB::Table").values()

    def keys(schema):
        return tuple(key["AttributeName"] for key in schema)

    assert keys(table["KeySchema"]) == ("pk", "sk")
    assert {index["IndexName"]: keys(index["KeySchema"]) for index in table["GlobalSecondaryIndexes"]} == {
        "by-use-case": ("gsi1pk", "gsi1sk"),
        "by-stage-and-status": ("gsi2pk", "gsi2sk"),
        "by-endpoint": ("gsi3pk", "gsi3sk"),
        "by-due-date": ("gsi4pk", "gsi4sk"),
    }
    kept = {index["IndexName"]: index["Projection"]["ProjectionType"] for index in table["GlobalSecondaryIndexes"]}
    assert kept.pop("by-due-date") == "KEYS_ONLY", "heads hold whole states, which nobody wants twice"
    assert set(kept.values()) == {"ALL"}


@pytest.mark.parametrize("bucket", ["ArtifactBucket", "AuditBucket"])
def test_what_is_sealed_or_archived_can_be_locked(bucket):
    assert hub().of_type("AWS::S3::Bucket")[bucket]["ObjectLockEnabled"] is True
    rules = hub().of_type("AWS::S3::Bucket")[bucket].get("LifecycleConfiguration", {}).get("Rules", [])
    assert {one.get("Prefix") for one in rules if "xpiration" in json.dumps(one)} <= {"work/"}


@pytest.mark.parametrize("bus", sorted(hub().of_type("AWS::Events::EventBus")))
def test_a_bus_is_encrypted_and_keeps_what_it_cannot_read(bus):
    properties = hub().of_type("AWS::Events::EventBus")[bus]
    assert properties["KmsKeyIdentifier"] == hub().arn("OperationsKey")
    assert properties["DeadLetterConfig"]["Arn"] == hub().arn("UndeliveredEvents")


def test_statements_on_buses_get_in_each_others_way_neither_in_an_account_nor_at_once():
    policies = source("template.yaml")["Resources"]
    policies = {name: one for name, one in policies.items() if one["Type"] == "AWS::Events::EventBusPolicy"}
    for policy in policies.values():
        assert "${Install}" in policy["Properties"]["StatementId"]["Fn::Sub"]
    intake = [name for name, one in policies.items() if one["Properties"]["EventBusName"] == {"Ref": "IntakeBus"}]
    assert [policies[name].get("DependsOn") for name in intake] == [None, *intake[:-1]]


def test_what_comes_in_can_be_replayed():
    (archive,) = hub().of_type("AWS::Events::Archive").values()
    assert archive["SourceArn"] == hub().arn("IntakeBus")
    assert "EventPattern" not in archive


@pytest.mark.parametrize("pipeline", ["TestPipeline", "ProdPipeline"])
def test_a_pipeline_verifies_before_it_deploys_and_validates_after(pipeline):
    properties = hub().of_type("AWS::CodePipeline::Pipeline")[pipeline]
    assert (properties["PipelineType"], properties["ExecutionMode"]) == ("V2", "PARALLEL")
    assert [stage["Name"] for stage in properties["Stages"]] == ["Source", "Verify", "Deploy", "Validate"]
    configurations = [stage["Actions"][0]["Configuration"] for stage in properties["Stages"]]
    assert configurations[0]["AllowOverrideForS3ObjectKey"] == "true"
    assert configurations[0]["PollForSourceChanges"] == "false"
    assert configurations[1]["FunctionName"] == hub().name("VerifyDeployment")
    assert configurations[3]["FunctionName"] == hub().name("ValidateDeployment")
    assert configurations[2]["ActionMode"] == "REPLACE_ON_FAILURE", "one failed creation would block its group for good"
    assert {variable["Name"] for variable in properties["Variables"]} == {
        "DeploymentId",
        "ModelPackageArn",
        "ModelGroup",
        "BundleKey",
        "StackName",
    }


@pytest.mark.parametrize(
    ("pipeline", "stage", "account"),
    [("TestPipeline", "test", "555566667777"), ("ProdPipeline", "production", "777788889999")],
)
def test_a_pipeline_deploys_into_its_own_account_and_says_its_own_stage(pipeline, stage, account):
    stages = hub().of_type("AWS::CodePipeline::Pipeline")[pipeline]["Stages"]
    deploy = stages[2]["Actions"][0]
    assert deploy["RoleArn"] == f"arn:aws:iam::{account}:role/steward-deployment"
    assert deploy["Configuration"]["RoleArn"] == f"arn:aws:iam::{account}:role/steward-cloudformation"
    for invoke in (stages[1], stages[3]):
        told = json.loads(invoke["Actions"][0]["Configuration"]["UserParameters"])
        assert told == {
            "execution_id": "#{codepipeline.PipelineExecutionId}",
            "deployment_id": "#{variables.DeploymentId}",
            "model_package_arn": "#{variables.ModelPackageArn}",
            "bundle_key": "#{variables.BundleKey}",
            "stage": stage,
        }


def test_the_environments_that_functions_know_are_the_pipelines():
    for name, function in functions().items():
        told = function["Environment"]["Variables"].get("ENVIRONMENTS")
        if told:
            known = {one["pipeline"]: one["account"] for one in json.loads(told)}
            assert known == {"steward-deploy-test": "555566667777", "steward-deploy-prod": "777788889999"}, name


def test_an_environment_variable_is_a_setting():
    known = {field.upper() for field in Settings.model_fields} | {
        "LOG_LEVEL",
        "POWERTOOLS_SERVICE_NAME",
        "POWERTOOLS_METRICS_NAMESPACE",
    }
    used = {name for function in functions().values() for name in function["Environment"]["Variables"]}
    assert used <= known
    assert {field.upper() for field in Settings.model_fields} <= used, "a setting that no function is given"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_expects_just_the_events_that_its_rules_bring(function):
    folder = functions()[function]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    handler = (ROOT / "functions" / folder / "app.py").read_text()
    brought = {
        name
        for rule in RULES.values()
        for name in rule["EventPattern"].get("detail-type", [])
        if any(target["Arn"] == hub().arn(function) for target in rule["Targets"])
    }
    assert bool(brought) == ("read(event, " in handler)
    for name in brought:
        assert f'"{name}"' in handler or "MEASURING" in handler, name


@pytest.mark.parametrize("layer", ["dependencies", "checksums"])
def test_the_layer_is_built_for_the_runtime_that_functions_have(layer):
    parameters = source("template.yaml")["Parameters"]
    makefile = (ROOT / "layers" / layer / "Makefile").read_text()
    (python,) = re.findall(r"^LAMBDA_PYTHON \?= (.+)$", makefile, re.MULTILINE)
    (platform,) = re.findall(r"^LAMBDA_PLATFORM \?= (.+)$", makefile, re.MULTILINE)
    assert parameters["Runtime"]["Default"] == f"python{python}"
    assert {"arm64": "aarch64", "x86_64": "x86_64"}[parameters["Architecture"]["Default"]] == platform.split("-")[0]


OF_THE_COMMAND_LINE = {"bootstrap_onboarding.py", "surroundings.py"}
"""Adapters that no function has: a laptop's boto3 knows every service."""


def test_no_function_has_what_is_for_the_command_line_alone():
    handlers = "".join(path.read_text() for path in (ROOT / "functions").glob("*/app.py"))
    assert "bootstrap_preflight" not in handlers
    assert "bootstrap_onboarding" not in handlers
    attic = (ROOT / "layers/governance/python/governance").glob("bootstrap*.py")
    users = {path.name for path in attic if "adapters.surroundings" in path.read_text()}
    assert users == {"bootstrap_preflight.py"}


def test_the_layer_ships_the_services_that_adapters_call():
    makefile = (ROOT / "layers/dependencies/Makefile").read_text()
    (shipped,) = re.findall(r"^AWS_SERVICES := (.+)$", makefile, re.MULTILINE)
    called = {"dynamodb"}
    for module in (ROOT / "layers/governance/python/governance").rglob("*.py"):
        if module.name in OF_THE_COMMAND_LINE:
            continue
        called |= set(re.findall(r"""(?:client|resource)\(\s*["']([a-z0-9-]+)["']""", module.read_text()))
    assert called <= set(shipped.split())


def test_a_sentence_of_why_stands_above_every_resource():
    lines = (ROOT / "template.yaml").read_text().splitlines()
    start = lines.index("Resources:")
    for number in range(start, lines.index("Outputs:")):
        if re.match(r"^  [A-Z]\w+:$", lines[number]):
            assert lines[number - 1].strip().startswith("# "), lines[number]


def test_of_all_items_only_parts_in_decisions_are_ever_taken_away():
    attribute = source("template.yaml")["Resources"]["GovernanceTable"]["Properties"]["TimeToLiveSpecification"][
        "AttributeName"
    ]
    every = {
        one
        for found in (
            importlib.import_module(f"governance.adapters.{one.name}")
            for one in pkgutil.iter_modules(adapters.__path__)
        )
        for one in vars(found).values()
        if isinstance(one, type) and issubclass(one, Row)
    }
    assert len(every) > 10
    assert {one.__name__ for one in every if attribute in one.get_attributes()} == {"DecisionRow"}
