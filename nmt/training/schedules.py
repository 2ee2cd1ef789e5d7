"""How the learning rate moves. Each schedule is a factor in (0, 1] of `training.lr`, linear up to the warm-up's end."""

import math
from collections.abc import Callable
from typing import NamedTuple

from nmt.registry import Registry


class Moment(NamedTuple):
    """Where the training is."""

    update: int  # the coming one, from 1
    warmup: int
    total: int  # updates planned
    setbacks: int  # validations in which the model got no better


def cosine(moment: Moment) -> float:
    """Half a cosine from 1 to 0 over the planned updates (Loshchilov & Hutter 2017, arXiv:1608.03983)."""
    done = (moment.update - moment.warmup) / max(1, moment.total - moment.warmup)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def inverse_sqrt(moment: Moment) -> float:
    """The inverse square root of the update (Vaswani et al. 2017, 5.3)."""
    return math.sqrt(max(1, moment.warmup) / moment.update)


def plateau(moment: Moment) -> float:
    """Halved after every validation without progress."""
    return 0.5**moment.setbacks  # type: ignore[no-any-return]


def constant(moment: Moment) -> float:
    """Always the same."""
    return 1.0


SCHEDULES = Registry[Callable[[Moment], float]](
    "schedule", cosine=cosine, inverse_sqrt=inverse_sqrt, plateau=plateau, constant=constant
)


def factor(name: str, moment: Moment) -> float:
    """The share of the highest learning rate for the coming update.

    The warm-up is half of the planned updates at most: a training of a few pairs would end before it was warm.
    """
    moment = moment._replace(warmup=min(moment.warmup, moment.total // 2))
    if moment.update <= moment.warmup:
        return moment.update / moment.warmup
    return SCHEDULES[name](moment)
