"""What is to be put right, as people write it: on the command line, or as a list in a file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from governance.domain.findings import Severity
from governance.domain.values import iso
from steward.failures import Exit, Failure
from steward.naming import moment_named

FIELDS = frozenset({"severity", "text", "check", "owner", "due"})
HOW = 'say it as "high: what is wrong", or as a list of severity, text, check, owner and due in a file'


def asked_for(
    said: Sequence[str] | None, file: Path | None, check: str, owner: str, due: str | None
) -> list[dict[str, Any]]:
    """Every finding that is meant. Fails if there is none, or one is not understood."""
    common = {"check": check, "owner": owner, "due": iso(moment) if (moment := moment_named(due)) else None}
    found = [{**common, **one} for one in [*map(spoken, said or ()), *(listed(file) if file else ())]]
    if not found:
        raise Failure(Exit.USAGE, "Nothing is said to be wrong", HOW)
    return [{name: value for name, value in one.items() if value not in ("", None)} for one in found]


def spoken(text: str) -> dict[str, Any]:
    """One finding from the command line."""
    severity, _, words = text.partition(":")
    return checked({"severity": severity.strip().casefold(), "text": words.strip()}, text)


def listed(file: Path) -> list[dict[str, Any]]:
    """The findings in a file."""
    try:
        read = yaml.safe_load(file.read_text())
    except (OSError, ValueError, yaml.YAMLError) as wrong:
        raise Failure(Exit.USAGE, f"{file} cannot be read: {wrong}", HOW) from wrong
    if not isinstance(read, list) or not all(isinstance(one, Mapping) for one in read):
        raise Failure(Exit.USAGE, f"{file} holds no list of findings", HOW)
    return [checked({str(name): plain(value) for name, value in one.items()}, str(dict(one))) for one in read]


def checked(finding: dict[str, Any], shown: str) -> dict[str, Any]:
    """A finding with everything that it needs and nothing else."""
    known = finding.get("severity") in set(Severity) and finding.get("text")
    if not known or finding.keys() - FIELDS:
        severities = ", ".join(Severity)
        raise Failure(Exit.USAGE, f"{shown} is no finding: its severity is one of {severities}", HOW)
    return finding


def plain(value: Any) -> Any:
    """A value as JSON has it: YAML reads dates as such."""
    return value.isoformat() if hasattr(value, "isoformat") else value
