"""What events cost in calls to AWS, counted at the botocore client: the one place where these numbers stand."""

from collections import defaultdict

from tests.aws.rehearsal import Rehearsal

CALLS = {
    ("SyncModelVersion", "SageMaker Model Package State Change"): {3, 5},  # a late one reads facts and rows
    ("SyncModelVersion", "AWS API Call via CloudTrail"): {1},
    ("RelayChanges", ""): {1, 2},  # an entry may announce nothing; either way it is noted
    ("SyncModelGroup", "ModelVersionRegistered"): {
        4,
        12,
    },  # the group is known, and under what is in force; or new and with it its policy: an audited deed
    ("SyncModelGroup", "DeploymentSucceeded"): {2, 4, 5},  # the first that serves; one is superseded; two are looked at
    ("SyncModelGroup", "MetricsRecorded"): {1, 2},  # what was measured of the version that serves is noted
    ("RollUpUseCase", "ModelRiskChanged"): {2},  # of a group that belongs to no use case, here as below
    ("RollUpUseCase", "ModelStageApproved"): {3},  # how the group stands has changed: is it still nobody's
    ("RollUpUseCase", "ModelStageRejected"): {2, 3},
    ("RollUpUseCase", "DeploymentRequested"): {1, 2},  # of the same entry as the approval, which came before
    ("RollUpUseCase", "DeploymentSucceeded"): {2},
    ("RollUpUseCase", "DeploymentFailed"): {2},
    ("RollUpUseCase", "ModelSuperseded"): {2},
    ("RollUpUseCase", "ModelRolledBack"): {2, 3},
    ("CopyArtifacts", "plan"): {3},  # the record, the claim, and the registry of its image
    ("CopyArtifacts", "copy"): {3, 4},  # bytes that another version had sealed are looked at
    ("CopyArtifacts", "seal"): {2},
    ("CopyArtifacts", "fail"): {4},  # the claim, and uploads that it may have opened, are looked for
    ("RetainArtifacts", "ArtifactsSealed"): {1},  # nothing is due and nobody holds it
    ("RetainArtifacts", "DeploymentSucceeded"): {7},
    ("StartDeployment", "DeploymentRequested"): {4, 9, 10},  # waits for its turn, is started, returns
    ("StartDeployment", "DeploymentSucceeded"): {4, 15},  # nobody waits, or the next is started
    ("StartDeployment", "DeploymentFailed"): {4},
    ("StartDeployment", "ModelRolledBack"): {4},
    ("RollBack", "RollbackRequested"): {2, 8},  # stops, or lets the only other version return
    ("RollBack", "DeploymentSucceeded"): {1, 8},  # nothing is taken back, or it has been
    ("RollBack", "DeploymentFailed"): {1, 7},  # likewise
    ("VerifyDeployment", ""): {2, 10},  # refused at the claim, or let through
    ("TrackDeployment", "CodePipeline Pipeline Execution State Change"): {
        2,
        3,
        5,
    },  # known, news, late news with a reason
    ("TrackDeployment", "SageMaker Endpoint State Change"): {4},  # what failed there is looked for first
    ("ValidateDeployment", ""): {7},
    ("RecordMetrics", "ModelValidationCompleted"): {2},
    ("RecordMetrics", "ModelMetricsReported"): {2},
}
"""Calls of one delivery, by function and by what it is told, over the whole life of four versions."""


def test_every_delivery_of_a_whole_life_costs_what_the_table_says(lived: Rehearsal):
    counted = defaultdict(set)
    for scene in lived.scenes:
        event = scene.delivery.event
        about = event.get("detail-type") or event.get("task") or ""
        counted[scene.delivery.function, about].add(len(scene.calls))
    assert dict(counted) == CALLS


def test_sealing_costs_four_calls_one_for_each_image_and_three_for_each_artifact(lived: Rehearsal):
    first = [scene for scene in lived.of("CopyArtifacts") if scene.step == 0]
    assert sum(len(scene.calls) for scene in first) == 4 + 1 + 3 * 1
