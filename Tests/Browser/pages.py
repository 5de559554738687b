"""The pages of the site as a reader uses them. They know no server: base URL and sign-in data come from the test."""

from dataclasses import dataclass

from playwright.sync_api import Page, expect

# Read from a copy: Chromium prints advice when the page's own canvas is read more than once.
CANVAS_HAS_INK = """canvas => {
  if (canvas.width === 0 || canvas.height === 0) return false;
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, at) => at % 4 === 3 && value > 0);
}"""


@dataclass
class Person:
    """Somebody who signs in. A password or a key may be missing where a test needs only the other."""

    name: str
    email: str
    password: str | None = None
    key: str | None = None


class DashboardPage:
    def __init__(self, page: Page, base_url: str):
        self.page = page
        self.base_url = base_url
        self.title = page.locator("#desk-title")
        self.notices = page.locator("#notices")
        self.pay_button = page.locator("#pay")
        self.invoice_rows = page.locator("#invoices tbody tr")
        self.first_steps = page.locator("#first-steps")
        self.dev_mark = page.locator("#dev-mark")
        self.theme_switch = page.locator("[data-theme-switch]")

    def open(self, rest=""):
        self.page.goto(f"{self.base_url}/dashboard.html{rest}")
        return self

    def choose(self, tab):
        self.page.get_by_role("tab", name=tab).click()

    def sign_in_by_password(self, person: Person, password=None):
        form = self.page.locator("#sign-in-form")
        form.get_by_label("E-mail").fill(person.email)
        form.get_by_role("radio", name="Password").check()
        form.get_by_role("textbox", name="Password").fill(password or person.password)
        form.get_by_role("button", name="Sign in").click()

    def sign_in_by_email_and_key(self, person: Person):
        form = self.page.locator("#sign-in-form")
        form.get_by_label("E-mail").fill(person.email)
        form.get_by_role("radio", name="API key").check()
        form.get_by_role("textbox", name="API key").fill(person.key)
        form.get_by_role("button", name="Sign in").click()

    def use_key(self, key):
        self.choose("Use a key")
        self.page.locator("#key-form").get_by_label("API key").fill(key)
        self.page.get_by_role("button", name="Open the dashboard").click()

    def create_account(self, person: Person):
        self.choose("Create account")
        form = self.page.locator("#create-form")
        form.get_by_label("Name").fill(person.name)
        form.get_by_label("E-mail").fill(person.email)
        form.get_by_label("Password").fill(person.password)
        form.get_by_role("button", name="Create the account").click()

    def created_key(self):
        expect(self.page.get_by_role("heading", name="Your account is ready")).to_be_visible()
        return self.page.locator("#created-key").inner_text()

    def go_on_after_creating(self):
        self.page.locator("#created-continue").click()

    def sign_out(self):
        self.page.get_by_role("button", name="Sign out").click()

    def refresh(self):
        self.page.get_by_role("button", name="Refresh").click()

    def expect_signed_in(self, person: Person):
        expect(self.title).to_have_text(person.name)
        expect(self.page.locator("#who")).to_contain_text(person.email)

    def expect_signed_out(self):
        expect(self.page.locator("#door")).to_be_visible()
        expect(self.page.locator("#desk")).to_be_hidden()

    def form_error(self, form):
        return self.page.locator(f"#{form}-form .form-error")

    def figure(self, name):
        """One of shots, spent, molecules, balance."""
        return self.page.locator(f"#figure-{name}")

    def chart(self, name):
        """One of daily, backends: the place that holds the chart and its table."""
        return self.page.locator(f"#{name}")

    def expect_drawn(self, name):
        canvas = self.chart(name).locator("canvas")
        expect(canvas).to_be_visible()
        self.page.wait_for_function(CANVAS_HAS_INK, arg=canvas.element_handle())

    def table_of(self, name):
        """The rows of the chart's table, opened if it is closed, each a list of texts."""
        details = self.chart(name).locator("details")
        if details.get_attribute("open") is None:
            details.locator("summary").click()
        expect(details.locator("table")).to_be_visible()
        return [row.locator("th, td").all_inner_texts() for row in details.locator("tbody tr").all()]

    def send_ticket(self, priority, subject, message):
        form = self.page.locator("#ticket-form")
        form.get_by_label("Priority").select_option(priority)
        form.get_by_label("Subject").fill(subject)
        form.get_by_label("Message").fill(message)
        form.get_by_role("button", name="Send").click()

    @property
    def ticket_result(self):
        return self.page.locator("#ticket-result")

    def wait_until_loaded(self):
        expect(self.page.locator("#desk .waiting")).to_have_count(0)


class TrialPage:
    """test_dashboard.html"""

    NAMES = ["user", "usage", "invoices", "payment", "ticket"]

    def __init__(self, page: Page, base_url: str):
        self.page = page
        self.base_url = base_url
        self.key = page.get_by_label("API key")

    def open(self):
        self.page.goto(f"{self.base_url}/test_dashboard.html")
        return self

    def run_all(self):
        self.page.get_by_role("button", name="Run all five").click()

    def send(self, name):
        self.page.locator(f"#trial-{name}").get_by_role("button", name="Send").click()

    def status(self, name):
        return self.page.locator(f"#trial-{name} .trial-outcome .badge")

    def time(self, name):
        return self.page.locator(f"#trial-{name} .trial-outcome .time")

    def answer(self, name):
        return self.page.locator(f"#trial-{name} pre")

    def go_on(self):
        self.page.get_by_role("button", name="Go on to the dashboard").click()


class MemberPage:
    """A page of a signed-in member: billing and its sisters."""

    def __init__(self, page: Page, base_url: str, name: str):
        self.page, self.base_url, self.name = page, base_url, name
        self.notices = page.locator("#notices")
        self.dialog = page.get_by_role("dialog")

    def open(self, rest=""):
        self.page.goto(f"{self.base_url}/{self.name}.html{rest}")
        self.wait_until_loaded()
        return self

    def wait_until_loaded(self):
        expect(self.page.locator("#desk")).to_be_visible()
        expect(self.page.locator("#desk .waiting")).to_have_count(0)
        expect(self.page.locator("#desk [aria-busy=true]")).to_have_count(0)

    def section(self, title):
        return self.page.get_by_role("region", name=title, exact=True)

    def press(self, name, within=None):
        (within or self.page).get_by_role("button", name=name, exact=True).click()

    def confirm(self, name):
        self.press(name, self.dialog)
        expect(self.dialog).to_have_count(0)
