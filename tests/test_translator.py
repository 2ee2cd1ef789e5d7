import itertools
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from nmt.checkpoint import ModelFolder, Tokenizers
from nmt.device import use_threads
from nmt.errors import ModelFolderError
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import EOS, Config, Search
from nmt.text.tokenizer import Tokenizer
from nmt.translator import MANY_PARTS, WINDOW, Translator, split, waiting

SEARCH = Search(beam=2, max_ratio=1.0, max_extra=2, max_source=12, batch=7)
LINES = ["one two", "", "Who is there?", " \t ", "häuser 家 👍", "one two", "\u3000", "two houses\r", "\0", "tree."]
BLANK = [1, 3, 6, 8]
LONG = "one two three. the old tree falls! down here, one house fell. two houses stand"


@pytest.fixture(scope="module")
def translator(make_model: Callable[..., Seq2Seq], tokenizer: Tokenizer) -> Translator:
    model = make_model(source=tokenizer.size, target=tokenizer.size).float()
    return Translator(model, Tokenizers(tokenizer, tokenizer), SEARCH, torch.device("cpu"))


def with_search(translator: Translator, **changes: object) -> Translator:
    search = replace(translator.search, **changes)  # type: ignore[arg-type]
    return Translator(translator.model, translator.tokenizers, search, translator.device)


def texts(translator: Translator, lines: Sequence[str]) -> list[str]:
    return [translation.text for translation in translator.translate(lines)]


def test_one_line_in_one_line_out_blank_for_blank(translator: Translator) -> None:
    found = translator.translate(LINES)
    assert [translation.source for translation in found] == LINES
    assert [i for i, translation in enumerate(found) if not translation.options] == BLANK
    assert all(found[i].text == "" for i in BLANK)
    assert found[0].text == found[5].text
    assert len({translation.text for translation in found}) > 4
    assert translator.translate([]) == []


@pytest.mark.parametrize("batch", [1, 2, 64])
def test_neither_batch_size_nor_neighbours_change_a_line(translator: Translator, batch: int) -> None:
    expected = texts(translator, [*LINES, LONG])
    assert texts(with_search(translator, batch=batch), [*LINES, LONG]) == expected
    assert texts(translator, [LONG, *LINES[::-1]]) == expected[::-1]
    assert [translator.translate([line])[0].text for line in LINES] == expected[:-1]


def test_the_number_of_threads_does_not_change_a_line(make_model: Callable[..., Seq2Seq], tokenizer: Tokenizer) -> None:
    words = (
        "model.embedding=64",
        "encoder.size=128",
        "attention.size=128",
        "decoder.size=128",
        "decoder.readout_size=64",
    )
    model = make_model(*words, source=tokenizer.size, target=tokenizer.size).float()  # large enough to share out
    search = replace(SEARCH, beam=4, batch=64)
    translator = Translator(model, Tokenizers(tokenizer, tokenizer), search, torch.device("cpu"))
    lines = [*LINES, LONG, *(f"{a} {b} house" for a in LONG.split() for b in ("two", "tree.", "who"))]
    before = torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2, 3):
            use_threads(threads)
            assert torch.get_num_threads() == threads
            found.append(texts(translator, lines))
    finally:
        torch.set_num_threads(before)
    assert len(set(found[0])) > 20 and found[1:] == [found[0], found[0]]


@pytest.mark.parametrize("batch", [1, 64])
def test_a_stream_is_translated_as_a_list(translator: Translator, batch: int) -> None:
    lines = LINES * 8
    streamed = with_search(translator, batch=batch).stream(iter(lines))
    assert [(t.source, t.text) for t in streamed] == [*zip(lines, texts(translator, lines), strict=True)]


def test_options_are_the_best_first_with_their_alignment(translator: Translator) -> None:
    (found,) = with_search(translator, beam=4, nbest=3).translate(["two houses stand"])
    assert len(found.options) == 3 and found.text == found.options[0].text
    assert [option.score for option in found.options] == sorted((o.score for o in found.options), reverse=True)
    for option in found.options:
        assert option.alignment.source == ["two", "houses", "stand"]
        assert option.alignment.weights.shape == (len(option.alignment.target), 3)
        assert len(option.confidence) == len(option.alignment.target)
        assert all(0 < sure <= 1 for sure in option.confidence)


def test_a_line_is_answered_before_the_next_is_given(translator: Translator) -> None:
    answered = threading.Semaphore(0)

    def typing() -> Iterator[str]:
        yield "one"
        for line in ("two", "", "three"):
            assert answered.acquire(timeout=20), "no answer without another line"
            yield line

    count = 0
    for translation in translator.stream(typing()):
        count += 1
        assert translation.source == ("one", "two", "", "three")[count - 1]
        answered.release()
    assert count == 4


def test_a_stream_reads_only_a_little_ahead(translator: Translator) -> None:
    read = itertools.count()
    lines = (f"one {next(read)}" for _ in itertools.count())
    some = [*itertools.islice(with_search(translator, batch=1).stream(lines), 3)]
    assert [t.source for t in some] == ["one 0", "one 1", "one 2"]
    assert next(read) < 200


class Silent:
    """The cheapest model: it says at once that nothing follows."""

    def encode(self, source: Tensor, mask: Tensor) -> Any:
        return mask

    def start(self, memory: Any) -> Any:
        return SimpleNamespace(select=lambda rows: None)

    def unroll(self, target_in: Tensor, memory: Any, state: Any) -> Any:
        scores = torch.zeros(len(target_in), 1, 300)
        scores[:, :, EOS] = 9.0
        weights = torch.full((len(target_in), 1, memory.shape[1]), 1 / memory.shape[1])
        return SimpleNamespace(scores=scores, state=state, attended=SimpleNamespace(weights=weights))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_input(tokenizer: Tokenizer) -> None:
    search = replace(SEARCH, beam=1, batch=64)
    silent = Translator(Silent(), Tokenizers(tokenizer, tokenizer), search, torch.device("cpu"))  # type: ignore[arg-type]
    most = 2 * WINDOW * search.batch + 2  # lines of a window, of the queue, and one in hand on either side
    peaks = []
    for count in (5_000, 20_000):
        read = 0

        def lines(count: int = count) -> Iterator[str]:
            nonlocal read
            for read in range(1, count + 1):
                yield "" if read % 20 else f"one two {read}"  # blank lines take the same way, sooner

        tracemalloc.start()
        try:
            for answered, translation in enumerate(silent.stream(lines())):
                assert len(translation.options) == (answered % 20 == 19) and read - answered <= most
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert answered + 1 == read == count
    assert peaks[1] < peaks[0] + 200_000  # 13 bytes a line


def test_what_goes_wrong_while_reading_is_told_after_the_lines_before() -> None:
    def broken() -> Iterator[str]:
        yield "one"
        raise OSError("unplugged")

    found = []
    with pytest.raises(OSError, match="unplugged"):
        for some in waiting(broken(), 10):
            found += some
    assert found == ["one"]


@given(st.lists(st.text(max_size=3), max_size=30), st.integers(1, 5))
def test_waiting_lines_keep_their_order(lines: list[str], most: int) -> None:
    found = [*waiting(lines, most)]
    assert [line for some in found for line in some] == lines
    assert all(1 <= len(some) <= most for some in found)


@pytest.mark.parametrize("place", [0, 40])
def test_a_long_line_is_split_and_its_number_told(translator: Translator, place: int) -> None:
    lines = ["one"] * 45
    lines[place] = LONG
    notes: list[str] = []
    found = [*with_search(translator, batch=1).stream(lines, notes.append)]
    assert [t.source for t in found] == lines
    assert len(notes) == 1 and notes[0].startswith(f"line {place + 1}: {len(LONG)} characters")
    assert found[place].parts > 1 and all(t.parts == 1 for i, t in enumerate(found) if i != place)
    (option,) = found[place].options
    assert option.alignment.source == LONG.split()
    assert option.alignment.weights.shape == (len(option.alignment.target), len(LONG.split()))
    assert len(option.confidence) == len(option.alignment.target)
    translator.translate(lines, notes.append)
    assert notes[1].startswith(f"line {place + 1}: ")


def test_a_line_that_is_no_sentence_is_searched_greedily_and_that_is_told(translator: Translator) -> None:
    notes: list[str] = []
    wide = with_search(translator, beam=3)
    (found,) = wide.translate(["".join(map(chr, range(0x4E00, 0x4E00 + 60)))], notes.append, first=7)
    assert found.parts > MANY_PARTS
    assert notes == [f"line 7: 60 characters, split in {found.parts}, searched greedily"]
    (other,) = wide.translate([LONG], notes.append)
    assert 1 < other.parts <= MANY_PARTS and "greedily" not in notes[1]


def test_a_split_line_is_its_parts_translated(translator: Translator, tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode(LONG)
    parts = [tokenizer.decode(part) for part in split(ids, SEARCH.max_source, translator._break_after)]
    assert 1 < len(parts) <= MANY_PARTS and " ".join(parts) == LONG
    assert texts(translator, [LONG])[0].split() == " ".join(texts(translator, parts)).split()


def test_a_very_long_line_is_translated(translator: Translator) -> None:
    line = "x" * 3000
    (found,) = translator.translate([line])
    assert found.parts >= 3000 / SEARCH.max_source > MANY_PARTS
    assert found.source == line and len(found.options) == 1


@given(st.lists(st.integers(0, 2), max_size=60), st.integers(4, 12))
def test_parts_are_the_whole_and_end_at_the_best_places(quality: list[int], longest: int) -> None:
    ids = list(range(len(quality)))
    parts = split(ids, longest, lambda some: [quality[i] for i in some])
    assert [i for part in parts for i in part] == ids
    assert all(1 <= len(part) <= longest for part in parts) or ids == []
    for part in parts[:-1]:
        start, end = part[0], part[-1]
        half = range(start + longest // 2, start + longest)
        assert end in half and quality[end] == max(quality[i] for i in half)
        assert all(quality[i] < quality[end] for i in half if i > end)


def test_a_short_line_is_not_split() -> None:
    assert split([1, 2, 3, 4], 4, lambda ids: pytest.fail("nothing to ask")) == [[1, 2, 3, 4]]


def test_the_end_of_a_sentence_is_a_better_place_than_a_space(translator: Translator, tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("here. one2.5 two! three")
    quality = translator._break_after(ids)
    ends = {tokenizer.decode(ids[: i + 1]): place for i, place in enumerate(quality) if place}
    assert ends == {"here.": 2, "here. one2.5": 1, "here. one2.5 two!": 2, "here. one2.5 two! three": 1}


def test_tokens_stand_between_spaces_and_words_need_none(translator: Translator) -> None:
    option = with_search(translator, max_source=60).translate(["one 我看狗 two"])[0].options[0]
    assert option.tokens.source == ["one", "我看狗", "two"]
    assert option.alignment.source == ["one", "我", "看", "狗", "two"]


def test_a_line_without_spaces_is_cut_after_its_sentences(translator: Translator, tokenizer: Tokenizer) -> None:
    sentences = ["我看狗。", "你呢？", "狗看我！"]
    longest = 1 + max(len(tokenizer.encode("".join(sentences[i:j]))) for i, j in ((0, 2), (1, 3)))
    ids = tokenizer.encode("".join(sentences))
    assert longest < len(ids)
    parts = [tokenizer.decode(part) for part in split(ids, longest, translator._break_after)]
    assert "".join(parts) == "".join(sentences) and all(part[-1] in "。？！" for part in parts)


@pytest.mark.parametrize("byte", ["<0x0A>", "<0x0D>"])
def test_a_model_that_writes_line_ends_stays_on_its_line(
    make_model: Callable[..., Seq2Seq], tokenizer: Tokenizer, byte: str
) -> None:
    model = make_model(source=tokenizer.size, target=tokenizer.size).float()
    ends = tokenizer.ids([byte, "<0x78>"])
    with torch.no_grad():
        model.output.weight[ends] *= 10
        model.output.bias[ends] = 50.0
    translator = Translator(model, Tokenizers(tokenizer, tokenizer), SEARCH, torch.device("cpu"))
    found = translator.translate(["one two", "tree", LONG])
    assert any(option.alignment.target for t in found for option in t.options)
    for translation in found:
        assert not {"\n", "\r"} & {*translation.text}


def test_a_folder_is_loaded_and_translates_as_its_model(
    make_config: Callable[..., Config], tokenizer: Tokenizer, tmp_path: Path
) -> None:
    folder, tokenizers = ModelFolder(tmp_path / "model"), Tokenizers(tokenizer, tokenizer)
    folder.create(make_config("search.beam=3"), tokenizers)
    torch.manual_seed(0)
    model = folder.build(folder.config(), tokenizers).eval()
    folder.save_weights(dict(model.named_parameters()), {})
    loaded = Translator.load(folder.path, device="cpu")
    assert loaded.search == folder.config().search and loaded.search.beam == 3
    assert texts(loaded, LINES) == texts(Translator(model, tokenizers, loaded.search, loaded.device), LINES)
    assert Translator.load(folder.path, SEARCH, device="cpu").search == SEARCH
    with pytest.raises(ModelFolderError, match="no such folder"):
        Translator.load(tmp_path / "other")


def test_attention_of_a_split_line_stays_within_its_part(translator: Translator) -> None:
    (found,) = translator.translate([LONG])
    weights = found.options[0].alignment.weights
    reading = [np.flatnonzero(row) for row in weights if row.any()]
    assert reading and all(some.max() - some.min() + 1 == len(some) < weights.shape[1] for some in reading)
