"""What the recipes of docs/recipes.md are worth: a team and its pupil, more pairs from the same, more text, other text.

    python benchmarks/recipes.py team FOLDER --seeds 1,2,3 --reverse
    python benchmarks/recipes.py diversify FOLDER --seeds 1,2,3 --reverse
    python benchmarks/recipes.py backtranslate FOLDER            # the sources of half of the corpus are hidden
    python benchmarks/recipes.py finetune FOLDER --general data  # from general text to FOLDER's, and back

Each runs the commands that the recipe prints, and a training that has ended is only read. Judged on the validation
set; `--test` looks at the test set instead, once a recipe is settled. With `--set training.threads=1` two may run side
by side. Minutes are those of training.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus import Corpus, find, read
from measure import NMT, ROOT, machine, markdown, run, say, show
from ours import log, train, validations

CANDIDATES = "20"  # of a beam, for `--mbr` and `--reverse`
ALIKE = ("--mbr", CANDIDATES)  # of the likeliest candidates the one most like all


@dataclass(frozen=True)
class Task:
    """What a training reads, and where it begins."""

    corpora: Sequence[Path | str]
    dev: Sequence[Path]
    direction: tuple[str, str] = ("en", "de")
    parent: Path | None = None
    vocabulary: Path | None = None

    def command(self) -> list[str]:
        """The words of `nmt train` that say so."""
        source, target = self.direction
        words = [*map(str, self.corpora), "--source", source, "--target", target]
        words += [word for prefix in self.dev for word in ("--dev", str(prefix))]
        for flag, model in (("--from", self.parent), ("--vocabulary", self.vocabulary)):
            words += [flag, str(model)] if model else []
        return words


@dataclass(frozen=True)
class Bench:
    """Where a recipe works, with what settings, and on what it is judged."""

    corpus: Corpus
    work: Path
    preset: str | None
    settings: list[str]
    test: bool

    def train(self, name: str, task: Task, settings: Sequence[str] = (), preset: str | None = None) -> Path:
        """Train to the end, unless that has been done; `preset` is that of the recipe, where none was asked for."""
        say(f"training {name}")
        out = self.work / name
        train(task, out, [*self.settings, *settings], lambda events: False, self.preset or preset)
        return out

    def row(
        self, name: str, models: Sequence[Path], flags: Sequence[str] = (), trained: Sequence[Path] = ()
    ) -> dict[str, str]:
        """Translate with some models and score; `trained`: all whose minutes count, if others than those."""
        prefix = self.corpus.test if self.test else self.corpus.dev
        minutes = sum(validations(log(path))[-1]["seconds"] for path in trained or models) / 60
        return {"what": name, **scores(models, prefix, self.corpus, flags), "minutes": f"{minutes:.0f}"}


def scores(models: Sequence[Path], prefix: Path, corpus: Corpus, flags: Sequence[str] = ()) -> dict[str, str]:
    """How some models, as a team, translate the text of a prefix."""
    from nmt.evaluation.metrics import score

    done = run([*NMT, "translate", *models, *flags], read(prefix, "en"))
    said, reference = done.output.decode().removesuffix("\n").split("\n"), [corpus.lines(prefix, "de")]
    return {
        "BLEU": f"{score('bleu', said, reference).value:.2f}",
        "lower-cased": f"{score('bleu', said, reference, lowercase=True).value:.2f}",
        "chrF": f"{score('chrf', said, reference).value:.2f}",
        "seconds": f"{done.seconds:.0f}",
    }


def team(bench: Bench, options: argparse.Namespace) -> list[dict[str, str]]:
    """Models of several seeds, all of them together, with one of the other direction, and one that learns from them."""
    task = Task([bench.corpus.train], [bench.corpus.dev])
    models = [bench.train(f"seed-{seed}", task, [f"training.seed={seed}"]) for seed in seeds(options, "1,2,3")]
    reverse = bench.train("reverse", backwards(bench)) if options.reverse else None
    rows = judged(bench, {model: [model] for model in models}, reverse)
    if options.pupil:
        said = retold(bench, "distilled", models, ALIKE if options.pupil == "mbr" else ())
        task = Task([bench.corpus.train, said], [bench.corpus.dev])
        pupil = bench.train("pupil", task, [f"training.epochs={options.pupil_epochs}"])
        rows.append(bench.row("a pupil of the team", [pupil], trained=[*models, pupil]))
    return rows


def diversify(bench: Bench, options: argparse.Namespace) -> list[dict[str, str]]:
    """The pairs, their sources as a model translates them, and their targets as one of the other direction does.

    From all of them one model learns, or a team of several seeds with one vocabulary, each from teachers of its own;
    the first reverse one may choose.
    """
    if grown(options.tune):
        raise SystemExit("tokenizer.size: students take the pieces of their teachers. Leave it out.")
    students = seeds(options, "1")
    taught_by = {seed: options.teachers or seed for seed in students}
    known = {seed: teachers(bench, seed, options.parent_epochs) for seed in dict.fromkeys(taught_by.values())}
    first = known[taught_by[students[0]]]
    trained = {}
    for seed in students:
        own = known[taught_by[seed]]
        task = Task([bench.corpus.train, own.said, own.back], [bench.corpus.dev], vocabulary=first.forward)
        model = bench.train(f"diversified-{seed}", task, [f"training.seed={seed}", *options.tune], "diversified")
        trained[model] = [own.forward, own.reverse, model]
    rows = [bench.row("the pairs alone", [first.forward])]
    return rows + judged(bench, trained, first.reverse if options.reverse else None)


@dataclass(frozen=True)
class Teachers:
    """Models of both directions, and what they make of the pairs."""

    forward: Path
    reverse: Path
    said: Path
    back: Path


def teachers(bench: Bench, seed: str, epochs: int) -> Teachers:
    """Train both directions with a seed, and have each translate its side of the pairs."""
    settings = [f"training.seed={seed}", f"training.epochs={epochs}"]
    task = Task([bench.corpus.train], [bench.corpus.dev])
    forward = bench.train(f"seed-{seed}", task, settings, "diversified")
    reverse = bench.train(f"reverse-{seed}", backwards(bench), settings, "diversified")
    back = bench.work / f"back-{seed}.tsv"
    once(back, ["backtranslate", reverse], read(bench.corpus.train, "de"))
    return Teachers(forward, reverse, retold(bench, f"said-{seed}", [forward]), back)


def judged(bench: Bench, trained: Mapping[Path, Sequence[Path]], reverse: Path | None) -> list[dict[str, str]]:
    """Some models, each with all that were trained for it; they as a team; and what choosing makes of both."""
    rows = [bench.row(model.name, [model], trained=parts) for model, parts in trained.items()]
    first, *others = trained
    rows += choices(bench, first.name, [first], reverse, trained[first])
    if others:
        parts = [*dict.fromkeys(part for parts in trained.values() for part in parts)]
        rows.append(bench.row("the team", [*trained], trained=parts))
        rows += choices(bench, "the team", [*trained], reverse, parts)
    return rows


def choices(
    bench: Bench, name: str, models: Sequence[Path], reverse: Path | None, trained: Sequence[Path]
) -> list[dict[str, str]]:
    """What choosing among candidates makes of some models, by their likeness and by a model of the other direction."""
    rows = [bench.row(f"{name}, --mbr {CANDIDATES}", models, ALIKE, trained)]
    if reverse:
        asked, counted = ["--beam", CANDIDATES, "--reverse", str(reverse)], [*dict.fromkeys([*trained, reverse])]
        rows.append(bench.row(f"{name}, --reverse", models, asked, counted))
        rows.append(bench.row(f"{name}, --reverse --mbr {CANDIDATES}", models, [*asked, *ALIKE], counted))
    return rows


def seeds(options: argparse.Namespace, usual: str) -> list[str]:
    """Those that were asked for, or the usual ones of a recipe."""
    return (options.seeds or usual).split(",")


def backwards(bench: Bench) -> Task:
    """The other direction."""
    return Task([bench.corpus.train], [bench.corpus.dev], ("de", "en"))


def retold(bench: Bench, name: str, models: Sequence[Path], flags: Sequence[str] = ()) -> Path:
    """The sources of the corpus with what some models, as a team, say: the prefix of a corpus."""
    sources, prefix = read(bench.corpus.train, "en"), bench.work / name
    once(prefix.with_name(f"{name}.de"), ["translate", *models, *flags], sources)
    prefix.with_name(f"{name}.en").write_bytes(sources)
    return prefix


def backtranslate(bench: Bench, options: argparse.Namespace) -> list[dict[str, str]]:
    """Half of the pairs, the targets of the other half, and for comparison all pairs."""
    half, rest = bench.work / "half", bench.work / "rest"
    for side in ("en", "de"):
        lines = bench.corpus.lines(bench.corpus.train, side)
        middle = round(len(lines) * options.share)
        write(half, side, lines[:middle])
        if side == "de":
            write(rest, side, lines[middle:])
    dev = [bench.corpus.dev]
    alone = bench.train("alone", Task([half], dev))
    reverse = bench.train("reverse", Task([half], dev, ("de", "en")))
    synthetic = bench.work / "synthetic.tsv"
    once(synthetic, ["backtranslate", reverse, *(["--sample"] if options.sample else [])], read(rest, "de"))
    both = bench.train("both", Task([half, synthetic], dev))
    every = bench.train("all", Task([bench.corpus.train], dev))
    return [
        bench.row("half of the pairs", [alone]),
        bench.row("and the other half's targets, translated back", [both], trained=[alone, reverse, both]),
        bench.row("all pairs", [every]),
    ]


def finetune(bench: Bench, options: argparse.Namespace) -> list[dict[str, str]]:
    """General text, then FOLDER's in three ways, and back to the general."""
    old, new = find(options.general), bench.corpus
    general = bench.train("general", Task([old.train], [old.dev]))
    alone = bench.train("alone", Task([new.train], [new.dev]))
    forgetful = bench.train("forgetful", Task([new.train], [new.dev], parent=general), options.tune)
    between = [] if grown(options.tune) else [mean(bench, general, forgetful)]
    beside = bench.train("beside", Task([new.train, old.train], [new.dev, old.dev], parent=general), options.tune)
    back = bench.train("back", Task([old.train], [old.dev], parent=beside), options.tune)
    back_beside = bench.train(
        "back-beside", Task([old.train, new.train], [old.dev, new.dev], parent=beside), options.tune
    )
    rows = []
    for name, model in [
        ("the general text alone", general),
        ("the new text alone", alone),
        ("general, then new", forgetful),
        *[("half way back: the mean of these weights and the general ones", model) for model in between],
        ("general, then new and old together", beside),
        ("that, then old alone", back),
        ("that, then old and new together", back_beside),
    ]:
        on = {"new": (new, new.test if bench.test else new.dev), "old": (old, old.test if bench.test else old.dev)}
        found = {text: scores([model], prefix, corpus) for text, (corpus, prefix) in on.items()}
        rows.append(
            {"what": name, **{f"{key} on the {text}": found[text][key] for text in on for key in ("BLEU", "chrF")}}
        )
    return rows


def grown(settings: Sequence[str]) -> bool:
    """Whether a training adds pieces to the vocabulary: its weights then cannot be averaged with the older ones."""
    return any(setting.startswith("tokenizer.size=") for setting in settings)


def mean(bench: Bench, one: Path, other: Path) -> Path:
    """A model of the mean weights of two."""
    out = bench.work / "between"
    if not out.exists():
        run([*NMT, "average", one, other, "--out", out])
    return out


RECIPES = {"team": team, "diversify": diversify, "backtranslate": backtranslate, "finetune": finetune}


def once(path: Path, words: Sequence[str | Path], stdin: bytes) -> None:
    """Write what a command of ours says, unless it has been written."""
    if not path.exists():
        path.write_bytes(run([*NMT, *words], stdin).output)


def write(prefix: Path, side: str, lines: Sequence[str]) -> None:
    """One side of a corpus of our own."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{line}\n" for line in lines)
    prefix.with_name(f"{prefix.name}.{side}").write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    """Run one recipe and print its table; the facts of the machine go before it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", choices=RECIPES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, help="where trainings are kept  [default: runs/RECIPE]")
    parser.add_argument("--preset", help="in place of the one that the size asks for")
    parser.add_argument(
        "--set", dest="settings", action="append", default=[], metavar="KEY=VALUE", help="for all trainings"
    )
    parser.add_argument("--test", action="store_true", help="judge on the test set")
    parser.add_argument("--seeds", help="of a team  [default: 1,2,3; of diversify: 1]")
    parser.add_argument("--reverse", action="store_true", help="a model of the other direction chooses, too")
    parser.add_argument("--pupil", choices=("beam", "mbr"), help="distil the team, which translates so")
    parser.add_argument("--pupil-epochs", type=int, default=12, help="of the pupil, which reads every sentence twice")
    parser.add_argument("--parent-epochs", type=int, default=12, help="diversify: of the teachers")
    parser.add_argument(
        "--teachers", metavar="SEED", help="diversify: of this seed for all students  [default: each its own]"
    )
    parser.add_argument(
        "--tune",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="finetune: for what begins with a model; diversify: for what learns from all",
    )
    parser.add_argument("--share", type=float, default=0.5, help="of the pairs that keep their sources")
    parser.add_argument("--sample", action="store_true", help="translate back by lot")
    parser.add_argument("--general", type=Path, default=ROOT / "data", help="a folder like FOLDER")
    options = parser.parse_args()
    work = (options.work or ROOT / "runs" / options.recipe).absolute()
    bench = Bench(find(options.folder), work, options.preset, options.settings, options.test)
    rows = RECIPES[options.recipe](bench, options)
    judged = "the test set" if options.test else "the validation set"
    show({"machine": machine(), "preset": options.preset, "settings": options.settings, "judged on": judged})
    print(markdown(rows))


if __name__ == "__main__":
    main()
