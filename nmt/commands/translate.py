"""`nmt translate`: stdin -> stdout, one line in, one line out."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nmt.registry import Registry

PRECISIONS = ("fp32", "bf16", "int8")

if TYPE_CHECKING:
    from nmt.translator import Translation


def run(
    model: Annotated[Path, typer.Argument(metavar="DIR", help="Model folder.")],
    beam: Annotated[
        int | None, typer.Option(min=1, help="Hypotheses kept a sentence; 1 is greedy.  [default: the model's]")
    ] = None,
    nbest: Annotated[
        int, typer.Option(min=1, help="Translations a line; text repeats them on lines of their own.")
    ] = 1,
    format: Annotated[str, typer.Option(help="text, jsonl or pharaoh (word alignment i-j).")] = "text",
    batch: Annotated[int | None, typer.Option(min=1, help="Sentences translated together.")] = None,
    length_penalty: Annotated[
        float | None, typer.Option(help="Above 1 prefers longer translations, below shorter.")
    ] = None,
    precision: Annotated[str, typer.Option(help="fp32 (exact), bf16, or int8 (fastest on most CPUs).")] = "fp32",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    threads: Annotated[int, typer.Option(min=0, max=4096, help="CPU threads; 0 takes what torch takes.")] = 0,
) -> None:
    """Translate standard input, one sentence a line.

    One line out for every line in, in order; a blank line stays blank. Lines are read as they come.

    \b
    Example:
      nmt translate model < text.en > text.de
      echo "A man rides a horse." | nmt translate model --nbest 3 --format jsonl
    """
    show = FORMATS[format]
    from nmt.checkpoint import ModelFolder
    from nmt.device import keep_memory, use_threads
    from nmt.errors import ConfigError
    from nmt.text.lines import decode_lines, standard_input, standard_output, write_line
    from nmt.translator import Translator

    if precision not in PRECISIONS:
        raise ConfigError(f"--precision {precision} is unknown. Choices: {', '.join(PRECISIONS)}.")
    search = ModelFolder.open(model).config().search
    changes: dict[str, Any] = {"beam": beam, "batch": batch, "length_penalty": length_penalty}
    search = replace(search, nbest=1, **{key: value for key, value in changes.items() if value is not None})
    search = replace(search, nbest=nbest)
    keep_memory()
    use_threads(threads)
    translator = Translator.load(model, search, device, precision)
    out = standard_output()
    for translation in translator.stream(
        decode_lines(standard_input()), lambda text: print(f"nmt: {text}", file=sys.stderr)
    ):
        for line in show(translation, nbest):
            write_line(out, line)
        out.flush()


def text(translation: "Translation", nbest: int) -> list[str]:
    """The translations as they are; always `nbest` lines."""
    texts = [option.text for option in translation.options[:nbest]]
    return texts + [""] * (nbest - len(texts))


def jsonl(translation: "Translation", nbest: int) -> list[str]:
    """One JSON object a line: source, translations with score, words and alignment."""
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
        "nbest": options,
    }
    return [json.dumps(record, ensure_ascii=False)]


def pharaoh(translation: "Translation", nbest: int) -> list[str]:
    """`i-j`: source word i was read most for target word j."""
    links = [" ".join(f"{i}-{j}" for i, j in option.alignment.links()) for option in translation.options[:nbest]]
    return links + [""] * (nbest - len(links))


FORMATS = Registry[Callable[["Translation", int], list[str]]]("format", text=text, jsonl=jsonl, pharaoh=pharaoh)
