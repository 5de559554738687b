"""The units, as far as they can be tried without a running systemd."""

import os
import shutil
import subprocess

import pytest

UNITS = ["purser.service", "purser.socket", "purser-backup.service", "purser-backup.timer"]


@pytest.fixture(scope="module")
def units(installed, tmp_path_factory):
    """The installed units, naming the programs where this test's tree has them: systemd checks that they exist."""
    folder = tmp_path_factory.mktemp("units")
    for name in UNITS:
        text = (installed / "usr/local/lib/systemd/system" / name).read_text()
        (folder / name).write_text(text.replace("=/usr/local/", f"={installed}/usr/local/"))
    return folder


def test_systemd_finds_no_fault_in_the_units(units):
    result = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=yes", "--man=no", *(units / name for name in UNITS)],
        capture_output=True, text=True, env=os.environ | {"SYSTEMD_UNIT_PATH": f"{units}:"},
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_a_misspelt_setting_would_be_found(units, tmp_path):
    wrong = tmp_path / "purser.service"
    wrong.write_text((units / "purser.service").read_text().replace("NoNewPrivileges", "NoNewPrivilege"))
    shutil.copy(units / "purser.socket", tmp_path)
    result = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=yes", "--man=no", wrong],
        capture_output=True, text=True, env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )
    assert result.returncode != 0


@pytest.mark.parametrize("unit", ["purser.service", "purser-backup.service"])
def test_the_services_are_exposed_no_more_than_they_must_be(units, unit):
    """1.1 of 10: what is left is the network and unix sockets."""
    result = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=12", "--no-pager", units / unit],
        capture_output=True, text=True,
    )
    assert result.returncode == 0, result.stdout


def test_a_missing_secret_does_not_keep_the_service_from_starting(units):
    """systemd 252 ends the start with 243/CREDENTIALS if an absolute path is missing; a bare name may be."""
    credentials = [line for line in (units / "purser.service").read_text().splitlines() if "LoadCredential" in line]
    assert {line.split("=")[1].split(":")[0] for line in credentials} == {
        "stripe_secret_key", "stripe_webhook_secret", "mail_password", "key_pepper", "oidc_providers", "lago_api_key"
    }
    assert all("/" not in line for line in credentials)


def test_the_user_is_made(installed, tmp_path):
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    conf = installed / "usr/local/lib/sysusers.d/purser.conf"
    subprocess.run(["systemd-sysusers", f"--root={root}", conf], check=True, capture_output=True)
    assert "purser:x:" in (root / "etc/passwd").read_text()
