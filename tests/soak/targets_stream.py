"""The stream of `nmt translate`: with a tiny model, or a stand-in for its search that is much faster."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.soak.target import CUT, Target, check, flagged, lines_of, parts
from tests.soak.targets_models import make_model, redirected


class Search(Target):
    """`nmt translate` with a tiny model: one line in, one line out, whatever the bytes."""

    longest = 120
    tokens = (b'{"text": "one", "prefix": "e"}\n', b'"require": ["x"]', b"<b>one</b>", b"{name}", b"%s", b"\n\n", CUT,
              b"one\teins\n", b"x" * 60)  # fmt: skip

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        from nmt.translator import Translator

        self.folder = place / "model"
        make_model(self.folder)
        self.translator = Translator.load(self.folder, device="cpu")

    def seeds(self) -> list[bytes]:
        text = b"one two\n\n<b>three</b> {name}\r\n\xff \x00 \xe2\x80\xa8 x" + CUT + b"one\teins|Eins\ntwo\tzwei\n"
        rows = (
            b'{"text": "one", "prefix": "e"}\n\n{"text": "two", "require": ["x"], "forbid": ["y"]}\n' + CUT + b"one\ta"
        )
        return [bytes([flags]) + text for flags in (0, 2, 4, 8, 14, 16)] + [
            bytes([1 + f]) + rows for f in (0, 2, 8, 16)
        ]

    def run(self, case: bytes) -> None:
        from nmt.commands import translate
        from nmt.errors import NmtError

        flags, data = flagged(case)
        rows, terms = parts(data, 2)
        Path("terms").write_bytes(terms)
        form = ("text", "jsonl", "pharaoh")[(flags >> 1) % 3]
        options: dict[str, Any] = {"format": form, "input": ("text", "jsonl")[flags & 1], "protect": bool(flags & 8)}
        options |= {"nbest": 2 if flags & 32 else 1} | ({"glossary": Path("terms")} if flags & 16 else {})
        one = self.translator
        translate.load = lambda models, search, *rest: type(one)(one.model, one.tokenizers, search, one.device)
        out, refused = io.BytesIO(), None
        with redirected(out, io.BytesIO(rows)):
            try:
                translate.run([self.folder], **options)
            except NmtError as error:
                refused = error
        given = [line.decode("utf-8", "replace") for line in lines_of(rows)]
        told = [line.decode() for line in lines_of(out.getvalue())]
        each = options["nbest"] if form != "jsonl" else 1
        if refused:
            check(len(told) <= each * len(given) and len(told) % each == 0, told)
            raise refused
        check(len(told) == each * len(given), (given, told))
        for row, line in enumerate(given):
            if form == "jsonl":
                record = json.loads(told[row])
                check(flags & 1 or record["source"] == line, (line, record))
            elif not line.strip(" \t\r\0"):
                check(not told[each * row], (line, told[each * row]))


class Stream(Search):
    """The same with a stand-in for the search, which gives the source turned round, or nothing."""

    longest = 2048

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self.translator = _standing_in(self.translator)


def _standing_in(translator: Any) -> Any:
    """A translator that does not search."""
    import numpy as np

    from nmt.search.hypothesis import Hypothesis
    from nmt.translator import Part, Translator

    class Echo(Translator):
        """Says the source backwards."""

        def _search_each(self, batches: list[list[Part]], search: Any, threads: int) -> list[list[list[Hypothesis]]]:
            return [[self._say(part.ids, search.nbest) for part in some] for some in batches]

        def _say(self, ids: Sequence[int], count: int) -> list[Hypothesis]:
            size = len(ids)
            found = Hypothesis(list(ids[::-1]), -1.0, np.full(size + 1, -0.5), np.eye(size + 1)[::-1])
            return [] if size % 11 == 10 else [found] * count

    return Echo(translator.model, translator.tokenizers, translator.search, translator.device)
