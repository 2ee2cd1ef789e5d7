"""Glossaries and lists of terms to keep, and where their terms stand in a line."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from nmt.errors import DataError
from nmt.scripts import within_word
from nmt.text.cleaning import tidy
from nmt.text.lines import read_lines

_CELLS = {";", ","}  # what stands between cells of a spreadsheet where no tab does


class Span(NamedTuple):
    """A stretch of a line, and what must stand for it in the translation."""

    start: int  # characters
    end: int
    forms: tuple[str, ...]  # one of these


class Term(NamedTuple):
    """A term of the source and the forms that may stand for it; none: it is kept as the line has it."""

    source: str
    forms: tuple[str, ...] = ()


def read_glossary(path: Path) -> list[Term]:
    """Read lines of `term <TAB> translation`; each side may list several forms with `|` between them.

    Blank lines and those that begin with `#` are passed over.

    Raises:
        DataError: the file cannot be read, or a line is not made like that; the message says which and why.
    """
    terms = []
    example = "Write `dog<TAB>Hund|Hunde|Hundes`, or remove the line."
    for where, line in _rows(path):
        cells = line.split("\t")
        if len(cells) != 2:
            what = "no tab" if len(cells) == 1 else f"{len(cells) - 1} tabs"
            table = " Save a spreadsheet with tabs between its columns." if len(cells) == 1 and _CELLS & {*line} else ""
            raise DataError(f"{where}: {what} between a term and its translation. {example}{table}")
        sources, forms = ([tidy(form) for form in cell.split("|")] for cell in cells)
        for name, some in (("term", sources), ("translation", forms)):
            if not all(form.strip() for form in some):
                raise DataError(f"{where}: the {name} is blank, or a form of it. {example}")
        capital = [form[0].upper() + form[1:] for form in forms]  # a sentence may begin with it
        terms += [Term(source, tuple(dict.fromkeys([*forms, *capital]))) for source in sources]
    return terms


def read_kept(path: Path) -> list[Term]:
    """Read terms that are not translated, one a line; blank lines and those that begin with `#` are passed over.

    Raises:
        DataError: the file cannot be read.
    """
    return [Term(term) for _, line in _rows(path) if (term := tidy(line))]


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(read_lines(path), start=1):
        if line.strip() and not line.startswith("#"):
            yield f"{path}:{number}", line


class Finder:
    """Finds terms in lines, as whole words; capitals count where the term has one."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Of two terms that are spelled alike the first counts."""
        self._terms: dict[tuple[str, ...], list[Term]] = defaultdict(list)
        self._lengths: dict[str, set[int]] = defaultdict(set)  # how many tokens, by the first
        for term in terms:
            tokens = _folded(_tokens(term.source))
            self._terms[tokens].append(term)
            self._lengths[tokens[0]].add(len(tokens))

    def find(self, line: str, taken: Iterable[Span] = ()) -> list[Span]:
        """The terms in a tidy line, from left to right, the longest first; none overlaps with another or with `taken`.

        O(tokens of the line times lengths that terms with the same beginning have).
        """
        tokens = _tokens(line)
        folded, begins = _folded(tokens), [0]
        for token in tokens:
            begins.append(begins[-1] + len(token))
        free = [True] * len(line)
        for span in taken:
            free[span.start : span.end] = [False] * (span.end - span.start)
        found, place = [], 0
        while place < len(tokens):
            size = 1
            for length in sorted(self._lengths.get(folded[place], ()), reverse=True):
                start, end = begins[place], begins[min(place + length, len(tokens))]
                forms = self._forms(folded[place : place + length], line[start:end])
                if forms and all(free[start:end]):
                    found.append(Span(start, end, forms))
                    size = length
                    break
            place += size
        return found

    def _forms(self, tokens: tuple[str, ...], text: str) -> tuple[str, ...]:
        for term in self._terms.get(tokens, ()):
            if term.source == text or term.source == term.source.lower():
                return term.forms or (text,)
        return ()


def _tokens(text: str) -> list[str]:
    """Runs of letters and digits that make up a word, and every other character by itself, spaces too."""
    tokens: list[str] = []
    within = False
    for character in text:
        letter = within_word(character)
        if letter and within:
            tokens[-1] += character
        else:
            tokens.append(character)
        within = letter
    return tokens


def _folded(tokens: list[str]) -> tuple[str, ...]:
    return tuple(token.casefold() for token in tokens)
