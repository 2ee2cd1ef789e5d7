"""What a training says: a log for programs (JSON lines) and a calm one for people."""

import json
import math
import shutil
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from nmt.errors import ModelFolderError, cannot_write
from nmt.files import whole

LONGEST = 2**20  # bytes of a log line; ours have some hundred
CALM = 15.0  # seconds between lines for people


class Report:
    """Writes `log.jsonl` and lines on stderr; on a terminal the last line is live."""

    def __init__(self, path: Path, stream: TextIO | None = None) -> None:
        self.path = path
        self.stream = stream if stream is not None else sys.stderr
        self._live = self.stream.isatty()
        self._said = 0.0

    def resume(self, update: int) -> None:
        """Forget log lines after `update`: they will be lived through again.

        Raises:
            ModelFolderError: the log cannot be written.
        """
        if not self.path.is_file():
            return
        try:
            with self.path.open("rb") as old, whole(self.path) as new:
                for line in iter(lambda: old.readline(LONGEST), b""):
                    if _lived(line, update):
                        new.write(line)
        except OSError as error:
            raise ModelFolderError(cannot_write(self.path, error)) from None

    def say(self, text: str) -> None:
        """A line for people."""
        self._clear()
        print(text, file=self.stream, flush=True)

    def record(self, **facts: Any) -> None:
        """A line for programs.

        Raises:
            ModelFolderError: the log cannot be written.
        """
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({key: _plain(value) for key, value in facts.items()}) + "\n")
        except OSError as error:
            raise ModelFolderError(cannot_write(self.path, error)) from None

    def progress(self, text: str) -> None:
        """Where the training is: live on a terminal, else now and then a line."""
        now = time.monotonic()
        if self._live:
            self._clear()
            print(text[: shutil.get_terminal_size().columns - 1], end="", file=self.stream, flush=True)
        elif now - self._said >= CALM:
            print(text, file=self.stream, flush=True)
            self._said = now

    def _clear(self) -> None:
        if self._live:
            print("\r\033[K", end="", file=self.stream)


class Silent(Report):
    """Says and writes nothing: of several processes one is enough."""

    def resume(self, update: int) -> None:
        """Leave the log to the one that writes it."""

    def say(self, text: str) -> None:
        """Nothing."""

    def record(self, **facts: Any) -> None:
        """Nothing."""

    def progress(self, text: str) -> None:
        """Nothing."""


def _plain(value: Any) -> Any:
    """JSON has no word for a number that is none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _lived(line: bytes, update: int) -> bool:
    """Whether a log line is whole and not from after `update`; the last one of a killed run may be cut off."""
    try:
        return line.endswith(b"\n") and json.loads(line)["update"] <= update
    except (ValueError, LookupError, TypeError):
        return False


def clock(seconds: float) -> str:
    """1:02:03 or 2:03."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
