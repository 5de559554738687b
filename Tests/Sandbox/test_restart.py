"""What a restart keeps."""

import json
import os
import stat
import subprocess
import sys

import pytest
import requests
import stripe
from stripe_double import ROOT

from .portal_requests import checkout, off_session


def test_keeps_everything_over_a_restart(double, shop, session):
    first = stripe.Customer.create(email="b@example.com", idempotency_key="key-1")
    double.deliveries(settle=5)
    assert double.stop() == 0
    double.start()
    assert stripe.Customer.create(email="b@example.com", idempotency_key="key-1").id == first.id
    assert requests.post(f"{session.url}/pay", allow_redirects=False, timeout=20).status_code == 303
    assert stripe.checkout.Session.retrieve(session.id).payment_status == "paid"
    assert stripe.Customer.create(email="c@example.com").id not in {session.customer, first.id}


def test_keeps_fees_and_failing_cards_over_a_restart(double, customer, card):
    double.set_fees(fixed=0)
    double.fail_card(customer.id, times=1)
    double.stop()
    double.start()
    with pytest.raises(stripe.CardError):
        stripe.PaymentIntent.create(**off_session(customer.id, card.id))
    stripe.PaymentIntent.create(**off_session(customer.id, card.id))
    assert stripe.BalanceTransaction.list().data[0].fee == 145


def test_delivers_after_a_restart_what_was_pending(double, shop, customer):
    double.deliveries(settle=5)
    double.hold()
    stripe.checkout.Session.create(**checkout(customer.id))
    double.stop()
    before = len(shop.received)
    double.start()
    double.deliveries(settle=5)
    assert [json.loads(one.body)["type"] for one in shop.received[before:]] == ["product.created", "price.created"]


def test_keeps_its_state_to_itself(double, customer):
    double.stop()
    file = double.state / "stripe.json"
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert [entry.name for entry in double.state.iterdir()] == ["stripe.json"]
    assert customer.id in json.loads(file.read_text())["tables"]["customer"]


def test_survives_a_kill(double):
    made = stripe.Customer.create(email="a@example.com")
    double.save()
    double.kill()
    double.start()
    assert stripe.Customer.retrieve(made.id).email == "a@example.com"


def test_writes_its_address_and_refuses_a_live_key(tmp_path):
    command = [sys.executable, str(ROOT / "sandbox" / "stripe.py"), "--state", str(tmp_path), "--port", "0"]
    refused = subprocess.run([*command, "--secret-key", "sk_live_x"], capture_output=True, text=True, timeout=20)
    assert refused.returncode == 2 and "live" in refused.stderr
    ready = tmp_path / "ready"
    process = subprocess.Popen([*command, "--secret-key", "sk_test_x", "--ready-file", str(ready)],
                               stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line == f"listening on {ready.read_text()}"
    process.terminate()
    assert process.wait(timeout=20) == 0
    process.stdout.close()
