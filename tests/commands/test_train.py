"""Training through the command line: what it leaves, and what it refuses."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from nmt.checkpoint import ModelFolder, load_tensors
from nmt.commands import fitting
from nmt.commands.train import _unlearned
from nmt.commands.training_folder import open_or_create
from nmt.config import CHOSEN, resolve
from nmt.config_file import read_resolved
from nmt.errors import ConfigError
from nmt.evaluation.metrics import score
from nmt.settings import BOS, EOS, Training
from nmt.text.corpus import Corpus, Survey, load
from nmt.text.words import align


def test_the_folder_describes_itself(trained: Path) -> None:
    names = {path.name for path in trained.iterdir()}
    assert {"config.toml", "joint.model", "model.safetensors", "README.md", "log.jsonl", "training"} <= names
    card = (trained / "README.md").read_text(encoding="utf-8")
    facts = json.loads((trained / "training" / "data.json").read_text(encoding="utf-8"))
    assert facts["train"]["sha256"] in card and "tok:13a" in card and "en to de" in card
    assert not [path for path in trained.rglob("*") if path.suffix in {".pt", ".pkl", ".bin"}]
    assert {path.name for path in (trained / "training").iterdir()} == {"data.json", "lock", "state.safetensors"}


ALIGNED = ["entmax15", "local_p", "hard", "variational"]
UNITS = [["attention.align=soft", "attention.copy=true"], ["attention.coverage=fertility"]]
UNITS += [[f"attention.align={name}"] for name in ALIGNED]


@pytest.mark.parametrize("unit", UNITS, ids=" ".join)
def test_every_unit_trains_stops_resumes_and_translates(
    nmt, train_words, corpus: Path, tmp_path: Path, unit: list[str]
) -> None:
    words = [*train_words, "--out", tmp_path / "model", *(x for word in unit for x in ("--set", word))]
    done = nmt(*words)
    assert done.returncode == 0, done.stderr.decode()
    losses = [json.loads(line) for line in (tmp_path / "model" / "log.jsonl").read_text().splitlines()]
    judged = [line["loss"] for line in losses if line["event"] == "validation"]
    assert judged[-1] < judged[0]  # it learns
    out = nmt("translate", tmp_path / "model", stdin=b"The dog sees the cat.\n\nThe man hears the boy.\n")
    assert out.returncode == 0 and out.stdout.count(b"\n") == 3


def diagonal(folder: Path, corpus: Path) -> float:
    """Mean weight of word i for word i, in the pairs of the corpus as they stand."""
    saved = ModelFolder.open(folder)
    model, (source, target) = saved.model(torch.device("cpu")), saved.tokenizers()
    shares = []
    for line, answer in zip(*(Path(f"{corpus}.{side}").read_text().splitlines() for side in ("en", "de")), strict=True):
        left, right = source.encode(line), target.encode(answer)
        out = model(torch.tensor([[*left, EOS]]), torch.ones(1, len(left) + 1).bool(), torch.tensor([[BOS, *right]]))
        shares.append(align((source, left), (target, right), out.attended.weights[0].detach().numpy()).weights)
    return float(np.mean([weights.diagonal().mean() for weights in shares]))


def test_word_alignments_guide_a_training(nmt, train_words, corpus: Path, tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.write_text("0-0 1-1 2-2 3-3 4-4\n" * 144, encoding="utf-8")
    words = ["train", f"{corpus}.en,{corpus}.de,{links}", *train_words[2:]]
    more = ["training.guided=1.0", "training.epochs=20", "training.lr=0.01", "validation.every=120"]
    more = [word for setting in more for word in ("--set", setting)]
    assert nmt(*words, "--out", tmp_path / "model", *more).returncode == 0
    assert diagonal(tmp_path / "model", corpus) > 0.5  # after ten rounds 0.15 unguided, 0.53 guided
    refused = nmt(*words, "--out", tmp_path / "sparse", "--set", "attention.align=entmax15")
    assert refused.returncode == 2 and b"set training.guided=0, or take a soft or hard unit" in refused.stderr
    refused = nmt(*words, "--out", tmp_path / "drawn", "--set", "tokenizer.sampling=0.3")
    assert refused.returncode == 2 and b"Set tokenizer.sampling=0" in refused.stderr
    assert not (tmp_path / "drawn").exists()
    links.write_text("0-0 9-9\n" * 144, encoding="utf-8")
    refused = nmt(*words, "--out", tmp_path / "other")
    assert refused.returncode == 2 and b": the link 9-9 names a word" in refused.stderr


def test_the_length_penalty_is_chosen_unless_it_is_set(nmt, train_words, corpus: Path, tmp_path: Path) -> None:
    key, out, child = "search.length_penalty", tmp_path / "model", tmp_path / "child"
    dev = tmp_path / "dev"
    for side in (".en", ".de"):
        lines = corpus.with_suffix(side).read_text("utf-8").splitlines(keepends=True)
        dev.with_suffix(side).write_text("".join(lines[:100]), encoding="utf-8")
    words = [*train_words, "--dev", dev, "--out", out]
    done = nmt(*words)
    resolved = read_resolved(out / "config.toml")
    chosen = resolved.config.search.length_penalty
    assert f"Length penalty {chosen:g}, chosen by bleu" in done.stderr.decode() and resolved.origin[key] == CHOSEN
    text, right = dev.with_suffix(".en").read_bytes(), dev.with_suffix(".de").read_text("utf-8").splitlines()
    found = [nmt("translate", out, *more, stdin=text) for more in ([], *(["--length-penalty", p] for p in (0, 1, 3)))]
    scores = [score("bleu", each.stdout.decode().split("\n")[:-1], [right]).value for each in found]
    assert scores[0] >= max(scores) - resolved.config.validation.gain
    again, before = nmt(*words), (out / "config.toml").read_bytes()
    assert again.returncode == 0 and b"Length penalty" not in again.stderr
    assert (out / "config.toml").read_bytes() == before and nmt("info", out, "--verify").returncode == 0
    refused = nmt(*words, "--set", f"{key}=0.7")
    assert refused.returncode == 2 and f"{key}: {chosen} -> 0.7".encode() in refused.stderr
    words = ["train", corpus, "--dev", dev, "--from", out, "--set", "training.epochs=1", "--set", f"{key}=0.7"]
    assert nmt(*words, "--out", child).returncode == 0
    assert read_resolved(child / "config.toml").config.search.length_penalty == 0.7
    assert resolve(None, parent=out / "config.toml").origin[key] == "default"  # a child measures it anew


def test_precision_is_settled_once_for_a_training(nmt, train_words, trained: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    shutil.copytree(trained, other)
    text = (other / "config.toml").read_text(encoding="utf-8")
    assert 'precision = "auto"' not in text
    assert text.count('precision = "fp32"') + text.count('precision = "bf16"') == 1
    swapped = {"fp32": "bf16", "bf16": "fp32"}
    text = re.sub(r'(?<=precision = ")(fp32|bf16)', lambda found: swapped[found[0]], text)
    (other / "config.toml").write_text(text, encoding="utf-8")
    assert nmt(*train_words, "--out", other).returncode == 0  # as if begun on a machine of another kind
    refused = nmt(*train_words, "--out", other, "--set", "training.precision=auto", "--set", "training.lr=1e-9")
    assert refused.returncode == 2 and b"training.precision" not in refused.stderr


def test_the_log_is_json_lines_with_rising_updates(trained: Path) -> None:
    log = [json.loads(line) for line in (trained / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    updates = [line["update"] for line in log]
    assert updates == sorted(updates)
    assert {"loss", "bleu", "chrf"} <= set([line for line in log if line["event"] == "validation"][-1])


def test_the_same_command_again_does_no_work(nmt, train_words, trained: Path) -> None:
    before = (trained / "model.safetensors").read_bytes()
    again = nmt(*train_words, "--out", trained)
    assert again.returncode == 0 and b"already ended" in again.stderr
    assert (trained / "model.safetensors").read_bytes() == before


def validations(folder: Path) -> int:
    """How many are in the log; each but the last has surely left a saved state."""
    log = folder / "log.jsonl"
    return log.read_bytes().count(b'"validation"') if log.is_file() else 0


@pytest.mark.slow
def test_killed_and_resumed_equals_straight(nmt, begin, train_words, tmp_path: Path) -> None:
    """SIGKILL twice while it is at work and has saved, then on to the end: the same weights, bit for bit."""
    often = [*train_words, "--set", "validation.every=5", "--set", "validation.pairs=2", "--set", "training.epochs=8"]
    often += ["--set", "validation.patience=0", "--set", "tokenizer.sampling=0.3", "--out"]
    straight, out = tmp_path / "straight", tmp_path / "killed"
    done = nmt(*often, straight)
    assert done.returncode == 0 and validations(straight) > 6, done.stderr.decode()
    for wanted in (2, 4):
        begun = begin(*often, out)
        deadline = time.monotonic() + 120
        while validations(out) < wanted and begun.process.is_alive() and time.monotonic() < deadline:
            time.sleep(0.002)
        assert begun.ended_by(signal.SIGKILL).returncode == -signal.SIGKILL
        assert wanted <= validations(out) < validations(straight)
    done = nmt(*often, out)
    assert done.returncode == 0, done.stderr.decode()
    began = re.search(rb"Going on after update (\d+)\.", done.stderr)
    assert began and int(began[1]) >= 15, done.stderr.decode()
    assert (out / "model.safetensors").read_bytes() == (straight / "model.safetensors").read_bytes()
    states = [load_tensors(folder / "training" / "state.safetensors")[0] for folder in (straight, out)]
    assert states[0].keys() == states[1].keys()
    assert all(tensor.equal(states[1][name]) for name, tensor in states[0].items())


@pytest.mark.parametrize("left", [None, "train"])
def test_a_training_whose_data_is_not_recorded_is_not_resumed(
    nmt, train_words, trained: Path, tmp_path: Path, left: str | None
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(trained, folder)
    record = folder / "training" / "data.json"
    facts = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps({left: facts[left]}), encoding="utf-8") if left else record.unlink()
    refused = nmt(*train_words, "--out", folder)
    name = b"dev" if left else b"train"
    said = b"data.json: no record of the " + name + b" corpus, so nothing tells whether it is the one"
    assert refused.returncode == 2 and said in refused.stderr and b"Traceback" not in refused.stderr


def test_a_finished_training_without_its_weights_says_what_is_missing(
    nmt, train_words, trained: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(trained, folder)
    (folder / "model.safetensors").unlink()
    refused = nmt(*train_words, "--out", folder)
    said = b"model.safetensors: missing, though this training has kept its best weights there. Restore the file"
    assert refused.returncode == 2 and said in refused.stderr and b"Traceback" not in refused.stderr


def test_changed_settings_are_refused_with_old_and_new(nmt, train_words, trained: Path) -> None:
    refused = nmt(*train_words, "--out", trained, "--set", "training.lr=0.5")
    assert refused.returncode == 2
    assert f"training.lr: {Training().lr} -> 0.5".encode() in refused.stderr and refused.stderr.count(b"\n") <= 3


def test_a_changed_corpus_is_noticed(nmt, train_words, trained: Path, corpus: Path, tmp_path: Path) -> None:
    for language in ("en", "de"):
        lines = corpus.with_suffix(f".{language}").read_bytes().splitlines(keepends=True)
        (tmp_path / f"train.{language}").write_bytes(b"".join(lines[:-1]) + b"Another line.\n")
    words = ["train", tmp_path / "train", *train_words[2:], "--out", trained]
    refused = nmt(*words)
    assert refused.returncode == 2 and b"corpus is not the one it began with" in refused.stderr


def test_a_child_goes_on_from_its_parent(nmt, trained: Path, corpus: Path, tmp_path: Path) -> None:
    words = ["train", corpus, "--from", trained, "--out", tmp_path / "child"]
    more = [*words, "--set", "training.epochs=1", "--set", "training.lr=1e-12"]  # it learns nothing, and is its parent
    done = nmt(*more)
    assert done.returncode == 0, done.stderr.decode()
    weights = [ModelFolder.open(folder).weights()[0] for folder in (trained, tmp_path / "child")]
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.allclose(weight, weights[1][name], atol=1e-6) for name, weight in weights[0].items())
    assert "| parent |" in (tmp_path / "child" / "README.md").read_text("utf-8")
    assert b"already ended" in nmt(*more).stderr
    alone = ["train", corpus, "--out", tmp_path / "child", "--source", "en", "--target", "de"]
    begun = Path(shutil.copytree(trained, tmp_path / "begun", ignore=shutil.ignore_patterns("model.safetensors")))
    for strange, says in (
        (alone, b"began --from"),
        ([*words, "--set", "training.epochs=1"], b"training.lr: 1e-12 -> 0.003"),
        ([*words, "--set", "encoder.size=32"], b"encoder.size is 8, not 32"),
        ([*words, "--source", "de", "--target", "en"], b"Swap --source and --target"),
        ([*words[:-1], trained], b"would be trained over"),
        ([*words, "--set", "tokenizer.size=300"], b"a vocabulary cannot shrink"),
        (["train", corpus, "--from", begun, "--out", tmp_path / "x"], b"begun: has no model.safetensors yet"),
        (["train", corpus, "--from", tmp_path / "none", "--out", tmp_path / "x"], b"none: no such folder"),
    ):
        refused = nmt(*strange)
        assert refused.returncode == 2 and says in refused.stderr and refused.stderr.count(b"\n") <= 3


def test_doubtful_pairs_are_told_before_the_training_begins(nmt, corpus: Path, trained: Path, tmp_path: Path) -> None:
    sides = [Path(f"{corpus}.{side}").read_text("utf-8").splitlines() for side in ("en", "de")]
    sides[1][7], sides[1][9] = sides[0][7], "Der Hund &amp; die Katze."
    for side, lines in zip(("en", "de"), sides, strict=True):
        (tmp_path / f"odd.{side}").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    dev = ["--dev", corpus, "--set", "training.epochs=1", "--set", "training.device=cpu"]
    done = nmt("train", tmp_path / "odd", *dev, "--from", trained, "--out", tmp_path / "model")
    assert done.returncode == 0, done.stderr.decode()
    (said,) = [line for line in done.stderr.splitlines() if b"looked at" in line]
    assert said.startswith(b"In 144 pairs looked at: ") and b"1 HTML entities" in said and b"1 not translated" in said
    assert b"looked at" not in nmt("train", corpus, *dev, "--from", trained, "--out", tmp_path / "good").stderr


def test_a_childs_vocabulary_grows(nmt, trained: Path, tmp_path: Path) -> None:
    for language, line in (("en", "The zoo shows {} quokkas."), ("de", "Der Zoo zeigt {} Quokkas.")):
        (tmp_path / f"zoo.{language}").write_text("".join(line.format(i) + "\n" for i in range(60)), encoding="utf-8")
    size = ModelFolder.open(trained).tokenizers().source.size
    words = ["train", tmp_path / "zoo", "--from", trained, "--out", tmp_path / "child", "--set", "training.epochs=1"]
    done = nmt(*words, "--set", f"tokenizer.size={400 + 5}")
    assert done.returncode == 0, done.stderr.decode()
    assert ModelFolder.open(tmp_path / "child").tokenizers().source.size > size
    out = nmt("translate", tmp_path / "child", stdin=b"The dog sees 3 quokkas.\n")
    assert out.returncode == 0 and out.stdout.count(b"\n") == 1


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (["--set", "attention.score=addtive"], b"Did you mean 'additive'"),
        (["--set", "training.lr=fast"], b"training.lr must be a number"),
        (["--set", "decoder.sise=3"], b"Did you mean 'decoder.size'"),
        (["--set", "decoder.kind=paralel"], b"Did you mean 'parallel'"),
        (["--set", "training.optimizer=adam"], b"Did you mean 'adamw'"),
        (["--set", "training.schedule=cosin"], b"Did you mean 'cosine'"),
        (["--set", "model.tie=all", "--set", "tokenizer.joint=false"], b"model.tie=target"),
        (["--set", "attention.align=hard", "--set", "training.rdrop=5"], b"set training.rdrop=0"),
        (["--set", "tokenizer.size=20"], b"tokenizer.size=20 is too small"),
        (["--preset", "smal"], b"Did you mean 'small'"),
        (["--device", "tpu"], b"Choices: auto, cpu"),
        (["--set", "encoder.size=99999999999"], b"encoder.size=99999999999 must be at most 16,384."),
        (["--source", "e\udcffn"], b"its value is neither TOML nor a plain word."),
        (["--dev", "nowhere/dev"], b"nowhere/dev"),
    ],
)
def test_mistakes_get_one_line_and_exit_2(nmt, train_words, tmp_path: Path, extra: list[str], says: bytes) -> None:
    refused = nmt(*train_words, *extra, "--out", tmp_path / "new")
    last = refused.stderr.strip().splitlines()[-1]
    assert refused.returncode == 2, refused.stderr
    assert last.startswith(b"nmt: ") and says in last and b"Traceback" not in refused.stderr


@pytest.mark.parametrize(("words", "grows"), [([], True), (["tokenizer.size=2000"], False)])
def test_a_presets_vocabulary_holds_any_script_and_one_that_is_asked_for_stays(
    tmp_path: Path, words: list[str], grows: bool
) -> None:
    """A few thousand Chinese sentences have more characters than preset tiny has pieces."""
    resolved = resolve("tiny", words)
    chinese = ["".join(chr(0x4E00 + i) for i in range(n, n + 10)) for n in range(0, 1900, 10)]
    survey = Survey(["zh"], resolved.config.data, 1, sample=[(line, line) for line in chinese])
    begin = partial(open_or_create, ModelFolder(tmp_path / "new"), resolved, survey, Corpus(["dev"]), None)
    if grows:
        assert begin().source.knows("".join(chinese))
    else:
        with pytest.raises(ConfigError, match=r"^tokenizer\.size=2000 is too small"):
            begin()


def test_a_model_that_translates_next_to_nothing_is_told() -> None:
    assert _unlearned(1.0, ["", "Der Hund."]) == _unlearned(40.0, ["Der Hund."]) == ""
    assert "BLEU is below 1." in _unlearned(0.3, ["Der Der.", "Die."])
    assert "BLEU is below 1, and 2 of 3 translations are blank." in _unlearned(0.0, ["", " ", "Der."])


def test_a_new_folder_with_a_hidden_file_is_welcome(nmt, train_words, tmp_path: Path) -> None:
    (tmp_path / ".gitkeep").touch()
    done = nmt(*train_words, "--out", tmp_path, "--set", "training.epochs=1")
    assert done.returncode == 0, done.stderr


def test_a_model_without_its_training_is_never_trained_over(nmt, train_words, trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "given"
    shutil.copytree(trained, folder, ignore=shutil.ignore_patterns("training"))
    before = (folder / "model.safetensors").read_bytes()
    refused = nmt(*train_words, "--out", folder)
    assert refused.returncode == 2 and b"holds a trained model and no training" in refused.stderr
    assert (folder / "model.safetensors").read_bytes() == before


def test_where_a_training_is_done_may_change(nmt, train_words, trained: Path) -> None:
    again = nmt(*train_words, "--out", trained, "--set", "training.threads=2", "--device", "cpu")
    assert again.returncode == 0 and b"already ended" in again.stderr


def test_a_folder_with_other_things_is_left_alone(nmt, train_words, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    refused = nmt(*train_words, "--out", tmp_path)
    assert refused.returncode == 2 and b"thesis.txt" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_ctrl_c_saves_and_says_how_to_go_on(nmt, train_words, tmp_path: Path) -> None:
    out = tmp_path / "stopped"
    words = [*train_words, "--out", out, "--set", "training.epochs=500", "--set", "validation.patience=0"]
    process = subprocess.Popen([sys.executable, "-m", "nmt", *map(str, words)], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not (out / "log.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and b"The same command goes on" in said
    assert (out / "training" / "state.safetensors").is_file()
    ids = out / "training" / "examples.arrow"
    before = ids.stat()
    ended = nmt(*words, "--set", "training.lr=1")
    assert ended.returncode == 2 and ids.stat() == before  # kept for the training that goes on


@pytest.mark.parametrize("broken", ["model.safetensors", "joint.model", "config.toml"])
def test_a_damaged_folder_says_which_file(nmt, trained: Path, tmp_path: Path, broken: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(trained, folder)
    (folder / broken).write_bytes((folder / broken).read_bytes()[:50])
    refused = nmt("translate", folder, stdin=b"The dog sees the cat.\n")
    assert refused.returncode == 2 and broken.encode() in refused.stderr and b"Traceback" not in refused.stderr


def test_every_validation_set_has_its_share_in_the_choice(
    nmt, trained: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.tsv").write_text("one\teins\n" * 144)
    words = [corpus, "--from", trained, "--dev", corpus, "--dev", tmp_path / "other.tsv", "--out", tmp_path / "model"]
    settings = ["--set", "validation.pairs=10", "--set", "training.epochs=1"]
    done = nmt("train", *words, *settings)
    assert done.returncode == 0 and b"288 to validate on (10 of them translated)" in done.stderr, done.stderr.decode()
    folder, asked = ModelFolder.open(tmp_path / "model"), []

    class Asked:
        def __init__(self, *parts: object) -> None:
            pass

        def translate(self, sources: list[str]) -> list[SimpleNamespace]:
            asked.extend(sources)
            return [SimpleNamespace(text=source) for source in sources]

    monkeypatch.setattr("nmt.translator.Translator", Asked)
    config = folder.config()
    dev = load([str(corpus), str(tmp_path / "other.tsv")], config.data)
    judge = fitting._judge(config, folder.tokenizers(), dev, torch.device("cpu"))
    judge(folder.model(torch.device("cpu")))
    assert asked.count("one") == 5 and len(asked) == 10
