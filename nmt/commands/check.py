"""`nmt check`: the corpus doctor. What is wrong with the pairs, before a model learns it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nmt.errors import ConfigError, DataError
from nmt.text.formats.reader import FORMS

if TYPE_CHECKING:
    from nmt.checkup.examination import Contents, Examination, Known
    from nmt.text.readers import Pair

SIDES = ("source", "target")
WIDE = 60  # characters of a line that are shown


def run(
    corpus: Annotated[
        list[str], typer.Argument(metavar="CORPUS...", help=f"Pairs of sentences, one training corpus: {FORMS}.")
    ],
    source: Annotated[str, typer.Option(help="Source language, e.g. en.")] = "",
    target: Annotated[str, typer.Option(help="Target language, e.g. de.")] = "",
    held_out: Annotated[
        list[str] | None,
        typer.Option("--held-out", metavar="CORPUS", help="Validation or test set, to be kept apart; repeatable."),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Count pieces and unknown characters with this model's vocabulary."),
    ] = None,
    examples: Annotated[int, typer.Option(min=0, help="Pairs shown of each finding.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    fix: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="Write the mended corpus as OUT.en, OUT.de and what was done as OUT.log.tsv."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 2 where training would stop or be misled.")
    ] = False,
) -> None:
    """Look a corpus over and say what is wrong with it, with examples and where they stand.

    Bytes that are not UTF-8, blank sides, control characters, lost characters, text encoded twice, HTML entities, lines
    that were not translated, lengths that do not fit, other scripts, numbers that differ, pairs that repeat, lines of a
    validation set, and runs that fit better one line up or down. Memory does not grow with the corpus, but by 16 bytes
    for each pair that repeats.

    \b
    Example:
      nmt check corpus/train --source en --target de --held-out corpus/dev
      nmt check corpus/train --source en --target de --fix cleaned
      nmt check memory.tmx --source en --target de --fix cleaned
    """
    from nmt.checkup.checks import DOUBTFUL, STOPS
    from nmt.checkup.examination import Examination, held_out_marks, kinds
    from nmt.text.lines import standard_output, write_line

    languages, known = _known(source, target, held_out or [], model, held_out_marks)
    if fix:
        _refuse_old(fix, languages)
    found = Examination(languages, known, examples, lambda text: print(text, file=sys.stderr))
    found.run(corpus)
    out = standard_output()
    for line in [json.dumps(_record(found), ensure_ascii=False)] if as_json else _page(found):
        write_line(out, line)
    if fix:
        print(_fix(corpus, found, fix), file=sys.stderr)
    if strict and any(kinds()[kind][0] in (STOPS, DOUBTFUL) for kind in found.findings):
        raise DataError(f"{' '.join(corpus)}: --strict, and something was found. Mend it, or see --fix.")


def _known(
    source: str, target: str, held_out: list[str], model: Path | None, marks: Any
) -> "tuple[tuple[str, str], Known]":
    from nmt.checkup.examination import Known

    if model is None:
        return (source, target), Known(marks(held_out, (source, target)))
    from nmt.checkpoint import ModelFolder

    folder = ModelFolder.open(model)
    data = folder.config().data
    languages = (source or data.source, target or data.target)
    return languages, Known(marks(held_out, languages), folder.tokenizers(), data.max_length)


def _paths(out: Path, languages: tuple[str, str]) -> list[Path]:
    named = all(languages) and languages[0] != languages[1]
    names = languages if named else SIDES
    return [out.with_name(f"{out.name}.{ending}") for ending in (*names, "log.tsv")]


def _refuse_old(out: Path, languages: tuple[str, str]) -> None:
    if not out.name or not out.parent.is_dir():
        raise ConfigError(
            f"--fix {out}: no place for files. Give the beginning of their names in a folder that is there."
        )
    for path in _paths(out, languages):
        if path.exists():
            raise ConfigError(f"{path}: is there already. Choose another --fix.")


def _fix(names: list[str], found: "Examination", out: Path) -> str:
    """Write the mended corpus; returns what to tell a person."""
    from contextlib import ExitStack

    from nmt.checkup.mending import mend
    from nmt.commands.output import output
    from nmt.text.lines import write_line
    from nmt.text.readers import Pair

    kept = mended = gone = 0

    def skip(reason: str, origin: str) -> None:
        nonlocal gone
        gone += 1
        write_line(log, _row(Pair("", "", origin), "out", {"skipped": reason}))

    with ExitStack() as stack:
        left, right, log = (stack.enter_context(output(path)) for path in _paths(out, found.languages))
        for pair, source, target, changes in mend(names, found, skip):
            if source is None:
                gone += 1
                write_line(log, _row(pair, "out", changes))
                continue
            kept += 1
            write_line(left, source)
            write_line(right, target)
            if changes:
                mended += 1
                write_line(log, _row(pair, "mended", changes))
    links = " The word alignments were not written." if found.linked else ""
    return f"{out}: {kept:,} pairs, {mended:,} of them mended; {gone:,} left out. Each is in {out.name}.log.tsv.{links}"


def _row(pair: "Pair", done: str, changes: dict[str, str]) -> str:
    """Where, what was done, why, and both sides as they were; tabs of the text are spaces."""
    what = "; ".join(f"{name}: {each}" for name, each in changes.items())
    return "\t".join(
        _plain(cell.replace("\t", " ")) for cell in (pair.origin, done, what, pair.source, pair.target or "")
    )


def _record(found: "Examination") -> dict[str, Any]:
    from nmt.checkup.examination import kinds

    known = kinds()
    return {
        "corpora": [
            {
                "name": each.name,
                "pairs": each.pairs,
                "sides": [vars(side) for side in each.sides],
                "scripts": each.usual.scripts,
                "shifts": [run._asdict() for run in each.shifts],
            }
            for each in found.contents
        ],
        "findings": {
            kind: {
                "level": known[kind][0],
                "count": findings.count,
                "examples": [{key: _plain(text) for key, text in each._asdict().items()} for each in findings.examples],
            }
            for kind, findings in found.findings.items()
        },
        "unknown_characters": dict(found.unknown.most_common(50)),
    }


def _page(found: "Examination") -> Iterator[str]:
    from nmt.checkup.checks import LEVELS
    from nmt.checkup.examination import kinds

    for contents in found.contents:
        yield from _sizes(contents, found.languages)
    for level in LEVELS:
        mine = [(name, kind) for name, kind in kinds().items() if kind[0] == level and name in found.findings]
        if mine:
            yield ""
            yield level.upper()
        for name, (_, title, advice) in mine:
            findings = found.findings[name]
            yield f"{findings.count:>9,}  {title}. {advice}"
            for each in findings.examples:
                yield f"{'':11}{_plain(each.origin)}  {_plain(each.what)}"
                yield from (f"{'':13}{_short(text)}" for text in (each.source, each.target) if text)
    if found.unknown:
        yield ""
        yield "Unknown characters: " + " ".join(f"{_plain(c)} {n:,}" for c, n in found.unknown.most_common(20))
    unasked = {"unfit", "unknown"} if found.known.tokenizers is None else set()
    unasked |= set() if found.known.held_out else {"held out"}
    silent = [name for name in kinds() if name not in unasked and name not in found.findings]
    yield ""
    yield f"Nothing found by: {', '.join(silent)}."


def _sizes(contents: "Contents", languages: tuple[str, str]) -> Iterator[str]:
    yield f"{contents.name}: {contents.pairs:,} pairs"
    names = [language or side for language, side in zip(languages, SIDES, strict=True)]
    for name, side, script in zip(names, contents.sides, contents.usual.scripts, strict=True):
        mean = max(1, contents.pairs)
        means = f"{side.words / mean:.1f} words, {side.characters / mean:.1f} characters"
        means += f", {side.pieces / mean:.1f} pieces" if side.pieces else ""
        longest = f"the longest {side.longest:,} characters"
        yield f"  {name:<8} {means} a line; {longest}; {script.lower() or 'no letters'}"


def _short(text: str) -> str:
    shown = _plain(text)
    return shown if len(shown) <= WIDE else f"{shown[: WIDE - 1]}…"


def _plain(text: str) -> str:
    """A text that a terminal shows and JSON can hold: what is no printable character stands as its number."""
    return "".join(
        character if character.isprintable() else f"<0x{ord(character) - 0xDC00:02x}>"
        if "\udc80" <= character <= "\udcff" else f"<U+{ord(character):04X}>"
        for character in text
    )  # fmt: skip
