"""The preset is the model of Bahdanau, Cho & Bengio 2015 (arXiv:1409.0473), appendix A, with biases as in their code.

One letter per letter of the paper. Its appendix prints s_{t-1} in the readout, its equation 4 s_t: here as there, s_t.
"""

import numpy as np
import torch
from torch import Tensor

from nmt.config import resolve
from nmt.model.decoder import Feedback, Maxout
from nmt.model.recurrent import Gru2014
from nmt.model.scores import Additive
from nmt.model.seq2seq import Seq2Seq
from nmt.training.optimizers import make_optimizer

SMALL = ["model.embedding=5", "encoder.size=4", "attention.size=6", "decoder.size=7", "decoder.readout_size=3"]


def test_its_sizes_are_the_papers() -> None:
    config = resolve("bahdanau2015").config
    assert (config.model.embedding, config.encoder.size, config.decoder.size) == (620, 1000, 1000)
    assert (config.attention.size, config.attention.heads, config.decoder.readout_size) == (1000, 1, 500)
    assert (config.encoder.layers, config.decoder.layers) == (1, 1)
    assert (config.tokenizer.size, config.tokenizer.joint, config.model.tie) == (30000, False, "none")
    assert config.training.clip == 1
    assert not any(config.to_dict()["dropout"].values()) and config.training.label_smoothing == 0


def test_its_optimizer_is_the_papers() -> None:
    config = resolve("bahdanau2015", SMALL).config
    (group,) = make_optimizer(Seq2Seq(config, 9, 9), config.training).param_groups
    assert {key: group[key] for key in ("rho", "eps", "lr", "weight_decay")} == {
        "rho": 0.95, "eps": 1e-6, "lr": 1.0, "weight_decay": 0.0
    }  # fmt: skip


def test_its_forward_pass_is_the_papers() -> None:
    torch.manual_seed(0)
    model = Seq2Seq(resolve("bahdanau2015", SMALL).config, 11, 13).double()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    source, target = [6, 9, 4, 10, 3], [2, 12, 5, 4]
    scores, _, attended = model(torch.tensor([source]), torch.ones(1, 5, dtype=torch.bool), torch.tensor([target]))
    by_hand, alpha = translate_by_hand(model, source, target)
    np.testing.assert_allclose(scores[0].detach(), by_hand, atol=1e-12)
    np.testing.assert_allclose(attended.weights[0].detach(), alpha, atol=1e-12)


def array(weight: Tensor) -> np.ndarray:
    return weight.detach().numpy()


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def gated_unit(cell: Gru2014, x: np.ndarray, h: np.ndarray) -> np.ndarray:
    """A.1.1: z keeps or renews, r forgets, and acts before the product."""
    (W_r, W_z, W), (b_r, b_z, b) = (np.split(array(part), 3) for part in (cell.input.weight, cell.input.bias))
    U_r, U_z = np.split(array(cell.gates.weight), 2)
    U = array(cell.candidate.weight)
    r, z = sigmoid(W_r @ x + U_r @ h + b_r), sigmoid(W_z @ x + U_z @ h + b_z)
    return (1 - z) * h + z * np.tanh(W @ x + U @ (r * h) + b)


def annotate(model: Seq2Seq, source: list[int]) -> np.ndarray:
    """A.2.1: h_j is the forward and the backward state at word j."""
    E, layer = array(model.source_embedding.weight), model.encoder.layers[0]
    states = []
    for cell, words in ((layer.ahead, source), (layer.back, source[::-1])):
        h = [np.zeros(cell.size)]
        for word in words:
            h.append(gated_unit(cell, E[word], h[-1]))
        states.append(h[1:])
    return np.concatenate([states[0], states[1][::-1]], axis=1)


def translate_by_hand(model: Seq2Seq, source: list[int], target: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """A.1.2 and A.2.2 for one sentence: scores and alignments of every step."""
    decoder = model.decoder
    score, readout = decoder.attention.score, decoder.readout
    assert isinstance(decoder, Feedback) and isinstance(score, Additive) and isinstance(readout, Maxout)
    h, E = annotate(model, source), array(model.target_embedding.weight)
    W_a, U_a, b_a, v_a = (array(w) for w in (score.query.weight, score.keys.weight, score.keys.bias, score.energy[0]))
    s = np.tanh(array(decoder.bridge.weight) @ h[0, h.shape[1] // 2 :] + array(decoder.bridge.bias))
    scores, alphas = [], []
    for word in target:
        e = np.array([v_a @ np.tanh(W_a @ s + U_a @ h_j + b_a) for h_j in h])
        alpha = np.exp(e) / np.exp(e).sum()
        c = alpha @ h
        s = gated_unit(decoder.layers[0], np.concatenate([E[word], c]), s)
        t_ = array(readout.linear.weight) @ np.concatenate([s, c, E[word]]) + array(readout.linear.bias)
        t = np.array([max(t_[2 * i], t_[2 * i + 1]) for i in range(len(t_) // 2)])
        scores.append(array(model.output.weight) @ t + array(model.output.bias))
        alphas.append(alpha)
    return np.array(scores), np.array(alphas)
