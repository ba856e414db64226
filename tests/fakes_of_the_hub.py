"""In-memory stand-ins for the ports that are about no version, held to the same contract tests as the adapters."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from governance.domain.audit import AuditEntry, Deed, Link, deed_entry
from governance.domain.values import Value, canonical


@dataclass
class InMemoryJournal:
    """`ports.Journal`."""

    entries: dict[str, list[AuditEntry]] = field(default_factory=dict)
    kept: dict[str, dict[str, str]] = field(default_factory=dict)

    def write(self, subject: str, deed: Deed, documents: Mapping[str, Value | None]) -> AuditEntry:
        chain = self.entries.setdefault(subject, [])
        link = Link(sequence=chain[-1].sequence, hash=chain[-1].hash) if chain else Link()
        chain.append(deed_entry(link, subject, deed))
        for key, document in documents.items():
            self.note(subject, key, document)
        return chain[-1]

    def write_once(self, subject: str, deed: Deed, key: str, document: Value) -> AuditEntry | None:
        return None if self.document(subject, key) is not None else self.write(subject, deed, {key: document})

    def replace(self, subject: str, key: str, seen: str | None, document: Value, deed: Deed) -> AuditEntry | None:
        return None if self.document(subject, key) != seen else self.write(subject, deed, {key: document})

    def document(self, subject: str, key: str) -> str | None:
        return self.kept.get(subject, {}).get(key)

    def documents(self, subject: str, prefix: str) -> Mapping[str, str]:
        return {key: text for key, text in self.kept.get(subject, {}).items() if key.startswith(prefix)}

    def note(self, subject: str, key: str, document: Value | None) -> None:
        kept = self.kept.setdefault(subject, {})
        if document is None:
            kept.pop(key, None)
        else:
            kept[key] = canonical(document.model_dump(mode="json"))


@dataclass
class InMemoryAcknowledgements:
    """`ports.Acknowledgements`."""

    kept: dict[str, int] = field(default_factory=dict)

    def acknowledge(self, subject: str, first: int, last: int) -> None:
        if first - 1 <= self.kept.get(subject, 0) < last:
            self.kept[subject] = last
