"""What can be known of Ray without it."""

import pytest

from nmt.bulk.cluster import reason

GUESSES = (
    "Some common causes include: (1) the process was killed by the OOM killer due to high memory, (2) node has died"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"The actor is dead because its worker process has died. {GUESSES}", "its process died"),
        (f"The actor died because its node has died. {GUESSES}", "its machine is gone"),
        ("Task was killed due to the node running low on memory.", "its machine ran out of memory"),
        ("The actor is temporarily unavailable: RpcError: Socket closed", "it cannot be reached"),
        ("", "its process died"),
    ],
)
def test_what_is_known_of_a_lost_worker_is_told_and_no_guess(text: str, said: str) -> None:
    assert reason(text) == said
