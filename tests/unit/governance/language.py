"""The language of cases that are told in sentences: which sentences there are, and what each of them does."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Says = Callable[..., None]


@dataclass(frozen=True)
class Language:
    """Sentences, and what they do to the board that a case happens on. One that is not known fails its case."""

    words: Mapping[str, str]
    """What can stand in each place, as a regular expression."""
    understood: Callable[[str, str], Any]
    """What a word names, in its place."""
    sentences: list[tuple[re.Pattern[str], Says]] = field(default_factory=list)

    def says(self, *sentences: str) -> Callable[[Says], Says]:
        """The function does what these sentences say. In braces: the places, of which it is given what they name."""

        def keep(does: Says) -> Says:
            for sentence in sentences:
                self.sentences.append((re.compile(re.sub(r"\\\{(\w+)\\\}", self.place, re.escape(sentence))), does))
            return does

        return keep

    def place(self, found: re.Match[str]) -> str:
        return f"(?P<{found[1]}>{self.words[found[1]]})"

    def carry_out(self, board: Any, sentence: str) -> None:
        """Do what a sentence says, or see whether it is so."""
        for pattern, does in self.sentences:
            if found := pattern.fullmatch(sentence):
                does(board, **{name: self.understood(name, word) for name, word in found.groupdict().items()})
                return
        raise AssertionError(f"nobody knows what this means: {sentence}")
