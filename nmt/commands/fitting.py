"""The training itself, once its data are prepared; alone, or as one of several processes."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nmt.commands.output import say
from nmt.commands.training_folder import require_best
from nmt.errors import ModelFolderError
from nmt.settings import Config, Training

if TYPE_CHECKING:
    import torch

    from nmt.checkpoint import ModelFolder, Tokenizers
    from nmt.model.seq2seq import Seq2Seq
    from nmt.text.batches import Examples
    from nmt.text.corpus import Corpus
    from nmt.training.progress import Progress
    from nmt.training.ranks import Ranks
    from nmt.training.trainer import Judge, Trainer
    from nmt.transfer import Parent

TRAINING = "training"  # the part of a model folder that is needed only while training


@dataclass(frozen=True)
class Fitting:
    """What a process that trains needs; of several, only the chief has what it is judged by."""

    folder: "ModelFolder"
    config: Config
    tokenizers: "Tokenizers"
    examples: "Examples"
    ranks: "Ranks"
    dev: "tuple[Corpus, Examples] | None" = None
    parent: "Parent | None" = None

    def run(self) -> "Progress":
        """Train, or go on, to the end.

        Raises:
            KeyboardInterrupt: a signal asked for an end; everything is saved.
            NmtError: it went wrong, in one line.
        """
        from nmt.training.stopping import Interrupted

        trainer = self._trainer()
        if self.ranks.hear(self.folder.has_state()):
            trainer.resume()
            require_best(self.folder, trainer.progress)
            self._say(f"Going on after update {trainer.progress.update}.")
        try:
            return trainer.run()
        except Interrupted:
            self._say(f"\nStopped; saved after update {trainer.progress.update}. The same command goes on.")
            raise KeyboardInterrupt from None

    def _trainer(self) -> "Trainer":
        import torch

        from nmt.checkpoint import LOG
        from nmt.device import choose_device, keep_memory, precision, use_threads
        from nmt.text.batches import Plan
        from nmt.text.subword_sampling import SubwordSampling
        from nmt.training.report import Report, Silent
        from nmt.training.trainer import Trainer

        config, settings, folder, ranks = self.config, self.config.training, self.folder, self.ranks
        keep_memory()
        use_threads(settings.threads)
        torch.manual_seed(settings.seed)
        device = choose_device(settings.device)
        begins = self.parent if not folder.has_state() else None
        model = (begins.child if begins else folder.build)(config, self.tokenizers).to(device)
        ranks.spread(model)
        sampling = config.tokenizer.sampling
        respell = SubwordSampling(self.tokenizers, sampling) if sampling else None
        plan, dev_plan, judge = Plan(self.examples, settings.batch_tokens, settings.seed, respell), None, None
        if self.dev:
            dev_plan = Plan(self.dev[1], settings.batch_tokens, settings.seed)
            judge = _judge(config, self.tokenizers, self.dev[0], device)
        weights = sum(weight.numel() for weight in model.parameters())
        together = f" in each of {ranks.count} processes" if ranks.count > 1 else ""
        self._say(
            f"{weights / 1e6:.1f} million weights, {self.tokenizers.source.size} pieces, {plan.padding():.1%} padding, "
            f"{device} in {precision(settings.precision, device)}, {torch.get_num_threads()} threads{together}."
        )
        report = (Report if ranks.chief else Silent)(folder.path / LOG)
        return Trainer(model, config, (plan, dev_plan), judge, folder, report, ranks)

    def _say(self, text: str) -> None:
        if self.ranks.chief:
            say(text)


def assist(out: Path, settings: Training, ranks: "Ranks") -> None:
    """Train beside the chief, once it has prepared everything in a folder that both see.

    Raises:
        ModelFolderError: this process does not see it.
    """
    from nmt.checkpoint import CONFIG, ModelFolder
    from nmt.text.mapped import reopened

    if (status := ranks.hear()) is not None:
        raise typer.Exit(status)
    if not (out / CONFIG).is_file():
        raise ModelFolderError(
            f"{out}: rank {ranks.rank} does not see what rank 0 writes there. Give an --out that all machines share."
        )
    folder = ModelFolder(out)
    config = folder.config()
    training = replace(config.training, device=settings.device, threads=settings.threads)
    Fitting(
        folder, replace(config, training=training), folder.tokenizers(), reopened(folder.path / TRAINING), ranks
    ).run()


def _judge(config: Config, tokenizers: "Tokenizers", dev: "Corpus", device: "torch.device") -> "Judge":
    """BLEU and chrF of real translations of the validation set."""
    from nmt.device import precision
    from nmt.evaluation.metrics import score
    from nmt.search.strategies import strategy_for
    from nmt.translator import Translator

    strategy_for(config.search)  # an unknown one is told now
    sources, references = dev.spread(config.validation.pairs)
    search = replace(config.search, strategy="beam", beam=config.validation.beam, nbest=1)
    kind = precision(config.training.precision, device)

    def judge(model: "Seq2Seq") -> dict[str, float]:
        translator = Translator(model.computing_in(kind), tokenizers, search, device)
        texts = [translation.text for translation in translator.translate(sources)]
        return {name: score(name, texts, [references]).value for name in ("bleu", "chrf")}

    return judge
