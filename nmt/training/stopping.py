"""Ctrl-C and SIGTERM while a training runs."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Interrupted(Exception):
    """Ctrl-C or SIGTERM came; everything is saved."""


class Stop:
    """Whether the training is asked to end after the update at hand."""

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Let Ctrl-C and SIGTERM ask for an end; a second Ctrl-C ends it at once.

        What was ignored stays ignored: a script's `nmt train ... &` outlives the Ctrl-C that ends the script.
        """

        def ask(number: int, frame: Any) -> None:
            self.asked = True
            if signal.SIGINT in heard:
                signal.signal(signal.SIGINT, signal.default_int_handler)

        heard = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) != signal.SIG_IGN]
        before = {number: signal.signal(number, ask) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
