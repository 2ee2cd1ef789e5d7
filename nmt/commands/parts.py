"""Whether every part that settings name is there, and whether the parts go together; before any work."""

from nmt.settings import Config


def check_parts(config: Config) -> None:
    """Look up every part by its name. The model is built where that takes no memory.

    Raises:
        ConfigError: there is no such part, or two contradict each other.
    """
    import torch

    from nmt.device import check_device
    from nmt.model.seq2seq import Seq2Seq
    from nmt.search.strategies import strategy_for
    from nmt.text.tokenizer import check
    from nmt.training.objectives import check_objective
    from nmt.training.optimizers import OPTIMIZERS
    from nmt.training.schedules import SCHEDULES

    check(config.tokenizer)
    strategy_for(config.search)
    OPTIMIZERS[config.training.optimizer]
    SCHEDULES[config.training.schedule]
    check_device(config.training.device)
    target = 300 if config.tokenizer.joint else 301
    with torch.device("meta"):
        check_objective(Seq2Seq(config, 300, target), config.training)
