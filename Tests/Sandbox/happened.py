"""What the double recorded."""

import stripe


def since(event=None):
    """The types of the events after this one (all without), oldest first."""
    newer = {"ending_before": event.id} if event else {}
    return [entry.type for entry in stripe.Event.list(limit=100, **newer)][::-1]


def latest():
    """The newest event, for `since`."""
    return stripe.Event.list(limit=1).data[0]
