"""`nmt translate --document`: a document in, the same document in another language out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nmt.commands.output import output
from nmt.commands.translation import note
from nmt.errors import ConfigError, DataError

if TYPE_CHECKING:
    from nmt.documents.document import Document
    from nmt.terminology import Terminology
    from nmt.text.demands import Demands
    from nmt.translator import Translation, Translator


def open_document(path: Path | None, out: Path | None, models: Sequence[Path], refused: dict[str, bool]) -> "Document":
    """Read a document to be translated by some models; `refused` says which flags were given that do not go with it.

    Raises:
        ConfigError: one was, or the document would be written over.
        DataError: it cannot be read, is very large, or is none of a format that is known.
        ModelFolderError: the folder of the first model is none.
    """
    if path is None:
        raise ConfigError("--out is for --document. Leave it out; lines go to standard output: > FILE.")
    from nmt.bounds import DOCUMENT
    from nmt.checkpoint import ModelFolder
    from nmt.documents.formats import format_of
    from nmt.text.lines import open_binary, written_to

    for flag, given in refused.items():
        if given:
            raise ConfigError(f"{flag} is for lines, and --document is no stream of lines. Leave out one of them.")
    if out and out.exists() and path.exists() and out.samefile(path):
        raise ConfigError(f"--out {out} is the document itself. Choose another name.")
    if not out and written_to(path):
        raise ConfigError(f"{path}: standard output goes to the document itself. Write to another file.")
    kind = format_of(path)
    with open_binary(path) as file:
        data = file.read(DOCUMENT + 1)
    if len(data) > DOCUMENT:
        raise DataError(f"{path}: larger than {DOCUMENT:,} bytes. Cut it into several documents.")
    return kind(data, str(path), ModelFolder.open(models[0]).config().data.target)


def translate_document(
    document: "Document",
    out: Path | None,
    translator: "Translator",
    terms: "Terminology | None",
    demands: "Demands",
    choose: "Callable[[Translation], Translation]",
) -> None:
    """Translate a document and write it; `choose` puts the best translation of a sentence first.

    Raises:
        NmtError: it cannot be written, or a sentence cannot meet its demands.
    """
    from nmt.segments import translate_segments
    from nmt.text.requests import Request
    from nmt.translator import WINDOW

    segments = document.segments()
    for text in document.notes:
        note(text)

    def translate(lines: Sequence[str], tell: Callable[[str], None], first: int) -> "list[Translation]":
        requests = [Request(line, demands) for line in lines]
        found = (
            terms.translate(translator, requests, tell, first) if terms else translator.translate(requests, tell, first)
        )
        return [choose(translation) for translation in found]

    with output(out) as stream:  # opened first: a place that cannot be written is told before the work
        texts = translate_segments(
            [segment.text for segment in segments],
            translate,
            WINDOW * translator.search.batch,
            tags=document.tags,
            placeholders=document.placeholders,
            note=lambda i, text: note(f"{document.name}:{segments[i].line}: {text}"),
        )
        stream.write(document.rendered(texts))
        stream.flush()
