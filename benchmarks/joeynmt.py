"""Joey NMT 2.3.0, the nearest peer: train it on a corpus folder, read its curve, time its translations.

    python benchmarks/joeynmt.py FOLDER --out runs/joeynmt --minutes 130
    python benchmarks/joeynmt.py FOLDER --out runs/joeynmt --updates 2280 --resume
    python benchmarks/joeynmt.py FOLDER --out runs/joeynmt --updates 60 --translate

One bidirectional LSTM-512 encoder layer, one LSTM-512 decoder layer with Bahdanau's attention and input feeding, a
joint SentencePiece vocabulary of 8,000, batches of 4,096 "tokens" as it counts them: the longest side times the
sentences. It runs from an environment of its own (`make peers`), by its command line alone; all figures are read from
its own log.
"""

import argparse
import math
import re
import signal
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from corpus import Corpus, find
from measure import Failed, machine, peer, run, say, show, summary
from ours import make_vocabulary

PIECES = 8000
LOGGED = 20  # updates between lines of its log; validations must fall on one
SKIPPED = 20  # updates before its speed counts: the first ones warm up
PATIENCE = 120.0  # seconds it may take to save and leave after it was asked to stop
UPDATE = re.compile(r"Step: +(\d+), .*Tokens per Sec: +(\d+)")
STAMP = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})")
GENERATED = re.compile(r"Generation took ([\d.]+)\[sec\]")
SCORED = re.compile(r"Evaluation result \(scoring\).*loss: +([\d.]+), ppl: +([\d.]+)")


def main() -> None:
    """Train, and time its translations where that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/joeynmt"))
    parser.add_argument("--updates", type=int, default=0, help="stop after so many; 0: no limit")
    parser.add_argument("--minutes", type=float, default=0.0, help="stop after so many; 0: no limit")
    parser.add_argument("--validate", type=int, default=500, help="updates between validations")
    parser.add_argument("--resume", action="store_true", help="go on with the training in --out")
    parser.add_argument("--translate", action="store_true", help="time beam 5 and greedy on the test set")
    options = parser.parse_args()
    corpus = find(options.folder)
    vocabulary = make_vocabulary(corpus, PIECES)
    facts: dict[str, Any] = {"machine": machine()}
    limits = options.updates, options.minutes, options.validate
    facts |= train(corpus, vocabulary, options.out, *limits, resume=options.resume)
    facts["validation_loss_without_smoothing"] = score(options.out)
    if options.translate:
        lines = corpus.lines(corpus.test, "en")
        facts["translate"] = {f"beam {beam}": translate(options.out, lines, beam) for beam in (5, 1)}
    show(facts)


def train(
    corpus: Corpus,
    vocabulary: Path,
    work: Path,
    updates: int = 0,
    minutes: float = 0.0,
    validate: int = 500,
    resume: bool = False,
) -> dict[str, Any]:
    """Train until so many updates or minutes; what was measured, from its log."""
    python = peer("joeynmt")
    before = _set_aside(work) if resume else None
    path = configure(corpus, vocabulary, work, updates, validate, before)
    command = [str(python), "-m", "joeynmt", "train", str(path), "--skip-test"]
    _run_for(command, path.parent, minutes * 60)
    return curve(work)


def _set_aside(work: Path) -> Path:
    """Rename what is resumed, since it only ever begins in an empty folder; returns its last checkpoint."""
    latest = work / "model" / "latest.ckpt"
    if not latest.exists():
        raise Failed(f"{work}: no checkpoint to go on from.")
    folder = work / f"model-{latest.resolve().stem}"
    (work / "model").rename(folder)
    return folder.absolute() / "latest.ckpt"


def configure(
    corpus: Corpus, vocabulary: Path, work: Path, updates: int = 0, validate: int = 500, before: Path | None = None
) -> Path:
    """Write its configuration and the list of pieces into the work folder; `before`: the checkpoint it goes on from."""
    from sentencepiece import SentencePieceProcessor

    work = work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    pieces = SentencePieceProcessor(model_file=str(vocabulary))
    names = [pieces.id_to_piece(i) for i in range(pieces.get_piece_size())]
    (work / "pieces.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    settings = {
        "name": "benchmark",
        "joeynmt_version": "2.3.0",
        "model_dir": str(work / "model"),
        "use_cuda": False,
        "fp16": False,
        "random_seed": 42,
        "num_workers": 0,
        "data": _data(corpus, vocabulary, work / "pieces.txt"),
        "testing": _testing(5),
        "training": _training(updates, validate) | ({"load_model": str(before)} if before else {}),
        "model": _model(),
    }
    return _write(work / "train.yaml", settings)


def _data(corpus: Corpus, vocabulary: Path, pieces: Path) -> dict[str, Any]:
    side = {
        "level": "bpe",  # its word for pieces of any kind
        "lowercase": False,
        "normalize": False,
        "max_length": 100,
        "voc_file": str(pieces),
        "tokenizer_type": "sentencepiece",
        "tokenizer_cfg": {"model_file": str(vocabulary), "model_type": "unigram"},
    }
    # Special pieces must stand in its own order. It looks pieces up by name, so the model's ids do not matter.
    special = {"unk_token": "<unk>", "unk_id": 0, "pad_token": "<pad>", "pad_id": 1}
    special |= {"bos_token": "<s>", "bos_id": 2, "eos_token": "</s>", "eos_id": 3}
    return {
        "dataset_type": "plain",
        "train": str(corpus.train),
        "dev": str(corpus.dev),
        "src": {"lang": "en", **side},
        "trg": {"lang": "de", **side},
        "special_symbols": special,
    }


def _testing(beam: int, batch: int = 64) -> dict[str, Any]:
    return {
        "beam_size": beam,
        "beam_alpha": 1.0,
        "n_best": 1,
        "batch_size": batch,
        "batch_type": "sentence",
        "max_output_length": 80,
        "eval_metrics": ["bleu"],
        "sacrebleu_cfg": {"tokenize": "13a"},
    }


def _training(updates: int, validate: int) -> dict[str, Any]:
    limit = {"updates": updates} if updates else {}
    return limit | {
        "optimizer": "adamw",
        "adam_betas": [0.9, 0.999],
        "learning_rate": 1e-3,
        "learning_rate_min": 1e-5,
        "weight_decay": 0.0,
        "scheduling": "plateau",
        "patience": 2,
        "decrease_factor": 0.5,
        "clip_grad_norm": 1.0,
        "loss": "crossentropy",
        "label_smoothing": 0.1,
        "normalization": "tokens",
        "batch_type": "token",
        "batch_size": 4096,
        "shuffle": True,
        "epochs": 1000,
        "validation_freq": math.ceil(validate / LOGGED) * LOGGED,
        "logging_freq": LOGGED,
        "early_stopping_metric": "bleu",
        "keep_best_ckpts": 1,
        "overwrite": True,
        "print_valid_sents": [],
    }


def _model() -> dict[str, Any]:
    embeddings = {"embedding_dim": 512, "scale": False, "dropout": 0.3}
    layer = {"type": "recurrent", "rnn_type": "lstm", "hidden_size": 512, "num_layers": 1, "dropout": 0.3}
    return {
        "initializer": "xavier_uniform",
        "bias_initializer": "zeros",
        "embed_initializer": "normal",
        "embed_init_weight": 0.1,
        "init_rnn_orthogonal": False,
        "lstm_forget_gate": 1.0,
        "tied_embeddings": True,
        "tied_softmax": False,
        "encoder": {**layer, "embeddings": dict(embeddings), "bidirectional": True},
        "decoder": {
            **layer,
            "embeddings": dict(embeddings),
            "hidden_dropout": 0.3,
            "input_feeding": True,
            "init_hidden": "bridge",
            "attention": "bahdanau",
        },
    }


def _write(path: Path, settings: dict[str, Any]) -> Path:
    class Plain(yaml.SafeDumper):  # type: ignore[misc]
        def ignore_aliases(self, data: Any) -> bool:
            return True

    path.write_text(yaml.dump(settings, Dumper=Plain, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def _run_for(command: list[str], folder: Path, seconds: float) -> None:
    """Run it, and press Ctrl-C for it when its time is over; it then saves and leaves."""
    with (folder / "errors.txt").open("wb") as errors:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
            # A background job inherits an ignored Ctrl-C, and would never hear ours.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        try:
            process.wait(seconds or None)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
        finally:
            process.kill()
    # Stopped while it validates, it may leave with an error after it has saved: what it saved decides.
    if process.returncode and not (folder / "model" / "latest.ckpt").exists():
        raise Failed(f"{' '.join(command)}\n{(folder / 'errors.txt').read_text(errors='replace')[-2000:]}")


def curve(work: Path) -> dict[str, Any]:
    """What a training has logged: speed after the first updates, validations, and real target tokens a batch."""
    per_batch, seen = _tokens_per_batch(work / "model")
    speeds, validations, minutes = [], [], 0.0
    parts = sorted(work.glob("model-*"), key=lambda folder: int(folder.name.partition("-")[2]))  # those it went on from
    for model in [*parts, work / "model"]:
        log = (model / "train.log").read_text(encoding="utf-8")
        updates = [(int(step), int(speed)) for step, speed in UPDATE.findall(log)]
        speeds += [speed for step, speed in updates if step > updates[0][0] + SKIPPED - LOGGED]
        stamps = [
            datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S,%f")
            for line in log.splitlines()
            if (found := STAMP.match(line))
        ]
        minutes += (stamps[-1] - stamps[0]).total_seconds() / 60
        validations += _validations(model, per_batch)
    return {
        "target_tokens_per_second": summary(speeds, 0) if speeds else None,
        "real_target_tokens_per_batch": round(per_batch, 1),
        "updates": seen,
        "minutes": round(minutes, 1),
        "validations": validations,  # greedy BLEU; loss and ppl are its own, of smoothed targets
    }


def _validations(model: Path, per_batch: float) -> list[dict[str, float]]:
    report = model / "validations.txt"
    points = []
    for line in report.read_text().splitlines() if report.exists() else []:
        fields = dict(part.split(": ") for part in line.split("\t") if ": " in part)
        step = int(fields["Steps"])
        points.append(
            {"update": step, "tokens": round(step * per_batch)}
            | {key: float(fields[key]) for key in ("bleu", "loss", "ppl")}
        )
    return points


def _tokens_per_batch(model: Path) -> tuple[float, int]:
    """Mean real target tokens of the batches it has seen, and how many those were, from its last checkpoint."""
    import torch

    checkpoint = model / "latest.ckpt"
    if not checkpoint.exists():
        raise Failed(f"{model}: it left no checkpoint to count its tokens by.")
    stats = torch.load(checkpoint, map_location="cpu", weights_only=True, mmap=True)["stats_state"]
    return stats["total_tokens"] / stats["steps"], int(stats["steps"])


def score(work: Path) -> float:
    """Cross-entropy a target piece on the validation set, in nats, without smoothing, of its last weights."""
    settings = yaml.safe_load((work / "train.yaml").read_text(encoding="utf-8"))
    latest = str((work / "model" / "latest.ckpt").resolve())
    settings["testing"] |= {"beam_size": 1, "return_prob": "ref", "load_model": latest}
    settings["training"]["label_smoothing"] = 0.0
    _call("test", _write(work.absolute() / "score.yaml", settings), b"")
    log = (work / "model" / "test.log").read_text(encoding="utf-8")
    return float(SCORED.findall(log)[-1][0])


def translate(work: Path, lines: list[str], beam: int, batch: int = 64) -> dict[str, Any]:
    """Translate lines in fp32; its own time of the search, without loading."""
    from sentencepiece import SentencePieceProcessor

    settings = yaml.safe_load((work / "train.yaml").read_text(encoding="utf-8"))
    settings["testing"] = _testing(beam, batch)
    path = _write(work.absolute() / f"translate-{beam}.yaml", settings)
    output = _call("translate", path, "".join(f"{line}\n" for line in lines).encode())
    log = (work / "model" / "translate.log").read_text(encoding="utf-8")
    seconds = float(GENERATED.findall(log)[-1])
    answers = output.decode().splitlines()[-len(lines) :]  # what stands before them is its log
    vocabulary = SentencePieceProcessor(model_file=settings["data"]["trg"]["tokenizer_cfg"]["model_file"])
    pieces = [len(vocabulary.encode(answer)) + 1 for answer in answers]
    return {
        "sentences_per_second": round(len(lines) / seconds, 2),
        "seconds": round(seconds, 2),
        "pieces": round(sum(pieces) / len(lines), 1),
    }


def _call(mode: str, path: Path, stdin: bytes) -> bytes:
    started = time.perf_counter()
    # Its environment must not see this folder: a module here has its name.
    done = run([peer("joeynmt"), "-P", "-m", "joeynmt", mode, path], stdin, {"PYTHONSAFEPATH": "1"})
    say(f"joeynmt {mode}: {time.perf_counter() - started:.0f} s")
    return done.output


if __name__ == "__main__":
    main()
