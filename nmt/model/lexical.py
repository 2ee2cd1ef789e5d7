"""A lexical term: what is said hangs on the source pieces themselves, not on their states alone.

After Nguyen & Chiang 2018 (arXiv:1710.01329).
"""

from torch import Tensor, nn

from nmt.model.products import Linear, matmul
from nmt.settings import Config


class Lexical(nn.Module):
    """l = tanh(sum_i s_i e(x_i)), h = tanh(W l) + l, which is added to the readout.

    Theirs has a matrix of the vocabulary for h alone; here both are read by one, which costs little.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        size, readout = config.model.embedding, config.decoder.readout_size
        self.layer = Linear(size, readout)
        self.skip = nn.Identity() if size == readout else Linear(size, readout, bias=False)

    def forward(self, weights: Tensor, embedded: Tensor) -> Tensor:
        """Weights (K*B, T, S), those of a sentence side by side, and its pieces (B, S, D) -> (K*B, T, R)."""
        rows, steps, states = weights.shape
        read = matmul(weights.reshape(len(embedded), -1, states).to(embedded.dtype), embedded)
        return self.each(read).reshape(rows, steps, -1)

    def each(self, embedded: Tensor) -> Tensor:
        """Had each piece (B, S, D) been read alone: (B, S, R)."""
        read = embedded.tanh()
        return self.layer(read).tanh() + self.skip(read)  # type: ignore[no-any-return]
