from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from nmt.model.lexical import Lexical
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import Config
from nmt.text.batches import Batch

MakeConfig = Callable[..., Config]


@pytest.fixture(params=[6, 8], ids=["skip", "identity"])
def lexical(request: pytest.FixtureRequest, make_config: MakeConfig) -> Lexical:
    torch.manual_seed(1)
    sizes = (f"model.embedding={request.param}", "decoder.readout_size=8", "model.tie=none")
    return Lexical(make_config(*sizes)).double()


@pytest.fixture
def embedded(lexical: Lexical) -> Tensor:
    return torch.randn(2, 5, lexical.layer.in_features).double()


def test_a_piece_read_alone_is_that_piece(lexical: Lexical, embedded: Tensor) -> None:
    alone = torch.eye(5).double().expand(2, 5, 5)  # step t reads piece t
    torch.testing.assert_close(lexical(alone, embedded), lexical.each(embedded))


def test_what_is_read_is_bent_after_it_is_mixed(lexical: Lexical, embedded: Tensor) -> None:
    weights = torch.rand(2, 3, 5).double().softmax(-1)
    read = (weights @ embedded).tanh()
    torch.testing.assert_close(lexical(weights, embedded), lexical.layer(read).tanh() + lexical.skip(read))


def test_hypotheses_of_a_sentence_read_its_pieces(lexical: Lexical, embedded: Tensor) -> None:
    weights = torch.rand(6, 1, 5).double().softmax(-1)  # three of each sentence, side by side
    each = torch.cat([lexical(one[None], embedded[i // 3, None]) for i, one in enumerate(weights)])
    torch.testing.assert_close(lexical(weights, embedded), each)


def test_what_is_said_hangs_on_the_pieces_themselves(make_model: Callable[..., Seq2Seq], batch: Batch) -> None:
    for switch in ("true", "false"):
        model = make_model(f"decoder.lexical={switch}")
        memory = model.encode(batch.source, batch.source_mask)
        others = memory._replace(embedded=torch.randn_like(memory.embedded))
        said, otherwise = (model.unroll(batch.target_in, each, model.start(each)).scores for each in (memory, others))
        assert torch.equal(said, otherwise) == (switch == "false")
