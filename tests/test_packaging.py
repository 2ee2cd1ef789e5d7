"""What a person installs."""

import subprocess
import sys
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]


def test_the_wheel_holds_the_package_alone(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        (info,) = (name.split("/")[0] for name in names if name.endswith("METADATA"))
        facts = Parser().parsestr(archive.read(f"{info}/METADATA").decode())
        scripts = archive.read(f"{info}/entry_points.txt").decode()
    assert {name.split("/")[0] for name in names} == {"nmt", info}
    assert "nmt/presets/medium.toml" in names and f"{info}/licenses/LICENSE" in names
    assert {f"nmt/evaluation/page.{kind}" for kind in ("html", "css", "js")} <= set(names)
    assert facts["Name"] == "attend-nmt" and "nmt = nmt.__main__:main" in scripts


def test_it_runs_from_a_checkout(tmp_path: Path) -> None:
    words = [sys.executable, str(ROOT / "cli.py"), "--help"]
    shown = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=True).stdout
    assert "train" in shown and "translate" in shown
