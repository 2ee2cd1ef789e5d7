"""The steps of `nmt translate` for one line, each with its time: run by startup.py, which passes model and start.

It imports nothing of this folder, so that only the steps themselves are timed.
"""

import time

STAMPS = [("python", time.time())]


def done(step: str) -> None:
    """Note that a step has ended."""
    STAMPS.append((step, time.time()))


def main() -> None:
    """Take the steps and print how long each took, as JSON."""
    import json
    import sys
    from pathlib import Path

    import nmt.commands  # noqa: F401 - imported for its time, as below

    done("command line")
    import torch  # noqa: F401

    done("torch")
    import sentencepiece  # noqa: F401

    done("sentencepiece")
    from nmt.translator import Translator

    done("the rest of nmt")
    translator = Translator.load(Path(sys.argv[1]), device="cpu")
    done("model")
    translator.translate(["A man rides a horse."])
    done("first sentence")
    before, times = float(sys.argv[2]), {}
    for step, stamp in STAMPS:
        times[step], before = stamp - before, stamp
    print(json.dumps(times))


if __name__ == "__main__":
    main()
