"""Act in a cloud as one of its people, from the `cloud.json` that a running local cloud leaves behind."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 4},
    s3={"addressing_style": "path"},
)


@dataclass(frozen=True)
class Cloud:
    """The accounts, people and outputs of one installation. Nothing in it is specific to Steward's inside."""

    path: Path
    document: dict[str, Any]
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
    _people: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, path: Path) -> "Cloud":
        """Read `cloud.json`. Raises `FileNotFoundError` when no cloud is up."""
        return cls(path, json.loads(path.read_text(encoding="utf-8")))

    def client(self, service: str, who: str) -> Any:
        """A boto3 client that acts as a persona (`model-owner`) or as an account itself (`prod`)."""
        if (service, who) not in self._clients:
            keys = self._keys(who)
            session: Any = boto3.Session(
                aws_access_key_id=keys["access_key_id"],
                aws_secret_access_key=keys["secret_access_key"],
                aws_session_token=keys.get("session_token"),
                region_name=self.region,
            )
            self._clients[service, who] = session.client(
                service, endpoint_url=self.document["endpoint_url"], config=_CONFIG
            )
        return self._clients[service, who]

    def person(self, persona: str) -> str:
        """The name under which a persona shows up in AWS, for example `ada.lovelace`."""
        if persona not in self._people:
            self._people[persona] = self.client("sts", persona).get_caller_identity()["Arn"].rsplit("/", 1)[-1]
        return self._people[persona]

    def account(self, name: str) -> str:
        """The number of the account `hub`, `dev`, `test` or `prod`."""
        return str(self.document["accounts"][name])

    def output(self, name: str) -> str:
        """An output of the hub's stack."""
        return str(self.document["outputs"][name])

    def group_arn(self, group: str) -> str:
        """The ARN of a model group of the hub. Whoever registers from another account must use it."""
        return f"arn:aws:sagemaker:{self.region}:{self.account('hub')}:model-package-group/{group}"

    @property
    def region(self) -> str:
        """The region of all accounts."""
        return str(self.document["region"])

    @property
    def install(self) -> str:
        """The name of the installation; it begins every name that must be known across accounts."""
        return str(self.document["stack"])

    @cached_property
    def dev_bucket(self) -> str:
        """Where the data scientists of the dev account keep their artifacts."""
        return f"{self.install}-ml-artifacts-{self.account('dev')}-{self.region}"

    def _keys(self, who: str) -> dict[str, str]:
        found = self.document["personas"].get(who) or self.document["credentials"][who]
        return dict(found)
