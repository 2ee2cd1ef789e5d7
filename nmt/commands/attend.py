"""`nmt attend`: what the decoder reads, as a picture in the terminal, a page, a figure, or numbers."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nmt.commands.calibrate import Look, looker
from nmt.commands.flags import Beam, Device, Precision, SearchSettings, Threads, check_precision
from nmt.commands.output import output
from nmt.commands.translation import note, search_of
from nmt.errors import NmtError
from nmt.registry import Registry

if TYPE_CHECKING:
    from nmt.evaluation.readings import Reading, Sentence, Unit
    from nmt.settings import Config, Search
    from nmt.translator import Translation, Translator

ENDINGS = {
    ".txt": "text", "": "text", ".html": "html", ".htm": "html", ".svg": "svg", ".png": "png", ".json": "json",
    ".jsonl": "json",
}  # fmt: skip
"""Ending of --out -> format, where --format is not given."""
PAGE = 1000  # sentences a page shows at most


def run(
    models: Annotated[list[Path], typer.Argument(metavar="DIR", help="Model folder; several are compared.")],
    format: Annotated[
        str | None,
        typer.Option(help="text, html, svg, png or json.  [default: as --out ends, else text]", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File to write instead of standard output; svg and png number several."),
    ] = None,
    beam: Beam = None,
    nbest: Annotated[int, typer.Option(min=1, help="Translations shown a line.")] = 1,
    set: SearchSettings = None,
    precision: Precision = "fp32",
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Translate standard input and show which source words each target word read, and how sure the model was.

    text and json are written line by line as lines come. html is one page that needs nothing else. svg and png are
    one heat map a line: FILE for one, FILE-1, FILE-2, ... by the number of the line for several.

    \b
    Example:
      echo "A man rides a horse." | nmt attend model
      nmt attend model other_model --nbest 3 --out page.html < lines.en
      echo "A man rides a horse." | nmt attend model --out figure.svg
    """
    if out is not None and _no_file(out):
        raise NmtError(f"--out {out}: is a folder, or lies in none. Give a file in a folder that exists.")
    write = FORMATS[format or _format_of(out)]
    check_precision(precision)
    from nmt.device import keep_memory, use_threads
    from nmt.text.lines import decode_lines, standard_input

    keep_memory()
    use_threads(threads)
    searches = [replace(search_of(model, set or [], False, {"beam": beam}), nbest=nbest) for model in models]
    loaded = [_load(model, search, device, precision) for model, search in zip(models, searches, strict=True)]
    units = [_unit(name, config) for name, (_, config) in zip(unit_names(models), loaded, strict=True)]
    translators = [translator for translator, _ in loaded]
    looks = [looker([model], translator) for model, translator in zip(models, translators, strict=True)]
    write(read(decode_lines(standard_input(), note), translators, units, looks), out)


def _format_of(out: Path | None) -> str:
    """The format that a file's ending asks for; without a file, or an ending, text.

    Raises:
        NmtError: it is none of ours: a page that is called page.pdf would be of no use.
    """
    ending = out.suffix.lower() if out else ""
    if ending not in ENDINGS:
        known = ", ".join(ending for ending in ENDINGS if ending)
        raise NmtError(f"--out {out}: {ending} says no format. Take one of {known}, or pass --format.")
    return ENDINGS[ending]


def _no_file(path: Path) -> bool:
    """Whether nothing can be written there: a folder, a place in none, or a name too long for one."""
    try:
        return path.is_dir() or not path.parent.is_dir()
    except OSError:
        return True


def _load(model: Path, search: "Search", device: str, precision: str) -> "tuple[Translator, Config]":
    from nmt.checkpoint import ModelFolder
    from nmt.translator import Translator

    return Translator.load(model, search, device, precision), ModelFolder.open(model).config()


def unit_names(models: list[Path]) -> list[str]:
    """Short names, each once: folders' own, with a number where a folder is given again, paths where two are alike."""
    places = [model.resolve() for model in models]
    names = []
    for i, place in enumerate(places):
        alike = {other for other in places if other.name == place.name}
        name = str(models[i]) if len(alike) > 1 else place.name
        names.append(f"{name} ({before + 1})" if (before := places[:i].count(place)) else name)
    return names


def _unit(name: str, config: "Config") -> "Unit":
    from nmt.evaluation.readings import Unit

    kind = f"{config.attention.score}, {config.attention.align}"
    heads = f", {config.attention.heads} heads" if config.attention.heads > 1 else ""
    return Unit(name, [], f"{kind}{heads}", config.data.source, config.data.target)


def read(
    lines: Iterator[str], translators: "list[Translator]", units: "list[Unit]", looks: Sequence[Look] = ()
) -> "Iterator[Sentence]":
    """Have every model translate the lines that are there, then wait for more; `looks` adds a verdict of each."""
    from nmt.evaluation.readings import Sentence
    from nmt.translator import WINDOW, waiting

    number = 0
    for window in waiting(lines, WINDOW * min(translator.search.batch for translator in translators)):
        by_model = []
        for translator, unit in zip(translators, units, strict=True):
            name = f"{unit.name}: " if len(units) > 1 else ""
            by_model.append(translator.translate(window, _noter(name), first=number + 1))
        for translations in zip(*by_model, strict=True):
            number += 1
            own = zip_longest(units, translations, looks)
            seen = [
                unit._replace(readings=_readings(translation), verdict=look(translation) if look else None)
                for unit, translation, look in own
            ]
            yield Sentence(number, translations[0].source, seen)


def _noter(name: str) -> Callable[[str], None]:
    return lambda text: print(f"nmt: {name}{text}", file=sys.stderr)


def _readings(translation: "Translation") -> "list[Reading]":
    """What stands in the pictures; of a line that is no sentence the text alone, for its weights would fill memory."""
    import numpy as np

    from nmt.evaluation.readings import Reading
    from nmt.translator import MANY_PARTS

    readings = []
    for option in translation.options:
        if translation.parts > MANY_PARTS:
            readings.append(Reading(option.text, option.score, [], [], np.zeros((0, 0)), [], []))
        else:
            source, target, weights = option.alignment
            links = option.alignment.links()
            readings.append(Reading(option.text, option.score, source, target, weights, option.confidence, links))
    return readings


def write_text(sentences: "Iterator[Sentence]", path: Path | None) -> None:
    """A block of lines and a blank one for every sentence; as wide as the terminal, if it is one."""
    from nmt.evaluation.picture import draw_sentence

    columns = shutil.get_terminal_size().columns if path is None and sys.stdout and sys.stdout.isatty() else None
    _write_lines(sentences, path, lambda sentence: [*draw_sentence(sentence, columns), ""])


def write_json(sentences: "Iterator[Sentence]", path: Path | None) -> None:
    """A JSON object a line for every sentence."""
    from nmt.evaluation.readings import record

    _write_lines(sentences, path, lambda sentence: [json.dumps(record(sentence), ensure_ascii=False)])


def _write_lines(sentences: "Iterator[Sentence]", path: Path | None, show: "Callable[[Sentence], list[str]]") -> None:
    from nmt.text.lines import write_line

    with output(path) as stream:
        for sentence in sentences:
            for line in show(sentence):
                write_line(stream, line)
            stream.flush()


def write_html(sentences: "Iterator[Sentence]", path: Path | None) -> None:
    """One page with the first PAGE sentences, a few tens of kilobytes each: no browser is quick with more."""
    from nmt.evaluation.page import page
    from nmt.text.lines import replace_surrogates

    some = (sentence for sentence in sentences if not sentence.blank)
    text = page(list(islice(some, PAGE)))
    if rest := next(some, None):
        note(
            f"the page ends before line {rest.number}: it holds {PAGE:,} sentences. Take --format json, or fewer lines."
        )
    with output(path) as stream:
        stream.write(replace_surrogates(text).encode("utf-8"))


def write_svg(sentences: "Iterator[Sentence]", path: Path | None) -> None:
    """A heat map for every sentence that is not blank."""
    from nmt.evaluation.heatmap import svg

    _write_figures(sentences, path, "svg", lambda sentence: svg(sentence).encode("utf-8"))


def write_png(sentences: "Iterator[Sentence]", path: Path | None) -> None:
    """The same in pixels."""
    from nmt.evaluation.heatmap import png

    if path is None and sys.stdout and sys.stdout.isatty():
        raise NmtError("--format png: a terminal shows no pixels. Pass --out FILE.")
    _write_figures(sentences, path, "png", png)


def _write_figures(
    sentences: "Iterator[Sentence]", path: Path | None, format: str, draw: "Callable[[Sentence], Any]"
) -> None:
    """One figure goes to `path` as it is; of several, each to a file numbered as its line."""
    figures = ((sentence.number, draw(sentence)) for sentence in sentences if not sentence.blank)
    first = next(figures, None)
    if first is None:
        raise NmtError(f"--format {format}: every line is blank, so there is nothing to draw. Give it a sentence.")
    second = next(figures, None)
    if second is None:
        with output(path) as stream:
            stream.write(first[1])
        return
    if path is None:
        raise NmtError(f"--format {format}: there are several lines, and a figure for each. Pass --out FILE.")
    for number, figure in (first, second, *figures):
        with output(path.with_stem(f"{path.stem}-{number}")) as stream:
            stream.write(figure)


Write = Callable[["Iterator[Sentence]", Path | None], None]
FORMATS = Registry[Write]("format", text=write_text, html=write_html, svg=write_svg, png=write_png, json=write_json)
