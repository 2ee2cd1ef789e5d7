import os
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.errors import ConfigError, DataError
from nmt.evaluation import metrics
from nmt.evaluation.metrics import METRICS, compare, score

REFERENCE = [f"The {animal} number {n} sleeps under the old table." for n in range(8) for animal in ("cat", "dog")]
WORSE = [line.replace("sleeps", "is sleeping") if n % 3 else line for n, line in enumerate(REFERENCE)]
WORST = [line.replace("the old table", "an elderly desk").replace("The", "A") for line in WORSE]
PERFECT = {"bleu": 100.0, "chrf": 100.0, "ter": 0.0}


@pytest.mark.parametrize("metric", METRICS)
def test_the_reference_itself_is_perfect_and_an_edit_is_not(metric: str) -> None:
    assert score(metric, REFERENCE, [REFERENCE]).value == pytest.approx(PERFECT[metric])
    good, bad = (abs(score(metric, lines, [REFERENCE]).value - PERFECT[metric]) for lines in (WORSE, WORST))
    assert 0 < good < bad


@pytest.mark.parametrize("metric", METRICS)
def test_values_and_signatures_are_sacrebleus_own(metric: str) -> None:
    import sacrebleu

    theirs: Any = getattr(sacrebleu, f"corpus_{metric}")(WORSE, [REFERENCE])
    ours = score(metric, WORSE, [REFERENCE])
    assert ours.value == theirs.score
    assert ours.name == theirs.name
    assert f"version:{sacrebleu.__version__}" in ours.signature and ours.signature in ours.text
    assert f" = {ours.value:.2f}" in ours.text


@pytest.mark.parametrize("metric", METRICS)
def test_a_second_reference_never_hurts_and_is_signed(metric: str) -> None:
    one = score(metric, WORSE, [REFERENCE])
    two = score(metric, WORSE, [REFERENCE, WORSE])
    assert two.value == pytest.approx(PERFECT[metric])
    assert "nrefs:1" in one.signature and "nrefs:2" in two.signature


@pytest.mark.parametrize("metric", METRICS)
@settings(max_examples=20, deadline=None)
@given(lines=st.lists(st.text(st.sampled_from("ab .\u00e4\u4e2d"), max_size=12), min_size=1, max_size=4))
def test_any_text_scores_itself_without_crashing(metric: str, lines: list[str]) -> None:
    assert score(metric, lines, [["a reference"] * len(lines)]).value >= 0


def test_case_counts_unless_told_otherwise() -> None:
    shouted = [line.upper() for line in REFERENCE]
    for metric in ("bleu", "chrf"):
        assert score(metric, shouted, [REFERENCE]).value < 50
        lower = score(metric, shouted, [REFERENCE], lowercase=True)
        assert lower.value == pytest.approx(100) and "case:lc" in lower.signature


def test_bleu_takes_a_tokenizer_and_the_others_ignore_it() -> None:
    lines, references = ["我们明天去公园散步吧"], [["我们今天去公园散步吧"]]
    assert score("bleu", lines, references, tokenize="13a").value < score("bleu", lines, references).value
    assert "tok:char" in score("bleu", lines, references, tokenize="char").signature
    assert score("chrf", lines, references, tokenize="zh") == score("chrf", lines, references)
    with pytest.raises(ConfigError, match=r"^Unknown BLEU tokenizer '13b'\. Did you mean '13a'\? Choices: none, zh,"):
        score("bleu", lines, references, tokenize="13b")


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("我们今天去公园散步吧。", "zh"), ("私は Tokyo の学生です。", "char"), ("ฉันรักหมา", "char"),
        ("오늘 우리는 공원에 간다", "13a"), ("The word for it is 狗.", "13a"), ("", "13a"), ("3.5", "13a"),
    ],
)  # fmt: skip
def test_bleu_finds_words_as_they_are_written(reference: str, name: str) -> None:
    assert f"tok:{name}|" in score("bleu", ["x"], [[reference]]).signature
    compared = compare(["bleu"], {"a": ["x", "y"], "b": ["y", "x"]}, [[reference] * 2], resamples=10)
    assert all(f"tok:{name}|" in row.signature for row in compared)


def test_a_tokenizer_that_cannot_start_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from sacrebleu.metrics import bleu

    def refuse(name: str) -> None:
        raise RuntimeError("needs mecab\nand more")

    monkeypatch.setattr(bleu, "_get_tokenizer", refuse)
    with pytest.raises(
        ConfigError, match=r"^BLEU tokenizer 'ja-mecab' cannot start: needs mecab\. Choose another one\.$"
    ):
        score("bleu", REFERENCE, [REFERENCE], tokenize="ja-mecab")


def test_an_unknown_metric_is_a_mistake_of_the_user() -> None:
    with pytest.raises(ConfigError, match=r"^Unknown metric 'chr'\. Did you mean 'chrf'\? Choices: bleu, chrf, ter\.$"):
        score("chr", REFERENCE, [REFERENCE])


def test_unequal_or_missing_lines_name_both_counts() -> None:
    with pytest.raises(DataError, match=r"^hypothesis has 15 lines but reference 2 has 16\."):
        score("bleu", REFERENCE[1:], [REFERENCE[1:], REFERENCE])
    with pytest.raises(DataError, match=r"^new has 16 lines but reference 1 has 15\."):
        compare(["bleu"], {"old": REFERENCE[1:], "new": REFERENCE}, [REFERENCE[1:]])
    with pytest.raises(DataError, match=r"^hypothesis has 0 lines\."):
        score("bleu", [], [[]])
    with pytest.raises(DataError, match=r"^There is no reference\. Pass --reference FILE\.$"):
        score("bleu", REFERENCE, [])


def test_comparison_agrees_with_the_plain_scores() -> None:
    rows = compare(METRICS, {"worst": WORST, "worse": WORSE}, [REFERENCE], resamples=100)
    assert [row.system for row in rows] == ["worst", "worse"] * 3
    for row, metric in zip(rows, [m for m in METRICS for _ in range(2)], strict=True):
        plain = score(metric, {"worst": WORST, "worse": WORSE}[row.system], [REFERENCE])
        assert row.metric == plain.name and row.value == pytest.approx(plain.value)
        assert row.mean - 3 * row.interval - 1e-3 <= row.value <= row.mean + 3 * row.interval + 1e-3
        assert "bs:100|seed:12345" in row.signature
        assert (row.p_value is None) == (row.system == "worst")
        assert row.p_value is None or row.p_value < 0.05


def test_a_system_does_not_differ_from_itself() -> None:
    rows = compare(["bleu"], {"one": WORSE, "same": list(WORSE)}, [REFERENCE], resamples=50)
    assert rows[1].p_value == 1.0


def test_the_seed_decides_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SACREBLEU_SEED", raising=False)
    systems = {"worst": WORST, "worse": WORSE}
    first, again, other = (compare(["chrf"], systems, [REFERENCE], 50, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert "SACREBLEU_SEED" not in os.environ
    monkeypatch.setenv("SACREBLEU_SEED", "7")
    assert compare(["chrf"], systems, [REFERENCE], 50, seed=1) == first
    assert os.environ["SACREBLEU_SEED"] == "7"


class Cached:
    """A test set that lies on disk, as sacreBLEU keeps it."""

    langpairs = ("en-de", "de-en")

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get_source_file(self, pair: str) -> str:
        return str(self.folder / "src")

    def get_reference_files(self, pair: str) -> list[str]:
        return [str(self.folder / "ref0"), str(self.folder / "ref1")]


def test_a_test_set_gives_sources_and_every_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sacrebleu.dataset

    for name, text in {"src": "one\u2028\ntwo\n", "ref0": "eins\nzwei\n", "ref1": "ein\npaar\n"}.items():
        (tmp_path / name).write_bytes(text.encode())
    monkeypatch.setitem(sacrebleu.dataset.DATASETS, "ours26", Cached(tmp_path))
    assert metrics.test_set("ours26", "en-de") == (["one\u2028", "two"], [["eins", "zwei"], ["ein", "paar"]])
    with pytest.raises(
        DataError, match=r"^Test set ours26 has no pair 'en-dee'\. Did you mean 'en-de'\? Pairs: de-en, en-de\."
    ):
        metrics.test_set("ours26", "en-dee")
    (tmp_path / "ref1").unlink()
    with pytest.raises(DataError, match=r"^Test set ours26 en-de cannot be fetched: "):
        metrics.test_set("ours26", "en-de")


def test_an_unknown_test_set_gets_the_nearest() -> None:
    with pytest.raises(DataError, match=r"^Unknown test set 'wmt-14'\. Did you mean 'wmt\d+'\? List them with"):
        metrics.test_set("wmt-14", "en-de")


@pytest.mark.parametrize("failure", [OSError("Name or service not known"), SystemExit(1)])
def test_a_failed_download_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException) -> None:
    from sacrebleu.dataset import DATASETS

    def unreachable(*_: object) -> None:
        raise failure

    monkeypatch.setattr(urllib.request, "urlopen", unreachable)
    monkeypatch.setattr(DATASETS["wmt14"], "_rawdir", str(tmp_path))
    monkeypatch.setattr(DATASETS["wmt14"], "_outdir", str(tmp_path))
    with pytest.raises(
        DataError, match=r"^Test set wmt14 en-de cannot be fetched: .*\. Check the network, or pass --ref"
    ):
        metrics.test_set("wmt14", "en-de")
