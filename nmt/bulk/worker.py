"""A shard -> its translation, line for line what `nmt translate` writes. A worker loads the model once a process."""

import io
import os
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nmt import __version__
from nmt.bulk.shards import Task
from nmt.bulk.watch import Watch, Watched
from nmt.errors import ConfigError
from nmt.settings import Search

if TYPE_CHECKING:
    from nmt.translator import Translator

Model = Path | Mapping[str, bytes]
"""A model folder, or the files of one by name."""


class How(NamedTuple):
    """What a translation depends on beside the model, and where it is computed."""

    search: Search
    precision: str
    device: str
    threads: int  # 0: torch's choice
    patience: float = 0.0  # seconds without a sign of life after which the process ends itself; 0: it never does


class Result(NamedTuple):
    """The lines of a translated shard, each with its `\\n`, and what a person should know of them."""

    text: bytes
    notes: list[str]


class Worker:
    """Translates shards, one after another."""

    def __init__(self, model: Model, how: How) -> None:
        self.model, self.how, self.watch = model, how, Watch(how.patience)
        self._translator: Translator | None = None

    def start(self, version: str) -> str:
        """Load the model, and say where this process is.

        Raises:
            ConfigError: this is not that version of nmt, or the device is not there.
            ModelFolderError: the model cannot be loaded.
        """
        if version != __version__:
            raise ConfigError(
                f"{socket.gethostname()} has nmt {__version__}, the command has {version}. Install the same one on all."
            )
        self._load()
        return f"{socket.gethostname()}, process {os.getpid()}"

    def translate(self, task: Task) -> Result:
        """One line out for every line in; ends the process where that hangs, see `nmt.bulk.watch`."""
        from nmt.text.lines import write_line
        from nmt.translator import WINDOW

        translator, notes, out = self._load(), list[str](), io.BytesIO()
        lines = [line.decode("utf-8", "replace") for line in task.text.removesuffix(b"\n").split(b"\n")]
        window = WINDOW * self.how.search.batch
        with self.watch:
            for start in range(0, len(lines), window):
                some = lines[start : start + window]
                for translation in translator.translate(some, notes.append, first=task.shard.first + start):
                    write_line(out, translation.text)
                self.watch.alive()
        return Result(out.getvalue(), [f"{task.shard.path}: {note}" for note in notes])

    def _load(self) -> "Translator":
        if self._translator is None:
            if isinstance(self.model, Path):
                self._translator = self._open(self.model)
            else:
                with tempfile.TemporaryDirectory(prefix="nmt-model-") as folder:
                    for name, content in self.model.items():
                        Path(folder, name).write_bytes(content)
                    self._translator = self._open(Path(folder))
        return self._translator

    def _open(self, folder: Path) -> "Translator":
        from nmt.device import keep_memory, use_threads
        from nmt.translator import Translator

        keep_memory()
        use_threads(self.how.threads)
        translator = Translator.load(folder, self.how.search, self.how.device, self.how.precision)
        translator.model = Watched(translator.model, self.watch)
        return translator
