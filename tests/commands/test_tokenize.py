import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from nmt.commands import app
from nmt.errors import ConfigError, DataError, ModelFolderError, NmtError

TEXT = "".join(f"The baker sold {n} warm loaves before {n % 12} o'clock.\n" for n in range(60))
AWKWARD = "  two  spaces \n\nnaïve 東京 😀\nmarked ▁ word\nline\u2028end\tand tab\n \n\u00a0\n"


def run(*words: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(app, ["tokenize", *words], input=stdin)


def fine(*words: str, stdin: str | bytes = "") -> str:
    result = run(*words, stdin=stdin)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout_bytes.decode()


def complaint(kind: type[NmtError], *words: str, stdin: str | bytes = "") -> str:
    error = run(*words, stdin=stdin).exception
    assert type(error) is kind and "\n" not in str(error)
    return str(error)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("tokenizer")
    (folder / "text").write_bytes(TEXT.encode())
    fine("train", str(folder / "text"), "--out", str(folder / "joint.model"), "--size", "320")
    return str(folder / "joint.model")


@pytest.mark.parametrize("flags", [(), ("--ids",)])
@pytest.mark.parametrize("text", [TEXT, AWKWARD, "", "no newline at the end"])
def test_decoding_gives_back_what_was_encoded(model: str, text: str, flags: tuple[str, ...]) -> None:
    encoded = fine("encode", model, *flags, stdin=text)
    assert encoded.count("\n") == text.count("\n") + (text != "" and not text.endswith("\n"))
    assert fine("decode", model, *flags, stdin=encoded) == (text if text.endswith("\n") or not text else text + "\n")


lines = st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=40, deadline=None)
@given(st.lists(lines, max_size=3))
def test_any_text_comes_back(model: str, texts: list[str]) -> None:
    text = "".join(f"x{line}\n" for line in texts)
    for flags in ((), ("--ids",)):
        assert fine("decode", model, *flags, stdin=fine("encode", model, *flags, stdin=text)) == text


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_keep_the_number_of_lines(model: str, data: bytes) -> None:
    data = b"x" + data + b"\n"
    encoded = fine("encode", model, stdin=data)
    assert encoded.count("\n") == data.count(b"\n")
    assert fine("decode", model, stdin=encoded).count("\n") == data.count(b"\n")


def test_a_carriage_return_inside_a_line_is_a_space(model: str) -> None:
    assert fine("decode", model, stdin=fine("encode", model, stdin=b"one\rtwo\r\n")) == "one two\n"


def test_ids_are_numbers_and_pieces_are_not(model: str) -> None:
    ids = fine("encode", model, "--ids", stdin="The baker\n").split()
    pieces = fine("encode", model, stdin="The baker\n").split()
    assert len(ids) == len(pieces) and all(word.isdigit() for word in ids)
    assert "".join(pieces) == "▁The▁baker"


def test_training_reads_files_or_stdin_and_adds_the_ending(model: str, tmp_path: Path) -> None:
    result = run("train", "--out", str(tmp_path / "new" / "joint"), "--size", "320", stdin=TEXT)
    assert result.exit_code == 0 and result.stdout == ""
    made = tmp_path / "new" / "joint.model"
    assert str(made) in result.stderr and [made] == list(made.parent.iterdir())
    assert fine("encode", str(made), stdin=TEXT) == fine("encode", model, stdin=TEXT)


def test_bpe_is_another_model(model: str, tmp_path: Path) -> None:
    fine("train", "--kind", "bpe", "--out", str(tmp_path / "b.model"), "--size", "320", stdin=TEXT)
    assert fine("encode", str(tmp_path / "b.model"), stdin=TEXT) != fine("encode", model, stdin=TEXT)


def test_a_text_too_small_for_the_size_shrinks_it(tmp_path: Path) -> None:
    result = run("train", "--out", str(tmp_path / "s.model"), stdin="a few words\nand a few more\n")
    assert result.exit_code == 0 and "5000" in result.stderr


def test_a_model_folder_has_a_side_or_a_joint_model(model: str, tmp_path: Path) -> None:
    assert complaint(ModelFolderError, "encode", str(tmp_path)) == (
        f"{tmp_path}: holds neither source.model nor joint.model. Give a .model file or a model folder."
    )
    shutil.copy(model, tmp_path / "joint.model")
    expected = fine("encode", model, stdin=TEXT)
    assert fine("encode", str(tmp_path), stdin=TEXT) == expected
    assert fine("encode", str(tmp_path), "--side", "target", stdin=TEXT) == expected
    fine("train", "--kind", "bpe", "--out", str(tmp_path / "target.model"), "--size", "320", stdin=TEXT)
    assert fine("encode", str(tmp_path), "--side", "source", stdin=TEXT) == expected
    assert fine("encode", str(tmp_path), "--side", "target", stdin=TEXT) != expected


def test_what_cannot_be_decoded_is_placed(model: str) -> None:
    message = complaint(DataError, "decode", model, stdin="\nqqqq\n")
    assert message == "stdin:2: 'qqqq' is no piece of this model. Decode with the model that encoded."
    for word in ("999999", "-1", "x", "1.5", "²", "9" * 5000):
        message = complaint(DataError, "decode", model, "--ids", stdin=f"5\n4 {word}\n")
        assert message.startswith(f"stdin:2: '{word[:20]}' is no piece id. Ids go from 0 to ")


def test_mistakes_of_the_user(model: str, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "x.model"))
    assert complaint(DataError, "train", str(tmp_path / "nix"), *out).endswith("nix: no such file. Check the path.")
    assert "unigram, bpe" in complaint(ConfigError, "train", *out, "--kind", "bpee", stdin=TEXT)
    assert "empty" in complaint(DataError, "train", *out, stdin="\n")
    assert str(tmp_path / "nix") in complaint(ModelFolderError, "encode", str(tmp_path / "nix"))
    (tmp_path / "file").write_text("x")
    message = complaint(NmtError, "train", "--out", str(tmp_path / "file" / "x"), stdin=TEXT)
    assert message.endswith("x.model: cannot write: Not a directory. Check the path, or choose another.")
    assert not (tmp_path / "x.model").exists()


@pytest.mark.parametrize("command", ["train", "encode", "decode"])
def test_help_shows_an_example(command: str) -> None:
    assert f"nmt tokenize {command} " in fine(command, "--help")


def test_a_tokenizer_is_not_written_over_another(model: str, tmp_path: Path) -> None:
    before = Path(model).read_bytes()
    (tmp_path / "text").write_bytes(b"Another text, and another tokenizer.\n" * 50)
    said = complaint(NmtError, "train", str(tmp_path / "text"), "--out", model.removesuffix(".model"), "--size", "300")
    assert said.startswith(f"{model}: is there already.") and Path(model).read_bytes() == before
