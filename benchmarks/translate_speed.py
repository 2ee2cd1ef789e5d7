"""Sentences a second in translation: ours, CTranslate2 and Joey NMT, greedy and beam 5, in one run and in turns.

    python benchmarks/translate_speed.py FOLDER
    python benchmarks/translate_speed.py FOLDER --model runs/multi30k --like-model runs/like --joey-run runs/joeynmt
    python benchmarks/translate_speed.py data                            # without peers

`ours` is the default model with random weights and every output as long as CTranslate2's (`--steps`, ours with the end
mark): against its int8 Transformer of random weights, on the same sentences. `trained` is the model of --model, with
its BLEU in every precision. `same` is Joey NMT's architecture with the weights of --like-model, else random ones; its
counterpart is the training of --joey-run. Each piece is a process of its own that loads, warms up, and times the
translating alone. The latencies are of one sentence at a time.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import joeynmt
from corpus import Corpus, find
from measure import (
    NMT,
    ROOT,
    Failed,
    Missing,
    in_turns,
    machine,
    peer,
    percentile,
    piece,
    ratios,
    run,
    say,
    show,
    summary,
)
from ours import LIKE, make_vocabulary, random_model

PEER = ROOT / "benchmarks" / "peers" / "ctranslate2_speed.py"
PRECISIONS = ("fp32", "bf16", "int8")
BEAMS = (1, 5)
Pieces = dict[str, Callable[[], dict[str, Any]]]


class Race:
    """The lines, the models, and the pieces to be timed."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.work = options, options.work.absolute()
        self.work.mkdir(parents=True, exist_ok=True)
        self.corpus: Corpus = find(options.folder)
        sides = (self.corpus.lines(self.corpus.test, side) for side in ("en", "de"))
        different = dict(zip(*sides, strict=True))  # we translate lines that are alike once: take each once
        pairs = list(different.items())[: options.lines or None]
        self.lines, self.references = [source for source, _ in pairs], [target for _, target in pairs]
        (self.work / "lines.json").write_text(json.dumps(pairs))
        model = options.model.absolute() / "joint.model" if options.model else None
        self.vocabulary = model or make_vocabulary(self.corpus, 5000)
        self.weights = random_model(self.work / "ours", self.vocabulary, None, [], options.steps)
        self.like = options.like_model or self._random_like()
        self.shape = {key: getattr(options, key) for key in ("size", "inner", "heads", "layers")}
        self.notes: list[str] = []

    def _random_like(self) -> Path:
        settings = [f"decoder.kind={self.options.decoder}"] if self.options.decoder else []
        vocabulary = make_vocabulary(self.corpus, joeynmt.PIECES)
        random_model(self.work / "same", vocabulary, LIKE, settings, self.options.steps)
        return self.work / "same"

    def ours(self, folder: Path, beam: int, precision: str, latency: int = 0) -> dict[str, Any]:
        """A piece of ours."""
        request = {"model": str(folder.absolute()), "lines": str(self.work / "lines.json"), "beam": beam}
        request |= {"precision": precision, "latency_lines": latency, "threads": self.options.threads}
        return piece(Path(__file__), request)

    def ctranslate2(self, beam: int, workers: int, threads: int, latency: int = 0) -> dict[str, Any]:
        """A piece of CTranslate2's."""
        from nmt.text.tokenizer import Tokenizer

        pieces = Tokenizer.load(self.vocabulary)
        sources = self.work / "sources.json"
        sources.write_text(json.dumps([pieces.encode(line) for line in self.lines]))
        shape = "-".join(str(value) for value in self.shape.values())
        request: dict[str, Any] = {"model": str(self.work / f"ctranslate2-{shape}-{pieces.size}"), "shape": self.shape}
        request |= {"pieces": pieces.size, "sources": str(sources), "steps": self.options.steps, "beam": beam}
        request |= {"workers": workers, "threads": threads, "latency_lines": latency}
        return piece(PEER, request, peer("ctranslate2"))

    def pieces(self) -> Pieces:
        """All that can be timed here; what cannot is noted."""
        precisions, cores = self.precisions(), os.cpu_count() or 1
        found: Pieces = {}
        for beam in BEAMS:
            for name in precisions:
                found[f"ours {name} beam {beam}"] = partial(self.ours, self.work / "ours", beam, name)
                if model := self.options.model:
                    found[f"trained {name} beam {beam}"] = partial(self.ours, model, beam, name)
            found[f"same fp32 beam {beam}"] = partial(self.ours, self.like, beam, "fp32")
            if self.there("ctranslate2"):
                for workers, threads in dict.fromkeys(((cores, 1), (1, cores))):
                    label = f"ctranslate2 {workers}x{threads} beam {beam}"
                    found[label] = partial(self.ctranslate2, beam, workers, threads)
            if self.options.joey_run and self.there("joeynmt"):
                found[f"joeynmt fp32 beam {beam}"] = partial(joeynmt.translate, self.options.joey_run, self.lines, beam)
        if not self.options.joey_run:
            self.note("no --joey-run: Joey NMT's translations are not timed")
        elif not self.options.like_model:
            self.note("no --like-model: `same` has random weights, so its outputs are not as long as Joey NMT's")
        return found

    def precisions(self) -> list[str]:
        """Those that `nmt translate` takes here."""
        taken = []
        for name in PRECISIONS:
            try:
                run([*NMT, "translate", self.work / "ours", "--precision", name])
                taken.append(name)
            except Failed:
                self.note(f"`nmt translate --precision {name}` is refused here")
        return taken

    def there(self, name: str) -> bool:
        """Whether a peer is installed; noted once where it is not."""
        try:
            peer(name)
        except Missing as missing:
            self.note(str(missing))
            return False
        return True

    def note(self, text: str) -> None:
        """Say once what is skipped, and keep it for the result."""
        if text not in self.notes:
            say(f"skipped: {text}")
            self.notes.append(text)


def main() -> None:
    """Race, and print medians, ratios and latencies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "data")
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "translate_speed")
    parser.add_argument("--model", type=Path, help="a trained folder of default settings")
    parser.add_argument("--like-model", type=Path, help="a folder trained with joeynmt_like.toml")
    parser.add_argument("--joey-run", type=Path, help="a training of joeynmt.py")
    parser.add_argument("--decoder", default="", help="decoder.kind of `same`, where it is not the preset's")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=17, help="pieces of every output of random weights")
    parser.add_argument("--lines", type=int, default=0, help="translate only so many; 0: all")
    parser.add_argument("--latency-lines", type=int, default=200, help="sentences whose latency is taken; 0: none")
    parser.add_argument("--threads", type=int, default=0, help="ours; 0 takes what torch takes")
    for name, value in (("size", 256), ("inner", 1024), ("heads", 4), ("layers", 3)):
        parser.add_argument(f"--{name}", type=int, default=value, help="of CTranslate2's Transformer")
    parser.add_argument("--piece", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.piece:
        print(json.dumps(translate(**options.piece)))
        return
    race = Race(options)
    results = in_turns(race.pieces(), options.rounds)
    speeds = {name: [result["sentences_per_second"] for result in some] for name, some in results.items()}
    facts: dict[str, Any] = {"machine": machine(), "lines": len(race.lines), "million_weights": race.weights / 1e6}
    facts["sentences_per_second"] = {name: summary(some) for name, some in speeds.items()}
    facts["output"] = {name: {k: v for k, v in some[0].items() if k not in HIDDEN} for name, some in results.items()}
    facts["times_as_fast"] = compare(speeds)
    facts["latency_milliseconds"] = latencies(race, speeds) if options.latency_lines else {}
    show(facts | {"skipped": race.notes})


HIDDEN = ("sentences_per_second", "seconds")


def compare(speeds: dict[str, list[float]]) -> dict[str, Any]:
    """Our fastest precision over CTranslate2's best thread setting, and `same` over Joey NMT, by beam."""
    found = {}
    for beam in BEAMS:
        best = {name: fastest(speeds, name, beam) for name in ("ours", "ctranslate2", "same", "joeynmt")}
        for mine, other in (("ours", "ctranslate2"), ("same", "joeynmt")):
            if (a := best[mine]) and (b := best[other]):
                found[f"{a} / {b}"] = ratios(speeds[a], speeds[b])
    return found


def fastest(speeds: dict[str, list[float]], start: str, beam: int) -> str | None:
    """The piece of a contestant with the best median for a beam."""
    names = [name for name in speeds if name.startswith(f"{start} ") and name.endswith(f"beam {beam}")]
    return max(names, key=lambda name: summary(speeds[name], 6)["median"], default=None)


def latencies(race: Race, speeds: dict[str, list[float]]) -> dict[str, Any]:
    """Median and 99th percentile of one sentence at a time, ours in every precision and CTranslate2 with all cores."""
    count, found = race.options.latency_lines, {}
    for name in speeds:
        who, how, *_, beam = name.split()
        if who == "ours":
            some = race.ours(race.work / "ours", int(beam), how, count)
        elif who == "ctranslate2" and how.startswith("1x"):  # one sentence keeps one worker busy
            some = race.ctranslate2(int(beam), 1, int(how.split("x")[1]), count)
        else:
            continue
        times = [1000 * seconds for seconds in some["seconds"]]
        found[name] = {"median": round(percentile(times, 0.5), 1), "p99": round(percentile(times, 0.99), 1)}
    return found


def translate(
    model: str, lines: str, beam: int, precision: str, threads: int = 0, latency_lines: int = 0
) -> dict[str, Any]:
    """One piece of ours: load, warm up, and time the translating, from text to text."""
    from dataclasses import replace

    from nmt.checkpoint import ModelFolder
    from nmt.device import use_threads
    from nmt.evaluation.metrics import score
    from nmt.translator import Translator

    use_threads(threads)
    pairs = json.loads(Path(lines).read_text())
    sources, references = [source for source, _ in pairs], [target for _, target in pairs]
    search = replace(ModelFolder.open(Path(model)).config().search, beam=beam, nbest=1)
    translator = Translator.load(Path(model), search, "cpu", precision)
    translator.translate(sources[:64])
    if latency_lines:
        return {"seconds": [_once(translator, [line])[0] for line in sources[:latency_lines]]}
    seconds, texts = _once(translator, sources)
    answer = {"sentences_per_second": len(sources) / seconds}
    if search.max_ratio == 0:  # random weights: every output ends at the limit
        return answer | {"pieces": _search_length(translator, sources[:8])}
    pieces = [len(translator.tokenizers.target.encode(text)) + 1 for text in texts]
    return answer | {
        "pieces": round(sum(pieces) / len(pieces), 1),
        "bleu": round(score("bleu", texts, [references]).value, 2),
    }


def _once(translator: Any, sources: list[str]) -> tuple[float, list[str]]:
    started = time.perf_counter()
    texts = [translation.text for translation in translator.translate(sources)]
    return time.perf_counter() - started, texts


def _search_length(translator: Any, sources: list[str]) -> int:
    """Pieces of the hypotheses the search finds, end mark counted; all have as many.

    Raises:
        Failed: they do not.
    """
    from nmt.search.strategies import strategy_for
    from nmt.settings import EOS
    from nmt.text.batches import pad

    ids, mask = pad([[*translator.tokenizers.source.encode(source), EOS] for source in sources])
    found = strategy_for(translator.search)(translator.model, ids, mask, translator.search)
    lengths = {len(hypotheses[0].pieces) + 1 for hypotheses in found}
    if len(lengths) != 1:
        raise Failed(f"outputs of random weights have {sorted(lengths)} pieces, not one length.")
    return lengths.pop()


if __name__ == "__main__":
    main()
