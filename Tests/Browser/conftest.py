"""What every browser test shares: Debian's Chromium, and a page whose console must stay silent."""

import os
import re

import pytest
from playwright.sync_api import expect, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Console:
    """Everything the pages of a context said or threw. Chromium reports breaches of the CSP here as well."""

    def __init__(self):
        self.lines = []
        self.expected = []

    def expects(self, pattern):
        """Chromium itself prints a line for each failed request; a test that causes one says so."""
        self.expected.append(re.compile(pattern))

    def unexpected(self):
        return [line for line in self.lines if not any(pattern.search(line) for pattern in self.expected)]


@pytest.fixture
def console():
    return Console()


@pytest.fixture
def context_options():
    """Overridden, or parametrized, by tests that need another screen or theme."""
    return {}


@pytest.fixture
def context(browser, console, context_options, base_url):  # base_url: so that the pages go before what serves them
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context_options})
    context.on("console", lambda message: console.lines.append(f"{message.type}: {message.text}"))
    context.on("weberror", lambda error: console.lines.append(f"thrown: {error.error}"))
    yield context
    context.close()
    assert console.unexpected() == []


@pytest.fixture
def page(context):
    return context.new_page()
