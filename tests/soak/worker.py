"""One process of `fuzz.py`: runs the cases of a target under bounds of time and memory."""

import faulthandler
import os
import re
import resource
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import atheris  # noqa: E402

from tests.soak.case_file import CaseFile  # noqa: E402
from tests.soak.mutations import mutate  # noqa: E402

LIMIT = 20.0  # seconds of the processor for a case
MEMORY = 1 << 30  # bytes that cases may take beside what the libraries take
LONGEST = 1000  # characters of a message
INSTRUMENTED = ["nmt", "tomllib", "polib", "srt", "pysubs2", "markdown_it", "sacrebleu"]


class TooLong(BaseException):
    """A case takes too long; no handler of usual exceptions may catch it."""


def _too_long(number: int, frame: FrameType | None) -> None:
    raise TooLong


def main() -> None:
    """Prepare the target, then let atheris make cases from its seeds."""
    name, cases, seconds, seed, folder, out = sys.argv[1:]
    place = Path(folder) / f"work-{os.getpid()}"
    place.mkdir()
    with atheris.instrument_imports(include=INSTRUMENTED, enable_loader_override=False):
        from nmt.errors import NmtError
        from tests.soak.targets import TARGETS

        target = TARGETS[name](place)
        os.chdir(place)
        seeds = target.seeds()
        for case in seeds:  # imports all that is needed; what is wrong with a seed is found once more below
            with suppress(Exception):
                target.run(case)
    file = CaseFile(Path(folder) / "case")
    corpus = Path(folder) / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, case in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(case)
    faulthandler.register(signal.SIGUSR2, all_threads=True)
    signal.signal(signal.SIGPROF, _too_long)
    taken = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
    stop = time.monotonic() + float(seconds)

    def one(case: bytes) -> None:
        if time.monotonic() > stop or file.cases >= int(cases):
            file.finish()
            os._exit(0)
        file.begin(case)
        refused, began = False, time.process_time()
        try:
            signal.setitimer(signal.ITIMER_PROF, LIMIT)
            try:
                target.run(case)
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
        except NmtError as error:
            refused = True
            if not (str(error).isprintable() and len(str(error)) <= LONGEST):
                _keep(
                    Path(out), case, AssertionError(f"no line: {str(error)!r:.600}").with_traceback(error.__traceback__)
                )
        except (Exception, TooLong) as error:
            _keep(Path(out), case, error)
        file.end(time.process_time() - began, refused)

    words = [
        "fuzz",
        f"-seed={seed}",
        f"-max_len={target.longest}",
        "-rss_limit_mb=0",
        "-timeout=1200",
        "-len_control=0",
    ]
    words.append("-handle_usr2=0")
    atheris.Setup([*words, str(corpus)], one, custom_mutator=mutate(target.tokens, target.reshape))
    atheris.Fuzz()


def _keep(out: Path, case: bytes, error: BaseException) -> None:
    """Keep a case with its traceback, the first of each kind."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}nmt{os.sep}" in frame.filename] or frames
    kind = type(error).__name__ + "-" + "-".join(f"{Path(frame.filename).stem}-{frame.lineno}" for frame in ours[-2:])
    path = out / re.sub(r"[^\w.-]", "_", kind)
    if not path.with_name(path.name + ".traceback").exists():
        path.with_name(path.name + ".case").write_bytes(case)
        text = "".join(traceback.format_exception(error))
        path.with_name(path.name + ".traceback").write_text(text, encoding="utf-8", errors="replace")


if __name__ == "__main__":
    main()
