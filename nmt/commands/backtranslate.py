"""`nmt backtranslate`: text of the target language alone -> pairs to learn from (Sennrich, Haddow & Birch 2016)."""

import sys
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.commands.calibrate import looker
from nmt.commands.flags import Beam, Device, Models, Precision, Sample, SearchSettings, Seed, Threads, check_precision
from nmt.commands.translation import load, note, refuse_files, search_of
from nmt.settings import TAG

if TYPE_CHECKING:
    from nmt.evaluation.doubt import Verdict
    from nmt.translator import Translation


def run(
    models: Models,
    beam: Beam = None,
    sample: Sample = False,
    seed: Seed = None,
    set: SearchSettings = None,
    doubtful: Annotated[bool, typer.Option("--doubtful", help="Keep the pairs that are flagged as doubtful.")] = False,
    tag: Annotated[bool, typer.Option(help=f"Begin each source with {TAG}, so that a model can tell it.")] = True,
    precision: Precision = "fp32",
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Make training pairs out of text in the target language alone.

    Standard input is text of the language that is to be translated INTO; DIR translates the other way. Each line is
    translated, and source<TAB>target is written: the machine's words as source, your text as target. Blank lines, lines
    of more than one part, copies and, where one model is calibrated, doubtful translations are left out and counted.

    The tag tells the model that a person did not write this source (Caswell, Chelba & Grangier 2019); nothing that is
    tagged is held out for validation.

    \b
    Example:
      nmt train corpus/train --source de --target en --out reverse
      nmt backtranslate reverse < more.de > synthetic.tsv
      nmt train corpus/train synthetic.tsv --source en --target de --out model
    """
    from nmt.checkpoint import DOUBT
    from nmt.text.lines import decode_lines, standard_input, standard_output, write_line

    check_precision(precision)
    refuse_files(models)
    flags = {"beam": beam, "seed": seed}
    settings = search_of(
        models[0], set or [], sample, {key: value for key, value in flags.items() if value is not None}
    )
    translator = load(models, settings, device, precision, threads)
    look, out, left = looker(models, translator), standard_output(), Counter[str]()
    if not doubtful and not (len(models) == 1 and (models[0] / DOUBT).is_file()):
        note("no doubt.json (nmt calibrate makes one), so that no translation counts as doubtful.")
    written = 0
    for translation in translator.stream(decode_lines(standard_input(), note), note):
        if reason := _unfit(translation, look(translation), doubtful):
            left[reason] += 1
            continue
        source, target = (" ".join(side.split("\t")) for side in (translation.text, translation.source))
        write_line(out, f"{TAG} {source}\t{target}" if tag else f"{source}\t{target}")
        out.flush()
        written += 1
    print(_report(written, left.items()), file=sys.stderr)


def _unfit(translation: "Translation", verdict: "Verdict", doubtful: bool) -> str:
    """Why a translation makes no pair; "" if it does."""
    if not translation.source.strip():
        return "blank"
    if not translation.text.strip():
        return "without a translation"
    if translation.parts > 1:
        return "too long"
    if translation.text.strip() == translation.source.strip():
        return "copied"
    return "doubtful" if verdict.flagged and not doubtful else ""


def _report(written: int, left: Iterable[tuple[str, int]]) -> str:
    counts = ", ".join(f"{count:,} {reason}" for reason, count in left)
    return f"Wrote {written:,} pairs. " + (f"Left out: {counts}." if counts else "Left nothing out.")
