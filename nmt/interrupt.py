"""Ctrl-C while nothing can be lost."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_once() -> Iterator[None]:
    """Let Ctrl-C end the process by itself, without a KeyboardInterrupt: for where all on the disk is whole.

    Libraries that are being imported swallow that exception, or go on half imported.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:  # ignored, or somebody else's
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
