"""How weights start."""

import math

from torch import nn

from nmt.model.recurrent import Recurrence
from nmt.model.scores import Additive
from nmt.registry import Registry


def uniform(model: nn.Module) -> None:
    """Glorot & Bengio 2010 for matrices, orthogonal recurrences (Saxe et al. 2014), zero biases, small embeddings."""
    for name, weight in model.named_parameters():
        if name.endswith("energy"):
            continue  # set where it is made
        if weight.dim() == 2 and "norm" not in name:
            nn.init.xavier_uniform_(weight)
        elif weight.dim() == 1 and "norm" not in name:
            nn.init.zeros_(weight)
    for part in model.modules():
        if isinstance(part, nn.Embedding):
            nn.init.normal_(part.weight, std=1 / math.sqrt(part.embedding_dim))
        elif isinstance(part, Recurrence):
            for square in part.recurrent_weights():
                nn.init.orthogonal_(square.data)


def gates(model: nn.Module) -> None:
    """As `uniform`, but Glorot for every gate by its own size, forget gates open, and larger embeddings: N(0, 0.1²).

    Stacked, as `uniform` takes them, the matrices of the gates start smaller by up to sqrt(2.5). A bias of 1 for forget
    gates is from Jozefowicz, Zaremba & Sutskever 2015, section 2. The recurrences are not orthogonal.
    """
    uniform(model)
    for part in model.modules():
        if isinstance(part, nn.Embedding):
            nn.init.normal_(part.weight, std=0.1)
        elif isinstance(part, Recurrence):
            for gate in [*part.input_weights(), *part.recurrent_weights()]:
                nn.init.xavier_uniform_(gate.data)
            part.remember()


def paper(model: nn.Module) -> None:
    """Bahdanau et al. 2015, B.1: recurrences orthogonal, N(0, 0.001²) in the alignment model, else N(0, 0.01²) or 0."""
    for name, weight in model.named_parameters():
        if weight.dim() == 2:
            nn.init.normal_(weight, std=0.01)
        elif "norm" not in name:
            nn.init.zeros_(weight)
    for part in model.modules():
        if isinstance(part, Recurrence):
            for square in part.recurrent_weights():
                nn.init.orthogonal_(square.data)
        elif isinstance(part, Additive):
            nn.init.normal_(part.query.weight, std=0.001)
            nn.init.normal_(part.keys.weight, std=0.001)
            nn.init.zeros_(part.energy)


INITIALIZATIONS = Registry("initialization", uniform=uniform, gates=gates, paper=paper)
