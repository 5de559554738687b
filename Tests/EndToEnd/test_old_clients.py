"""What programs written for the earlier service send, as they send it, and what they read of the answers."""

import pytest
import requests


class MachineClient:
    """A library on a customer's machine: the key in the body and in a header, one dialect or the other."""

    def __init__(self, url, key):
        self.url, self.key = url, key
        self.headers = {"Content-Type": "application/json", "User-Agent": "Client/6.0", "X-API-Key": key,
                        "ngrok-skip-browser-warning": "true"}

    def post(self, path, **body):
        return requests.post(self.url + path, json={"api_key": self.key, **body}, headers=self.headers, timeout=10)

    def run(self, backend, shots):
        """Validates, checks, runs, records; what it would print."""
        valid = self.post("/auth/validate")
        if valid.status_code == 401:
            return "Invalid API key"
        assert valid.status_code == 200
        who = valid.json()
        limits = self.post("/billing/check-limits", requested_shots=shots, backend=backend)
        if limits.status_code == 403:
            told = limits.json()
            return f"{told.get('reason')} {told.get('upgrade_required')} {told['shots_remaining']}"
        assert limits.status_code == 200 and limits.json()["allowed"] is True
        cost = limits.json()["cost"]
        recorded = self.post("/billing/record-usage", shots_executed=shots, backend=backend, cost=cost, success=True)
        assert recorded.status_code == 200 and recorded.json()["recorded"] is True
        return f"{who['user_id']} {who['plan']} {cost:.2f}"


@pytest.fixture
def client(stack, user):
    return MachineClient(stack.url, user["api_key"])


def test_a_library_validates_checks_and_records(stack, user, client):
    assert client.run("ionq_simulator", 80) == f"{user['id']} free 0.80"
    assert client.run("ionq_simulator", 30).endswith(" True 20")
    assert MachineClient(stack.url, "bioql_nope").run("simulator", 1) == "Invalid API key"


def test_a_library_reports_error_correction(client):
    answer = client.post("/billing/record-usage", shots=10, backend="aws_sv1", total_cost_usd=0.1, qec_enabled=True,
                         qec_distance=3, qec_overhead_multiplier=2.5, usage_type="quantum", user_id="1",
                         time_seconds=0.2)
    assert (answer.status_code, answer.json()["recorded"]) == (200, True)


def test_an_editor_extension_logs_what_it_generated(client):
    answer = client.post("/billing/log-usage", user_id=None, prompt="Dock aspirin", code_generated="run()\n",
                         time_seconds=3.5, cost=0.01, success=True, error=None)
    assert answer.status_code == 200
    assert client.post("/auth/validate").json()["quotas"]["inferences_used"] == 1


def test_a_library_keeps_one_connection_over_refusals(stack, user):
    with requests.Session() as session:
        for status, key in ((401, "bioql_nope"), (200, user["api_key"])) * 5:
            answer = session.post(stack.url + "/auth/validate", json={"api_key": key, "pad": "x" * 5000})
            assert answer.status_code == status
            assert session.post(stack.url + "/auth/nope", json={"pad": "x" * 5000}).status_code == 404


def test_a_body_may_come_in_chunks(stack, user):
    parts = (part for part in (b'{"api_key":"', user["api_key"].encode(), b'"}'))
    answer = requests.post(stack.url + "/auth/validate", data=parts, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200


class Dashboard:
    """A page opened from disk: a key in local storage, `fetch` with `Origin: null`, numbers formatted as they come."""

    def __init__(self, url, key):
        self.url = url
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Origin": "null"}

    def fetch(self, path, method="GET", **body):
        answer = requests.request(method, self.url + path, headers=self.headers, json=body or None)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return answer


def test_a_dashboard_shows_its_figures(stack, user):
    MachineClient(stack.url, user["api_key"]).run("ionq_simulator", 80)
    page = Dashboard(stack.url, user["api_key"])
    assert page.fetch("/auth/user").json()["name"] == user["name"]
    usage = page.fetch("/analytics/usage").json()
    assert f"{usage['total_spent']:.2f}" == "0.80"
    assert all(isinstance(usage[name], (int, float)) for name in
               ("total_shots", "total_spent", "molecules_designed", "backends_used"))
    assert list(usage["backends"].items()) == [("ionq_simulator", 80)]
    assert len(usage["daily_usage"]["dates"]) == len(usage["daily_usage"]["shots"]) == 30
    invoices = page.fetch("/dashboard/invoices").json()
    assert f"{invoices['current_balance']:.2f}" == "0.00"
    ticket = page.fetch("/support/ticket", "POST", priority="medium", subject="Help", message="Please")
    assert ticket.json()["message"] == \
        "Support ticket created successfully. We'll get back to you within 24 hours."
    refused = page.fetch("/billing/create-payment", "POST", amount=25.5)
    assert (refused.status_code, bool(refused.json()["error"])) == (503, True)


def test_a_dashboard_pays_after_its_page_was_signed_up(payments):
    user = payments.register(create_stripe_account=True, payment_method_id=None)
    page = Dashboard(payments.url, user["api_key"])
    answer = page.fetch("/billing/create-payment", "POST", amount=350)
    assert answer.status_code == 200
    assert answer.json()["session_id"].startswith("cs_") and answer.json()["url"].startswith("http")
    refused = [page.fetch("/billing/create-payment", "POST", amount=amount) for amount in (-1, 0.001)]
    assert [answer.status_code for answer in refused] == [400, 400]


def test_no_customer_is_said_before_the_amount_is_looked_at(payments):
    user = payments.register(create_stripe_account=False)
    for amount in (25, 0, -5):
        answer = payments.post("/billing/create-payment", {"amount": amount}, key=user["api_key"])
        assert (answer.status, answer.json["error"]) == (400, "No Stripe customer ID found")
    answer = payments.post("/billing/create-payment", {"amount": 0}, key="bioql_nope")
    assert (answer.status, answer.json["error"]) == (401, "Invalid API key")


def test_the_books_are_sound(stack):
    assert stack.findings() == []
