"""Noise that suits recurrent nets: one mask for all steps (Gal & Ghahramani 2016, arXiv:1512.05287).

A model draws all its noise from one source of its own, seeded anew for every update: what ran before, and what runs
beside it in another thread, changes nothing.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


class Noise:
    """A seeded source of chance for one model, on whatever device it is asked for."""

    def __init__(self) -> None:
        self._seed = 0
        self._generators: dict[torch.device, torch.Generator] = {}

    def seed(self, seed: int) -> None:
        """Begin again."""
        self._seed = seed
        self._generators.clear()

    def on(self, device: torch.device) -> torch.Generator:
        """The generator for a device."""
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(self._seed)
        return self._generators[device]

    def again(self, device: torch.device) -> Callable[[], object]:
        """What puts the source back to where it is now, so that the same is drawn once more."""
        generator = self.on(device)
        state = generator.get_state()
        return lambda: generator.set_state(state)


class SequenceDropout(nn.Module):
    """Drop the same units at every step of a sequence."""

    def __init__(self, share: float, noise: Noise) -> None:
        super().__init__()
        self.share, self.noise = share, noise

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, H) -> (B, T, H); the identity while evaluating."""
        return self.steady()(x)

    def steady(self) -> Callable[[Tensor], Tensor]:
        """The same for a loop that makes one step (B, 1, H) after another: one mask for all of its calls."""
        mask: Tensor | None = None

        def drop(x: Tensor) -> Tensor:
            nonlocal mask
            if not self.training or self.share == 0:
                return x
            if mask is None:
                keep = 1 - self.share
                mask = torch.empty_like(x[:, :1]).bernoulli_(keep, generator=self.noise.on(x.device)).div_(keep)
            return x * mask

        return drop


class WordDropout(nn.Module):
    """Replace whole pieces by another, so that no single one is relied on."""

    def __init__(self, share: float, replacement: int, noise: Noise) -> None:
        super().__init__()
        self.share, self.replacement, self.noise = share, replacement, noise

    def forward(self, ids: Tensor) -> Tensor:
        """(B, T) ids -> (B, T) ids."""
        if not self.training or self.share == 0:
            return ids
        chance = torch.rand(ids.shape, device=ids.device, generator=self.noise.on(ids.device))
        return ids.masked_fill(chance < self.share, self.replacement)
