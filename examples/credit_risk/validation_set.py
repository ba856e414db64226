"""Bind a held-out validation set to a model group, as the group's owner: the model's author has no say in it.

`python -m examples.credit_risk.validation_set --cloud .local/cloud.json --group credit-risk --out DIR`
"""

import argparse
from pathlib import Path
from typing import Any, NamedTuple

from examples.cloud import Cloud
from examples.packing import sha256

from .data import TARGET, all_loans, as_csv, divided


class BoundSet(NamedTuple):
    """Where a group's validation set lies, and by which hash it is pinned."""

    uri: str
    sha256: str
    target: str


def bind(group_arn: str, content: bytes, target: str, bucket: str, s3: Any, sagemaker: Any) -> BoundSet:
    """Keep the rows in the hub under the name of their content, and pin them to the group by tags.

    Doing it again with the same rows changes nothing; other rows replace the binding, never the old file.
    """
    digest = sha256(content)
    key = f"validation/{group_arn.rsplit('/', 1)[-1]}/{digest}.csv"
    s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType="text/csv")
    bound = BoundSet(f"s3://{bucket}/{key}", digest, target)
    tags = {
        "steward:validation-set": bound.uri,
        "steward:validation-set-sha256": bound.sha256,
        "steward:validation-target": bound.target,
    }
    sagemaker.add_tags(ResourceArn=group_arn, Tags=[{"Key": name, "Value": value} for name, value in tags.items()])
    return bound


def main() -> None:
    """Hold the rows out of the data set, write them to a file, and bind them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cloud", type=Path, default=Path(".local/cloud.json"))
    parser.add_argument("--group", default="credit-risk")
    parser.add_argument("--out", type=Path, required=True, help="folder for held_out.csv")
    parser.add_argument("--as", dest="persona", default="model-owner")
    arguments = parser.parse_args()
    cloud = Cloud.load(arguments.cloud)
    content = as_csv(divided(all_loans()).held_out).encode("utf-8")
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "held_out.csv").write_bytes(content)
    bound = bind(
        cloud.group_arn(arguments.group),
        content,
        TARGET,
        cloud.output("ArtifactBucket"),
        cloud.client("s3", arguments.persona),
        cloud.client("sagemaker", arguments.persona),
    )
    print(f"{bound.uri} (sha256 {bound.sha256}, target {bound.target})")


if __name__ == "__main__":
    main()
