"""The wheel holds what a user needs, and nothing of ours besides."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import monitor

ROOT = Path(monitor.__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_four_packages_and_no_tests(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist() if ".dist-info" not in name}
    assert tops == {"monitor", "connectors", "models", "reports"}


def test_the_wheel_holds_migrations_the_model_and_the_report_templates(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert "monitor/store/migrations/versions/0001_first_schema.py" in names
    assert "monitor/store/migrations/env.py" in names
    assert any(name.startswith("models/weights/") and name.endswith("model.onnx") for name in names)
    assert any(name.startswith("models/weights/") and name.endswith("manifest.json") for name in names)
    assert any(name.startswith("monitor/demo/texts/") for name in names)
    assert all(f"{package}/py.typed" in names for package in ("monitor", "connectors", "models", "reports"))


def test_every_file_of_the_packages_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "monitor", "connectors", "models", "reports"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    if not tracked:
        pytest.skip("not a git checkout")
    wanted = {
        name for name in tracked if not name.startswith(("models/train/written/", "models/train/labels/"))
    }
    assert wanted - set(wheel.namelist()) == set()


def test_the_wheel_weighs_less_than_45_megabytes(wheel: zipfile.ZipFile) -> None:
    assert sum(item.compress_size for item in wheel.infolist()) < 45_000_000


def test_the_console_script_is_declared(wheel: zipfile.ZipFile) -> None:
    entry = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "goodwill = monitor.cli.main:main" in wheel.read(entry).decode()
