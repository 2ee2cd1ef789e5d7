from collections.abc import Callable

import pytest
import torch

from nmt.model.seq2seq import Seq2Seq
from nmt.settings import Config
from nmt.text.batches import Batch
from nmt.training.consistency import disagreement
from nmt.training.loss import ROWS
from nmt.training.objectives import batch_loss


def kl(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.kl_div(q, p, log_target=True, reduction="none").sum(-1)


def test_it_is_torchs_divergence_both_ways() -> None:
    torch.manual_seed(0)
    scores = torch.randn(20, 9, 12)
    assert scores[:10, :, 0].numel() > ROWS  # more than one slice
    p, q = scores.log_softmax(-1).chunk(2)
    expected = (kl(p, q) + kl(q, p)) / 2
    torch.testing.assert_close(disagreement(scores), torch.cat([expected, expected]))


def test_two_of_one_mind_do_not_disagree_and_shifts_of_all_scores_say_nothing() -> None:
    scores = torch.randn(3, 4, 7)
    assert disagreement(torch.cat([scores, scores + 5])).abs().max() < 1e-5


def test_the_gradient_is_the_slope() -> None:
    torch.manual_seed(1)
    scores = torch.randn(4, 3, 5, dtype=torch.double, requires_grad=True)
    weights = torch.rand(4, 3, dtype=torch.double)
    assert torch.autograd.gradcheck(lambda x: disagreement(x) * weights, scores)


def test_it_counts_half_precision_in_full() -> None:
    scores = torch.randn(4, 3, 500)
    close = disagreement(scores.bfloat16())
    assert close.dtype == torch.float32
    torch.testing.assert_close(close, disagreement(scores), rtol=0.02, atol=0.02)


@pytest.fixture
def losses(
    make_model: Callable[..., Seq2Seq], make_config: Callable[..., Config], batch: Batch
) -> Callable[..., torch.Tensor]:
    """The loss of one batch while training, under settings."""

    def loss(*words: str, training: bool = True) -> torch.Tensor:
        words = ("attention.align=soft", *words)
        model = make_model(*words).train(training)
        model.noise.seed(3)
        return batch_loss(model, batch, make_config(*words), 0.1)

    return loss


def test_without_noise_it_changes_nothing(losses: Callable[..., torch.Tensor]) -> None:
    torch.testing.assert_close(losses("training.rdrop=5"), losses())


def test_with_noise_it_is_the_mean_loss_and_the_weighted_disagreement(losses: Callable[..., torch.Tensor]) -> None:
    noise = "dropout.hidden=0.4"
    least, twice, more = (losses(noise, f"training.rdrop={weight}") for weight in (1e-9, 1, 3))
    assert twice > least + 0.01
    torch.testing.assert_close(more - least, 3 * (twice - least))
    torch.testing.assert_close(losses(noise, "training.rdrop=5", training=False), losses(training=False))
