"""A mail server for tests: real SMTP by aiosmtpd, with TLS and login when asked for, that refuses or hangs on demand.

As a program it serves the Swift tests: it prints its port, then each mail it took as a line of JSON, and ends when its
standard input does. What it does to a mail then follows from the address it is for: see `reply_to`.
"""

import argparse
import asyncio
import email
import email.policy
import json
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from stack import free_port


class Mail:
    """A mail as it came in."""

    def __init__(self, sender, to, raw):
        self.sender, self.to, self.raw = sender, to, raw
        self.message = email.message_from_bytes(raw, policy=email.policy.default)
        self.headers = dict(self.message.items())
        self.subject = self.headers.get("Subject", "")
        self.id = self.headers.get("Message-ID", "")

    def _part(self, kind):
        part = self.message.get_body((kind,))
        return part.get_content().replace("\r\n", "\n") if part else ""

    @property
    def text(self):
        return self._part("plain")

    @property
    def html(self):
        return self._part("html")

    @property
    def files(self):
        """What came beside the texts: name, type and bytes."""
        return [(part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
                for part in self.message.iter_attachments()]

    @property
    def links(self):
        """The addresses in the text, in order."""
        return re.findall(r"https?://[^\s<>]+", self.text)

    @property
    def codes(self):
        """The six-digit codes in the text that stand alone on their line, in order."""
        return re.findall(r"^\s*(\d{6})\s*$", self.text, re.MULTILINE)

    def __repr__(self):
        return f"<Mail to {self.to}: {self.subject}>"


class MailDouble:
    """`with MailDouble() as mail:` takes mail at `mail.url`; give a Stack `**mail.settings`.

    `tls` is None, "starttls" (required before a mail) or "implicit"; with `user` and `password` login is required too.
    Stopped and started again, it keeps its port and its mails.
    """

    def __init__(self, tls=None, user=None, password=None, port=None, sender="Purser <desk@purser.test>"):
        self.tls, self.user, self.password, self.sender = tls, user, password, sender
        self.port = port or free_port()
        self.changed = threading.Condition()
        # Every mail taken, in the order they came.
        self.messages = []
        # How often a client came as far as naming a recipient, whatever came of it.
        self.attempts = 0
        self._rules = []
        self._controller = None
        self._folder = None

    # ---- life

    def start(self):
        more = {}
        if self.user:
            more |= {"authenticator": self._authenticate, "auth_required": True, "auth_require_tls": bool(self.tls)}
        if self.tls == "implicit":
            # aiosmtpd does not see that such a connection is encrypted from the start.
            more |= {"ssl_context": self._context(), "auth_require_tls": False}
        elif self.tls == "starttls":
            more |= {"tls_context": self._context(), "require_starttls": True}
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, ready_timeout=15, **more
        )
        self._controller.start()
        return self

    def stop(self):
        """As a server that is down: connections are cut and new ones refused."""
        if self._controller:
            self._controller.stop(no_assert=True)
            self._controller = None

    def close(self):
        self.stop()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    # ---- what a client needs to know

    @property
    def url(self):
        return f"{'smtps' if self.tls == 'implicit' else 'smtp'}://localhost:{self.port}"

    @property
    def ca_file(self):
        """The certificate to trust; it signs itself, for localhost."""
        if not self._folder:
            self._folder = Path(tempfile.mkdtemp(prefix="mail-", dir="/tmp"))
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                 "-out", "certificate.pem", "-keyout", "key.pem"],
                cwd=self._folder, check=True, capture_output=True,
            )
        return str(self._folder / "certificate.pem")

    @property
    def settings(self):
        """Purser's settings for sending through here."""
        given = {"MAIL_SERVER": self.url, "MAIL_FROM": self.sender}
        given |= {"MAIL_CA_FILE": self.ca_file} if self.tls else {"MAIL_TLS": "optional"}
        if self.user:
            given |= {"MAIL_USER": self.user, "MAIL_PASSWORD": self.password}
        return given

    def _context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca_file, str(self._folder / "key.pem"))
        return context

    # ---- what came

    def wait_for(self, to, count=1, seconds=15, subject=""):
        """Waits until `count` mails to an address came, whose subject holds `subject`; the last of them."""
        found = lambda: [mail for mail in self.messages if mail.to == to and subject in mail.subject]  # noqa: E731
        with self.changed:
            came = self.changed.wait_for(lambda: len(found()) >= count, seconds)
            assert came, f"no {count} mails to {to} in {seconds} s; there are {self.messages}"
            return found()[-1]

    def to(self, address):
        """The mails to an address so far."""
        with self.changed:
            return [mail for mail in self.messages if mail.to == address]

    def wait_for_attempts(self, count, seconds=15):
        with self.changed:
            assert self.changed.wait_for(lambda: self.attempts >= count, seconds), f"{self.attempts} of {count}"

    # ---- what it does

    def refuse(self, reply="550 5.1.1 No such mailbox", to=None, at="RCPT", times=None):
        """Answers so from now on, for all recipients or one; at "MAIL", "RCPT" or "DATA" (after the mail's last line)."""
        self._rules.append({"reply": reply, "to": to, "at": at, "left": times})

    def hang(self, to=None, at="RCPT"):
        """Answers no more, until `behave` or `stop`."""
        self._rules.append({"reply": None, "to": to, "at": at, "left": None})

    def behave(self):
        """Takes every mail again."""
        self._rules.clear()

    def reply_to(self, at, to):
        """What to answer instead of yes; None for silence, "" for yes."""
        for rule in self._rules:
            if rule["at"] == at and rule["to"] in (None, to) and rule["left"] != 0:
                if rule["left"]:
                    rule["left"] -= 1
                return rule["reply"]
        return ""

    # ---- aiosmtpd's side

    async def _judge(self, at, to):
        reply = self.reply_to(at, to)
        while reply is None:
            await asyncio.sleep(0.05)
            reply = self.reply_to(at, to)
        return reply

    async def handle_MAIL(self, server, session, envelope, address, options):
        refusal = await self._judge("MAIL", None)
        if refusal:
            return refusal
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        with self.changed:
            self.attempts += 1
            self.changed.notify_all()
        refusal = await self._judge("RCPT", address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        to = envelope.rcpt_tos[0]
        refusal = await self._judge("DATA", to)
        if refusal:
            return refusal
        self.take(Mail(envelope.mail_from, to, envelope.original_content))
        return "250 Taken"

    def take(self, mail):
        with self.changed:
            self.messages.append(mail)
            self.changed.notify_all()

    def _authenticate(self, server, session, envelope, mechanism, given):
        right = LoginPassword(self.user.encode(), self.password.encode())
        # `handled`: whether the authenticator has answered the client itself.
        return AuthResult(success=given == right, handled=False)


class Printing(MailDouble):
    """What the Swift tests drive. `550.rcpt@x.test` is refused so, `hang.data@x.test` gets no answer."""

    def reply_to(self, at, to):
        what, _, where = (to or "").partition("@")[0].partition(".")
        if where.upper() != at:
            return ""
        return None if what == "hang" else f"{what} so be it"

    def take(self, mail):
        print(json.dumps({
            "sender": mail.sender, "to": mail.to, "raw": mail.raw.decode("latin-1"), "headers": mail.headers,
            "text": mail.text, "html": mail.html,
            "files": [{"name": name, "type": kind, "bytes": list(data)} for name, kind, data in mail.files],
            "defects": [str(defect) for part in mail.message.walk() for defect in part.defects],
        }), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", choices=["starttls", "implicit"])
    parser.add_argument("--user")
    parser.add_argument("--password")
    given = parser.parse_args()
    with Printing(tls=given.tls, user=given.user, password=given.password) as double:
        print(double.port, double.ca_file if given.tls else "-", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
