import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.config import PRESET_BY_PAIRS, PRESETS, differences, preset_for, preset_names, read_toml, resolve
from nmt.errors import ConfigError
from nmt.settings import SECTIONS, Config, Search

FIELDS = [(name, key) for name, kind in SECTIONS.items() for key in dataclasses.fields(kind)]


def complaint(*overrides: str, preset: str | None = None) -> str:
    with pytest.raises(ConfigError) as error:
        resolve(preset, overrides)
    assert "\n" not in str(error.value)
    return str(error.value)


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_nothing_given_is_the_defaults() -> None:
    found = resolve()
    assert found.config == Config()
    assert set(found.origin.values()) == {"default"}
    assert set(found.origin) == {f"{name}.{key.name}" for name, key in FIELDS}


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_loads_and_is_the_origin_of_what_it_says(name: str) -> None:
    found = resolve(name)
    sections = read_toml(PRESETS / f"{name}.toml")
    said = {f"{section}.{key}" for section, values in sections.items() for key in values}
    assert {key for key, origin in found.origin.items() if origin == f"preset {name}"} == said
    for section, values in sections.items():
        for key, value in values.items():
            assert getattr(getattr(found.config, section), key) == value


@pytest.mark.parametrize(("name", "key"), FIELDS, ids=lambda value: getattr(value, "name", value))
def test_every_setting_has_help_and_a_default_of_its_type(name: str, key: dataclasses.Field[Any]) -> None:
    assert key.metadata["help"].strip() and "\n" not in key.metadata["help"]
    default = getattr(getattr(Config(), name), key.name)
    assert type(default) in (int, float, bool, str)
    assert resolve(overrides=[f"{name}.{key.name}={str(default).lower() if type(default) is bool else repr(default)}"])


def test_set_wins_over_a_preset_and_a_preset_over_the_default(tmp_path: Path) -> None:
    file = write(tmp_path / "mine.toml", "[search]\nbeam = 7\n[training]\nlr = 1e-4\n")
    found = resolve(file, ["training.lr=3e-4", "training.seed=9", "training.seed=10"])
    assert (found.config.search.beam, found.config.training.lr, found.config.training.seed) == (7, 3e-4, 10)
    assert found.config.data == Config().data
    assert found.origin["search.beam"] == file
    assert found.origin["training.lr"] == "--set training.lr=3e-4"
    assert found.origin["training.seed"] == "--set training.seed=10"
    assert found.origin["training.epochs"] == "default"


def test_a_child_learns_at_its_parents_rate_for_rounds_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "parent.toml"
    file.write_text(
        '[training]\noptimizer = "adadelta"\nlr = 0.7\nepochs = 40\nlabel_smoothing = 0.05\n', encoding="utf-8"
    )
    child = resolve(None, ["training.seed=2"], file).config.training
    assert (child.optimizer, child.lr, child.label_smoothing, child.seed) == ("adadelta", 0.7, 0.05, 2)
    assert child.epochs == read_toml(PRESETS / "finetune.toml")["training"]["epochs"] != 40
    assert resolve(None, ["training.lr=0.1"], file).config.training.lr == 0.1


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("training.lr=3e-4", 3e-4),
        ("training.lr=1", 1.0),
        ("training.epochs=3", 3),
        ("tokenizer.joint=false", False),
        ("attention.score=dot", "dot"),
        ('attention.score="dot"', "dot"),
        ("data.source=en", "en"),
        ("data.source=", ""),
        (" training.epochs = 4", 4),
    ],
)
def test_overrides_are_toml_or_bare_words(word: str, value: object) -> None:
    section, name = word.partition("=")[0].strip().split(".")
    found = getattr(getattr(resolve(overrides=[word]).config, section), name)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize("word", ["lr=3", "training.lr", "training=3", "=3", "training.=3", ""])
def test_an_override_without_its_form_shows_it(word: str) -> None:
    assert complaint(word) == f"--set {word}: write section.key=value, e.g. --set training.lr=3e-4."


def test_unknown_keys_get_the_nearest_and_say_where_they_stand(tmp_path: Path) -> None:
    assert complaint("serch.beam=3").startswith(
        "--set serch.beam=3: unknown section 'serch'. Did you mean 'search'? Sections: data, tokenizer,"
    )
    assert complaint("search.baem=3") == (
        "--set search.baem=3: unknown setting 'search.baem'. Did you mean 'search.beam'?"
    )
    assert "Did you mean 'training.label_smoothing'?" in complaint("model.label_smoothing=0.1")
    file = write(tmp_path / "mine.toml", "[trainig]\nlr = 1e-3\n")
    assert complaint(preset=file).startswith(f"{file}: unknown section 'trainig'. Did you mean 'training'?")
    file = write(tmp_path / "flat.toml", "search = 3\n")
    assert complaint(preset=file).startswith(f"{file}: ")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("training.epochs=1.5", "a whole number, not 1.5"),
        ("training.epochs=true", "a whole number, not True"),
        ("training.lr=fast", "a number, not 'fast'"),
        ("training.lr=true", "a number, not True"),
        ("tokenizer.joint=1", "true or false, not 1"),
        ("tokenizer.joint=False", "true or false, not 'False'"),
        ("attention.score=3", "text, not 3"),
        ("search.beam=[3]", "a whole number, not [3]"),
    ],
)
def test_wrong_types_are_refused(word: str, expected: str) -> None:
    assert complaint(word) == f"--set {word}: {word.partition('=')[0]} must be {expected}."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["search.nbest=6"], "search.nbest=6 must lie between 1 and search.beam=5."),
        (["search.nbest=0"], "search.nbest=0"),
        (["search.beam=0"], "search.beam=0"),
        (["attention.heads=3"], "attention.size=256 must be a multiple of attention.heads=3."),
        (["dropout.word=1"], "dropout.word=1.0 must be at least 0 and below 1."),
        (["dropout.hidden=-0.1"], "dropout.hidden=-0.1"),
        (["training.lr=0"], "training.lr=0"),
        (["training.lr=nan"], "training.lr=nan must be a finite number."),
        (["training.clip=inf"], "training.clip=inf must be a finite number."),
        (["search.length_penalty=-inf"], "search.length_penalty=-inf must be a finite number."),
        (["search.length_penalty=-1"], "search.length_penalty=-1.0 must not be negative."),
        (["training.precision=fp16"], "training.precision='fp16' is not auto, fp32 or bf16."),
        (["validation.metric=ter"], "validation.metric='ter' is not bleu, chrf or loss."),
        (["tokenizer.coverage=2"], "tokenizer.coverage=2.0 must lie between 0.9 and 1."),
        (["data.held_out=0"], "data.held_out=0"),
        (["training.seed=-1"], "training.seed=-1 must not be negative."),
        (["encoder.size=99999999999"], "encoder.size=99999999999 must be at most 16,384."),
        (["decoder.layers=1000"], "decoder.layers=1000 must be at most 64."),
    ],
)
def test_values_that_cannot_work_are_refused(words: list[str], said: str) -> None:
    assert complaint(*words).startswith(said)


@pytest.mark.parametrize(("name", "key"), FIELDS, ids=lambda value: getattr(value, "name", value))
def test_every_number_has_an_upper_bound(name: str, key: dataclasses.Field[Any]) -> None:
    if type(key.default) in (int, float):
        number = "1e30" if type(key.default) is float else "9" * 30
        said = complaint(f"{name}.{key.name}={number}")
        assert f"{name}.{key.name}=" in said and ("at most" in said or "below 1" in said or "lie" in said)


@pytest.mark.parametrize("word", ["training.lr=1\nzzz = 3", "training.lr=1\n[search]\nbeam = 3"])
def test_one_word_is_one_setting(word: str) -> None:
    assert complaint(word) == f"--set {word!r}: more than one setting. Give each its own --set."


@pytest.mark.parametrize(
    "word", ['data.source="e\\udcffn"', "data.source=e\udcffn", "data.source=a b\nc", 'data.source="en']
)
def test_a_value_that_is_neither_toml_nor_a_plain_word_is_refused(word: str) -> None:
    assert complaint(word) == f"--set {word!r}: its value is neither TOML nor a plain word."


def test_contradictions_are_judged_after_all_layers() -> None:
    assert resolve(overrides=["search.nbest=9", "search.beam=9"]).config.search == Search(beam=9, nbest=9)


def test_presets_are_names_or_toml_files(tmp_path: Path) -> None:
    names = ", ".join(preset_names())
    assert (
        complaint(preset="tinny") == f"Unknown preset 'tinny'. Did you mean 'tiny'? Choices: {names}, or a .toml file."
    )
    assert complaint(preset="nix.toml") == f"nix.toml: no such file. Give a preset's name ({names}) or a TOML file."
    broken = write(tmp_path / "broken.toml", "[search\nbeam = 3")
    assert complaint(preset=broken).startswith(f"{broken}: not TOML: ")
    (tmp_path / "latin.toml").write_bytes(b'[data]\nsource = "\xe9"\n')
    assert complaint(preset=str(tmp_path / "latin.toml")).startswith(f"{tmp_path / 'latin.toml'}: not TOML: ")
    with pytest.raises(ConfigError, match="Check the path"):
        read_toml(tmp_path / "nix.toml")


def test_the_preset_follows_the_size_of_the_corpus() -> None:
    assert {name for _, name in PRESET_BY_PAIRS} <= set(preset_names())
    limits = [limit for limit, _ in PRESET_BY_PAIRS if limit is not None]
    assert limits == sorted(limits) and PRESET_BY_PAIRS[-1][0] is None
    for limit, name in PRESET_BY_PAIRS[:-1]:
        assert limit is not None and preset_for(limit) == name != preset_for(limit + 1)
    assert preset_for(0) == PRESET_BY_PAIRS[0][1]


def test_settings_that_are_needed_before_the_pairs_are_counted_are_in_no_preset_chosen_by_their_number() -> None:
    for _, name in PRESET_BY_PAIRS:
        chosen = resolve(name).config
        assert (chosen.data, chosen.training.seed) == (Config().data, Config().training.seed)


def test_differences_name_old_and_new() -> None:
    old, new = resolve().config, resolve(overrides=["search.beam=9", "data.source=en"]).config
    assert differences(old, new) == ["data.source: '' -> 'en'", "search.beam: 5 -> 9"]
    assert differences(old, old) == []


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "{a=" * 3000, "[model]\nx = " + "{a=" * 3000])
def test_settings_that_are_nested_too_deeply_are_refused(tmp_path: Path, text: str) -> None:
    assert "nested too deeply" in complaint(preset=write(tmp_path / "deep.toml", text))
    assert "deeply" in complaint("model.embedding=" + "[" * 5000) and "deeply" in complaint("x.y=" + "{a=" * 3000)


def test_a_value_of_many_levels_or_digits_is_told_in_short(tmp_path: Path) -> None:
    deep = write(tmp_path / "deep.toml", "[model]\nembedding" + ".a" * 5_000 + " = 1\n")
    assert "model.embedding must be a whole number" in complaint(preset=deep)
    for key in ("model.embedding", "training.lr", "model.tie"):
        assert f"{key} is a number of" in complaint(f"{key}=0x" + "f" * 10_000)


def test_a_file_too_large_for_settings_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(2**40)
    assert "huge.toml: " in complaint(preset=str(path))
    path.write_bytes(b"#" * 2**17)
    assert "larger than 65,536 bytes" in complaint(preset=str(path))


MARKS = st.sampled_from("[]{}=.\"'\n #,_-+0123456789abexinf")
TOML = st.text(MARKS | st.characters(exclude_categories=["Cs"]), max_size=40)


@given(TOML, st.sampled_from([f"{name}.{key.name}" for name, key in FIELDS]))
def test_any_text_is_a_value_or_is_refused_in_one_line(text: str, key: str) -> None:
    for word in (text, f"{key}={text}"):
        try:
            assert resolve(None, [word])
        except ConfigError as error:
            assert str(error).isprintable()


@given(TOML)
def test_any_text_is_a_file_of_settings_or_is_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    for content in (text, f"[search]\n{text}", f"search.beam = {text}"):
        try:
            assert resolve(write(path, content))
        except ConfigError as error:
            assert str(error).isprintable()


def test_a_value_that_is_not_utf8_is_refused_for_it_could_not_be_written() -> None:
    assert "data.source holds bytes that are not UTF-8" in complaint('data.source="e\udcff"')  # as a shell gives them
