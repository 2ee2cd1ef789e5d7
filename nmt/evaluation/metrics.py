"""Scores one can compare with others': BLEU, chrF and TER through sacreBLEU (Post 2018), each with its signature.

Hypotheses and references are plain, detokenised text; sacreBLEU's own tokenisation makes numbers comparable.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from nmt.errors import ConfigError, DataError
from nmt.registry import Registry, nearest
from nmt.scripts import bleu_tokenizer

if TYPE_CHECKING:
    from sacrebleu.metrics.base import Metric


class Score(NamedTuple):
    """One metric's verdict on a corpus; `value` is in percent, `text` is sacreBLEU's own line."""

    name: str
    value: float
    signature: str
    text: str


class Compared(NamedTuple):
    """One system under one metric: its score, and the mean and half the 95 % interval of its resampled scores.

    `p_value` is the chance of such a difference from the baseline if there were none; None for the baseline itself.
    """

    system: str
    metric: str
    value: float
    mean: float
    interval: float
    p_value: float | None
    signature: str


def bleu(lowercase: bool, tokenize: str | None) -> "Metric":
    """BLEU; `tokenize` is one of sacreBLEU's tokenizers, 13a unless given."""
    from sacrebleu.metrics.bleu import BLEU

    if tokenize is not None and tokenize not in BLEU.TOKENIZERS:
        choices = ", ".join(BLEU.TOKENIZERS)
        raise ConfigError(
            f"Unknown BLEU tokenizer '{tokenize}'.{nearest(tokenize, BLEU.TOKENIZERS)} Choices: {choices}."
        )
    try:
        return BLEU(lowercase=lowercase, tokenize=tokenize)
    except (Exception, SystemExit) as error:  # some tokenizers need another package, or download a model
        raise ConfigError(
            f"BLEU tokenizer '{tokenize}' cannot start: {_first_line(error)} Choose another one."
        ) from None


def chrf(lowercase: bool, tokenize: str | None) -> "Metric":
    """chrF2 over character 6-grams; it has no tokenizer."""
    from sacrebleu.metrics.chrf import CHRF

    return CHRF(lowercase=lowercase)


def ter(lowercase: bool, tokenize: str | None) -> "Metric":
    """TER, lower is better; sacreBLEU's default ignores case already."""
    from sacrebleu.metrics.ter import TER

    return TER()


METRICS: Registry[Callable[[bool, str | None], "Metric"]] = Registry("metric", bleu=bleu, chrf=chrf, ter=ter)

TOKENIZERS = {"zh": "zh", "ja": "ja-mecab", "ko": "ko-mecab"}
"""Target language of a test set -> BLEU's tokenizer for it, as sacreBLEU chooses."""


def score(
    metric: str,
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    *,
    lowercase: bool = False,
    tokenize: str | None = None,
) -> Score:
    """Score a corpus; `references` holds one list of lines for each reference set.

    BLEU takes the tokenizer that fits how they are written unless `tokenize` names one; see `nmt.scripts`.

    Raises:
        ConfigError: an unknown metric or tokenizer.
        DataError: no lines, or unequal numbers of them.
    """
    check_lengths("hypothesis", hypotheses, _numbered(references))
    judge = METRICS[metric](lowercase, tokenize or bleu_tokenizer(references[0]))
    result = judge.corpus_score(hypotheses, references)
    signature = str(judge.get_signature())
    return Score(result.name, result.score, signature, result.format(signature=signature))


def each_chrf(hypotheses: Sequence[str], references: Sequence[str]) -> list[float]:
    """chrF of each line by itself, in percent.

    Raises:
        DataError: no lines, or unequal numbers of them.
    """
    check_lengths("hypothesis", hypotheses, [("the reference", references)])
    judge = chrf(False, None)
    pairs = zip(hypotheses, references, strict=True)
    return [float(judge.sentence_score(hypothesis, [reference]).score) for hypothesis, reference in pairs]


def compare(
    metrics: Iterable[str],
    hypotheses_by_name: Mapping[str, Sequence[str]],
    references: Sequence[Sequence[str]],
    resamples: int = 1000,
    seed: int = 12345,
    *,
    lowercase: bool = False,
    tokenize: str | None = None,
) -> list[Compared]:
    """Paired bootstrap (Koehn 2004) of systems against the first of them, the baseline; `seed` is 1 or more.

    Returns one row for each metric and, within it, each system, in the order they were given.

    Raises:
        ConfigError: an unknown metric or tokenizer.
        DataError: no lines, or unequal numbers of them.
    """
    from sacrebleu.significance import PairedTest

    for name, hypotheses in hypotheses_by_name.items():
        check_lengths(name, hypotheses, _numbered(references))
    tokenize = tokenize or bleu_tokenizer(references[0])
    judges = {name: METRICS[name](lowercase, tokenize) for name in metrics}
    with _sacrebleu_seed(seed):
        test = PairedTest(list(hypotheses_by_name.items()), judges, references, test_type="bs", n_samples=resamples)
        signatures, columns = test()
    rows: list[Compared] = []
    for metric, signature in signatures.items():
        results: list[Any] = list(columns[metric])
        for system, result in zip(hypotheses_by_name, results, strict=True):
            p_value: float | None = result.p_value
            if p_value is not None and result.score == results[0].score:
                p_value = 1.0  # sacreBLEU counts only differences above the real one: equal systems would get 0.001
            numbers = (float(result.score), float(result.mean), float(result.ci))
            rows.append(Compared(system, metric, *numbers, p_value, str(signature)))
    return rows


def test_set(name: str, pair: str) -> tuple[list[str], list[list[str]]]:
    """Sources and reference sets of one of sacreBLEU's test sets, e.g. ("wmt14", "en-de"); downloaded once.

    Raises:
        DataError: an unknown test set or language pair, or the download failed.
    """
    from sacrebleu.dataset import DATASETS

    if name not in DATASETS:
        raise DataError(f"Unknown test set '{name}'.{nearest(name, DATASETS)} List them with `sacrebleu --list`.")
    dataset: Any = DATASETS[name]
    if pair not in dataset.langpairs:
        pairs = ", ".join(sorted(dataset.langpairs))
        raise DataError(f"Test set {name} has no pair '{pair}'.{nearest(pair, dataset.langpairs)} Pairs: {pairs}.")
    try:
        sources = _lines(dataset.get_source_file(pair))
        return sources, [_lines(path) for path in dataset.get_reference_files(pair)]
    except (Exception, SystemExit) as error:  # sacreBLEU leaves with sys.exit where a checksum is wrong
        raise DataError(
            f"Test set {name} {pair} cannot be fetched: {_first_line(error)} Check the network, or pass --reference."
        ) from None


test_set.__test__ = False  # type: ignore[attr-defined]  # pytest would take the name for a test


def _numbered(references: Sequence[Sequence[str]]) -> list[tuple[str, Sequence[str]]]:
    return [(f"reference {number}", lines) for number, lines in enumerate(references, start=1)]


def check_lengths(name: str, hypotheses: Sequence[object], references: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Look whether hypotheses and each reference, given with its name, have as many lines.

    Raises:
        DataError: they have not, there is no reference, or no line.
    """
    if not references:
        raise DataError("There is no reference. Pass --reference FILE.")
    for other, reference in references:
        if len(reference) != len(hypotheses):
            lines = f"{len(hypotheses)} line" + ("s" if len(hypotheses) != 1 else "")
            raise DataError(
                f"{name} has {lines} but {other} has {len(reference)}. "
                "Line i of one must belong to line i of the other."
            )
    if not hypotheses:
        raise DataError(f"{name} has 0 lines. Give it at least one to score.")


@contextmanager
def _sacrebleu_seed(seed: int) -> Iterator[None]:
    """Set the seed where alone sacreBLEU looks for it: in the environment."""
    before = os.environ.get("SACREBLEU_SEED")
    os.environ["SACREBLEU_SEED"] = str(seed)
    try:
        yield
    finally:
        del os.environ["SACREBLEU_SEED"]
        if before is not None:
            os.environ["SACREBLEU_SEED"] = before


def _lines(path: str) -> list[str]:
    return Path(path).read_bytes().decode("utf-8").removesuffix("\n").split("\n")


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".") + "."
