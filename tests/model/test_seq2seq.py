from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from nmt.errors import ConfigError
from nmt.model.decoder import DECODERS
from nmt.model.dropout import Noise, SequenceDropout, WordDropout
from nmt.model.initialization import INITIALIZATIONS
from nmt.model.recurrent import CELLS, Recurrence
from nmt.model.scores import Additive
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import UNK, Config
from nmt.text.batches import Batch

MakeConfig = Callable[..., Config]
MakeModel = Callable[..., Seq2Seq]


@pytest.mark.parametrize(("tie", "matrices"), [("all", 1), ("target", 2), ("none", 3)])
def test_ties_share_embeddings(make_config: MakeConfig, tie: str, matrices: int) -> None:
    model = Seq2Seq(make_config(f"model.tie={tie}"), 20, 20)
    shared = {model.source_embedding.weight, model.target_embedding.weight, model.output.weight}
    assert len(shared) == matrices
    assert (model.output.weight is model.target_embedding.weight) == (tie != "none")
    assert (model.source_embedding.weight is model.target_embedding.weight) == (tie == "all")


@pytest.mark.parametrize(
    ("words", "sizes", "advice"),
    [
        (["model.tie=all"], (20, 21), "tokenizer.joint=true, or model.tie=target"),
        (["model.tie=target", "decoder.readout_size=7"], (20, 21), "set model.tie=none"),
        (["model.tie=some"], (20, 20), "Choices: all, target, none"),
        (["model.initialization=papr"], (20, 20), "Did you mean 'paper'"),
    ],
)
def test_what_cannot_be_is_refused(
    make_config: MakeConfig, words: list[str], sizes: tuple[int, int], advice: str
) -> None:
    with pytest.raises(ConfigError) as error:
        Seq2Seq(make_config(*words), *sizes)
    assert advice in str(error.value) and "\n" not in str(error.value)


def test_an_unknown_precision_is_refused(make_model: MakeModel) -> None:
    with pytest.raises(ConfigError, match=r"bf99 is unknown\. Choices: fp32, bf16, int8"):
        make_model().computing_in("bf99")


def test_vocabularies_may_differ_in_size(make_model: MakeModel, batch: Batch) -> None:
    assert make_model(source=20, target=23)(*batch[:3]).scores.shape == (*batch.target_in.shape, 23)


def test_memory_is_selected_whole(make_model: MakeModel, batch: Batch) -> None:
    model, rows = make_model(), torch.tensor([4, 1])
    every = model.encode(batch.source, batch.source_mask)
    some = model.encode(batch.source[rows], batch.source_mask[rows])
    torch.testing.assert_close(every.select(rows), some)


@pytest.mark.parametrize("kind", DECODERS)
@pytest.mark.parametrize(
    "words",
    [
        ["attention.align=soft", "attention.heads=2"],
        ["attention.align=soft", "attention.coverage=fertility", "attention.copy=true"],
        ["attention.align=local_p", "attention.window=2"],
        ["attention.align=hard", "attention.score=scaled_dot"],
        ["attention.align=mixture", "attention.apart=2"],
    ],
    ids=" ".join,
)
def test_every_weight_is_learned(make_model: MakeModel, batch: Batch, kind: str, words: list[str]) -> None:
    model = make_model(f"decoder.kind={kind}", "encoder.layers=2", "decoder.layers=2", *words)
    model(*batch[:3]).scores.square().mean().backward()
    assert [name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.any()] == []


@pytest.mark.parametrize("unit", ["align=soft", "apart=50"])  # not a few: rounding may change which are likeliest
@pytest.mark.parametrize("kind", DECODERS)
@pytest.mark.parametrize("cell", CELLS)
def test_bf16_is_near_fp32(make_model: MakeModel, batch: Batch, kind: str, cell: str, unit: str) -> None:
    words = (f"decoder.kind={kind}", f"decoder.cell={cell}", f"encoder.cell={cell}", "encoder.layers=2")
    model = make_model(*words, f"attention.{unit}").float()
    exact = model(*batch[:3]).scores
    with torch.autocast("cpu", torch.bfloat16):
        near = model(*batch[:3]).scores
    near.float().sum().backward()
    assert not near.float().equal(exact)
    torch.testing.assert_close(near.float(), exact, atol=0.2, rtol=0)


@pytest.mark.parametrize("name", INITIALIZATIONS)
@pytest.mark.parametrize("cell", CELLS)
def test_recurrences_start_orthogonal_or_by_glorot_and_nothing_is_left_out(
    make_config: MakeConfig, name: str, cell: str
) -> None:
    words = (f"model.initialization={name}", f"encoder.cell={cell}", f"decoder.cell={cell}", "encoder.layers=2")
    first, second = (Seq2Seq(make_config(*words), 20, 20) for _ in range(2))
    squares = [s for part in first.modules() if isinstance(part, Recurrence) for s in part.recurrent_weights()]
    assert bool(squares) != (cell == "sru")
    for square in squares if name != "gates" else []:
        torch.testing.assert_close(square @ square.T, torch.eye(len(square)), atol=1e-5, rtol=0)
    for (key, weight), other in zip(first.named_parameters(), second.parameters(), strict=True):
        if weight.dim() == 1:
            open_gates = name == "gates" and key.endswith("layer.bias_ih_l0") and cell == "lstm"
            wanted = torch.full_like(weight, float("norm" in key and "weight" in key))
            wanted.chunk(4)[1].fill_(1.0) if open_gates else None
            assert weight.equal(wanted), key
        elif name != "paper" or not key.endswith("energy"):
            assert not weight.equal(other), key


@pytest.mark.parametrize("cell", CELLS)
def test_every_gate_starts_at_glorots_scale_for_its_own_size(make_config: MakeConfig, cell: str) -> None:
    words = (f"encoder.cell={cell}", f"decoder.cell={cell}", "encoder.size=40", "decoder.size=40")
    words += ("model.initialization=gates",)
    torch.manual_seed(0)
    parts = [p for p in Seq2Seq(make_config(*words), 20, 20).modules() if isinstance(p, Recurrence)]
    assert parts
    for gate in (gate for part in parts for gate in [*part.input_weights(), *part.recurrent_weights()]):
        assert gate.std().item() == pytest.approx((2 / sum(gate.shape)) ** 0.5, rel=0.15)


def test_the_paper_starts_small(make_config: MakeConfig) -> None:
    sizes = ("encoder.size=40", "decoder.size=40", "attention.size=50", "model.embedding=30")
    words = (
        "model.initialization=paper",
        "attention.score=additive",
        "encoder.cell=gru2014",
        "decoder.cell=gru2014",
        "decoder.kind=feedback",
        "decoder.lexical=false",
    )
    torch.manual_seed(0)
    model = Seq2Seq(make_config(*sizes, *words), 60, 60)
    score = model.decoder.attention.score
    assert isinstance(score, Additive)
    assert not score.energy.any()
    for weight in (score.query.weight, score.keys.weight):
        assert weight.std().item() == pytest.approx(0.001, rel=0.1)
    recurrent = {part.gates.weight for part in model.modules() if hasattr(part, "gates")}
    recurrent |= {part.candidate.weight for part in model.modules() if hasattr(part, "candidate")}
    others = [
        weight
        for weight in set(model.parameters()) - recurrent - {score.energy, score.query.weight, score.keys.weight}
        if weight.dim() == 2
    ]
    assert len(others) == 8  # embeddings, inputs of three cells, bridge, readout, output
    for weight in others:
        assert weight.std().item() == pytest.approx(0.01, rel=0.1)


def test_sequence_dropout_has_one_mask_for_all_steps_and_keeps_the_mean() -> None:
    dropout, ones = SequenceDropout(0.3, Noise()), torch.ones(300, 4, 100)
    dropped = dropout(ones)
    assert dropped.equal(dropped[:, :1].expand_as(dropped))
    assert {*dropped.unique().tolist()} == {0.0, float(torch.tensor(1.0) / 0.7)}
    assert not dropped[0].equal(dropped[1])
    assert float(dropped.mean()) == pytest.approx(1, abs=0.02)
    assert dropout.eval()(ones) is ones
    assert SequenceDropout(0.0, Noise())(ones) is ones


def test_word_dropout_replaces_its_share_of_words() -> None:
    dropout, ids = WordDropout(0.3, UNK, Noise()), torch.full((100, 100), 7)
    dropped = dropout(ids)
    assert {*dropped.unique().tolist()} == {UNK, 7}
    assert float((dropped == UNK).float().mean()) == pytest.approx(0.3, abs=0.02)
    assert (ids == 7).all()
    assert dropout.eval()(ids) is ids


@pytest.mark.parametrize("kind", ["embedding", "hidden", "readout", "word"])
def test_each_dropout_acts_while_training_alone(make_model: MakeModel, batch: Batch, kind: str) -> None:
    model = make_model(f"dropout.{kind}=0.5")
    first, second = (model(*batch[:3]).scores for _ in range(2))
    assert first.equal(second)
    model.train()
    first, second = (model(*batch[:3]).scores for _ in range(2))
    assert not first.equal(second)


def test_the_seed_of_its_noise_decides_alone(make_model: MakeModel, batch: Batch) -> None:
    model = make_model("dropout.embedding=0.5", "dropout.hidden=0.5", "dropout.word=0.2").train()

    def scores(seed: int) -> Tensor:
        torch.rand(seed + 1)  # other chance changes nothing
        model.noise.seed(seed)
        return model(*batch[:3]).scores

    assert scores(1).equal(scores(1))
    assert not scores(1).equal(scores(2))
