"""A training that diverges goes back, one that memory cannot hold goes on in pieces; resumed is as never stopped."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from nmt.errors import NmtError
from nmt.model.seq2seq import Seq2Seq
from nmt.text.batches import Batch
from nmt.training.progress import BROKEN_UPDATES, MOST_FALLBACKS, RISE, Diverged, Progress
from nmt.training.stopping import Interrupted
from nmt.training.trainer import Trainer
from tests.training.trainers import events, stop_in, weights

Make = Callable[..., Trainer]
NOISE = ("dropout.hidden=0.2", "training.epochs=8")


def spoil(trainer: Trainer, when: Callable[[Trainer], bool], by: float) -> None:
    """Multiply the loss of those updates."""
    loss = trainer._loss

    def spoiled(model: Seq2Seq, batch: Batch, smoothing: float | None = None) -> Tensor:
        value = loss(model, batch, smoothing)
        return value * by if smoothing is None and when(trainer) else value

    trainer._loss = spoiled  # type: ignore[method-assign]


def from_update(first: int, fallbacks: int = 1) -> Callable[[Trainer], bool]:
    """From this update on, until it fell back so often."""
    return lambda trainer: trainer.progress.update >= first and trainer.progress.fallbacks < fallbacks


@pytest.mark.parametrize("by", [math.nan, math.inf, 5.0])
def test_a_training_that_diverges_goes_back_to_its_last_validation_at_half_the_rate(make: Make, by: float) -> None:
    trainer = make(*NOISE)
    spoil(trainer, from_update(14), by)
    progress = trainer.run()
    assert (progress.fallbacks, progress.finished) == (1, "after 8 epochs")
    told = events(trainer, "fallback")
    assert [event["update"] for event in told] == [12] and told[0]["failed"] > 14
    straight = make(*NOISE, name="straight")
    straight.run()
    assert weights(trainer)["kept/output.weight"].isfinite().all()
    assert trainer._rate() == straight._rate() / 2
    updates = [event["update"] for event in events(trainer, "validation")]
    assert updates == [6 * epoch for epoch in range(1, 9)]


def test_before_any_validation_it_goes_back_to_the_beginning(make: Make) -> None:
    words = ("training.epochs=1", "training.schedule=constant")
    trainer, slower = make(*words), make(*words, "training.lr=0.0015", name="slower")
    spoil(trainer, from_update(0), math.nan)
    trainer.train_plan.count = lambda epoch: 6  # type: ignore[method-assign]
    for one in (trainer, slower):
        one.progress.broken = BROKEN_UPDATES - 3 if one is trainer else 0
        one.run()
    assert trainer.progress.fallbacks == 1 and trainer.settings.lr == 2 * slower.settings.lr
    kept = trainer.folder.weights()[0], slower.folder.weights()[0]
    assert all(kept[0][name].equal(kept[1][name]) for name in kept[0])


def test_it_ends_when_going_back_does_not_help(make: Make) -> None:
    trainer = make("training.lr=0.002", *NOISE)
    spoil(trainer, from_update(7, fallbacks=99), math.nan)
    with pytest.raises(NmtError, match=r"^update 26: the loss is not a number any more, .* training\.lr=0\.000125, "):
        trainer.run()
    assert [event["update"] for event in events(trainer, "fallback")] == [6] * MOST_FALLBACKS
    assert all(weight.isfinite().all() for weight in trainer.folder.weights()[0].values())
    again = make("training.lr=0.002", *NOISE)
    again.resume()
    assert again.progress.fallbacks == MOST_FALLBACKS


@pytest.mark.parametrize("stop", [13, 16, 30])
def test_a_training_that_fell_back_and_was_stopped_is_as_never_stopped(make: Make, stop: int) -> None:
    straight, stopped = make(*NOISE, name="straight"), make(*NOISE)
    for trainer in (straight, stopped):
        spoil(trainer, from_update(14), 5.0)
    straight.run()
    stop_in(stopped, stop)
    with pytest.raises(Interrupted):
        stopped.run()
    resumed = make(*NOISE)
    spoil(resumed, from_update(14), 5.0)
    resumed.resume()
    resumed.run()
    one, two = weights(straight), weights(resumed)
    assert straight.progress.fallbacks == resumed.progress.fallbacks == 1
    assert [name for name in one if not one[name].equal(two[name])] == []
    assert events(straight, "validation") == events(resumed, "validation")
    assert events(straight, "fallback") == events(resumed, "fallback")


def test_nothing_ill_is_gone_back_to(make: Make) -> None:
    trainer = make(*NOISE)
    spoil(trainer, lambda trainer: trainer.progress.update == 12 and not trainer.progress.fallbacks, math.nan)
    spoil(trainer, from_update(14), math.nan)
    trainer.run()
    assert [event["update"] for event in events(trainer, "fallback")] == [6]  # at 12 a gradient was broken


def test_nothing_to_go_back_to_is_left_when_all_is_done(make: Make) -> None:
    trainer = make()
    trainer.run()
    assert not trainer.folder.has_good_state()


def test_a_system_without_links_copies(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*paths: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)
    trainer = make()
    trainer.save(good=True)
    assert trainer.folder.good_state()[1] == trainer.folder.state()[1]


def test_the_rise_that_counts_is_of_the_running_mean_alone() -> None:
    progress = Progress()
    for _ in range(50):
        progress.watch(3.0, True)
    progress.watch(3.0 + 15 * RISE, True)  # one odd batch
    assert not progress.healthy and progress.broken == 0
    for _ in range(50):
        progress.watch(3.0, True)
    assert progress.healthy
    with pytest.raises(Diverged, match=r"^the loss has risen from 3\.00 to "):
        for _ in range(200):
            progress.watch(3.0 + 1.2 * RISE, True)


class Memory:
    """A device that holds batches of so many ids, and says like torch when one is larger."""

    def __init__(self, trainer: Trainer, most: int, error: type[Exception] = RuntimeError) -> None:
        self.loss, self.most, self.seen = trainer._loss, most, []  # type: list[int]
        self.error = error
        trainer._loss = self  # type: ignore[assignment]

    seen: list[int]

    def __call__(self, model: Seq2Seq, batch: Batch, smoothing: float | None = None) -> Tensor:
        if smoothing is None:
            self.seen.append(batch.size)
            if batch.size > self.most:
                raise self.error("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")
        return self.loss(model, batch, smoothing)


SGD = ("training.optimizer=sgd", "training.lr=0.5", "training.schedule=constant")


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, torch.OutOfMemoryError])
@pytest.mark.parametrize("threads", [1, 2])
def test_batches_that_memory_does_not_hold_are_cut_and_learned_all_the_same(
    make: Make, error: type[Exception], threads: int
) -> None:
    whole = make(*SGD, name="whole")
    whole.run()
    torch.set_num_threads(threads)
    try:
        cut = make(*SGD)
        memory = Memory(cut, 50, error)
        cut.run()
    finally:
        torch.set_num_threads(1)
    assert 0 < 2 * cut.progress.fits <= threads * max(memory.seen)
    failures = [size for size in memory.seen if size > memory.most]
    assert failures and len(failures) <= 3 * threads and max(memory.seen[-40:]) <= memory.most  # it remembers
    torch.testing.assert_close(list(cut.model.parameters()), list(whole.model.parameters()), atol=1e-6, rtol=1e-4)


def test_what_fits_is_remembered_by_a_training_that_goes_on(make: Make) -> None:
    words = (*NOISE, "training.epochs=3")
    straight, stopped = make(*words, name="straight"), make(*words)
    Memory(straight, 50)
    straight.run()
    Memory(stopped, 50)
    stop_in(stopped, 9)
    with pytest.raises(Interrupted):
        stopped.run()
    resumed = make(*words)
    memory = Memory(resumed, 50)
    resumed.resume()
    resumed.run()
    assert max(memory.seen) <= 50
    one, two = weights(straight), weights(resumed)
    assert [name for name in one if not one[name].equal(two[name])] == []


def test_a_pair_that_memory_does_not_hold_is_told_in_one_line(make: Make) -> None:
    trainer = make("training.average=0")
    before = [weight.detach().clone() for weight in trainer.model.parameters()]
    Memory(trainer, 1)
    with pytest.raises(NmtError, match=r"^update 1: memory does not hold one pair of \d+ pieces\. .*data\.max_length="):
        trainer.run()
    assert all(map(torch.equal, before, trainer.model.parameters()))


def test_other_errors_of_torch_stay_what_they_are(make: Make) -> None:
    trainer = make()

    def broken(*parts: Any) -> Iterator[Tensor]:
        raise RuntimeError("shapes do not match")

    trainer._loss = broken  # type: ignore[method-assign, assignment]
    with pytest.raises(RuntimeError, match="shapes"):
        trainer.run()
