"""`nmt score`: how good a translation is, in numbers that others can reproduce."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.commands.output import say
from nmt.errors import DataError
from nmt.evaluation.metrics import TOKENIZERS, Compared, Score, check_lengths, compare, score, test_set
from nmt.scripts import bleu_tokenizer
from nmt.text.lines import decode_lines, read_lines, standard_input, standard_output, write_line

if TYPE_CHECKING:
    from nmt.evaluation.alignment import Quality

STDIN = Path("-")


def _refuse_second(others: list[Path] | None) -> None:
    if others:
        raise DataError(
            f"{others[0]}: one file of translations stands alone. Say what the other is: --reference or --baseline."
        )


def run(
    hypothesis: Annotated[Path, typer.Argument(metavar="HYP", help="Translations, one a line; - is stdin.")] = STDIN,
    others: Annotated[list[Path] | None, typer.Argument(metavar="", hidden=True, callback=_refuse_second)] = None,
    reference: Annotated[
        list[Path] | None, typer.Option("--reference", "-r", metavar="FILE", help="Right answers; repeatable.")
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option("--metric", "-m", help="bleu, chrf or ter; repeatable.  [default: bleu, chrf]")
    ] = None,
    lowercase: Annotated[bool, typer.Option("--lowercase", help="Ignore case.")] = False,
    tokenize: Annotated[
        str | None,
        typer.Option(help="sacreBLEU's tokenizer for BLEU.  [default: 13a; zh or char for text without spaces]"),
    ] = None,
    baseline: Annotated[
        list[Path] | None, typer.Option(metavar="HYP2", help="Other translations to compare HYP with; repeatable.")
    ] = None,
    resamples: Annotated[int, typer.Option(min=1, help="Bootstrap resamples for --baseline.")] = 1000,
    testset: Annotated[str | None, typer.Option(help="References of a sacreBLEU test set, e.g. wmt14.")] = None,
    pair: Annotated[str | None, typer.Option(help="Language pair of --testset, e.g. en-de.")] = None,
    gold: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Links a person made: HYP holds word alignments, i-j.")
    ] = None,
    pairs: Annotated[
        str | None, typer.Option(metavar="FILE,FILE", help="The sentences of --gold: are all links within them?")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score translations against references with sacreBLEU, or word alignments against a person's.

    Give plain text, not tokenised. Each score comes with the signature that makes it reproducible. With --baseline,
    a paired bootstrap test says whether HYP differs from other translations by more than chance. With --gold, the
    alignment error rate, precision and recall of HYP.

    \b
    Example:
      nmt translate model < test.en | nmt score --reference test.de
      nmt score new.txt --reference test.de --baseline old.txt
      nmt align model a.en,a.de | nmt score --gold a.gold
    """
    if gold or pairs:
        _refuse_mixture(gold, [reference, metric, baseline, testset, pair, tokenize, lowercase])
        _score_links(hypothesis, gold or STDIN, pairs, as_json)
        return
    _refuse_twice([hypothesis, *(baseline or [])], reference or [])
    named = _references(reference or [], testset, pair)
    references = [lines for _, lines in named]
    metrics = [*dict.fromkeys(metric or ("bleu", "chrf"))]
    systems = {str(path): _read(path) for path in (hypothesis, *(baseline or []))}
    for name, lines in systems.items():
        check_lengths(_name(name), lines, named)
    lines, tokenize = systems[str(hypothesis)], tokenize or _tokenizer(metrics, pair, references[0])
    scores = [score(name, lines, references, lowercase=lowercase, tokenize=tokenize) for name in metrics]
    compared = []
    if baseline:
        compared = compare(metrics, systems, references, resamples, lowercase=lowercase, tokenize=tokenize)
    if as_json:
        _print(json.dumps(_as_dict(scores, compared, resamples), ensure_ascii=False))
    else:
        _print_scores(scores, compared, f"{resamples} resamples; delta is {hypothesis} minus the other")


def _read(path: Path) -> list[str]:
    return list(decode_lines(standard_input()) if path == STDIN else read_lines(path))


def _refuse_twice(systems: Sequence[Path], references: Sequence[Path]) -> None:
    """A system is not compared with itself, and standard input comes once."""
    for number, path in enumerate(systems):
        if path.resolve() in [other.resolve() for other in systems[:number]]:
            raise DataError(f"{_name(str(path))} is given twice. Give other translations as --baseline.")
    if [*systems, *references].count(STDIN) > 1:
        raise DataError("Standard input (-) can be read only once. Give a file for the other.")


def _name(path: str) -> str:
    return "standard input" if path == str(STDIN) else path


def _references(files: Sequence[Path], testset: str | None, pair: str | None) -> list[tuple[str, list[str]]]:
    """Reference sets with the names they go by in a complaint."""
    if bool(testset) != bool(pair):
        raise DataError("--testset and --pair go together, e.g. --testset wmt14 --pair en-de.")
    if bool(testset) == bool(files):
        raise DataError("Give either --reference FILE, or --testset and --pair.")
    if testset and pair:
        sets = test_set(testset, pair)[1]
        return [(f"reference {number} of {testset}", lines) for number, lines in enumerate(sets, start=1)]
    return [(_name(str(path)), _read(path)) for path in files]


def _tokenizer(metrics: Sequence[str], pair: str | None, reference: Sequence[str]) -> str | None:
    """What BLEU finds words with: as sacreBLEU has it for a test set, else by how the reference is written."""
    if "bleu" not in metrics:
        return None
    if pair and (named := TOKENIZERS.get(pair.rpartition("-")[2])):
        return named
    if found := bleu_tokenizer(reference):
        say(f"BLEU with --tokenize {found}: the references have no spaces between words, so that 13a finds none.")
    return found


def _refuse_mixture(gold: Path | None, others: Sequence[object]) -> None:
    """Links are scored by themselves."""
    if not gold:
        raise DataError("--pairs goes with --gold. Give the links a person made as --gold FILE.")
    if any(others):
        raise DataError("--gold is for word alignments. Leave out what is for translations, or --gold.")


def _score_links(hypothesis: Path, gold: Path, pairs: str | None, as_json: bool) -> None:
    """Alignment error rate of a file of links; where the sentences are given, all indices are checked."""
    from nmt.evaluation.alignment import alignment_error, check_range, parse_gold, parse_pharaoh

    _refuse_twice([hypothesis], [gold])
    names, texts = (_name(str(hypothesis)), _name(str(gold))), (_read(hypothesis), _read(gold))
    check_lengths(names[0], texts[0], [(names[1], texts[1])])
    links = [parse_pharaoh(line, f"{names[0]}:{n}") for n, line in enumerate(texts[0], start=1)]
    right = [parse_gold(line, f"{names[1]}:{n}") for n, line in enumerate(texts[1], start=1)]
    if pairs:
        counts = _word_counts(pairs)
        check_lengths(pairs, counts, [(names[1], texts[1])])
        for n, (found, known, count) in enumerate(zip(links, right, counts, strict=True), start=1):
            check_range(found, *count, f"{names[0]}:{n}")
            check_range(known.possible, *count, f"{names[1]}:{n}")
    quality = alignment_error(links, right)
    _print(json.dumps({"alignment": quality._asdict()}) if as_json else _quality(quality))


def _word_counts(pairs: str) -> list[tuple[int, int]]:
    """How many words, which stand between spaces, each pair has."""
    from nmt.text.cleaning import tidy
    from nmt.text.readers import read_corpus

    if "," not in pairs:
        raise DataError(f"{pairs}: --pairs takes two files with a comma between them, e.g. a.en,a.de.")
    return [
        (len(tidy(pair.source).split()), len(tidy(pair.target or "").split())) for pair in read_corpus(pairs, "", "")
    ]


def _quality(quality: "Quality") -> str:
    shares = (("AER", quality.error), ("precision", quality.precision), ("recall", quality.recall))
    counts = f"{quality.links} links against {quality.sure} sure, {quality.possible} possible"
    return "  ".join([*(f"{name} {100 * value:.2f}" for name, value in shares), counts])


def _as_dict(scores: Sequence[Score], compared: Sequence[Compared], resamples: int) -> dict[str, object]:
    answer: dict[str, object] = {"scores": [each._asdict() for each in scores]}
    if compared:
        answer |= {"resamples": resamples, "comparison": [row._asdict() for row in compared]}
    return answer


def _print_scores(scores: Sequence[Score], compared: Sequence[Compared], how: str) -> None:
    for each in scores:
        _print(f"{each.name} {each.value:.2f}  {each.signature}")
    if compared:
        _print_table(compared)
        note = f"Paired bootstrap, {how}; p below 0.05 is commonly taken to be no accident."
        print(note, file=sys.stderr)


def _print_table(rows: Sequence[Compared]) -> None:
    width = max(len(row.system) for row in rows)
    _print(f"\n{'metric':7} {'system':{width}}  score      95 %   delta       p")
    ours: dict[str, float] = {}
    for row in rows:
        first = ours.setdefault(row.metric, row.value)
        versus = "" if row.p_value is None else f"  {first - row.value:+6.2f}  {row.p_value:.4f}"
        _print(f"{row.metric:7} {row.system:{width}} {row.value:6.2f}  ± {row.interval:5.2f} {versus}".rstrip())


def _print(text: str) -> None:
    for line in text.split("\n"):
        write_line(standard_output(), line)
