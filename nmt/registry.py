"""Name -> part: the one extension mechanism.

    ATTENTION_SCORES = Registry("attention score", additive=Additive, dot=Dot)
    ATTENTION_SCORES["addtive"]
    # Unknown attention score 'addtive'. Did you mean 'additive'? Choices: additive, dot.

A newcomer writes one class and one line in the table of the same file.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from nmt.errors import ConfigError

Part = TypeVar("Part")


def nearest(name: str, choices: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the choice most like `name`, or nothing."""
    found = difflib.get_close_matches(name, list(choices), n=1, cutoff=0.5)
    return f" Did you mean '{found[0]}'?" if found else ""


class Registry(Mapping[str, Part]):
    """A table of parts of one kind, read-only."""

    def __init__(self, kind: str, **parts: Part) -> None:
        self.kind = kind
        self._parts = parts

    def __getitem__(self, name: str) -> Part:
        """Return the part called `name`.

        Raises:
            ConfigError: no such part; the message names the nearest and all choices.
        """
        if name not in self._parts:
            raise ConfigError(
                f"Unknown {self.kind} '{name}'.{nearest(name, self._parts)} Choices: {', '.join(self._parts)}."
            )
        return self._parts[name]

    def __contains__(self, name: object) -> bool:
        return name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)
