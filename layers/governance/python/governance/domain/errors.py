"""One family of errors, named for what a user would understand; each carries the ids it is about."""


class GovernanceError(Exception):
    """The family of everything that Steward refuses or cannot do."""


class UnknownModelVersion(GovernanceError):
    """No record of this model version, so nothing can be said about it yet."""


class TooMuchUnderWay(GovernanceError):
    """So much is under way for a version that nothing more is taken in yet: to be delivered again later."""


class UnknownDeployment(GovernanceError):
    """No such deployment on the version's record."""


class UnknownRollback(GovernanceError):
    """No such rollback on the version's record."""


class StaleVersion(GovernanceError):
    """Somebody else wrote the record first. Nothing was saved; decide again on what is there now."""


class FactKnown(GovernanceError):
    """A fact of a change is on record already, so there is nothing to learn. Nothing was saved."""


class RecordDamaged(GovernanceError):
    """Facts of a record are damaged or gone, so that nobody can say what it should be: restore them first."""


class EndlessConclusion(GovernanceError):
    """The same conclusion follows from the state that it gives: a fault of the rules. Nothing was saved."""


class PackageNotFound(GovernanceError):
    """The registry has no such package."""


class UpdateRefused(GovernanceError):
    """The registry does not take an update, and never will as it stands; the message is its own."""


class RegistrationRefused(GovernanceError):
    """The registry does not take a version, and never will as it stands; the message is its own."""


class ImportNotAllowed(GovernanceError):
    """An event of a package that may not be imported: from an account that does not own it, or that nobody named."""


class GroupNotFound(GovernanceError):
    """The registry has no such model group."""


class StackBroken(GovernanceError):
    """CloudFormation did not do what it was asked for; the message is its reason."""


class NotItsProducer(GovernanceError):
    """An account tells something that only others may tell."""


class NoUseCase(GovernanceError):
    """A model group belongs to no use case, so that nothing can be put on record of one."""


class ListingLost(GovernanceError):
    """The token of a listing is no longer good: the listing begins again."""


class AccountUnreadable(GovernanceError):
    """Another account does not let the hub look: at its endpoints, or at its registry."""


class MalformedEvent(GovernanceError):
    """An event or command that does not have the shape it should have; the message names the fields."""


class ArtifactRefused(GovernanceError):
    """An artifact cannot be sealed: `code` is one of `RefusalCode`, `detail` says what was found."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class SealedObjectMissing(GovernanceError):
    """A sealed object version is not there any more; the message names it."""


class PartsMissing(GovernanceError):
    """An upload does not have all its parts, so nothing can be put together; the message names the key."""


class PaperMissing(GovernanceError):
    """A working paper of a sealing is not there: too old, or never written; the message names it."""


class QuotaUsedUp(GovernanceError):
    """A quota of AWS's keeps a pipeline from being started, and goes on to for as long as it is used up."""


class DeploymentRefused(GovernanceError):
    """The last gate refused a deployment; the message lists what no longer holds."""


class ClaimHeld(GovernanceError):
    """Another pipeline execution claimed this deployment."""


class ValidationImpossible(GovernanceError):
    """A version cannot be validated as things stand: the message says what is missing."""


class UnknownEnvironment(GovernanceError):
    """No environment is configured for a stage."""


class PublishingFailed(GovernanceError):
    """Some events of an entry did not reach the bus; the whole entry is announced again."""


class NotOfTheArchive(GovernanceError):
    """An object of the archive that nothing of ours wrote there so; the message names its key."""


class ArchiveDiffers(GovernanceError):
    """The archive holds other bytes under this key than belong there. Nothing was written."""


class DayNotOver(GovernanceError):
    """A day that may still get objects cannot be anchored."""


class NotRestorable(GovernanceError):
    """A table cannot be restored so; the message says why."""


class IdentityNotProven(GovernanceError):
    """Nobody proved that they ask for this; the message says what is wrong with the proof."""


class Refused(GovernanceError):
    """A command that is not carried out: `code` names the rule, `detail` says what to do next. Nothing was saved."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class DocumentRefused(GovernanceError):
    """A file that is no policy, or no profile: each line says where in it, which field, and what is wrong."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class ReportRefused(GovernanceError):
    """A report that cannot be read as evidence of its kind; the message says where and why."""


class DeadlinesMissed(GovernanceError):
    """What went by could not be noted on some records; the message names them. The others were seen to."""


class RetirementIncomplete(GovernanceError):
    """Something of a retired use case could not be retired; the message names each, with why. The rest was seen to."""


class EvidenceNotTaken(GovernanceError):
    """A document cannot be taken as evidence; the message says why."""
