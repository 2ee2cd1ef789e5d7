"""Target tokens a second in training: Joey NMT's architecture there and here, and our default settings, in one run.

    python benchmarks/train_speed.py FOLDER                          # 60 updates each, in turns, 3 rounds
    python benchmarks/train_speed.py FOLDER --loss-updates 500       # and the validation loss after as many tokens
    python benchmarks/train_speed.py data --contestants default      # without a peer

Every piece is a training of its own in a process of its own, by the command line of its toolkit; its speed is the one
its own log gives after the first 20 updates. The batches of `same` hold as many real target tokens as Joey NMT's.
"""

import argparse
import shutil
import statistics
from functools import partial
from pathlib import Path
from typing import Any

import joeynmt
from corpus import Corpus, find
from measure import ROOT, Missing, in_turns, machine, peer, piece, ratios, say, show, summary
from ours import (
    LIKE,
    NEVER,
    batch_tokens_for,
    make_vocabulary,
    plan,
    reached,
    tokens_per_batch,
    train,
    updates,
    validations,
)

CONTESTANTS = ("joeynmt", "same", "same-fp32", "default")
USUAL = 1750.0  # real target tokens in a batch of Joey NMT's, where it is not there to be asked


class Race:
    """The contestants, and what they must know of one another."""

    def __init__(self, folder: Path, work: Path, count: int, options: argparse.Namespace) -> None:
        self.folder, self.work, self.count = folder, work, count
        self.corpus: Corpus = find(folder)
        self.decoder: list[str] = [f"decoder.kind={options.decoder}"] if options.decoder else []
        self.wanted: float = options.tokens
        self.batch_tokens = 0

    def vocabulary(self) -> Path:
        """The one of the peer's architecture, there and here."""
        return make_vocabulary(self.corpus, joeynmt.PIECES)

    def run(self, name: str) -> dict[str, Any]:
        """One piece of one contestant."""
        out = self.work / name
        shutil.rmtree(out, ignore_errors=True)
        if name == "joeynmt":
            return self.peer(out, self.count)
        events = train(self.corpus, out, [*self.settings(name), NEVER], reached(self.count), self.preset(name))
        return {"tokens_per_second": statistics.median(event["tokens_per_second"] for event in updates(events))}

    def peer(self, out: Path, count: int) -> dict[str, Any]:
        """A piece of the peer; the first one tells how large batches have to be."""
        facts = joeynmt.train(self.corpus, self.vocabulary(), out, updates=count, validate=10**6)
        self.wanted = self.wanted or facts["real_target_tokens_per_batch"]
        return {"tokens_per_second": facts["target_tokens_per_second"]["median"]} | facts

    def preset(self, name: str) -> Path | None:
        """The settings of ours."""
        return None if name == "default" else LIKE

    def settings(self, name: str) -> list[str]:
        """What is set beside the preset."""
        if name == "default":
            return []
        if not self.batch_tokens:
            vocabulary = self.vocabulary()
            _, batches = plan(self.corpus, LIKE, self.decoder, vocabulary)
            self.wanted = self.wanted or USUAL
            self.batch_tokens = batch_tokens_for(batches, self.wanted)
        words = [*self.decoder, f"training.batch_tokens={self.batch_tokens}"]
        return [*words, "training.precision=fp32"] if name == "same-fp32" else words


def main() -> None:
    """Race, and print medians, ratios and spread."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "data")
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "train_speed")
    parser.add_argument("--contestants", default="joeynmt,same,default", help=f"of {', '.join(CONTESTANTS)}")
    parser.add_argument("--updates", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--tokens", type=float, default=0.0, help="real target tokens a batch; 0: as many as the peer's"
    )
    parser.add_argument("--loss-updates", type=int, default=0, help="compare validation loss after so many of the peer")
    parser.add_argument("--decoder", default="", help="decoder.kind of `same`, where it is not the preset's")
    options = parser.parse_args()
    race = Race(options.folder, options.work, options.updates, options)
    names = _there(options.contestants.split(","))
    facts: dict[str, Any] = {"machine": machine(), "updates": options.updates}
    results = in_turns({name: partial(race.run, name) for name in names}, options.rounds)
    speeds = {name: [result["tokens_per_second"] for result in some] for name, some in results.items()}
    facts["target_tokens_per_second"] = {name: summary(some, 0) for name, some in speeds.items()}
    if "joeynmt" in names:
        facts["times_as_fast"] = {
            name: ratios(some, speeds["joeynmt"]) for name, some in speeds.items() if name != "joeynmt"
        }
        batches = [result["real_target_tokens_per_batch"] for result in results["joeynmt"]]
        facts["real_target_tokens_per_batch"] = {"joeynmt": summary(batches)}
    facts |= _batches(race, names, facts.get("real_target_tokens_per_batch", {}))
    facts["efficiency"] = {name: efficiency(race, name, speeds[name]) for name in names if name != "joeynmt"}
    if options.loss_updates and "joeynmt" in names:
        facts["validation_loss"] = compare_losses(race, options.loss_updates)
    show(facts)


def _there(names: list[str]) -> list[str]:
    """Without the peer where it is not installed; it runs first in every round."""
    if strange := set(names) - set(CONTESTANTS):
        raise SystemExit(f"{', '.join(sorted(strange))}: no contestant. Choices: {', '.join(CONTESTANTS)}.")
    try:
        peer("joeynmt")
    except Missing as missing:
        if "joeynmt" in names:
            say(f"skipped: {missing}")
        names = [name for name in names if name != "joeynmt"]
    return sorted(names, key=CONTESTANTS.index)


def _batches(race: Race, names: list[str], known: dict[str, Any]) -> dict[str, Any]:
    """How many real target tokens a batch of `same` holds, and by which setting."""
    if not race.batch_tokens:
        return {}
    vocabulary = race.vocabulary()
    _, batches = plan(race.corpus, LIKE, race.settings("same"), vocabulary)
    known = {**known, "same": round(tokens_per_batch(batches), 1)}
    return {"real_target_tokens_per_batch": known, "batch_tokens_of_same": race.batch_tokens}


def efficiency(race: Race, name: str, speeds: list[float]) -> dict[str, Any]:
    """The time of the matrix products alone over the time measured; the products are timed right after the race."""
    preset = race.preset(name)
    request = {
        "folder": str(race.folder.absolute()),
        "preset": str(preset) if preset else None,
        "settings": race.settings(name),
    }
    products = piece(ROOT / "benchmarks" / "products.py", request | {"batches": 6})
    share = products.pop("seconds_per_token") * statistics.median(speeds)
    return {"share_of_products": round(share, 3)} | products


def compare_losses(race: Race, count: int) -> dict[str, Any]:
    """Cross-entropy a piece without smoothing on the validation set, after equally many real target tokens."""
    out = race.work / "loss-joeynmt"
    shutil.rmtree(out, ignore_errors=True)
    theirs = race.peer(out, count)
    tokens = theirs["real_target_tokens_per_batch"] * theirs["updates"]
    words = race.settings("same")
    _, batches = plan(race.corpus, LIKE, words, race.vocabulary())
    updates_needed = round(tokens / tokens_per_batch(batches))
    out_same = race.work / "loss-same"
    shutil.rmtree(out_same, ignore_errors=True)
    every = f"validation.every={updates_needed}"
    events = train(race.corpus, out_same, [*words, every], lambda log: bool(validations(log)), LIKE)
    vocabularies = [path.read_bytes() for path in (race.vocabulary(), out_same / "joint.model")]
    return {
        "target_tokens": round(tokens),
        "joeynmt": joeynmt.score(out),
        "same": round(validations(events)[0]["loss"], 4),
        "updates": {"joeynmt": theirs["updates"], "same": updates_needed},
        "same_vocabulary": vocabularies[0] == vocabularies[1],
    }


if __name__ == "__main__":
    main()
