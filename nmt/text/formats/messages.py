"""Messages of a program and their translations: gettext's `.po`, through `polib`."""

import codecs
import gettext
import re
from collections.abc import Iterator
from typing import Any

from nmt.errors import DataError
from nmt.text.formats.reader import OneFile, Pair
from nmt.text.languages import fit
from nmt.text.lines import read_chunks

_CHARSET = re.compile(rb"Content-Type:[^\"\n]*?charset=([A-Za-z0-9_.:-]+)")
_QUOTED = re.compile(r'[^"]*"(?:[^"\\]|\\.)*"')  # one text in quotes, with nothing behind it
_PLACE = re.compile(r"\(line (\d+)\)(?:: (.+))?")
_SPACE = re.compile(r"[ \t\r\n]+")


class Messages(OneFile):
    """A `.po`: each message and its translation; of one with plurals the singular pair and every plural one.

    What is fuzzy, obsolete or untranslated is skipped. The language in its header may be that of either side.
    """

    ENDINGS = (".po",)

    def read(self) -> Iterator[Pair]:
        file = self._parse(self._text())
        turned = self._turned(file.metadata.get("Language", ""))
        singular = _singular(file.metadata.get("Plural-Forms", ""))
        for entry in file:
            origin = f"{self.corpus}:{entry.linenum}"
            if reason := _unfit(entry):
                self.skip(reason, origin)
            for source, target in () if reason else _pairs(entry, singular):
                yield Pair(*((target, source) if turned else (source, target)), origin)

    def _text(self) -> str:
        data = b"".join(read_chunks(self.path)).removeprefix(codecs.BOM_UTF8)
        found = _CHARSET.search(b"".join(data.split(b"msgid", 2)[1:2]))  # the first message is the header
        charset = found[1].decode("ascii") if found else "utf-8"
        charset = "utf-8" if charset == "CHARSET" else charset  # of a template that nobody filled in
        try:
            charset = codecs.lookup(charset).name
            return data.decode(charset, "surrogateescape" if self.lenient and charset == "utf-8" else "strict")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise DataError(
                f"{self.corpus}:{line}: not {charset.upper()} (byte 0x{data[error.start]:02x}). Convert the file, for "
                "example with msgconv, or mend its Content-Type."
            ) from None
        except (LookupError, ValueError):
            raise DataError(
                f"{self.corpus}: its charset, '{charset:.40}', cannot be read. Convert it, for example with msgconv."
            ) from None

    def _parse(self, text: str) -> Any:
        try:
            import polib  # type: ignore[import-untyped]
        except ImportError:
            raise DataError(f"{self.corpus}: needs the polib library. Run `pip install polib`.") from None
        lines = _Lines(text + "\n")  # a text with a line end is no name of a file
        for number, line in enumerate(lines.splitlines(), start=1):
            said = line.strip().removeprefix("#~").strip()
            if said.startswith(("msg", '"')) and not _QUOTED.fullmatch(said):
                raise DataError(f"{self.corpus}:{number}: a quote is missing, or one too many. Mend the line.")
        try:
            return polib.pofile(lines, encoding="utf-8")
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            found = _PLACE.search(str(error))
            place = f"{self.corpus}:{found[1]}" if found else self.corpus
            why = f" ({found[2]})" if found and found[2] else ""
            raise DataError(f"{place}: not what gettext writes{why}. Mend the file; msgfmt -c tells more.") from None

    def _turned(self, there: str) -> bool:
        """Whether the messages are of the target language, by that of the translations."""
        there = there.partition("@")[0]
        if not (there and self.target) or fit(self.target, there):
            return False
        if self.source and fit(self.source, there):
            return True
        raise DataError(
            f"{self.corpus}: its header says that it is a translation into {there:.40}, not {self.target}. "
            "Check --source and --target."
        )


class _Lines(str):
    """A text of which only a line feed ends a line: `polib` asks for its lines by `splitlines`."""

    __slots__ = ()

    def splitlines(self, keepends: bool = False) -> list[str]:
        return [line.removesuffix("\r") for line in self.split("\n")]


def _unfit(entry: Any) -> str:
    """Why an entry is no pair; "" if it is one."""
    if entry.obsolete:
        return "obsolete"
    if "fuzzy" in entry.flags:
        return "fuzzy"
    translated = any(map(str.strip, entry.msgstr_plural.values())) if entry.msgid_plural else entry.msgstr.strip()
    return "" if translated and entry.msgid.strip() else "untranslated"


def _pairs(entry: Any, singular: int) -> Iterator[tuple[str, str]]:
    if not entry.msgid_plural:
        yield _line(entry.msgid), _line(entry.msgstr)
        return
    forms = entry.msgstr_plural
    for number, text in sorted(forms.items()):
        if text.strip():
            yield _line(entry.msgid if number == singular and len(forms) > 1 else entry.msgid_plural), _line(text)


def _singular(rule: str) -> int:
    """Which of the plural forms is that of one thing."""
    try:
        return gettext.c2py(rule.partition("plural=")[2].strip().rstrip(";"))(1)
    except (ValueError, ArithmeticError, RecursionError):
        return 0


def _line(text: str) -> str:
    return _SPACE.sub(" ", text).strip(" ")
