"""What a text must keep to, on a real vocabulary: every text is judged as a regular expression judges it."""

import re
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.errors import DataError
from nmt.settings import EOS
from nmt.text.cleaning import tidy
from nmt.text.demands import NEAR, Demands, DemandsAutomaton, groups_of
from nmt.text.phrases import count
from nmt.text.surfaces import Surfaces
from nmt.text.tokenizer import Tokenizer

TEXTS = st.text("abß字한é .,_1", max_size=12)  # of these letters 字 alone is of a script without spaces
PHRASES = st.lists(st.text("abß字한 .", min_size=1, max_size=4).filter(lambda text: text.strip()), max_size=2)


def read(automaton: DemandsAutomaton, ids: list[int]) -> int:
    state = automaton.start
    for piece in ids:
        state = int(automaton.after(state)[piece])
    return state


def accepts(automaton: DemandsAutomaton, ids: list[int]) -> bool:
    return bool(automaton.after(read(automaton, ids))[EOS])


def lasts(character: str) -> bool:
    """Whether a word with this letter goes on to the next that is no letter."""
    return character.isalnum() and character != "字"


def keeps(text: str, demands: Demands) -> bool:
    def found(phrase: str, space: str) -> bool:
        left, right = (r"(?<![^\W字])" if lasts(phrase[0]) else ""), (r"(?![^\W字])" if lasts(phrase[-1]) else "")
        return re.search(left + re.escape(phrase).replace(r"\ ", space) + right, text) is not None

    return (
        f"{text} ".startswith(demands.prefix)
        and all(found(phrase, " ") for phrase in demands.require)
        and not any(found(phrase, " +") for phrase in demands.forbid)
    )


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, require=PHRASES, forbid=PHRASES, cut=st.integers(0, 6), spelled=st.booleans())
def test_a_text_is_judged_by_its_words(
    tokenizer: Tokenizer, text: str, require: list[str], forbid: list[str], cut: int, spelled: bool
) -> None:
    text = text.strip(" ")
    demands = Demands.of(text[:cut], tuple(require), tuple(forbid))
    try:
        automaton = DemandsAutomaton(demands, tokenizer.surfaces)
    except DataError:
        return  # contradictions have a test of their own
    ids = tokenizer.ids([f"<0x{byte:02X}>" for byte in text.encode()]) if spelled else tokenizer.encode(text)
    assert tokenizer.decode(ids).strip(" ") == text
    assert accepts(automaton, ids) == keeps(text, demands)


@settings(max_examples=40, deadline=None)
@given(require=PHRASES, prefix=TEXTS)
def test_what_is_needed_suffices(tokenizer: Tokenizer, require: list[str], prefix: str) -> None:
    """From anywhere the demands can be met in as many pieces as are said to be needed, so no plan leads astray."""
    automaton = DemandsAutomaton(Demands.of(prefix, tuple(require)), tokenizer.surfaces)
    assert automaton.after(end_of_a_plan(automaton))[EOS]


def end_of_a_plan(automaton: DemandsAutomaton) -> int:
    """Where as many pieces lead as are said to be needed, each of them near enough to the end."""
    state = automaton.start
    for left in reversed(range(automaton.needed_at_start)):
        row = automaton.after(state)
        far = automaton.too_far(row, left)
        near = np.flatnonzero((row != 0) & (True if far is None else ~far))
        assert len(near)
        state = int(row[near[-1]])
    return state


FORMS = st.lists(st.text("abß字한 .", min_size=1, max_size=3).filter(str.strip).map(tidy), min_size=1, max_size=3)
GROUPS = st.lists(FORMS.map(tuple), min_size=1, max_size=3)


def most_places(text: str, forms: tuple[str, ...]) -> int:
    """The most places that do not overlap, by trying all ends."""
    best = [0] * (len(text) + 1)
    for end in range(1, len(text) + 1):
        best[end] = best[end - 1]
        for form in forms:
            begin = end - len(form)
            free_left = begin == 0 or not (lasts(form[0]) and lasts(text[begin - 1 : begin]))
            free_right = not (lasts(form[-1]) and lasts(text[end : end + 1]))
            if begin >= 0 and text[begin:end] == form and free_left and free_right:
                best[end] = max(best[end], best[begin] + 1)
    return best[-1]


@given(text=st.text("abß字한 .", max_size=14), forms=FORMS)
def test_places_that_do_not_overlap_are_counted(text: str, forms: list[str]) -> None:
    text = text.strip(" ")
    assert count(text, tuple(forms)) == most_places(text, tuple(forms))
    assert count(text, tuple(forms), 1) == min(1, most_places(text, tuple(forms)))


@given(text=st.text("abß字한 .", max_size=14), groups=GROUPS)
def test_of_each_group_a_form_stands_in_the_text_as_often_as_it_is_required(
    tokenizer: Tokenizer, text: str, groups: list[tuple[str, ...]]
) -> None:
    text = text.strip(" ")
    automaton = DemandsAutomaton(Demands(require=tuple(groups)), tokenizer.surfaces)
    right = all(most_places(text, forms) >= times for forms, times in groups_of(groups).items())
    assert accepts(automaton, tokenizer.encode(text)) == right


@settings(max_examples=40, deadline=None)
@given(groups=GROUPS, spaced=st.booleans())
def test_what_groups_need_suffices(tokenizer: Tokenizer, groups: list[tuple[str, ...]], spaced: bool) -> None:
    groups = [tuple(" " * spaced + form for form in forms) for forms in groups]
    automaton = DemandsAutomaton(Demands(require=tuple(groups)), tokenizer.surfaces)
    state = end_of_a_plan(automaton)
    assert automaton.after(state)[EOS]
    assert (automaton.levels(np.array([state])) >= np.array(automaton._times)[:, None]).all()


def test_a_form_after_a_space_may_also_begin_a_text(tokenizer: Tokenizer) -> None:
    automaton = DemandsAutomaton(Demands(require=(" %s",)), tokenizer.surfaces)
    texts = {"%s": True, "one %s.": True, "one%s": False, "%sx": False, "one -%s": False}
    for text, well in texts.items():
        assert accepts(automaton, tokenizer.encode(text)) == well, text


def test_forms_that_cannot_be_written_are_left_out() -> None:
    letters = Surfaces([b"", b"", b"", b"", *(bytes([code]) for code in range(32, 127))])
    automaton = DemandsAutomaton(Demands("", (("字", "old tree", "two"),), ("tree",)), letters)
    assert automaton.needed_at_start == 3
    with pytest.raises(DataError, match="'tree' or 'old tree' is required, but"):
        DemandsAutomaton(Demands(require=(("tree", "old tree"),), forbid=("tree",)), letters)


def test_a_prefix_may_end_within_a_piece(tokenizer: Tokenizer) -> None:
    automaton = DemandsAutomaton(Demands.of("two hou"), tokenizer.surfaces)
    for text, well in [("two houses", True), ("two horse", False), ("two hou", True), ("two ho", False)]:
        ids = tokenizer.encode(text)
        assert (read(automaton, ids) != 0) == (well or text == "two ho") and accepts(automaton, ids) == well
    assert automaton.needed_at_start <= len(tokenizer.encode("two hou"))


def test_broken_characters_are_never_written(tokenizer: Tokenizer) -> None:
    automaton = DemandsAutomaton(Demands.of(forbid=("two", "字")), tokenizer.surfaces)

    def ends(*some: str) -> bool:
        return accepts(automaton, tokenizer.ids(some))

    assert not any(ends(*some) for some in (["<0xC3>"], ["<0xC3>", "<0x41>"], ["<0xC3>"] * 2, ["<0xA4>"], ["<0xFF>"]))
    assert ends("<0xC3>", "<0xA4>") and ends(*tokenizer.pieces(tokenizer.encode("two")), "<0xC3>", "<0xA4>")  # twoä
    written = [f"<0x{byte:02X}>" for byte in "字".encode()]
    assert not ends(*written) and not ends(*written[:2]) and ends(*written[:2], "<0x98>")  # another character


def test_a_text_that_goes_on_does_not_begin_a_forbidden_phrase(tokenizer: Tokenizer) -> None:
    whole, part = (Demands(forbid=("two houses",), goes_on=goes_on) for goes_on in (False, True))
    assert accepts(DemandsAutomaton(whole, tokenizer.surfaces), tokenizer.encode("one two"))
    assert not accepts(DemandsAutomaton(part, tokenizer.surfaces), tokenizer.encode("one two"))
    assert accepts(DemandsAutomaton(part, tokenizer.surfaces), tokenizer.encode("two houze"))


@pytest.mark.parametrize(
    ("demands", "says"),
    [
        (Demands.of("the tree", forbid=("the",)), "the prefix 'the tree' contains a forbidden phrase"),
        (Demands.of(require=("old tree",), forbid=("tree",)), "'old tree' is required, but it contains a forbidden"),
        (Demands.of(require=("字",)), "vocabulary cannot spell '字'"),
        (Demands.of("字"), "vocabulary cannot spell '字'"),
    ],
)
def test_contradictions_are_refused(demands: Demands, says: str) -> None:
    letters = Surfaces([b"", b"", b"", b"", *(bytes([code]) for code in range(32, 127))])
    with pytest.raises(DataError, match=says):
        DemandsAutomaton(demands, letters)


@pytest.mark.parametrize("some", [{"require": ("",)}, {"forbid": ("a", " \t")}])
def test_blank_phrases_are_refused(some: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(DataError, match=f"a phrase to {next(iter(some))} is blank"):
        Demands.of(**some)


def test_threads_may_ask_at_once_and_get_the_same(tokenizer: Tokenizer) -> None:
    demands = Demands.of("two", ("old tree", "house"), ("down",))
    texts = [
        tokenizer.encode(text) for text in ("two old tree house", "two houses", "two old house tree", "one", "twofold")
    ]
    alone = [accepts(DemandsAutomaton(demands, tokenizer.surfaces), ids) for ids in texts]
    shared, found = DemandsAutomaton(demands, tokenizer.surfaces), {}

    def work(number: int) -> None:
        found[number] = [accepts(shared, ids) for ids in (texts if number % 2 else texts[::-1])]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert [found[i] if i % 2 else found[i][::-1] for i in range(8)] == [alone] * 8


def test_what_is_too_far_does_not_hang_on_what_was_asked_before(tokenizer: Tokenizer) -> None:
    demands = Demands.of(require=("two",), forbid=("old",))
    fresh, used = (DemandsAutomaton(demands, tokenizer.surfaces) for _ in range(2))
    used.too_far(used.after(used.start), 0)
    for left in range(NEAR + 3):
        one, other = (some.too_far(some.after(some.start), left) for some in (fresh, used))
        assert (np.zeros(1, bool) if one is None else one).any() == (
            np.zeros(1, bool) if other is None else other
        ).any()
