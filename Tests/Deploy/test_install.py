"""`make install`, into a folder."""

import os
import re
import subprocess

from conftest import ROOT, make_install


def files(tree):
    return {
        str(path.relative_to(tree)): (path.read_bytes(), path.stat().st_mode)
        for path in tree.rglob("*") if path.is_file()
    }


def test_puts_everything_where_debian_looks_for_it(installed):
    found = files(installed)
    for name in (
        "usr/local/bin/purser", "usr/local/libexec/purser/backup", "usr/local/lib/systemd/system/purser.socket",
        "usr/local/lib/systemd/system/purser.service", "usr/local/lib/systemd/system/purser-backup.service",
        "usr/local/lib/systemd/system/purser-backup.timer", "usr/local/lib/sysusers.d/purser.conf",
        "usr/local/lib/tmpfiles.d/purser.conf", "etc/purser/purser.conf", "etc/nginx/conf.d/purser.conf",
        "etc/nginx/sites-available/purser-https", "etc/nginx/snippets/purser-locations.conf",
    ):
        assert name in found, name
    assert (installed / "etc/credstore").stat().st_mode & 0o777 == 0o700


def test_a_second_time_changes_nothing(tmp_path):
    make_install(tmp_path)
    before = files(tmp_path)
    make_install(tmp_path)
    assert files(tmp_path) == before


def test_an_edited_setting_stays_and_an_untouched_one_follows_the_new_version(tmp_path):
    make_install(tmp_path)
    edited, untouched = tmp_path / "etc/purser/purser.conf", tmp_path / "etc/nginx/snippets/purser-tls.conf"
    edited.write_text("PUBLIC_URL=https://mine.example\n")
    # As if an older version had been installed: other content, with the checksum it was installed with.
    known = tmp_path / "usr/local/share/purser/etc.sha256"
    older = "# older\n"
    untouched.write_text(older)
    checksum = subprocess.run(["sha256sum"], input=older, capture_output=True, text=True, check=True).stdout.split()[0]
    lines = [line for line in known.read_text().splitlines() if "purser-tls" not in line and "purser/purser" not in line]
    lines += [f"{checksum} /etc/nginx/snippets/purser-tls.conf", "0 /etc/purser/purser.conf"]
    known.write_text("\n".join(lines) + "\n")

    said = make_install(tmp_path)

    assert edited.read_text() == "PUBLIC_URL=https://mine.example\n"
    assert "You edited /etc/purser/purser.conf" in said
    assert (tmp_path / "etc/purser/purser.conf.new").read_text() == (ROOT / "systemd/purser.conf.example").read_text()
    assert untouched.read_text() == (ROOT / "nginx/snippets/purser-tls.conf").read_text()
    assert not untouched.with_name("purser-tls.conf.new").exists()


def test_another_prefix_reaches_into_units_and_server(tmp_path):
    make_install(tmp_path, PREFIX="/opt/purser")
    unit = (tmp_path / "opt/purser/lib/systemd/system/purser.service").read_text()
    assert "ExecStart=/opt/purser/bin/purser serve" in unit and "/usr/local" not in unit
    assert "root /opt/purser/share/purser/site;" in (tmp_path / "etc/nginx/conf.d/purser.conf").read_text()


def test_uninstall_leaves_only_what_was_edited(tmp_path):
    make_install(tmp_path)
    (tmp_path / "etc/purser/purser.conf").write_text("DEV_MODE=off\n")
    make_install(tmp_path, target="uninstall")
    assert set(files(tmp_path)) == {"etc/purser/purser.conf"}


def test_without_a_binary_it_says_what_to_do_first(tmp_path):
    result = subprocess.run(
        [ROOT / "scripts/install"], capture_output=True, text=True,
        env=os.environ | {"DESTDIR": str(tmp_path), "PURSER": str(tmp_path / "none")},
    )
    assert result.returncode != 0 and "make build" in result.stderr
    assert files(tmp_path) == {}


def test_every_setting_of_the_example_is_commented_out():
    """So that defaults live in one place, the program."""
    for line in (ROOT / "systemd/purser.conf.example").read_text().splitlines():
        assert line == "" or line.startswith("#"), line


def test_the_example_names_every_setting_with_its_default():
    source = (ROOT / "Sources/Portal/Setting.swift").read_text()
    settings = re.findall(r'Setting\(\s*"([A-Z_]+)",\s*"([^"]*)",(?:[^()]|\([^()]*\))*\)', source)
    assert len(settings) == len(re.findall(r'Setting\(\s*"', source)), "this test no longer reads Setting.swift right"
    example = (ROOT / "systemd/purser.conf.example").read_text()
    secrets = re.findall(r'Setting\("([A-Z_]+)"[^\n]*isSecret: true\)', source)
    for name, fallback in settings:
        if name in secrets:
            assert f"purser.{name.lower()} " in example, name
        else:
            assert f"\n#{name}={fallback}\n" in example, name
    shown = set(re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE))
    assert shown == {name for name, _ in settings} - set(secrets)
