"""Flags that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

from nmt.errors import ConfigError

PRECISIONS = ("fp32", "bf16", "int8")

Models = Annotated[
    list[Path],
    typer.Argument(metavar="DIR", help="Model folder; several with one vocabulary translate together."),
]
Sample = Annotated[bool, typer.Option("--sample", help="Draw translations by lot instead of taking the likeliest.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Of --sample.  [default: the model's]")]
SearchSettings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting of the search: search.top_p=0.9; repeatable."),
]
Beam = Annotated[
    int | None, typer.Option(min=1, help="Hypotheses kept a sentence; 1 is greedy.  [default: the model's]")
]
Precision = Annotated[str, typer.Option(help="fp32 (exact), bf16, or int8 (fastest on most CPUs).")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Threads = Annotated[int, typer.Option(min=0, max=4096, help="CPU threads; 0 takes what torch takes.")]
SourceLanguage = Annotated[str, typer.Option(help="Source language, e.g. en.  [default: the model's]")]
TargetLanguage = Annotated[str, typer.Option(help="Target language, e.g. de.  [default: the model's]")]


def check_precision(name: str) -> None:
    """Refuse an unknown one before torch is loaded.

    Raises:
        ConfigError: it is unknown.
    """
    if name not in PRECISIONS:
        raise ConfigError(f"--precision {name} is unknown. Choices: {', '.join(PRECISIONS)}.")
