"""The power may go at any line of a save: what is there afterwards loads, and is the old state or the new one."""

import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch

import nmt.checkpoint
import nmt.files
from nmt.checkpoint import ModelFolder

WATCHED = {nmt.checkpoint.__file__, nmt.files.__file__}


def save(folder: ModelFolder, number: int) -> None:
    tensors = {"model/x": torch.full((300,), float(number))}
    folder.save_state(tensors, {"number": number}, good=True)
    folder.save_weights(tensors, {"number": number})


def save_until(folder: ModelFolder, number: int, lines: int) -> bool:
    """Save in a process that ends before the n-th line of ours; what was not synced is half lost then."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    left, synced = lines, {path.stat().st_ino for path in folder.path.rglob("*")}

    def cut(frame: FrameType, event: str, value: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in WATCHED:
            return None
        left -= event == "line"
        if left < 0:
            for path in folder.path.rglob("*"):
                if path.is_file() and path.stat().st_ino not in synced:
                    os.truncate(path, path.stat().st_size // 2)
            os._exit(1)
        return cut

    sync = os.fsync

    def fsync(file: int) -> None:
        sync(file)
        synced.add(os.fstat(file).st_ino)

    os.fsync = fsync
    sys.settrace(cut)
    save(folder, number)
    os._exit(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="ends a copy of this process")
def test_power_may_go_at_any_line_of_a_save(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path)
    save(folder, 0)
    for lines in range(400):
        done = save_until(folder, lines + 1, lines)
        (state, facts), (good, good_facts), (weights, known) = folder.state(), folder.good_state(), folder.weights()
        for tensors, said in ((state, facts), (good, good_facts), (weights, known)):
            assert (tensors["model/x"] == said["number"]).all()
        assert facts["number"] in (0, lines + 1) and good_facts["number"] <= facts["number"]
        if done:
            break
        save(folder, 0)
    assert done and lines > 30
