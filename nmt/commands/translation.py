"""What commands that translate standard input have in common."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nmt.errors import ConfigError, one_line

if TYPE_CHECKING:
    from nmt.settings import Search
    from nmt.translator import Translator


def refuse_files(models: Sequence[Path]) -> None:
    """`nmt translate model text.en` is what other tools take."""
    from nmt.documents.formats import DOCUMENTS

    for path in models:
        if path.is_file():
            document = path.suffix.lower() in DOCUMENTS and path.suffix.lower() != ".txt"
            how = "A document is a flag: `nmt translate DIR --document FILE`." if document else (
                "Text comes from standard input: `nmt translate DIR < FILE`."
            )  # fmt: skip
            raise ConfigError(f"{path}: a file, no model folder. {how}")


def load(models: Sequence[Path], search: "Search | None", device: str, precision: str, threads: int) -> "Translator":
    """A translator of these models, with as many threads; raises what `Translator.load` raises."""
    from nmt.device import keep_memory, use_threads
    from nmt.translator import Translator

    keep_memory()
    use_threads(threads)
    return Translator.load(models, search, device, precision)


def note(text: str) -> None:
    """Tell a person something about the input."""
    print(f"nmt: {one_line(text)}", file=sys.stderr)


def search_of(model: Path, words: list[str], sample: bool, flags: dict[str, Any]) -> "Search":
    """The model's settings of the search, with `--set` and those flags that were given over them.

    Raises:
        ConfigError: they contradict one another, or are none of the search.
    """
    from nmt.checkpoint import ModelFolder
    from nmt.config import change

    for word in words:
        if not word.strip().startswith("search."):
            raise ConfigError(f"--set {word}: a trained model has only its search to set, e.g. search.top_p=0.9.")
    given = {name: value for name, value in flags.items() if value is not None}
    search = change(ModelFolder.open(model).config(), words).search
    if sample:
        if "beam" in given:
            raise ConfigError("--sample draws translations by lot, without a beam. Leave out --beam, or --sample.")
        given["strategy"] = "sample"
    strategy = given.get("strategy", search.strategy)
    if "seed" in given and strategy != "sample":
        raise ConfigError("--seed is for --sample. Add --sample, or leave out --seed.")
    return replace(search, **{"nbest": 1, **given})
