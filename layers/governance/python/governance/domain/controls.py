"""The outside rules that gates speak to: laws, supervisory guidance and standards, with their sources and dates.

Data, not legal advice: a control is named so that evidence can be found under it. Dates of application are data too,
because they move; none of them decides anything here.
"""

from collections.abc import Iterator
from datetime import date

from pydantic import Field, model_validator

from governance.domain.meanings import alike
from governance.domain.policy_document import ControlId, PolicyDocument
from governance.domain.problems import Problem
from governance.domain.values import Value


class Source(Value):
    """Where a statement is from, and how sure it is: whether the text itself was read, or who else told of it."""

    text: str = Field(min_length=1)
    read: bool
    """Whether the primary text itself was read for this statement."""


class Application(Value):
    """From when something applies, to what, and who says so."""

    what: str = Field(min_length=1)
    since: date
    source: Source


class Control(Value):
    """One control of a framework: what it is called there, and what it is about in a few words of our own."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 .()-]*$")
    about: str = Field(min_length=1, max_length=300)


class Framework(Value):
    """A law, guidance or standard."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str = Field(min_length=1)
    note: str = ""
    sources: tuple[Source, ...] = Field(min_length=1)
    applies: tuple[Application, ...] = ()
    controls: tuple[Control, ...] = Field(min_length=1)


class Catalogue(Value):
    """Every framework that policies may refer to. No framework and no control of one stands in it twice."""

    frameworks: tuple[Framework, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def names_each_once(self) -> "Catalogue":
        """Refuse what is there twice."""
        ids = [framework.id for framework in self.frameworks]
        ids += [f"{framework.id}/{control.id}" for framework in self.frameworks for control in framework.controls]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"in the catalogue twice: {', '.join(twice)}")
        return self

    def ids(self) -> tuple[ControlId, ...]:
        """Every control as gates refer to it."""
        return tuple(f"{framework.id}/{control.id}" for framework in self.frameworks for control in framework.controls)


def unknown_controls(policy: PolicyDocument, catalogue: Catalogue) -> Iterator[Problem]:
    """Every reference of a gate to a control that the catalogue does not know."""
    known = catalogue.ids()
    for index, gate in enumerate(policy.gates):
        for position, control in enumerate(gate.controls):
            if control not in known:
                said = f"the catalogue has no control {control}{alike(control, known)}"
                yield Problem(path=("gates", index, "controls", position), said=said)
