"""The loop.

All chance comes from the seed and the number of the update or epoch, never from what ran before: a training that was
stopped anywhere and resumed ends in the same weights as one that was not.
"""

import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from nmt.checkpoint import ModelFolder, load_weights
from nmt.device import autocast, precision
from nmt.errors import ConfigError, ModelFolderError, NmtError
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import Config
from nmt.text.batches import Batch, Plan
from nmt.training.ahead import batches_ahead
from nmt.training.objectives import batch_loss, check_objective
from nmt.training.optimizers import MovingAverage, make_optimizer, optimizer_tensors, restore_optimizer
from nmt.training.report import Report, clock
from nmt.training.schedules import SCHEDULES, Moment, factor
from nmt.training.workers import Workers

SAVE_SECONDS = 300.0
LOG_UPDATES = 20
MOST_WORKERS = 8  # each holds gradients of its own
BROKEN_UPDATES = 20  # in a row without a finite gradient: the training has diverged

Judge = Callable[[Seq2Seq], dict[str, float]]
"""Translates the validation set and gives its scores; larger is better."""


class Interrupted(Exception):
    """Ctrl-C or SIGTERM came; everything is saved."""


@dataclass
class Progress:
    """Where a training is, as saved beside the weights."""

    epoch: int = 0
    batch: int = 0  # batches of the epoch already seen
    update: int = 0
    best: float | None = None  # of the validation metric; larger is better
    best_update: int = 0
    base: float | None = None  # the value the next gain is measured from
    setbacks: int = 0  # validations since the last gain
    all_setbacks: int = 0
    seconds: float = 0.0  # spent on training, over all runs
    finished: str = ""  # why it ended


class Trainer:
    """Trains one model in one folder."""

    def __init__(
        self,
        model: Seq2Seq,
        config: Config,
        plans: tuple[Plan, Plan],
        judge: Judge | None,
        folder: ModelFolder,
        report: Report,
    ) -> None:
        """Take a model on its device, the plans of training and validation batches, and where to keep things."""
        SCHEDULES[config.training.schedule]  # an unknown name is refused before any work
        self.model, self.config, self.settings = model, config, config.training
        if self.settings.guided and plans[0].examples.links is not None and model.decoder.attention.align.zeros:
            raise ConfigError(
                f"attention.align={config.attention.align} gives some words no weight at all, which the corpus's word "
                "alignments could not raise: set training.guided=0, or take a soft or hard unit."
            )
        check_objective(model, self.settings)
        self.train_plan, self.dev_plan = plans
        self.judge, self.folder, self.report = judge, folder, report
        self.device = next(model.parameters()).device
        self.precision = precision(self.settings.precision, self.device)
        count = min(torch.get_num_threads(), MOST_WORKERS) if self.device.type == "cpu" else 1
        self.workers = Workers(model, count)
        self.optimizer = make_optimizer(model, self.settings)
        decay = self.settings.average
        self.average = MovingAverage(model.parameters(), decay) if decay else None
        self.progress = Progress()
        self.per_epoch = math.ceil(self.train_plan.count(0) / self.settings.accumulate)
        self.total = self.per_epoch * self.settings.epochs
        self._stop = False
        self._broken = 0
        self._judging = 0.0  # seconds of the last validation
        self._window = [0.0, 0, time.monotonic(), 0]  # loss, words, start, updates since the last log line

    def resume(self) -> None:
        """Go on from the folder's saved state, with as many workers as it began with: they decide the noise.

        Raises:
            ModelFolderError: the state is damaged or another model's.
        """
        tensors, facts = self.folder.state()
        load_weights(self.model, _under("model", tensors), str(self.folder.path))
        try:
            restore_optimizer(self.optimizer, _under("optimizer", tensors))
            if self.average:
                saved = _under("average", tensors)
                for i, weight in enumerate(self.average.weights):
                    weight.copy_(saved[str(i)])
            self.progress = Progress(**facts["progress"])
            workers = int(facts["workers"])
            if not 1 <= workers <= MOST_WORKERS:
                raise ValueError
        except (KeyError, TypeError, ValueError, RuntimeError):
            raise ModelFolderError(
                f"{self.folder.path}: its training state is damaged or of another version. Train again in a new --out."
            ) from None
        if workers != len(self.workers.models):
            self.workers = Workers(self.model, workers)

    def run(self) -> Progress:
        """Train to the end.

        Raises:
            Interrupted: a signal asked for an end; the state is saved.
            NmtError: the loss is no number any more.
        """
        self.report.resume(self.progress.update)
        if not self.folder.has_state():
            self.save()  # from here on the folder is known as one whose training has not ended
        with self._signals():
            started, before = time.monotonic(), self.progress.seconds
            saved = started
            while not self.progress.finished:
                for batches in self._updates():
                    self._update(batches)
                    self.progress.seconds = before + time.monotonic() - started
                    every = self.config.validation.every
                    if every and self.progress.update % every == 0:
                        self._validate()
                        saved = time.monotonic()
                    elif self._stop or time.monotonic() - saved > SAVE_SECONDS:
                        self.save()
                        saved = time.monotonic()
                    if self._stop:
                        raise Interrupted
                    if self.progress.finished:
                        return self.progress
                self._end_epoch()
                saved = time.monotonic()
        return self.progress

    def _end_epoch(self) -> None:
        self.progress.epoch += 1
        self.progress.batch = 0
        last = self.progress.epoch >= self.settings.epochs
        if last:
            self.progress.finished = f"after {self.settings.epochs} epochs"
        if last or not self.config.validation.every:
            self._validate()
        if self._stop and not self.progress.finished:
            raise Interrupted

    def _updates(self) -> Iterator[list[Batch]]:
        """The rest of the epoch, `accumulate` batches at a time."""
        rest = self.train_plan.batches(self.progress.epoch, skip=self.progress.batch)
        with closing(batches_ahead(rest, self.device)) as batches:
            while group := list(islice(batches, self.settings.accumulate)):
                yield group

    def _update(self, batches: list[Batch]) -> None:
        progress = self.progress
        progress.update += 1
        rate = self._rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        words = sum(int(batch.target_mask.sum()) for batch in batches)
        self.workers.begin(self.settings.seed * 1_000_003 + progress.update)
        total = torch.zeros((), device=self.device)
        for batch in batches:
            total += self.workers.backward(batch.to(self.device), lambda model, part: self._loss(model, part) / words)
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip or math.inf)
        self._step(bool(torch.isfinite(norm)))
        progress.batch += len(batches)
        self._log(float(total) * words, words, rate)

    def _step(self, finite: bool) -> None:
        if finite:
            self.optimizer.step()
            self._broken = 0
        else:
            self._broken += 1
        self.optimizer.zero_grad(set_to_none=True)
        if self._broken >= BROKEN_UPDATES:
            raise NmtError(
                f"update {self.progress.update}: the loss is not a number any more. "
                f"Train again with a lower rate, e.g. --set training.lr={self.settings.lr / 2:g}."
            )
        if self.average:
            self.average.update(self.progress.update)

    def _loss(self, model: Seq2Seq, batch: Batch, smoothing: float | None = None) -> Tensor:
        smoothing = self.settings.label_smoothing if smoothing is None else smoothing
        with autocast(self.precision, self.device):
            return batch_loss(model, batch, self.config, smoothing)

    def _rate(self) -> float:
        moment = Moment(self.progress.update, self.settings.warmup, self.total, self.progress.all_setbacks)
        return self.settings.lr * factor(self.settings.schedule, moment)

    def _log(self, loss: float, words: int, rate: float) -> None:
        window, progress = self._window, self.progress
        window[0] += loss
        window[1] += words
        window[3] += 1
        if window[3] < LOG_UPDATES:
            return
        now = time.monotonic()
        speed = window[1] / (now - window[2])
        mean = window[0] / window[1]
        left = max(0, self.total - progress.update)
        validations = left / (self.config.validation.every or self.per_epoch)
        eta = left * (now - window[2]) / window[3] + validations * self._judging
        self._window = [0.0, 0, now, 0]
        self.report.record(
            event="update", update=progress.update, epoch=progress.epoch, loss=round(mean, 4), lr=rate,
            tokens_per_second=round(speed), seconds=round(progress.seconds, 1), eta_seconds=round(eta),
        )  # fmt: skip
        self.report.progress(
            f"epoch {progress.epoch + 1}/{self.settings.epochs}  update {progress.update}/{self.total}  "
            f"loss {mean:.3f}  {speed:,.0f} tokens/s  {clock(progress.seconds)} gone, about {clock(eta)} to go"
        )

    def _validate(self) -> None:
        """Judge the averaged weights where there are any, keep them if best, and save."""
        started = time.monotonic()
        if self.average:
            self.average.swap()
        try:
            self.workers.rest()
            self.model.eval()
            scores = self._dev_loss()
            if self.judge:
                scores |= self.judge(self.model)
            better = self._note(scores, time.monotonic() - started)
            weights, value = _plain(self.model), self._value(scores)
            facts = {"update": self.progress.update, "epoch": self.progress.epoch, "scores": scores, "value": value}
            if better:
                self.folder.save_weights(weights, facts)
            if self.settings.keep > 1:
                self.folder.keep_checkpoint(self.progress.update, weights, facts, self.settings.keep)
        finally:
            if self.average:
                self.average.swap()
        self._judging = time.monotonic() - started
        self.progress.seconds += self._judging
        self.save()
        self._window = [0.0, 0, time.monotonic(), 0]

    def _note(self, scores: dict[str, float], seconds: float) -> bool:
        """Record a validation and say whether it is the best so far."""
        progress, metric, value = self.progress, self.config.validation.metric, self._value(scores)
        better = progress.best is None or value > progress.best
        if better:
            progress.best, progress.best_update = value, progress.update
        if progress.base is None or value > progress.base + self.config.validation.gain:
            progress.base, progress.setbacks = value, 0
        else:
            progress.setbacks += 1
            progress.all_setbacks += 1
        patience = self.config.validation.patience
        if patience and progress.setbacks >= patience and not progress.finished:
            progress.finished = f"because {metric} gained nothing in {patience} validations"
        self.report.record(
            event="validation", update=progress.update, epoch=progress.epoch, best=better,
            seconds=round(progress.seconds, 1), **scores,
        )  # fmt: skip
        shown = "  ".join(f"{name} {value:.2f}" for name, value in scores.items())
        mark = " (best)" if better else ""
        self.report.say(
            f"validation after epoch {progress.epoch}, update {progress.update}: {shown}{mark}  [{seconds:.0f} s]"
        )
        return better

    def _value(self, scores: dict[str, float]) -> float:
        """What validations are compared by: points of BLEU or chrF, or hundredths of a nat; larger is better."""
        metric = self.config.validation.metric
        value = -100 * scores["loss"] if metric == "loss" else scores[metric]
        return -math.inf if math.isnan(value) else value

    @torch.no_grad()
    def _dev_loss(self) -> dict[str, float]:
        """Cross-entropy a token in nats, without smoothing, and its exponential."""
        total, words = 0.0, 0
        for rows in self.dev_plan.in_order():
            batch = self.dev_plan.examples.batch(rows.tolist())
            total += float(self._loss(self.model, batch.to(self.device), 0.0))
            words += int(batch.target_mask.sum())
        return {"loss": total / words, "perplexity": math.exp(min(50.0, total / words))}

    def save(self) -> None:
        """Save what resuming needs, as one file."""
        tensors = {f"model/{name}": weight for name, weight in _plain(self.model).items()}
        tensors |= {f"optimizer/{name}": tensor for name, tensor in optimizer_tensors(self.optimizer).items()}
        if self.average:
            tensors |= {f"average/{i}": weight for i, weight in enumerate(self.average.weights)}
        self.folder.save_state(tensors, {"progress": asdict(self.progress), "workers": len(self.workers.models)})

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Let Ctrl-C and SIGTERM end the training after the update at hand; a second Ctrl-C ends it at once.

        What was ignored stays ignored: a script's `nmt train ... &` outlives the Ctrl-C that ends the script.
        """

        def ask(number: int, frame: Any) -> None:
            self._stop = True
            if signal.SIGINT in heard:
                signal.signal(signal.SIGINT, signal.default_int_handler)

        heard = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) != signal.SIG_IGN]
        before = {number: signal.signal(number, ask) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _plain(model: Seq2Seq) -> dict[str, Tensor]:
    """The weights by name, each once however many parts share it."""
    return {name: weight.detach() for name, weight in model.named_parameters()}


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(f"{prefix}/"): tensor for name, tensor in tensors.items() if name.startswith(f"{prefix}/")
    }
