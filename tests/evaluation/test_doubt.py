"""Doubt: what raises it, what a calibration promises, and what a damaged one says."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import DataError, ModelFolderError
from nmt.evaluation.doubt import (
    FEWEST,
    FLAGGED,
    STEPS,
    Calibration,
    Evidence,
    Length,
    calibrate,
    doubtfulness,
    judge,
)

SOURCE = "The small dog sees the black cat behind the house ."
TARGET = "Der kleine Hund sieht die schwarze Katze hinter dem Haus ."


def evidence(
    sure: float | list[float] = 0.9, source: str = SOURCE, target: str = TARGET, **changes: object
) -> Evidence:
    words, answer = source.split(), target.split()
    confidence = [sure] * len(answer) if isinstance(sure, float) else sure
    made = Evidence(source, target, words, answer, np.ones(len(words)), confidence)
    return made._replace(**changes)  # type: ignore[arg-type]


def many(count: int = 200, seed: int = 0) -> tuple[list[Evidence], list[str]]:
    """Lines of different lengths and certainty, of which articles are hardly read."""
    chance, lines = np.random.default_rng(seed), []
    for sure in chance.uniform(0.3, 1.0, count):
        size = int(chance.integers(3, 12))
        source, target = " ".join(SOURCE.split()[:size]), " ".join(TARGET.split()[:size])
        read = np.array([0.02 if word.casefold() == "the" else 1.0 for word in source.split()])
        lines.append(evidence(float(sure), source, target, read=read))
    return lines, [line.text for line in lines]


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    return calibrate(*many())


def kinds(line: Evidence, calibration: Calibration | None = None) -> list[str]:
    return [remark.kind for remark in judge(line, calibration).remarks]


def test_a_good_line_has_no_warning(calibration: Calibration) -> None:
    assert kinds(evidence()) == kinds(evidence(), calibration) == []
    assert judge(evidence()).record() == {"warnings": []}


def test_each_kind_is_told_with_its_words(calibration: Calibration) -> None:
    read = np.ones(11)
    read[5] = 0.03
    cases = [
        ("unread", evidence(read=read), ["black"]),
        ("loop", evidence(target=TARGET + " und Mond und Mond und Mond"), ["und", "Mond"]),
        ("length", evidence(target=TARGET * 3), None),
        ("length", evidence([], target=""), []),
        ("unknown", evidence(unknown=["Ω", "Ω"]), ["Ω"]),
        ("unsure", evidence([0.9] * 3 + [0.01] * 8), TARGET.split()[3:]),
        ("split", evidence(parts=3), []),
    ]
    for kind, line, words in cases:
        found = {remark.kind: remark for remark in judge(line, calibration).remarks}
        assert kind in found, kind
        assert words is None or found[kind].words == words
        assert found[kind].message.endswith(".") and all(word in found[kind].message for word in words or [])
        if not (kind == "length" and words is None):  # what is usual is not known without a calibration
            assert kind in kinds(line)


def test_articles_nobody_reads_are_no_omission_once_that_is_known(calibration: Calibration) -> None:
    read = np.array([0.02 if word.casefold() == "the" else 1.0 for word in SOURCE.split()])
    assert kinds(evidence(read=read), calibration) == [] and "the" in calibration.light
    assert kinds(evidence(read=read)) == []  # short words are let pass without one
    read[2] = 0.02
    assert kinds(evidence(read=read), calibration) == ["unread"]
    scattered = replace(calibration, reading=0.3)
    assert kinds(evidence(read=read), scattered) == []


def test_a_word_is_not_light_by_one_reading() -> None:
    lines, references = many()
    odd = lines[0]._replace(source_words=["zebra"], read=np.array([0.3]))
    assert "zebra" not in calibrate([odd, *lines], [references[0], *references]).light
    assert "zebra" in calibrate([odd] * 30 + lines, [references[0]] * 30 + references).light


@given(st.lists(st.floats(0, 1), min_size=11, max_size=11), st.integers(0, 10))
def test_doubt_is_a_share_and_grows_where_a_word_is_less_sure(sure: list[float], place: int) -> None:
    before = doubtfulness(evidence(sure))
    assert 0 <= before <= 1 and before == pytest.approx(1 - np.mean(sure))
    assert doubtfulness(evidence([*sure[:place], 0.0, *sure[place + 1 :]])) >= before


def test_repeats_and_lengths_raise_doubt_however_sure_the_model_is(calibration: Calibration) -> None:
    sane = doubtfulness(evidence(1.0), calibration.length)
    looped = evidence(1.0, target=" ".join(["und Mond"] * 20))
    short = evidence(1.0, target="Der")
    assert sane == 0 and doubtfulness(looped) > 0.9 and doubtfulness(short, calibration.length) > 0.5
    assert judge(looped, calibration).flagged and judge(short, calibration).flagged
    assert doubtfulness(Evidence("a b", "", [], [], np.zeros(0), [])) == 1


@given(st.integers(0, 400), st.integers(1, 400))
def test_a_usual_length_has_no_excess_and_the_more_the_further(characters: int, size: int) -> None:
    length = Length(0.2, 1.0)
    low, middle, high = length.bounds("x" * size)
    assert low < middle < high
    lines = [evidence(source="x" * size, target="y" * (characters + more)) for more in (0, 1)]
    shares = [length.excess(line) for line in lines]
    assert all(0 <= share < 1 for share in shares)
    assert (shares[0] == 0) == (low <= characters + 1 <= high)
    assert shares[1] >= shares[0] if characters + 1 > middle else shares[1] <= shares[0]


def test_longer_lines_have_narrower_bounds() -> None:
    length = Length(0.0, 1.0)
    shares = [high / low for low, _, high in (length.bounds("x" * size) for size in (5, 20, 100, 1000))]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("count", [FEWEST, 100, 1000])
def test_a_twentieth_of_the_lines_is_flagged_and_it_is_the_most_doubtful(count: int) -> None:
    lines, references = many(count)
    calibration = calibrate(lines, references)
    verdicts = [judge(line, calibration) for line in lines]
    flagged = [bool(verdict.flagged) for verdict in verdicts]
    assert abs(sum(flagged) - FLAGGED * count) <= 1
    order = np.argsort([doubtfulness(line, calibration.length) for line in lines])
    assert [flagged[i] for i in order] == sorted(flagged)
    told = [verdicts[i].doubt for i in order]
    assert told == sorted(told, key=float) and told[0] == 0 and told[-1] == 1
    assert all((verdict.doubt or 0) > 1 - FLAGGED for verdict, flag in zip(verdicts, flagged, strict=True) if flag)


@given(st.lists(st.floats(0, 1), max_size=11), st.integers(0, 6), st.sampled_from(["", "Ja", TARGET, "Mond " * 30]))
def test_a_flagged_line_says_why(sure: list[float], parts: int, target: str) -> None:
    calibration = calibrate(*many())
    confidence = (sure * 50 + [0.5] * 50)[: len(target.split())]
    verdict = judge(evidence(confidence, target=target, parts=parts), calibration)
    assert verdict.remarks or not verdict.flagged
    assert verdict.doubt is not None and 0 <= verdict.doubt <= 1


def test_lines_that_are_all_alike_have_no_doubtful_one() -> None:
    calibration = calibrate([evidence()] * 50, [TARGET] * 50)
    verdict = judge(evidence(), calibration)
    assert verdict.doubt == 0 and verdict.flagged is False
    assert judge(evidence(0.1), calibration).flagged


def test_wrong_pairs_do_not_move_what_is_usual() -> None:
    lines, references = many(300)
    broken = ["x" * 400 if i % 10 == 0 else reference for i, reference in enumerate(references)]
    clean, dirty = calibrate(lines, references).length, calibrate(lines, broken).length
    assert dirty.ratio == pytest.approx(clean.ratio, abs=0.05) and dirty.spread == pytest.approx(clean.spread, abs=0.3)


def test_a_blank_line_has_nothing_to_look_at(calibration: Calibration) -> None:
    blank = Evidence(" \t", "", [], [], np.zeros(0), [])
    assert judge(blank).record() == {"warnings": []}
    assert judge(blank, calibration).record() == {"warnings": [], "doubt": 0.0, "flagged": False}
    assert calibrate([blank, *many()[0]], ["", *many()[1]]) == calibration


def test_a_calibration_comes_back_as_it_was_written(calibration: Calibration) -> None:
    back = Calibration.decode(calibration.encode(), "x")
    assert back.light == calibration.light and back.length == calibration.length and back.lines == calibration.lines
    assert np.allclose(back.quantiles, calibration.quantiles, atol=1e-6)
    assert json.loads(calibration.encode())["light"] == sorted(calibration.light)


def test_too_few_lines_are_refused() -> None:
    with pytest.raises(DataError, match=f"19 lines are too few to calibrate with. Give at least {FEWEST}"):
        calibrate([evidence()] * 19, [TARGET] * 19)


BAD = [
    {"quantiles": []}, {"quantiles": [0.5] * STEPS}, {"quantiles": [0.5] * STEPS + [0.4]}, {"light": 3},
    {"quantiles": [float("nan")] * (STEPS + 1)}, {"quantiles": ["x"]}, {"quantiles": [2.0] * (STEPS + 1)},
    {"length": None}, {"length": {"ratio": 1}}, {"length": {"ratio": 0, "spread": 0}}, {"lines": "many"},
    {"length": {"ratio": float("inf"), "spread": 1}}, {"reading": float("nan")}, {"lines": float("inf")},
]  # fmt: skip


@pytest.mark.parametrize("change", BAD)
def test_a_damaged_calibration_says_so(calibration: Calibration, change: dict[str, object]) -> None:
    content = json.dumps(json.loads(calibration.encode()) | change).encode()
    with pytest.raises(ModelFolderError, match=r"^m/doubt.json: damaged\. Remove it, or make it anew with `nmt calib"):
        Calibration.decode(content, "m/doubt.json")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b"\xff\xfe", b"[" * 100_000, b"{}"])
def test_what_is_no_calibration_says_so(content: bytes) -> None:
    with pytest.raises(ModelFolderError, match="damaged"):
        Calibration.decode(content, "x")
