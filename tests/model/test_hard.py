import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from nmt.model import hard
from nmt.model.decoder import DECODERS, READOUTS
from nmt.model.hard import each_loss, log_mixture
from nmt.model.products import Linear
from nmt.model.seq2seq import Seq2Seq
from nmt.model.states import Memory, Told
from nmt.text.batches import Batch

MakeModel = Callable[..., Seq2Seq]


def told(model: Seq2Seq, batch: Batch) -> tuple[Told, Memory]:
    memory = model.encode(batch.source, batch.source_mask)
    return model.tell(batch.target_in, memory, model.start(memory)), memory


@pytest.fixture(params=[(kind, readout) for kind in DECODERS for readout in READOUTS], ids="-".join)
def model(request: pytest.FixtureRequest, make_model: MakeModel) -> Seq2Seq:
    kind, readout = request.param
    return make_model(f"decoder.kind={kind}", f"decoder.readout={readout}", "attention.align=hard")


def test_its_words_are_a_mixture_over_the_states_it_could_read(model: Seq2Seq, batch: Batch) -> None:
    said, memory = told(model, batch)
    p = torch.zeros(*batch.target_in.shape, 20).double()
    for s in range(batch.source.shape[1]):
        one = torch.zeros_like(said.attended.weights)
        one[..., s] = 1
        p += said.attended.weights[..., s, None] * model.had_read(said, memory, one).softmax(-1)
    torch.testing.assert_close(model.scores(said, memory).exp(), p)
    torch.testing.assert_close(p.sum(-1), torch.ones_like(p[..., 0]))


@pytest.mark.parametrize("apart", [1, 2, 50])
@pytest.mark.parametrize("kind", DECODERS)
def test_a_mixture_is_of_the_likeliest_states_and_the_mean_of_all_others(
    make_model: MakeModel, batch: Batch, kind: str, apart: int
) -> None:
    model = make_model(f"decoder.kind={kind}", "attention.align=mixture", f"attention.apart={apart}")
    said, memory = told(model, batch)
    weights, p = said.attended.weights, torch.zeros(*batch.target_in.shape, 20).double()
    order = weights.argsort(-1, descending=True)
    few = min(apart, weights.shape[-1])
    for choice in [*order[..., :few].split(1, -1), *([order[..., few:]] if few < order.shape[-1] else [])]:
        part = torch.zeros_like(weights).scatter(-1, choice, weights.gather(-1, choice))
        whole = part.sum(-1, keepdim=True)
        p += whole * model.had_read(said, memory, part / whole.clamp_min(1e-300)).softmax(-1)
    torch.testing.assert_close(model.scores(said, memory).exp(), p)
    right = -p.log().gather(-1, batch.target_out[..., None]).squeeze(-1)
    torch.testing.assert_close(model.loss_of_choices(said, memory, batch.target_out, 0.0), right)


def test_a_mixture_of_all_states_is_the_exact_sum_of_what_the_same_states_tell(
    make_model: MakeModel, batch: Batch
) -> None:
    model = make_model("attention.align=mixture", "attention.apart=50")
    losses = []
    for apart in (50, 0):
        model.zero_grad()
        model.decoder.attention.align.apart = apart
        loss = model.loss_of_choices(*told(model, batch), batch.target_out, 0.1)[batch.target_mask].sum()
        loss.backward()
        losses.append([loss, *(weight.grad.clone() for weight in model.parameters() if weight.grad is not None)])
    torch.testing.assert_close(*losses)


def test_to_have_read_what_was_read_is_what_was_told(model: Seq2Seq, batch: Batch) -> None:
    said, memory = told(model, batch)
    context = said.attended.weights @ memory.states
    torch.testing.assert_close(model.decoder.had_read(said, context), said.readout)


def test_an_answer_knows_of_a_step_only_what_was_chosen(model: Seq2Seq, batch: Batch) -> None:
    one_step = batch.target_in[:, :1]
    memory = model.encode(batch.source, batch.source_mask)
    elsewhere = memory._replace(keys=torch.randn_like(memory.keys))
    told, differently = (model.tell(one_step, each, model.start(each)) for each in (memory, elsewhere))
    assert not torch.allclose(told.attended.weights, differently.attended.weights)
    answers = [model.decoder.had_read_each(each, memory.states) for each in (told, differently)]
    torch.testing.assert_close(*answers)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_of_each_state_is_that_of_having_read_it(model: Seq2Seq, batch: Batch, smoothing: float) -> None:
    said, memory = told(model, batch)
    losses = model.loss_of_each(said, memory, batch.target_out, smoothing)
    for s in range(batch.source.shape[1]):
        one = torch.zeros_like(said.attended.weights)
        one[..., s] = 1
        scores = model.had_read(said, memory, one).flatten(0, 1)
        right = cross_entropy(scores, batch.target_out.flatten(), reduction="none", label_smoothing=smoothing)
        torch.testing.assert_close(losses[..., s].flatten(), right)


@pytest.mark.parametrize(
    "words",
    [
        ["attention.align=soft", "attention.heads=2"],
        ["attention.align=soft", "attention.copy=true"],
        ["attention.align=hard"],
        ["attention.align=sparsemax"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("kind", DECODERS)
def test_of_one_state_it_is_the_loss(make_model: MakeModel, kind: str, words: list[str]) -> None:
    model, source = make_model(f"decoder.kind={kind}", *words), torch.tensor([[5], [3]])
    memory = model.encode(source, torch.ones(2, 1).bool())
    said = model.tell(torch.tensor([[2, 7, 8], [2, 5, 9]]), memory, model.start(memory))
    answer = torch.tensor([[7, 5, 3], [5, 9, 3]])
    right = -model.scores(said, memory).log_softmax(-1).gather(2, answer[..., None])
    torch.testing.assert_close(model.loss_of_each(said, memory, answer, 0.0), right)


@pytest.mark.parametrize("kept", [0, hard.KEPT], ids=["made anew", "kept"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_gradient_of_the_loss_of_each(monkeypatch: pytest.MonkeyPatch, smoothing: float, kept: int) -> None:
    monkeypatch.setattr(hard, "ROWS", 5)  # more than one slice
    monkeypatch.setattr(hard, "KEPT", kept)
    torch.manual_seed(0)
    output, target = Linear(4, 6).double(), torch.randint(6, (2, 2))
    h = torch.randn(2, 2, 3, 4).double().requires_grad_()

    def loss(h: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        output.weight.data, output.bias.data = weight.data, bias.data
        return hard._EachLoss.apply(
            h.flatten(0, 2), weight, bias, target[..., None].expand(2, 2, 3).flatten(), smoothing, 3
        )

    assert torch.autograd.gradcheck(loss, (h, output.weight, output.bias))


def test_what_hardly_counts_costs_nothing_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hard, "KEPT", 0)
    torch.manual_seed(0)
    output, h, target = Linear(4, 6), torch.randn(2, 2, 3, 4), torch.randint(6, (2, 2))
    posterior = torch.tensor([0.7, 0.3, 1e-3]).expand(2, 2, 3)
    worked_on, product = [], hard.linear

    def counted(x: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
        worked_on.append(len(x))
        return product(x, *rest)

    monkeypatch.setattr(hard, "linear", counted)
    gradients = []
    for kind in (torch.float64, torch.bfloat16):
        near, layer = h.to(kind).requires_grad_(), copy.deepcopy(output).to(kind)
        loss = (each_loss(near, layer, target, 0.1) * posterior).sum()
        worked_on.clear()
        loss.backward()
        gradients.append([x.grad.double() for x in (near, layer.weight, layer.bias)])
        assert sum(worked_on) == (12 if kind is torch.float64 else 8)
    for exact, rounded in zip(*gradients, strict=True):
        torch.testing.assert_close(rounded, exact, atol=2 * torch.finfo(torch.bfloat16).eps, rtol=0.05)


def test_slices_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    output, h, target = Linear(4, 6), torch.randn(2, 5, 3, 4), torch.randint(6, (2, 5))
    whole = each_loss(h, output, target, 0.1)
    monkeypatch.setattr(hard, "ROWS", 7)
    torch.testing.assert_close(each_loss(h, output, target, 0.1), whole)
    with torch.autocast("cpu", torch.bfloat16):
        near = each_loss(h, output, target, 0.1)
    assert near.dtype == torch.float32
    torch.testing.assert_close(near, whole, atol=0.1, rtol=0)


def test_what_is_kept_is_what_would_be_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    output, h, target = Linear(4, 6), torch.randn(2, 5, 3, 4), torch.randint(6, (2, 5))
    posterior, worked_on, product = torch.randn(2, 5, 3).softmax(-1), [], hard.linear

    def counted(x: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
        worked_on.append(len(x))
        return product(x, *rest)

    monkeypatch.setattr(hard, "linear", counted)
    gradients = []
    for kept in (30 * 6, 30 * 6 - 1):
        monkeypatch.setattr(hard, "KEPT", kept)
        near, layer = h.clone().requires_grad_(), copy.deepcopy(output)
        worked_on.clear()
        (each_loss(near, layer, target, 0.1) * posterior).sum().backward()
        assert sum(worked_on) == (30 if kept == 30 * 6 else 60)
        gradients.append([x.grad for x in (near, layer.weight, layer.bias)])
    torch.testing.assert_close(*gradients)


def test_slices_of_a_mixture_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    output, h = Linear(4, 6), torch.randn(2, 5, 3, 4)
    log_weights = torch.randn(2, 5, 3).log_softmax(-1)
    whole = log_mixture(h, output, log_weights)
    torch.testing.assert_close(whole, (output(h).log_softmax(-1) + log_weights[..., None]).logsumexp(2))
    monkeypatch.setattr(hard, "SCORES", 3 * 6 * 4)
    torch.testing.assert_close(log_mixture(h, output, log_weights), whole)


def test_a_sure_choice_is_no_mixture() -> None:
    output, h = Linear(4, 6), torch.randn(1, 1, 3, 4)
    log_weights = torch.tensor([[[-torch.inf, 0.0, -torch.inf]]])
    torch.testing.assert_close(log_mixture(h, output, log_weights)[0, 0], output(h[0, 0, 1]).log_softmax(-1))


def test_the_posterior_sees_the_answer(make_model: MakeModel, batch: Batch) -> None:
    model = make_model("attention.align=variational")
    memory = model.encode(batch.source, batch.source_mask)
    q = model.guess(memory, batch.target_out, batch.target_mask)
    assert q.shape == (*batch.target_out.shape, batch.source.shape[1])
    assert (q.masked_select(~batch.source_mask[:, None]) == 0).all()
    torch.testing.assert_close(q.sum(-1), torch.ones_like(q[..., 0]))
    changed = batch.target_out.clone()
    changed[:, 0] = (changed[:, 0] + 1) % 20
    long = batch.source_mask.sum(1) > 1
    assert (model.guess(memory, changed, batch.target_mask) != q).any(-1)[long, 0].all()
