"""Copies of the store: what is kept, and for how long."""

import os
import subprocess
from datetime import datetime, timedelta, timezone

import pytest
from conftest import FAKE_PURSER, ROOT

NOW = datetime.now(timezone.utc)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "purser.conf").write_text("STATE=/nowhere\n")
    (tmp_path / "copies").mkdir()
    return tmp_path / "copies"


def back_up(folder, purser=FAKE_PURSER):
    return subprocess.run(
        [ROOT / "systemd/backup", folder], capture_output=True, text=True,
        env=os.environ | {"PURSER": str(purser), "PURSER_CONFIG": str(folder.parent / "purser.conf")},
    )


def name(hours_ago):
    return (NOW - timedelta(hours=hours_ago)).strftime("purser-%Y%m%dT%H%M%SZ.db")


def test_makes_a_copy_named_by_its_time(folder):
    assert back_up(folder).returncode == 0
    (copy,) = folder.iterdir()
    assert copy.name.startswith("purser-" + NOW.strftime("%Y%m%d")[:6]) and copy.read_text() == "a copy"


def test_keeps_two_days_of_hours_and_a_month_of_days(folder):
    for hours in range(1, 60 * 24):
        (folder / name(hours)).touch()
    assert back_up(folder).returncode == 0
    left = sorted(path.name for path in folder.iterdir())
    recent, older = left[-48:], left[:-48]
    assert set(name(hours) for hours in range(1, 48)) <= set(recent)
    days = [one[7:15] for one in older]
    assert len(days) == len(set(days)) and len(days) == 30
    # The first of each day, and no gap between them.
    assert all(one[16:18] == "00" for one in older[1:-1])
    assert (datetime.strptime(days[-1], "%Y%m%d") - datetime.strptime(days[0], "%Y%m%d")).days == 29


def test_a_copy_that_fails_removes_nothing(folder):
    for hours in range(1, 200):
        (folder / name(hours)).touch()
    assert back_up(folder, purser="/bin/false").returncode != 0
    assert len(list(folder.iterdir())) == 199


def test_leaves_other_files_alone(folder):
    for hours in range(1, 200):
        (folder / name(hours)).touch()
    (folder / "purser-before-the-move.db").touch()
    (folder / "notes.txt").touch()
    assert back_up(folder).returncode == 0
    assert (folder / "purser-before-the-move.db").exists() and (folder / "notes.txt").exists()
