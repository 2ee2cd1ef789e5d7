"""Files of localization: XLIFF 1.2 and 2.x."""

from collections.abc import Iterator

from nmt.errors import DataError
from nmt.text.formats.reader import OneFile, Pair
from nmt.text.formats.xml import Segment, Units, pairs
from nmt.text.languages import fit

UNITS = ("trans-unit", "segment")  # of XLIFF 1 and 2
UNDONE = ("new", "needs-translation")  # states of a target that is not yet one
MANY = 20  # pairs of languages that are remembered for a complaint


class Xliff(OneFile):
    """A `.xlf` or `.xliff`: the units that have a translation, from either of its languages into the other.

    Units that are not to be translated are skipped, and so are parts in other languages than those asked for.
    """

    ENDINGS = (".xlf", ".xliff")

    def read(self) -> Iterator[Pair]:
        return pairs(_LocalizationUnits(self), self.skip)


class _LocalizationUnits(Units):
    root = "xliff"

    def __init__(self, reader: Xliff) -> None:
        super().__init__(reader.path)
        self._reader = reader
        self._open: list[str] = []  # the elements around
        self._line = 0
        self._sides: dict[str, str] | None = None  # of the unit that is open
        self._state, self._locked = "", False
        self._turned: bool | None = False  # None where the languages are others
        self._languages: dict[str, None] = {}
        self._fits = False

    def begin(self, name: str, attributes: dict[str, str], line: int) -> None:
        around = self._open[-1] if self._open else ""
        self._open.append(name)
        if name == self.root and ("srcLang" in attributes or "trgLang" in attributes):
            self._set_languages(attributes.get("srcLang", ""), attributes.get("trgLang", ""))
        elif name == "file" and ("source-language" in attributes or "target-language" in attributes):
            self._set_languages(attributes.get("source-language", ""), attributes.get("target-language", ""))
        elif name == "unit":
            self._locked = attributes.get("translate") == "no"
        elif name in UNITS:
            self._line, self._sides, self._state = line, {}, ""
            self._locked = attributes.get("translate") == "no" or (name == "segment" and self._locked)
        elif name in ("source", "target") and around in UNITS and self._sides is not None:
            self.segment = Segment()
            self._state = attributes.get("state", "") if name == "target" else self._state

    def finish(self, name: str, segment: Segment | None) -> None:
        self._open.pop()
        if segment is not None and self._sides is not None:
            self._sides.setdefault(name, str(segment))
        elif name in UNITS and self._sides is not None:
            sides, self._sides = self._sides, None
            self._pair(sides.get("source", ""), sides.get("target", ""))

    def _pair(self, source: str, target: str) -> None:
        origin = f"{self.path}:{self._line}"
        if self._turned is None:
            self.ready.append(("in other languages", origin))
        elif self._locked:
            self.ready.append(("not to be translated", origin))
        elif not target or self._state in UNDONE:
            self.ready.append(("untranslated", origin))
        else:
            self.ready.append(Pair(target, source, origin) if self._turned else Pair(source, target, origin))

    def _set_languages(self, source: str, target: str) -> None:
        asked = (self._reader.source, self._reader.target)
        ways = {False: (source, target), True: (target, source)}
        fitting = [turned for turned, way in ways.items() if all(map(_may_be, asked, way))]
        self._turned = fitting[0] if fitting else None
        self._fits = self._fits or bool(fitting)
        if len(self._languages) < MANY:
            self._languages[f"from {source or '?'} to {target or '?'}"] = None

    def close(self) -> None:
        if self._languages and not self._fits:
            raise DataError(
                f"{self.path}: is {'; '.join(self._languages)}, not from {self._reader.source or '?'} to "
                f"{self._reader.target or '?'}. Check --source and --target."
            )


def _may_be(asked: str, there: str) -> bool:
    return not asked or not there or fit(asked, there) > 0
