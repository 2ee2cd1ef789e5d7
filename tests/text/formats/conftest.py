"""Files in a folder of their own, and what is read from them."""

import gzip
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nmt.errors import DataError
from nmt.text.readers import read_corpus

ENGLISH = ["The kettle sings.", "", "Rain again!"]
GERMAN = ["Der Kessel singt.", "Leer.", ""]
Sides = list[tuple[str, str | None]]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def write() -> Callable[[str, str | bytes], None]:
    """Write a file, packed if its name says so."""

    def write(name: str, text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        Path(name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)

    return write


@pytest.fixture(scope="session")
def write_lines(write: Callable[[str, str], None]) -> Callable[[str, list[str]], None]:
    """Write a file of lines."""
    return lambda name, lines: write(name, "".join(f"{line}\n" for line in lines))


@pytest.fixture(scope="session")
def make_prefix(write_lines: Callable[[str, list[str]], None]) -> Callable[[], str]:
    """Write three pairs, two of which have a blank side, as train.en and train.de."""

    def make() -> str:
        write_lines("train.en", ENGLISH)
        write_lines("train.de", GERMAN)
        return "train"

    return make


@pytest.fixture(scope="session")
def sides() -> Callable[..., Sides]:
    """The pairs behind a corpus word."""

    def sides(corpus: str, source: str = "en", target: str = "de") -> Sides:
        return [(pair.source, pair.target) for pair in read_corpus(corpus, source, target)]

    return sides


@pytest.fixture(scope="session")
def skipped() -> Callable[..., list[str]]:
    """What is skipped of a corpus word, as "reason where"."""

    def skipped(corpus: str, source: str = "en", target: str = "de") -> list[str]:
        found: list[str] = []
        list(read_corpus(corpus, source, target, skip=lambda reason, origin: found.append(f"{reason} {origin}")))
        return found

    return skipped


@pytest.fixture(scope="session")
def complaint() -> Callable[..., str]:
    """The one line in which a corpus word is refused."""

    def complaint(corpus: str, source: str = "en", target: str = "de") -> str:
        with pytest.raises(DataError) as error:
            list(read_corpus(corpus, source, target))
        assert "\n" not in str(error.value)
        return str(error.value)

    return complaint


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The `datasets` library without network, with a cache of its own."""
    if importlib.util.find_spec("datasets") is None:
        pytest.skip("datasets is not installed")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets
    import huggingface_hub

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    yield
