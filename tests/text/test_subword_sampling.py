import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.settings import Tokenizer as Settings
from nmt.text.batches import Examples, Plan, Ragged
from nmt.text.subword_sampling import Speller, SubwordSampling
from nmt.text.tokenizer import SPACE, Tokenizer, train_tokenizer

TEXT = (Path(__file__).parents[2] / "data" / "train.en").read_text("utf-8").splitlines()[:300]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(TEXT, Settings(size=400), note=pytest.fail)


@pytest.fixture
def examples(tokenizer: Tokenizer) -> Examples:
    ids = tokenizer.encode_all([*TEXT[:39], f"a {SPACE} b", " two  spaces "])
    return Examples(Ragged.of(ids), Ragged.of(ids[::-1]))


def plan(examples: Examples, tokenizer: Tokenizer, power: float = 0.2) -> Plan:
    return Plan(examples, 300, 1, SubwordSampling((tokenizer, tokenizer), power))


def rows_of(ids: torch.Tensor, mask: torch.Tensor) -> list[list[int]]:
    return [row[real].tolist()[:-1] for row, real in zip(ids, mask, strict=True)]


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(st.sampled_from(f"  {SPACE}abehlo,\0\t\u2028👍é"), max_size=30),
    power=st.sampled_from([0.01, 0.5, 1.0]),
)
def test_every_text_stays_what_it_was(tokenizer: Tokenizer, text: str, power: float) -> None:
    drawn = Speller(tokenizer, power)(tokenizer.encode(text), np.random.default_rng(1))
    assert tokenizer.decode(drawn) == text


def test_batches_hold_each_row_once_and_most_in_other_pieces(examples: Examples, tokenizer: Tokenizer) -> None:
    seen, changed = [], 0
    for batch in plan(examples, tokenizer).batches(0):
        seen += batch.order.tolist()
        sides = (batch.source, batch.source_mask), (batch.target_out, batch.target_mask)
        for side, (ids, mask) in zip((examples.source, examples.target), sides, strict=True):
            for row, found in zip(batch.order.tolist(), rows_of(ids, mask), strict=True):
                assert tokenizer.decode(found) == tokenizer.decode(side[row])
                changed += found != side[row]
    assert sorted(seen) == list(range(len(examples)))
    assert changed > len(examples)  # more than half of both sides


def test_chance_hangs_on_seed_epoch_and_batch_alone(examples: Examples, tokenizer: Tokenizer) -> None:
    first = list(plan(examples, tokenizer).batches(0))
    assert len(first) > 2
    for one, other in zip(first[1:], plan(examples, tokenizer).batches(0, skip=1), strict=True):
        assert all(map(torch.equal, one, other))
    epochs = (batch for epoch in range(4) for batch in plan(examples, tokenizer).batches(epoch))
    spellings = Counter(str(rows_of(batch.source, batch.source_mask)) for batch in epochs)
    assert max(spellings.values()) == 1


PRINTS = """
import sys
import numpy as np
from pathlib import Path
from nmt.text.subword_sampling import Speller
from nmt.text.tokenizer import Tokenizer
tokenizer = Tokenizer.load(Path(sys.argv[1]))
print(Speller(tokenizer, 0.1)(tokenizer.encode(sys.argv[2]), np.random.default_rng(3)))
"""


def test_another_process_draws_the_same(tokenizer: Tokenizer, tmp_path: Path) -> None:
    """A training that goes on does so in another process."""
    (tmp_path / "joint.model").write_bytes(tokenizer.model)
    words = [sys.executable, "-c", PRINTS, str(tmp_path / "joint.model"), " ".join(TEXT[:5])]
    seen = {hashlib.sha256(subprocess.run(words, check=True, capture_output=True).stdout).digest() for _ in range(2)}
    assert len(seen) == 1


def test_ways_come_as_often_as_their_probability_to_the_power_says(tokenizer: Tokenizer) -> None:
    word, power = tokenizer.encode("house"), 0.3
    ways = tokenizer.segmentations("house", 64)
    assert ways[0][0] == word and len(ways) > 2
    shares = np.exp([power * log_p for _, log_p in ways])
    chance, speller = np.random.default_rng(0), Speller(tokenizer, power)
    counts = Counter(tuple(speller(word, chance)) for _ in range(4000))
    found = np.array([counts[tuple(pieces)] for pieces, _ in ways]) / 4000
    assert counts.total() == 4000 and found == pytest.approx(shares / shares.sum(), abs=0.03)
