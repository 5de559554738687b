"""The site against the double of Purser."""

import os
import threading

import pytest
from desk_double import Desk, Server, invoice
from pages import DashboardPage, Person, TrialPage


@pytest.fixture(scope="session")
def server():
    server = Server(int(os.environ.get("SITE_TEST_PORT", "0")), Desk())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def desk(server):
    """A fresh store behind the one server."""
    server.desk = Desk()
    yield server.desk
    for gate in server.desk.gates.values():
        gate.set()


@pytest.fixture
def base_url(server, desk):
    return f"http://127.0.0.1:{server.server_address[1]}"


@pytest.fixture
def owner(desk):
    """A busy account that owes something."""
    account = desk.add(
        "Olivia Owner", "owner@example.com", "a long walk at sea",
        backends={"ionq_simulator": 7400, "ibm_torino": 2600, "aws_sv1": 2345},
        daily=[120, 340, 0, 80, 510, 460, 90, 20, 300, 410, 600, 550, 310, 40, 0,
               220, 480, 700, 640, 380, 60, 10, 350, 520, 610, 830, 560, 90, 120, 645],
        spent=7897.45, balance=1250.5,
        invoices=[
            invoice("in_3001", "2025-03-01", "Usage in February 2025", 1000.5, "pending"),
            invoice("in_2001", "2025-02-01", "Usage in January 2025", 250.0, "overdue"),
            invoice("in_1001", "2025-01-01", "Usage in December 2024", 3000.0, "paid"),
        ],
    )
    return Person(account.name, account.email, account.password, account.key)


@pytest.fixture
def newcomer(desk):
    """An account with nothing on it yet."""
    account = desk.add("Nils Newcomer", "new@example.com", "first day on board")
    return Person(account.name, account.email, account.password, account.key)


@pytest.fixture
def dashboard(page, base_url):
    return DashboardPage(page, base_url)


@pytest.fixture
def trials(page, base_url):
    return TrialPage(page, base_url)
