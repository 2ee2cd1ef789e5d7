import bz2
import codecs
import gzip
import io
import lzma
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import DataError
from nmt.text import lines as module
from nmt.text.lines import decode_lines, open_binary, read_lines, standard_input, write_line

HERE = {**os.environ, "PYTHONPATH": str(Path(module.__file__).parents[2])}  # another folder finds this nmt too


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\ntwo", ["one", "two"]),
        (b"one\r\ntwo\r\n", ["one", "two"]),
        (b"one\r\r\n", ["one\r"]),
        (b"one\rtwo\n", ["one\rtwo"]),
        (b"one\r", ["one\r"]),
        ("a\u2028b\u0085c\x0cd\x00e\n".encode(), ["a\u2028b\u0085c\x0cd\x00e"]),
        (b"\xef\xbb\xbfone\n\xef\xbb\xbftwo\n", ["one", "\ufefftwo"]),
        (b"\xef\xbb\xbf", []),
    ],
)
def test_only_newline_ends_a_line(tmp_path: Path, data: bytes, lines: list[str]) -> None:
    assert list(read_lines(write(tmp_path / "x", data))) == lines
    assert list(decode_lines(io.BytesIO(data))) == lines


@pytest.mark.parametrize(
    ("ending", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".GZ", gzip.compress),
                        (".zst", lambda data: zstd(data))]
)  # fmt: skip
def test_compressed_files_are_unpacked(tmp_path: Path, ending: str, pack: object) -> None:
    path = write(tmp_path / f"x{ending}", pack("grün\nblau\n".encode()))  # type: ignore[operator]
    assert list(read_lines(path)) == ["grün", "blau"]


def zstd(data: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard")
    half = len(data) // 2
    packer = zstandard.ZstdCompressor(write_checksum=True)
    return packer.compress(data[:half]) + packer.compress(data[half:])  # several frames are one file


@pytest.mark.parametrize("size", [0, 1, 1000, 1_000_000])
def test_zst_files_of_any_size_are_unpacked(tmp_path: Path, size: int) -> None:
    data = os.urandom(size) + b"x" * size
    with open_binary(write(tmp_path / "x.zst", zstd(data))) as stream:
        assert stream.read() == data


def test_without_its_library_a_zst_file_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(
        DataError, match=r"x\.zst: needs the zstandard library\. Run `pip install zstandard`, or unpack"
    ):
        list(read_lines(write(tmp_path / "x.zst", b"")))


@pytest.mark.parametrize(
    ("ending", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", zstd)]
)
def test_damaged_files_are_named(tmp_path: Path, ending: str, pack: object) -> None:
    whole = pack(os.urandom(5000))  # type: ignore[operator]
    for data in (b"no archive at all", whole[:-700], whole[:900] + b"\xff\x00" * 50 + whole[1000:]):
        path = write(tmp_path / f"x{ending}", data)
        with pytest.raises(DataError, match=r"damaged or cut short\. Fetch") as error:
            list(open_and_drain(path))
        assert str(error.value).startswith(str(path))


def open_and_drain(path: Path) -> list[bytes]:
    from nmt.text.lines import read_raw_lines

    return list(read_raw_lines(path))


def test_bad_utf8_is_refused_in_a_file_and_replaced_in_a_stream(tmp_path: Path) -> None:
    data = "gut\nschön ".encode() + b"\xe9t\xe9\n" + b"end\n"
    path = write(tmp_path / "x.de", data)
    lines = read_lines(path)
    assert next(lines) == "gut"
    with pytest.raises(DataError) as error:
        next(lines)
    assert str(error.value) == (
        f"{path}:2: not UTF-8 (byte 0xe9 at column 7). Convert the file, for example with "
        "iconv -f CP1252 -t UTF-8, or remove the line."
    )
    assert list(decode_lines(io.BytesIO(data))) == ["gut", "schön \ufffdt\ufffd", "end"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("gut\r\nschön\n".encode(), []),
        ("gut\nTür\nTor\nGlück\n".encode("cp1252"), ["line 2: not UTF-8 (byte 0xfc)"]),
        ("eins\nzwei\n".encode("utf-16-le"), []),  # no mark: NULs, which are characters
        (codecs.BOM_UTF16_LE + "Tür\nGlück\n".encode("utf-16-le"), ["line 1: UTF-16, not UTF-8."]),
        (codecs.BOM_UTF16_BE + "Tür\nGlück\n".encode("utf-16-be"), ["line 1: UTF-16, not UTF-8."]),
    ],
)
def test_another_encoding_is_told_of_once_and_changes_nothing(data: bytes, told: list[str]) -> None:
    notes: list[str] = []
    lines = list(decode_lines(io.BytesIO(data), notes.append))
    assert lines == list(decode_lines(io.BytesIO(data)))
    assert len(notes) == len(told) and all(note.startswith(begin) for note, begin in zip(notes, told, strict=True))


def test_a_file_in_utf_16_is_called_so(tmp_path: Path) -> None:
    path = write(tmp_path / "x.de", "eins\n".encode("utf-16"))
    with pytest.raises(DataError, match=r"x.de:1: UTF-16, not UTF-8. .* iconv -f UTF-16 -t UTF-8"):
        list(read_lines(path))


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell's redirections")
@pytest.mark.parametrize(
    ("redirected", "refused"),
    [("< text > text", True), ("< text >> text", True), ("< text > other", False), ("< text", False),
     ("< /dev/null > /dev/null", False), ("< text >> linked", True)],
)  # fmt: skip
def test_what_is_written_to_the_file_it_comes_from_is_refused(tmp_path: Path, redirected: str, refused: bool) -> None:
    write(tmp_path / "text", b"one\n")
    (tmp_path / "linked").symlink_to("text")
    program = "from nmt.text.lines import standard_input as s; s()"
    command = f"exec '{sys.executable}' -c '{program}' {redirected}"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=HERE, capture_output=True, timeout=120, check=False)
    assert (b"Standard input is the file that standard output goes to" in done.stderr) == refused
    assert (done.returncode != 0) == refused


def test_standard_input_goes_on_when_another_file_gets_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, other = write(tmp_path / "here", b"one\ntwo\n"), write(tmp_path / "other", b"three\n")
    with here.open("rb") as given:
        number = given.fileno()
        monkeypatch.setattr("sys.stdin", given)
        stream = standard_input()
    with other.open("rb") as another, stream:
        assert another.fileno() == number
        assert stream.read() == b"one\ntwo\n"
        assert another.read() == b"three\n"


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nix: no such file"):
        open_binary(tmp_path / "nix")
    with pytest.raises(DataError, match="is a folder"):
        open_binary(tmp_path)
    (tmp_path / "folder.gz").mkdir()
    with pytest.raises(DataError, match="is a folder"):
        list(read_lines(tmp_path / "folder.gz"))


@pytest.mark.skipif(os.name == "nt", reason="permissions of files are a POSIX matter")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "secret", b"x")
    path.chmod(0)
    if os.access(path, os.R_OK):  # root may read everything
        monkeypatch.setattr("builtins.open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(DataError, match="Permission denied"):
        open_binary(path)


def test_a_line_is_answered_before_the_next_is_written() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as stream, open(writing, "wb", buffering=0) as pen:
        lines = decode_lines(stream)
        for text in ("eins", "zwei"):
            pen.write(text.encode() + b"\n")
            assert next(lines) == text


def test_one_text_is_one_line_whatever_it_holds() -> None:
    stream = io.BytesIO()
    write_line(stream, "a\nb\r\nc\ud800d\u2028e")
    assert stream.getvalue() == "a b  c\ufffdd\u2028e\n".encode()


any_text = st.text(st.characters(exclude_categories=()), max_size=20)


@given(st.lists(any_text, max_size=5))
def test_as_many_lines_come_back_as_were_written(texts: list[str]) -> None:
    stream = io.BytesIO()
    for text in texts:
        write_line(stream, "x" + text)  # a byte order mark at the very start would be dropped
    stream.seek(0)
    read = list(decode_lines(stream))
    assert len(read) == len(texts)
    for text, line in zip(texts, read, strict=True):
        if not any(c in "\r\n" or "\ud800" <= c <= "\udfff" for c in text):
            assert line == "x" + text


@given(st.binary(max_size=60))
def test_any_bytes_give_as_many_lines_as_newlines(data: bytes) -> None:
    data = data.removeprefix(b"\xef\xbb\xbf")
    assert len(list(decode_lines(io.BytesIO(data)))) == data.count(b"\n") + (data != b"" and not data.endswith(b"\n"))


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_line_that_never_ends_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(module, "LONGEST", 1000)
    pack = gzip.compress if ending else bytes
    path = write(tmp_path / f"x{ending}", pack(b"a\n" + b"b" * 1000 + b"\n" + b"c" * 2000))
    read = read_lines(path)
    assert next(read) == "a"
    with pytest.raises(DataError, match=r"x.*:2: a line of more than 1,000 bytes\. Is this a text with line ends\?"):
        next(read)
    stream = decode_lines(io.BytesIO(b"\xef\xbb\xbfa\n" + b"b" * 998 + b"\r\n" + b"c" * 1001))
    assert [next(stream), len(next(stream))] == ["a", 998]
    with pytest.raises(DataError, match=r"^standard input:3: a line of more than 1,000 bytes"):
        next(stream)


def test_what_takes_too_much_memory_to_unpack_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            raise MemoryError

    monkeypatch.setitem(module.COMPRESSED, ".xz", lambda path, mode: Full())
    with pytest.raises(DataError, match=r"x\.xz: to unpack it takes more memory than there is"):
        list(read_lines(tmp_path / "x.xz"))
