"""Several processes train one model, as one process would."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from nmt.checkpoint import ModelFolder, load_tensors, save_tensors
from nmt.errors import ConfigError
from nmt.model.seq2seq import Seq2Seq
from nmt.text.batches import Batch, Plan
from nmt.training.ranks import Deserted, Ranks, joined
from nmt.training.report import Report, Silent
from nmt.training.stopping import Interrupted
from nmt.training.trainer import Trainer
from tests.conftest import FORKS, TINY
from tests.training.trainers import Even, Fixed, stop_in, weights

Make = Callable[..., Trainer]
SGD = ["training.optimizer=sgd", "training.lr=0.5", "training.schedule=constant"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def as_rank(rank: int, count: int, port: int, work: Callable[..., None], rest: tuple[Any, ...]) -> None:
    os.environ |= {
        "RANK": str(rank), "WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)
    }  # fmt: skip
    torch.set_num_threads(1)
    with joined(cuda=False) as ranks:
        work(ranks, *rest)


def in_ranks(count: int, work: Callable[..., None], *rest: Any) -> list[int | None]:
    """Run the work in so many processes; returns how they ended."""
    port = free_port()
    processes = [FORKS.Process(target=as_rank, args=(rank, count, port, work, rest)) for rank in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
        if process.exitcode is None:
            process.kill()
    return [process.exitcode for process in processes]


def trainer_of(ranks: Ranks, path: Path, words: list[str], plan: type[Plan], rows: Any = None) -> Trainer:
    """What the fixture `make` makes, in a process that has no fixtures."""
    from nmt.config import resolve
    from tests.conftest import random_examples

    if rows is not None:
        Fixed.rows = rows
    config, folder = resolve(None, [*TINY, *words]).config, ModelFolder(path)
    folder.path.mkdir(exist_ok=True, parents=True)
    torch.manual_seed(config.training.seed)
    dev = Plan(random_examples(10, seed=1), 60, 1) if ranks.chief else None
    plans = plan(random_examples(48), 60, 1), dev
    report = Report(path / "log.jsonl") if ranks.chief else Silent(path / "log.jsonl")
    return Trainer(Seq2Seq(config, 20, 20), config, plans, None, folder, report, ranks)


def train(ranks: Ranks, path: Path, words: list[str], plan: type[Plan], rows: Any = None) -> None:
    trainer = trainer_of(ranks, path, words, plan, rows)
    trainer.run()
    leave(trainer, path)


def leave(trainer: Trainer, path: Path) -> None:
    """Leave the weights of this rank for `found`."""
    save_tensors(path / f"rank-{trainer.ranks.rank}", dict(trainer.model.named_parameters()), {})


def found(path: Path, rank: int) -> list[torch.Tensor]:
    tensors, _ = load_tensors(path / f"rank-{rank}")
    return [tensors[name] for name in sorted(tensors)]


def in_order(trainer: Trainer) -> list[torch.Tensor]:
    return [weight.detach() for _, weight in sorted(trainer.model.named_parameters())]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[*range(8)], [*range(8, 16)]], SGD),
        ([[0], [1, 2], [3, 4, 5]], SGD),  # fewer rows than ranks
        ([[0, 1], [2, 3, 4], [5]], [*SGD, "training.accumulate=2"]),
        (None, ["training.epochs=3"]),  # AdamW with its moving average
    ],
)
@pytest.mark.parametrize("count", [2, 3])
def test_ranks_are_one_process_but_for_rounding(
    make: Make, tmp_path: Path, rows: Any, words: list[str], count: int
) -> None:
    plan = Even if rows is None else Fixed
    Fixed.rows = rows or []
    alone = make(*words, plan=plan, name="alone")
    alone.run()
    path = tmp_path / "ranks"
    assert in_ranks(count, train, path, words, plan, rows) == [0] * count
    torch.testing.assert_close(found(path, 0), in_order(alone), atol=2e-5, rtol=1e-3)
    for rank in range(1, count):
        assert all(map(torch.equal, found(path, 0), found(path, rank)))
    kept = ModelFolder(path).weights()[1]
    assert kept["update"] == alone.folder.weights()[1]["update"]


def test_ranks_draw_the_noise_that_as_many_threads_would(make: Make, tmp_path: Path) -> None:
    words = [*SGD, "dropout.hidden=0.3", "dropout.word=0.2"]
    torch.set_num_threads(2)
    try:
        alone = make(*words, name="alone")
        alone.run()
    finally:
        torch.set_num_threads(1)
    assert in_ranks(2, train, tmp_path / "ranks", words, Even) == [0, 0]
    torch.testing.assert_close(found(tmp_path / "ranks", 0), in_order(alone), atol=1e-6, rtol=1e-4)


def test_no_row_of_a_batch_is_anybody_elses(batch: Batch) -> None:
    for count in (1, 2, 3, 7):
        shares = [Ranks(rank, count).share(batch) for rank in range(count)]
        rows = [int(row) for share in shares if share is not None for row in share.order]
        assert sorted(rows) == sorted(batch.order.tolist())


def train_stopped(ranks: Ranks, path: Path, words: list[str], stopped: int) -> None:
    """A signal reaches one of the ranks; all stop after the same update, and then go on."""
    trainer = trainer_of(ranks, path, words, Even)
    if ranks.rank == stopped:
        stop_in(trainer, 8)
    try:
        trainer.run()
    except Interrupted:
        assert trainer.progress.update == 8
        ranks.wait()
        resumed = trainer_of(ranks, path, words, Even)
        resumed.resume()
        resumed.run()


@pytest.mark.parametrize("stopped", [0, 1])
def test_ranks_that_one_signal_stops_resume_as_if_never_stopped(tmp_path: Path, stopped: int) -> None:
    words = ["dropout.hidden=0.2", "training.epochs=3"]
    assert in_ranks(2, train, tmp_path / "straight", words, Even) == [0, 0]
    assert in_ranks(2, train_stopped, tmp_path / "stopped", words, stopped) == [0, 0]
    one, two = (ModelFolder(tmp_path / name).state()[0] for name in ("straight", "stopped"))
    assert one.keys() == two.keys() and [name for name in one if not one[name].equal(two[name])] == []


def train_spoiled(ranks: Ranks, path: Path, words: list[str]) -> None:
    """Rank 1 alone meets what is no number; all go back together."""
    trainer = trainer_of(ranks, path, words, Even)
    loss = trainer._loss

    def spoiled(model: Seq2Seq, batch: Batch, smoothing: float | None = None) -> torch.Tensor:
        ill = ranks.rank == 1 and trainer.progress.update > 8 and not trainer.progress.fallbacks
        return loss(model, batch, smoothing) * (float("nan") if ill else 1.0)

    trainer._loss = spoiled  # type: ignore[method-assign]
    assert trainer.run().fallbacks == 1
    leave(trainer, path)


def test_ranks_fall_back_together(tmp_path: Path) -> None:
    assert in_ranks(2, train_spoiled, tmp_path, ["training.epochs=6"]) == [0, 0]
    assert all(map(torch.equal, found(tmp_path, 0), found(tmp_path, 1)))


def die_or_tell(ranks: Ranks, path: Path, dead: int) -> None:
    trainer = trainer_of(ranks, path, ["training.epochs=50"], Even)
    if ranks.rank == dead:
        update = trainer._update

        def die(batches: list[Batch]) -> None:
            if trainer.progress.update == 7:
                os.kill(os.getpid(), signal.SIGKILL)
            update(batches)

        trainer._update = die  # type: ignore[method-assign]
    with pytest.raises(Deserted, match=r"^rank \d: another process of this training has ended"):
        trainer.run()


@pytest.mark.parametrize("dead", [0, 1])
def test_whoever_is_left_says_so_and_ends(tmp_path: Path, dead: int) -> None:
    ends = in_ranks(2, die_or_tell, tmp_path, dead)
    assert ends[dead] == -signal.SIGKILL and ends[1 - dead] == 0
    assert ModelFolder(tmp_path).state()[1]["progress"]["update"] in (0, 6)


def hear_out(ranks: Ranks, path: Path) -> None:
    heard = ranks.hear({"ß": [1, None, 2.5]} if ranks.chief else "not the chief's")
    assert heard == {"ß": [1, None, 2.5]} and ranks.hear("" if ranks.chief else None) == ""


def test_ranks_hear_what_the_chief_says(tmp_path: Path) -> None:
    assert in_ranks(3, hear_out, tmp_path) == [0, 0, 0]


def test_alone_nothing_is_asked_of_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined(cuda=False) as ranks:
        assert (ranks.chief, ranks.hear([1])) == (True, [1])
        ranks.wait()


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"WORLD_SIZE": "2"}, r"^WORLD_SIZE=2 is set and RANK is not\. Start .* by `torchrun --nproc-per-node 2 "),
        ({"WORLD_SIZE": "two"}, r"^WORLD_SIZE='two' is no number\."),
    ],
)
def test_half_a_launch_is_refused(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], says: str) -> None:
    monkeypatch.delenv("RANK", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=says), joined(cuda=False):
        pass


def test_what_ranks_save_counts_the_threads_of_all(tmp_path: Path) -> None:
    assert in_ranks(2, train, tmp_path, [], Even) == [0, 0]
    state = ModelFolder(tmp_path).state()[1]
    assert state["workers"] == 2
    assert weights(trainer_of(Ranks(), tmp_path, [], Even)).keys() >= {"model/output.weight"}
