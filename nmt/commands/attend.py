"""`nmt attend`: what the decoder reads, as a picture in the terminal."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    model: Annotated[Path, typer.Argument(metavar="DIR", help="Model folder.")],
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
) -> None:
    """Translate standard input and draw which source words each target word read.

    \b
    Example:
      echo "A man rides a horse." | nmt attend model
    """
    from nmt.evaluation.picture import draw
    from nmt.text.lines import decode_lines, standard_input, standard_output, write_line
    from nmt.translator import Translator

    out = standard_output()
    for translation in Translator.load(model, device=device).stream(decode_lines(standard_input())):
        if translation.options:
            alignment = translation.options[0].alignment
            for line in draw(alignment.source, alignment.target, alignment.weights):
                write_line(out, line)
        write_line(out, "")
        out.flush()
