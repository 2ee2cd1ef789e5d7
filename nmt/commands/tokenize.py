"""`nmt tokenize`: train a SentencePiece model, turn text into pieces, and pieces into text again."""

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.errors import DataError, ModelFolderError, NmtError, cannot_write
from nmt.files import whole
from nmt.settings import Tokenizer as Settings
from nmt.text.lines import decode_lines, read_lines, standard_input, standard_output, write_line

if TYPE_CHECKING:
    from nmt.text.tokenizer import Tokenizer

DEFAULTS = Settings()

app = typer.Typer(
    help="""Train a tokenizer, encode text into pieces, decode pieces into text.

    \b
    Example:
      nmt tokenize train train.en train.de --out joint.model
      nmt tokenize encode joint.model < test.en | nmt tokenize decode joint.model
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Side(StrEnum):
    """Which language's tokenizer of a model folder."""

    SOURCE = "source"
    TARGET = "target"


Model = Annotated[Path, typer.Argument(metavar="MODEL", help="A .model file, or a model folder.")]
Ids = Annotated[bool, typer.Option("--ids", help="Numbers instead of pieces.")]
OfSide = Annotated[Side, typer.Option("--side", help="Which tokenizer of a model folder.")]


@app.command()
def train(
    out: Annotated[Path, typer.Option(metavar="FILE.model", help="Where the tokenizer goes.")],
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Plain text, also .gz, .bz2, .xz, .zst; none is stdin.")
    ] = None,
    size: Annotated[int, typer.Option(help="Pieces; fewer where the text is too small.")] = DEFAULTS.size,
    kind: Annotated[str, typer.Option(help="unigram or bpe.")] = DEFAULTS.kind,
) -> None:
    """Train a SentencePiece tokenizer on plain text.

    \b
    Example:
      nmt tokenize train train.en train.de --out joint.model --size 8000
    """
    from nmt.text.tokenizer import train_tokenizer

    if not out.name:
        raise NmtError(f"--out {out}: no name of a file. Give one, e.g. joint.model.")
    path = out if out.suffix == ".model" else out.with_name(f"{out.name}.model")
    if path.exists():  # of a finished model, perhaps, which would be lost with it
        raise NmtError(f"{path}: is there already. Choose another --out, or remove it.")
    tokenizer = train_tokenizer(_text(files or []), Settings(kind=kind, size=size), _note)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as file:
            file.write(tokenizer.model)
    except OSError as error:
        raise NmtError(cannot_write(path, error)) from None
    _note(f"{path}: {tokenizer.size} pieces.")


@app.command()
def encode(model: Model, ids: Ids = False, side: OfSide = Side.SOURCE) -> None:
    """Turn lines of text on stdin into pieces with a space between them.

    A carriage return inside a line is taken for a space.

    \b
    Example:
      nmt tokenize encode joint.model < test.en > test.pieces
    """
    tokenizer = _load(model, side)
    for line in decode_lines(standard_input()):
        encoded = tokenizer.encode(line.replace("\r", " "))
        _answer(" ".join(map(str, encoded) if ids else tokenizer.pieces(encoded)))


@app.command()
def decode(model: Model, ids: Ids = False, side: OfSide = Side.SOURCE) -> None:
    """Turn lines of pieces on stdin back into the text they were made from.

    \b
    Example:
      nmt tokenize decode joint.model < test.pieces > test.en
    """
    tokenizer = _load(model, side)
    for number, line in enumerate(decode_lines(standard_input()), start=1):
        words = [word for word in line.split(" ") if word]
        _answer(tokenizer.decode(_numbers(words, tokenizer, number) if ids else _known(words, tokenizer, number)))


def _text(files: list[Path]) -> Iterator[str]:
    if not files:
        yield from decode_lines(standard_input())
    for path in files:
        yield from read_lines(path)


def _load(path: Path, side: Side) -> "Tokenizer":
    from nmt.text.tokenizer import Tokenizer

    if not path.is_dir():
        return Tokenizer.load(path)
    for name in (f"{side}.model", "joint.model"):
        if (path / name).is_file():
            return Tokenizer.load(path / name)
    raise ModelFolderError(f"{path}: holds neither {side}.model nor joint.model. Give a .model file or a model folder.")


def _numbers(words: list[str], tokenizer: "Tokenizer", line: int) -> list[int]:
    for word in words:
        if not (word.isascii() and word.isdigit() and len(word) < 10 and int(word) < tokenizer.size):
            raise DataError(f"stdin:{line}: '{word:.20}' is no piece id. Ids go from 0 to {tokenizer.size - 1}.")
    return [int(word) for word in words]


def _known(words: list[str], tokenizer: "Tokenizer", line: int) -> list[int]:
    ids = tokenizer.ids(words)
    for word, piece in zip(words, tokenizer.pieces(ids), strict=True):
        if word != piece:
            raise DataError(
                f"stdin:{line}: '{word:.20}' is no piece of this model. Decode with the model that encoded."
            )
    return ids


def _answer(text: str) -> None:
    out = standard_output()
    write_line(out, text)
    out.flush()


def _note(text: str) -> None:
    print(text, file=sys.stderr)
