"""`nmt align`: which words of given pairs translate each other."""

import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.commands.choosing import check_direction
from nmt.commands.flags import Device, Precision, SourceLanguage, TargetLanguage, Threads, check_precision
from nmt.commands.pairs import pairs_of
from nmt.errors import ConfigError

if TYPE_CHECKING:
    from nmt.aligner import Aligner
    from nmt.evaluation.alignment import Links
    from nmt.text.readers import Pair


Symmetrize = Annotated[
    str | None,
    typer.Option(
        help="How --reverse or --ibm1 makes one of two directions: grow-diag-final-and, grow-diag, intersection or "
        "union.  [default: intersection of two models, of --ibm1 grow-diag-final-and]"
    ),
]
Method = Annotated[
    str | None,
    typer.Option(
        help="Of a model: posterior, by what is likely once the word is known; or attention, what was read before that "
        "(faster, worse).  [default: posterior]"
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        help="Of a model: each target word is linked to its likeliest source word; source words left over are linked "
        "too where their weight is above this. 1: none.  [default: 0.1]",
    ),
]


def run(
    words: Annotated[
        list[str], typer.Argument(metavar="DIR CORPUS...", help="Model folder and pairs; with --ibm1 pairs alone.")
    ],
    source: SourceLanguage = "",
    target: TargetLanguage = "",
    reverse: Annotated[
        Path | None, typer.Option(metavar="DIR2", help="A model of the other direction, to be symmetrized with.")
    ] = None,
    symmetrize: Symmetrize = None,
    method: Method = None,
    threshold: Threshold = None,
    ibm1: Annotated[
        bool, typer.Option("--ibm1", help="Without a model: train IBM Model 1 both ways on CORPUS.")
    ] = False,
    train: Annotated[
        list[str] | None, typer.Option(metavar="CORPUS", help="More pairs for --ibm1 to learn from; repeatable.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Pairs read together.")] = 64,
    precision: Precision = "fp32",
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Align the words of sentence pairs.

    One line a pair, in order: `i-j` where source word i and target word j, counted from 0, translate each other. A word
    is what stands between spaces. A pair with a blank side gets a blank line.

    \b
    Example:
      nmt align model corpus/train > train.pharaoh
      nmt align model corpus/train --reverse model-de-en > train.pharaoh
      nmt align --ibm1 corpus/test --train corpus/train --source en --target de > test.pharaoh
    """
    from nmt.evaluation.alignment import SYMMETRIZATIONS, pharaoh
    from nmt.text.lines import standard_output, write_line

    both = symmetrize or ("grow-diag-final-and" if ibm1 else "intersection")
    SYMMETRIZATIONS[both]
    check_precision(precision)
    _refuse_mixtures(words, ibm1, reverse, train)
    _refuse_vain(ibm1, reverse, symmetrize, {"--method": method, "--threshold": threshold})
    if ibm1:
        found = _by_ibm1(words, train or [], source, target, both)
    else:
        models = _load(words[0], reverse, method or "posterior", batch, device, precision, threads)
        pairs = pairs_of(words[1:], *_languages(words[0], reverse, source, target))
        found = _by_models(pairs, models, 0.1 if threshold is None else threshold, both)
    out = standard_output()
    for links in found:
        write_line(out, pharaoh(links))


def _refuse_mixtures(words: Sequence[str], ibm1: bool, reverse: Path | None, train: Sequence[str] | None) -> None:
    if ibm1 and reverse:
        raise ConfigError("--ibm1 takes no model: leave out --reverse, or --ibm1.")
    if train and not ibm1:
        raise ConfigError("--train is for --ibm1: a model has been trained. Leave it out, or add --ibm1.")
    if not ibm1 and len(words) < 2:
        raise ConfigError(
            "Give a model folder and a corpus, e.g. `nmt align model corpus/test`, or --ibm1 and a corpus."
        )


def _refuse_vain(ibm1: bool, reverse: Path | None, symmetrize: str | None, of_a_model: dict[str, object]) -> None:
    """Refuse flags that would change nothing."""
    vain = [name for name, value in of_a_model.items() if ibm1 and value is not None]
    if vain:
        raise ConfigError(f"{vain[0]} is for models: leave it out, or --ibm1.")
    if symmetrize and not (ibm1 or reverse):
        raise ConfigError("--symmetrize makes one of two directions: add --reverse DIR2, or leave it out.")


def _languages(model: str, reverse: Path | None, source: str, target: str) -> tuple[str, str]:
    """The languages of the pairs; those of the models unless given.

    Raises:
        ConfigError: the second model does not translate the other way.
    """
    from nmt.checkpoint import ModelFolder

    if reverse:
        check_direction(Path(model), reverse)
    ours = ModelFolder.open(Path(model)).config().data
    return source or ours.source, target or ours.target


def _load(
    model: str, reverse: Path | None, method: str, batch: int, device: str, precision: str, threads: int
) -> list["Aligner"]:
    from nmt.aligner import Aligner
    from nmt.device import keep_memory, use_threads

    keep_memory()
    use_threads(threads)
    folders = [Path(model), *([reverse] if reverse else [])]
    return [Aligner.load(folder, method, batch, device, precision) for folder in folders]


def _by_models(
    pairs: Iterator["Pair"], models: Sequence["Aligner"], threshold: float, symmetrize: str
) -> Iterator["Links"]:
    """Links of each pair; of two models, the second of the other direction, those of both made one."""
    from nmt.aligner import WINDOW
    from nmt.evaluation.alignment import SYMMETRIZATIONS, Links, extract, turned

    while some := list(islice(pairs, WINDOW * models[0].batch)):
        texts = [(pair.source, pair.target or "") for pair in some]
        found = [models[0].align(texts), *(model.align([(t, s) for s, t in texts]) for model in models[1:])]
        for pair, *each in zip(some, *found, strict=True):
            if refused := [alignment for alignment in each if isinstance(alignment, str)]:
                if refused[0]:
                    _note(pair, refused[0])
                yield Links()
                continue
            links = [extract(found.weights, threshold, model.empty) for found, model in zip(each, models, strict=True)]
            yield links[0] if len(links) == 1 else SYMMETRIZATIONS[symmetrize](links[0], turned(links[1]))


def _by_ibm1(names: Sequence[str], more: Sequence[str], source: str, target: str, symmetrize: str) -> Iterator["Links"]:
    """Links of each pair of the first corpora by IBM Model 1 in both directions, trained on all of them."""
    from nmt.evaluation.alignment import SYMMETRIZATIONS, turned
    from nmt.evaluation.ibm1 import LONGEST, train

    sides: tuple[list[list[str]], list[list[str]]] = ([], [])
    owed = 0
    for place, corpora in enumerate((names, more)):
        for pair in pairs_of(corpora, source, target):
            words = [_plain_words(text) for text in (pair.source, pair.target or "")]
            if (most := max(map(len, words))) > LONGEST:
                _note(pair, f"{most} words, more than {LONGEST}")
                words = [[], []]
            for side, some in zip(sides, words, strict=True):
                side.append(some)
            owed += not place
    forward, backward = train(*sides).links[:owed], train(*sides[::-1]).links[:owed]
    for there, back in zip(forward, backward, strict=True):
        yield SYMMETRIZATIONS[symmetrize](there, turned(back))


def _note(pair: "Pair", reason: str) -> None:
    print(f"nmt: {pair.origin}: not aligned: {reason}", file=sys.stderr)


def _plain_words(text: str) -> list[str]:
    from nmt.text.cleaning import tidy
    from nmt.text.words import plain

    return [plain(word) for word in tidy(text).split(" ")] if tidy(text).strip() else []
