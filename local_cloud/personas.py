"""The people of the local cloud: a role each, with the policies that the templates give that kind of person."""

import json
from collections.abc import Mapping
from typing import Any

from local_cloud.accounts import ACCOUNTS, PERSONAS, Persona
from local_cloud.clients import Clients

_TWELVE_HOURS = 43_200


def create_personas(clients: Clients, outputs: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Make every persona's role and take its credentials; `outputs` are the stacks' outputs by account name."""
    return {persona.name: _create(clients, persona, outputs[persona.account]) for persona in PERSONAS}


def _create(clients: Clients, persona: Persona, outputs: Mapping[str, str]) -> dict[str, str]:
    account = ACCOUNTS[persona.account]
    iam, sts = clients.root("iam", account), clients.root("sts", account)
    role = iam.create_role(
        RoleName=persona.role,
        AssumeRolePolicyDocument=json.dumps(_trust(account)),
        MaxSessionDuration=_TWELVE_HOURS,
        Description=f"Local cloud: {persona.person}",
    )["Role"]["Arn"]
    for policy in (persona.policy_output, *persona.beside):
        iam.attach_role_policy(RoleName=persona.role, PolicyArn=outputs[policy])
    session = sts.assume_role(RoleArn=role, RoleSessionName=persona.person, DurationSeconds=_TWELVE_HOURS)
    keys = session["Credentials"]
    return {
        "account": account,
        "access_key_id": keys["AccessKeyId"],
        "secret_access_key": keys["SecretAccessKey"],
        "session_token": keys["SessionToken"],
    }


def _trust(account: str) -> dict[str, Any]:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }
