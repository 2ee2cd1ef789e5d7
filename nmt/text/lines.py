"""Bytes to lines and back: one line in, one line out, whatever the locale and whatever the bytes.

Only `\\n` ends a line, and one `\\r` before it is dropped. U+2028, U+0085, a form feed and a lone `\\r` are
characters, so nothing here may use text mode or `str.splitlines`. A last line without `\\n` counts.
"""

import bz2
import codecs
import gzip
import io
import lzma
import os
import re
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from nmt.errors import DataError

CHUNK = 2**16  # bytes read together
LONGEST = 2**26
"""Bytes of a line, that a file without line ends does not fill the memory: 600 times a line of 100,000 characters."""

_DAMAGED = (gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
UTF_16 = "UTF-16, not UTF-8. Save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8."
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Zstandard(io.RawIOBase):
    """The bytes of a .zst file; unlike the library's own reader, it notices that a file was cut short."""

    def __init__(self, path: Path) -> None:
        try:
            import zstandard
        except ImportError:
            raise DataError(
                f"{path}: needs the zstandard library. Run `pip install zstandard`, or unpack the file."
            ) from None
        self._start: Callable[[], Any] = zstandard.ZstdDecompressor().decompressobj
        self._error: type[Exception] = zstandard.ZstdError
        self._file, self._frame = path.open("rb"), self._start()
        self._ready, self._began = memoryview(b""), False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            while not self._ready:
                packed = self._frame.unused_data if self._frame.eof else b""
                packed = packed or self._file.read(io.DEFAULT_BUFFER_SIZE)
                if not packed:
                    if self._began and not self._frame.eof:
                        raise EOFError
                    return 0
                if self._frame.eof or not self._began:  # a file may hold several frames, one after another
                    self._frame, self._began = self._start(), True
                self._ready = memoryview(self._frame.decompress(packed))
        except self._error:
            raise EOFError from None
        count = min(len(buffer), len(self._ready))
        buffer[:count], self._ready = self._ready[:count], self._ready[count:]
        return count

    def close(self) -> None:
        if not self.closed and hasattr(self, "_file"):
            self._file.close()
        super().close()


def _open_zstandard(path: Path, mode: str) -> object:
    return io.BufferedReader(_Zstandard(path))


COMPRESSED: dict[str, Callable[..., object]] = {
    ".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open, ".zst": _open_zstandard
}  # fmt: skip
"""Ending of a file name -> how to open it."""


def open_binary(path: Path) -> BinaryIO:
    """Open a file for reading bytes; `.gz`, `.bz2`, `.xz` and `.zst` are unpacked on the way.

    Raises:
        DataError: there is no such file, it is a folder, it may not be read, or what unpacks it is not installed.
    """
    try:
        return cast(BinaryIO, COMPRESSED.get(path.suffix.lower(), open)(path, "rb"))
    except FileNotFoundError:
        raise DataError(f"{path}: no such file. Check the path.") from None
    except OSError as error:
        if path.is_dir():
            raise DataError(f"{path}: is a folder. Give a file.") from None
        raise DataError(f"{path}: {error.strerror}. Check the path and its permissions.") from None


def read_lines(path: Path, lenient: bool = False) -> Iterator[str]:
    """Yield the lines of a UTF-8 file, streaming; a byte order mark at its start is dropped.

    Where `lenient`, a byte 0x80 to 0xff that is not UTF-8 becomes a surrogate U+DC80 to U+DCFF.

    Raises:
        DataError: the file cannot be opened, is damaged, or holds a line that is not UTF-8.
    """
    with _undamaged(path) as stream:
        yield from split_lines(stream, str(path), lenient)


def split_lines(stream: BinaryIO, name: str, lenient: bool = False) -> Iterator[str]:
    """The lines of a stream of UTF-8, as `read_lines` those of a file; a complaint calls it `name`.

    Raises:
        DataError: a line is not UTF-8.
    """
    if lenient:
        yield from (raw.decode("utf-8", "surrogateescape") for raw in _raw_lines(stream, name))
        return
    for number, raw in enumerate(_raw_lines(stream, name), start=1):
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            if number == 1 and raw.startswith(_UTF_16):
                raise DataError(f"{name}:1: {UTF_16}") from None
            column = len(raw[: error.start].decode("utf-8")) + 1
            raise DataError(
                f"{name}:{number}: not UTF-8 (byte 0x{raw[error.start]:02x} at column {column}). "
                "Convert the file, for example with iconv -f CP1252 -t UTF-8, or remove the line."
            ) from None
        yield line


def read_raw_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file as bytes without their ends; a UTF-8 byte order mark at its start is dropped.

    Raises:
        DataError: the file cannot be opened or is damaged, or a line is longer than LONGEST.
    """
    with _undamaged(path) as stream:
        yield from _raw_lines(stream, str(path))


def read_chunks(path: Path, size: int = CHUNK) -> Iterator[bytes]:
    """Yield the bytes of a file, unpacked, `size` at a time.

    Raises:
        DataError: the file cannot be opened or is damaged.
    """
    with _undamaged(path) as stream:
        yield from iter(lambda: stream.read(size), b"")


def read_many(path: Path, count: int) -> Iterator[bytes]:
    """Yield the lines that `read_raw_lines` yields, `count` at a time, each with a `\\n` behind it.

    Ten times as fast, for what only hands them on; raises the same.
    """
    with _undamaged(path) as stream:
        mark = codecs.BOM_UTF8
        while many := b"".join(islice(stream, count)):
            many = many.removeprefix(mark).replace(b"\r\n", b"\n")
            mark = b""
            if many:
                yield many if many.endswith(b"\n") else many + b"\n"


@contextmanager
def _undamaged(path: Path) -> Iterator[BinaryIO]:
    """A file that is open for reading bytes; says so if it is damaged."""
    with open_binary(path) as stream:
        try:
            yield stream
        except MemoryError:
            raise DataError(
                f"{path}: to unpack it takes more memory than there is. Unpack it by other means."
            ) from None
        except (*_DAMAGED, OSError) as error:
            what = "damaged or cut short" if path.suffix.lower() in COMPRESSED else str(error)
            raise DataError(f"{path}: cannot be read: {what}. Fetch or write the file again.") from None


def decode_lines(stream: BinaryIO, note: Callable[[str], None] = lambda text: None) -> Iterator[str]:
    """Yield each line of a stream as soon as it is complete; bytes that are not UTF-8 become U+FFFD.

    A byte order mark at the start is dropped. `note` is told of the first line with such bytes, and of no other.

    Raises:
        DataError: a line is longer than LONGEST.
    """
    told = False
    for number, raw in enumerate(_raw_lines(stream, "standard input"), start=1):
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw.decode("utf-8", "replace")
            if not told:
                where = f"line {number}: not UTF-8 (byte 0x{raw[error.start]:02x}); read on with U+FFFD for such bytes"
                utf_16 = number == 1 and raw.startswith(_UTF_16)
                note(f"line 1: {UTF_16}" if utf_16 else f"{where}. Is it CP1252? iconv -f CP1252 -t UTF-8")
                told = True
        yield line


def standard_input() -> BinaryIO:
    """Standard input as a stream of its own: a thread may wait on it while the program ends or closes `sys.stdin`.

    Raises:
        DataError: it is closed, or is the file that standard output is written to.
    """
    if sys.stdin is None:
        raise DataError("Standard input is closed. Give it text, e.g. < text.en, or leave it open.")
    try:
        number = sys.stdin.fileno()
        if written_to(number):
            raise DataError(
                "Standard input is the file that standard output goes to; a single > has emptied it before it could "
                "be read. Write to another file."
            )
        return open(os.dup(number), "rb")  # its own number: another file may get that one, and would be read on
    except io.UnsupportedOperation:  # a program that calls us has put a stream of its own there
        return cast(BinaryIO, sys.stdin.buffer)


def written_to(file: int | Path) -> bool:
    """Whether an open file (by its number) or one on the disk is that which standard output is written to."""
    with suppress(OSError):
        mine, out = os.stat(file), os.fstat(1)
        return stat.S_ISREG(out.st_mode) and os.path.samestat(mine, out)
    return False


def standard_output() -> BinaryIO:
    """Standard output as a stream of bytes.

    Raises:
        DataError: it is closed.
    """
    if sys.stdout is None:
        raise DataError("Standard output is closed. Send it to a file or a program, or leave it open.")
    return cast(BinaryIO, sys.stdout.buffer)


def write_line(stream: BinaryIO, text: str) -> None:
    """Write exactly one line of UTF-8: line ends inside `text` become spaces. Flushing is the caller's."""
    text = text.replace("\n", " ").replace("\r", " ")
    stream.write(replace_surrogates(text).encode("utf-8") + b"\n")


def replace_surrogates(text: str) -> str:
    """Replace surrogates, which JSON can spell but UTF-8 cannot, by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def _raw_lines(stream: BinaryIO, name: str) -> Iterator[bytes]:
    mark = codecs.BOM_UTF8
    read = partial(stream.readline, LONGEST + 1)  # iterating over the stream itself would read ahead
    for number, raw in enumerate(iter(read, b""), start=1):
        if len(raw) > LONGEST:
            raise DataError(f"{name}:{number}: a line of more than {LONGEST:,} bytes. Is this a text with line ends?")
        raw = raw.removeprefix(mark)
        mark = b""
        if raw.endswith(b"\n"):
            yield raw[:-1].removesuffix(b"\r")
        elif raw:
            yield raw
