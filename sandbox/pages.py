"""The pages a person sees: Checkout's, the Billing Portal's, and one for everything else. Plain forms, no script."""

import base64
import hashlib
import os
from html import escape

from values import money

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.css"), encoding="utf-8") as _file:
    _STYLE = _file.read()

_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

# No form-action here: browsers apply it to the redirect after the form as well, which leads to the shop.
HEADERS = {
    "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
    "Content-Security-Policy":
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'"}


def _page(title, content):
    return (
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        f"<title>{escape(title)} (SANDBOX)</title><style>{_STYLE}</style></head><body>"
        "<p class=\"banner\" role=\"note\">SANDBOX: no real card, no real money</p>"
        f"<main>{content}</main></body></html>\n").encode()


def checkout(session, customer):
    """The page of a session: to pay while it is open, and what became of it afterwards.

    `session` as kept, `customer` its customer or None.
    """
    saving = session["mode"] == "setup"
    title = "Save a card" if saving else "Pay Purser"
    if saving:
        head = "<h1>Purser</h1><p class=\"total\">Save a card</p>"
    else:
        total = money(session["amount_total"], session["currency"])
        head = f"<h1>Pay Purser</h1><p class=\"total\">{escape(total)}</p>"
    return _page(title, head + _notice(session) + _who(session, customer) + _lines(session) + _ways(session)
                 + f"<footer>Checkout Session {escape(session['id'])}</footer>")


def _notice(session):
    if session["status"] == "complete":
        done = "The card is saved." if session["mode"] == "setup" else "This is already paid. Thank you."
        return f"<p class=\"notice\" role=\"status\">{done}</p>"
    if session["status"] == "expired":
        return "<p class=\"notice bad\" role=\"status\">This session has expired. Nothing was charged.</p>"
    if session.get("_declined"):
        return ("<p class=\"notice bad\" role=\"alert\"><strong>Your card was declined.</strong> "
                "Nothing was charged; you can try again. <small>(card_declined)</small></p>")
    return ""


def _who(session, customer):
    name = customer["name"] if customer else None
    email = customer["email"] if customer else session["customer_email"]
    rows = [("Customer", name), ("E-mail", email), ("Account", customer["id"] if customer else None)]
    cells = "".join(f"<dt>{label}</dt><dd>{escape(value)}</dd>" for label, value in rows if value)
    return f"<dl>{cells}</dl>" if cells else ""


def _lines(session):
    rows = "".join(
        f"<tr><td>{escape(line['description'] or '')}<br><small>{escape(_how_many(line))}</small></td>"
        f"<td>{escape(money(line['amount_total'], line['currency']))}</td></tr>" for line in session["_lines"])
    return f"<table>{rows}</table>" if rows else ""


def _how_many(line):
    if line["quantity"] is None:
        return "by usage"
    return f"{line['quantity']} × {money(line['price']['unit_amount'], line['currency'])}"


def _ways(session):
    if session["status"] != "open":
        back = session["success_url"] if session["status"] == "complete" else session["cancel_url"]
        link = escape((back or "").replace("{CHECKOUT_SESSION_ID}", session["id"]), quote=True)
        return f"<p><a href=\"{link}\">Back to Purser</a></p>" if back else ""
    pay = "Save card" if session["mode"] == "setup" else f"Pay {money(session['amount_total'], session['currency'])}"
    ways = [("pay", pay), ("decline", "Decline this card")]
    if session["cancel_url"]:
        ways.append(("cancel", "Cancel and go back"))
    here = f"/c/pay/{escape(session['id'], quote=True)}"
    return "".join(f"<form method=\"post\" action=\"{here}/{way}\"><button class=\"{way}\">{escape(label)}</button>"
                   f"</form>" for way, label in ways)


def portal(session, customer, invoices):
    """What the Billing Portal shows: the customer and the invoices, newest first."""
    rows = "".join(
        f"<tr><td>{escape(invoice['number'] or 'Draft')}<br><small>{escape(invoice['status'])}</small></td>"
        f"<td>{escape(money(invoice['total'], invoice['currency']))}</td></tr>" for invoice in invoices)
    back = escape(session["return_url"] or "", quote=True)
    return _page("Billing", "<h1>Billing of</h1>"
                 f"<p class=\"total\">{escape(customer['name'] or customer['email'] or customer['id'])}</p>"
                 + (f"<table>{rows}</table>" if rows else "<p>No invoices yet.</p>")
                 + (f"<p><a href=\"{back}\">Back to Purser</a></p>" if back else ""))


def sentence(title, text):
    """A page that says one thing."""
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>")
