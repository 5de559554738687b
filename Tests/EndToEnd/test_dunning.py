"""The operator's schedule for unpaid invoices: set, shown, refused where it makes no sense."""

import json

import pytest
from people import owner

SCHEDULE = "/api/v1/admin/dunning"
STEPS = [{"after_days": 0, "do": ["charge"]}, {"after_days": 5, "do": ["charge", "mail"]},
         {"after_days": 10, "do": ["restrict", "cancel"]}]


@pytest.fixture
def boss(make_stack):
    stack = make_stack()
    browser = owner(stack, "boss@example.com")
    stack.shell("user", "promote", "boss@example.com")
    return browser.sign_in("boss@example.com", api_key=browser.user["api_key"])


def put(browser, body):
    return browser.ask("PUT", SCHEDULE, body)


def test_there_is_a_sensible_schedule_until_somebody_sets_one(boss):
    shown = boss.get(SCHEDULE).json
    assert shown["steps"][0] == {"after_days": 0, "do": ["charge"]}
    assert [step["do"][-1] for step in shown["steps"]] == ["charge", "mail", "mail", "restrict", "suspend", "cancel"]
    answer = put(boss, {"grace_days": 3, "steps": STEPS})
    assert answer.status == 200 and answer.json == {"grace_days": 3, "steps": STEPS}
    assert boss.get(SCHEDULE).json == answer.json
    assert json.loads(boss.stack.shell("dunning", "show").stdout) == answer.json


def test_the_shell_sets_it_from_a_file(boss, tmp_path):
    file = tmp_path / "schedule.json"
    file.write_text(json.dumps({"grace_days": 0, "steps": STEPS[:1]}))
    boss.stack.shell("dunning", "set", str(file))
    assert boss.get(SCHEDULE).json["steps"] == STEPS[:1]
    file.write_text("no JSON")
    assert boss.stack.shell("dunning", "set", str(file), check=False).returncode != 0
    log = boss.get("/api/v1/admin/audit").json["entries"]
    assert log[0]["action"] == "dunning.changed"


@pytest.mark.parametrize("body, field", [
    ({"grace_days": -1, "steps": []}, "grace_days"),
    ({"grace_days": 0}, "steps"),
    ({"grace_days": 0, "steps": [{"after_days": 400, "do": ["mail"]}]}, "steps[0].after_days"),
    ({"grace_days": 0, "steps": [{"after_days": 1, "do": []}]}, "steps[0].do"),
    ({"grace_days": 0, "steps": [{"after_days": 1, "do": ["shout"]}]}, "steps[0].do[0]"),
    ({"grace_days": 0, "steps": [{"after_days": 1, "do": ["mail", "mail"]}]}, "steps[0].do"),
    ({"grace_days": 0, "steps": STEPS[1:] + STEPS[:1]}, "steps[2].after_days"),
])
def test_what_makes_no_sense_is_refused(boss, body, field):
    answer = put(boss, body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)
    assert len(boss.get(SCHEDULE).json["steps"]) == 6


def test_nobody_but_an_operator_sees_or_sets_it(boss):
    other = owner(boss.stack, "other@example.com")
    assert other.get(SCHEDULE).status == 403
    assert put(other, {"grace_days": 0, "steps": []}).status == 403
