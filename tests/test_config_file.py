import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.config import resolve
from nmt.config_file import config_text, read_config, read_resolved
from nmt.errors import ConfigError
from nmt.settings import SECTIONS, Config

FIELDS = [(name, key) for name, kind in SECTIONS.items() for key in dataclasses.fields(kind)]


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_written_config_shows_each_help_and_reads_back(tmp_path: Path) -> None:
    config = resolve("tiny", ["training.lr=1e-7", "data.source=zh-Hant", 'data.target="a\\"#b"']).config
    text = config_text(config)
    for name, key in FIELDS:
        assert f"[{name}]" in text and any(
            line.startswith(f"{key.name} = ") and line.endswith(f"# {key.metadata['help']}")
            for line in text.split("\n")
        )
    assert read_config(Path(write(tmp_path / "config.toml", text))) == config


numbers = st.floats(1e-9, 10, allow_nan=False)


@settings(max_examples=30, deadline=None)
@given(
    lr=numbers,
    seed=st.integers(0, 2**40),
    joint=st.booleans(),
    source=st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
def test_whatever_is_set_survives_writing_and_reading(
    tmp_path_factory: pytest.TempPathFactory, lr: float, seed: int, joint: bool, source: str
) -> None:
    config = dataclasses.replace(
        Config(),
        training=dataclasses.replace(Config().training, lr=lr, seed=seed),
        tokenizer=dataclasses.replace(Config().tokenizer, joint=joint),
        data=dataclasses.replace(Config().data, source=source),
    )
    path = tmp_path_factory.mktemp("config") / "config.toml"
    path.write_bytes(config_text(config).encode())
    assert read_config(path) == config


def test_where_each_value_came_from_is_written_and_read(tmp_path: Path) -> None:
    made = resolve("tiny", ["training.lr=1e-7", 'data.source="a\\"b"', "search.beam=5"])
    path = Path(write(tmp_path / "config.toml", config_text(made.config, made.origin)))
    found = read_resolved(path)
    assert found.config == made.config and found.origin == made.origin
    assert found.origin["tokenizer.size"] == "preset tiny" and found.origin["training.seed"] == "default"
    assert resolve(str(path)).config == made.config
    assert resolve(str(path)).origin["training.lr"] == str(path)


def test_defaults_alone_are_known_as_such(tmp_path: Path) -> None:
    path = Path(write(tmp_path / "config.toml", config_text(Config(), resolve().origin)))
    assert set(read_resolved(path).origin.values()) == {"default"}


def test_a_value_that_is_no_default_any_more_comes_from_the_file(tmp_path: Path) -> None:
    text = config_text(Config(), resolve().origin).replace("seed = 1 ", "seed = 7 ")
    path = Path(write(tmp_path / "config.toml", text))
    assert read_resolved(path).origin["training.seed"] == str(path)
    assert read_resolved(path).origin["training.epochs"] == "default"


def test_an_older_file_is_the_origin_of_all_it_says(tmp_path: Path) -> None:
    path = Path(write(tmp_path / "config.toml", config_text(Config())))
    assert set(read_resolved(path).origin.values()) == {str(path)}


@pytest.mark.parametrize("table", ["origin = 3", "origin = {x = 3}"])
def test_a_damaged_record_of_origins_is_named(tmp_path: Path, table: str) -> None:
    path = write(tmp_path / "config.toml", f"{table}\n")
    with pytest.raises(ConfigError, match=r"\[origin\] must hold text for each setting\. Mend or remove it\."):
        read_config(Path(path))


def test_an_origin_no_file_can_hold_is_written_all_the_same(tmp_path: Path) -> None:
    text = config_text(Config(), {"search.beam": "caf\udce9.toml"})
    assert read_resolved(Path(write(tmp_path / "config.toml", text))).origin["search.beam"] == "caf?.toml"
