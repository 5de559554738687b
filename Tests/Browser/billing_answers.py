"""What Purser answers on the billing page of one account: a plan, invoices in every state, cards, credit."""

from desk_double import invoice

LATER = "2099-05-01T00:00:00.000Z"


def plan(code, name, family, **prices):
    return {
        "code": code, "name": name, "family": family, "tier": code, "description": "", "features": [f"All of {name}"],
        "trial_days": 0, "prepaid": False, "simulators_only": False, "limits": [], "archived_at": None,
        "prices": [{"id": 1, "interval": interval, "currency": "usd", "amount": amount, "effective_from": LATER,
                    "prices": {}} for interval, amount in prices.items()],
    }


def paper(number, status, total, owed, **more):
    page = f"http://localhost/i/{number}"
    return {
        **invoice(number, LATER, f"Use until {number}", total, status), "number": number, "currency": "usd",
        "total": total, "owed": owed, "issued_at": "2025-03-01T00:00:00.000Z", "due_at": LATER, "corrects": None,
        "hosted_invoice_url": page, "invoice_pdf": f"{page}/pdf", **more,
    }


def line(description, amount, quantity=1):
    return {"description": description, "kind": "flat", "quantity": quantity, "amount": amount, "period_end": None}


def estimate(*lines, credit=0):
    total = sum(one["amount"] for one in lines)
    return {"currency": "usd", "lines": list(lines), "discounts": [], "taxes": [], "subtotal": total, "total": total,
            "credit": credit, "amount_due": total - credit, "period_start": LATER, "period_end": LATER}


def subscription(code, name, amount, **more):
    return {"id": "sub_1", "plan": code, "name": name, "tier": code, "status": "active", "interval": "month",
            "currency": "usd", "amount": amount, "current_period_start": LATER, "current_period_end": LATER,
            "trial_end": None, "cancel_at_period_end": False, "next": None, **more}


def card(number, is_default):
    return {"id": f"pm_{number}", "type": "card", "brand": "visa", "last4": number, "exp_month": 7, "exp_year": 2031,
            "is_default": is_default}


def grant(id, name, remaining, amount, ends=None):
    return {"id": id, "name": name, "kind": "promotion", "remaining": remaining, "amount": amount, "currency": "usd",
            "expires_at": ends}


RULE = {"alert_below": 5, "top_up_below": None, "top_up_amount": None, "top_ups_at_most": 10, "top_ups_this_month": 0,
        "is_top_up_under_way": False, "is_top_up_off": False, "top_up_error": None}


def limit(subject, used, most):
    return {"kind": "plan", "subject": subject, "used": used, "limit": most, "resets_at": LATER}


def answers(role="owner"):
    """By method and path. A test changes what it is about."""
    return {
        ("GET", "/api/v1/account"): {
            "id": 1, "name": "Helix Labs", "plan": "partner_growth", "status": "active", "restriction": None,
            "currency": "usd", "created_at": LATER, "role": role, "is_operator": False},
        ("GET", "/api/v1/balance"): {
            "owed": 162.5, "credit": 30, "unbilled": 12.5, "receivable": 150, "currency": "usd"},
        ("GET", "/api/v1/subscription"): {"subscription": subscription("partner_growth", "Growth", 49)},
        ("GET", "/api/v1/plans"): {"data": [
            plan("free", "Free", "metered"), plan("partner_growth", "Growth", "partner", month=49, year=470),
            plan("partner_pro", "Pro", "partner", month=199, year=1910)]},
        ("GET", "/api/v1/invoices/upcoming"): estimate(line("Growth", 49), line("ibm_torino, shots", 12.5, 5)),
        ("GET", "/api/v1/coupons"): {"data": [
            {"code": "TENTH", "name": "A tenth", "percent": 10, "amount": None, "currency": None,
             "invoices_left": 2}]},
        ("GET", "/api/v1/limits"): {"month": "2025-03", "plan": "partner_growth", "limits": [
            limit("calls", 90_000, 100_000), limit("shots", 3, None), limit("keys", 3, 3)]},
        ("GET", "/api/v1/billing/usage"): {"credits": {
            "included_credits": 500, "used": 620, "overage": 120, "overage_cost": 0.24}},
        ("GET", "/api/v1/invoices"): {"next_cursor": None, "data": [
            paper("INV-000003", "open", 100, 100), paper("INV-000002", "open", 80, 50, due_at="2025-03-02T00:00:00Z"),
            paper("INV-000001", "paid", 20, 0)]},
        ("GET", "/api/v1/credit-notes"): {"next_cursor": None, "data": [
            paper("CN-000001", "paid", 5, 0, corrects="INV-000001")]},
        ("GET", "/api/v1/billing/payment-methods"): [card("4242", True), card("0005", False)],
        ("GET", "/api/v1/credit"): {
            "balance": 30, "currency": "usd", "rule": RULE, "next_cursor": None,
            "grants": [grant(2, "Welcome", 10, 20, LATER), grant(1, "Thank you", 20, 20), grant(3, "Gone", 0, 5)]},
        ("GET", "/api/v1/budget"): {"amount": 200, "stops": True, "spent": 90, "remaining": 110, "percent": 45,
                                    "month": "2025-03"},
        ("GET", "/api/v1/billing/profile"): {
            "name": "Helix Labs GmbH", "email": "", "address": "1 Quay\nHamburg", "country": "DE", "tax_id": "DE123",
            "currency": "usd", "days_to_pay": 14, "tax_rates": [{"name": "VAT", "percent": 19}]},
        ("POST", "/api/v1/subscription/preview"): {
            "plan": "partner_pro", "name": "Pro", "interval": "month", "currency": "usd", "amount": 199,
            "when": "now", "effective_at": LATER, "trial_end": None, "unused": 24.5, "fees": 99.5, "due": 45,
            "payment": "card", "next_invoice_at": LATER,
            "invoice": estimate(line("Growth", -24.5), line("Pro", 99.5), credit=30)},
    }
