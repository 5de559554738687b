"""The public app API of the partner program and what comes of it: codes, clicks, conversions, rewards and fraud."""

import itertools
import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from answers import assert_problem
from people import Browser, owner, teammate
from stack import Stack, wait_until

names = itertools.count(1)
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
# Everything here comes from one address within moments, so only these tell who is who.
CALM = {rule: {"enabled": False} for rule in (
    "codesFromAddress", "codesByReferrer", "codesFromDevice", "conversionsOfReferrer", "regularIntervals",
    "conversionAfterClick", "referrersAddress")}


class Shop:
    """An app of a fresh account, and its owner's browser."""

    def __init__(self, stack, rules=CALM, **app):
        self.stack = stack
        self.owner = owner(stack, f"partner{next(names)}@shops.example")
        stack.shell("account", "plan", str(self.owner.account), "enterprise")
        made = self.owner.post("/api/partner/apps", {"name": "Shop", "fraudRules": rules, **app})
        assert made.status == 201, made
        self.id, self.key = made.json["id"], made.json["apiKey"]

    def campaign(self, **fields):
        fields = {"appId": self.id, "name": "Spring", "rewardValue": 10, "status": "ACTIVE", **fields}
        made = self.owner.post("/api/partner/campaigns", fields)
        assert made.status == 201, made
        return made.json["id"]

    def ask(self, path, **body):
        return self.stack.post(path, body, key=self.key)

    def refer(self, campaign, referrer, **more):
        made = self.ask("/api/v1/referrals", campaignId=campaign, referrerId=referrer, **more)
        assert made.status == 201, made
        return made.json

    def convert(self, code, referee, **more):
        made = self.ask("/api/v1/conversions", referralCode=code, refereeId=referee, **more)
        assert made.status == 201, made
        return made.json

    def rewards(self, query=""):
        return self.owner.get(f"/api/partner/rewards?{query}").json["rewards"]

    def set(self, reward, status):
        return self.owner.patch(f"/api/partner/rewards/{reward['id']}", {"status": status})


@pytest.fixture(scope="module")
def stack():
    with Stack() as made:
        yield made
        assert made.findings() == []


@pytest.fixture
def shop(stack):
    return Shop(stack)


# ---- the two dialects


def test_a_referral_is_made_followed_and_rewarded(shop):
    campaign = shop.campaign()
    made = shop.refer(campaign, "ada")
    assert set(made) == {"referralCode", "referralId", "status"} and made["status"] == "PENDING"
    code = made["referralCode"]
    click = shop.ask("/api/v1/clicks", referralCode=code, refereeId="bob")
    assert click.status == 200 and set(click.json) == {"success", "clickId", "referralCode", "clickedAt"}
    assert click.json["success"] is True and re.fullmatch(TIME, click.json["clickedAt"])
    done = shop.convert(code, "bob", amount=49.5, metadata={"order": 7})
    assert re.fullmatch(r"cnv_[0-9A-Za-z]{24}", done.pop("conversionId"))
    assert done == {"success": True, "referralId": made["referralId"], "originalReferralCode": code,
                    "rewardAmount": 10.0, "rewardCreated": True, "status": "CONVERTED", "refereeId": "bob",
                    "referrerId": "ada"}
    [reward] = shop.rewards()
    assert (reward["userId"], reward["amount"], reward["status"], reward["level"]) == ("ada", 10.0, "PENDING", 1)
    assert shop.stack.get("/api/v1/rewards?userId=ada", key=shop.key).json["rewards"] == [reward]
    assert shop.stack.get("/v1/rewards?userId=bob", key=shop.key).json["rewards"] == []
    [referral] = shop.owner.get(f"/api/partner/referrals?campaignId={campaign}").json["referrals"]
    assert (referral["referralCode"], referral["status"], referral["referrerId"]) == (code, "CONVERTED", "ada")


def test_the_other_dialect_needs_no_prefix_and_no_referee(shop):
    stack, header = shop.stack, {"X-API-Key": shop.key}
    made = stack.post("/v1/referrals", {"campaignId": shop.campaign(), "referrerId": 42}, headers=header)
    assert made.status == 201 and made.json["status"] == "PENDING"
    path = f"/v1/referrals/{made.json['referralCode']}"
    assert stack.post(f"{path}/click", headers=header).json["referralCode"] == made.json["referralCode"]
    done = stack.post(f"{path}/convert", {"amount": 20, "metadata": {"plan": "pro"}}, headers=header)
    assert done.status == 201 and (done.json["refereeId"], done.json["referrerId"]) == ("", "42")
    assert done.json["rewardAmount"] == 10.0
    assert_problem(stack.post(f"{path}/convert", headers=header), 400,
                   "This user has already converted with this referral code")
    # By the last click that named one, or by the metadata.
    stack.post(f"{path}/click", {"refereeId": "eve"}, headers=header)
    assert stack.post(f"/api{path}/convert", headers=header).json["refereeId"] == "eve"


def test_amounts_travel_exactly(shop):
    code = shop.refer(shop.campaign(rewardModel="PERCENTAGE", rewardValue=10), "ada")["referralCode"]
    amounts = [(0.05, 0.01), (0.04, None), (33.33, 3.33), (1234567.89, 123456.79), (1.005, 0.1)]
    for number, (amount, reward) in enumerate(amounts):
        done = shop.convert(code, f"user {number}", amount=amount)
        assert (done["rewardCreated"], done["rewardAmount"]) == (reward is not None, reward or 0)
    for wrong in (-1, "much", 1e30, 10_000_000_000):
        answer = shop.ask("/api/v1/conversions", referralCode=code, refereeId="eve", amount=wrong)
        assert answer.status == 400 and answer.json["errors"][0]["field"] == "amount"


# ---- what is refused, in the sentences that clients read


def test_callers_are_told_why_they_are_not_let_in(shop):
    stack, path = shop.stack, "/api/v1/referrals"
    assert_problem(stack.post(path), 401, "Missing or invalid authorization header")
    assert_problem(stack.post(path, key="rk_" + "0" * 38), 401, "Invalid API key")
    assert_problem(stack.post(path, key=shop.owner.user["api_key"]), 401, "Invalid API key")
    stack.shell("account", "suspend", str(shop.owner.account))
    assert_problem(stack.post(path, key=shop.key), 403, "App or partner is suspended")
    stack.shell("account", "resume", str(shop.owner.account))


def test_referrals_are_refused_in_the_words_of_the_contract(shop):
    path, campaign = "/api/v1/referrals", shop.campaign()
    for body in ({}, {"campaignId": campaign}, {"referrerId": "ada"}, {"campaignId": campaign, "referrerId": " "}):
        assert_problem(shop.ask(path, **body), 400, "campaignId and referrerId are required")
    assert_problem(shop.ask(path, campaignId="cmp_none", referrerId="ada"), 404, "Campaign not found")
    other = Shop(shop.stack).campaign()
    assert_problem(shop.ask(path, campaignId=other, referrerId="ada"), 403, "Campaign does not belong to this app")
    for fields, sentence in (({"status": "PAUSED"}, "Campaign is not active"),
                             ({"startDate": "2100-01-01T00:00:00Z"}, "Campaign has not started yet"),
                             ({"endDate": "2020-01-01T00:00:00Z"}, "Campaign has ended")):
        assert_problem(shop.ask(path, campaignId=shop.campaign(**fields), referrerId="ada"), 400, sentence)


def test_codes_are_the_apps_own(shop):
    code = shop.refer(shop.campaign(), "ada")["referralCode"]
    other = Shop(shop.stack)
    for body in ({"referralCode": code, "refereeId": "bob"}, {"referralCode": "none", "refereeId": "bob"}):
        assert_problem(other.ask("/api/v1/clicks", **body), 404, "Referral code not found")
        assert_problem(other.ask("/api/v1/conversions", **body), 404, "Referral code not found")
    assert_problem(shop.ask("/api/v1/conversions", referralCode=code), 400, "referralCode and refereeId are required")
    assert_problem(shop.ask("/api/v1/clicks"), 400, "referralCode is required")


def test_metadata_are_kept_up_to_16_kb(shop):
    code = shop.refer(shop.campaign(), "ada")["referralCode"]
    for number, metadata in enumerate([None, [], "text", 1.5, {"a": {"b": [None, True]}}, {"a": "é" * 8180}]):
        shop.convert(code, f"user {number}", metadata=metadata)
    answer = shop.ask("/api/v1/conversions", referralCode=code, refereeId="eve", metadata={"a": "x" * 16_400})
    assert_problem(answer, 400, "metadata must be at most 16 KB")


# ---- the link


def test_a_link_leads_to_the_landing_page_and_notes_the_browser(shop):
    stack = shop.stack
    code = shop.refer(shop.campaign(landingUrl="https://shop.example/hello?a=1#top"), "ada")["referralCode"]
    clicks = "SELECT c.address, hex(c.device) AS device FROM referral_click c JOIN referral r " \
             f"ON r.id = c.referral_id WHERE r.code = '{code}'"
    ahead = [("GET", {"Sec-Purpose": "prefetch;prerender"}), ("GET", {"Purpose": "prefetch"}), ("HEAD", {})]
    for method, headers in ahead:
        answer = stack.ask(method, f"/r/{code}", headers=headers)
        assert (answer.status, answer.headers["Location"]) == (302, f"https://shop.example/hello?a=1&ref={code}#top")
    assert stack.sql(clicks) == []
    for agent in ("Firefox", "Chrome"):
        answer = stack.get(f"/r/{code}?next=https://evil.example/", headers={"User-Agent": agent})
        assert (answer.status, answer.headers["Location"]) == (302, f"https://shop.example/hello?a=1&ref={code}#top")
        assert answer.headers["Cache-Control"] == "no-store"
    rows = stack.sql(clicks)
    assert [row["address"] for row in rows] == ["127.0.0.1"] * 2 and rows[0]["device"] != rows[1]["device"]
    [referral] = shop.owner.get("/api/partner/referrals").json["referrals"]
    assert referral["status"] == "CLICKED" and re.fullmatch(TIME, referral["clickedAt"])


def test_a_link_without_a_page_says_so_and_nobodys_link_is_not_found(stack):
    plain, site = Shop(stack), Shop(stack, website="https://site.example/")
    code = site.refer(site.campaign(), "ada")["referralCode"]
    assert stack.get(f"/r/{code}").headers["Location"] == f"https://site.example/?ref={code}"
    code = plain.refer(plain.campaign(), "ada")["referralCode"]
    answer = stack.get(f"/r/{code}")
    assert answer.status == 200 and b"You were invited" in answer.body and "Location" not in answer.headers
    for unknown in ("none", "%3Cscript%3E", "a" * 128):
        answer = stack.get(f"/r/{unknown}")
        assert answer.status == 404 and b"script" not in answer.body, unknown


# ---- what earns nothing


def test_nobody_refers_themselves(stack):
    shop = Shop(stack)
    campaign = shop.campaign(referralType="TWO_SIDED")
    flagged = shop.refer(campaign, "ada", refereeId="ADA", referrerEmail="ada@example.com")
    assert flagged["status"] == "FLAGGED" and flagged["riskScore"] == 50 and flagged["reasons"] and flagged["warning"]
    code = shop.refer(campaign, "ada", referrerEmail="ada@example.com")["referralCode"]
    for number, name in enumerate(("ada", "Ada ", "ADA@example.com"), 2):
        done = shop.ask("/api/v1/conversions", referralCode=code, refereeId=name)
        assert done.status == 201 and done.json["status"] == "FLAGGED" and done.json["rewardCreated"] is False
    for flag in shop.owner.get("/api/partner/fraud?filter=open").json["flags"]:
        answer = shop.owner.post(f"/api/partner/fraud/{flag['id']}/resolve", {"resolution": "legitimate"})
        assert answer.status == 200, answer
    assert shop.rewards() == []


def test_a_click_that_is_replayed_earns_nothing_more(shop):
    code = shop.refer(shop.campaign(), "ada")["referralCode"]
    for _ in range(3):
        assert shop.ask("/api/v1/clicks", referralCode=code, refereeId="bob").status == 200
    shop.convert(code, "bob")
    for _ in range(3):
        shop.ask("/api/v1/clicks", referralCode=code, refereeId="bob")
        again = shop.ask("/api/v1/conversions", referralCode=code, refereeId="bob")
        assert_problem(again, 400, "This user has already converted with this referral code")
    assert len(shop.rewards()) == 1


def test_what_is_refunded_after_it_was_paid_is_taken_off_the_next(shop):
    code = shop.refer(shop.campaign(), "ada")["referralCode"]
    first = shop.convert(code, "bob", amount=80)
    paid = shop.set(shop.rewards()[0], "PAID")
    assert paid.status == 200 and paid.json["reward"]["paidOut"] == 10.0
    path = f"/api/v1/conversions/{first['conversionId']}/refund"
    part = shop.ask(path, amount=20, reason="dispute")
    assert part.status == 200 and (part.json["refunded"], part.json["status"]) == (20.0, "CONVERTED")
    assert [reward["takenBack"] for reward in part.json["rewards"]] == [2.5]
    whole = shop.ask(path)
    assert (whole.json["refunded"], whole.json["status"]) == (80.0, "REVERSED")
    assert [(reward["status"], reward["cancelReason"]) for reward in whole.json["rewards"]] == [("CANCELLED", "refund")]
    assert shop.ask(path, amount=1).status == 400
    shop.convert(code, "eve")
    assert shop.set(shop.rewards()[0], "PAID").json["reward"]["paidOut"] == 0.0
    shop.convert(code, "joe")
    assert shop.set(shop.rewards()[0], "PAID").json["reward"]["paidOut"] == 10.0
    other = Shop(shop.stack)
    assert_problem(other.ask(path), 404, "Conversion not found")


def test_by_the_products_own_rules_a_conversion_right_after_the_click_is_flagged(stack):
    shop = Shop(stack, rules={})
    code = shop.refer(shop.campaign(), "ada")["referralCode"]
    shop.ask("/api/v1/clicks", referralCode=code, refereeId="bob")
    done = shop.convert(code, "bob")
    assert done["status"] == "FLAGGED" and done["rewardAmount"] == 0 and done["warning"]
    [flag] = shop.owner.get("/api/partner/fraud?filter=all").json["flags"]
    assert set(flag["rules"]) == {"conversionAfterClick", "referrersAddress"} and flag["riskScore"] == 160
    assert (flag["conversionId"], flag["status"], flag["resolution"]) == (done["conversionId"], "OPEN", None)
    [news] = stack.sql("SELECT kind FROM notification n JOIN account a ON a.id = n.account_id "
                       f"WHERE a.id = {shop.owner.account}")
    assert news["kind"] == "FRAUD_FLAGGED"


# ---- once, whatever happens


def test_a_repeat_by_the_same_idempotency_key_is_the_same(shop):
    campaign, headers = shop.campaign(), {"Idempotency-Key": "first"}
    body = {"campaignId": campaign, "referrerId": "ada"}
    answers = [shop.stack.post("/api/v1/referrals", body, key=shop.key, headers=headers) for _ in range(3)]
    assert [answer.status for answer in answers] == [201] * 3 and len({answer.body for answer in answers}) == 1
    body = {"referralCode": answers[0].json["referralCode"], "refereeId": "bob"}
    answers = [shop.stack.post("/api/v1/conversions", body, key=shop.key, headers=headers) for _ in range(3)]
    assert [answer.status for answer in answers] == [201] * 3 and len({answer.body for answer in answers}) == 1
    other = shop.stack.post("/api/v1/conversions", body | {"refereeId": "eve"}, key=shop.key, headers=headers)
    assert other.status == 422


def test_of_64_conversions_of_one_user_at_once_one_counts(shop):
    code = shop.refer(shop.campaign(), "ada")["referralCode"]
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(
            lambda _: shop.ask("/api/v1/conversions", referralCode=code, refereeId="bob").status, range(64)))
    assert sorted(answers) == [201] + [400] * 63
    assert len(shop.rewards()) == 1


def test_what_was_acknowledged_outlives_a_crash(make_stack):
    stack = make_stack(REWARD_HOLD_DAYS="0")
    shop = Shop(stack)
    code = shop.refer(shop.campaign(), "ada")["referralCode"]
    acknowledged, users, over = [], itertools.count(1), threading.Event()

    def load():
        while not over.is_set():
            user = f"user {next(users)}"
            answer = shop.ask("/api/v1/conversions", referralCode=code, refereeId=user)
            if answer.status == 201:
                acknowledged.append((user, answer.json["conversionId"]))

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for round in range(1, 4):
        wait_until(lambda: len(acknowledged) >= 40 * round, what="acknowledged conversions")
        stack.stop_purser(signal.SIGKILL)
        stack.start_purser()
    over.set()
    for thread in threads:
        thread.join()
    kept = {row["referee_id"]: row["public_id"] for row in stack.sql("SELECT referee_id, public_id FROM conversion")}
    assert all(kept.get(user) == conversion for user, conversion in acknowledged)
    # With nothing held back, all becomes due by itself.
    wait_until(lambda: not stack.sql("SELECT id FROM reward WHERE status <> 'APPROVED'"), what="rewards being due")
    assert stack.sql("SELECT count(*) AS n FROM reward")[0]["n"] == len(kept)
    assert stack.findings() == []


# ---- members and operators


def test_a_person_may_flag_and_another_resolves(shop):
    made = shop.refer(shop.campaign(), "ada")
    done = shop.convert(made["referralCode"], "bob")
    flagged = shop.owner.post("/api/partner/referrals/flag", {"referralId": made["referralId"], "reason": "Odd"})
    assert flagged.status == 200 and flagged.json["referral"]["status"] == "FLAGGED"
    assert flagged.json["referral"]["flagReasons"] == ["Odd"]
    assert_problem(shop.owner.post(f"/api/partner/referrals/{made['referralId']}/flag"), 400,
                   "This referral is flagged already")
    held = shop.convert(made["referralCode"], "eve")
    assert held["status"] == "FLAGGED" and held["rewardCreated"] is False
    assert_problem(shop.set(shop.rewards()[0], "PAID"), 409, code="under_review")
    path = f"/api/partner/referrals/{made['referralId']}/resolve"
    assert shop.owner.post(path, {"resolution": "perhaps"}).status == 400
    assert shop.owner.post(path, {"resolution": "legitimate"}).json["referral"]["status"] == "CONVERTED"
    assert_problem(shop.owner.post(path, {"resolution": "fraud"}), 400, "This referral is not flagged")
    assert [reward["conversionId"] for reward in shop.rewards()] == [held["conversionId"], done["conversionId"]]
    assert shop.owner.get("/api/partner/fraud?filter=open").json["openCount"] == 0
    [flag] = shop.owner.get("/api/partner/fraud?filter=resolved").json["flags"]
    assert (flag["reasons"], flag["resolution"], flag["rules"]) == (["Odd"], "legitimate", [])
    actions = [entry["action"] for entry in shop.owner.get("/api/v1/audit?limit=10").json["entries"]]
    assert actions[:2] == ["fraud.resolved", "fraud.flagged"]


def test_fraud_takes_everything_back(shop):
    made = shop.refer(shop.campaign(), "ada")
    shop.convert(made["referralCode"], "bob")
    body = {"rewardId": shop.rewards()[0]["id"], "status": "PAID"}
    assert shop.owner.patch("/api/partner/rewards", body).status == 200
    shop.owner.post(f"/api/partner/referrals/{made['referralId']}/flag")
    resolved = shop.owner.post("/api/partner/referrals/resolve",
                               {"referralId": made["referralId"], "resolution": "fraud"})
    assert resolved.json["referral"]["status"] == "REJECTED"
    assert [(reward["status"], reward["cancelReason"]) for reward in shop.rewards()] == [("CANCELLED", "fraud")]
    for answer in (shop.ask("/api/v1/clicks", referralCode=made["referralCode"]),
                   shop.ask("/api/v1/conversions", referralCode=made["referralCode"], refereeId="eve")):
        assert_problem(answer, 404, "Referral code not found")


def test_a_deleted_code_works_no_more_and_what_it_earned_stays(shop):
    campaign = shop.campaign()
    made, other = shop.refer(campaign, "ada"), shop.refer(campaign, "ada")
    shop.convert(made["referralCode"], "bob")
    assert shop.owner.delete(f"/api/partner/referrals/{made['referralId']}").json == {"success": True}
    assert shop.owner.delete(f"/api/partner/referrals/{made['referralId']}").status == 404
    assert shop.stack.get(f"/r/{made['referralCode']}").status == 404
    listed = shop.owner.get("/api/partner/referrals").json["referrals"]
    assert [referral["id"] for referral in listed] == [other["referralId"]]
    assert len(shop.rewards()) == 1


def test_rewards_go_along_their_steps(shop):
    code = shop.refer(shop.campaign(), "ada")["referralCode"]
    shop.convert(code, "bob")
    [reward] = shop.rewards("status=PENDING")
    assert shop.set(reward, "APPROVED").json["reward"]["status"] == "APPROVED"
    assert_problem(shop.set(reward, "PENDING"), 400, "A reward that is APPROVED cannot become PENDING")
    assert shop.set(reward, "CANCELLED").json["reward"]["cancelReason"] == "owner"
    assert_problem(shop.set(reward, "PAID"), 400, "A reward that is CANCELLED cannot become PAID")
    assert shop.rewards("status=PENDING") == [] and len(shop.rewards("userId=ada&status=CANCELLED")) == 1
    assert_problem(shop.set({"id": "rwd_none"}, "PAID"), 404, "Reward not found")


def test_lists_go_on_where_they_ended(shop):
    campaign, other = shop.campaign(), shop.campaign()
    codes = [shop.refer(campaign, "ada")["referralCode"] for _ in range(7)]
    shop.refer(other, "ada")
    seen, cursor = [], ""
    while cursor is not None:
        page = shop.owner.get(f"/api/partner/referrals?limit=3&campaignId={campaign}&cursor={cursor}").json \
            if cursor else shop.owner.get(f"/api/partner/referrals?limit=3&campaignId={campaign}").json
        seen += [referral["referralCode"] for referral in page["referrals"]]
        cursor = page["nextCursor"]
    assert seen == codes[::-1]
    query = f"appId={shop.id}&status=PENDING&limit=100"
    assert len(shop.owner.get(f"/api/partner/referrals?{query}").json["referrals"]) == 8
    assert_problem(shop.owner.get("/api/partner/referrals?campaignId=cmp_none"), 404, "Campaign not found")
    assert_problem(shop.owner.get("/api/partner/referrals?appId=app_none"), 404, "App not found")


def test_others_see_nothing_of_it_and_viewers_change_nothing(shop):
    made = shop.refer(shop.campaign(), "ada")
    shop.convert(made["referralCode"], "bob")
    viewer = teammate(shop.stack, shop.owner, f"viewer{next(names)}@shops.example", "viewer")
    assert len(viewer.get("/api/partner/referrals").json["referrals"]) == 1
    reward = shop.rewards()[0]["id"]
    changes = [("POST", f"/api/partner/referrals/{made['referralId']}/flag", {}),
               ("DELETE", f"/api/partner/referrals/{made['referralId']}", None),
               ("PATCH", f"/api/partner/rewards/{reward}", {"status": "PAID"})]
    outsider = Shop(shop.stack).owner
    for method, path, body in changes:
        assert viewer.ask(method, path, body).status == 403 and outsider.ask(method, path, body).status == 404
    for path in ("referrals", "rewards", "fraud"):
        assert_problem(shop.stack.get(f"/api/partner/{path}"), 401, "Unauthorized")
        assert not any(value for value in outsider.get(f"/api/partner/{path}").json.values())


def test_operators_see_all_flags(make_stack):
    stack = make_stack()
    operator = stack.seed()["operator"]
    desk = Browser(stack).sign_in(operator["email"], api_key=operator["api_key"])
    shop = Shop(stack)
    shop.refer(shop.campaign(), "ada", refereeId="ada")
    item = desk.get("/api/admin/fraud?filter=open").json["flags"][0]
    assert item["account"] == shop.owner.account and item["flag"]["rules"] == ["selfReferral"]
    assert shop.owner.get("/api/admin/fraud").status == 403
