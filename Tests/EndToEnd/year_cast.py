"""Customers of a simulated year: what they, their bank and the house's operator do, and the lives they lead."""

import json
import random
from datetime import datetime, timezone

from people import Browser
from stack import wait_until

CARDS = "/api/v1/billing/payment-methods"


def text(moment):
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Customer:
    """One account with a clock of its own, its owner at a browser, and its card at the double."""

    def __init__(self, year, life, number, born):
        """The customer of that number among those who lead this life."""
        self.year, self.stack, self.number, self.born = year, year.stack, number, born
        self.life = life(self)
        self.name = f"{life.__name__}-{number}"
        self.random = random.Random(f"{year.seed}/{number}")
        # What the provider must have taken in the end, in cents, where a life is so plain that it can be said.
        self.expected = None
        email = f"{self.name}@year.example"
        user = self.stack.register(email, self.name, create_stripe_account=False)
        plan = ["--plan", "enterprise"] if life is uses_as_it_goes else []
        made = self.stack.shell("account", "create", self.name, "--owner", email, *plan, "--test-clock", text(born),
                                "--json").stdout
        self.account = json.loads(made)["account"]
        self.browser = Browser(self.stack).sign_in(email, api_key=user["api_key"])
        self.ask("POST", "/api/v1/me/account", {"account_id": self.account})
        self.key = self.ask("POST", "/api/v1/keys", {"label": "year"})["api_key"]

    def lives(self):
        """Acts until the next fortnight has to pass."""
        next(self.life, None)

    def comes_to(self, moment):
        answer = self.year.operator.post(f"/api/v1/admin/test-clocks/{self.account}", {"now": text(moment)})
        assert answer.status == 200, (self.name, answer)

    # ---- at the browser

    def ask(self, method, path, body=None, status=(200, 201)):
        answer = self.browser.ask(method, path, body if body is not None or method == "GET" else {})
        assert answer.status in (status if isinstance(status, tuple) else (status,)), (self.name, path, body, answer)
        return answer.json

    def keeps_card(self, card="pm_card_visa"):
        return self.ask("POST", CARDS, {"payment_method_id": card})["payment_method"]["id"]

    def replaces_card(self):
        self.card_works()
        self.ask("POST", f"{CARDS}/{self.keeps_card('pm_card_mastercard')}/default")

    def subscribes(self, plan, interval=None, status=201):
        return self.ask("POST", "/api/v1/subscriptions", {"plan": plan, "interval": interval} if interval else
                        {"plan": plan}, status)

    def changes(self, **what):
        return self.ask("POST", "/api/v1/subscription/change", what)["subscription"]

    def cancels(self, **how):
        return self.ask("POST", "/api/v1/subscription/cancel", how)["subscription"]

    def resumes(self):
        return self.ask("POST", "/api/v1/subscription/resume")["subscription"]

    def redeems(self, code):
        self.ask("POST", "/api/v1/coupons/redeem", {"code": code})

    def resides(self, country):
        self.ask("PUT", "/api/v1/billing/profile", {"name": self.name, "country": country})

    def uses(self, backend, quantity, meter="shots", allowed=True):
        events = [{"backend": backend, "meter": meter, "quantity": quantity}]
        answer = self.stack.post("/api/v1/usage/events", {"events": events}, key=self.key)
        accepted = answer.status == 200 and answer.json["accepted"] == 1
        assert accepted == allowed, (self.name, backend, quantity, answer)

    def pays_page(self, session):
        """Pays a page of the provider, and waits until the money is in the books."""
        paid = self.year.double.pay(session)["session"]
        intent = paid["payment_intent"]
        if intent:
            wait_until(lambda: self.stack.sql(f"SELECT id FROM payment WHERE provider_id = '{intent}'"), 60,
                       f"the payment {intent}")
        return intent

    def buys_credit(self, amount):
        return self.pays_page(self.ask("POST", "/api/v1/credit/top-ups", {"amount": amount})["session_id"])

    def pays(self, number, status=200):
        return self.ask("POST", f"/api/v1/invoices/{number}/pay", status=status)

    # ---- at the bank

    @property
    def customer(self):
        return self.stack.sql(f"SELECT stripe_customer_id id FROM account WHERE id = {self.account}")[0]["id"]

    def card_fails(self, code="card_declined", times=None):
        self.year.double.fail_card(self.customer, code, times)

    def card_works(self):
        self.year.double.mend_card(self.customer)

    def disputes(self, payment, **how):
        made = self.year.double.dispute(payment, **how)["id"]
        wait_until(lambda: self.stack.sql(f"SELECT id FROM dispute WHERE provider_id = '{made}'"), 60, "the dispute")
        return made

    # ---- at the operator's desk

    def desk(self, path, body=None, status=(200, 201), method="POST"):
        answer = self.year.operator.ask(method, f"/api/v1/admin/{path}", body if body is not None else {})
        assert answer.status in (status if isinstance(status, tuple) else (status,)), (self.name, path, body, answer)
        return answer.json

    def is_given(self, amount, **more):
        return self.desk(f"accounts/{self.account}/credit", {"amount": amount, **more})

    def is_billed(self, *prices):
        lines = [{"description": f"Advice {index}", "unit_price": price} for index, price in enumerate(prices)]
        return self.desk("invoices", {"account_id": self.account, "lines": lines})["invoice"]["number"]

    def is_refunded(self, payment, **how):
        return self.desk(f"payments/{payment}/refunds", how)

    def is_corrected(self):
        """One of the uses so far, invoiced or not, is taken back or counts something else."""
        rows = self.stack.sql("SELECT id, quantity FROM usage_event e "
                              f"WHERE account_id = {self.account} AND NOT EXISTS "
                              "(SELECT 1 FROM usage_correction WHERE event_id = e.id) ORDER BY id")
        event = self.random.choice(rows)
        if self.random.random() < 0.5:
            what, body = "void", {}
        else:
            what, body = "amend", {"quantity": self.random.randrange(1, event["quantity"] * 2 + 2)}
            if body["quantity"] == event["quantity"]:
                return
        path = f"/api/v1/admin/usage/events/{event['id']}/{what}"
        answer = self.year.operator.post(path, {"reason": "counted wrongly", **body})
        assert answer.status == 200, (self.name, path, body, answer)

    # ---- the books

    def invoices(self, where="1"):
        """Numbers, the newest first."""
        rows = self.stack.sql(f"SELECT number FROM invoice WHERE account_id = {self.account} AND kind = 'invoice' "
                              f"AND {where} ORDER BY id DESC")
        return [row["number"] for row in rows]

    def payment(self):
        """The newest one of which all is still there."""
        rows = self.stack.sql(f"SELECT provider_id FROM payment WHERE account_id = {self.account} AND refunded = 0 "
                              "AND disputed = 0 ORDER BY id DESC LIMIT 1")
        assert rows, f"{self.name} has paid nothing"
        return rows[0]["provider_id"]

    def restriction(self):
        return self.stack.sql(f"SELECT restriction FROM account WHERE id = {self.account}")[0]["restriction"]

    def status(self):
        found = self.ask("GET", "/api/v1/subscription")["subscription"]
        return found and found["status"]


# Each `yield` is a fortnight; the year has 26.

def fortnights(count):
    for _ in range(count):
        yield


def pays_by_the_month(one):
    one.keeps_card()
    one.subscribes("partner_growth")
    one.expected = 13 * 4900
    yield


def pays_by_the_year(one):
    one.keeps_card()
    if one.number % 2:
        one.subscribes("billing_starter", "month")
        yield from fortnights(7)
        assert one.changes(interval="year")["interval"] == "year"
    else:
        one.subscribes("billing_starter", "year")
        one.expected = 2 * 19000
    yield


def tries_first(one):
    one.keeps_card()
    one.resides("DE")
    one.subscribes("year_team")
    assert (one.status(), one.invoices()) == ("trialing", [])
    if one.number % 3 == 1:
        one.is_given(5, name="Come back", expires_at=text(one.born + 60 * 86400))
        one.cancels()
        yield from fortnights(2)
        assert (one.status(), one.invoices()) == (None, [])
        return
    for fortnight in range(25):
        yield
        one.uses("model-x", one.random.randrange(1, 4000), meter="embedding")
        if fortnight % 4 == 3:
            one.is_corrected()
        if fortnight == 9 and one.number % 3 == 2:
            one.redeems("QUARTER")


def climbs_and_steps_down(one):
    one.keeps_card()
    one.redeems("TWENTY")
    one.subscribes("billing_starter")
    yield from fortnights(one.random.randrange(2, 5))
    assert one.changes(plan="billing_professional")["plan"] == "billing_professional"
    one.uses("model-x", one.random.randrange(400, 9000), meter="inference")
    yield from fortnights(3)
    one.changes(plan="billing_enterprise")
    yield from fortnights(2)
    assert one.changes(plan="billing_starter")["next"]["plan"] == "billing_starter"
    assert one.resumes()["next"] is None
    yield
    one.changes(plan="billing_professional")
    yield from fortnights(5)
    one.uses("model-x", one.random.randrange(400, 9000), meter="tts")
    if one.number % 2:
        assert one.cancels(when="now", prorate=True) is None
        yield from fortnights(2)
        one.subscribes("billing_starter")
    else:
        one.cancels()
        yield from fortnights(4)
        assert one.status() is None


def uses_as_it_goes(one):
    one.keeps_card()
    one.resides("DE" if one.number % 2 else "IE")
    for fortnight in range(25):
        for backend, most in (("ionq_simulator", 900), ("simulator", 5000), ("ibm_torino", 30)):
            one.uses(backend, one.random.randrange(1, most))
        if fortnight % 7 == one.number:
            # Past the threshold by itself.
            one.uses("quera_aquila", 50)
        if fortnight % 2:
            one.is_corrected()
        yield


def has_bad_luck(one):
    one.keeps_card()
    one.subscribes("partner_growth")
    yield from fortnights(4)
    # The second of three charges in a week succeeds, then the third.
    one.card_fails("insufficient_funds", times=1)
    yield from fortnights(4)
    one.card_fails("card_declined", times=2)
    yield from fortnights(4)
    assert one.invoices("status = 'open'") == []
    # A new card, where the old one fails for good.
    one.card_fails("expired_card")
    yield from until_past_due(one)
    one.replaces_card()
    for number in one.invoices("status = 'open'"):
        one.pays(number)
    assert (one.invoices("status = 'open'"), one.restriction(), one.status()) == ([], None, "active")
    # A bank that asks its customer, who pays on the page instead.
    one.card_fails("authentication_required")
    yield from until_past_due(one)
    for number in one.invoices("status = 'open'"):
        one.pays_page(one.pays(number, status=402)["session_id"])
    one.card_works()
    assert (one.invoices("status = 'open'"), one.restriction(), one.status()) == ([], None, "active")


def until_past_due(one):
    for _ in range(4):
        yield
        if one.status() == "past_due":
            return
    raise AssertionError(f"{one.name} owes nothing")


def never_pays(one):
    one.keeps_card()
    one.subscribes("billing_professional")
    one.uses("model-x", 3000, meter="stt")
    yield from fortnights(one.random.randrange(2, 6))
    one.card_fails("lost_card")
    # A month to the end of the period, and another one to the end of the schedule.
    yield from fortnights(6)
    assert (one.status(), one.restriction()) == (None, "suspended")
    one.uses("ibm_torino", 1, allowed=False)
    unpaid = one.invoices("status = 'open'")
    assert unpaid
    if one.number % 3 == 0:
        for number in unpaid:
            one.desk(f"invoices/{number}/write-off")
    elif one.number % 3 == 1:
        for number in unpaid:
            one.pays_page(one.pays(number, status=402)["session_id"])
        one.card_works()
        assert one.restriction() is None
        one.subscribes("billing_starter")
    yield


def gives_back(one):
    one.keeps_card()
    one.subscribes("billing_enterprise")
    yield from fortnights(3)
    one.is_refunded(one.payment(), amount=12.34, reason="requested_by_customer")
    yield from fortnights(3)
    one.is_refunded(one.payment())
    yield from fortnights(3)
    made = one.year.double.refund(one.payment(), 4500)["id"]
    wait_until(lambda: one.stack.sql(f"SELECT id FROM refund WHERE provider_id = '{made}'"), 60, "the refund")
    yield from fortnights(2)
    one.year.double.fail_refund(made)
    yield
    paid = one.invoices("status = 'paid'")[0]
    one.desk(f"invoices/{paid}/credit-notes", {"amount": 40, "reason": "Late"})
    yield from fortnights(3)
    one.card_fails()
    number = one.is_billed(80, 0.5)
    one.desk(f"invoices/{number}/credit-notes", {"lines": [{"position": 0, "amount": 30}], "reason": "Short"})
    other = one.is_billed(7)
    one.desk(f"invoices/{other}/void")
    one.card_works()
    yield from fortnights(2)
    assert one.invoices("status = 'open'") == []


def quarrels(one):
    one.keeps_card()
    one.subscribes("partner_growth")
    yield from fortnights(3)
    won = one.disputes(one.payment(), reason="fraudulent")
    yield from fortnights(2)
    one.year.double.answer_dispute(won)
    one.year.double.close_dispute(won, "won")
    yield from fortnights(3)
    asked = one.disputes(one.payment(), inquiry=True)
    yield
    if one.number % 2:
        one.year.double.escalate_dispute(asked)
        yield
        one.year.double.close_dispute(asked, "lost")
    else:
        one.year.double.close_dispute(asked, "warning_closed")
    yield from fortnights(3)
    one.is_refunded(one.payment(), amount=9)
    # Less than a card can be charged.
    one.is_billed(0.07)
    yield from fortnights(3)
    assert (one.restriction(), one.status()) == (None, "active")
    bought = one.buys_credit(30)
    lost = one.disputes(bought)
    yield
    one.year.double.close_dispute(lost, "lost")
    yield


def saves_up(one):
    one.is_given(15, name="Welcome", expires_at=text(one.born + 100 * 86400), priority=10)
    one.buys_credit(40)
    one.subscribes("billing_starter")
    one.uses("ionq_simulator", 777)
    yield from fortnights(4)
    gift = one.is_given(25, name="A mistake")
    one.desk(f"grants/{gift['id']}/void")
    one.redeems("TENNER")
    one.buys_credit(one.random.randrange(60, 200))
    yield from fortnights(5)
    one.keeps_card()
    one.ask("PUT", "/api/v1/credit/rule", {"top_up_below": 20, "top_up_amount": 50, "top_ups_at_most": 3})
    for _ in range(8):
        one.uses("simulator", one.random.randrange(1, 20000))
        one.uses("ionq_simulator", one.random.randrange(1, 3000))
        yield
    one.ask("PUT", "/api/v1/credit/rule", {})
    one.ask("POST", "/api/v1/credit/top-ups/charge", {"amount": 12.5})


LIVES = [pays_by_the_month, pays_by_the_year, tries_first, climbs_and_steps_down, uses_as_it_goes, has_bad_luck,
         never_pays, gives_back, quarrels, saves_up]
