"""The benchmarks run: what they measure is not tested, that they can is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted(path.name for path in (ROOT / "benchmarks").glob("*.py"))
LIBRARIES = ("measure.py", "corpus.py", "ours.py", "startup_steps.py")  # no commands
TINY = ["tokenizer.size=350", "model.embedding=8", "encoder.size=8", "attention.size=8", "decoder.size=8",
        "decoder.readout_size=8", "training.batch_tokens=200"]  # fmt: skip


def run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, cwd=cwd, timeout=240, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("train", "val", "test_2016_flickr"):
        for side in ("en", "de"):
            (tmp_path / f"{name}.{side}").write_text("one two three\nfour five\nsix\n" * 40, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("script", [name for name in SCRIPTS if name not in LIBRARIES])
def test_each_says_how_it_is_run(script: str) -> None:
    done = run(f"benchmarks/{script}", "--help")
    assert done.returncode == 0, done.stderr
    assert f"benchmarks/{script}" in done.stdout


def test_every_variant_is_one_of_the_settings() -> None:
    code = (
        "import sys; sys.path.insert(0, 'benchmarks')\n"
        "from argparse import Namespace; from attention import UNITS, recipe; from quality import VARIANTS\n"
        "from nmt.config import resolve; from nmt.model.seq2seq import Seq2Seq\n"
        "for half in (False, True):\n"
        "    options = Namespace(half=half, settings=[])\n"
        "    for name in UNITS: Seq2Seq(resolve(None, recipe(name, options)).config, 30, 30)\n"
        "for words in VARIANTS.values(): resolve(None, words)\n"
        "print(len(UNITS), len(VARIANTS))"
    )
    done = run("-c", code)
    assert done.returncode == 0, done.stderr
    assert min(map(int, done.stdout.split())) > 10


def test_batches_are_counted_as_the_training_makes_them(folder: Path) -> None:
    code = (
        "import json, sys; sys.path.insert(0, 'benchmarks')\n"
        "from pathlib import Path; from corpus import find; import ours\n"
        f"corpus = find(Path({str(folder)!r})); vocabulary = ours.make_vocabulary(corpus, 350)\n"
        f"_, batches = ours.plan(corpus, None, {TINY}, vocabulary)\n"
        "seen = [int(batch.target_mask.sum()) for batch in batches.batches(0)]\n"
        "size = ours.batch_tokens_for(batches, 60.0)\n"
        f"_, others = ours.plan(corpus, None, [*{TINY}, f'training.batch_tokens={{size}}'], vocabulary)\n"
        "print(json.dumps([sum(seen) / len(seen), ours.tokens_per_batch(batches), ours.tokens_per_batch(others)]))"
    )
    done = run("-c", code)
    assert done.returncode == 0, done.stderr
    mean, told, fitted = json.loads(done.stdout.splitlines()[-1])
    assert told == pytest.approx(mean) and fitted == pytest.approx(60, rel=0.25)


def test_products_are_counted(folder: Path) -> None:
    words = [word for setting in TINY for word in ("--set", setting)]
    done = run("benchmarks/products.py", str(folder), "--batches", "2", *words)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout[done.stdout.index("{") :])
    assert facts["tokens_per_second_of_products_alone"] > 0 and facts["shapes"] > 10


def recipe_rows(recipe: str, folder: Path, work: Path, *more: str) -> list[str]:
    """What the rows of a recipe's table are called, each training being one epoch of a tiny model."""
    settings = [*TINY, "training.epochs=1", "search.max_ratio=1", "search.max_extra=1"]
    words = [word for setting in settings for word in ("--set", setting)]
    done = run("benchmarks/recipes.py", recipe, str(folder), "--work", str(work), *words, *more)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    return [row.split(" | ")[0].removeprefix("| ") for row in rows[2:]]


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_recipes_hide_sources_and_translate_back(folder: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    assert recipe_rows("backtranslate", folder, work) == [
        "half of the pairs",
        "and the other half's targets, translated back",
        "all pairs",
    ]
    assert lines_of(work / "rest.de") == 60 and not (work / "rest.en").exists()


def test_recipes_make_more_pairs_of_the_same_ones(folder: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    rows = recipe_rows("diversify", folder, work, "--parent-epochs", "1", "--seeds", "1,2", "--reverse")
    chosen = [", --mbr 20", ", --reverse", ", --reverse --mbr 20"]
    assert rows == [
        "the pairs alone",
        "diversified-1",
        "diversified-2",
        *(f"diversified-1{how}" for how in chosen),
        "the team",
        *(f"the team{how}" for how in chosen),
    ]
    for seed in "12":
        assert lines_of(work / f"said-{seed}.en") == lines_of(work / f"said-{seed}.de") == lines_of(folder / "train.en")
        assert '\nsource = "de"' in (work / f"reverse-{seed}" / "config.toml").read_text(encoding="utf-8")
        read = json.loads((work / f"diversified-{seed}" / "training" / "data.json").read_text(encoding="utf-8"))
        assert [Path(name).name for name in read["train"]["names"]] == ["train", f"said-{seed}", f"back-{seed}.tsv"]
        assert read["vocabulary"]["names"] == [str(work / "seed-1")]
        assert "preset diversified" in (work / f"seed-{seed}" / "config.toml").read_text(encoding="utf-8")


def test_a_glossary_and_an_average_are_measured(folder: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    words = [word for setting in [*TINY, "training.epochs=1"] for word in ("--set", setting)]
    corpora = [str(folder / "train"), "--source", "en", "--target", "de", "--dev", str(folder / "val")]
    made = run("-m", "nmt", "train", *corpora, "--out", str(model), *words)
    assert made.returncode == 0, made.stderr
    done = run("benchmarks/terms.py", str(folder), "--model", str(model))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["own_lines"]
    assert told["lines"] == 50 < told["terms"] and told["said_without_glossary"] < told["appear"]
    done = run("benchmarks/averaging.py", str(folder), "--model", str(model))
    assert done.returncode == 0, done.stderr
    assert [row.split(" | ")[1] for row in done.stdout.splitlines()[-2:]] == ["as they are", "averaged"]
