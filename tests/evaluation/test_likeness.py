"""chrF of all pairs at once is sacreBLEU's chrF of each."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sacrebleu import sentence_chrf

from nmt.evaluation import likeness as room
from nmt.evaluation.likeness import likeness, shared

BAGS = st.lists(st.lists(st.sampled_from("abcde")).map(Counter), min_size=1, max_size=5)


@given(st.lists(st.text("aab .ä🐕", max_size=20), max_size=6))
@example(["", "a", "ein Hund", "ein  Hund ", "aaaaaaaa"])
def test_it_is_sacrebleus_figure(texts: list[str]) -> None:
    right = [[sentence_chrf(text, [other]).score for other in texts] for text in texts]
    np.testing.assert_allclose(likeness(texts), np.array(right).reshape(len(texts), len(texts)), atol=1e-9)


@pytest.mark.parametrize("at_once", [1, 2, 4096])
@given(BAGS)
def test_what_two_bags_share(at_once: int, bags: list["Counter[str]"]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "AT_ONCE", at_once)
        got = shared(bags)
    assert got.tolist() == [[(one & other).total() for other in bags] for one in bags]
