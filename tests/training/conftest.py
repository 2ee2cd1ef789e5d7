"""Trainers of tiny models."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
import torch

from nmt.checkpoint import ModelFolder
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import Config
from nmt.text.batches import Examples, Plan
from nmt.training.ranks import Ranks
from nmt.training.report import Report
from nmt.training.trainer import Judge, Trainer
from tests.training.trainers import Even

Make = Callable[..., Trainer]


@pytest.fixture
def make(make_config: Callable[..., Config], make_examples: Callable[..., Examples], tmp_path: Path) -> Make:
    """A trainer of a fresh model in a folder."""

    def trainer(
        *words: str,
        plan: type[Plan] = Even,
        judge: Judge | None = None,
        name: str = "model",
        ranks: Ranks | None = None,
    ) -> Trainer:
        config = make_config(*words)
        folder = ModelFolder(tmp_path / name)
        folder.path.mkdir(exist_ok=True)
        torch.manual_seed(config.training.seed)
        plans = plan(make_examples(48), 60, 1), Plan(make_examples(10, seed=1), 60, 1)
        report = Report(folder.path / "log.jsonl", StringIO())
        return Trainer(Seq2Seq(config, 20, 20), config, plans, judge, folder, report, ranks or Ranks())

    return trainer
