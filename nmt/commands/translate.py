"""`nmt translate`: stdin -> stdout, one line in, one line out; or a document."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.commands.calibrate import Look, looker
from nmt.commands.choosing import Choosing
from nmt.commands.document import open_document, translate_document
from nmt.commands.flags import Beam, Device, Models, Precision, Sample, SearchSettings, Seed, Threads, check_precision
from nmt.commands.translation import load, note, refuse_files, search_of
from nmt.registry import Registry

if TYPE_CHECKING:
    from nmt.terminology import Terminology
    from nmt.text.demands import Demands
    from nmt.text.requests import Request
    from nmt.translator import Translation, Translator


Nbest = Annotated[int, typer.Option(min=1, help="Translations a line; text repeats them on lines of their own.")]
LengthPenalty = Annotated[float | None, typer.Option(help="Above 1 prefers longer translations, below shorter.")]
Input = Annotated[
    str, typer.Option(help='text, or jsonl: {"text": ..., "prefix": ..., "require": [...], "forbid": [...]} a line.')
]
Prefix = Annotated[str, typer.Option(metavar="TEXT", help="How translations begin; may end within a word.")]
Require = Annotated[
    list[str] | None, typer.Option(metavar="PHRASE", help="Translations contain it, as written; repeatable.")
]
Forbid = Annotated[list[str] | None, typer.Option(metavar="PHRASE", help="Translations never contain it; repeatable.")]
Glossary = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Lines of `term<TAB>translation|inflection|...`: translations use one of these."),
]
Keep = Annotated[Path | None, typer.Option(metavar="FILE", help="Terms that are not translated, one a line.")]
Protect = Annotated[
    bool, typer.Option("--protect", help="Leave placeholders, addresses, numbers and <b>inline tags</b> as they are.")
]
Paper = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Translate a document instead: .po, .xlf, .srt, .html, .md or .txt."),
]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Where the document goes.  [default: standard output]")]
Mbr = Annotated[
    int, typer.Option(min=0, metavar="N", help="Of N candidates take the one most like all of them (by chrF); slower.")
]
Reverse = Annotated[
    Path | None,
    typer.Option(metavar="DIR2", help="A model of the other direction helps to choose among the --beam candidates."),
]


def run(
    models: Models,
    beam: Beam = None,
    nbest: Nbest = 1,
    format: Annotated[str, typer.Option(help="text, jsonl or pharaoh (word alignment i-j).")] = "text",
    input: Input = "text",
    document: Paper = None,
    out: Out = None,
    prefix: Prefix = "",
    require: Require = None,
    forbid: Forbid = None,
    glossary: Glossary = None,
    keep: Keep = None,
    protect: Protect = False,
    sample: Sample = False,
    seed: Seed = None,
    mbr: Mbr = 0,
    reverse: Reverse = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Sentences translated together.")] = None,
    length_penalty: LengthPenalty = None,
    set: SearchSettings = None,
    precision: Precision = "fp32",
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Translate standard input, one sentence a line, or a document.

    One line out for every line in, in order; a blank line stays blank. Lines are read as they come. Of a document all
    but its text stays as it is, byte for byte; inline tags go with the words they were around.

    \b
    Example:
      nmt translate model < text.en > text.de
      nmt translate model-1 model-2 model-3 < text.en > text.de
      echo "A man rides a horse." | nmt translate model --nbest 3 --format jsonl
      echo "A man rides a horse." | nmt translate model --prefix "Ein He" --forbid Pferd --glossary terms.tsv
      nmt translate model --sample --mbr 30 --set search.temperature=0.7 < text.en > text.de
      nmt translate model --beam 20 --reverse model-de-en < text.en > text.de
      nmt translate model --document page.html --keep names.txt --out seite.html
    """
    show, read, choosing = FORMATS[format], _reader(input), Choosing(nbest, mbr, reverse)
    check_precision(precision)
    refuse_files(models)
    flags = {"beam": beam, "batch": batch, "length_penalty": length_penalty, "seed": seed}
    settings = search_of(models[0], set or [], sample, flags)
    paper = None
    if document or out:
        told = {"--nbest": nbest > 1, "--format": format != "text", "--input": input != "text"}
        paper = open_document(document, out, models, {**told, "--prefix": bool(prefix), "--require": bool(require)})
        protect = protect or (paper.placeholders and choosing.as_found and settings.strategy in ("beam", "greedy"))
    demands, terms = _demands(prefix, require, forbid), _terms(glossary, keep, protect)
    search = choosing.candidates(settings, terms is not None)
    choose = choosing.chooser(models[0], search, lambda other: load([other], None, device, precision, threads))
    translator = load(models, search, device, precision, threads)
    translator.check(demands)
    if paper:
        translate_document(paper, out, translator, terms, demands, choose)
        return
    look, found = looker(models, translator), _stream(translator, terms, read, demands)
    _write(map(choose, found), lambda translation: show(translation, nbest, look))


def _reader(input: str) -> "Callable[[Iterable[str], Demands], Iterator[Request]]":
    from nmt.text.requests import INPUTS

    return INPUTS[input]


def _demands(prefix: str, require: list[str] | None, forbid: list[str] | None) -> "Demands":
    from nmt.text.demands import Demands

    return Demands.of(prefix, tuple(require or ()), tuple(forbid or ()))


def _terms(glossary: Path | None, keep: Path | None, protect: bool) -> "Terminology | None":
    from nmt.terminology import Terminology

    return Terminology.read(glossary, keep, protect)


def _stream(
    translator: "Translator",
    terms: "Terminology | None",
    read: "Callable[[Iterable[str], Demands], Iterator[Request]]",
    demands: "Demands",
) -> "Iterator[Translation]":
    """The translations of standard input, as its lines come."""
    from nmt.text.lines import decode_lines, standard_input

    requests = read(decode_lines(standard_input(), note), demands)
    return terms.stream(translator, requests, note) if terms else translator.stream(requests, note)


def _write(stream: "Iterable[Translation]", show: "Callable[[Translation], list[str]]") -> None:
    from nmt.text.lines import standard_output, write_line

    out = standard_output()
    for translation in stream:
        for line in show(translation):
            write_line(out, line)
        out.flush()


def text(translation: "Translation", nbest: int, look: Look) -> list[str]:
    """The translations as they are; always `nbest` lines."""
    texts = [option.text for option in translation.options[:nbest]]
    return texts + [""] * (nbest - len(texts))


def jsonl(translation: "Translation", nbest: int, look: Look) -> list[str]:
    """One JSON object a line: source, translations with score, words and alignment; warnings of the best of them."""
    options = [
        {
            "text": option.text,
            "score": round(option.score, 4),
            "source_words": option.alignment.source,
            "words": option.alignment.target,
            "alignment": option.alignment.links(),
        }
        for option in translation.options[:nbest]
    ]
    record = {
        "source": translation.source,
        "translation": translation.text,
        "parts": translation.parts,
        **look(translation).record(),
        "nbest": options,
    }
    return [json.dumps(record, ensure_ascii=False)]


def pharaoh(translation: "Translation", nbest: int, look: Look) -> list[str]:
    """`i-j`: source token i was read most for target token j; tokens stand between spaces."""
    links = [" ".join(f"{i}-{j}" for i, j in option.tokens.links()) for option in translation.options[:nbest]]
    return links + [""] * (nbest - len(links))


FORMATS = Registry[Callable[["Translation", int, Look], list[str]]]("format", text=text, jsonl=jsonl, pharaoh=pharaoh)
