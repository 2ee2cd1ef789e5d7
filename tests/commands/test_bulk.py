"""Files in shards through the command line: what `nmt translate` writes, gone on with after kills, here and on Ray."""

import gzip
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HOSTILE = [
    b"\xef\xbb\xbfThe dog sees the cat.\r", b"", b"  ", b"\xef\xbb\xbfThe fish.", b"one\xe2\x80\xa8two\x0c",
    b"bad \xff\xfe byte", b"nul\x00inside", b"x" * 3000, b"a\rb", b"The boy likes it.", b"last line, no newline\r",
]  # fmt: skip


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.en"
    path.write_bytes(b"\n".join(HOSTILE))
    return path


@pytest.mark.parametrize("size", [1, 4, 5000])
def test_it_writes_what_translate_writes(nmt, trained: Path, text: Path, tmp_path: Path, size: int) -> None:
    words = ["--beam", 2, "--length-penalty", 0.5, "--set", "search.max_extra=3"]
    wanted = nmt("translate", trained, *words[:2], "--length-penalty", 0.5, *words[4:], stdin=text.read_bytes()).stdout
    done = nmt("bulk", trained, text, "--out", tmp_path / "out", "--shard-lines", size, *words)
    assert done.returncode == 0 and done.stdout == b"", done.stderr
    assert (tmp_path / "out" / "translation.txt").read_bytes() == wanted and wanted.count(b"\n") == len(HOSTILE)
    assert b"text.en: line 8: 3000 characters, split in" in done.stderr
    again = nmt("bulk", trained, text, "--out", tmp_path / "out", "--shard-lines", size, *words)
    assert again.returncode == 0 and b"is there already, with its 11 lines" in again.stderr


def test_several_files_follow_one_another(nmt, trained: Path, text: Path, tmp_path: Path) -> None:
    packed = tmp_path / "more.en.gz"
    packed.write_bytes(gzip.compress(b"The fish hears the man.\nThe cat."))
    out = tmp_path / "out"
    words = ["bulk", trained, text, packed, "--out", out, "--shard-lines", 3]
    done = nmt(*words, "--no-join")
    assert done.returncode == 0, done.stderr
    shards = sorted((out / "shards").iterdir())
    assert [path.name for path in shards] == [f"0000000{i}.txt" for i in range(5)]
    assert [path.read_bytes().count(b"\n") for path in shards] == [3, 3, 3, 2, 2] and not list(out.glob("*.txt"))
    kept = b"".join(path.read_bytes() for path in shards)
    alone = [
        nmt("translate", trained, stdin=data).stdout
        for data in (text.read_bytes(), b"The fish hears the man.\nThe cat.")
    ]
    assert kept == b"".join(alone)
    shards[2].unlink()
    done = nmt(*words)
    assert b"13 lines in 5 shards, of which 1 are to be translated." in done.stderr
    assert (out / "translation.txt").read_bytes() == kept and not (out / "shards").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_after_ctrl_c_or_a_kill_the_same_command_goes_on(
    nmt, trained: Path, corpus: Path, tmp_path: Path, how: signal.Signals
) -> None:
    source = corpus.with_suffix(".en")
    words = ["bulk", str(trained), str(source), "--out", str(tmp_path / "out"), "--shard-lines", "1", "--threads", "1"]
    with subprocess.Popen([sys.executable, "-m", "nmt", *words], stderr=subprocess.PIPE) as process:
        assert process.stderr
        while not list(tmp_path.glob("out/shards/*.txt")):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(how)
        assert process.wait(timeout=60) == (130 if how == signal.SIGINT else -how)
        said = process.stderr.read().decode().splitlines()  # no traceback
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("out/shards/[0-9]*.txt")}
    assert 0 < len(kept) < 144
    assert len(said) == 1 + (how == signal.SIGINT)
    if how == signal.SIGINT:
        assert said[1] == f"nmt: Stopped; {len(kept)} of 144 shards are kept. The same command goes on from there."
    done = nmt(*words, "--no-join")
    assert f"144 shards, of which {144 - len(kept)} are to be translated.".encode() in done.stderr
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert nmt(*words).returncode == 0
    wanted = nmt("translate", trained, stdin=source.read_bytes()).stdout
    assert (tmp_path / "out" / "translation.txt").read_bytes() == wanted


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["MODEL", "TEXT"], b"Missing option '--out'"),
        (["MODEL", "nowhere", "--out", "OUT"], b"nowhere: no such file"),
        (["MODEL", "OUT/..", "--out", "OUT"], b"is a folder. Give a file"),
        (["nowhere", "TEXT", "--out", "OUT"], b"nowhere: no such folder"),
        (["TEXT", "TEXT", "--out", "OUT"], b"a file, no model folder"),
        (["MODEL", "TEXT", "--out", "MODEL"], b"exists, and no job began there"),
        (["MODEL", "TEXT", "--out", "TEXT"], b"exists, and no job began there"),
        (["MODEL", "TEXT", "--out", "OUT", "--engine", "rya"], b"Unknown engine 'rya'. Did you mean 'ray'?"),
        (["MODEL", "TEXT", "--out", "OUT", "--workers", "2"], b"--workers is for --engine ray"),
        (["MODEL", "TEXT", "--out", "OUT", "--gpus", "1"], b"--gpus is for --engine ray"),
        (["MODEL", "TEXT", "--out", "OUT", "--precision", "int4"], b"--precision int4 is unknown"),
        (["MODEL", "TEXT", "--out", "OUT", "--set", "training.lr=1"], b"has only its search to set"),
        (["MODEL", "TEXT", "--out", "OUT", "--set", "search.strategy=bean"], b"Did you mean 'beam'"),
    ],
)
def test_mistakes_get_one_line(nmt, trained: Path, text: Path, tmp_path: Path, words: list[str], says: bytes) -> None:
    places = {"MODEL": trained, "TEXT": text, "OUT": tmp_path / "out", "OUT/..": tmp_path}
    refused = nmt("bulk", *[places.get(word, word) for word in words])
    assert refused.returncode == 2 and says in refused.stderr
    assert refused.stderr.count(b"\n") <= 2 and b"Traceback" not in refused.stderr


def test_another_job_is_refused(nmt, trained: Path, text: Path, tmp_path: Path) -> None:
    words = ["bulk", trained, text, "--out", tmp_path / "out"]
    assert nmt(*words, "--beam", 2).returncode == 0
    for more, says in (
        (["--beam", 3], b"a job with search.beam=2 began here"),
        (["--beam", 2, "--precision", "bf16"], b"a job with precision=fp32 began here"),
        (["--beam", 2, "--shard-lines", 7], b"a job with shard-lines=5000 began here"),
    ):
        refused = nmt(*words, *more)
        assert refused.returncode == 2 and says in refused.stderr and refused.stderr.count(b"\n") == 1
    text.write_bytes(b"Something else.\n")
    assert b"a job with other input began here" in nmt(*words, "--beam", 2).stderr


def test_without_ray_it_says_what_to_install(trained: Path, text: Path, tmp_path: Path) -> None:
    code = "import sys; sys.modules['ray'] = None; from nmt.commands import main; sys.argv[0] = 'nmt'; main()"
    words = ["bulk", str(trained), str(text), "--out", str(tmp_path / "out"), "--engine", "ray"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 2 and b"needs Ray. Run `pip install ray`" in last, done.stderr
    assert not list(tmp_path.glob("out/shards/*"))


def test_its_help_shows_an_example(nmt) -> None:
    assert b"Example:\n" in nmt("bulk", "--help").stdout
