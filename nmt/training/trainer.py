"""The loop.

All chance comes from the seed and the number of the update or epoch, never from what ran before: a training that was
stopped anywhere and resumed ends in the same weights as one that was not. What goes wrong is part of that: a training
that diverges falls back to its last validation, one whose batches memory cannot hold cuts them, and both are written
down in its progress.
"""

import math
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import asdict
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from nmt.checkpoint import ModelFolder
from nmt.device import autocast, precision
from nmt.errors import ConfigError, ModelFolderError, NmtError
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import Config
from nmt.text.batches import Batch, Plan
from nmt.training.ahead import batches_ahead
from nmt.training.objectives import batch_loss, check_objective
from nmt.training.optimizers import MovingAverage, make_optimizer, optimizer_tensors, restore_optimizer
from nmt.training.progress import MOST_FALLBACKS, Diverged, Progress
from nmt.training.ranks import Ranks
from nmt.training.report import Report, clock
from nmt.training.schedules import SCHEDULES, Moment, factor
from nmt.training.stopping import Interrupted, Stop
from nmt.training.workers import Full, Workers
from nmt.weights import load_weights

SAVE_SECONDS = 300.0
LOG_UPDATES = 20
MOST_WORKERS = 8  # each holds gradients of its own

Judge = Callable[[Seq2Seq], dict[str, float]]
"""Translates the validation set and gives its scores; larger is better."""


ALONE = Ranks()


class Trainer:
    """Trains one model in one folder."""

    def __init__(
        self,
        model: Seq2Seq,
        config: Config,
        plans: tuple[Plan, Plan | None],
        judge: Judge | None,
        folder: ModelFolder,
        report: Report,
        ranks: Ranks = ALONE,
    ) -> None:
        """Take a model on its device, the plans of training and validation batches, and where to keep things.

        Of several `ranks` only the chief has a plan of validation batches, and a judge.
        """
        SCHEDULES[config.training.schedule]  # an unknown name is refused before any work
        self.model, self.config, self.settings = model, config, config.training
        if self.settings.guided and plans[0].examples.links is not None and model.decoder.attention.align.zeros:
            raise ConfigError(
                f"attention.align={config.attention.align} gives some words no weight at all, which the corpus's word "
                "alignments could not raise: set training.guided=0, or take a soft or hard unit."
            )
        check_objective(model, self.settings)
        self.train_plan, self.dev_plan = plans
        self.judge, self.folder, self.report, self.ranks = judge, folder, report, ranks
        self.device = next(model.parameters()).device
        self.precision = precision(self.settings.precision, self.device)
        count = min(torch.get_num_threads(), MOST_WORKERS) if self.device.type == "cpu" else 1
        self.workers = Workers(model, count)
        fast = torch.bfloat16 if self.precision == "bf16" else torch.float32
        self.optimizer = make_optimizer(model, self.settings, fast)
        decay = self.settings.average
        self.average = MovingAverage(model.parameters(), decay) if decay else None
        self.progress = Progress()
        self.per_epoch = math.ceil(self.train_plan.count(0) / self.settings.accumulate)
        self.total = self.per_epoch * self.settings.epochs
        self.stop = Stop()
        self._judging = 0.0  # seconds of the last validation
        self._saved = time.monotonic()
        self._window = [0.0, 0, time.monotonic(), 0]  # loss, words, start, updates since the last log line

    def resume(self) -> None:
        """Go on from the folder's saved state, with as many workers as it began with: they decide the noise.

        Raises:
            ModelFolderError: the state is damaged or another model's.
        """
        self._restore(*self.folder.state())

    def _restore(self, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
        load_weights(self.model, _under("model", tensors), str(self.folder.path))
        try:
            restore_optimizer(self.optimizer, _under("optimizer", tensors))
            if self.average:
                saved = _under("average", tensors)
                for i, weight in enumerate(self.average.weights):
                    weight.copy_(saved[str(i)])
            self.progress = Progress(**facts["progress"])
            workers = int(facts["workers"])
        except (KeyError, TypeError, ValueError, RuntimeError):
            raise ModelFolderError(
                f"{self.folder.path}: its training state is damaged or of another version. Train again in a new --out."
            ) from None
        each = max(1, min(workers // self.ranks.count, MOST_WORKERS))
        if each != len(self.workers.models):
            self.workers = Workers(self.model, each)

    def run(self) -> Progress:
        """Train to the end.

        Raises:
            Interrupted: a signal asked for an end; the state is saved.
            NmtError: the loss is no number any more.
        """
        self.report.resume(self.progress.update)
        if not (self.folder.has_state() and self.folder.has_good_state()):
            self.save(good=True)  # from here on the folder is known as one whose training has not ended
        self.ranks.wait()  # for what the others might read
        with self.stop.heard():
            while not self.progress.finished:
                try:
                    self._epoch()
                except Diverged as error:
                    self._fall_back(str(error))
        self.folder.forget_good_state()
        return self.progress

    def _epoch(self) -> None:
        """The rest of an epoch."""
        started, before = time.monotonic(), self.progress.seconds
        with closing(self._updates()) as updates:
            for batches in updates:
                self._update(batches)
                self.progress.seconds = before + time.monotonic() - started
                every = self.config.validation.every
                if every and self.progress.update % every == 0:
                    self._validate()
                elif self.stop.asked or time.monotonic() - self._saved > SAVE_SECONDS:
                    self.save()
                if self.stop.asked:
                    raise Interrupted
                if self.progress.finished:
                    return
        self._end_epoch()

    def _fall_back(self, reason: str) -> None:
        """Go back to the last validation that was healthy, or to the beginning, and on from there at half the rate.

        Raises:
            NmtError: that has been done often enough.
        """
        failed = self.progress
        if failed.fallbacks >= MOST_FALLBACKS:
            raise NmtError(
                f"update {failed.update}: {reason}, though the rate was halved {MOST_FALLBACKS} times. Train again in "
                f"another --out with a lower one, e.g. --set training.lr={self.settings.lr * failed.slower / 2:g}, and "
                "look at the corpus with `nmt check`."
            )
        self._restore(*self.folder.good_state())
        self.progress.fallbacks, self.progress.fits = failed.fallbacks + 1, failed.fits
        self.progress.seconds = failed.seconds
        self.report.say(
            f"update {failed.update}: {reason}. Back to update {self.progress.update}, and on at half the rate "
            f"({self.progress.fallbacks} of {MOST_FALLBACKS} times)."
        )
        self.report.resume(self.progress.update)
        self.report.record(event="fallback", update=self.progress.update, failed=failed.update, reason=reason)
        self.save()
        self.ranks.wait()

    def _end_epoch(self) -> None:
        self.progress.epoch += 1
        self.progress.batch = 0
        last = self.progress.epoch >= self.settings.epochs
        if last:
            self.progress.finished = f"after {self.settings.epochs} epochs"
        if last or not self.config.validation.every:
            self._validate()
        if self.stop.asked and not self.progress.finished:
            raise Interrupted

    def _updates(self) -> Generator[list[Batch], None, None]:
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
        mine = self._gradients(batches, words)
        loss, stop = self.ranks.add(self.model, mine, float(self.stop.asked))
        self.stop.asked = self.stop.asked or stop > 0
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip or math.inf)
        finite = bool(torch.isfinite(norm))
        if finite:
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.average:
            self.average.update(progress.update)
        progress.batch += len(batches)
        progress.watch(loss, finite)
        self._log(loss * words, words, rate)

    def _gradients(self, batches: list[Batch], words: int) -> float:
        """Compute this rank's part of the gradients of some batches, in pieces that memory holds; returns its loss.

        Raises:
            NmtError: memory does not even hold one pair.
        """
        seed = self.settings.seed * 1_000_003 + self.progress.update
        shares = [share.to(self.device) for batch in batches if (share := self.ranks.share(batch)) is not None]
        while True:
            self.workers.begin(seed, self.ranks.rank, self.ranks.count)
            try:
                return float(self.workers.backward(shares, lambda *part: self._loss(*part) / words, self.progress.fits))
            except Full as full:
                self._cut(full)

    def _cut(self, full: Full) -> None:
        """Remember that batches must be smaller: half of what memory did not hold."""
        update = self.progress.update
        if full.rows == 1:
            raise NmtError(
                f"update {update}: memory does not hold one pair of {full.size} pieces. Close other programs, or leave "
                f"long pairs out: --set data.max_length={max(1, self.config.data.max_length // 2)} in another --out."
            )
        self.progress.fits = max(1, full.size // 2)
        self.workers.begin(0)  # its gradients are of no use, and take memory
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        self.report.say(
            f"update {update}: memory does not hold a batch of {full.size:,} ids. From here on batches are computed in "
            f"pieces of about {self.progress.fits:,}; an update stays one of the whole batch."
        )

    def _loss(self, model: Seq2Seq, batch: Batch, smoothing: float | None = None) -> Tensor:
        smoothing = self.settings.label_smoothing if smoothing is None else smoothing
        with autocast(self.precision, self.device):
            return batch_loss(model, batch, self.config, smoothing)

    def _rate(self) -> float:
        moment = Moment(self.progress.update, self.settings.warmup, self.total, self.progress.all_setbacks)
        return self.settings.lr * factor(self.settings.schedule, moment) * self.progress.slower

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
        """Let the chief judge, and all ranks know."""
        if self.ranks.chief:
            self._judge()
        fits = self.progress.fits  # which each rank finds out for itself
        self.progress = Progress(**self.ranks.hear(asdict(self.progress)))
        self.progress.fits = fits
        self._window = [0.0, 0, time.monotonic(), 0]

    def _judge(self) -> None:
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
        self.save(good=self.progress.healthy and math.isfinite(scores["loss"]))

    def _note(self, scores: dict[str, float], seconds: float) -> bool:
        """Record a validation and say whether it is the best so far."""
        progress, rules = self.progress, self.config.validation
        better = progress.judged(self._value(scores), rules.gain, rules.patience, rules.metric)
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
        assert self.dev_plan is not None  # the chief has one
        for rows in self.dev_plan.in_order():
            batch = self.dev_plan.examples.batch(rows.tolist())
            total += float(self._loss(self.model, batch.to(self.device), 0.0))
            words += int(batch.target_mask.sum())
        return {"loss": total / words, "perplexity": math.exp(min(50.0, total / words))}

    def save(self, good: bool = False) -> None:
        """Have the chief save what resuming needs, as one file; if `good`, it is what a divergence goes back to."""
        self._saved = time.monotonic()
        if not self.ranks.chief:
            return
        tensors = {f"model/{name}": weight for name, weight in _plain(self.model).items()}
        tensors |= {f"optimizer/{name}": tensor for name, tensor in optimizer_tensors(self.optimizer).items()}
        if self.average:
            tensors |= {f"average/{i}": weight for i, weight in enumerate(self.average.weights)}
        workers = len(self.workers.models) * self.ranks.count
        self.folder.save_state(tensors, {"progress": asdict(self.progress), "workers": workers}, good)


def _plain(model: Seq2Seq) -> dict[str, Tensor]:
    """The weights by name, each once however many parts share it."""
    return {name: weight.detach() for name, weight in model.named_parameters()}


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(f"{prefix}/"): tensor for name, tensor in tensors.items() if name.startswith(f"{prefix}/")
    }
