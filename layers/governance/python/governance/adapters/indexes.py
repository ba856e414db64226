"""The governance table's indexes. Those of stage records hold all of them, the one by due date only keys."""

from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection


class ByUseCase(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """Versions of a use case."""

    class Meta:
        """Where it is."""

        index_name = "by-use-case"
        projection = AllProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class ByStageAndStatus(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """The officer's queue and the inventory, newest first, in 16 shards."""

    class Meta:
        """Where it is."""

        index_name = "by-stage-and-status"
        projection = AllProjection()

    gsi2pk = UnicodeAttribute(hash_key=True)
    gsi2sk = UnicodeAttribute(range_key=True)


class ByEndpoint(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """Versions that were deployed to an endpoint."""

    class Meta:
        """Where it is."""

        index_name = "by-endpoint"
        projection = AllProjection()

    gsi3pk = UnicodeAttribute(hash_key=True)
    gsi3sk = UnicodeAttribute(range_key=True)


class ByDueDate(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """Versions on which something is due, in 16 shards."""

    class Meta:
        """Where it is."""

        index_name = "by-due-date"
        projection = KeysOnlyProjection()

    gsi4pk = UnicodeAttribute(hash_key=True)
    gsi4sk = UnicodeAttribute(range_key=True)
