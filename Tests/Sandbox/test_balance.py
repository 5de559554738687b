"""The balance: what came in, what went out, what it cost, and which payout it left with."""

import pytest
import stripe

from .happened import latest, since
from .portal_requests import off_session


def charged(customer, card, amount=5_000):
    return stripe.PaymentIntent.create(**off_session(customer.id, card.id, amount)).latest_charge


@pytest.mark.parametrize("amount, fee", [(5_000, 175), (50, 31), (12_345, 388), (500, 45), (99_999_999, 2_900_030)])
def test_keeps_its_fee_to_the_cent(double, customer, card, amount, fee):
    charge = stripe.Charge.retrieve(charged(customer, card, amount), expand=["balance_transaction"])
    entry = charge.balance_transaction
    assert (entry.type, entry.source, entry.amount, entry.fee, entry.net) == (
        "charge", charge.id, amount, fee, amount - fee)
    assert sum(part.amount for part in entry.fee_details) == fee


def test_takes_other_fees_where_asked(double, customer, card):
    double.set_fees(basis_points=0, fixed=0)
    charged(customer, card)
    entry, = stripe.BalanceTransaction.list()
    assert (entry.fee, entry.net, entry.fee_details) == (0, 5_000, [])
    for wrong in ({"fixed": -1}, {"fixed": 0.3}, {"dispute_returned": 1}, {"tip": 1}):
        with pytest.raises(AssertionError):
            double.set_fees(**wrong)


def test_adds_up_over_refunds_and_disputes(double, customer, card):
    first, second = charged(customer, card), charged(customer, card)
    double.fail_refund(double.refund(first, 2_000)["id"])
    double.refund(first, 500)
    double.close_dispute(double.dispute(second)["id"], "won")
    entries = double.everything("/v1/balance_transactions")
    assert [(entry["type"], entry["net"]) for entry in entries] == [
        ("charge", 4_825), ("charge", 4_825), ("refund", -2_000), ("refund_failure", 2_000), ("refund", -500),
        ("adjustment", -6_500), ("adjustment", 5_000)]
    assert all(entry["net"] == entry["amount"] - entry["fee"] for entry in entries)


def test_leaves_no_entry_for_what_failed(double, customer, card):
    double.fail_card(customer.id)
    with pytest.raises(stripe.CardError):
        charged(customer, card)
    assert stripe.BalanceTransaction.list().data == []


def test_lists_by_time_type_and_source_page_by_page(double, customer, card):
    charges = [charged(customer, card) for _ in range(3)]
    double.advance(3_600)
    double.refund(charges[0], 100)
    entries = double.everything("/v1/balance_transactions")
    assert [entry.id for entry in stripe.BalanceTransaction.list(limit=1).auto_paging_iter()] == [
        entry["id"] for entry in reversed(entries)]
    late = {"gte": entries[-1]["created"], "lt": entries[-1]["created"] + 60}
    assert [entry.type for entry in stripe.BalanceTransaction.list(created=late)] == ["refund"]
    assert len(stripe.BalanceTransaction.list(type="charge").data) == 3
    assert [entry.source for entry in stripe.BalanceTransaction.list(source=charges[1])] == [charges[1]]
    assert stripe.BalanceTransaction.retrieve(entries[0]["id"]).source == charges[0]


def test_expands_the_entries_of_a_list(double, customer, card):
    charged(customer, card)
    assert stripe.Charge.list(expand=["data.balance_transaction"]).data[0].balance_transaction.fee == 175
    assert stripe.BalanceTransaction.list(expand=["data.source"]).data[0].source.customer == customer.id
    intents = stripe.PaymentIntent.list(expand=["data.latest_charge.balance_transaction"])
    assert intents.data[0].latest_charge.balance_transaction.net == 4_825


def test_pays_out_what_is_available(double, customer, card):
    charge = charged(customer, card)
    assert stripe.BalanceTransaction.list().data[0].status == "pending"
    with pytest.raises(AssertionError, match="nothing to pay out"):
        double.pay_out()
    double.advance(2 * 86_400)
    charged(customer, card)
    double.refund(charge, 1_000)
    before = latest()
    payout = double.pay_out()
    assert (payout["amount"], payout["status"]) == (3_825, "paid")
    assert since(before) == ["payout.created", "payout.paid"]
    parts = double.everything(f"/v1/balance_transactions?payout={payout['id']}")
    assert [(part["type"], part["net"]) for part in parts] == [("charge", 4_825), ("refund", -1_000),
                                                               ("payout", -3_825)]
    assert stripe.Payout.retrieve(payout["id"]).balance_transaction == parts[-1]["id"]
    assert [one.id for one in stripe.Payout.list()] == [payout["id"]]
    with pytest.raises(stripe.InvalidRequestError, match="No such payout"):
        stripe.BalanceTransaction.list(payout="po_none")
