"""Demands, samples and ratings through the command line."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = b"The dog sees the cat.\n\nThe man likes the fish.\n"


def lines(done: "subprocess.CompletedProcess[bytes]") -> list[str]:
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().split("\n")[:-1]


def test_demands_of_all_lines(nmt, trained: Path) -> None:
    words = ("--prefix", "Der Vo", "--require", "Ende", "--forbid", "den", "--forbid", "sieht")
    first, blank, third = lines(nmt("translate", trained, *words, stdin=TEXT))
    assert blank == ""
    for line in (first, third):
        assert line.startswith("Der Vo") and "Ende" in line and not {"den", "sieht"} & {*line.replace(".", " ").split()}


def test_demands_of_each_line(nmt, trained: Path) -> None:
    rows = [{"text": "The dog sees the cat."}, {"text": "The dog sees the cat.", "prefix": "Die", "require": ["Igel"]},
            {"text": "", "prefix": "Die"}, {"text": "The man likes the fish.", "forbid": ["Der"], "id": 3}]  # fmt: skip
    stdin = "".join(json.dumps(row) + "\n" for row in rows).encode().replace(b'cat."}\n', b'cat."}\n\n', 1)
    found = lines(nmt("translate", trained, "--input", "jsonl", stdin=stdin))
    plain = lines(nmt("translate", trained, stdin=TEXT))
    assert found[0] == plain[0] and found[1] == found[3] == "" and len(found) == 5
    assert found[2].startswith("Die") and "Igel" in found[2] and "Der" not in found[4].split()


def test_a_bad_line_is_told_after_those_before_it(nmt, trained: Path) -> None:
    done = nmt("translate", trained, "--input", "jsonl", stdin=b'{"text": "The dog sees the cat."}\nnonsense\n')
    assert done.returncode == 2 and done.stdout.count(b"\n") == 1
    assert done.stderr.startswith(b"nmt: line 2: not JSON") and done.stderr.count(b"\n") == 1


def test_a_person_who_types_requests_is_answered_at_once(trained: Path) -> None:
    words = [sys.executable, "-m", "nmt", "translate", str(trained), "--threads", "1", "--input", "jsonl"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        for prefix in ("D", "Der H", "Der Hund "):
            process.stdin.write(json.dumps({"text": "The dog sees the cat.", "prefix": prefix}).encode() + b"\n")
            process.stdin.flush()
            assert process.stdout.readline().startswith(prefix.rstrip().encode())
        process.stdin.close()
    assert process.returncode == 0


def test_samples_hang_on_the_seed_alone(nmt, trained: Path) -> None:
    words = ("translate", trained, "--sample", "--nbest", 9, "--set", "search.temperature=1.5")
    first = lines(nmt(*words, stdin=TEXT))
    assert len(first) == 27 and len(set(first[:9])) > 2 and first[9:18] == [""] * 9
    assert lines(nmt(*words, "--batch", 1, stdin=b"\n" + TEXT))[9:] == first
    assert lines(nmt(*words, "--seed", 2, stdin=TEXT)) != first
    greedy = lines(nmt("translate", trained, "--beam", 1, stdin=TEXT))
    assert lines(nmt("translate", trained, "--sample", "--set", "search.temperature=0", stdin=TEXT)) == greedy


def test_the_candidate_most_like_the_others(nmt, trained: Path) -> None:
    line = b"The dog sees the cat.\n\nThe man hears the bird.\n"
    every = [lines(nmt("translate", trained, *more, stdin=line)) for more in ([], ["--mbr", 1])]
    assert every[0] == every[1]
    four = [
        json.loads(told) for told in lines(nmt("translate", trained, "--nbest", 4, "--format", "jsonl", stdin=line))
    ]
    chosen = lines(nmt("translate", trained, "--mbr", 4, stdin=line))
    assert all(one in [option["text"] for option in record["nbest"]] or not record["nbest"]
               for one, record in zip(chosen, four, strict=True))  # fmt: skip
    drawn = nmt("translate", trained, "--sample", "--mbr", 8, "--nbest", 2, stdin=line)
    assert drawn.returncode == 0 and len(lines(drawn)) == 6
    refused = nmt("translate", trained, "--mbr", 2, "--nbest", 3, stdin=line)
    assert refused.returncode == 2 and b"--mbr 2 has not so many candidates. Give it 3 or more." in refused.stderr
    refused = nmt("translate", trained, "--mbr", 1001, stdin=line)
    assert refused.returncode == 2 and b"--mbr 1001: a choice is made among 1,000" in refused.stderr
    refused = nmt("translate", trained, "--mbr", 2, "--protect", stdin=line)
    assert refused.returncode == 2 and b"--mbr may take a candidate without a term." in refused.stderr


def test_a_model_of_the_other_direction_is_asked(nmt, trained: Path, back: Path, tmp_path: Path) -> None:
    words = ("translate", trained, "--beam", 4, "--nbest", 4, "--format", "jsonl", "--length-penalty", 1.2)
    plain, asked, ignored = (
        [json.loads(line) for line in lines(nmt(*words, *more, stdin=TEXT))]
        for more in (
            [],
            ["--reverse", back, "--set", "search.reverse=3"],
            ["--reverse", back, "--set", "search.reverse=0"],
        )
    )
    assert ignored == plain and [record["nbest"] for record in asked][1] == []
    for before, after in zip(plain, asked, strict=True):
        texts, table = [option["text"] for option in before["nbest"]], tmp_path / "pairs.tsv"
        table.write_text("".join(f"{text}\t{before['source']}\n" for text in texts), encoding="utf-8")
        told = [json.loads(line) for line in lines(nmt("rate", back, table, "--format", "jsonl"))]
        pieces = [round(-one["log_probability"] / math.log(one["perplexity"])) for one in told]
        right = [
            option["score"] + 3 * one["log_probability"] / length**1.2
            for option, one, length in zip(before["nbest"], told, pieces, strict=True)
        ]
        assert [option["score"] for option in after["nbest"]] == pytest.approx(sorted(right, reverse=True), abs=1e-3)
        assert sorted(option["text"] for option in after["nbest"]) == sorted(texts)
    best = [record["nbest"][0]["text"] if record["nbest"] else "" for record in asked]
    assert lines(nmt(*words[:4], *words[8:], "--reverse", back, "--set", "search.reverse=3", stdin=TEXT)) == best


def test_settings_of_the_search(nmt, trained: Path) -> None:
    words = ("translate", trained, "--format", "jsonl", "--nbest", 4, "--beam", 4)
    diverse = ("--set", "search.strategy=diverse", "--set", "search.diversity=20")
    plain, other, covered = (
        json.loads(lines(nmt(*words, *some, stdin=TEXT))[0])["nbest"]
        for some in ((), diverse, ("--set", "search.coverage_penalty=0.5"))
    )
    assert len({option["text"].split()[0] for option in other if option["text"]}) > 1
    assert len({option["text"] for option in other}) == len(other)
    scores = {option["text"]: option["score"] for option in plain}
    assert all(option["score"] <= scores.get(option["text"], 0.0) + 1e-4 for option in covered)


def test_ratings(nmt, trained: Path, tmp_path: Path) -> None:
    table = tmp_path / "pairs.tsv"
    right, wrong = "Der Hund sieht den Kater.", "Kater Kater den den den."
    rows = [f"The dog sees the cat.\t{right}", "\t", f"The dog sees the cat.\t{wrong}", "The dog.\t"]
    table.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    found = [line.split("\t") for line in lines(nmt("rate", trained, table))]
    assert [len(row) for row in found] == [3] * 4 and found[1] == found[3] == ["", "", ""]
    assert 0 > float(found[0][0]) != float(found[2][0]) < 0 and float(found[0][2]) > 1
    records = [json.loads(line) for line in lines(nmt("rate", trained, table, "--format", "jsonl"))]
    assert records[1] == {"log_probability": None, "per_word": None, "perplexity": None}
    assert records[0]["words"] == right.split() and records[0]["log_probability"] == float(found[0][0])
    total = sum(records[0]["word_log_probabilities"]) + records[0]["end"]
    assert total == pytest.approx(records[0]["log_probability"], abs=1e-3)
    assert records[0]["per_word"] == pytest.approx(total / 6, abs=1e-3)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--sample", "--beam", "3"], b"--sample draws translations by lot, without a beam. Leave out --beam"),
        (["--seed", "3"], b"--seed is for --sample. Add --sample"),
        (["--sample", "--require", "Hund"], b"required phrases need a beam, not search.strategy=sample"),
        (["--set", "training.lr=1"], b"only its search to set"),
        (["--set", "search.topp=1"], b"Did you mean 'search.top_p'"),
        (["--set", "search.top_p=0"], b"search.top_p=0.0 must be above 0 and at most 1"),
        (["--set", "search.strategy=smaple"], b"Did you mean 'sample'"),
        (["--set", "search.strategy=diverse", "--set", "search.groups=2"], b"must be a multiple of search.groups=2"),
        (["--input", "json"], b"Did you mean 'jsonl'"),
        (["--forbid", " "], b"a phrase to forbid is blank"),
        (["--require", "der Hund", "--forbid", "Hund"], b"'der Hund' is required, but it contains a forbidden phrase"),
        (["--prefix", "Der Hund.", "--forbid", "Hund"], b"the prefix 'Der Hund.' contains a forbidden phrase"),
        (["--prefix", "x" * 99], b"need 99 pieces; at most 40"),
    ],
)
def test_mistakes(nmt, trained: Path, words: list[str], says: bytes) -> None:
    refused = nmt("translate", trained, *words, stdin=TEXT)
    assert refused.returncode == 2 and says in refused.stderr and b"Traceback" not in refused.stderr
    assert refused.stderr.count(b"\n") == 1 and refused.stdout == b""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere", "x.tsv"], b"nowhere: no such folder"),
        (["MODEL", "x.tsv"], b"x.tsv: no such file"),
        (["MODEL", "x.tsv", "--format", "csv"], b"Did you mean 'tsv'"),
    ],
)
def test_mistakes_of_rate(nmt, trained: Path, words: list[str], says: bytes) -> None:
    refused = nmt("rate", *[word.replace("MODEL", str(trained)) for word in words])
    assert refused.returncode == 2 and says in refused.stderr and refused.stderr.count(b"\n") == 1


def test_the_help_of_rate_shows_an_example(nmt) -> None:
    assert b"Example:\n" in nmt("rate", "--help").stdout
