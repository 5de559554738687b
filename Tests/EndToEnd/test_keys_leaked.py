"""Keys that were found in public: told by GitHub under its signature, or by a person in the shell."""

import base64
import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from answers import assert_problem, sign_in
from stack import purser_binary

PATH = "/api/v1/secret-scanning/github"


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True).stdout


class GitHub:
    """Publishes keys as GitHub does, and signs with them."""

    def __init__(self, folder):
        self.folder, self.fetches, self.status = folder, 0, 200
        self.published = []
        self.first = self.add_key("first")
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                double.fetches += 1
                body = json.dumps({"public_keys": double.published}).encode()
                self.send_response(double.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/meta/public_keys/secret_scanning"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def add_key(self, name, is_published=True):
        file = self.folder / f"{name}.pem"
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file)
        if is_published:
            pem = openssl("ec", "-in", file, "-pubout").decode()
            self.published.append({"key_identifier": name, "key": pem, "is_current": True})
        return name

    def report(self, stack, tokens, by=None, signed=None, **headers):
        body = tokens if isinstance(tokens, bytes) else json.dumps(tokens).encode()
        file = self.folder / f"{by or self.first}.pem"
        signature = openssl("dgst", "-sha256", "-sign", file, data=body if signed is None else signed)
        return stack.post(PATH, body, headers={
            "Content-Type": "application/json", "Github-Public-Key-Identifier": by or self.first,
            "Github-Public-Key-Signature": base64.b64encode(signature).decode()} | headers)


@pytest.fixture
def github(tmp_path):
    double = GitHub(tmp_path)
    yield double
    double.server.shutdown()
    double.server.server_close()


@pytest.fixture
def house(make_stack, github):
    return make_stack(GITHUB_SCANNING_KEYS_URL=github.url)


def token(text):
    return {"token": text, "type": "purser_api_key", "url": "https://github.com/o/r/blob/main/x.py", "source": "content"}


def mails(stack):
    rows = stack.sql("SELECT payload FROM outbox WHERE kind = 'mail' ORDER BY id")
    letters = [json.loads(row["payload"]) for row in rows]
    return [letter for letter in letters if "found in public" in letter["subject"]]


def works(stack, key):
    return stack.get("/auth/user", key=key).status == 200


def test_a_leaked_key_is_revoked_its_owner_told_and_a_ticket_opened(house, github):
    user = house.register()
    key = user["api_key"]
    unknown = "bioql_" + "0" * 38
    answer = github.report(house, [token(key), token(unknown), token("something else")])
    assert (answer.status, answer.json) == (200, [
        {"token_raw": key, "token_type": "purser_api_key", "label": "true_positive"},
        {"token_raw": unknown, "token_type": "purser_api_key", "label": "false_positive"},
        {"token_raw": "something else", "token_type": "purser_api_key", "label": "false_positive"},
    ])
    assert not works(house, key)
    hint = f"bioql_...{key[-4:]}"
    (entry,) = house.sql("SELECT action, detail FROM audit_entry WHERE action = 'key.leaked'")
    assert json.loads(entry["detail"])["finder"] == "github" and hint in entry["detail"]
    (ticket,) = house.sql("SELECT priority, subject, message, person_id FROM ticket")
    assert (ticket["priority"], ticket["person_id"]) == ("critical", user["id"]) and hint in ticket["subject"]
    assert "https://github.com/o/r/blob/main/x.py" in ticket["message"]
    (mail,) = mails(house)
    assert mail["to"] == user["email"] and hint in mail["subject"]
    everything = json.dumps([entry, ticket, mail]) + house.log
    assert key not in everything and key[6:30] not in everything


def test_the_same_report_again_changes_nothing(house, github):
    key = house.register()["api_key"]
    first = github.report(house, [token(key), token(key)])
    assert [label["label"] for label in first.json] == ["true_positive"] * 2
    assert github.report(house, [token(key)]).json[0]["label"] == "true_positive"
    assert len(mails(house)) == 1
    assert house.sql("SELECT count(*) n FROM ticket")[0]["n"] == 1


def test_what_github_did_not_sign_changes_nothing(house, github):
    key = house.register()["api_key"]
    body = [token(key)]
    github.add_key("stranger", is_published=False)
    forged = [
        github.report(house, body, signed=b"[]"),
        github.report(house, body, **{"Github-Public-Key-Signature": "bm8gc2lnbmF0dXJl"}),
        github.report(house, body, **{"Github-Public-Key-Signature": "*"}),
        github.report(house, body, **{"Github-Public-Key-Signature": ""}),
        github.report(house, body, **{"Github-Public-Key-Identifier": ""}),
        github.report(house, body, by="stranger"),
        github.report(house, body, by="stranger", **{"Github-Public-Key-Identifier": "first"}),
    ]
    for answer in forged:
        assert_problem(answer, 400, code="invalid_signature")
    assert works(house, key) and mails(house) == []


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"[{}]", b'[{"token":1}]', b"[", b'{"token":"x"}', b"null"])
def test_a_signed_body_that_is_no_list_of_tokens_is_refused(house, github, body):
    assert_problem(github.report(house, body), 400)


def test_keys_are_fetched_when_needed_and_at_most_once_a_minute(house, github):
    assert github.fetches == 0
    for _ in range(3):
        assert github.report(house, []).json == []
    assert github.fetches == 1
    # A key that appears later is looked for, but not before the minute is over.
    github.add_key("second")
    for _ in range(5):
        assert_problem(github.report(house, [], by="second"), 400, code="invalid_signature")
    assert github.fetches == 1


def test_github_being_down_is_told_as_such(house, github):
    github.status = 500
    assert_problem(github.report(house, []), 503, code="keys_unavailable")
    # Asked again at once, nothing is fetched: the answer is the same.
    assert_problem(github.report(house, []), 503, code="keys_unavailable")
    assert github.fetches == 1


# ---- by the shell


def leaked(stack, lines, *words):
    done = subprocess.run([purser_binary(), "key", "leaked", *words], env=stack.environment, input=lines,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_shell_reads_leaked_keys_from_standard_input(house):
    ada, bob = house.register(), house.register(email="bob@example.com")
    session = sign_in(house, bob)
    (key,) = house.get("/api/v1/keys", headers=session).json["keys"]
    assert house.ask("DELETE", f"/api/v1/keys/{key['id']}", headers=session).status == 200
    told = leaked(house, f"{ada['api_key']}\n{bob['api_key']}\n\nnonsense\n", "--source", "a paste")
    hints = [f"bioql_...{user['api_key'][-4:]}" for user in (ada, bob)]
    assert told.splitlines() == [f"Revoked {hints[0]}; its owners are told.", f"{hints[1]} was revoked before.",
                                 "1 of them are no keys of ours."]
    assert not works(house, ada["api_key"])
    (ticket,) = house.sql("SELECT message FROM ticket")
    assert "a paste" in ticket["message"]
    assert [mail["to"] for mail in mails(house)] == [ada["email"]]
    assert ada["api_key"] not in told
