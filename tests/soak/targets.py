"""The targets of the fuzzer, by name: readers of every format, lines, settings, requests, links, the corpus doctor."""

import bz2
import gzip
import lzma
from functools import partial
from pathlib import Path

from nmt.text.readers import READERS
from tests.soak.target import CUT, Target, check, flagged, lines_of, parts
from tests.soak.targets_models import Folder, Scores, TokenizerFile
from tests.soak.targets_stream import Search, Stream

ENDINGS = [".tsv", ".jsonl", ".csv", ".json", ".tmx", ".xliff", ".xlf", ".po", ".srt", ".vtt", ".tbx", ".txt", ".md",
           ".html", ".xml", ".ts", ".parquet", ".arrow", ".properties", ".strings", ".yaml", ".ass"]  # fmt: skip
"""Of files that a reader may claim."""

SAMPLES: dict[str, list[bytes]] = {
    ".tsv": [b"en\tde\none\teins\n\ntwo\tzwei\r\n", b"id\tde\ten\n1\tja\tyes\n"],
    ".jsonl": [
        b'{"en": "one", "de": "eins", "alignment": "0-0"}\n\n{"translation": {"en": "a b", "de": "\\ud83d"}}\n',
        b'{"source": "x", "target": "\\u2028"}\n',
    ],
    ".csv": [b'en,de\n"one, two",eins\n"three ""x""\nfour",drei\n'],
    ".json": [b'[{"en": "one", "de": "eins"}]\n'],
    ".tmx": [
        b'<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en"><seg>one</seg></tuv>'
        b'<tuv xml:lang="de"><seg>eins</seg></tuv></tu></body></tmx>',
        b'<?xml version="1.0"?>\n<!DOCTYPE tmx [<!ENTITY a "b">]>\n<tmx version="1.4"><header srclang="en"/><body>\n'
        b'<tu><tuv xml:lang="en"><seg>one <bpt i="1">&lt;b&gt;</bpt>two<ept i="1"/>&a;</seg></tuv>\n'
        b'<tuv xml:lang="de-DE"><seg>eins</seg></tuv></tu></body></tmx>\n',
    ],
    ".xliff": [
        b'<xliff version="1.2"><file source-language="en" target-language="de"><body><trans-unit id="1"><source>one '
        b'<g id="1">x</g></source><target>eins</target></trans-unit></body></file></xliff>\n',
        b'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en" trgLang="de"><file id="f">'
        b"<unit id='1'><segment><source>one</source><target>eins</target></segment></unit></file></xliff>\n",
    ],
    ".po": [
        b'msgid ""\nmsgstr "Language: de\\nContent-Type: text/plain; charset=UTF-8\\n"\n\n#, fuzzy\nmsgctxt "c"\n'
        b'msgid "one"\nmsgid_plural "ones"\nmsgstr[0] "eins"\nmsgstr[1] "viele"\n'
    ],
    ".srt": [b"1\n00:00:01,000 --> 00:00:02,000\none\ntwo\n\n2\n00:00:03,000 --> 00:00:04,000\n<i>three</i>\n"],
    ".vtt": [b"WEBVTT\n\n00:01.000 --> 00:02.000\none\n"],
}
SAMPLES[".xlf"] = SAMPLES[".xliff"]


class Corpus(Target):
    """Every way to write a corpus. The first byte of a case says how it is asked for."""

    tokens = (CUT, b'"en"', b'"de"', b'"translation"', b'"alignment"', b"en\tde", b'xml:lang="en"', b"<seg>", b"<tu>",
              b"<source>", b"<target>", b'msgid ""', b'msgstr "', b"-->", b"\\n", b"0-0 1-1", b"<!ENTITY x SYSTEM ",
              b'<?xml version="1.0" encoding="UTF-16"?>', b"source", b"target")  # fmt: skip

    def __init__(self, kind: str, place: Path) -> None:
        super().__init__(place)
        self.kind = kind
        self.ending = next((ending for ending in (f".{kind}", *ENDINGS) if self._claimed(f"x{ending}")), "")
        self.two = kind in ("pair", "prefix") or self._claimed(f"x.en{self.ending},x.de{self.ending}")

    def _claimed(self, word: str) -> bool:
        return READERS[self.kind] is next(reader for reader in READERS.values() if reader.claims(word))

    def seeds(self) -> list[bytes]:
        if self.ending in (".parquet", ".arrow"):
            return [bytes([flags]) + _columns(self.ending) for flags in (0, 1)]
        two = b"one\n\ntwo\r\n\xe2\x80\xa8three" + CUT + b"eins\nx\nzwei\ndrei"
        samples = SAMPLES.get(self.ending, []) or (
            two,
            two + CUT + b"0-0\n\n0-0\n\n",
            *(text for some in SAMPLES.values() for text in some),
        )
        samples = [sample + CUT + sample if self.two and CUT not in sample else sample for sample in samples]
        return [bytes([flags]) + sample for sample in samples for flags in (0, 1, 6)]

    def run(self, case: bytes) -> None:
        from nmt.text.cleaning import Dropped, clean
        from nmt.text.readers import corpus_files, read_corpus

        flags, data = flagged(case)
        lenient, languages = bool(flags & 1), ("", "") if flags & 6 == 6 else ("en", "de")
        word, files = self._write(flags, data)
        found = list(read_corpus(word, *languages, lenient=lenient))
        for pair in found:
            check(isinstance(pair.source, str) and isinstance(pair.target, str | None), pair)
            check(isinstance(pair.links, str) and bool(pair.origin), pair)
            if not lenient:
                (pair.source + (pair.target or "") + pair.links).encode()
        if flags & 8:  # a corpus is read twice: both readings must agree
            check(found == list(read_corpus(word, *languages, lenient=lenient)), "other pairs the second time")
        check(all(path.name in files for path in corpus_files(word, *languages)), files)
        check(all("\n" not in pair.source + (pair.target or "") for pair in clean(found, Dropped())), "a line end")
        self._look(found, [lines_of(each) for each in files.values()])

    def _write(self, flags: int, data: bytes) -> tuple[str, dict[str, bytes]]:
        """The corpus as files; its word, and what they hold."""
        if self.kind in ("pair", "prefix"):
            names = ["x.en", "x.de", "links"][: 3 if flags & 16 and self.kind == "pair" else 2]
            files = dict(zip(names, parts(data, len(names)), strict=True))
            word = ",".join(names) if self.kind == "pair" else "x"
        elif self.two:
            names = [f"x.en{self.ending}", f"x.de{self.ending}"]
            word, files = ",".join(names), dict(zip(names, parts(data, 2), strict=True))
        else:
            word = f"x{self.ending}"
            files = {word: data}
        for name, content in files.items():
            Path(name).write_bytes(content)
        return word, files

    def _look(self, found: list, lines: list[list[bytes]]) -> None:
        """Where a line is a pair, the pairs must be those lines: none is shifted."""
        if self.kind in ("pair", "prefix"):
            check(all(len(side) == len(found) for side in lines), "as many lines as pairs")
            for row, pair in enumerate(found):
                texts = (pair.source, pair.target, pair.links)
                for text, side in zip(texts, lines, strict=False):
                    check(text == side[row].decode("utf-8", "surrogateescape"), (row, pair))
        if self.kind == "tsv":
            check(len(lines[0]) - len(found) in (0, 1), "as many pairs as rows")
        if self.kind in ("tsv", "jsonl"):
            for pair in found:
                row = lines[0][int(pair.origin.rpartition(":")[2]) - 1]
                check(self.kind == "jsonl" or pair.source.encode("utf-8", "surrogateescape") in row, pair)
        if self.kind == "jsonl":
            check(
                len(found) == sum(bool(line.decode("utf-8", "replace").strip()) for line in lines[0]), "a pair a line"
            )


def _columns(ending: str) -> bytes:
    """A small table of columns."""
    import pyarrow
    from pyarrow import parquet

    table, out = pyarrow.table({"en": ["one", "two"], "de": ["eins", "zwei"]}), pyarrow.BufferOutputStream()
    if ending == ".parquet":
        parquet.write_table(table, out)
    else:
        with pyarrow.ipc.new_file(out, table.schema) as writer:
            writer.write(table)
    return bytes(out.getvalue())


class Lines(Target):
    """Files of lines, plain and compressed; packed ones are damaged afterwards."""

    longest = 8192
    PACK = (lambda data: data, gzip.compress, bz2.compress, lzma.compress, lambda data: _zstandard(data))
    NAMES = ("x", "x.gz", "x.bz2", "x.xz", "x.zst")

    def seeds(self) -> list[bytes]:
        text = b"one\r\ntwo\n\n\xe2\x80\xa8three \x00 \xff\nend"
        plain = [bytes([flags]) + text * 3 for flags in (*range(5), *(8 + kind for kind in range(5)))]
        return plain + [bytes([16 + kind]) + Lines.PACK[kind](text * 9) for kind in range(5)]

    def run(self, case: bytes) -> None:
        from nmt.text.lines import read_lines, read_raw_lines

        flags, data = flagged(case)
        kind, lenient = flags % 8 % 5, bool(flags & 8)
        path = Path(self.NAMES[kind])
        path.write_bytes(data if flags & 16 else Lines.PACK[kind](data))
        if flags & 16 and kind:
            for _ in read_raw_lines(path):
                pass
            return
        lines = list(read_lines(path, lenient))
        check(lines == [line.decode("utf-8", "surrogateescape") for line in lines_of(data)], lines)


def _zstandard(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


class Settings(Target):
    """`config.toml`, a preset's file, and words of --set."""

    tokens = (b"[model]", b"[search]", b"[origin]", b"search.beam=5", b"training.lr=", b"[[", b"]]", b'"""', b"'''",
              b"1979-05-27T07:32:00Z", b"0x", b"1_0", b"inf", b"nan", b" = ", b"embedding", b"a.b.c.d",
              b"{a=", b"[[[[")  # fmt: skip

    def seeds(self) -> list[bytes]:
        from nmt.config import PRESETS
        from nmt.config_file import config_text
        from nmt.settings import Config

        texts = [path.read_bytes() for path in sorted(PRESETS.glob("*.toml"))][:2]
        texts += [each.encode() for each in config_text(Config(), {"model.embedding": "preset x"}).split("\n\n")]
        words = b"search.beam=5\ntraining.lr=3e-4\nattention.score=dot\nmodel.tie='all'"
        return [b"\0" + text for text in texts] + [b"\1" + text for text in texts] + [b"\2" + words]

    def run(self, case: bytes) -> None:
        from nmt.config import differences, resolve
        from nmt.config_file import config_text, read_resolved

        flags, data = flagged(case)
        path = Path("config.toml")
        if flags % 3 == 2:
            words = [word for word in data.decode("utf-8", "surrogateescape").split("\n") if "\0" not in word]
            found = resolve(None, words)
        else:
            path.write_bytes(data)
            found = read_resolved(path) if flags % 3 else resolve("config.toml")
        path.write_bytes(config_text(found.config, found.origin).encode())
        check(read_resolved(path).config == found.config, differences(found.config, read_resolved(path).config))


class Requests(Target):
    """What a line asks for, without a model: JSON requests, tags, protected spans, glossaries."""

    longest = 1024
    tokens = (b'{"text": "', b'"prefix"', b'"require": ["', b'"forbid"', b"<b>", b"</b>", b"<br/>", b"%s", b"{name}",
              b"https://x.y", b"one\teins|zwei", CUT)  # fmt: skip

    def seeds(self) -> list[bytes]:
        request = b'{"text": "one <b>two</b>", "prefix": "e", "require": ["zwei"], "forbid": ["x"]}\n\n{"text": ""}'
        text = b"Click <b>here <i>now</i></b>, {name} has %d, see https://a.b/c <br/> 3.5 <!-- x --> 3"
        return [
            b"\0" + request,
            b"\1" + text + CUT + b"# terms\none\teins|Eins\nhere now\thier",
            b"\1" + text + CUT + b"x",
        ]

    def run(self, case: bytes) -> None:
        from nmt.text.demands import Demands
        from nmt.text.lines import decode_lines
        from nmt.text.requests import json_requests

        flags, data = flagged(case)
        if flags % 2 == 0:
            Path("x").write_bytes(data)
            with open("x", "rb") as stream:
                found = list(json_requests(decode_lines(stream), Demands()))
            check(len(found) == len(lines_of(data)), "as many requests as lines")
            for request in found:
                (request.text + request.demands.prefix + "".join(map(str, request.demands.require))).encode()
            return
        text, terms = parts(data, 2)
        Path("terms").write_bytes(terms)
        for line in text.decode("utf-8", "replace").split("\n"):
            self._marked(line)

    def _marked(self, line: str) -> None:
        import numpy as np

        from nmt.text.cleaning import tidy
        from nmt.text.protected import as_often, find_protected, nothing_else
        from nmt.text.tags import put_tags, take_tags
        from nmt.text.terms import Finder, read_glossary, read_kept

        text, nodes, _ = take_tags(line)
        words = text.split(" ") if text else []
        for order in (list(range(len(words))), list(reversed(range(len(words)))), [0] * bool(words)):
            back = put_tags(nodes, [words[i] for i in order], np.eye(len(words))[order])
            flat = "".join(node.flat() for node in nodes)
            check(all(back.count(mark) >= flat.count(mark) for mark in ("<b>", "</b>", "<br/>")), (line, back))
        plain = tidy(line)
        kept = find_protected(plain)
        spans = [*as_often(plain, kept), *Finder(read_kept(Path("terms"))).find(plain, kept)]
        spans += Finder(read_glossary(Path("terms"))).find(plain, kept)
        check(all(0 <= span.start < span.end <= len(plain) and all(span.forms) for span in spans), (plain, spans))
        nothing_else(plain, spans)


class Links(Target):
    """Word alignments: `nmt score --gold`, and those that a corpus brings."""

    tokens = (b"0-0", b"1?2", b"999999-0", b"1-1 2-2", b"-", b"?", "١-١".encode())

    def seeds(self) -> list[bytes]:
        return [b"0-0 1-2\n\n3-1" + CUT + b"0-0 1?2\n0-0\n3-1", b"999999-999999" + CUT + b"1-1"]

    def run(self, case: bytes) -> None:
        import numpy as np

        from nmt.errors import NmtError
        from nmt.evaluation.alignment import alignment_error, check_range, parse_gold, parse_pharaoh, pharaoh
        from nmt.text.words import piece_links

        made, right = ([line.decode("utf-8", "replace") for line in lines_of(side)] for side in parts(case, 2))
        for line in made:
            try:
                places = piece_links(line, "x:1", np.array([0, 0, 1, 2]), np.array([0, 1, 1]))
                check(all(0 <= place < 4 for place in places) and len(places) % 2 == 0, places)
            except NmtError:
                pass
        links = [parse_pharaoh(line, f"x:{n}") for n, line in enumerate(made, start=1)]
        check(all(parse_pharaoh(pharaoh(some), "y") == some for some in links), links)
        gold = [parse_gold(line, f"y:{n}") for n, line in enumerate(right, start=1)]
        for some in links:
            check_range(some, 1_000_000, 1_000_000, "x:1")
        quality = alignment_error(links, gold)
        check(0 <= quality.error <= 1 and 0 <= quality.recall <= 1 and 0 <= quality.precision <= 1, quality)


class Doctor(Target):
    """`nmt check --fix`: whatever the corpus, both sides of what is written have as many lines."""

    longest = 1024
    tokens = (CUT, b"&amp;", b"&#0;", b"&lt;b&gt;", "Ã¼".encode(), "â€™".encode(), b"12 345", b"\xc2\xad", b"?" * 9)

    def seeds(self) -> list[bytes]:
        left = "one 1\ntwo &amp; 2\nthrÃ©e\n\nfour\none 1\n".encode() + b"bad \xff\n"
        right = b"eins 1\nzwei &amp; 3\ntrois\nx\nfour\neins 1\nschlecht\n"
        return [b"\0" + left + CUT + right, b"\1" + b'{"en": "one\\n", "de": "eins \\ud800"}\n' * 2]

    def run(self, case: bytes) -> None:
        from nmt.commands import check as command
        from nmt.text.cleaning import tidy

        flags, data = flagged(case)
        names = ["x.jsonl"] if flags % 2 else ["x.en", "x.de"]
        for name, content in zip(names, parts(data, len(names)), strict=True):
            Path(name).write_bytes(content)
        for path in Path.cwd().glob("out.*"):
            path.unlink()
        out = Path("page")
        with out.open("wb") as page:
            _with_output(page, partial(command.run, ["x.jsonl" if flags % 2 else "x"], "en", "de", None, None, 2,
                                       bool(flags & 2), Path("out"), False))  # fmt: skip
        sides = [lines_of(Path(f"out.{language}").read_bytes()) for language in ("en", "de")]
        check(len(sides[0]) == len(sides[1]), "shifted")
        check(all(tidy(line.decode()).strip() for side in sides for line in side), "a blank line")
        page_text = out.read_bytes().decode()
        check(not any(character in page_text for character in "\x1b\0\r\u2028\u202e"), page_text)


def _with_output(stream: object, call: object) -> None:
    """Call something that writes to standard output; what goes to standard error is looked at for line ends only."""
    from tests.soak.targets_models import redirected

    with redirected(stream):
        call()  # type: ignore[operator]


TARGETS = {f"reader:{kind}": partial(Corpus, kind) for kind in READERS if kind not in ("hf", "stdin")} | {
    "lines": Lines,
    "settings": Settings,
    "requests": Requests,
    "links": Links,
    "doctor": Doctor,
    "scores": Scores,
    "tokenizer": TokenizerFile,
    "folder": Folder,
    "stream": Stream,
    "search": Search,
}
"""Name -> target. (`hf:` hands files to the `datasets` library, which takes a second each.)"""
