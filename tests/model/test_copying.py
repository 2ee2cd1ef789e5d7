from collections.abc import Callable

import pytest
import torch

from nmt.errors import ConfigError
from nmt.model.seq2seq import Seq2Seq
from nmt.text.batches import Batch

MakeModel = Callable[..., Seq2Seq]
COPYING = ("attention.align=soft", "attention.copy=true")


def test_a_word_is_said_or_copied(make_model: MakeModel, batch: Batch) -> None:
    model = make_model(*COPYING)
    memory = model.encode(batch.source, batch.source_mask)
    told = model.tell(batch.target_in, memory, model.start(memory))
    p = model.scores(told, memory).exp()
    assert model.copying is not None
    gate = model.copying.gate(told.readout).sigmoid()
    said = model.had_read(told, memory, told.attended.weights).softmax(-1)
    for b, t in ((0, 0), (1, 1), (4, 0)):
        right = gate[b, t] * said[b, t]
        for s in range(int(batch.source_mask[b].sum())):
            right[batch.source[b, s]] += (1 - gate[b, t, 0]) * told.attended.weights[b, t, s]
        torch.testing.assert_close(p[b, t], right)
    torch.testing.assert_close(p.sum(-1), torch.ones_like(p[..., 0]))


def test_a_closed_gate_copies_what_is_read(make_model: MakeModel, batch: Batch) -> None:
    model = make_model(*COPYING)
    assert model.copying is not None
    model.copying.gate.bias.data.fill_(-1000)
    out = model(*batch[:3])
    best = out.scores.argmax(-1)
    assert all(best[b, 0] in batch.source[b] for b in range(len(best)))


def test_copying_needs_one_vocabulary(make_model: MakeModel) -> None:
    with pytest.raises(ConfigError, match=r"set tokenizer\.joint=true"):
        make_model(*COPYING, "tokenizer.joint=false")
