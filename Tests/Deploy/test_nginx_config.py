"""The configuration itself, as the demo has it and as `make install` leaves it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import make_install


def check(command):
    result = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "[warn]" not in result.stderr and "[emerg]" not in result.stderr, result.stderr


@pytest.fixture(scope="module")
def server_tree(tmp_path_factory):
    """Debian's own nginx.conf with Purser installed beside it, its paths moved into a folder."""
    tree = tmp_path_factory.mktemp("nginx")
    make_install(tree)
    etc = tree / "etc/nginx"
    shutil.copy("/etc/nginx/mime.types", etc)
    for folder in ("sites-enabled", "modules-enabled"):
        (etc / folder).mkdir()
    (tree / "log").mkdir()
    (etc / "sites-enabled/purser-https").symlink_to("../sites-available/purser-https")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=purser.example.com",
         "-keyout", etc / "key.pem", "-out", etc / "cert.pem"],
        check=True, capture_output=True,
    )
    moves = {
        "/etc/nginx/": f"{etc}/", "/var/log/nginx/": f"{tree}/log/", "/run/nginx.pid": f"{tree}/nginx.pid",
        "/etc/letsencrypt/live/purser.example.com/fullchain.pem": f"{etc}/cert.pem",
        "/etc/letsencrypt/live/purser.example.com/privkey.pem": f"{etc}/key.pem",
    }
    if os.getuid() != 0:
        # A normal user may not listen below 1024.
        moves |= {"listen 80": "listen 18080", "listen [::]:80": "listen [::]:18080", "listen 443": "listen 18443",
                  "listen [::]:443": "listen [::]:18443", "user www-data;": ""}
    shutil.copy("/etc/nginx/nginx.conf", etc)
    for path in (etc / "nginx.conf", etc / "conf.d/purser.conf", etc / "sites-available/purser-https"):
        text = path.read_text()
        for old, new in moves.items():
            text = text.replace(old, new)
        path.write_text(text)
    return tree


def test_the_demo_s_configuration_is_valid(front):
    check(front.command)


def test_the_installed_configuration_is_valid_with_https(server_tree):
    etc = server_tree / "etc/nginx"
    check(["nginx", "-c", str(etc / "nginx.conf"), "-e", str(server_tree / "log/e.log"), "-p", str(server_tree)])


def findings(conf):
    gixy = Path(sys.executable).with_name("gixy")
    result = subprocess.run([gixy, "-f", "json", conf], capture_output=True, text=True)
    assert result.stdout, result.stderr
    return [(one["plugin"], one["reason"]) for one in json.loads(result.stdout) if one["severity"] == "HIGH"]


def test_gixy_finds_nothing_grave_in_the_demo(front):
    assert findings(front.conf) == []


def test_gixy_finds_nothing_grave_in_the_installation(server_tree):
    etc = server_tree / "etc/nginx"
    assert findings(etc / "conf.d/purser.conf") == []
    assert findings(etc / "sites-available/purser-https") == []
