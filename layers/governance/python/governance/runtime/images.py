"""Items of the table's stream that go to the archive, as the archive keeps them."""

from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from pydantic import ValidationError

from governance.domain.archive import Kept, KeptEntry, KeptFact
from governance.domain.errors import MalformedEvent


def kept(record: DynamoDBRecord) -> Kept:
    """The new audit entry or fact in a stream record. Raises `MalformedEvent` for a record of anything else."""
    image = record.dynamodb.new_image if record.dynamodb else None
    image = image or {}
    pk, sk = str(image.get("pk", "")), str(image.get("sk", ""))
    try:
        if sk.startswith("AUDIT#"):
            return KeptEntry(pk=pk, entry=image["entry"], hash=image["hash"], sequence=int(image["sequence"]))
        if sk.startswith("FACT#"):
            return KeptFact(pk=pk, content=image["content"], sort_key=sk)
    except (KeyError, ValidationError) as wrong:
        raise MalformedEvent(f"{pk} {sk} is not as an entry or a fact is") from wrong
    raise MalformedEvent("the stream record holds neither an audit entry nor a fact")
