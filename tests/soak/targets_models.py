"""The targets that need a tokenizer or a model: tokenizer files and model folders; and scores."""

import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from random import Random
from typing import Any

from tests.soak.protocol import reshape
from tests.soak.target import CUT, Target, check, flagged, parts

TEXT = ["one two three.", "two houses stand here", "the old tree falls! down", "here, one house fell", "Who is there?"]
TINY = [
    "model.embedding=6", "model.tie=none", "encoder.layers=1", "encoder.size=4", "attention.size=8", "decoder.size=8",
    "decoder.readout_size=6", "search.beam=2", "search.max_ratio=1", "search.max_extra=4", "search.max_source=12",
]  # fmt: skip


@contextmanager
def redirected(out: Any, stdin: Any = None) -> Iterator[None]:
    """Put streams in the place of the standard ones; what is said on standard error must be printable lines."""
    from nmt.text import lines

    before = lines.standard_output, lines.standard_input
    lines.standard_output, lines.standard_input = lambda: out, lambda: stdin
    try:
        with open("told", "w", encoding="utf-8") as told, redirect_stderr(told):  # a true file, for atheris asks
            yield
    finally:
        lines.standard_output, lines.standard_input = before
    said = Path("told").read_text("utf-8")
    check(all(line.isprintable() for line in said.split("\n")), said)


def make_model(folder: Path) -> None:
    """A model folder with random weights."""
    import torch

    from nmt.checkpoint import DATA, DOUBT, ModelFolder, Tokenizers, write_atomically
    from nmt.config import resolve
    from nmt.evaluation.doubt import STEPS, Calibration, Length
    from nmt.settings import Tokenizer as Settings
    from nmt.text.tokenizer import train_tokenizer

    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = train_tokenizer(TEXT * 10, Settings(size=320), lambda text: None)
    resolved, model = resolve(None, TINY), ModelFolder(folder)
    model.create(resolved.config, Tokenizers(tokenizer, tokenizer), resolved.origin)
    weights = dict(model.build(resolved.config, Tokenizers(tokenizer, tokenizer)).named_parameters())
    model.save_weights(weights, {"update": 7, "scores": {"bleu": 1.5}})
    model.save_state({"model/x": torch.ones(2)}, {"progress": {"epoch": 3}})
    facts = {"names": ["x"], "pairs": 3, "sha256": "00"}
    write_atomically(folder / DATA, json.dumps({"train": facts, "dev": facts}).encode())
    rising = tuple(step / STEPS for step in range(STEPS + 1))
    write_atomically(folder / DOUBT, Calibration(30, Length(0.1, 1.0), 0.9, frozenset({"the"}), rising).encode())


class TokenizerFile(Target):
    """SentencePiece is C++: what a stranger's .model makes it do must not end the interpreter."""

    longest = 1 << 18
    tokens = (b"\n\x05\n\x01a\x15\0\0\x80\x7f", b"\x15\0\0\xc0\x7f", b"\x15\0\0\x80\xff",
              b"\x18\2", b"\x18\3", b"\x18\6", b"\n\n\n\6<0x41>\x18\6", b"\x1a\x02\x12\0", b"\x22\0", b"\x2a\0",
              b"\xff\xff\xff\xff\x0f", b"\x12\2\x18\2")  # fmt: skip

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        from nmt.settings import Tokenizer as Settings
        from nmt.text.tokenizer import train_tokenizer

        kinds = [Settings(size=320), Settings(size=320, kind="bpe"), Settings(size=320, normalization="nmt_nfkc")]
        self._models = [train_tokenizer(TEXT * 10, kind, lambda text: None).model for kind in kinds]
        self.reshape = self._reshape

    def seeds(self) -> list[bytes]:
        return self._models

    def _reshape(self, case: bytes, chance: Random) -> bytes:
        """Mostly of a whole model: one that was changed often is refused by the first look."""
        return reshape(self._models[chance.choice((0, 0, 0, 1, 1, 2))] if chance.random() < 0.8 else case, chance)

    def run(self, case: bytes) -> None:
        from nmt.text.tokenizer import Tokenizer
        from nmt.text.words import group

        path = Path("x.model")
        path.write_bytes(case)
        tokenizer = Tokenizer.load(path)
        for text in ("", "one two three.", "e\u0301 Ａ ﬁ \u2581 \0 \ufffe👍🏽 <s> <unk>", "x" * 300, " a  b "):
            ids = tokenizer.encode(text)
            check(all(0 <= piece < tokenizer.size for piece in ids), ids)
            tokenizer.decode(ids).encode()
            check(len(tokenizer.pieces(ids)) == len(ids), ids)
            group(tokenizer, ids)
            tokenizer.unknown(ids)
            tokenizer.knows(text)
        check(tokenizer.encode_all(["one", "two"], 1) == [tokenizer.encode("one"), tokenizer.encode("two")], "")
        tokenizer.decode(list(range(tokenizer.size))).encode()
        tokenizer.likeliest()
        check(tokenizer.surfaces.size == tokenizer.size, tokenizer.size)


class Folder(Target):
    """A model folder of a stranger: one of its files is another."""

    longest = 1 << 16
    FILES = ("config.toml", "joint.model", "model.safetensors", "doubt.json", "training/data.json",
             "training/state.safetensors")  # fmt: skip
    tokens = (b'"F32"', b'"I64"', b'"BF16"', b'"shape":[', b'"data_offsets":[0,', b"1000000000000000", b"16384",
              b"search.max_extra", b"[search]\n", b"[encoder]\n", b"layers = 64", b"size = 16384", b'"nmt":"',
              b'"quantiles"', b"beam = 1000", b"18446744073709551615")  # fmt: skip

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self.whole, self.folder = place / "whole", place / "model"
        make_model(self.whole)
        self.content = [(self.whole / name).read_bytes() for name in self.FILES]
        shutil.copytree(self.whole, self.folder)
        self._heads = [_head(content) for content in self.content]

    def seeds(self) -> list[bytes]:
        plain = [bytes([kind]) + content for kind, content in enumerate(self.content)]
        return plain + [bytes([8 + kind]) + head for kind, head in enumerate(self._heads) if head]

    def run(self, case: bytes) -> None:
        kind, data = flagged(case)
        place = kind % 8 % len(self.FILES)
        if kind & 8 and (head := self._heads[place]):  # the case is the header; the numbers are as they were
            data = len(data).to_bytes(8, "little") + data + self.content[place][8 + len(head) :]
        path = self.folder / self.FILES[place]
        path.write_bytes(data)
        try:
            self._open()
        finally:
            path.write_bytes(self.content[place])

    def _open(self) -> None:
        from nmt.checkpoint import STATE, ModelFolder, load_facts
        from nmt.commands.calibrate import looker
        from nmt.commands.info import _facts
        from nmt.config_file import read_resolved
        from nmt.translator import Translator
        from nmt.weights import average

        folder = ModelFolder.open(self.folder)
        folder.data()
        read_resolved(self.folder / "config.toml")
        load_facts(self.folder / STATE)
        folder.state()
        json.dumps(_facts(self.folder))
        translator = Translator.load(self.folder, device="cpu")
        found = translator.translate(["one two three.", "", "x" * 50])
        check(len(found) == 3 and found[1].text == "", found)
        for one in found:
            json.dumps(looker([self.folder], translator)(one).record(), allow_nan=False)
        average([folder.weights()[0]])


def _head(content: bytes) -> bytes:
    size = int.from_bytes(content[:8], "little")
    return content[8 : 8 + size] if size < len(content) and content[8:9] == b"{" else b""


class Scores(Target):
    """`nmt score` on any two files."""

    longest = 1500
    tokens = (b"the", b"The the the", CUT, "中文".encode(), b"&quot;", b"<skipped>")

    def seeds(self) -> list[bytes]:
        two = b"the cat sat.\n\nend" + CUT + b"the cat sat.\nx\nend"
        return [bytes([flags]) + two for flags in range(4)] + [b"\0" + b"\n" + CUT + b"\n"]

    def run(self, case: bytes) -> None:
        from math import isfinite

        from nmt.evaluation.metrics import each_chrf, score
        from nmt.text.lines import decode_lines, read_lines

        flags, data = flagged(case)
        left, right = parts(data, 2)
        Path("ref").write_bytes(right)
        hypotheses, references = list(decode_lines(io.BytesIO(left))), list(read_lines(Path("ref")))
        for name in ("bleu", "chrf", "ter"):
            found = score(
                name, hypotheses, [references], lowercase=bool(flags & 1), tokenize="char" if flags & 2 else None
            )
            check(isfinite(found.value) and found.value >= 0, found)
        check(all(0 <= value <= 100.0001 for value in each_chrf(hypotheses, references)), "chrf")
