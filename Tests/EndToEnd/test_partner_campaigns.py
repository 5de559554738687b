"""Campaigns: every field taken, kept and given back, held to its bounds, and the status that the dates make of it."""

import itertools
import re
import sqlite3
import time

import pytest
from answers import assert_problem
from people import owner

APPS = "/api/partner/apps"
CAMPAIGNS = "/api/partner/campaigns"
names = itertools.count(1)

EVERYTHING = {
    "name": "Spring", "description": "Bring a friend", "landingUrl": "https://shop.example/spring?from=friends",
    "status": "ACTIVE", "referralType": "MULTI_LEVEL", "rewardModel": "PERCENTAGE", "rewardValue": 12.5,
    "rewardCap": 99.99, "firstTimeUserOnly": True, "startDate": "2026-01-05T08:00:00.000Z",
    "endDate": "2150-06-30T20:00:00.500Z", "conversionWindow": 30, "rewardExpiration": 90, "level1Reward": 10,
    "level2Reward": 2.5, "level1Cap": 50, "level2Cap": 0.01,
    "tierConfig": {"tiers": [{"minConversions": 0, "rewardValue": 10}, {"minConversions": 5, "rewardValue": 12.5}]},
    "referralCodePrefix": "SPRING-26", "referralCodeFormat": "USERNAME", "payoutType": "STORE_CREDIT",
}
# What a campaign is of which only the name was said.
INITIAL = {
    "description": "", "landingUrl": "", "status": "ACTIVE", "referralType": "ONE_SIDED",
    "rewardModel": "FIXED_CURRENCY", "rewardValue": 0, "rewardCap": None, "firstTimeUserOnly": False,
    "startDate": None, "endDate": None, "conversionWindow": None, "rewardExpiration": None, "level1Reward": None,
    "level2Reward": None, "level1Cap": None, "level2Cap": None, "tierConfig": None, "referralCodePrefix": "",
    "referralCodeFormat": "RANDOM", "payoutType": "CASH",
}


class Partner:
    def __init__(self, stack):
        self.browser = owner(stack, f"campaigner{next(names)}@example.com")
        self.app = self.browser.post(APPS, {"name": "Shop"}).json["id"]

    def ask(self, **fields):
        return self.browser.post(CAMPAIGNS, {"appId": self.app, "name": "Spring", **fields})

    def make(self, **fields):
        answer = self.ask(**fields)
        assert answer.status == 201, answer
        return answer.json

    def change(self, campaign, **fields):
        return self.browser.patch(f"{CAMPAIGNS}/{campaign['id']}", fields)


@pytest.fixture(scope="module")
def partner(stack):
    return Partner(stack)


def day(distance):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86_400 * distance))


def shown(campaign, fields):
    return {name: campaign[name] for name in fields}


# ---- what is kept


def test_every_field_comes_back_as_it_was_sent(partner):
    made = partner.make(**EVERYTHING)
    assert shown(made, EVERYTHING) == EVERYTHING
    assert re.fullmatch(r"cmp_[0-9A-Za-z]{24}", made["id"]) and made["appId"] == partner.app
    assert made["app"] == made["App"] == {"id": partner.app, "name": "Shop"}
    assert made["_count"] == {"referrals": 0, "Referral": 0} and made["totalRewardCost"] == 0
    read = partner.browser.get(f"{CAMPAIGNS}/{made['id']}").json
    assert shown(read, made) == made


def test_a_name_is_enough(partner):
    assert shown(partner.make(), INITIAL) == INITIAL


def test_null_means_not_chosen(partner):
    assert shown(partner.make(**{name: None for name in INITIAL}), INITIAL) == INITIAL
    made = partner.make(**EVERYTHING)
    changed = partner.change(made, **{name: None for name in INITIAL})
    assert shown(changed.json, INITIAL) == INITIAL and changed.json["name"] == "Spring"


@pytest.mark.parametrize("field", [name for name in INITIAL if name != "rewardModel"])
def test_each_field_changes_by_itself(partner, field):
    made = partner.make()
    changed = partner.change(made, **{field: EVERYTHING[field]})
    assert changed.status == 200, changed
    expected = shown(made, INITIAL) | {field: EVERYTHING[field]}
    assert shown(changed.json, INITIAL) == expected
    assert shown(partner.browser.get(f"{CAMPAIGNS}/{made['id']}").json, INITIAL) == expected


def test_what_old_forms_send_is_taken(partner):
    made = partner.make(rewardValue=10, firstTimeUserOnly=True, startDate=day(0), endDate=day(0), conversionWindow=30)
    assert made["startDate"] == f"{day(0)}T00:00:00.000Z" and made["endDate"] == f"{day(0)}T23:59:59.999Z"
    assert made["status"] == "ACTIVE"
    answer = partner.change(made, name="Spring", status="ACTIVE", rewardValue=0.1, startDate="", endDate="",
                            tierConfig=None, referralCodePrefix=None, referralCodeFormat=None, payoutType=None)
    assert (answer.json["startDate"], answer.json["endDate"], answer.json["rewardValue"]) == (None, None, 0.1)


@pytest.mark.parametrize("config", [
    [{"minConversions": 0, "rewardValue": 5}], {"tiers": [{"min": 0, "reward": 5}], "note": "kept"},
    [{"from": 0, "value": 5.5}, {"from": 10, "value": 6}], [{"threshold": "3", "amount": "7.25"}], [],
    '{"tiers": [{"minConversions": 0, "rewardValue": 10}]}',
])
def test_tiers_are_read_however_they_are_written(partner, config):
    assert partner.make(rewardModel="TIERED", tierConfig=config)["tierConfig"] == config


def test_points_have_hundredths_and_yen_have_none(stack):
    partner = Partner(stack)
    stack.stop_purser()
    with sqlite3.connect(stack.store / "purser.db") as db:
        db.execute("UPDATE account SET currency = 'jpy' WHERE id = ?", (partner.browser.account,))
    db.close()
    stack.start_purser()
    problem = assert_problem(partner.ask(rewardCap=0.5), 400)
    assert problem["errors"][0]["field"] == "rewardCap"
    made = partner.make(rewardCap=500)
    assert made["rewardCap"] == 500
    points = partner.change(made, payoutType="POINTS").json
    assert points["rewardCap"] == 500
    assert partner.change(made, rewardCap=12.34).json["rewardCap"] == 12.34
    problem = assert_problem(partner.change(made, payoutType="CASH"), 400)
    assert problem["errors"][0]["field"] == "rewardCap"


# ---- what is refused


@pytest.mark.parametrize("field, wrong", [
    ("name", "x" * 101), ("landingUrl", "javascript:alert(1)"), ("landingUrl", "ftp://shop.example"),
    ("landingUrl", "//shop.example"), ("landingUrl", "https://shop.example/<script>"), ("status", "RUNNING"),
    ("referralType", "one_sided"), ("rewardModel", "FREE"), ("rewardValue", -1), ("rewardValue", 100_001),
    ("rewardValue", "10"), ("rewardValue", 0.0000001), ("rewardCap", -0.01), ("rewardCap", 0.001),
    ("firstTimeUserOnly", "yes"), ("startDate", "tomorrow"), ("endDate", "2026-02-30"), ("conversionWindow", 0),
    ("conversionWindow", 1.5), ("conversionWindow", 3651), ("rewardExpiration", 0), ("level1Reward", -1),
    ("level2Cap", -1), ("tierConfig", 5), ("tierConfig", "nonsense"), ("tierConfig", [1]),
    ("tierConfig", [{"minConversions": -1, "reward": 1}]), ("tierConfig", [{"minConversions": 1}]),
    ("tierConfig", [{"min": 1, "reward": 1}, {"min": 1, "reward": 2}]), ("tierConfig", {"levels": []}),
    ("tierConfig", [{"min": n, "reward": 1} for n in range(51)]), ("tierConfig", [{"min": 0.5, "reward": 1}]),
    ("referralCodePrefix", "a/b"), ("referralCodePrefix", "x" * 17), ("referralCodePrefix", "é"),
    ("referralCodeFormat", "EMAIL"), ("payoutType", "GOLD"),
])
def test_what_makes_no_sense_is_refused_by_its_name(partner, field, wrong):
    made = partner.make()
    for answer in (partner.ask(**{field: wrong}), partner.change(made, **{field: wrong})):
        assert assert_problem(answer, 400)["errors"][0]["field"] == field
    assert partner.browser.get(f"{CAMPAIGNS}/{made['id']}").json["updatedAt"] == made["updatedAt"]


@pytest.mark.parametrize("fields, named", [
    ({"startDate": "2026-03-02", "endDate": "2026-03-01"}, "endDate"),
    ({"startDate": "2026-03-02T10:00:00Z", "endDate": "2026-03-02T10:00:00Z"}, "endDate"),
    ({"rewardModel": "PERCENTAGE", "rewardValue": 100.5}, "rewardValue"),
    ({"rewardModel": "PERCENTAGE", "level2Reward": 101}, "level2Reward"),
])
def test_what_does_not_fit_together_is_refused(partner, fields, named):
    assert assert_problem(partner.ask(**fields), 400)["errors"][0]["field"] == named


def test_what_does_not_fit_to_what_is_there_is_refused(partner):
    made = partner.make(rewardValue=500, startDate="2026-03-02")
    assert assert_problem(partner.change(made, rewardModel="PERCENTAGE"), 400)["errors"][0]["field"] == "rewardValue"
    assert assert_problem(partner.change(made, endDate="2026-03-01"), 400)["errors"][0]["field"] == "endDate"


def test_name_and_app_are_needed(partner):
    post = partner.browser.post
    assert_problem(post(CAMPAIGNS, {"appId": partner.app}), 400, "Campaign name is required")
    assert_problem(post(CAMPAIGNS, {"appId": partner.app, "name": " "}), 400, "Campaign name is required")
    assert_problem(post(CAMPAIGNS, {"name": "Spring"}), 400, "appId is required")
    assert_problem(post(CAMPAIGNS, {"name": "Spring", "appId": "app_nobodys"}), 404, "App not found")
    assert_problem(partner.browser.get(CAMPAIGNS), 400, "appId is required")
    assert_problem(partner.browser.get(f"{CAMPAIGNS}?appId=app_nobodys"), 404, "App not found")


# ---- status


@pytest.mark.parametrize("said, start, end, becomes", [
    ("ACTIVE", None, None, "ACTIVE"), ("ACTIVE", 1, 2, "SCHEDULED"), ("ACTIVE", -2, -1, "EXPIRED"),
    ("SCHEDULED", None, None, "SCHEDULED"), ("SCHEDULED", 1, None, "SCHEDULED"), ("SCHEDULED", -1, 1, "ACTIVE"),
    ("PAUSED", -1, 1, "PAUSED"), ("PAUSED", 1, 2, "PAUSED"), ("PAUSED", None, -1, "EXPIRED"),
    ("EXPIRED", -1, 1, "EXPIRED"), ("EXPIRED", None, None, "EXPIRED"),
])
def test_the_dates_say_what_the_status_is(partner, said, start, end, becomes):
    dates = {"startDate": start and day(start), "endDate": end and day(end)}
    assert partner.make(status=said, **dates)["status"] == becomes


def test_a_form_that_sends_back_the_status_it_was_shown_changes_no_status(partner):
    made = partner.make(startDate=day(-3), endDate=day(-1))
    assert made["status"] == "EXPIRED"
    assert partner.change(made, status="EXPIRED", endDate=day(3)).json["status"] == "ACTIVE"
    assert partner.change(made, status="EXPIRED").json["status"] == "EXPIRED"
    assert partner.change(made, status="ACTIVE").json["status"] == "ACTIVE"


# ---- lists


def test_the_list_is_an_apps_own_newest_first_in_pages(stack):
    partner = Partner(stack)
    other = partner.browser.post(APPS, {"name": "Other"}).json["id"]
    partner.browser.post(CAMPAIGNS, {"appId": other, "name": "Elsewhere"})
    made = [partner.make(name=f"Number {number}", status="PAUSED" if number % 2 else "ACTIVE")["id"]
            for number in range(5)]

    def listed(query=""):
        return partner.browser.get(f"{CAMPAIGNS}?appId={partner.app}{query}").json

    def ids(query=""):
        return [campaign["id"] for campaign in listed(query)["campaigns"]]

    assert ids() == made[::-1]
    assert listed()["pagination"] == {"page": 1, "limit": 25, "totalItems": 5, "totalPages": 1}
    assert ids("&limit=2&page=2") == [made[2], made[1]] and ids("&limit=2&page=9") == []
    assert listed("&limit=2&page=3")["pagination"] == {"page": 3, "limit": 2, "totalItems": 5, "totalPages": 3}
    assert ids("&status=PAUSED") == [made[3], made[1]] and ids("&search=NUMBER%204") == [made[4]]
    assert partner.browser.delete(f"{CAMPAIGNS}/{made[0]}").json == {"success": True}
    assert ids() == made[:0:-1]
    assert_problem(partner.browser.get(f"{CAMPAIGNS}/{made[0]}"), 404, "Campaign not found")
    assert_problem(partner.browser.delete(f"{CAMPAIGNS}/{made[0]}"), 404, "Campaign not found")


def test_a_new_campaigns_page_has_thirty_quiet_days(partner):
    read = partner.browser.get(f"{CAMPAIGNS}/{partner.make()['id']}").json
    assert read["analytics"] == {"totalReferrals": 0, "totalClicks": 0, "totalConversions": 0, "clickRate": 0,
                                 "conversionRate": 0, "totalRewardValue": 0, "averageReward": 0, "revenue": 0}
    assert read["recentReferrals"] == []
    assert [entry["date"] for entry in read["dailyStats"]] == [day(-29 + distance) for distance in range(30)]
    assert all(entry["referrals"] == 0 for entry in read["dailyStats"])


# ---- who


def test_another_accounts_campaigns_and_apps_are_not_found(stack, partner):
    made = partner.make()
    outsider = Partner(stack)
    for answer in (outsider.browser.get(f"{CAMPAIGNS}/{made['id']}"), outsider.change(made, name="Mine"),
                   outsider.browser.delete(f"{CAMPAIGNS}/{made['id']}")):
        assert_problem(answer, 404, "Campaign not found")
    assert_problem(outsider.browser.get(f"{CAMPAIGNS}?appId={partner.app}"), 404, "App not found")
    assert_problem(outsider.ask(appId=partner.app), 404, "App not found")
    assert partner.browser.get(f"{CAMPAIGNS}/{made['id']}").json["name"] == "Spring"


def test_an_idempotency_key_makes_one_campaign(stack, partner):
    body = {"appId": partner.app, "name": "Once"}
    answers = [partner.browser.ask("POST", CAMPAIGNS, body, **{"Idempotency-Key": "spring"}) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201] and answers[0].json == answers[1].json


def test_what_is_done_to_a_campaign_is_written_down(partner):
    made = partner.make()
    partner.change(made, status="PAUSED")
    partner.browser.delete(f"{CAMPAIGNS}/{made['id']}")
    entries = [entry["action"] for entry in partner.browser.get("/api/v1/audit?limit=50").json["entries"]
               if entry["target"] == f"campaign:{made['id']}"]
    assert entries == ["campaign.deleted", "campaign.changed", "campaign.created"]
