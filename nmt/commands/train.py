"""`nmt train`: a parallel corpus -> a model folder. The same command goes on where it was stopped."""

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.commands.fitting import TRAINING, Fitting, assist
from nmt.commands.length import choose_length_penalty
from nmt.commands.output import say
from nmt.commands.parts import check_parts
from nmt.commands.training_folder import ended, open_or_create, refuse_strange_folder, settle_precision
from nmt.config import FINETUNE, Layer, Resolved, preset_for, resolve
from nmt.errors import ConfigError, NmtError
from nmt.interrupt import at_once
from nmt.settings import Config
from nmt.text.formats.reader import FORMS

if TYPE_CHECKING:
    from nmt.checkpoint import ModelFolder
    from nmt.text.corpus import Corpus
    from nmt.training.progress import Progress
    from nmt.training.ranks import Ranks
    from nmt.transfer import Lender, Parent

SPLIT = 1  # seed of what is held out and of the text for the vocabulary: trainings of all seeds can be compared
Settle = Callable[[int], tuple[str, Resolved]]
"""How many pairs there are -> what the settings are called, and the settings."""


def run(
    corpus: Annotated[list[str], typer.Argument(metavar="CORPUS...", help=f"Pairs of sentences: {FORMS}.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The model folder to write.")],
    parent: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Begin from this model, with its settings: fine-tuning."),
    ] = None,
    vocabulary: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Take this model's pieces and learn none, so that both can be a team."),
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
      nmt train memory.tmx project.xlf --source en --target de --out model
      nmt train data/train data/mine --from model --out mine
    """
    flags: dict[str, str | int | None] = {"data.source": source or None, "data.target": target or None}
    flags |= {"training.device": device, "training.threads": threads, "training.seed": seed}
    words = [f"{key}={json.dumps(value)}" for key, value in flags.items() if value is not None] + (overrides or [])
    if parent and parent.resolve() == out.resolve():
        raise ConfigError(f"--from {parent}: is --out too, and would be trained over. Choose another --out.")
    if parent and vocabulary:
        raise ConfigError(f"--vocabulary {vocabulary}: a model that begins --from another has its pieces. Give one.")
    with at_once():  # a killed training resumes, and one that is interrupted while it learns hears it (`Stop`)
        giver = _giver(parent, vocabulary)
        settle = partial(_settings, preset, words, giver)
        _check(settle(sys.maxsize)[1].config, giver)
        refuse_strange_folder(out)
        _train(corpus, dev or [], settle, out, giver)


def _giver(parent: Path | None, vocabulary: Path | None) -> "Parent | Lender | None":
    """The model that gives the new one all it knows, or its pieces."""
    if not (path := parent or vocabulary):
        return None
    from nmt.transfer import Lender, Parent

    return (Parent if parent else Lender).open(path)


def _settings(
    preset: str | None, words: list[str], giver: "Parent | Lender | None", pairs: int
) -> tuple[str, Resolved]:
    """The settings of a training on so many pairs, and what they are called."""
    chosen = preset or preset_for(pairs)
    if not giver:
        return f"preset {chosen}", resolve(chosen, words)
    from nmt.checkpoint import CONFIG
    from nmt.transfer import Lender

    path = giver.folder.path
    if isinstance(giver, Lender):
        lent = Layer(f"vocabulary of {path}", {"tokenizer": giver.settings()})
        return f"preset {chosen}, {lent.where}", resolve(chosen, words, lent=lent)
    over = f", then preset {preset}" if preset else ""
    return f"those of {path}, then preset {FINETUNE}{over}", resolve(preset, words, path / CONFIG)


def _train(names: list[str], dev_names: list[str], settle: Settle, out: Path, giver: "Parent | Lender | None") -> None:
    """Train alone, or as one of the processes that torchrun has started."""
    from nmt.checkpoint import ModelFolder
    from nmt.device import choose_device
    from nmt.text.mapped import remove_examples
    from nmt.training.ranks import joined

    first = settle(sys.maxsize)[1].config
    with joined(cuda=choose_device(first.training.device).type == "cuda") as ranks, ExitStack() as held:
        if not ranks.chief:
            assist(out, first.training, ranks)
            return
        try:
            dev, config, work = _prepare(names, dev_names, settle, out, giver, ranks, held)
        except BaseException:
            with suppress(NmtError):
                ranks.hear(2)  # the others leave too
            raise
        ranks.hear(None if isinstance(work, Fitting) else 0)
        progress = work.run() if isinstance(work, Fitting) else work
        folder = ModelFolder(out)
        _finish(folder, config, dev, progress)
        remove_examples(folder.path / TRAINING)


def _prepare(
    names: list[str],
    dev_names: list[str],
    settle: Settle,
    out: Path,
    giver: "Parent | Lender | None",
    ranks: "Ranks",
    held: ExitStack,
) -> "tuple[Corpus, Config, Fitting | Progress]":
    """Read the data and begin the folder: the validation set, the settings, and the training or how it has ended.

    The folder is locked for as long as `held` is.
    """
    from nmt.checkpoint import ModelFolder
    from nmt.checkup.glance import glance
    from nmt.text import corpus as corpora
    from nmt.text.mapped import examples_of
    from nmt.transfer import Parent

    first = settle(sys.maxsize)[1].config
    dev = corpora.load(dev_names, first.data) if dev_names else None
    survey, held_out = corpora.survey(names, first.data, SPLIT, dev is None, say)
    dev = dev or held_out
    assert dev is not None  # one or the other
    folder = ModelFolder(out)
    chosen, resolved = settle(survey.cleaned)
    resolved = settle_precision(resolved, folder)
    config = resolved.config
    if survey.linked and config.tokenizer.sampling:
        raise ConfigError(
            "tokenizer.sampling spells words anew each time, and this corpus brings alignments of the usual pieces. "
            "Set tokenizer.sampling=0, or give the corpus without alignments."
        )
    few = f" ({config.validation.pairs:,} of them translated)" if len(dev) > config.validation.pairs else ""
    say(f"{len(survey):,} pairs to train on, {len(dev):,} to validate on{few}. Settings: {chosen}.")
    if remark := glance(survey.sample, in_order=len(survey.sample) == len(survey)):
        say(remark)
    held.enter_context(folder.alone())
    tokenizers = open_or_create(folder, resolved, survey, dev, giver)
    survey.sample.clear()  # it was the tokenizers' alone
    dev_examples = corpora.encode(dev, *tokenizers, config.data)
    if (progress := ended(folder)) is not None:
        return dev, config, progress
    examples = examples_of(survey, tokenizers, folder.path / TRAINING, config.training.threads, say)
    say(f"Training: {survey.dropped.report()} Validation: {dev.dropped.report()}")
    parent = giver if isinstance(giver, Parent) else None
    return dev, config, Fitting(folder, config, tokenizers, examples, ranks, (dev, dev_examples), parent)


def _finish(folder: "ModelFolder", config: Config, dev: "Corpus", progress: "Progress") -> None:
    """Translate the validation set with the kept model, calibrate length and doubt, write the card and the manifest."""
    from nmt.commands.calibrate import keep_calibration
    from nmt.commands.card import keep_card
    from nmt.evaluation.metrics import score
    from nmt.training.report import clock
    from nmt.translator import Translator

    choose_length_penalty(folder, dev, config.training.device)
    translator = Translator.load(folder.path, device=config.training.device)
    translations = translator.translate(dev.sources())
    say(keep_calibration(folder, translator, translations, dev.targets()))
    texts = [translation.text for translation in translations]
    scores = [score(name, texts, [dev.targets()]) for name in ("bleu", "chrf")]
    facts = folder.data()
    facts["dev"]["pairs"] = len(dev.pairs)  # those that were scored: not too long, and of two sides
    weights = f"those of update {progress.best_update}"
    training = {"update": progress.best_update, "seconds": progress.seconds}
    keep_card(folder, facts, scores, weights, training, translator.device.type)
    shown = ", ".join(f"{each.name} {each.value:.2f}" for each in scores)
    say(f"Done {progress.finished}, in {clock(progress.seconds)}. Validation: {shown} ({scores[0].signature}).")
    if warning := _unlearned(scores[0].value, texts):
        say(warning)
    say(f"Translate with: nmt translate {folder.path} < text.{config.data.source or 'txt'}")


def _unlearned(bleu: float, texts: Sequence[str]) -> str:
    """What to tell of a model that translates next to nothing; "" of any other."""
    if bleu >= 1:
        return ""
    blank = sum(not text.strip() for text in texts)
    many = f", and {blank:,} of {len(texts):,} translations are blank" if blank else ""
    return (
        f"It hardly translates yet: BLEU is below 1{many}. Give it more pairs, more epochs, or --from a trained model."
    )


def _check(config: Config, giver: "Parent | Lender | None") -> None:
    """Look up every part by name before any data is read, and see whether what another model gives would fit."""
    from nmt.device import choose_device

    check_parts(config)
    choose_device(config.training.device)
    if giver:
        giver.check(config)
