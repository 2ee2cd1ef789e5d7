"""Minutes until validation BLEU 35, greedy: our default settings against Joey NMT's curve.

    python benchmarks/quality_race.py FOLDER --joey-minutes 130
    python benchmarks/quality_race.py FOLDER --joey-run runs/joeynmt      # a training that joeynmt.py has made
    python benchmarks/quality_race.py FOLDER --ours-only

The peer's minutes are its real target tokens until the score, over its speed, so its validations are not counted; ours
are, in the ratio. Its speed is the median of its own log, or a cleaner one that is given (`--joey-speed`, from
train_speed.py), since hours on a shared machine are not all alike. A training of the peer that was stopped before the
score gives a lower bound, and the result says so.
"""

import argparse
import itertools
import shutil
import statistics
from pathlib import Path
from typing import Any

import joeynmt
from corpus import Corpus, find
from measure import ROOT, Missing, machine, peer, say, show
from ours import Event, make_vocabulary, train, updates, validations


def main() -> None:
    """Race to the score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bleu", type=float, default=35.0)
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "quality_race")
    parser.add_argument("--validate", type=int, default=0, help="updates between our validations; 0: once an epoch")
    parser.add_argument("--joey-minutes", type=float, default=130.0)
    parser.add_argument("--joey-validate", type=int, default=500, help="updates between its validations")
    parser.add_argument("--joey-run", type=Path, help="read this training of joeynmt.py, do not make one")
    parser.add_argument("--joey-speed", type=float, default=0.0, help="its target tokens a second, measured alone")
    parser.add_argument("--ours-only", action="store_true")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE", help="for ours")
    options = parser.parse_args()
    corpus = find(options.folder)
    facts: dict[str, Any] = {"machine": machine(), "bleu": options.bleu}
    facts["ours"] = ours(corpus, options.work / "ours", options.bleu, options.validate, options.settings)
    theirs = None if options.ours_only else _theirs(corpus, options)
    if theirs:
        facts["joeynmt"] = theirs
        if minutes := facts["ours"]["minutes_with_validations"]:
            facts["share_of_its_minutes"] = round(minutes / theirs["minutes"], 4)
            facts["times_as_fast"] = round(theirs["minutes"] / minutes, 1)
            facts["is_a_bound"] = theirs["lower_bound"]  # true: at least so many times as fast
    show(facts)


def ours(corpus: Corpus, out: Path, bleu: float, every: int, settings: list[str]) -> dict[str, Any]:
    """Train with the defaults until a validation, greedy, reaches the score."""
    shutil.rmtree(out, ignore_errors=True)
    words = ["validation.beam=1", "validation.patience=0", f"validation.every={every}", *settings]

    def enough(events: list[Event]) -> bool:
        return any(event["bleu"] >= bleu for event in validations(events))

    events = train(corpus, out, words, enough)
    speed = statistics.median(event["tokens_per_second"] for event in updates(events))
    judged = validations(events)
    first = next((event for event in judged if event["bleu"] >= bleu), None)
    return {
        "minutes_of_updates_alone": round(_minutes_of_updates(events, first["update"]), 2) if first else None,
        "minutes_with_validations": round(first["seconds"] / 60, 2) if first else None,
        "target_tokens_per_second": round(speed),
        "curve": [{key: event[key] for key in ("update", "epoch", "seconds", "bleu", "loss")} for event in judged],
    }


def _minutes_of_updates(events: list[Event], until: int) -> float:
    """Time of the updates alone: every logged window is 20 of them; one cut by a validation counts as the mean one."""
    gaps = []
    for before, after in itertools.pairwise(events):
        if before["event"] == after["event"] == "update":
            gaps.append((after["seconds"] - before["seconds"]) / (after["update"] - before["update"]))
    return until * statistics.mean(gaps) / 60


def _theirs(corpus: Corpus, options: argparse.Namespace) -> dict[str, Any] | None:
    if options.joey_run:
        facts = joeynmt.curve(options.joey_run)
    else:
        try:
            peer("joeynmt")
        except Missing as missing:
            say(f"skipped: {missing}")
            return None
        out = options.work / "joeynmt"
        shutil.rmtree(out, ignore_errors=True)
        vocabulary = make_vocabulary(corpus, joeynmt.PIECES)
        facts = joeynmt.train(corpus, vocabulary, out, minutes=options.joey_minutes, validate=options.joey_validate)
    return until(facts, options.bleu, options.joey_speed)


def until(facts: dict[str, Any], bleu: float, speed: float = 0.0) -> dict[str, Any]:
    """Minutes a curve of the peer needs to a score at its speed; all of its tokens where it did not get there."""
    measured = facts["target_tokens_per_second"]["median"]
    speed = speed or measured
    first = next((point for point in facts["validations"] if point["bleu"] >= bleu), None)
    tokens = first["tokens"] if first else facts["updates"] * facts["real_target_tokens_per_batch"]
    return {
        "minutes": round(tokens / speed / 60, 1),
        "lower_bound": first is None,
        "target_tokens": round(tokens),
        "target_tokens_per_second": speed,
        "in_its_own_log": measured,
        "curve": facts["validations"],
    }


if __name__ == "__main__":
    main()
