"""Translation memories: TMX 1.1 to 1.4b."""

from collections.abc import Iterator

from nmt.errors import DataError
from nmt.text.formats.reader import OneFile, Pair
from nmt.text.formats.xml import Segment, Units, pairs
from nmt.text.languages import fit

MANY = 100  # languages that are remembered for a complaint


class TranslationMemory(OneFile):
    """A `.tmx`: of each unit the variants in the two languages; a unit that lacks one is skipped.

    `en` takes `en-US` too, but rather `en`, and of several the first.
    """

    ENDINGS = (".tmx",)

    def read(self) -> Iterator[Pair]:
        return pairs(_TranslationUnits(self), self.skip)


class _TranslationUnits(Units):
    root = "tmx"

    def __init__(self, reader: TranslationMemory) -> None:
        super().__init__(reader.path)
        self._reader = reader
        self._line, self._language = 0, ""
        self._variants: list[tuple[str, str]] | None = None  # languages and texts of the unit that is open
        self._languages: dict[str, None] = {}
        self._found = {reader.source: False, reader.target: False}

    def begin(self, name: str, attributes: dict[str, str], line: int) -> None:
        if name == "tu":
            self._line, self._variants = line, []
        elif name == "tuv":
            self._language = (attributes.get("xml:lang") or attributes.get("lang") or "").strip()
        elif name == "seg" and self._variants is not None:
            self.segment = Segment()

    def finish(self, name: str, segment: Segment | None) -> None:
        if self._variants is None:
            return
        if segment is not None:
            self._variants.append((self._language, str(segment)))
        elif name == "tuv":
            self._language = ""
        elif name == "tu":
            variants, self._variants = self._variants, None
            self._pair(variants)

    def _pair(self, variants: list[tuple[str, str]]) -> None:
        source, target = self._reader.source, self._reader.target
        if len(self._languages) < MANY:
            self._languages.update(dict.fromkeys(language for language, _ in variants if language))
        if not (source and target):
            raise DataError(
                f"{self.path}: which languages? Its first unit has {self._named()}. Pass --source and --target."
            )
        left, right = _choose(variants, source), _choose(variants, target)
        if left is not None and left == right:  # en and en-GB: what is exact keeps it
            if fit(source, variants[left][0]) < fit(target, variants[left][0]):
                left = _choose(variants, source, but=right)
            else:
                right = _choose(variants, target, but=left)
        origin = f"{self.path}:{self._line}"
        for language, place in ((source, left), (target, right)):
            self._found[language] |= place is not None
        if left is not None and right is not None:
            self.ready.append(Pair(variants[left][1], variants[right][1], origin))
        else:
            self.ready.append((f"without {source if left is None else target}", origin))

    def close(self) -> None:
        missing = [language for language, found in self._found.items() if not found]
        if missing and self._languages:
            raise DataError(
                f"{self.path}: holds no {' and no '.join(missing)}. There is {self._named()}: check --source and "
                "--target."
            )

    def _named(self) -> str:
        return ", ".join(sorted(self._languages)) or "no language"


def _choose(variants: list[tuple[str, str]], language: str, but: int | None = None) -> int | None:
    """The place of the first variant that fits a language best."""
    fits = [0 if place == but else fit(language, there) for place, (there, _) in enumerate(variants)]
    best = max(fits, default=0)
    return fits.index(best) if best else None
