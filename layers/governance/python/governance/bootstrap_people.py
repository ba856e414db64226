"""The part of the attic for what people ask functions to do: who they are, and what they decide about the record."""

from governance import bootstrap
from governance.adapters.clients import unsigned_client
from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.dynamodb_people import DynamoDbPeople
from governance.adapters.dynamodb_policies import DynamoDbPolicies
from governance.adapters.dynamodb_profiles import DynamoDbProfiles
from governance.adapters.dynamodb_roll_ups import DynamoDbSummaries
from governance.adapters.dynamodb_use_cases import DynamoDbUseCases
from governance.adapters.sts_identity import StsIdentity, prove
from governance.bootstrap import Clock, utc_now
from governance.domain.identifiers import account_of
from governance.services.deciding import Deciding
from governance.services.forgetting import Forgetting
from governance.services.judging import Judging
from governance.services.overseeing import Overseeing
from governance.services.policies import Rulebook
from governance.services.profiles import Profiling
from governance.services.rebuilding import Rebuilding
from governance.services.recalling import Recalling
from governance.services.tally import HubFindings
from governance.settings import Settings

__all__ = ["deciding", "hub_findings", "identity", "prove"]


def identity(settings: Settings | None = None, now: Clock = utc_now) -> StsIdentity:
    """Who gives a command to this function: somebody of its own account, who signed for it."""
    settings = settings or Settings.from_env()
    asked = settings.function_arn
    return StsIdentity(unsigned_client("sts"), account_of(asked), asked, now)


def deciding(settings: Settings | None = None, now: Clock = utc_now) -> Deciding:
    """Carry out people's decisions."""
    settings = settings or Settings.from_env()
    kept = bootstrap.table(settings)
    rows, record = bootstrap.rows_of(kept), bootstrap.ledger(kept)
    recording = bootstrap.recording(settings, record, now)
    policies = DynamoDbPolicies(kept, settings.install)
    return Deciding(
        ledger=record,
        recording=recording,
        rebuilding=Rebuilding(rows, now),
        forgetting=Forgetting(
            rows, DynamoDbPeople(kept, settings.install), DynamoDbJournal(kept), settings.install, now
        ),
        judging=Judging(record, recording),
        recalling=Recalling(record, recording),
        rulebook=Rulebook(policies, DynamoDbGroups(kept), settings.authority, settings.install),
        profiling=Profiling(
            DynamoDbProfiles(kept, settings.install), DynamoDbGroups(kept), policies, settings.authority
        ),
        overseeing=Overseeing(
            DynamoDbUseCases(kept, settings.install),
            DynamoDbSummaries(kept),
            DynamoDbGroups(kept),
            policies,
            settings.authority,
            settings.landscape,
        ),
    )


def hub_findings(settings: Settings, now: Clock = utc_now) -> HubFindings:
    """What is wrong that belongs to no version."""
    return HubFindings(DynamoDbJournal(bootstrap.table(settings)), f"HUB#{settings.install}", now)
