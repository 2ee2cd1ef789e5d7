"""`nmt rate`: how likely a model holds translations that are given."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.commands.flags import Device, SourceLanguage, TargetLanguage, Threads
from nmt.commands.pairs import pairs_of
from nmt.errors import DataError
from nmt.registry import Registry

if TYPE_CHECKING:
    from nmt.rating import Rating


def run(
    model: Annotated[Path, typer.Argument(metavar="DIR", help="Model folder.")],
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="Pairs to rate, written as for `nmt train`.")],
    source: SourceLanguage = "",
    target: TargetLanguage = "",
    format: Annotated[str, typer.Option(help="tsv, or jsonl, which tells of each word too.")] = "tsv",
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Tell how likely the model holds each given translation: one line for each pair, in order.

    tsv: log-probability of the translation (natural logarithm), its mean over the words, and the perplexity of its
    pieces; the end of the sentence counts as a word and as a piece. A pair with a blank side gets a line without
    numbers.

    \b
    Example:
      nmt rate model corpus/test --source en --target de
      nmt rate model new.en,new.de --format jsonl
    """
    show = FORMATS[format]
    from nmt.checkpoint import ModelFolder
    from nmt.device import keep_memory, use_threads
    from nmt.rating import rate
    from nmt.text.lines import standard_output, write_line
    from nmt.text.readers import Pair
    from nmt.translator import Translator

    data = ModelFolder.open(model).config().data
    pairs = pairs_of([corpus], source or data.source, target or data.target)
    keep_memory()
    use_threads(threads)
    translator = Translator.load(model, device=device)
    out = standard_output()

    def both(pair: Pair) -> tuple[str, str]:
        if pair.target is None:
            raise DataError(f"{pair.origin}: has no translation to rate. Give pairs.")
        return pair.source, pair.target

    for rating in rate(translator, map(both, pairs)):
        write_line(out, show(rating))
    out.flush()


def tsv(rating: "Rating | None") -> str:
    """log-probability<TAB>per word<TAB>perplexity; no numbers for a blank."""
    if rating is None:
        return "\t\t"
    return f"{rating.log_probability:.4f}\t{rating.per_word:.4f}\t{rating.perplexity:.4g}"


def jsonl(rating: "Rating | None") -> str:
    """The same as an object, with the log-probability of each word and of the end; nulls for a blank."""
    if rating is None:
        return json.dumps({"log_probability": None, "per_word": None, "perplexity": None})
    record = {
        "source": rating.source,
        "target": rating.target,
        "log_probability": round(rating.log_probability, 4),
        "per_word": round(rating.per_word, 4),
        "perplexity": float(f"{rating.perplexity:.4g}"),
        "words": rating.words,
        "word_log_probabilities": [round(value, 4) for value in rating.log_probabilities],
        "end": round(rating.end, 4),
    }
    return json.dumps(record, ensure_ascii=False)


FORMATS = Registry[Callable[["Rating | None"], str]]("format", tsv=tsv, jsonl=jsonl)
