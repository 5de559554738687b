"""Apps of the partner program: made with a key, limited by the plan, changed, and gone with all that hangs on them."""

import itertools
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from answers import assert_problem
from people import owner, teammate
from stack import wait_until

APPS = "/api/partner/apps"
CAMPAIGNS = "/api/partner/campaigns"
names = itertools.count(1)


@pytest.fixture
def partner(stack):
    """The owner of a fresh account whose plan allows five apps."""
    return fresh(stack, "partner_growth")


def fresh(stack, plan):
    made = owner(stack, f"partner{next(names)}@example.com")
    stack.shell("account", "plan", str(made.account), plan)
    return made


def make(partner, **fields):
    answer = partner.post(APPS, {"name": "Shop", **fields})
    assert answer.status == 201, answer
    return answer.json


def is_good(stack, key):
    """Whether the key is let in at all, whatever it may do: one without the scope is 403, a dead one 401."""
    status = stack.get("/auth/user", key=key).status
    assert status in (401, 403)
    return status == 403


# ---- making


def test_an_app_comes_with_its_key_which_is_shown_once(stack, partner):
    made = make(partner, name="  Shop ", description="Shoes", website="https://shop.example/start")
    assert re.fullmatch(r"app_[0-9A-Za-z]{24}", made["id"]) and re.fullmatch(r"rk_[0-9A-Za-z]{38}", made["apiKey"])
    assert (made["name"], made["description"], made["website"]) == ("Shop", "Shoes", "https://shop.example/start")
    assert (made["status"], made["monthlyLimit"], made["ownMonthlyLimit"]) == ("ACTIVE", 100_000, None)
    assert (made["currentUsage"], made["totalReferrals"], made["totalClicks"], made["totalConversions"]) == (0, 0, 0, 0)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made["createdAt"])
    hidden = made | {"apiKey": f"rk_...{made['apiKey'][-4:]}"}
    assert partner.get(APPS).json == [hidden] and partner.get(f"{APPS}/{made['id']}").json == hidden
    assert is_good(stack, made["apiKey"])
    stored = (stack.store / "purser.db").read_bytes() + (stack.store / "purser.db-wal").read_bytes()
    assert made["apiKey"].encode() not in stored


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "   "}, {"name": None}])
def test_an_app_needs_a_name(partner, body):
    assert_problem(partner.post(APPS, body), 400, "App name is required")


@pytest.mark.parametrize("body, field", [
    ({"name": "x" * 101}, "name"), ({"website": "javascript:alert(1)"}, "website"),
    ({"website": "https://"}, "website"), ({"website": "https://a.example/\r\nX: y"}, "website"),
    ({"website": "https://good.example@evil.example/"}, "website"),
    ({"monthlyLimit": -1}, "monthlyLimit"), ({"monthlyLimit": "5"}, "monthlyLimit"), ({"fraudRules": []}, "fraudRules"),
])
def test_what_makes_no_sense_is_refused_by_its_name(partner, body, field):
    problem = assert_problem(partner.post(APPS, {"name": "Shop", **body}), 400, members=())
    assert problem["errors"][0]["field"] == field
    assert partner.get(APPS).json == []


def test_the_plan_says_how_many_apps_there_may_be(stack):
    partner = fresh(stack, "partner_free")
    first = make(partner)
    problem = assert_problem(partner.post(APPS, {"name": "Second"}), 403, code="app_limit_reached",
                             members=("upgrade_required",))
    assert problem["upgrade_required"] is True and "1 app" in problem["detail"]
    limits = {limit["subject"]: limit for limit in partner.get("/api/v1/limits").json["limits"]}
    assert (limits["apps"]["used"], limits["apps"]["limit"]) == (1, 1)
    assert partner.delete(f"{APPS}/{first['id']}").json == {"success": True}
    make(partner, name="In its place")


def test_of_64_apps_made_at_once_the_plan_lets_five_be(stack, partner):
    def attempt(number):
        answer = stack.post(APPS, {"name": f"App {number}"}, headers={"Cookie": partner.cookie, "Origin": stack.url})
        return answer.status

    with ThreadPoolExecutor(64) as pool:
        statuses = sorted(pool.map(attempt, range(64)))
    assert statuses == [201] * 5 + [403] * 59
    assert len(partner.get(APPS).json) == 5


def test_an_apps_own_key_takes_none_of_the_plans_keys(stack):
    partner = fresh(stack, "free")
    for number in range(4):
        assert make(partner, name=f"App {number}")["apiKey"].startswith("rk_")
    for label in ("a second", "a third"):
        assert partner.post("/api/v1/keys", {"label": label}).status == 201
    assert partner.post("/api/v1/keys", {"label": "a fourth"}).json["code"] == "key_limit_reached"
    make(partner, name="One more")


# ---- its key


@pytest.mark.parametrize("word", ["rotate-key", "regenerate-key"])
def test_a_rotated_key_is_refused_at_once(stack, partner, word):
    made = make(partner)
    rotated = partner.post(f"{APPS}/{made['id']}/{word}")
    assert rotated.status == 201 and rotated.json["apiKey"] != made["apiKey"]
    assert is_good(stack, rotated.json["apiKey"]) and not is_good(stack, made["apiKey"])
    assert partner.get(APPS).json[0]["apiKey"] == f"rk_...{rotated.json['apiKey'][-4:]}"


def test_a_rotated_key_works_on_for_a_while_when_told(stack, partner):
    made = make(partner)
    rotated = partner.post(f"{APPS}/{made['id']}/rotate-key", {"graceSeconds": 3600}).json
    assert is_good(stack, rotated["apiKey"]) and is_good(stack, made["apiKey"])


def test_an_app_whose_key_was_revoked_gets_another(stack, partner):
    made = make(partner)
    key = next(key for key in partner.get("/api/v1/keys").json["keys"] if key["hint"].startswith("rk_"))
    assert partner.delete(f"/api/v1/keys/{key['id']}").status == 200
    assert partner.get(APPS).json[0]["apiKey"] is None and not is_good(stack, made["apiKey"])
    assert is_good(stack, partner.post(f"{APPS}/{made['id']}/rotate-key").json["apiKey"])


def test_an_app_whose_key_is_switched_off_gets_another_and_the_old_one_stays_dead(stack, partner):
    made = make(partner)
    key = next(key for key in partner.get("/api/v1/keys").json["keys"] if key["hint"].startswith("rk_"))
    assert partner.patch(f"/api/v1/keys/{key['id']}", {"enabled": False}).status == 200
    assert is_good(stack, partner.post(f"{APPS}/{made['id']}/rotate-key").json["apiKey"])
    assert partner.get(f"/api/v1/keys/{key['id']}").json["status"] == "revoked" and not is_good(stack, made["apiKey"])


# ---- changing


def test_what_is_given_changes_and_null_takes_away(partner):
    made = make(partner, website="https://shop.example", monthlyLimit=50)
    path = f"{APPS}/{made['id']}"
    assert made["monthlyLimit"] == made["ownMonthlyLimit"] == 50
    changed = partner.patch(path, {"name": "Boutique", "description": "Hats", "allowedDomains": ""}).json
    assert (changed["name"], changed["description"], changed["website"]) == ("Boutique", "Hats", "https://shop.example")
    assert changed["monthlyLimit"] == 50 and changed["updatedAt"] >= made["updatedAt"]
    changed = partner.patch(path, {"monthlyLimit": None, "website": None, "description": ""}).json
    assert (changed["monthlyLimit"], changed["ownMonthlyLimit"], changed["website"]) == (100_000, None, "")
    assert partner.get(path).json == changed
    assert_problem(partner.patch(path, {"name": " "}), 400, "App name is required")


def test_the_fraud_rules_are_kept_as_they_were_set(partner):
    rules = {"selfReferral": {"score": 80}, "conversionsOfReferrer": {"threshold": 50, "enabled": False}}
    made = make(partner, fraudRules=rules)
    path = f"{APPS}/{made['id']}"
    assert made["fraudRules"] == rules
    assert partner.patch(path, {"name": "Shop"}).json["fraudRules"] == rules
    for wrong in ({"selfReferral": {"score": -1}}, {"noSuchRule": {"score": 1}}, {"selfReferral": 5}, "x"):
        problem = assert_problem(partner.patch(path, {"fraudRules": wrong}), 400)
        assert problem["errors"][0]["field"].startswith("fraudRules")
    assert partner.patch(path, {"fraudRules": None}).json["fraudRules"] == {}


# ---- deleting


def belong(stack, hook, app):
    """Makes an endpoint an app's, beside Purser."""
    stack.stop_purser()
    with sqlite3.connect(stack.store / "purser.db") as db:
        db.execute("UPDATE webhook_endpoint SET app_id = ? WHERE public_id = ?", (app, hook))
    db.close()
    stack.start_purser()


def test_a_deleted_apps_keys_and_campaigns_end_with_it(stack, partner):
    made, other = make(partner), make(partner, name="Other")
    second = partner.post("/api/v1/keys", {"label": "of the app"})
    [numeric] = stack.sql(f"SELECT id FROM app WHERE public_id = '{made['id']}'")
    key = second.json
    assert partner.patch(f"/api/v1/keys/{key['key']['id']}", {"app_id": numeric["id"]}).status == 200
    campaign = partner.post(CAMPAIGNS, {"appId": made["id"], "name": "Spring"}).json
    hooks = [partner.post("/api/v1/webhooks", {"url": f"https://hooks.example/{name}"}).json["id"]
             for name in ("app", "account")]
    belong(stack, hooks[0], numeric["id"])
    assert stack.get("/auth/user", key=key["api_key"]).status == 200
    assert partner.delete(f"{APPS}/{made['id']}").json == {"success": True}
    assert not is_good(stack, made["apiKey"]) and stack.get("/auth/user", key=key["api_key"]).status == 401
    assert is_good(stack, other["apiKey"])
    assert [app["id"] for app in partner.get(APPS).json] == [other["id"]]
    for answer in (partner.get(f"{APPS}/{made['id']}"), partner.delete(f"{APPS}/{made['id']}"),
                   partner.patch(f"{APPS}/{made['id']}", {"name": "x"}),
                   partner.post(f"{APPS}/{made['id']}/rotate-key"), partner.get(f"{CAMPAIGNS}?appId={made['id']}")):
        assert_problem(answer, 404, "App not found")
    assert_problem(partner.get(f"{CAMPAIGNS}/{campaign['id']}"), 404, "Campaign not found")
    assert [partner.get(f"/api/v1/webhooks/{hook}").status for hook in hooks] == [404, 200]


# ---- who


def test_what_is_done_to_an_app_is_written_down(partner):
    made = make(partner)
    path = f"{APPS}/{made['id']}"
    partner.patch(path, {"name": "Boutique"})
    partner.post(f"{path}/rotate-key")
    partner.delete(path)
    entries = [entry for entry in partner.get("/api/v1/audit?limit=50").json["entries"]
               if entry["target"] == f"app:{made['id']}"]
    assert [entry["action"] for entry in entries] == ["app.deleted", "app.key_rotated", "app.changed", "app.created"]
    assert entries[0]["actor_name"] == partner.email


def test_a_viewer_sees_apps_and_changes_none(stack, partner):
    made = make(partner)
    viewer = teammate(stack, partner, f"viewer{next(names)}@example.com", "viewer")
    assert [app["id"] for app in viewer.get(APPS).json] == [made["id"]]
    assert viewer.post(APPS, {"name": "Mine"}).status == viewer.delete(f"{APPS}/{made['id']}").status == 403


def test_another_accounts_app_is_not_found(stack, partner):
    made = make(partner)
    outsider = fresh(stack, "partner_growth")
    for answer in (outsider.get(f"{APPS}/{made['id']}"), outsider.patch(f"{APPS}/{made['id']}", {"name": "x"}),
                   outsider.delete(f"{APPS}/{made['id']}"), outsider.post(f"{APPS}/{made['id']}/rotate-key")):
        assert_problem(answer, 404, "App not found")
    assert outsider.get(APPS).json == [] and stack.get(APPS).status == 401
    assert_problem(stack.get(APPS), 401, "Unauthorized")


# ---- its calls


def test_an_apps_calls_are_its_usage(stack, partner):
    made, other = make(partner), make(partner, name="Other")
    for _ in range(3):
        stack.get("/auth/user", key=made["apiKey"])
    usage = {app["id"]: app["currentUsage"] for app in partner.get(APPS).json}
    assert usage == {made["id"]: 3, other["id"]: 0}


def test_the_log_has_every_call_with_its_true_status(stack, partner):
    made = make(partner)
    stack.get("/auth/user", key=made["apiKey"], headers={"User-Agent": "Shop/1.0"})
    stack.ask("POST", "/api/v1/usage/events", b"{", key=made["apiKey"])
    partner.delete(f"{APPS}/{made['id']}")
    stack.get("/auth/user", key=made["apiKey"])
    stack.get("/auth/user", key=partner.user["api_key"])

    def rows():
        found = stack.sql("SELECT endpoint, r.status, address, user_agent FROM app_request r "
                          f"JOIN app a ON a.id = r.app_id WHERE a.public_id = '{made['id']}' ORDER BY r.id")
        return found if len(found) == 3 else None

    logged = wait_until(rows, what="three calls in the log")
    assert [(row["endpoint"], row["status"]) for row in logged] == [
        ("GET /auth/user", 403), ("POST /api/v1/usage/events", 403), ("GET /auth/user", 401)]
    assert logged[0]["user_agent"] == "Shop/1.0" and {row["address"] for row in logged} == {"127.0.0.1"}
