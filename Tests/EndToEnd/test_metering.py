"""Keys, limits, use and what is told about it."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import pytest
from answers import assert_problem, record, usage
from stack import wait_until


def this_month():
    return datetime.now(timezone.utc).strftime("%Y-%m")


def check(stack, key, shots=10, backend="ionq_simulator", **more):
    return stack.post("/billing/check-limits", {"api_key": key, "requested_shots": shots, "backend": backend, **more})


# ---- GET /auth/user, POST /auth/validate

def test_auth_user_shows_the_presented_key(stack, user):
    answer = stack.get("/auth/user", key=user["api_key"])
    assert answer.status == 200
    created = answer.json.pop("created_at")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", created)
    assert answer.json == {"id": user["id"], "name": user["name"], "email": user["email"], "api_key": user["api_key"],
                           "stripe_customer_id": None, "created_at": created, "email_verified": False}


def test_validate_tells_whose_key_it_is_and_what_is_used(stack, user):
    record(stack, user["api_key"], shots=12)
    log = {"api_key": user["api_key"], "backend": "simulator", "shots": 5, "time_seconds": 1}
    stack.post("/billing/log-usage", log)
    answer = stack.post("/auth/validate", {"api_key": user["api_key"]}, headers={"X-API-Key": user["api_key"]})
    assert answer.status == 200
    body = answer.json
    assert re.fullmatch(r"\d+", body.pop("api_key_id"))
    assert body == {
        "valid": True, "user_id": str(user["id"]), "email": user["email"], "plan": "free", "tier": "free",
        "user": {"id": user["id"], "email": user["email"], "name": user["name"], "tier": "free", "balance": 9.88},
        "quota": {"shots_used": 12},
        "quotas": {"shots_used": 12, "shots_limit": 100, "inferences_used": 1, "inferences_limit": 100},
    }


BAD_KEYS = [None, "", "bioql_nope", "bioql_" + "a" * 38, 7, ["x"], {"a": 1}]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_validate_answers_a_bad_key_with_401(stack, key):
    assert_problem(stack.post("/auth/validate", {"api_key": key}), 401)


def test_validate_takes_the_key_in_the_body_only(stack, user):
    assert_problem(stack.post("/auth/validate", {}, key=user["api_key"]), 401)
    assert_problem(stack.post("/auth/validate", {}), 401)
    assert_problem(stack.ask("POST", "/auth/validate"), 401)


# ---- POST /billing/check-limits

def test_check_limits_allows_what_is_left_and_reserves_nothing(stack, user):
    for _ in range(3):
        answer = check(stack, user["api_key"], 100)
        assert answer.status == 200
        assert answer.json == {"allowed": True, "cost": 1.0, "shots_remaining": 100, "plan_limit": 100, "plan": "free"}
    record(stack, user["api_key"], shots=10)
    assert check(stack, user["api_key"], 10).json == {
        "allowed": True, "cost": 0.10, "shots_remaining": 90, "plan_limit": 100, "plan": "free"}


DENIED = {"allowed", "reason", "upgrade_required", "shots_remaining"}


def assert_denied(answer, remaining, upgrade=True):
    problem = assert_problem(answer, 403, members=DENIED)
    assert {name: problem[name] for name in DENIED} == {
        "allowed": False, "reason": problem["error"], "upgrade_required": upgrade, "shots_remaining": remaining}
    return problem


def test_check_limits_denies_what_is_past_the_limit(stack, user):
    assert_denied(check(stack, user["api_key"], 101), 100)
    record(stack, user["api_key"], shots=60)
    assert_denied(check(stack, user["api_key"], 41), 40)
    assert check(stack, user["api_key"], 40).json["allowed"] is True
    record(stack, user["api_key"], shots=60)
    assert_denied(check(stack, user["api_key"], 1), 0)


@pytest.mark.parametrize("backend", ["ibm_torino", "ibm_brisbane", "ibm_kyoto", "ibm_osaka", "ibm_sherbrooke",
                                     "ionq_qpu", "ionq_forte", "quera_aquila", "something_new"])
def test_the_free_plan_covers_simulators_only(stack, user, backend):
    assert_denied(check(stack, user["api_key"], 1, backend), 100)


@pytest.mark.parametrize("backend", ["simulator", "ionq_simulator", "ionq_ideal", "simulator_statevector",
                                     "simulator_mps", "aws_sv1", "aws_tn1", "qiskit_aer_simulator"])
def test_the_free_plan_covers_every_simulator(stack, user, backend):
    assert check(stack, user["api_key"], 1, backend).status == 200


@pytest.mark.parametrize("key", BAD_KEYS)
def test_check_limits_answers_a_bad_key_with_403(stack, key):
    assert_denied(check(stack, key), 0, upgrade=False)


def test_no_requested_shots_are_allowed_and_less_than_none_is_400(stack, user):
    assert check(stack, user["api_key"], 0).json["cost"] == 0
    assert_problem(check(stack, user["api_key"], -1), 400)
    assert_problem(check(stack, user["api_key"], None), 400)


# ---- POST /billing/record-usage

@pytest.mark.parametrize("dialect", [
    {"shots_executed": 7, "cost": 99.5, "success": True},
    {"shots": 7, "total_cost_usd": 0, "qec_enabled": True, "qec_distance": 5, "qec_overhead_multiplier": 1.75},
    {"shots": 7, "total_cost_usd": 0.07, "qec_enabled": False, "qec_distance": None, "qec_overhead_multiplier": None,
     "usage_type": "simulation"},
    {"shots_executed": 7, "cost": None, "success": None, "usage_type": None},
])
def test_use_is_recorded_in_either_dialect_at_the_servers_price(stack, user, dialect):
    key = user["api_key"]
    answer = stack.post("/billing/record-usage", {"api_key": key, "backend": "ionq_simulator"} | dialect)
    assert (answer.status, answer.json["recorded"]) == (200, True)
    assert answer.json["usage_id"]
    assert (usage(stack, key)["total_shots"], usage(stack, key)["total_spent"]) == (7, 0.07)


@pytest.mark.parametrize("failed", [
    {"shots_executed": 0, "cost": 0, "success": False}, {"shots": 0, "total_cost_usd": 0.0}, {"success": False},
    {"shots_executed": None, "cost": 0.0, "success": False},
])
def test_a_failed_run_is_recorded_and_costs_nothing(stack, user, failed):
    answer = stack.post("/billing/record-usage", {"api_key": user["api_key"], "backend": "ibm_torino"} | failed)
    assert (answer.status, answer.json["recorded"]) == (200, True)
    assert usage(stack, user["api_key"])["total_spent"] == 0
    assert stack.sql(f"SELECT count(*) n FROM usage_event WHERE id = {answer.json['usage_id']}") == [{"n": 1}]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_failed_run_with_a_bad_key_is_401(stack, key):
    body = {"api_key": key, "shots_executed": 0, "backend": "ibm_torino", "cost": 0, "success": False}
    assert_problem(stack.post("/billing/record-usage", body), 401)


@pytest.mark.parametrize("change", [
    {"shots_executed": -1}, {"cost": -0.01}, {"total_cost_usd": -5}, {"qec_distance": -3},
    {"qec_overhead_multiplier": -1.5}, {"shots": -7, "shots_executed": None},
])
def test_a_negative_number_is_400(stack, user, change):
    body = {"api_key": user["api_key"], "shots_executed": 5, "backend": "simulator"} | change
    assert_problem(stack.post("/billing/record-usage", body), 400)
    assert usage(stack, user["api_key"])["total_shots"] == 0


@pytest.mark.parametrize("backend, status", [
    ("a", 200), ("A" * 64, 200), ("ibm.torino-1:x_Y9", 200), ("", 400), ("A" * 65, 400), ("ibm torino", 400),
    ("<img>", 400), ("ibm/torino", 400), ("ibmé", 400), ("a\nb", 400), (None, 400), (5, 400), ("'--", 400),
])
def test_a_backend_is_letters_digits_and_four_marks(stack, user, backend, status):
    body = {"api_key": user["api_key"], "shots": 0, "backend": backend}
    assert stack.post("/billing/record-usage", body).status == status
    for path, key in (("/billing/log-usage", "shots"), ("/billing/check-limits", "requested_shots")):
        answer = stack.post(path, {"api_key": user["api_key"], key: 0, "backend": backend})
        accepted = {200, 403} if status == 200 or (backend is None and path == "/billing/log-usage") else {400}
        assert answer.status in accepted, (path, answer)


def test_use_past_the_limit_is_recorded_since_it_happened(stack, user):
    record(stack, user["api_key"], shots=150)
    month = stack.get(f"/billing/usage/{user['id']}", key=user["api_key"]).json
    assert (month["shots_used"], month["shots_remaining"]) == (150, 0)


# ---- POST /billing/log-usage

@pytest.mark.parametrize("dialect", [
    {"backend": "simulator", "shots": 100, "time_seconds": 1.25, "notes": "a note"},
    {"user_id": "7", "prompt": "Create a Bell state", "code_generated": "x = 1\n" * 5000, "time_seconds": 2,
     "cost": 0.1, "success": True, "error": None},
    {"user_id": 7, "prompt": None, "time_seconds": 0, "success": False,
     "error": "Traceback (most recent call last):\n\x1b[31m" + "  File x\n" * 2000},
    {"backend": None, "shots": None, "time_seconds": None, "notes": None}, {},
])
def test_one_inference_is_counted_in_either_dialect(stack, user, dialect):
    assert stack.post("/billing/log-usage", {"api_key": user["api_key"]} | dialect).status == 200
    quotas = stack.post("/auth/validate", {"api_key": user["api_key"]}).json["quotas"]
    assert quotas == {"shots_used": 0, "shots_limit": 100, "inferences_used": 1, "inferences_limit": 100}


def test_prompts_and_code_are_not_kept(stack, user):
    body = {"api_key": user["api_key"], "prompt": "a secret molecule 4711", "code_generated": "secret_code_4711()"}
    stack.post("/billing/log-usage", body)
    for file in stack.state.glob("purser.db*"):
        assert b"4711" not in file.read_bytes()


@pytest.mark.parametrize("change", [{"time_seconds": -1}, {"cost": -1}, {"shots": -1}, {"notes": 5}, {"success": "no"}])
def test_a_bad_log_is_400(stack, user, change):
    assert_problem(stack.post("/billing/log-usage", {"api_key": user["api_key"]} | change), 400)


# ---- GET /analytics/usage

def test_analytics_adds_everything_up(stack, user):
    for backend, shots in (("simulator", 230), ("ionq_simulator", 20), ("aws_tn1", 5), ("simulator", 0)):
        record(stack, user["api_key"], backend, shots)
    body = usage(stack, user["api_key"])
    dates, shots = body["daily_usage"].pop("dates"), body["daily_usage"].pop("shots")
    assert body == {"total_shots": 255, "total_spent": 0.53, "molecules_designed": 2, "backends_used": 3,
                    "backends": {"simulator": 230, "ionq_simulator": 20, "aws_tn1": 5}, "daily_usage": {}}
    assert len(dates) == len(shots) == 30 and dates == sorted(set(dates))
    days = [datetime.fromisoformat(date).toordinal() for date in dates]
    assert days == list(range(days[0], days[0] + 30))
    assert sum(shots) == 255 and set(shots[:-2]) == {0}


def test_analytics_of_a_newcomer_is_all_zeros(stack, user):
    body = usage(stack, user["api_key"])
    assert body["daily_usage"].pop("shots") == [0] * 30
    body["daily_usage"].pop("dates")
    assert body == {"total_shots": 0, "total_spent": 0, "molecules_designed": 0, "backends_used": 0, "backends": {},
                    "daily_usage": {}}


# ---- GET /billing/usage/{user_id}, GET /billing/invoices/{user_id}, GET /stats

def test_the_months_use_is_shown_to_its_owner(stack, user):
    record(stack, user["api_key"], shots=25)
    answer = stack.get(f"/billing/usage/{user['id']}", key=user["api_key"])
    assert answer.status == 200
    assert answer.json in [
        {"period": this_month(), "shots_used": 25, "shots_limit": 100, "shots_remaining": 75, "total_cost": 0.25,
         "plan": "free"}]
    assert stack.get(f"/billing/invoices/{user['id']}", key=user["api_key"]).json == {"invoices": []}


@pytest.mark.parametrize("family", ["usage", "invoices"])
def test_anothers_figures_are_404_and_no_different_from_nobodys(stack, user, family):
    other = stack.register(email=f"other-{family}@example.com")
    told = [assert_problem(stack.get(f"/billing/{family}/{id}", key=user["api_key"]), 404)["error"]
            for id in (other["id"], 999_999_999)]
    assert told[0] == told[1]
    assert_problem(stack.get(f"/billing/{family}/{user['id']}"), 401)
    assert stack.get(f"/billing/{family}/not-a-number", key=user["api_key"]).status in (400, 404)


def test_an_operator_sees_every_account(make_stack):
    stack = make_stack()
    people = stack.seed()
    operator, busy = people["operator"], people["busy account"]
    busy_id = stack.get("/auth/user", key=busy["api_key"]).json["id"]
    for family in ("usage", "invoices"):
        path = f"/billing/{family}/{busy_id}"
        by_operator = stack.get(path, key=operator["api_key"])
        assert by_operator.status == 200
        assert by_operator.json == stack.get(path, key=busy["api_key"]).json
        assert_problem(stack.get(f"/billing/{family}/999999", key=operator["api_key"]), 404)
        assert_problem(stack.get(path, key=people["new account"]["api_key"]), 404)
    stats = stack.get("/stats", key=operator["api_key"])
    assert stats.status == 200
    people = stack.sql("SELECT count(*) AS n FROM person")[0]["n"]
    assert (stats.json["users"], stats.json["total_shots"] > 0, stats.json["total_cost"] > 0) == (people, True, True)
    assert_problem(stack.get("/stats", key=busy["api_key"]), 403, "Admin access required")
    assert_problem(stack.get("/stats"), 401)
    assert stack.findings() == []


# ---- POST /support/ticket

@pytest.mark.parametrize("priority, hours", [("low", 48), ("medium", 24), ("high", 12), ("critical", 4)])
def test_a_ticket_promises_its_first_answer(stack, user, priority, hours):
    body = {"priority": priority, "subject": "Help", "message": "It does not\nwork <b>at all</b>"}
    answer = stack.post("/support/ticket", body, key=user["api_key"])
    assert answer.status == 200
    number = answer.json.pop("ticket_id")
    assert answer.json | {"ticket_id": number} == {
        "ticket_id": number, "status": "created",
        "message": f"Support ticket created successfully. We'll get back to you within {hours} hours."}
    assert re.fullmatch(rf"TKT-{user['id']}-\d{{10}}\S*", number)
    row = stack.sql(f"SELECT answer_due_at - created_at due, message FROM ticket WHERE public_id = '{number}'")[0]
    assert row == {"due": hours * 3600 * 1000, "message": body["message"]}


def test_tickets_of_one_second_have_ids_of_their_own(stack, user):
    def open_one(_):
        return stack.post("/support/ticket", {"priority": "low", "subject": "s", "message": "m"}, key=user["api_key"])
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(open_one, range(24)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["ticket_id"] for answer in answers}) == 24


# ---- plans, health, counting

def test_another_plan_moves_the_limits_at_once(stack):
    user = stack.register(email="upgrade@example.com")
    assert check(stack, user["api_key"], 1, "ibm_torino").status == 403
    stack.shell("account", "plan", "upgrade@example.com", "pro")
    allowed = check(stack, user["api_key"], 1000, "ibm_torino").json
    assert allowed == {"allowed": True, "cost": 3000, "shots_remaining": 500_000, "plan_limit": 500_000, "plan": "pro"}
    stack.shell("account", "plan", "upgrade@example.com", "enterprise")
    unlimited = check(stack, user["api_key"], 1_000_000, "ibm_torino").json
    assert (unlimited["shots_remaining"], unlimited["plan_limit"], unlimited["plan"]) == (None, None, "enterprise")
    assert stack.post("/auth/validate", {"api_key": user["api_key"]}).json["tier"] == "enterprise"
    assert stack.shell("account", "plan", "upgrade@example.com", "golden", check=False).returncode != 0


def test_a_revoked_key_is_refused_everywhere(stack, user):
    key = user["api_key"]
    number = stack.post("/auth/validate", {"api_key": key}).json["api_key_id"]
    stack.shell("key", "revoke", number)
    assert_problem(stack.get("/auth/user", key=key), 401, "Invalid API key")
    assert_problem(stack.post("/auth/validate", {"api_key": key}), 401, "Invalid API key")
    assert_denied(check(stack, key), 0, upgrade=False)
    assert_problem(stack.post("/auth/login", {"email": user["email"], "api_key": key}), 401)


def test_health_says_what_is_on(stack, payments):
    for house, on in ((stack, False), (payments, True)):
        answer = house.get("/health")
        assert answer.status == 200
        assert {"status": "healthy", "database": "connected", "stripe_enabled": on,
                "stripe_webhooks_enabled": on}.items() <= answer.json.items()
        assert re.fullmatch(r"\d+\.\d+\.\d+\S*", answer.json["version"])


def test_every_call_is_counted_by_endpoint_status_and_key(stack, user):
    key = user["api_key"]
    number = int(stack.post("/auth/validate", {"api_key": key}).json["api_key_id"])
    for _ in range(3):
        stack.get("/auth/user", key=key)
    stack.get("/billing/usage/999999", key=key)
    check(stack, key, 1000)
    stack.post("/billing/record-usage", {"api_key": key, "backend": "simulator", "shots": -1})
    stack.ask("POST", "/support/ticket", b"{", headers={"Content-Type": "application/json"}, key=key)
    stack.shell("key", "revoke", str(number))
    stack.get("/auth/user", key=key)
    account = stack.sql(f"SELECT account_id FROM api_key WHERE id = {number}")[0]["account_id"]

    def counted():
        rows = stack.sql(f"SELECT endpoint, status, key_id, sum(requests) n FROM request_day "
                         f"WHERE account_id = {account} GROUP BY endpoint, status, key_id")
        return {(row["endpoint"], row["status"], row["key_id"]): row["n"] for row in rows}

    wanted = {
        ("POST /auth/validate", 200, number): 1, ("GET /auth/user", 200, number): 3, ("GET /auth/user", 401, number): 1,
        ("GET /billing/usage/{user_id}", 404, number): 1, ("POST /billing/check-limits", 403, number): 1,
        ("POST /billing/record-usage", 400, number): 1, ("POST /support/ticket", 400, number): 1,
    }
    wait_until(lambda: sum(counted().values()) == sum(wanted.values()), what="the count")
    assert counted() == wanted


def test_the_books_are_sound(stack):
    assert stack.findings() == []
