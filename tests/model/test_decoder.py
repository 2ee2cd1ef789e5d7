from collections.abc import Callable
from itertools import cycle

import pytest
import torch

from nmt.errors import ConfigError
from nmt.model.alignments import ALIGNMENTS
from nmt.model.attention import COVERAGES
from nmt.model.decoder import DECODERS, READOUTS, Maxout, Tanh
from nmt.model.recurrent import CELLS
from nmt.model.seq2seq import Seq2Seq
from nmt.text.batches import Batch

PLAIN = [(kind, f"decoder.cell={cell}", f"decoder.layers={layers}")
         for kind in DECODERS for cell in CELLS for layers in (1, 2)]  # fmt: skip
UNITS = [(kind, f"attention.{word}", f"decoder.readout={readout}") for kind, readout in zip(DECODERS, cycle(READOUTS))
         for word in [*(f"align={name}" for name in ALIGNMENTS), *(f"coverage={name}" for name in COVERAGES)]
         ]  # fmt: skip
SOFT = [(kind, "attention.align=soft", f"attention.{word}") for kind in DECODERS for word in ("copy=true", "heads=2")]


@pytest.fixture(params=[*PLAIN, *UNITS, *SOFT], ids="-".join)
def model(request: pytest.FixtureRequest, make_model: Callable[..., Seq2Seq]) -> Seq2Seq:
    kind, *words = request.param
    return make_model(f"decoder.kind={kind}", *words, "attention.window=2")


def test_one_unroll_is_as_many_steps(model: Seq2Seq, batch: Batch) -> None:
    memory = model.encode(batch.source, batch.source_mask)
    state = model.start(memory)
    scores, last, attended = model.unroll(batch.target_in, memory, state)
    for t in range(batch.target_in.shape[1]):
        step = model.unroll(batch.target_in[:, t : t + 1], memory, state)
        state = step.state
        torch.testing.assert_close(step.scores, scores[:, t : t + 1])
        torch.testing.assert_close(step.attended.weights, attended.weights[:, t : t + 1])
        torch.testing.assert_close(step.attended.context, attended.context[:, t : t + 1])
    torch.testing.assert_close(state, last)


def test_a_later_word_changes_no_earlier_score_but_all_from_there(model: Seq2Seq, batch: Batch) -> None:
    changed = batch.target_in.clone()
    changed[:, 2] = (changed[:, 2] + 1) % 20
    before, after = (model(batch.source, batch.source_mask, words).scores for words in (batch.target_in, changed))
    torch.testing.assert_close(after[:, :2], before[:, :2])
    assert (after[:, 2:] != before[:, 2:]).any(-1).all()


def test_neither_neighbours_nor_padding_change_a_score(model: Seq2Seq, batch: Batch) -> None:
    together = model(*batch[:3])
    for i in range(len(batch.source)):
        length, steps = int(batch.source_mask[i].sum()), int(batch.target_mask[i].sum())
        alone = model(batch.source[i, None, :length], batch.source_mask[i, None, :length], batch.target_in[i, None])
        torch.testing.assert_close(together.scores[i, :steps], alone.scores[0, :steps])
        torch.testing.assert_close(together.attended.weights[i, :steps, :length], alone.attended.weights[0, :steps])
    wide, mask = (torch.nn.functional.pad(part, (0, 3)) for part in batch[:2])
    torch.testing.assert_close(model(wide, mask, batch.target_in).scores, together.scores)


def test_rows_can_be_selected_between_steps(model: Seq2Seq, batch: Batch) -> None:
    rows = torch.tensor([3, 0, 3])
    memory = model.encode(batch.source, batch.source_mask)
    first = model.unroll(batch.target_in[:, :1], memory, model.start(memory))
    every = model.unroll(batch.target_in[:, 1:2], memory, first.state)
    some = model.unroll(batch.target_in[rows, 1:2], memory.select(rows), first.state.select(rows))
    torch.testing.assert_close(some.scores, every.scores[rows])
    torch.testing.assert_close(some.state.hidden, every.state.hidden[rows])


def test_hypotheses_share_the_memory_of_their_sentence(model: Seq2Seq, batch: Batch) -> None:
    memory = model.encode(batch.source, batch.source_mask)
    state, rows = model.start(memory), torch.arange(5).repeat_interleave(3)
    words = torch.arange(4, 19)[:, None]
    shared = model.unroll(words, memory, state.select(rows))
    copied = model.unroll(words, memory.select(rows), state.select(rows))
    torch.testing.assert_close(shared, copied)


def test_the_source_reaches_the_first_state_and_every_score(model: Seq2Seq, batch: Batch) -> None:
    other = torch.where(batch.source_mask, (batch.source + 1) % 20, batch.source)
    first, second = (model(source, batch.source_mask, batch.target_in) for source in (batch.source, other))
    assert (first.scores != second.scores).any(-1).all()
    starts = [model.start(model.encode(source, batch.source_mask)).hidden for source in (batch.source, other)]
    assert (starts[0] != starts[1]).any(-1).all()


@pytest.mark.parametrize("name", READOUTS)
def test_a_readout_reads_all_its_parts(name: str) -> None:
    readout = READOUTS[name](9, 5).double()
    parts = [torch.randn(2, 3, size).double().requires_grad_() for size in (4, 3, 2)]
    out = readout(*parts)
    assert out.shape == (2, 3, 5)
    assert all((gradient != 0).any() for gradient in torch.autograd.grad(out.sum(), parts))


def test_the_formulas_of_the_readouts() -> None:
    x = torch.randn(2, 3, 7)
    tanh, maxout = Tanh(7, 5), Maxout(7, 5)
    torch.testing.assert_close(tanh(x[..., :4], x[..., 4:]), tanh.linear(x).tanh())
    units = maxout.linear(x)
    torch.testing.assert_close(maxout(x), torch.maximum(units[..., 0::2], units[..., 1::2]))


@pytest.mark.parametrize("word", ["decoder.kind=paralel", "decoder.cell=gruu", "decoder.readout=tan"])
def test_an_unknown_part_is_refused(make_model: Callable[..., Seq2Seq], word: str) -> None:
    with pytest.raises(ConfigError, match=r"^Unknown .*Did you mean"):
        make_model(word)
