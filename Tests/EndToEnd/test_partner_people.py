"""The partner program's people: signing up and in as Auth.js' clients do, teams, news, first steps, bills, operators."""

import itertools
import re
from datetime import datetime, timezone
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from answers import assert_problem
from people import Browser, owner, teammate, token
from signing_in import change_store, set_up_second_factor
from stack import Stack, free_port, wait_until
from stripe_double import StripeDouble

PASSWORD = "a long walk at sea"
numbers = itertools.count(1)
FORM = "application/x-www-form-urlencoded"
MILLISECONDS = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


class AuthClient:
    """Asks as Auth.js' client does: a token first, then a form with it, and cookies kept by name."""

    def __init__(self, stack):
        self.stack, self.cookies = stack, {}

    def ask(self, method, path, body=None, **headers):
        headers = {"Origin": self.stack.url, **headers}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.stack.ask(method, path, body, headers=headers)
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, body=None):
        return self.ask("POST", path, {} if body is None else body)

    def form(self, path, **fields):
        headers = {"Content-Type": FORM}
        return self.ask("POST", path, urlencode(fields).encode(), **headers)

    @property
    def csrf(self):
        answer = self.get("/api/auth/csrf")
        assert answer.status == 200, answer
        return answer.json["csrfToken"]

    @property
    def session(self):
        answer = self.get("/api/auth/session")
        assert answer.status == 200, answer
        return answer.json

    def sign_in(self, email, password=PASSWORD, callback="/dashboard"):
        return self.form("/api/auth/callback/credentials", csrfToken=self.csrf, email=email, password=password,
                         callbackUrl=callback, json="true", redirect="false")

    def sign_out(self):
        return self.form("/api/auth/signout", csrfToken=self.csrf, callbackUrl=self.stack.url, json="true")


@pytest.fixture(scope="module")
def house():
    with Stack(OPENING_CREDIT="0") as stack:
        person = stack.seed()["operator"]
        stack.operator = Browser(stack).sign_in(person["email"], api_key=person["api_key"])
        yield stack
        assert "a request failed" not in stack.log
        assert stack.findings() == []


@pytest.fixture
def partner(house):
    """Signed up and in by the program's own calls."""
    return sign_up(house)


def sign_up(house, **more):
    email = f"partner{next(numbers)}@example.com"
    wanted = {"email": email, "password": PASSWORD, "name": "Pia", "companyName": "Pia & Sons", **more}
    answer = house.post("/api/auth/signup", wanted)
    assert answer.status == 201, answer
    client = AuthClient(house)
    client.email, client.user, client.account = email, answer.json["userId"], answer.json["partnerId"]
    assert client.sign_in(email).status == 200
    return client


def precise(value):
    assert MILLISECONDS.match(value), value
    return datetime.fromisoformat(value)


# ---- signing up


def test_signing_up_makes_a_person_and_an_account_on_the_free_plan(house):
    email = f"partner{next(numbers)}@example.com"
    answer = house.post("/api/auth/signup", {"email": email.upper(), "password": PASSWORD, "companyName": "Tea & Co"})
    assert answer.status == 201 and set(answer.json) == {"message", "userId", "partnerId"}, answer
    assert house.post("/api/auth/check-verification", {"email": email}).json == {"emailNotVerified": True}
    client = AuthClient(house)
    assert client.sign_in(email).status == 200
    session = client.session
    assert session["user"] | {"id": answer.json["userId"], "email": email, "role": "OWNER",
                              "partnerId": answer.json["partnerId"]} == session["user"]
    assert precise(session["expires"]) > datetime.now(timezone.utc)
    account = client.get("/api/v1/account").json
    assert (account["name"], account["plan"]) == ("Tea & Co", "partner_free")
    # The mail verifies the address.
    assert house.post("/auth/verify", {"token": token(house, email, "verify")}).status == 200
    assert house.post("/api/auth/check-verification", {"email": email}).json == {"emailNotVerified": False}
    assert client.session["user"]["emailVerified"] is True


def test_signing_up_says_what_is_missing_or_taken(house, partner):
    for body in ({}, {"email": "someone@example.com"}, {"password": PASSWORD}, {"email": "", "password": PASSWORD},
                 {"email": "someone@example.com", "password": ""}):
        assert_problem(house.post("/api/auth/signup", body), 400, "Email and password are required")
    taken = {"email": partner.email.upper(), "password": PASSWORD}
    assert_problem(house.post("/api/auth/signup", taken), 400, "User with this email already exists")
    bad = house.post("/api/auth/signup", {"email": "no address", "password": PASSWORD})
    assert assert_problem(bad, 400)["errors"][0]["field"] == "email"
    weak = house.post("/api/auth/signup", {"email": "weak@example.com", "password": "password"})
    assert assert_problem(weak, 400)["errors"][0]["field"] == "password"
    assert house.sql("SELECT id FROM person WHERE email = 'weak@example.com'") == []


def test_an_unknown_address_looks_like_a_verified_one(house):
    assert house.post("/api/auth/check-verification", {"email": "nobody@example.com"}).json == {
        "emailNotVerified": False}


# ---- signing in as Auth.js' clients do


def test_a_client_of_auth_js_signs_in_and_out(house, partner):
    client = AuthClient(house)
    assert client.session is None
    provider = client.get("/api/auth/providers").json["credentials"]
    assert (provider["id"], provider["callbackUrl"]) == (
        "credentials", f"{house.url}/api/auth/callback/credentials")
    first = client.get("/api/auth/csrf")
    [line] = first.headers.get_all("Set-Cookie")
    assert line.startswith("authjs.csrf-token=") and "HttpOnly" in line and "SameSite=Lax" in line
    assert client.csrf == first.json["csrfToken"], "a page that asks again goes on with what it has"
    answer = client.sign_in(partner.email, callback=f"{house.url}/dashboard?tab=apps")
    assert (answer.status, answer.json) == (200, {"url": f"{house.url}/dashboard?tab=apps"})
    assert client.session["user"]["email"] == partner.email
    assert client.get("/api/partner/team").status == 200
    before = dict(client.cookies)
    assert client.sign_out().json == {"url": house.url}
    assert client.session is None
    client.cookies = before
    assert client.session is None, "the session has ended on the server, too"
    assert_problem(client.get("/api/partner/team"), 401, "Unauthorized")
    assert client.sign_out().status == 200, "who is out already is out"


def test_a_wrong_secret_is_told_as_auth_js_tells_it(house, partner):
    client = AuthClient(house)
    answers = [client.sign_in(*secret) for secret in
               ((partner.email, "another long walk"), ("nobody@example.com", PASSWORD), ("", ""), (partner.email, ""))]
    for answer in answers:
        body = assert_problem(answer, 401, code="invalid_credentials", members={"url"})
        assert parse_qs(urlsplit(body["url"]).query)["error"] == ["CredentialsSignin"]
        assert body["url"].startswith(f"{house.url}/")
    assert len({answer.json["detail"] for answer in answers}) == 1
    assert client.session is None


def test_a_second_factor_is_asked_for(house):
    client = sign_up(house)
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    authenticator, _, _ = set_up_second_factor(house, headers)
    other = AuthClient(house)
    asked = other.sign_in(client.email)
    body = assert_problem(asked, 401, code="second_factor_required", members={"url", "token"})
    assert parse_qs(urlsplit(body["url"]).query)["code"] == ["second_factor_required"]
    assert other.session is None
    answer = other.post("/auth/login/totp", {"token": body["token"], "code": authenticator.code()})
    assert answer.status == 200, answer
    assert other.session["user"]["email"] == client.email


def test_a_form_needs_the_token_that_fits_its_cookie(house, partner):
    client, stranger = AuthClient(house), AuthClient(house)
    for path in ("/api/auth/callback/credentials", "/api/auth/signout"):
        client.cookies.pop("authjs.csrf-token", None)
        fields = {"email": partner.email, "password": PASSWORD}
        without = client.form(path, csrfToken=stranger.csrf, **fields)
        assert_problem(without, 400, code="invalid_csrf_token", members={"url"})
        _ = client.csrf
        for wrong in ({"csrfToken": stranger.csrf}, {"csrfToken": ""}, {}):
            body = assert_problem(client.form(path, **fields, **wrong), 400, code="invalid_csrf_token",
                                  members={"url"})
            assert "error=MissingCSRF" in body["url"]
    assert client.session is None
    assert partner.session is not None


def test_a_form_comes_from_our_own_pages_only(house, partner):
    client = AuthClient(house)
    fields = urlencode({"csrfToken": client.csrf, "email": partner.email, "password": PASSWORD}).encode()
    for foreign in ({"Origin": "https://evil.example"}, {"Origin": "null"},
                    {"Origin": house.url, "Sec-Fetch-Site": "cross-site"}):
        answer = client.ask("POST", "/api/auth/callback/credentials", fields, **{"Content-Type": FORM}, **foreign)
        assert_problem(answer, 403, code="cross_origin")
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert client.session is None


def test_nobody_is_led_to_another_site(house, partner):
    client = AuthClient(house)
    for wanted, told in {
        "/dashboard": f"{house.url}/dashboard", "https://evil.example/": house.url, "//evil.example": house.url,
        f"{house.url}.evil.example/": house.url, f"{house.url}@evil.example/": house.url, "/\\evil.example": house.url,
        "javascript:alert(1)": house.url, house.url: house.url, f"{house.url}//evil.example": house.url,
    }.items():
        assert client.sign_in(partner.email, callback=wanted).json == {"url": told}, wanted


def test_json_will_do_as_well_as_a_form(house, partner):
    client = AuthClient(house)
    body = {"csrfToken": client.csrf, "email": partner.email, "password": PASSWORD}
    assert client.post("/api/auth/callback/credentials", body).status == 200
    assert client.session["user"]["email"] == partner.email


# ---- the team


def test_a_team_grows_and_shrinks(house, partner):
    friend = owner(house, f"friend{next(numbers)}@example.com", "Frieda")
    invited = partner.post("/api/partner/team/invite", {"email": friend.email})
    assert invited.status == 201, invited
    assert invited.json | {"email": friend.email, "role": "MEMBER", "status": "PENDING"} == invited.json
    team = partner.get("/api/partner/team").json
    assert [(one["role"], one["status"], one["isSelf"]) for one in team["members"]] == [("OWNER", "ACTIVE", True)]
    assert [one["id"] for one in team["invitations"]] == [invited.json["id"]]
    precise(team["members"][0]["joinedAt"]), precise(team["invitations"][0]["expiresAt"])

    joined = friend.post("/api/partner/team/accept", {"token": token(house, friend.email, "invite")})
    assert joined.status == 200, joined
    assert joined.json == {"success": True, "partnerId": partner.account, "name": "Pia & Sons", "role": "MEMBER"}
    team = partner.get("/api/partner/team").json
    assert [one["role"] for one in team["members"]] == ["OWNER", "MEMBER"] and team["invitations"] == []
    # A member sees the team, and may not change it.
    assert len(friend.get("/api/partner/team").json["members"]) == 2
    assert_problem(friend.post("/api/partner/team/invite", {"email": "x@example.com"}), 403)

    member = next(one["id"] for one in team["members"] if one["role"] == "MEMBER")
    assert partner.ask("DELETE", f"/api/partner/team/{member}").json == {"success": True}
    assert_problem(friend.get("/api/partner/team"), 401, "Unauthorized")
    assert_problem(partner.ask("DELETE", f"/api/partner/team/{member}"), 404)


def test_an_invitation_is_taken_back(house, partner):
    email = f"friend{next(numbers)}@example.com"
    invited = partner.post("/api/partner/team/invite", {"email": email, "role": "VIEWER"}).json
    assert invited["role"] == "VIEWER"
    secret = token(house, email, "invite")
    assert partner.ask("DELETE", f"/api/partner/team?id={invited['id']}").json == {"success": True}
    assert partner.get("/api/partner/team").json["invitations"] == []
    answer = house.post("/auth/invitation/accept", {"token": secret, "name": "F", "password": PASSWORD})
    assert answer.status == 404, answer
    for unknown in ("inv_999999999", "inv_x", "nobody", "-1"):
        assert_problem(partner.ask("DELETE", f"/api/partner/team/{unknown}"), 404)
    assert_problem(partner.post("/api/partner/team/invite", {"email": email, "role": "KING"}), 400)


# ---- news


def news(client):
    return client.get("/api/partner/notifications").json


def test_members_are_told_of_what_happens_and_each_reads_for_themself(house):
    olga = owner(house, f"olga{next(numbers)}@example.com")
    assert news(olga) == {"notifications": [], "unreadCount": 0}
    theo = teammate(house, olga, f"theo{next(numbers)}@example.com", "viewer")
    told = news(olga)
    assert told["unreadCount"] == 1
    [note] = told["notifications"]
    assert set(note) == {"id", "type", "title", "message", "read", "createdAt"}
    assert (note["type"], note["read"]) == ("MEMBER_JOINED", False) and theo.email in note["message"]
    precise(note["createdAt"])
    read = olga.patch(f"/api/partner/notifications/{note['id']}", {"read": True})
    assert read.status == 200 and read.json == note | {"read": True}
    assert news(olga)["unreadCount"] == 0 and news(theo)["unreadCount"] == 1
    assert olga.patch(f"/api/partner/notifications/{note['id']}", {"read": False}).json["read"] is False
    assert news(olga)["unreadCount"] == 1
    assert theo.post("/api/partner/notifications/read-all").json == {"success": True}
    assert news(theo)["unreadCount"] == 0 and news(olga)["unreadCount"] == 1
    stranger = owner(house, f"olga{next(numbers)}@example.com")
    for client, unknown in ((stranger, note["id"]), (olga, "ntf_" + "0" * 24)):
        assert_problem(client.patch(f"/api/partner/notifications/{unknown}", {}), 404, "Notification not found")


def test_a_limit_that_comes_near_is_news(house):
    olga = owner(house, f"olga{next(numbers)}@example.com")
    used = {"api_key": olga.user["api_key"], "backend": "simulator", "shots_executed": 85}
    assert house.post("/billing/record-usage", used).status == 200
    [note] = news(olga)["notifications"]
    assert note["type"] == "USAGE_ALERT" and "85 of 100" in note["message"]


# ---- first steps


def test_first_steps_are_counted_as_they_are_done(house, partner):
    status = partner.get("/api/partner/onboarding-status").json
    assert status == {"completed": False, "completedAt": None, "completedSteps": 0, "totalSteps": 5, "steps": {
        "emailVerified": False, "appCreated": False, "campaignCreated": False, "firstCall": False,
        "webhookConfigured": False}}
    assert house.post("/auth/verify", {"token": token(house, partner.email, "verify")}).status == 200
    assert partner.post("/api/v1/webhooks", {"url": "https://hooks.example/x"}).status == 201
    made = partner.post("/api/v1/keys", {"label": "first"})
    assert made.status == 201, made
    assert house.get("/auth/user", key=made.json["api_key"]).status == 200
    status = partner.get("/api/partner/onboarding-status").json
    done = {name for name, is_done in status["steps"].items() if is_done}
    assert done == {"emailVerified", "firstCall", "webhookConfigured"} and status["completedSteps"] == 3
    assert partner.post("/api/partner/complete-onboarding").json == {"success": True}
    status = partner.get("/api/partner/onboarding-status").json
    assert status["completed"] is True
    ended = precise(status["completedAt"])
    assert partner.post("/api/partner/complete-onboarding").json == {"success": True}
    assert precise(partner.get("/api/partner/onboarding-status").json["completedAt"]) == ended


# ---- plans and bills

PLANS = {
    "partner_free": ("Free", "FREE", 0, 0, 10_000, 1, 0),
    "partner_growth": ("Growth", "GROWTH", 49, 470, 100_000, 5, 0.5),
    "partner_pro": ("Pro", "PRO", 199, 1910, 500_000, 20, 0.4),
    "partner_enterprise": ("Enterprise", "ENTERPRISE", 999, 9590, 5_000_000, 100, 0.3),
}


def test_the_plans_are_those_of_the_price_list_cheapest_first(house, partner):
    plans = partner.get("/api/partner/pricing-plans").json
    named = {plan["id"]: plan for plan in plans}
    assert [plan["monthlyPrice"] for plan in plans] == sorted(plan["monthlyPrice"] for plan in plans)
    for code, terms in PLANS.items():
        plan = named[code]
        assert (plan["name"], plan["type"], plan["monthlyPrice"], plan["yearlyPrice"], plan["apiLimit"],
                plan["maxApps"], plan["overagePrice"]) == terms
        assert plan["features"] and plan["isActive"] is True
        assert precise(plan["createdAt"]) <= precise(plan["updatedAt"])
        assert precise(plan["createdAt"]).year >= 2025


def test_a_new_partner_s_bill_is_no_empty_page(house, partner):
    bill = partner.get("/api/partner/billing").json
    assert set(bill) == {"subscription", "invoices", "currentUsage"}
    subscription = bill["subscription"]
    assert subscription["status"] == "active"
    assert precise(subscription["currentPeriodStart"]) < precise(subscription["currentPeriodEnd"])
    assert subscription["plan"] | {"id": "partner_free", "name": "Free", "type": "FREE", "monthlyPrice": 0,
                                   "apiLimit": 10_000} == subscription["plan"]
    assert isinstance(subscription["plan"]["features"], list)
    assert bill["invoices"] == []
    assert bill["currentUsage"] == {"apiCalls": 0, "overage": 0, "estimatedCost": 0}


def test_an_upgrade_is_prorated_invoiced_and_shown(house, partner):
    house.shell("account", "credit", partner.account, "60.00")
    assert_problem(partner.post("/api/partner/subscription/upgrade", {"planId": "none"}), 404, "Plan not found")
    # Another family's plan is none of this one's.
    assert_problem(partner.post("/api/partner/subscription/upgrade", {"planId": "billing_starter"}), 404,
                   "Plan not found")
    answer = partner.post("/api/partner/subscription/upgrade", {"planId": "partner_growth"})
    assert (answer.status, answer.json) == (200, {"success": True}), answer
    bill = partner.get("/api/partner/billing").json
    assert bill["subscription"]["plan"]["id"] == "partner_growth"
    [invoice] = bill["invoices"]
    assert set(invoice) == {"id", "amount", "currency", "status", "billingPeriodStart", "billingPeriodEnd", "apiUsage",
                            "overageAmount", "paidAt", "createdAt"}
    assert (invoice["currency"], invoice["status"], invoice["overageAmount"]) == ("USD", "paid", 0)
    assert 48.9 < invoice["amount"] <= 49
    for name in ("billingPeriodStart", "billingPeriodEnd", "paidAt", "createdAt"):
        precise(invoice[name])
    assert bill["currentUsage"]["estimatedCost"] == 49
    assert_problem(partner.post("/api/partner/subscription/upgrade", {"planId": "partner_growth"}), 409)
    # What asks for less waits for what is paid for.
    down = partner.post("/api/partner/subscription/upgrade", {"planId": "partner_free"})
    assert down.status == 200, down
    assert partner.get("/api/partner/billing").json["subscription"]["plan"]["id"] == "partner_growth"


def test_calls_beyond_the_plan_are_in_this_month_s_figures(house, partner):
    house.shell("account", "credit", partner.account, "60.00")
    assert partner.post("/api/partner/subscription/upgrade", {"planId": "partner_growth"}).status == 200
    month = int(datetime.now(timezone.utc).strftime("%Y%m"))
    change_store(house, "INSERT INTO call_month (account_id, month, calls) VALUES (?, ?, 103000)", partner.account,
                 month)
    usage = partner.get("/api/partner/billing").json["currentUsage"]
    assert usage == {"apiCalls": 103_000, "overage": 3_000, "estimatedCost": 50.5}
    change_store(house, "DELETE FROM call_month WHERE account_id = ?", partner.account)


def test_an_invoice_past_its_date_has_failed(house, partner):
    made = house.operator.post("/api/v1/admin/invoices", {
        "account_id": int(partner.account), "description": "By hand",
        "lines": [{"description": "Something", "quantity": 1, "unit_price": 12.5}]})
    assert made.status == 201, made
    [invoice] = partner.get("/api/partner/billing").json["invoices"]
    assert (invoice["status"], invoice["amount"], invoice["paidAt"]) == ("pending", 12.5, None)
    change_store(house, "UPDATE invoice SET due_at = issued_at + 1 WHERE account_id = ?", partner.account)
    [invoice] = partner.get("/api/partner/billing").json["invoices"]
    assert invoice["status"] == "failed"
    shown = next(one for one in house.operator.get("/api/admin/billing").json["invoices"] if one["id"] == invoice["id"])
    assert (shown["status"], shown["partner"]) == ("failed", {"id": partner.account, "name": "Pia & Sons"})


def test_an_upgrade_that_cannot_be_paid_leads_to_a_page(tmp_path):
    port = free_port()
    double = StripeDouble(state=tmp_path / "stripe", webhook_url=f"http://127.0.0.1:{port}/webhooks/stripe")
    with double, Stack(stripe=double, port=port, OPENING_CREDIT="0") as house:
        partner = sign_up(house)
        answer = partner.post("/api/partner/subscription/upgrade", {"planId": "partner_growth", "interval": "year"})
        body = assert_problem(answer, 402, members={"url"})
        assert urlsplit(body["url"]).scheme in ("http", "https")
        assert partner.get("/api/partner/billing").json["subscription"]["plan"]["id"] == "partner_free"


# ---- operators


def test_only_operators_reach_the_operators_pages(house, partner):
    for path in ("stats", "billing", "usage", "apps", "pricing-plans"):
        assert_problem(partner.get(f"/api/admin/{path}"), 403)
        assert house.get(f"/api/admin/{path}").status == 401
        assert house.operator.get(f"/api/admin/{path}").status == 200


def test_operators_see_the_program_as_a_whole(house, partner):
    before = house.operator.get("/api/admin/stats").json
    other = sign_up(house)
    stats = house.operator.get("/api/admin/stats").json
    assert stats["totalPartners"] == before["totalPartners"] + 1
    assert stats["newPartners"] == before["newPartners"] + 1
    assert stats["activeSubscriptions"] == before["activeSubscriptions"] + 1
    house.shell("account", "credit", other.account, "60.00")
    assert other.post("/api/partner/subscription/upgrade", {"planId": "partner_growth"}).status == 200
    after = house.operator.get("/api/admin/stats").json
    assert round(after["monthlyRevenue"] - stats["monthlyRevenue"], 2) == 49
    billing = house.operator.get("/api/admin/billing").json
    assert billing["monthlyRevenue"] == after["monthlyRevenue"]
    assert billing["invoices"][0]["partner"]["id"] == other.account
    assert billing["invoices"][0]["status"] == "paid"
    growth = next(plan for plan in billing["plans"] if plan["id"] == "partner_growth")
    assert growth["subscriptions"] >= 1 and growth["monthlyRevenue"] >= 49


def test_operators_see_who_calls_most(house):
    olga = owner(house, f"olga{next(numbers)}@example.com", "Busy Olga")
    for _ in range(3):
        assert house.get("/auth/user", key=olga.user["api_key"]).status == 200

    def row():
        partners = house.operator.get("/api/admin/usage?limit=500").json["partners"]
        return next((one for one in partners if one["id"] == str(olga.account)), None)

    found = wait_until(row, what="the calls written")
    assert found | {"name": "Busy Olga", "apiCalls": 3, "apiLimit": 1000, "percentage": 0, "overage": 0,
                    "estimatedCost": 0, "plan": "free", "status": "active"} == found
    month = house.operator.get("/api/admin/usage").json
    assert month["totalCalls"] >= 3 and month["month"] == datetime.now(timezone.utc).strftime("%Y-%m")


def test_operators_edit_the_plans_and_old_prices_stay(house, partner):
    ask = house.operator.ask
    wanted = {"name": "Agency", "type": "GROWTH", "monthlyPrice": 79.5, "yearlyPrice": 800, "apiLimit": 200_000,
              "maxApps": 8, "overagePrice": 0.45, "features": ["Eight apps"]}
    made = ask("POST", "/api/admin/pricing-plans", wanted)
    assert made.status == 201, made
    plan = made.json
    assert plan | wanted | {"id": "partner_growth_agency", "isActive": True} == plan
    assert_problem(ask("POST", "/api/admin/pricing-plans", wanted), 409, code="plan_exists")
    # Who has it pays what they began with until their period ends.
    house.shell("account", "credit", partner.account, "90.00")
    assert partner.post("/api/partner/subscription/upgrade", {"planId": plan["id"]}).status == 200
    changed = ask("PATCH", f"/api/admin/pricing-plans/{plan['id']}", {"monthlyPrice": 99, "overagePrice": 0})
    assert changed.status == 200, changed
    assert (changed.json["monthlyPrice"], changed.json["overagePrice"], changed.json["yearlyPrice"]) == (99, 0, 800)
    assert precise(changed.json["updatedAt"]) >= precise(plan["updatedAt"])
    assert partner.get("/api/partner/billing").json["currentUsage"]["estimatedCost"] == 79.5
    versions = house.sql("SELECT v.interval FROM plan_price v JOIN plan p ON p.id = v.plan_id "
                         "WHERE p.code = 'partner_growth_agency' ORDER BY v.id")
    assert [row["interval"] for row in versions] == ["month", "year", "month"]
    put = ask("PUT", f"/api/admin/pricing-plans/{plan['id']}", {"monthlyPrice": 99, "maxApps": 9})
    assert (put.status, put.json["maxApps"]) == (200, 9)
    # Off the list, kept by who has it, and back again.
    assert ask("DELETE", f"/api/admin/pricing-plans/{plan['id']}").json == {"success": True}
    assert plan["id"] not in [one["id"] for one in partner.get("/api/partner/pricing-plans").json]
    listed = next(one for one in house.operator.get("/api/admin/pricing-plans").json if one["id"] == plan["id"])
    assert listed["isActive"] is False
    assert partner.get("/api/partner/billing").json["subscription"]["plan"]["id"] == plan["id"]
    again = sign_up(house)
    assert_problem(again.post("/api/partner/subscription/upgrade", {"planId": plan["id"]}), 404, "Plan not found")
    assert ask("PATCH", f"/api/admin/pricing-plans/{plan['id']}", {"isActive": True}).json["isActive"] is True
    assert_problem(ask("DELETE", "/api/admin/pricing-plans/partner_free"), 409, code="plan_needed")
    for unknown in ("none", "billing_starter"):
        assert_problem(ask("PATCH", f"/api/admin/pricing-plans/{unknown}", {"maxApps": 1}), 404, "Plan not found")
    for field, value in {"monthlyPrice": 0.001, "yearlyPrice": 0, "overagePrice": 0.0001, "apiLimit": -1}.items():
        refused = ask("PATCH", f"/api/admin/pricing-plans/{plan['id']}", {field: value})
        assert assert_problem(refused, 400)["errors"][0]["field"] == field
    assert len(house.sql("SELECT v.id FROM plan_price v JOIN plan p ON p.id = v.plan_id "
                         "WHERE p.code = 'partner_growth_agency'")) == 3


def make_app(house, browser):
    """An app with a key, as the store has it."""
    public = f"app_{next(numbers):024}"
    change_store(house, "INSERT INTO app (public_id, account_id, name, created_at) VALUES (?, ?, 'Teapot', 1)", public,
                 browser.account)
    [app] = house.sql(f"SELECT id FROM app WHERE public_id = '{public}'")
    number = app["id"]
    made = browser.post("/api/v1/keys", {"label": "app", "app_id": number})
    assert made.status == 201, made
    return public, made.json["api_key"]


def test_an_app_that_an_operator_suspends_is_refused_at_once(house):
    olga = owner(house, f"olga{next(numbers)}@example.com", "Teapots Ltd")
    app, key = make_app(house, olga)
    listed = house.operator.get("/api/admin/apps?search=teapots").json["apps"]
    assert [one["id"] for one in listed] == [app]
    assert listed[0] | {"name": "Teapot", "status": "ACTIVE", "monthlyLimit": None,
                        "partner": {"id": str(olga.account), "name": "Teapots Ltd"}} == listed[0]
    assert house.get("/auth/user", key=key).status == 200
    change = {"appId": app, "status": "SUSPENDED", "monthlyLimit": 500}
    answer = house.operator.patch("/api/admin/apps", change)
    assert (answer.status, answer.json["status"], answer.json["monthlyLimit"]) == (200, "SUSPENDED", 500), answer
    assert house.get("/auth/user", key=key).status in (401, 403)
    refused = house.post("/api/v1/clicks", {"referralCode": "none"}, key=key)
    assert_problem(refused, 403, "App or partner is suspended")
    assert house.operator.get("/api/admin/stats").json["suspendedApps"] == 1
    back = house.operator.patch("/api/admin/apps", {"appId": app, "status": "ACTIVE", "monthlyLimit": None})
    assert (back.json["status"], back.json["monthlyLimit"]) == ("ACTIVE", None)
    assert house.get("/auth/user", key=key).status == 200
    actions = [row["action"] for row in house.sql(
        f"SELECT action FROM audit_entry WHERE account_id = {olga.account} AND action LIKE 'app.%' ORDER BY id")]
    assert actions == ["app.suspended", "app.changed", "app.resumed", "app.changed"]
    assert_problem(house.operator.patch("/api/admin/apps", {"appId": "app_none"}), 404, "App not found")
    assert_problem(olga.patch("/api/admin/apps", {"appId": app, "status": "ACTIVE"}), 403)
