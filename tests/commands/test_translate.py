"""The line rules through the command line, and the formats."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HOSTILE = [
    b"The dog sees the cat.", b"", b"   ", b"The man finds the fish.\r", b"one\xe2\x80\xa8two\xc2\x85three\x0cfour",
    b"nul\x00inside", b"bad \xff\xfe byte", "dog 😀 👩‍👧".encode(), b"x" * 20_000, "مرحبا بالعالم".encode(),
    b"lone \xed\xa0\x80 surrogate", b"\\ud800", b"\t \r", "▁▁ low ▁".encode(), b"a\rb", "字".encode() * 300,
    b"last line, no newline",
]  # fmt: skip
BLANK = {1, 2, 12}


def test_one_line_out_for_every_line_in(nmt, trained: Path) -> None:
    done = nmt("translate", trained, stdin=b"\n".join(HOSTILE))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode("utf-8").split("\n")
    assert lines.pop() == "" and len(lines) == len(HOSTILE)
    assert {i for i, line in enumerate(lines) if not line} >= BLANK
    assert b"line 9:" in done.stderr and b"split in" in done.stderr
    alone = nmt("translate", trained, stdin=HOSTILE[0]).stdout.decode().rstrip("\n")
    assert lines[0] == alone


def test_the_batch_does_not_change_a_translation(nmt, trained: Path, corpus: Path) -> None:
    text = b"".join(corpus.with_suffix(".en").read_bytes().splitlines(keepends=True)[::5])
    first, *others = (nmt("translate", trained, "--batch", size, stdin=text).stdout for size in (1, 7, 64))
    assert first.count(b"\n") == text.count(b"\n") and others == [first, first]


def test_several_models_translate_together(nmt, trained: Path, train_words: list[object], tmp_path: Path) -> None:
    line = b"The dog sees the cat.\n"
    alone = json.loads(nmt("translate", trained, "--format", "jsonl", stdin=line).stdout)
    twice = json.loads(nmt("translate", trained, trained, "--format", "jsonl", stdin=line).stdout)
    assert twice["translation"] == alone["translation"] and "doubt" not in twice
    assert twice["nbest"][0]["score"] == pytest.approx(alone["nbest"][0]["score"], abs=2e-4)
    other = tmp_path / "other"
    assert nmt(*train_words, "--seed", 2, "--set", "training.epochs=1", "--out", other).returncode == 0
    done = nmt("translate", trained, other, "--precision", "bf16", stdin=line * 3)
    assert done.returncode == 0 and done.stdout.count(b"\n") == 3, done.stderr
    strange = tmp_path / "strange"
    words = ["--set", "training.epochs=1", "--set", "tokenizer.size=300"]
    assert nmt(*train_words, *words, "--out", strange).returncode == 0
    refused = nmt("translate", trained, strange, stdin=line)
    assert refused.returncode == 2 and refused.stderr.count(b"\n") == 1
    assert b"strange: its vocabulary is not that of" in refused.stderr
    text = tmp_path / "text.en"
    text.write_bytes(line)
    refused = nmt("translate", trained, text, stdin=line)
    assert refused.returncode == 2 and b"Text comes from standard input: `nmt translate DIR < FILE`." in refused.stderr


def test_a_person_who_types_is_answered_at_once(trained: Path) -> None:
    words = [sys.executable, "-m", "nmt", "translate", str(trained), "--threads", "1"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        for line in (b"The dog sees the cat.\n", b"\n", b"The boy likes the bird.\n"):
            process.stdin.write(line)
            process.stdin.flush()
            assert process.stdout.readline().endswith(b"\n")  # hangs, and times out, if it waits for more
        process.stdin.close()
    assert process.returncode == 0


def test_ctrl_c_while_waiting_for_a_line_ends_quietly(trained: Path) -> None:
    words = [sys.executable, "-m", "nmt", "translate", str(trained), "--threads", "1"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(b"The dog sees the cat.\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert process.stderr.read().strip() == b""


def test_a_reader_that_leaves_ends_it_quietly(trained: Path) -> None:
    words = [sys.executable, "-m", "nmt", "translate", str(trained), "--threads", "1", "--batch", "1"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        process.stdin.write(b"The dog sees the cat.\n")
        process.stdin.flush()
        assert process.wait(timeout=60) == -signal.SIGPIPE
        assert process.stderr.read() == b""


def test_formats(nmt, trained: Path) -> None:
    text = b"The dog sees the cat.\n\nThe man likes the fish.\n"
    plain = nmt("translate", trained, stdin=text).stdout.decode().split("\n")[:-1]
    records = [
        json.loads(line)
        for line in nmt("translate", trained, "--format", "jsonl", "--nbest", 3, stdin=text).stdout.split(b"\n")[:-1]
    ]
    assert [record["translation"] for record in records] == plain and plain[1] == ""
    scores = [option["score"] for option in records[0]["nbest"]]
    assert len(scores) == 3 and scores == sorted(scores, reverse=True) and records[1]["nbest"] == []
    links = nmt("translate", trained, "--format", "pharaoh", stdin=text).stdout.decode().split("\n")[:-1]
    assert len(links) == 3 and links[1] == ""
    assert [tuple(map(int, link.split("-"))) for link in links[0].split()] == [
        tuple(p) for p in records[0]["nbest"][0]["alignment"]
    ]
    three = nmt("translate", trained, "--nbest", 3, stdin=text).stdout.decode()
    assert three.count("\n") == 9 and three.split("\n")[:-1:3] == plain


@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_less_precision_answers_every_line_too(nmt, trained: Path, precision: str) -> None:
    text = b"The dog sees the cat.\n\nThe man likes the fish.\n"
    done = nmt("translate", trained, "--precision", precision, stdin=text)
    lines = done.stdout.decode().split("\n")
    assert done.returncode == 0 and done.stderr == b""
    assert [bool(line) for line in lines] == [True, False, True, False]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["translate", "nowhere"], b"nowhere: no such folder"),
        (["translate", "."], b"not a model folder"),
        (["translate", "MODEL", "--format", "txt"], b"Did you mean 'text'"),
        (["translate", "MODEL", "--nbest", "9"], b"search.nbest=9"),
        (["translate", "MODEL", "--precision", "int4"], b"--precision int4"),
        (["average", "MODEL/log.jsonl", "MODEL", "--out", "x"], b"log.jsonl: no checkpoint. Give a model folder"),
        (["average", "MODEL", "MODEL/model.safetensors", "--out", "x"], b"model.safetensors: is given twice"),
        (["average", "MODEL/training/state.safetensors", "--out", "x"], b"lies in no model folder"),
        (["average", "nowhere", "--out", "x"], b"nowhere: no such folder"),
        (["average", "MODEL", "--out", "x"], b"one set of weights has no average"),
        (["average", "MODEL", "nowhere", "--out", "x"], b"nowhere: no such folder"),
        (["info", "nowhere"], b"nowhere: no such folder"),
        (["config", "MODEL", "--set", "training.lr=1"], b"Leave out DIR, or --preset and --set"),
        (["config", "MODEL", "--pairs", "5"], b"Leave it out, or DIR and --preset"),
        (["config", "--preset", "tiny", "--pairs", "5"], b"Leave it out, or DIR and --preset"),
        (["config", "--preset", "tyni"], b"Did you mean 'tiny'"),
        (["translat"], b"No such command"),
    ],
)
def test_mistakes(nmt, trained: Path, words: list[str], says: bytes) -> None:
    refused = nmt(*[word.replace("MODEL", str(trained)) for word in words])
    assert refused.returncode == 2 and says in refused.stderr and b"Traceback" not in refused.stderr


def test_the_preset_for_a_number_of_pairs_is_shown_with_its_settings(nmt) -> None:
    few, more, many = (nmt("config", "--pairs", pairs, "--json") for pairs in (5000, 5001, 15001))
    assert few.stderr == b"A corpus of 5,000 pairs gets preset tiny.\n"
    assert more.stderr == b"A corpus of 5,001 pairs gets preset small.\n"
    assert many.stderr == b"A corpus of 15,001 pairs gets preset medium.\n"
    assert json.loads(few.stdout)["tokenizer.size"]["origin"] == "preset tiny"


@pytest.mark.parametrize(
    "command",
    [
        "train",
        "translate",
        "score",
        "attend",
        "average",
        "info",
        "config",
        "tokenize",
        "tokenize train",
        "tokenize encode",
        "tokenize decode",
    ],
)
def test_every_help_shows_an_example(nmt, command: str) -> None:
    assert b"Example:\n" in nmt(*command.split(), "--help").stdout
