"""A house with two accounts and callers of every kind, and what the route table says of each of them."""

import hashlib
import http.client
import itertools
import json
import re
import sqlite3
import subprocess
from dataclasses import dataclass

from bad_input import sample
from people import Browser, invite, owner, teammate
from stack import purser_binary, wait_until

# contract: what each role may (Role.swift). The one thing here that does not come from the table.
PERMISSIONS = {
    "viewer": {"own", "view"},
    "billing": {"own", "view", "bill"},
    "developer": {"own", "view", "develop"},
    "admin": {"own", "view", "develop", "bill", "manage"},
    "owner": {"own", "view", "develop", "bill", "manage", "possess"},
}

# contract, section 1: the clients of this one understand only 200 and 403.
ONLY_403 = {"/billing/check-limits"}

# What the first account has under each path parameter, by the path up to it. None: the parameter names nothing of an
# account's, and any value will do.
THINGS = {
    "/billing/usage/{user_id}": "person",
    "/billing/invoices/{user_id}": "person",
    "/api/v1/keys/{key_id}": "key",
    "/api-v2/dashboard/keys/{key_id}": "key",
    "/api/v1/webhooks/{id}": "webhook",
    "/api/v1/webhooks/{id}/deliveries/{delivery_id}": "delivery",
    "/api/partner/webhooks/{id}": "webhook",
    "/api/v1/members/{id}": "member",
    "/api/v1/invitations/{id}": "invitation",
    "/api/v1/me/sessions/{id}": "session",
    "/api/v1/me/identities/{id}": "identity",
    "/api/v1/billing/payment-methods/{id}": "card",
    "/api/v1/invoices/{number}": "invoice",
    "/api/v1/me/usage/events/{id}": "use",
    "/i/{token}": None,
    "/api/v1/admin/mails/{id}": None,
    "/api/v1/admin/accounts/{id}": None,
    "/api/v1/admin/grants/{id}": None,
    "/api/v1/admin/invoices/{number}": None,
    "/api/v1/admin/coupons/{id}": None,
    "/api/v1/admin/tax-rates/{id}": None,
    "/api/v1/admin/payments/{id}": None,
    "/api/v1/admin/plans/{code}": None,
    "/api/v1/admin/usage/events/{id}": None,
    "/api/v1/admin/test-clocks/{account_id}": None,
    "/auth/oidc/{provider}": None,
    # Partner program: apps and campaigns.
    "/api/partner/apps/{id}": "customer_app",
    "/api/partner/campaigns/{id}": "campaign",
    # Partner program: people.
    "/api/partner/team/{id}": "member",
    "/api/partner/notifications/{id}": "notification",
    "/api/admin/pricing-plans/{id}": None,
    # Partner program: referrals, fraud and rewards.
    "/r/{code}": None,
    "/api/v1/referrals/{code}": "code",
    "/v1/referrals/{code}": "code",
    "/api/v1/conversions/{id}": "conversion",
    "/v1/conversions/{id}": "conversion",
    "/api/partner/referrals/{id}": "referral",
    "/api/partner/fraud/{id}": "flag",
    "/api/partner/rewards/{id}": "reward",
}

# The same for members of bodies and queries, by name.
MEMBERS = {
    "account_id": "account", "account": "account", "accountId": "account", "user_id": "person", "person_id": "person",
    "userId": "person", "member_id": "member", "key_id": "key", "keyId": "key", "app_id": "app", "appId": "app",
    "webhook_id": "webhook", "webhookId": "webhook", "invitation_id": "invitation", "session_id": "session",
    "email": "email",
    "userId": "person", "member_id": "member", "key_id": "key", "keyId": "key", "app_id": "app",
    "appId": "customer_app", "campaignId": "campaign",
    "referralCode": "code", "referralId": "referral", "flagId": "flag", "rewardId": "reward",
    "webhook_id": "webhook", "invitation_id": "invitation", "session_id": "session", "email": "email",
}

UNKNOWN_ID = "999999999"


@dataclass
class Row:
    """One line of the route table, with what its document says of body and query."""

    method: str
    path: str
    access: str
    schema: dict
    query: dict
    # Whether a form will do as well as JSON.
    takes_forms: bool = False

    @property
    def kind(self):
        return self.access.partition("(")[0]

    @property
    def wanted(self):
        """The scope or permission."""
        return self.access.partition("(")[2].rstrip(")")

    @property
    def takes_cookie(self):
        return self.kind in ("visitor", "session", "person", "operatorSession")

    @property
    def has_body(self):
        return self.method in ("POST", "PUT", "PATCH")

    @property
    def has_parameter(self):
        return "{" in self.path

    def __str__(self):
        return f"{self.method} {self.path}"


def rows():
    """Every route that the network can reach."""
    lines = subprocess.run([purser_binary(), "routes"], capture_output=True, text=True, check=True).stdout.splitlines()
    document = json.loads(subprocess.run([purser_binary(), "openapi"], capture_output=True, check=True).stdout)
    for line in lines:
        method, path, _, access, *_ = line.split("\t")
        if access == "shell":
            continue
        operation = document["paths"][path][method.lower()]
        content = operation.get("requestBody", {}).get("content", {})
        query = {item["name"]: item["schema"] for item in operation.get("parameters", []) if item["in"] == "query"}
        yield Row(method, path, access, content.get("application/json", {}).get("schema", {}), query,
                  "application/x-www-form-urlencoded" in content)


def scopes():
    """All scopes that some route asks for."""
    return sorted({row.wanted for row in rows() if row.kind in ("key", "appKey", "bodyKey")})


@dataclass
class Caller:
    """Somebody at the door: what they bring, and whether it is any good."""

    name: str
    key: str = None
    cookie: str = None
    bearer: str = None
    # Of a session that works; None: it does not.
    role: str = None
    # Of a key that works; None: it does not.
    scopes: set = None
    is_operator: bool = False
    # Whether the key is an app's; and one whose app an operator has suspended.
    is_app: bool = False
    is_suspended: bool = False

    def expected(self, row):
        """What the row alone says: "admitted", or the status of the refusal."""
        kind = row.kind
        if kind in ("open", "visitor"):
            return "admitted"
        if kind == "signed":
            return "unsigned"
        if kind == "appKey":
            if self.is_suspended:
                return 403
            if self.scopes is None or not self.is_app:
                return 401
            return "admitted" if row.wanted in self.scopes else 403
        if kind in ("key", "bodyKey", "operatorKey"):
            if self.scopes is None:
                return 401
            if kind == "operatorKey":
                return "admitted" if self.is_operator and "account:read" in self.scopes else 403
            return "admitted" if row.wanted in self.scopes else 403
        if self.role is None:
            return 401
        if kind == "operatorSession":
            return "admitted" if self.is_operator else 403
        assert kind in ("session", "person"), f"who may use {row}? Teach Tests/support/who_may.py the kind {kind}"
        return "admitted" if row.wanted in PERMISSIONS[self.role] else 403


class House:
    """The first account has something of everything; `outsider` owns the second one and may everything there."""

    def __init__(self, stack):
        self.stack = stack
        self.connection = None
        self.operator = stack.seed()["operator"]
        serial = itertools.count(1)
        self.owner = owner(stack, "aardvark-owner@first.example", "Aardvark Olga")
        account = str(self.owner.account)
        stack.shell("account", "plan", account, "enterprise")
        self.mates = {role: teammate(stack, self.owner, f"aardvark-{role}@first.example", role, f"Aardvark {role}")
                      for role in ("admin", "developer", "billing", "viewer")}
        self.removed = teammate(stack, self.owner, "aardvark-removed@first.example", "owner")
        assert self.owner.delete(f"/api/v1/members/{self.removed.id}").status == 200
        self.ended, self.expired = self.again(self.owner), self.again(self.owner)
        ended = self.ended.cookie
        assert self.ended.post("/auth/logout").status == 200
        self.ended.cookie = ended

        def key(label, *options):
            return json.loads(stack.shell("key", "create", account, "--json", "--label", f"{label} {next(serial)}",
                                          *options).stdout)

        self.full = key("aardvark-full")
        self.all_scopes = set(scopes())
        self.lacking = {scope: key("aardvark-lacking", *(word for other in sorted(self.all_scopes - {scope})
                                                         for word in ("--scope", other)))
                        for scope in self.all_scopes}
        self.revoked, self.late = key("aardvark-revoked"), key("aardvark-late", "--days", "1")
        stack.shell("key", "revoke", str(self.revoked["id"]))
        self.outsider = owner(stack, "outsider@second.example", "Outsider")
        stack.shell("account", "plan", str(self.outsider.account), "enterprise")
        self.apps = {}
        self.app_keys = {}
        self.outsider_key = self.make_app(self.outsider, "Outsider")["apiKey"]
        self.things = self.furnish()
        self.callers = list(self.cast())

    def again(self, browser):
        return Browser(self.stack).sign_in(browser.email, api_key=browser.user["api_key"])

    def make_app(self, browser, name):
        answer = browser.post("/api/partner/apps", {"name": name})
        assert answer.status == 201, answer
        return answer.json

    def furnish_apps(self):
        """The first account's apps and their keys: its own, ended ones, and one that may all or all but one thing."""
        for name in ("shop", "rotated", "deleted", "suspended"):
            self.apps[name] = self.make_app(self.owner, f"Aardvark {name}")
            self.app_keys[name] = self.apps[name]["apiKey"]
        assert self.owner.post(f"/api/partner/apps/{self.apps['rotated']['id']}/rotate-key").status == 201
        assert self.owner.delete(f"/api/partner/apps/{self.apps['deleted']['id']}").status == 200
        shop = self.apps["shop"]["id"]
        numeric = self.stack.sql(f"SELECT id FROM app WHERE public_id = '{shop}'")[0]["id"]
        may = {"all": self.all_scopes, **{f"all but {scope}": self.all_scopes - {scope} for scope in self.all_scopes
                                          if scope.startswith("referrals:")}}
        for name, scopes in may.items():
            body = {"label": "aardvark-shop", "app_id": numeric, "scopes": sorted(scopes)}
            answer = self.owner.post("/api/v1/keys", body)
            assert answer.status == 201, answer
            self.app_keys[name] = answer.json["api_key"]
        terms = {"appId": shop, "name": "Aardvark campaign", "rewardValue": 1}
        campaign = self.owner.post("/api/partner/campaigns", terms)
        assert campaign.status == 201, campaign
        return numeric, campaign.json["id"]

    def furnish_referrals(self, campaign):
        """A code that converted and earned, and a flag on another."""
        def ask(path, **body):
            answer = self.stack.post(path, body, key=self.app_keys["shop"])
            assert answer.status == 201, answer
            return answer.json

        made = ask("/api/v1/referrals", campaignId=campaign, referrerId="aardvark-ada")
        code = made["referralCode"]
        conversion = ask("/api/v1/conversions", referralCode=code, refereeId="aardvark-bob")
        assert conversion["status"] == "FLAGGED"
        flags = self.owner.get("/api/partner/fraud").json["flags"]
        self.owner.post(f"/api/partner/fraud/{flags[0]['id']}/resolve", {"resolution": "legitimate"})
        ask("/api/v1/referrals", campaignId=campaign, referrerId="aardvark-eve", refereeId="aardvark-eve")
        return {"code": code, "referral": made["referralId"], "conversion": conversion["conversionId"],
                "reward": self.owner.get("/api/partner/rewards").json["rewards"][0]["id"],
                "flag": self.owner.get("/api/partner/fraud?filter=open").json["flags"][0]["id"]}

    def furnish(self):
        """One of everything that has an id, in the first account."""
        invite(self.stack, self.owner, "aardvark-friend@first.example", "viewer")
        hook = self.owner.post("/api/v1/webhooks", {"url": "https://aardvark.example/hook"})
        assert hook.status == 201, hook
        session = self.owner.get("/api/v1/me/sessions").json["sessions"][0]["id"]
        used = {"api_key": self.owner.user["api_key"], "backend": "quera_aquila", "shots_executed": 700}
        assert self.stack.post("/billing/record-usage", used).status == 200
        app, campaign = self.furnish_apps()
        earned = self.furnish_referrals(campaign)
        # What needs a provider, an operator, or time, is written into the store by hand.
        self.stack.stop_purser()
        with sqlite3.connect(self.stack.store / "purser.db") as db:
            person = self.owner.user["id"]
            columns = [row[1] for row in db.execute("PRAGMA table_info(identity)") if row[1] != "id"]
            known = {"issuer": "https://aardvark.example", "subject": "aardvark", "person_id": person,
                     "email": self.owner.email, "created_at": 1}
            values = [known.get(name, 0) for name in columns]
            db.execute(f"INSERT INTO identity ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", values)
            db.execute("UPDATE app SET status = 'SUSPENDED' WHERE public_id = ?", (self.apps["suspended"]["id"],))
            db.execute("INSERT INTO payment_method (account_id, provider_id, type, created_at, seen_at) "
                       "VALUES (?, 'pm_aardvark', 'card', 1, 1)", (self.owner.account,))
            db.execute("UPDATE api_key SET expires_at = 1 WHERE id = ?", (self.late["id"],))
            token = self.expired.cookie.partition("=")[2]
            db.execute("UPDATE session SET expires_at = 1 WHERE digest = ?",
                       (hashlib.sha256(token.encode()).digest(),))
            assert db.execute("SELECT changes()").fetchone() == (1,)
            app = db.execute("SELECT max(id) FROM app").fetchone()[0]
            message = db.execute("INSERT INTO webhook_message (public_id, account_id, app_id, event, body, created_at) "
                                 "VALUES ('msg_aardvark', ?, ?, 'webhook.test', '{}', 1)", (self.owner.account, app))
            delivery = db.execute(
                "INSERT INTO webhook_delivery (endpoint_id, message_id, status, attempts, next_attempt_at, created_at) "
                "SELECT id, ?, 'failed', 1, 1, 1 FROM webhook_endpoint", (message.lastrowid,)).lastrowid
            db.execute("INSERT INTO webhook_attempt VALUES (?, 1, 1, 1, 'webhook-id: msg_aardvark', 404, NULL, NULL)",
                       (delivery,))
        self.stack.start_purser()
        identity = self.owner.get("/api/v1/me/identities").json["identities"][0]["id"]
        return {
            "account": self.owner.account, "person": person, "key": self.full["id"], "webhook": hook.json["id"],
            "member": self.mates["viewer"].id, "session": session, "app": app, "identity": identity,
            "customer_app": self.apps["shop"]["id"], "campaign": campaign, **earned,
            "invitation": self.owner.get("/api/v1/invitations").json["invitations"][0]["id"],
            "use": self.owner.get("/api/v1/me/usage/events").json["data"][0]["id"],
            "invoice": self.owner.get("/api/v1/invoices").json["data"][0]["number"],
            "email": self.mates["billing"].email, "card": "pm_aardvark", "delivery": delivery,
            "email": self.mates["billing"].email, "card": "pm_aardvark",
            # Of a teammate who has joined.
            "notification": self.owner.get("/api/partner/notifications").json["notifications"][0]["id"],
        }

    def cast(self):
        operator = Browser(self.stack).sign_in(self.operator["email"], api_key=self.operator["api_key"])
        everything = self.all_scopes
        full = self.full["api_key"]
        yield Caller("nobody")
        yield Caller("the owner", cookie=self.owner.cookie, role="owner")
        for role, mate in self.mates.items():
            yield Caller(f"a {role}", cookie=mate.cookie, role=role)
        yield Caller("an operator", cookie=operator.cookie, role="owner", is_operator=True)
        yield Caller("a session that has expired", cookie=self.expired.cookie)
        yield Caller("a session that was ended", cookie=self.ended.cookie)
        yield Caller("a member who was removed", cookie=self.removed.cookie)
        yield Caller("a made-up session", cookie="session_token=" + "A" * 43)
        yield Caller("an empty cookie", cookie="session_token=")
        yield Caller("a key", key=full, scopes=everything)
        yield Caller("an operator's key", key=self.operator["api_key"], scopes=everything, is_operator=True)
        for scope, key in self.lacking.items():
            yield Caller(f"a key without {scope}", key=key["api_key"], scopes=everything - {scope})
        referrals = {scope for scope in everything if scope.startswith("referrals:")}
        yield Caller("an app's own key", key=self.app_keys["shop"], scopes=referrals, is_app=True)
        yield Caller("an app's key that may all", key=self.app_keys["all"], scopes=everything, is_app=True)
        for scope in referrals:
            yield Caller(f"an app's key without {scope}", key=self.app_keys[f"all but {scope}"],
                         scopes=everything - {scope}, is_app=True)
        yield Caller("an app's key that was rotated", key=self.app_keys["rotated"], is_app=True)
        yield Caller("a deleted app's key", key=self.app_keys["deleted"], is_app=True)
        yield Caller("a suspended app's key", key=self.app_keys["suspended"], is_app=True, is_suspended=True)
        yield Caller("a made-up app's key", key="rk_" + "0" * 38)
        yield Caller("a key that was revoked", key=self.revoked["api_key"])
        yield Caller("a key that has expired", key=self.late["api_key"])
        yield Caller("a made-up key", key="bioql_" + "0" * 38)
        yield Caller("a key with a letter changed", key=full[:-1] + ("a" if full[-1] != "a" else "b"))
        yield Caller("a key in a cookie", cookie=f"session_token={full}")
        yield Caller("a session's token as a key", key=self.owner.cookie.partition("=")[2])
        # {"alg":"none"}: {"sub":"1","email":"aardvark-owner@first.example"}.
        yield Caller("an ID token that nobody signed", key="eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwiZW1haWwiOiJhYXJkdmFyay"
                     "1vd25lckBmaXJzdC5leGFtcGxlIn0.")

    # ---- asking

    def send(self, method, target, body=None, headers=None):
        """One request over a connection that stays; status, headers, bytes."""
        headers = dict(headers or {})
        for last in (False, True):
            if not self.connection:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=30)
            try:
                self.connection.request(method, target, body, headers)
                answer = self.connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # nginx ends a connection after so many requests.
                self.connection = None
                if last:
                    raise

    def target(self, row, thing=None):
        """The path with its parameters filled in: with the first account's things, or with `thing`."""
        def fill(match):
            prefix = row.path[:match.end()]
            assert prefix in THINGS, (f"{row}: what does the first account have under {prefix}? "
                                      "Add it to THINGS in Tests/support/who_may.py, and make one in House.furnish")
            name = THINGS[prefix]
            return str(thing or (self.things[name] if name else "1"))

        return re.sub(r"\{\w+\}", fill, row.path)

    def credentials(self, row, caller):
        headers = {}
        if caller.cookie:
            headers["Cookie"] = caller.cookie
        if caller.key:
            headers["Authorization"] = f"Bearer {caller.key}"
        if row.has_body:
            headers["Content-Type"] = "application/json"
        return headers

    def knock(self, row, caller, **more):
        """Asks so that nothing happens even where the caller is let in: bodies and queries that cannot be read, which
        is found out after the caller was looked at. Only reads are meant."""
        target, body = self.target(row), None
        if row.kind == "bodyKey":
            body = json.dumps({"api_key": caller.key} if caller.key else {}).encode()
        elif row.has_body:
            body = b"{"
        elif row.method == "DELETE":
            target += "?a=%zz"
        return self.send(row.method, target, body, self.credentials(row, caller) | more)

    def valid_body(self, row):
        """A body that the schema takes, which names the first account's things wherever it names something."""
        body = sample(row.schema) if row.schema else {}
        for name in body:
            if name in MEMBERS:
                value = self.things[MEMBERS[name]]
                body[name] = str(value) if row.schema["properties"][name].get("type") == "string" else value
        if "events" in body:
            body["events"] = [{"backend": "simulator", "shots": 1}]
        return body

    def query(self, row):
        named = {name: self.things[MEMBERS[name]] for name in row.query if name in MEMBERS}
        return "?" + "&".join(f"{name}={value}" for name, value in named.items()) if named else ""

    # ---- the first account, as it is in the store

    def snapshot(self):
        """Every row that is the first account's or its people's, by table. Counts of calls come late, so not these."""
        people = [self.things["person"], *(mate.id for mate in self.mates.values()), self.removed.id]
        with sqlite3.connect(f"file:{self.stack.store}/purser.db?mode=ro", uri=True) as db:
            found = {}
            for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                if table in ("request_day", "latency_day", "outbox", "sqlite_stat1") or table.startswith("call_"):
                    continue
                columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")
                           if row[1] not in ("last_seen_at", "last_used_at")]
                if "account_id" in columns:
                    where = f"account_id = {self.things['account']}"
                elif "person_id" in columns:
                    where = f"person_id IN ({', '.join(map(str, people))})"
                elif table in ("account", "person"):
                    where = f"id IN ({', '.join(map(str, people if table == 'person' else [self.things['account']]))})"
                else:
                    continue
                found[table] = db.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}").fetchall()
        db.close()
        return found

    def leaks(self, answer):
        """What stands in an answer and only the first account knows of itself."""
        # An address that the outsider types comes back to them, and so it may.
        answer = answer.replace(self.things["email"].encode(), b"")
        hints = [key["api_key"][-4:] for key in (self.full, *self.lacking.values())]
        hints += [key[-4:] for key in self.app_keys.values()]
        marks = [b"aardvark", b"Aardvark", str(self.things["webhook"]).encode(),
                 *(f'..{hint}"'.encode() for hint in hints)]
        return [mark for mark in marks if mark in answer]

    def settle(self):
        """Waits until what Purser writes by and by about earlier requests has been written."""
        seen = []

        def is_still():
            seen.append(self.snapshot())
            return len(seen) > 1 and seen[-1] == seen[-2]

        wait_until(is_still, what="the store being at rest")
