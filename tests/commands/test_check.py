"""The corpus doctor on the command line: a sick corpus, its page, its JSON, and its cure."""

import json
import os
import shutil
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data"
LANGUAGES = ["--source", "en", "--target", "de"]


def write(prefix: Path, pairs: list[tuple[bytes, bytes]]) -> Path:
    for side, language in enumerate(("en", "de")):
        prefix.with_name(f"{prefix.name}.{language}").write_bytes(b"".join(pair[side] + b"\n" for pair in pairs))
    return prefix


@pytest.fixture(scope="module")
def good() -> list[tuple[bytes, bytes]]:
    sides = [(DATA / f"train.{language}").read_bytes().split(b"\n")[:400] for language in ("en", "de")]
    return list(dict.fromkeys(zip(*sides, strict=True)))


@pytest.fixture
def sick(good: list[tuple[bytes, bytes]], tmp_path: Path) -> Path:
    pairs = list(good)
    pairs[10] = (b"caf\xe9 here", pairs[10][1])
    pairs[20] = (b"", pairs[20][1])
    pairs[30] = (b"you &amp; me and the\0 dog", "du und ich und\u2028der Hund".encode())
    pairs[40] = pairs[41]
    pairs[50] = (b"The house is not translated here.", b"The house is not translated here.")
    pairs[60] = (pairs[60][0], "Кто это там говорит".encode())
    return write(tmp_path / "sick", pairs)


def test_the_page_says_where_and_what_to_do(nmt, sick: Path, good: list) -> None:
    done = nmt("check", sick, *LANGUAGES)
    assert done.returncode == 0, done.stderr.decode()
    page = done.stdout.decode()
    assert f"{len(good):,} pairs" in page and "STOPS TRAINING" in page and "DOUBTFUL" in page
    for line, what in ((11, "source 0xe9"), (21, "source"), (31, "&amp;"), (31, "U+2028"), (42, "as "),
                       (51, "one text"), (61, "target in cyrillic")):  # fmt: skip
        assert any(f"sick.en:{line}" in row and what in row for row in page.splitlines()), (line, what)
    assert "caf<0xe9> here" in page and "the<U+0000> dog" in page  # nothing that a terminal would obey
    assert "Nothing found by: " in page and "shifted" in page.rpartition("Nothing found by: ")[2]


def test_a_good_corpus_is_called_good(nmt, good: list, tmp_path: Path) -> None:
    done = nmt("check", write(tmp_path / "good", good), *LANGUAGES, "--strict", "--json")
    assert done.returncode == 0, done.stdout.decode()
    record = json.loads(done.stdout)
    assert record["corpora"][0]["pairs"] == len(good) and set(record["findings"]) <= {"numbers", "spaces"}


def test_json_counts_what_the_page_counts(nmt, sick: Path) -> None:
    record = json.loads(nmt("check", sick, *LANGUAGES, "--json", "--examples", "1").stdout)
    counts = {kind: each["count"] for kind, each in record["findings"].items()}
    wanted = {"bytes": 1, "blank": 1, "nul": 1, "ends": 1, "entities": 1, "repeated": 1, "copied": 1, "script": 1}
    assert wanted.items() <= counts.items()
    assert all(len(each["examples"]) <= 1 for each in record["findings"].values())
    assert nmt("check", sick, *LANGUAGES, "--strict").returncode == 2


def test_what_is_mended_is_healthy_and_all_that_was_done_is_told(nmt, sick: Path, good: list, tmp_path: Path) -> None:
    done = nmt("check", sick, *LANGUAGES, "--fix", tmp_path / "cured")
    assert done.returncode == 0, done.stderr.decode()
    lines = {side: (tmp_path / f"cured.{side}").read_text("utf-8").split("\n")[:-1] for side in ("en", "de")}
    assert len(lines["en"]) == len(lines["de"]) == len(good) - 5  # bytes, blank, repeated, copied, script
    place = lines["en"].index("you & me and the dog")
    assert lines["de"][place] == "du und ich und der Hund"
    log = (tmp_path / "cured.log.tsv").read_bytes().decode().split("\n")[:-1]
    assert [row.split("\t")[:2] for row in log if "\tout\t" in row] == [
        [f"{sick}.en:{line}", "out"] for line in (11, 21, 42, 51, 61)
    ]
    again = json.loads(nmt("check", tmp_path / "cured", *LANGUAGES, "--json").stdout)
    assert set(again["findings"]) <= {"numbers"}
    refused = nmt("check", sick, *LANGUAGES, "--fix", tmp_path / "cured")
    assert refused.returncode == 2 and b"is there already" in refused.stderr
    trained = nmt("train", sick, *LANGUAGES, "--out", tmp_path / "model")
    assert trained.returncode == 2 and b"not UTF-8" in trained.stderr  # what the doctor said


@pytest.mark.parametrize("by", [1, -1])
def test_a_lost_line_costs_a_few_pairs_and_not_all_behind_it(nmt, good: list, tmp_path: Path, by: int) -> None:
    sources, targets = zip(*good, strict=True)
    lost = 100
    if by > 0:  # a source was lost, so that its target and all behind it stand a line too low
        sources = (*sources[:lost], *sources[lost + 1 :], b"Nobody translated this one.")
    else:
        targets = (*targets[:lost], *targets[lost + 1 :], b"Das steht nur auf Deutsch da.")
    corpus = write(tmp_path / "moved", list(zip(sources, targets, strict=True)))
    nmt("check", corpus, *LANGUAGES, "--fix", tmp_path / "cured")
    sides = ((tmp_path / f"cured.{language}").read_bytes().split(b"\n")[:-1] for language in ("en", "de"))
    pairs = list(zip(*sides, strict=True))
    assert len(pairs) > len(good) - 40
    assert len(set(pairs) - set(good)) <= 8  # beside the lost line, where it is not known yet that it is lost
    log = (tmp_path / "cured.log.tsv").read_text("utf-8")
    assert f"\tmended\tshifted: has the target of the line {'below' if by > 0 else 'above'} now\t" in log


def test_shifted_lines_are_told_and_left_out(nmt, good: list, tmp_path: Path) -> None:
    sources, targets = zip(*good, strict=True)
    moved = [*targets[:100], b"Eine Zeile zu viel.", *targets[100:199], *targets[200:]]
    corpus = write(tmp_path / "moved", list(zip(sources, moved, strict=True)))
    done = nmt("check", corpus, *LANGUAGES, "--fix", tmp_path / "cured")
    assert b"one line down" in done.stdout
    kept = (tmp_path / "cured.en").read_bytes().count(b"\n")
    assert len(good) - 50 < kept < len(good) - 10  # those inside of the run got their own targets back


def test_files_of_unequal_length_are_looked_at_as_far_as_they_go(nmt, good: list, tmp_path: Path) -> None:
    corpus = write(tmp_path / "short", good)
    (tmp_path / "short.de").write_bytes(b"".join(pair[1] + b"\n" for pair in good[:-3]))
    done = nmt("check", corpus, *LANGUAGES)
    assert done.returncode == 0 and f"de has {len(good) - 3}".encode() in done.stdout
    assert f"{len(good) - 3:,} pairs".encode() in done.stdout


def test_held_out_sentences_are_missed_in_no_corpus(nmt, good: list, tmp_path: Path) -> None:
    corpus, dev = write(tmp_path / "train", good[:200]), write(tmp_path / "dev", [good[7], good[250]])
    words = ["check", corpus, corpus, *LANGUAGES, "--held-out", dev, "--fix", tmp_path / "cured"]
    done = nmt(*words)
    assert done.returncode == 0 and b"sources of a validation or test set" in done.stdout
    assert f"{200:>9,}  pairs that were there before".encode() in done.stdout  # the corpus was given twice
    assert good[7][0] not in (tmp_path / "cured.en").read_bytes().split(b"\n")
    assert (tmp_path / "cured.en").read_bytes().count(b"\n") == 200 - sum(s == good[7][0] for s, _ in good[:200])


def test_a_models_vocabulary_tells_what_it_does_not_know(nmt, trained: Path, tmp_path: Path) -> None:
    corpus = write(tmp_path / "zoo", [(b"The dog sees the cat.", "Der 犬 sieht den Kater.".encode())] * 3)
    done = nmt("check", corpus, "--model", trained)
    assert done.returncode == 0, done.stderr.decode()
    assert "Unknown characters: 犬 3" in done.stdout.decode() and b" pieces a line" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], b"Missing argument"),
        (["{sick}"], b"which languages?"),
        (["{sick}", *LANGUAGES, "--model", "nowhere"], b"nowhere: no such folder"),
        (["{sick}", *LANGUAGES, "--held-out", "nowhere"], b"nowhere.en and nowhere.de: no such files"),
        (["{sick}", *LANGUAGES, "--examples", "-1"], b"--examples"),
        (["{sick}", *LANGUAGES, "--strict"], b"--strict, and something was found"),
    ],
)
def test_mistakes_get_one_line(nmt, sick: Path, words: list[str], says: bytes) -> None:
    refused = nmt("check", *(word.format(sick=sick) for word in words))
    assert refused.returncode == 2 and says in refused.stderr + refused.stdout
    assert b"Traceback" not in refused.stderr


def test_a_corpus_that_is_not_there_is_no_finding(nmt, tmp_path: Path) -> None:
    refused = nmt("check", tmp_path / "none", *LANGUAGES)
    assert refused.returncode == 2 and refused.stderr.count(b"\n") == 1
    shutil.copy(DATA / "train.en", tmp_path / "none.en")
    assert nmt("check", tmp_path / "none", *LANGUAGES).returncode == 2


BROKEN = {
    "tsv": b"a b c\td e f\nno tab\n" + b"x\ty\n" * 30,
    "jsonl": b'{"source": "a", "target": "b"}\n{\n{"source": "c", "target": "d"}\n',
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_could_not_be_read_to_its_end_is_not_mended(nmt, tmp_path: Path, kind: str) -> None:
    (tmp_path / f"broken.{kind}").write_bytes(BROKEN[kind])
    done = nmt("check", tmp_path / f"broken.{kind}", "--fix", tmp_path / "cured", "--examples", "0")
    assert done.returncode == 2 and f"broken.{kind}:2".encode() in done.stderr and b"STOPS TRAINING" in done.stdout
    assert not list(tmp_path.glob("*cured*"))


def test_json_with_broken_bytes_stops_training_and_is_said_to(nmt, tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_bytes(b'{"source": "caf\xe9", "target": "Caf\xc3\xa9 \\ud83d"}\n' * 2)
    record = json.loads(nmt("check", tmp_path / "c.jsonl", "--json").stdout)
    assert record["findings"]["bytes"]["count"] == record["findings"]["lost"]["count"] == 2


def test_a_pair_goes_only_once(nmt, good: list, tmp_path: Path) -> None:
    """What repeats a pair that went for another reason stays."""
    sources, targets = zip(*good, strict=True)
    moved = [*targets[:100], b"Eine Zeile zu viel.", *targets[100:199], *targets[200:]]
    bad, right = write(tmp_path / "bad", list(zip(sources, moved, strict=True))), write(tmp_path / "right", good)
    assert nmt("check", bad, right, *LANGUAGES, "--fix", tmp_path / "cured").returncode == 0
    kept = set(zip(*((tmp_path / f"cured.{side}").read_bytes().split(b"\n") for side in ("en", "de")), strict=True))
    assert set(good) <= kept


def test_spaces_and_entities_hide_no_held_out_sentence(nmt, tmp_path: Path) -> None:
    (tmp_path / "dev.tsv").write_bytes(b"A dog  sees it.\tEin Hund.\nyou & me\tdu und ich\n\tleer\n")
    (tmp_path / "c.tsv").write_bytes(b"A dog sees  it.\tx y\nyou &amp; me\tx z\nfine\tgut\na\tc  d\na\tc d\n\tz\n")
    done = nmt("check", tmp_path / "c.tsv", "--held-out", tmp_path / "dev.tsv", "--fix", tmp_path / "cured", "--json")
    assert (tmp_path / "cured.source").read_bytes() == b"fine\na\n"
    counts = {kind: each["count"] for kind, each in json.loads(done.stdout)["findings"].items()}
    assert counts["held out"] == 1 and counts["repeated"] == 1
    rows = (tmp_path / "cured.log.tsv").read_text("utf-8").split("\n")[:-1]
    assert {row.count("\t") for row in rows} == {4}


def test_no_example_may_be_wanted(nmt, good: list, tmp_path: Path) -> None:
    done = nmt("check", write(tmp_path / "twice", good[:50] * 2), *LANGUAGES, "--examples", "0", "--json")
    assert json.loads(done.stdout)["findings"]["repeated"] == {"level": "doubtful", "count": 50, "examples": []}


def test_places_that_cannot_be_are_refused_before_anything_is_read(nmt, good: list, tmp_path: Path) -> None:
    corpus = write(tmp_path / "c", good[:30])
    for where in (".", "/", tmp_path / "no" / "place"):
        refused = nmt("check", corpus, *LANGUAGES, "--fix", where)
        assert refused.returncode == 2 and b"no place for files" in refused.stderr and not refused.stdout
    shutil.copy(tmp_path / "c.de", tmp_path / "d.de")
    alike = nmt(
        "check", f"{tmp_path}/c.en,{tmp_path}/d.de", "--source", "en", "--target", "en", "--fix", tmp_path / "e"
    )
    assert alike.returncode == 0 and (tmp_path / "e.source").read_bytes() == (tmp_path / "c.en").read_bytes()


def test_pipes_and_empty_corpora_are_told(nmt, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tsv")
    refused = nmt("check", tmp_path / "pipe.tsv")
    assert refused.returncode == 2 and b"a pipe can be read once" in refused.stderr
    (tmp_path / "empty.tsv").write_bytes(b"\n\n")
    assert nmt("check", tmp_path / "empty.tsv", "--strict").returncode == 2


def test_a_corpus_of_an_endless_name_is_told_in_one_line(nmt) -> None:
    done = nmt("check", "x" * 5000)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1
    assert done.stderr.endswith(b": File name too long. Check the path.\n")


def test_blank_lines_alone_are_no_usable_pair_of_no_words(nmt, tmp_path: Path) -> None:
    done = nmt("check", write(tmp_path / "blank", [(b"", b""), (b"", b"")]), *LANGUAGES)
    assert done.returncode == 0 and b"no usable pair" in done.stdout and b"en       0.0 words" in done.stdout
