"""`nmt train`: a parallel corpus -> a model folder. The same command goes on where it was stopped."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nmt.config import FINETUNE, Resolved, differences, preset_for, resolve
from nmt.errors import ConfigError, ModelFolderError
from nmt.settings import Config

if TYPE_CHECKING:
    import torch

    from nmt.checkpoint import ModelFolder, Tokenizers
    from nmt.model.seq2seq import Seq2Seq
    from nmt.text.batches import Examples
    from nmt.text.corpus import Corpus, Survey
    from nmt.training.trainer import Judge, Progress
    from nmt.transfer import Parent

TRAINING = "training"  # the part of a model folder that is needed only while training
SPLIT = 1  # seed of what is held out and of the text for the vocabulary: trainings of all seeds can be compared
FREE = ("training.device", "training.threads")  # may change when a training goes on: where it is done, not what


def run(
    corpus: Annotated[
        list[str], typer.Argument(metavar="CORPUS...", help="Prefix, pair of files, .tsv, .jsonl, hf:NAME.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The model folder to write.")],
    parent: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Begin from this model, with its settings: fine-tuning."),
    ] = None,
    source: Annotated[str, typer.Option(help="Source language, e.g. en.")] = "",
    target: Annotated[str, typer.Option(help="Target language, e.g. de.")] = "",
    dev: Annotated[
        list[str] | None,
        typer.Option(metavar="CORPUS", help="Validation pairs; repeatable.  [default: held out from CORPUS]"),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="Settings by name or TOML file.  [default: by the corpus's size]"),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One setting, e.g. training.lr=1e-3; repeatable."),
    ] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, dropout and the order of batches.")] = None,
) -> None:
    """Train a translator from a parallel corpus.

    Stop it with Ctrl-C, or let it be killed: the same command resumes, and ends as if it had never stopped.
    `nmt config` shows every setting that --set can change.

    \b
    Example:
      nmt train data/train --source en --target de --dev data/dev --out model
      nmt train my.en,my.de --source en --target de --out model
      nmt train data/train data/mine --from model --out mine
    """
    flags: dict[str, str | int | None] = {"data.source": source or None, "data.target": target or None}
    flags |= {"training.device": device, "training.threads": threads, "training.seed": seed}
    words = [f"{key}={json.dumps(value)}" for key, value in flags.items() if value is not None] + (overrides or [])
    if parent and parent.resolve() == out.resolve():
        raise ConfigError(f"--from {parent}: is --out too, and would be trained over. Choose another --out.")
    settle = partial(_settings, preset, words, parent)
    _check(settle(sys.maxsize)[1].config, parent)
    _refuse_strange_folder(out)
    _train(corpus, dev or [], settle, out, parent)


def _settings(preset: str | None, words: list[str], parent: Path | None, pairs: int) -> tuple[str, Resolved]:
    """The settings of a training on so many pairs, and what they are called."""
    if parent is None:
        chosen = preset or preset_for(pairs)
        return f"preset {chosen}", resolve(chosen, words)
    from nmt.checkpoint import CONFIG, ModelFolder

    over = f", then preset {preset}" if preset else ""
    config = ModelFolder.open(parent).path / CONFIG
    return f"those of {parent}, then preset {FINETUNE}{over}", resolve(preset, words, config)


def _train(
    names: list[str],
    dev_names: list[str],
    settle: Callable[[int], tuple[str, Resolved]],
    out: Path,
    parent_path: Path | None,
) -> None:
    from nmt.checkpoint import ModelFolder
    from nmt.checkup.glance import glance
    from nmt.device import keep_memory, use_threads
    from nmt.text import corpus as corpora
    from nmt.text.mapped import examples_of, remove_examples
    from nmt.transfer import Parent

    first = settle(sys.maxsize)[1].config
    dev = corpora.load(dev_names, first.data) if dev_names else None
    survey, held_out = corpora.survey(names, first.data, SPLIT, dev is None, _say)
    dev = dev or held_out
    assert dev is not None  # one or the other
    folder, parent = ModelFolder(out), Parent.open(parent_path) if parent_path else None
    chosen, resolved = settle(survey.cleaned)
    resolved = _settle_precision(resolved, folder)
    config = resolved.config
    if survey.linked and config.tokenizer.sampling:
        raise ConfigError(
            "tokenizer.sampling spells words anew each time, and this corpus brings alignments of the usual pieces. "
            "Set tokenizer.sampling=0, or give the corpus without alignments."
        )
    _say(f"{len(survey):,} pairs to train on, {len(dev):,} to validate on. Settings: {chosen}.")
    if remark := glance(survey.sample, in_order=len(survey.sample) == len(survey)):
        _say(remark)
    with folder.alone():
        tokenizers = _open_or_create(folder, resolved, survey, dev, parent)
        survey.sample.clear()  # it was the tokenizers' alone
        dev_examples = corpora.encode(dev, *tokenizers, config.data)
        if (progress := _ended(folder)) is None:
            examples = examples_of(survey, tokenizers, folder.path / TRAINING, config.training.threads, _say)
            _say(f"Training: {survey.dropped.report()} Validation: {dev.dropped.report()}")
            keep_memory()
            use_threads(config.training.threads)
            progress = _fit(folder, config, tokenizers, (examples, dev_examples), dev, parent)
        _finish(folder, config, dev, progress)
        remove_examples(folder.path / TRAINING)


def _settle_precision(resolved: Resolved, folder: "ModelFolder") -> Resolved:
    """`auto` precision as the folder's training began, else as suits this machine: it helps decide the weights."""
    from nmt.checkpoint import CONFIG
    from nmt.device import choose_device, precision

    training = resolved.config.training
    if training.precision != "auto":
        return resolved
    began = (folder.path / CONFIG).is_file()
    kind = folder.config().training.precision if began else precision("auto", choose_device(training.device))
    config = replace(resolved.config, training=replace(training, precision=kind))
    return Resolved(config, {**resolved.origin, "training.precision": "auto, on this machine"})


def _ended(folder: "ModelFolder") -> "Progress | None":
    """Where the folder's training ended, if it did: nothing has to be prepared for it."""
    from nmt.training.trainer import Progress

    facts = folder.state()[1].get("progress", {}) if folder.has_state() else {}
    try:
        progress = Progress(**facts)
    except TypeError:
        raise ModelFolderError(f"{folder.path}: its training state is damaged. Train again in a new --out.") from None
    if not progress.finished:
        return None
    _require_best(folder, progress)
    _say(f"{folder.path}: this training has already ended, {progress.finished}.")
    return progress


def _require_best(folder: "ModelFolder", progress: "Progress") -> None:
    from nmt.checkpoint import WEIGHTS

    if progress.best is not None and not (folder.path / WEIGHTS).is_file():
        raise ModelFolderError(
            f"{folder.path / WEIGHTS}: missing, though this training has kept its best weights there. "
            "Restore the file, or train in another --out."
        )


def _fit(
    folder: "ModelFolder",
    config: Config,
    tokenizers: "Tokenizers",
    examples: "tuple[Examples, Examples]",
    dev: "Corpus",
    parent: "Parent | None",
) -> "Progress":
    import torch

    from nmt.checkpoint import LOG
    from nmt.device import choose_device, precision
    from nmt.text.batches import Plan
    from nmt.text.subword_sampling import SubwordSampling
    from nmt.training.report import Report
    from nmt.training.trainer import Interrupted, Trainer

    settings = config.training
    torch.manual_seed(settings.seed)
    device = choose_device(settings.device)
    model = folder.build(config, tokenizers)
    if parent and not folder.has_state():
        parent.lend(model, tokenizers)
    model = model.to(device)
    sampling = config.tokenizer.sampling
    respell = SubwordSampling(tokenizers, sampling) if sampling else None
    plans = (
        Plan(examples[0], settings.batch_tokens, settings.seed, respell),
        Plan(examples[1], settings.batch_tokens, settings.seed),
    )
    trainer = Trainer(model, config, plans, _judge(config, tokenizers, dev, device), folder, Report(folder.path / LOG))
    weights = sum(weight.numel() for weight in model.parameters())
    _say(
        f"{weights / 1e6:.1f} million weights, {tokenizers.source.size} pieces, {plans[0].padding():.1%} padding, "
        f"{device} in {precision(settings.precision, device)}, {torch.get_num_threads()} threads."
    )
    if folder.has_state():
        trainer.resume()
        _require_best(folder, trainer.progress)
        _say(f"Going on after update {trainer.progress.update}.")
    try:
        return trainer.run()
    except Interrupted:
        _say(f"\nStopped; saved after update {trainer.progress.update}. The same command goes on.")
        raise KeyboardInterrupt from None


def _judge(config: Config, tokenizers: "Tokenizers", dev: "Corpus", device: "torch.device") -> "Judge":
    """BLEU and chrF of real translations of the validation set."""
    from nmt.device import precision
    from nmt.evaluation.metrics import score
    from nmt.search.strategies import strategy_for
    from nmt.translator import Translator

    strategy_for(config.search)  # an unknown one is told now
    sources, references = (side[: config.validation.pairs] for side in (dev.sources(), dev.targets()))
    search = replace(config.search, strategy="beam", beam=config.validation.beam, nbest=1)
    kind = precision(config.training.precision, device)

    def judge(model: "Seq2Seq") -> dict[str, float]:
        translator = Translator(model.computing_in(kind), tokenizers, search, device)
        texts = [translation.text for translation in translator.translate(sources)]
        return {name: score(name, texts, [references]).value for name in ("bleu", "chrf")}

    return judge


def _finish(folder: "ModelFolder", config: Config, dev: "Corpus", progress: "Progress") -> None:
    """Translate the validation set with the kept model, calibrate its doubt and write the card."""
    from nmt.checkpoint import CARD, write_atomically
    from nmt.commands.calibrate import keep_calibration
    from nmt.commands.card import card
    from nmt.evaluation.metrics import score
    from nmt.training.report import clock
    from nmt.translator import Translator

    translator = Translator.load(folder.path, device=config.training.device)
    translations = translator.translate(dev.sources())
    _say(keep_calibration(folder, translator, translations, dev.targets()))
    texts = [translation.text for translation in translations]
    scores = [score(name, texts, [dev.targets()]) for name in ("bleu", "chrf")]
    facts = folder.data()
    facts["dev"]["pairs"] = len(dev.pairs)  # those that were scored: not too long, and of two sides
    weights = f"those of update {progress.best_update}"
    write_atomically(folder.path / CARD, card(folder.path.name, config, facts, scores, weights).encode())
    shown = ", ".join(f"{each.name} {each.value:.2f}" for each in scores)
    _say(f"Done {progress.finished}, in {clock(progress.seconds)}. Validation: {shown} ({scores[0].signature}).")
    _say(f"Translate with: nmt translate {folder.path} < text.{config.data.source or 'txt'}")


def _open_or_create(
    folder: "ModelFolder", resolved: Resolved, survey: "Survey", dev: "Corpus", parent: "Parent | None"
) -> "Tokenizers":
    """The folder's tokenizers: made for a new folder, read where the same settings and data are resumed."""
    from nmt.checkpoint import CONFIG, DATA, Tokenizers, write_atomically
    from nmt.text.tokenizer import train_tokenizer

    config, path = resolved.config, folder.path
    facts = {"train": _facts(survey), "dev": _facts(dev)} | ({"parent": parent.facts()} if parent else {})
    if (path / CONFIG).is_file():
        _refuse_another_training(folder, config, facts)
        return folder.tokenizers()
    settings = config.tokenizer
    sides = [[pair[side] for pair in survey.sample] for side in (0, 1)]
    if parent:
        tokenizers = parent.tokenizers(config, sides, _say)
    elif settings.joint:
        joint = train_tokenizer(chain(*sides), settings, _say)
        tokenizers = Tokenizers(joint, joint)
    else:
        tokenizers = Tokenizers(*(train_tokenizer(side, settings, _say) for side in sides))
    write_atomically(path / DATA, json.dumps(facts, indent=1, ensure_ascii=False).encode())
    folder.create(config, tokenizers, resolved.origin)
    return tokenizers


def _refuse_another_training(folder: "ModelFolder", config: Config, facts: dict[str, dict[str, Any]]) -> None:
    """A folder goes on with the settings, the data and the parent it began with, or not at all."""
    from nmt.checkpoint import DATA, WEIGHTS

    path, began = folder.path, folder.data()
    if (path / WEIGHTS).is_file() and not folder.has_state():
        raise ModelFolderError(f"{path}: holds a trained model and no training that could go on. Choose another --out.")
    if "parent" in began and "parent" not in facts:
        raise ConfigError(f"{path}: its training began --from {began['parent']['names'][0]}. Say so, or another --out.")
    if changed := [each for each in differences(folder.config(), config) if not each.startswith(FREE)]:
        raise ConfigError(
            f"{path}: its training began with other settings ({'; '.join(changed)}). "
            "Give the old values, or another --out."
        )
    for name, now in facts.items():
        what = "model to begin from" if name == "parent" else f"{name} corpus"
        if name not in began:
            raise ModelFolderError(
                f"{path / DATA}: no record of the {what}, so nothing tells whether it is the one this "
                "training began with. Restore the file, or give another --out."
            )
        if began[name]["sha256"] != now["sha256"]:
            raise ModelFolderError(
                f"{path}: the {what} is not the one it began with. Give the old files, or another --out."
            )


def _facts(corpus: "Corpus | Survey") -> dict[str, Any]:
    return {"names": corpus.names, "pairs": len(corpus), "sha256": corpus.sha256}


def _check(config: Config, parent: Path | None) -> None:
    """Look up every part by name before any data is read, and see whether a parent's weights would fit."""
    import torch

    from nmt.device import choose_device
    from nmt.model.seq2seq import Seq2Seq
    from nmt.text.tokenizer import check
    from nmt.training.objectives import check_objective
    from nmt.training.optimizers import OPTIMIZERS
    from nmt.training.schedules import SCHEDULES
    from nmt.transfer import Parent

    check(config.tokenizer)
    OPTIMIZERS[config.training.optimizer]
    SCHEDULES[config.training.schedule]
    choose_device(config.training.device)
    target = 300 if config.tokenizer.joint else 301
    with torch.device("meta"):
        check_objective(Seq2Seq(config, 300, target), config.training)
    if parent:
        Parent.open(parent).check(config)


def _refuse_strange_folder(out: Path) -> None:
    """A folder that holds other things is not ours to write in."""
    ours = {"config.toml", "joint.model", "source.model", "target.model", "training"}
    if out.is_file():
        raise ModelFolderError(f"{out}: a file, not a folder. Choose another --out.")
    if out.is_dir() and not (out / "config.toml").is_file():
        strange = sorted(p.name for p in out.iterdir() if p.name not in ours and not p.name.startswith("."))
        if strange:
            raise ModelFolderError(f"{out}: holds other files ({strange[0]}) and no model. Choose another --out.")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
