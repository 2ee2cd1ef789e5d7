import math
import signal
import threading
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
import torch
from torch import Tensor

from nmt.checkpoint import ModelFolder, load_tensors
from nmt.errors import ConfigError, ModelFolderError
from nmt.model.decoder import DECODERS
from nmt.model.seq2seq import Seq2Seq
from nmt.search.greedy import greedy_search
from nmt.settings import Config, Search
from nmt.text.batches import Examples, Plan
from nmt.training.optimizers import OPTIMIZERS
from nmt.training.report import Report
from nmt.training.schedules import SCHEDULES
from nmt.training.stopping import Interrupted
from nmt.training.trainer import MOST_WORKERS, Judge, Trainer
from tests.training.trainers import Fixed, events, stop_in, weights

MakeConfig = Callable[..., Config]
MakeExamples = Callable[..., Examples]
Make = Callable[..., Trainer]


NOISE = ["dropout.hidden=0.2", "dropout.word=0.1", "training.epochs=3"]
WAYS = [[f"training.optimizer={name}"] for name in OPTIMIZERS]
WAYS += [["validation.every=4"], ["training.accumulate=2", "training.schedule=plateau"]]


@pytest.mark.parametrize("words", WAYS, ids=" ".join)
def test_stopped_and_resumed_is_as_never_stopped(make: Make, words: list[str]) -> None:
    words = [*NOISE, *words]
    straight = make(*words, name="straight")
    progress = straight.run()
    for stop in (2, 6, 9):  # 6 is the last batch of the first epoch
        stopped = make(*words)
        stop_in(stopped, stop)
        if stopped.folder.has_state():
            stopped.resume()
        with pytest.raises(Interrupted):
            stopped.run()
        assert stopped.progress.update == math.ceil(stop / stopped.settings.accumulate)
    resumed = make(*words)
    resumed.resume()
    other = resumed.run()
    assert (other.update, other.best, other.finished) == (progress.update, progress.best, "after 3 epochs")
    one, two = weights(straight), weights(resumed)
    assert one.keys() == two.keys() and [name for name in one if not one[name].equal(two[name])] == []
    assert events(straight, "validation") == events(resumed, "validation") != []


def test_a_killed_training_resumes_from_what_was_saved_last(make: Make) -> None:
    words = (*NOISE, "validation.every=4")
    straight = make(*words, name="straight")
    straight.run()
    killed = make(*words)

    def die(model: Seq2Seq) -> dict[str, float]:
        if killed.progress.update == 8:
            raise MemoryError
        return {}

    killed.judge = die
    with pytest.raises(MemoryError):
        killed.run()
    resumed = make(*words)
    resumed.resume()
    assert resumed.progress.update == 4
    resumed.run()
    one, two = weights(straight), weights(resumed)
    assert [name for name in one if not one[name].equal(two[name])] == []
    assert events(straight, "validation") == events(resumed, "validation")


def test_a_finished_training_stays_as_it_is(make: Make) -> None:
    first = make()
    first.run()
    before = weights(first)
    again = make()
    again.resume()
    assert again.run().finished == "after 2 epochs"
    assert all(before[name].equal(tensor) for name, tensor in weights(again).items())


def test_the_seed_decides_everything(make: Make) -> None:
    runs = [make(*NOISE, f"training.seed={seed}", name=str(i)) for i, seed in enumerate((1, 1, 2))]
    for trainer in runs:
        trainer.run()
    first, same, other = ({k: v for k, v in weights(t).items() if k.startswith("model/")} for t in runs)
    assert all(first[name].equal(same[name]) for name in first)
    assert not any(first[name].equal(other[name]) for name in first)


def test_batches_added_up_are_one_batch(make: Make) -> None:
    found = []
    for accumulate, rows in ((2, [[0, 1, 2], [3], [4, 5], [6, 7]]), (1, [[0, 1, 2, 3], [4, 5, 6, 7]])):
        Fixed.rows = rows
        words = ("training.optimizer=sgd", "training.lr=0.5", "training.schedule=constant")
        trainer = make(*words, f"training.accumulate={accumulate}", plan=Fixed, name=str(accumulate))
        start = [weight.detach().clone() for weight in trainer.model.parameters()]
        assert trainer.run().update == 4
        found.append(list(trainer.model.parameters()))
    torch.testing.assert_close(found[0], found[1], atol=1e-6, rtol=1e-4)
    assert not any(map(torch.equal, start, found[0]))


@pytest.mark.parametrize("accumulate", [1, 2, 4])
@pytest.mark.parametrize("rows", [[[*range(7)], [7, 8]], [[0], [1, 2]], [[0, 1], [2], [3, 4, 5, 6], [7]]])
def test_threads_that_share_batches_change_their_rounding_alone(
    make: Make, rows: list[list[int]], accumulate: int
) -> None:
    Fixed.rows = rows
    found, words = [], ["training.optimizer=sgd", "training.lr=0.5", "training.schedule=constant"]
    words.append(f"training.accumulate={accumulate}")
    for threads in (1, 3, 3):
        torch.set_num_threads(threads)
        try:
            trainer = make(*words, plan=Fixed, name=str(len(found)))
            trainer.run()
            assert torch.get_num_threads() == threads
        finally:
            torch.set_num_threads(1)
        found.append(list(trainer.model.parameters()))
    torch.testing.assert_close(found[0], found[1], atol=1e-6, rtol=1e-4)
    assert all(map(torch.equal, found[1], found[2]))


def test_an_odd_batch_at_the_end_is_an_update_that_was_planned(make: Make) -> None:
    Fixed.rows = [[0], [1], [2]]
    trainer = make("training.accumulate=2", plan=Fixed)
    assert trainer.run().update == trainer.total == 4


def judged(scores: list[float]) -> Judge:
    """A judge that gives these scores, one a validation."""
    left = iter(scores)
    return lambda model: {"bleu": next(left)}


def test_it_stops_when_it_gets_no_better_and_keeps_the_best(make: Make) -> None:
    scores = [1.0, 3.0, 2.0, 3.0, 9.0]
    words = ("validation.metric=bleu", "validation.patience=2", "training.epochs=9")
    trainer = make(*words, judge=judged(scores))
    progress = trainer.run()
    assert progress.finished == "because bleu gained nothing in 2 validations"
    assert (progress.epoch, progress.best, progress.best_update) == (4, 3.0, 12)
    assert trainer.folder.weights()[1]["scores"]["bleu"] == 3.0
    assert [event["best"] for event in events(trainer, "validation")] == [True, True, False, False]


def test_without_patience_it_goes_on(make: Make) -> None:
    trainer = make(
        "validation.metric=bleu", "validation.patience=0", "training.epochs=3", judge=judged([3.0, 2.0, 1.0])
    )
    assert trainer.run().epoch == 3


def test_the_best_checkpoints_are_kept_the_second_best_too(make: Make) -> None:
    words = ("validation.metric=bleu", "training.keep=2", "training.epochs=4")
    trainer = make(*words, judge=judged([1.0, 3.0, 0.0, 2.0]))
    trainer.run()
    assert [path.stem for path in trainer.folder.checkpoints()] == ["update-00000012", "update-00000024"]
    first, best = load_tensors(trainer.folder.checkpoints()[0])[0], trainer.folder.weights()[0]
    assert all(first[name].equal(best[name]) for name in best)


def test_a_gain_in_loss_counts_in_hundredths_of_a_nat(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = make("validation.patience=2", "validation.gain=1", "training.epochs=9")
    losses = iter([5.0, 4.995, 4.98, 4.975, 4.972, 4.0])  # only the third is better by more than 0.01
    monkeypatch.setattr(trainer, "_dev_loss", lambda: {"loss": next(losses)})
    assert trainer.run().epoch == 5
    assert [event["best"] for event in events(trainer, "validation")] == [True] * 5


def test_no_number_is_never_the_best(make: Make) -> None:
    words = ("validation.metric=bleu", "training.epochs=3", "validation.patience=0")
    trainer = make(*words, judge=judged([math.nan, 1.0, math.nan]))
    assert trainer.run().best == 1.0
    assert [event["bleu"] for event in events(trainer, "validation")] == [None, 1.0, None]


def test_a_training_that_is_stopped_leaves_no_thread(make: Make) -> None:
    before = threading.active_count()
    trainer = make()
    stop_in(trainer, 2)
    with pytest.raises(Interrupted):
        trainer.run()
    assert threading.active_count() == before


def test_what_goes_wrong_with_a_batch_ends_the_training(make: Make) -> None:
    trainer = make()
    trainer.train_plan.examples.source._blocks.clear()
    with pytest.raises(IndexError):
        trainer.run()


def test_a_ctrl_c_that_was_ignored_before_stays_ignored(make: Make) -> None:
    trainer = make()
    stop_in(trainer, 2)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert trainer.run().finished == "after 2 epochs"
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_training_is_known_as_one_before_its_first_update(make: Make) -> None:
    trainer = make()
    stop_in(trainer, 1)
    trainer.judge = lambda model: {}
    assert not trainer.folder.has_state()
    with pytest.raises(Interrupted):
        trainer.run()
    other = make(name="fresh")
    other._updates = lambda: (_ for _ in ()).throw(MemoryError)  # type: ignore[method-assign]
    with pytest.raises(MemoryError):
        other.run()
    assert other.folder.has_state() and other.folder.state()[1]["progress"]["update"] == 0


def test_the_log_of_a_run_that_saved_nothing_is_not_doubled(make: Make) -> None:
    before = make()
    before.report.record(event="validation", update=6)
    again = make()
    again.run()
    assert [event["update"] for event in events(again, "validation")] == [6, 12]


def test_a_resumed_training_shares_batches_as_it_began_whatever_the_machine(make: Make) -> None:
    words = [*NOISE, "training.epochs=2"]
    found = []
    for first, then in ((3, 3), (3, 1)):
        name = f"{first} {then}"
        torch.set_num_threads(first)
        try:
            stopped = make(*words, name=name)
            stop_in(stopped, 4)
            with pytest.raises(Interrupted):
                stopped.run()
            torch.set_num_threads(then)
            resumed = make(*words, name=name)
            resumed.resume()
            assert len(resumed.workers.models) == first
            resumed.run()
        finally:
            torch.set_num_threads(1)
        found.append([*resumed.model.parameters()])
    torch.testing.assert_close(found[0], found[1], atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("lost", ["average/0", "progress", "workers"])
def test_a_state_of_another_version_is_refused(make: Make, lost: str) -> None:
    trainer = make("training.average=0.9")
    trainer.save()
    tensors, facts = trainer.folder.state()
    trainer.folder.save_state(
        {name: tensor for name, tensor in tensors.items() if not name.startswith(lost)},
        {name: fact for name, fact in facts.items() if name != lost},
    )
    with pytest.raises(ModelFolderError, match="state is damaged or of another version"):
        make("training.average=0.9").resume()


def test_many_ranks_or_a_stranger_do_not_ask_for_more_copies(make: Make) -> None:
    trainer = make()
    trainer.save()
    tensors, facts = trainer.folder.state()
    trainer.folder.save_state(tensors, facts | {"workers": 10**9})
    again = make()
    again.resume()
    assert len(again.workers.models) == MOST_WORKERS


def test_many_cores_are_not_as_many_copies_of_the_gradients(make: Make) -> None:
    torch.set_num_threads(MOST_WORKERS + 3)
    try:
        assert len(make().workers.models) == MOST_WORKERS
    finally:
        torch.set_num_threads(1)


def test_the_largest_seed_is_a_seed(make: Make) -> None:
    assert make(f"training.seed={2**63 - 1}").run().epoch == 2


def test_averaged_weights_are_judged_and_kept_and_the_live_ones_trained(make: Make) -> None:
    trainer = make("training.average=0.9")
    seen: list[Tensor] = []
    trainer.judge = lambda model: seen.append(model.output.weight.detach().clone()) or {}  # type: ignore[func-returns-value]
    trainer.run()
    assert trainer.average is not None
    names = [name for name, _ in trainer.model.named_parameters()]
    average = trainer.average.weights[names.index("output.weight")]
    assert seen[-1].equal(average) and trainer.folder.weights()[0]["output.weight"].equal(average)
    assert not trainer.model.output.weight.equal(average)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_it_learns_with_every_schedule(make: Make, schedule: str) -> None:
    trainer = make(f"training.schedule={schedule}", "training.epochs=4", "training.lr=0.01", "training.warmup=3")
    trainer.run()
    losses = [event["loss"] for event in events(trainer, "validation")]
    assert losses[-1] < losses[0] < math.log(20) + 0.5


def test_an_unknown_schedule_is_refused_before_any_work(make: Make) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'plateau'"):
        make("training.schedule=platau")


@pytest.mark.parametrize("kind", DECODERS)
def test_it_learns_to_turn_sequences_round(
    make_config: MakeConfig, make_examples: MakeExamples, tmp_path: Path, kind: str
) -> None:
    sizes = ["model.embedding=32", "encoder.size=32", "attention.size=32", "decoder.size=32", "decoder.readout_size=32"]
    words = [*sizes, f"decoder.kind={kind}", "training.lr=0.01", "training.warmup=20", "training.epochs=8"]
    config = make_config(*words, "model.tie=all", "training.average=0.9")
    torch.manual_seed(1)
    train, dev = make_examples(1000, 6, seed=1, vocabulary=12), make_examples(100, 6, seed=2, vocabulary=12)
    plans, folder = (Plan(train, 300, 1), Plan(dev, 300, 1)), ModelFolder(tmp_path)
    Trainer(Seq2Seq(config, 12, 12), config, plans, None, folder, Report(tmp_path / "log.jsonl", StringIO())).run()
    model = Seq2Seq(config, 12, 12).eval()
    model.load_state_dict(folder.weights()[0], strict=False)
    batch = dev.batch(range(len(dev)))
    found = greedy_search(model, batch.source, batch.source_mask, Search(beam=1))
    right = sum(some[0].pieces == dev.target[i] for i, some in enumerate(found))
    assert right > 90
