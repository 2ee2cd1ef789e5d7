"""Losses of hard units are compared with sums over all choices, and what is drawn with its mean."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from nmt.model.alignments import ALIGNMENTS
from nmt.model.decoder import DECODERS
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import Config
from nmt.text.batches import Batch
from nmt.training.loss import token_losses
from nmt.training.objectives import OBJECTIVES, Case, batch_loss, misaligned, repeated

MakeConfig = Callable[..., Config]
MakeModel = Callable[..., Seq2Seq]
DRAWS = 3000


def case(model: Seq2Seq, batch: Batch, config: Config, smoothing: float = 0.0) -> Case:
    memory = model.encode(batch.source, batch.source_mask)
    told = model.tell(batch.target_in, memory, model.start(memory))
    return Case(model, batch, memory, told, smoothing, config.attention)


def words(align: str, *more: str) -> list[str]:
    return [f"attention.align={align}", "attention.window=2", *more]


@pytest.mark.parametrize("align", ALIGNMENTS)
def test_every_alignment_has_an_objective_that_reaches_every_weight(
    make_model: MakeModel, make_config: MakeConfig, batch: Batch, align: str
) -> None:
    settings = words(align, "training.coverage=0.3")
    model, config = make_model(*settings).train(), make_config(*settings)
    loss = batch_loss(model, batch, config, 0.1)
    assert loss.shape == () and torch.isfinite(loss)
    loss.backward()
    silent = [name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert silent == []
    assert all(torch.isfinite(weight.grad).all() for weight in model.parameters() if weight.grad is not None)


@pytest.mark.parametrize("align", ALIGNMENTS)
def test_padding_costs_nothing(make_model: MakeModel, make_config: MakeConfig, batch: Batch, align: str) -> None:
    model, config = make_model(*words(align)), make_config(*words(align))
    wide = Batch(*(torch.nn.functional.pad(part, (0, 2)) if part.dim() == 2 else part for part in batch))
    losses = [batch_loss(model, some, config, 0.1) for some in (batch, wide)]
    torch.testing.assert_close(losses[0], losses[1])


@pytest.mark.parametrize("align", [name for name, kind in ALIGNMENTS.items() if kind.hard])
def test_validation_judges_hard_units_by_the_words_they_would_say(
    make_model: MakeModel, make_config: MakeConfig, batch: Batch, align: str
) -> None:
    model = make_model(*words(align))
    loss = batch_loss(model, batch, make_config(*words(align)), 0.0)
    right = token_losses(model(*batch[:3]).scores, batch.target_out, batch.target_mask, 0.0).sum()
    torch.testing.assert_close(loss, right)


def gradient(loss: Tensor, model: Seq2Seq) -> Tensor:
    parts = torch.autograd.grad(loss, list(model.parameters()), retain_graph=True, allow_unused=True)
    return torch.cat([part.flatten() for part in parts if part is not None])


def test_the_mean_gradient_of_reinforce_is_that_of_the_expected_loss(
    make_model: MakeModel, make_config: MakeConfig, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nmt.training.objectives.ENTROPY", 0.0)
    monkeypatch.setattr("nmt.training.objectives.EXPECTED", 0.0)
    model, config = (
        make_model("attention.align=reinforce"),
        make_config("attention.align=reinforce", f"attention.samples={DRAWS}"),
    )
    few = batch.part(0, 3)
    one = case(model, few, config)
    real = few.target_mask
    expected = (one.told.attended.weights * one.losses_of_each()).sum(-1)[real].sum()
    model.noise.seed(1)
    drawn = OBJECTIVES["reinforce"](one)[real].sum()
    torch.testing.assert_close(drawn, expected, rtol=0.05, atol=0)
    right, found = gradient(expected, model), gradient(drawn, model)
    assert float((found - right).norm() / right.norm()) < 0.1


def test_reinforce_reads_the_expected_context_for_half_of_the_sentences(
    make_model: MakeModel, make_config: MakeConfig, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, config = make_model("attention.align=reinforce"), make_config("attention.align=reinforce")
    one = case(model, batch, config)
    soft = one.losses(model.had_read(one.told, one.memory, one.told.attended.weights))
    counts = torch.zeros(len(soft))
    with torch.no_grad():
        for _ in range(200):
            counts += torch.isclose(OBJECTIVES["reinforce"](one), soft).all(1)
    assert ((counts > 60) & (counts < 140)).all()
    monkeypatch.setattr("nmt.training.objectives.EXPECTED", 1.0)
    monkeypatch.setattr("nmt.training.objectives.ENTROPY", 0.0)
    right, found = (gradient(losses.sum(), model) for losses in (soft, OBJECTIVES["reinforce"](one)))
    torch.testing.assert_close(found, right)


@pytest.mark.parametrize("kind", DECODERS)
def test_what_is_drawn_and_its_baseline_drop_the_same_units(
    make_model: MakeModel, make_config: MakeConfig, batch: Batch, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    words = ("attention.align=reinforce", f"decoder.kind={kind}", "dropout.readout=0.5", "dropout.hidden=0.5")
    model = make_model(*words).train()
    one = case(model, batch, make_config(*words))
    certain = torch.zeros_like(one.told.attended.weights)
    certain[..., 0] = 1  # the expected context is that of the only state that can be drawn
    one = one._replace(told=one.told._replace(attended=one.told.attended._replace(weights=certain)))
    losses = []
    for share in (0.0, 1.0):
        monkeypatch.setattr("nmt.training.objectives.EXPECTED", share)
        model.noise.seed(1)
        losses.append(OBJECTIVES["reinforce"](one))
    torch.testing.assert_close(*losses)


def test_the_mean_gradient_of_a_drawn_posterior_is_that_of_the_summed_one(
    make_model: MakeModel, make_config: MakeConfig, batch: Batch
) -> None:
    model, few = make_model("attention.align=variational"), batch.part(0, 3)
    gradients = []
    for samples in (0, DRAWS):
        one = case(model, few, make_config("attention.align=variational", f"attention.samples={samples}"))
        model.noise.seed(1)
        gradients.append(gradient(OBJECTIVES["variational"](one)[few.target_mask].sum(), model))
    assert float((gradients[1] - gradients[0]).norm() / gradients[0].norm()) < 0.1


def test_the_bound_of_the_posterior_is_one(make_model: MakeModel, make_config: MakeConfig, batch: Batch) -> None:
    config = make_config("attention.align=variational", "attention.samples=0")
    model = make_model("attention.align=variational")
    one = case(model, batch, config)
    bound, exact = OBJECTIVES["variational"](one), OBJECTIVES["marginal"](one)
    assert (bound[batch.target_mask] > exact[batch.target_mask]).all()
    drawn = case(model, batch, make_config("attention.align=variational", f"attention.samples={DRAWS}"))
    model.noise.seed(1)
    torch.testing.assert_close(
        OBJECTIVES["variational"](drawn)[batch.target_mask], bound[batch.target_mask], rtol=0.2, atol=0.1
    )


def test_the_true_posterior_closes_the_bound(
    make_model: MakeModel, make_config: MakeConfig, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model("attention.align=variational")
    one = case(model, batch, make_config("attention.align=variational", "attention.samples=0"))
    joint = one.told.attended.weights * torch.exp(-one.losses_of_each())
    monkeypatch.setattr(model, "guess", lambda *parts: joint / joint.sum(-1, keepdim=True))
    found, exact = OBJECTIVES["variational"](one), OBJECTIVES["marginal"](one)
    torch.testing.assert_close(found[batch.target_mask], exact[batch.target_mask])


def test_gumbel_reads_states_as_often_as_their_weights_say(
    make_model: MakeModel, make_config: MakeConfig, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model("attention.align=gumbel")
    one = case(model, batch, make_config("attention.align=gumbel"))
    read = torch.zeros_like(one.told.attended.weights)
    plain = model.had_read

    def count(told: object, memory: object, weights: Tensor) -> Tensor:
        read.add_(weights.detach())
        torch.testing.assert_close(weights.detach().max(-1).values, torch.ones_like(weights[..., 0]))
        return plain(told, memory, weights)  # type: ignore[arg-type]

    monkeypatch.setattr(model, "had_read", count)
    model.noise.seed(1)
    with torch.no_grad():
        for _ in range(400):
            OBJECTIVES["gumbel"](one)
    torch.testing.assert_close(read / 400, one.told.attended.weights, atol=0.1, rtol=0)


def test_the_gradient_of_gumbel_passes_straight_through_the_choice(
    make_model: MakeModel, make_config: MakeConfig, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("attention.align=gumbel", "attention.temperature=0.7")
    model, config = make_model(*words), make_config(*words)
    one = case(model, batch, config)
    weights = one.told.attended.weights
    chances = torch.rand(weights.shape, dtype=weights.dtype).clamp(0.05, 0.95)
    monkeypatch.setattr(torch, "rand", lambda *size, **more: chances)
    loss = OBJECTIVES["gumbel"](one)[batch.target_mask].sum()
    (found,) = torch.autograd.grad(loss, weights, retain_graph=True)

    logits = (weights.log() - (-chances.log()).log()) / 0.7
    soft = logits.masked_fill(~batch.source_mask[:, None], -torch.inf).softmax(-1)
    chosen = torch.nn.functional.one_hot(soft.argmax(-1), soft.shape[-1]).to(soft).requires_grad_()
    right = one.losses(model.had_read(one.told, one.memory, chosen))[batch.target_mask].sum()
    torch.testing.assert_close(loss, right)
    (slope,) = torch.autograd.grad(right, chosen, retain_graph=True)  # of the choice, handed to what it was made of
    (wanted,) = torch.autograd.grad((slope * soft).sum(), weights)
    real = batch.target_mask[..., None] & batch.source_mask[:, None]
    torch.testing.assert_close(found[real], wanted[real])
    assert wanted[real].abs().max() > 1e-3


def test_noise_is_the_seeds(make_model: MakeModel, make_config: MakeConfig, batch: Batch) -> None:
    for align in ("reinforce", "gumbel", "variational"):
        model, config = make_model(*words(align)).train(), make_config(*words(align))
        losses = []
        for seed in (1, 1, 2):
            model.noise.seed(seed)
            losses.append(batch_loss(model, batch, config, 0.0))
        assert losses[0].equal(losses[1]) and not losses[0].equal(losses[2])


def test_reading_again_costs_what_was_read_before() -> None:
    weights = torch.tensor([[[1.0, 0, 0], [0, 0.6, 0.4], [0.5, 0.5, 0], [0, 0, 1]]])
    torch.testing.assert_close(repeated(weights), torch.tensor([[0.0, 0.0, 1.0, 0.4]]))


def test_the_coverage_loss_is_for_training_alone(make_model: MakeModel, make_config: MakeConfig, batch: Batch) -> None:
    model = make_model()
    plain, with_it = make_config(), make_config("training.coverage=0.5")
    assert batch_loss(model, batch, plain, 0.0).equal(batch_loss(model, batch, with_it, 0.0))
    model.train()
    more = batch_loss(model, batch, with_it, 0.0) - batch_loss(model, batch, plain, 0.0)
    weights = model(*batch[:3]).attended.weights
    torch.testing.assert_close(more, 0.5 * repeated(weights)[batch.target_mask].sum())


@pytest.mark.parametrize("align", [name for name, kind in ALIGNMENTS.items() if not kind.zeros])
def test_a_guide_can_raise_any_weight(make_model: MakeModel, make_config: MakeConfig, batch: Batch, align: str) -> None:
    model = make_model(*words(align))
    links = torch.zeros(*batch.target_in.shape, batch.source.shape[1], dtype=torch.bool)
    links[:, 0, 0] = True
    weights = model(*batch[:3]).attended.weights
    loss = misaligned(weights, links)[batch.source_mask.sum(1) > 1].sum()
    assert gradient(loss, model).abs().max() > 0
    wide = torch.nn.functional.pad(weights, (0, 2)), torch.nn.functional.pad(links, (0, 2))
    torch.testing.assert_close(misaligned(*wide), misaligned(weights, links))


def test_alignments_guide_the_weights(make_model: MakeModel, make_config: MakeConfig, batch: Batch) -> None:
    weights = torch.tensor([[[0.5, 0.25, 0.25], [0.1, 0.1, 0.8], [0.4, 0.4, 0.2]]])
    links = torch.tensor([[[True, False, False], [False, True, True], [False, False, False]]])
    right = torch.tensor([[-0.5, -((0.1 * 0.8) ** 0.5), 0.0]]).abs().log().nan_to_num(neginf=0.0)
    torch.testing.assert_close(misaligned(weights, links), -right)
    links = torch.zeros(*batch.target_in.shape, batch.source.shape[1], dtype=torch.bool)
    links[:, 0, 0] = True
    guided, model = batch._replace(links=links), make_model().train()
    config = make_config("training.guided=0.7")
    more = batch_loss(model, guided, config, 0.0) - batch_loss(model, batch, config, 0.0)
    torch.testing.assert_close(more, -0.7 * model(*batch[:3]).attended.weights[:, 0, 0].log().sum())
    assert batch_loss(model.eval(), guided, config, 0.0).equal(batch_loss(model, batch, config, 0.0))
