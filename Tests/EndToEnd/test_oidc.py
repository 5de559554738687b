"""Signing in at an OpenID Connect provider: the code flow through nginx, and what tampers with it."""

import json
import os
import urllib.request
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from answers import assert_problem, sign_in
from issuer_double import IssuerDouble
from signing_in import Authenticator, change_store
from stack import KeepRedirects
from visitor import Visitor

HOME = ("/dashboard.html", {"signed-in": "yes"})

# Of libraries that the mock uses.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
# The mock refuses plain HTTP otherwise, even on loopback.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
STALE, REFUSED = ("/identity.html", {"identity_error": "stale"}), ("/identity.html", {"identity_error": "refused"})


@pytest.fixture
def issuer():
    with IssuerDouble() as double:
        yield double


@pytest.fixture
def house(make_stack, issuer):
    return make_stack(OIDC_PROVIDERS=json.dumps([issuer.settings()]))


@pytest.fixture
def visitor(house):
    return Visitor(house)


# ---- with the provider that others wrote

class MockProvider:
    """oidc-provider-mock, and the person at its page."""

    def __init__(self, server):
        self.url = f"http://localhost:{server.server_port}"

    def settings(self):
        return {"id": "mock", "name": "Mock", "issuer": self.url, "client_id": "any", "client_secret": "any"}

    def set_user(self, subject, **claims):
        request = urllib.request.Request(
            f"{self.url}/users/{subject}", json.dumps(claims).encode(), {"Content-Type": "application/json"}, method="PUT"
        )
        urllib.request.urlopen(request).close()

    def press(self, url, **form):
        """What the page is told; the query of the way back."""
        try:
            request = urllib.request.Request(url, urlencode(form).encode(), method="POST")
            urllib.request.build_opener(KeepRedirects).open(request)
        except urllib.error.HTTPError as redirect:
            assert redirect.code in (302, 303), redirect.read()
            return {name: values[0] for name, values in parse_qs(urlsplit(redirect.headers["Location"]).query).items()}
        raise AssertionError("the provider sent nobody back")


@pytest.fixture
def mock():
    oidc_provider_mock = pytest.importorskip("oidc_provider_mock")
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield MockProvider(server)


@pytest.fixture
def mocked(make_stack, mock):
    return make_stack(OIDC_PROVIDERS=json.dumps([mock.settings()]))


def test_a_newcomer_signs_in_at_the_mock_and_is_the_same_person_the_next_time(mocked, mock):
    mock.set_user("s-1", email="Ada@Example.com", email_verified=True, name="Ada Lovelace")
    first, second = Visitor(mocked), Visitor(mocked)
    for visitor in (first, second):
        assert visitor.come_back("mock", mock.press(visitor.begin("mock"), sub="s-1")) == HOME
    assert first.me == second.me
    assert (first.me["name"], first.me["email"]) == ("Ada Lovelace", "ada@example.com")
    assert mocked.sql("SELECT count(*) AS n, min(email_verified_at) > 0 AS verified FROM person") \
        == [{"n": 1, "verified": 1}]
    assert mocked.sql("SELECT count(*) AS n FROM account JOIN member ON role = 'owner'") == [{"n": 1}]
    [identity] = first.identities
    assert (identity["provider"], identity["issuer"], identity["email"]) == ("Mock", mock.url, "Ada@Example.com")
    assert mocked.findings() == []


def test_who_says_no_at_the_mock_is_told_so_and_not_signed_in(mocked, mock):
    visitor = Visitor(mocked)
    query = mock.press(visitor.begin("mock"), action="deny")
    # The mock forgets the state that RFC 6749, section 4.1.2.1, wants back.
    assert query["error"] == "access_denied"
    assert visitor.come_back("mock", query)[1]["identity_error"] in ("denied", "stale")
    assert not visitor.is_signed_in


# ---- what the browser is sent off with

def test_the_browser_is_sent_off_with_state_nonce_and_challenge(house, issuer, visitor):
    first, second = visitor.begin("double"), Visitor(house).begin("double")
    one, two = (parse_qs(urlsplit(url).query, strict_parsing=True) for url in (first, second))
    assert first.startswith(f"{issuer.url}/authorize?")
    assert one["redirect_uri"] == [f"{house.url}/auth/oidc/double/callback"]
    assert (one["response_type"], one["client_id"]) == (["code"], ["purser-client"])
    assert one["code_challenge_method"] == ["S256"] and "openid" in one["scope"][0].split()
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name][0]) == 43 and one[name] != two[name]
    assert "secret" not in first


def test_the_cookie_of_the_way_back_is_for_this_browser_alone(house, visitor):
    answer = visitor.ask("POST", "/auth/oidc/double/start", {})
    parts = {part.lower() for part in answer.headers["Set-Cookie"].split("; ")[1:]}
    assert parts == {"path=/", "httponly", "samesite=lax", "max-age=600"}
    # What is stored is of no use without the browser.
    query = parse_qs(urlsplit(answer.json["url"]).query)
    [row] = house.sql("SELECT data, length(digest) AS size FROM single_use_token")
    assert row["size"] == 32
    for secret in (visitor.cookies["sign_in"], query["state"][0], query["nonce"][0]):
        assert secret not in row["data"]


def test_it_ends_where_the_visitor_wanted_to_go(issuer, visitor):
    query = issuer.authorize(visitor.begin("double", next="/dashboard.html?tab=keys"))
    answer = visitor.ask("GET", f"/auth/oidc/double/callback?{urlencode(query)}")
    assert answer.headers["Location"] == "/dashboard.html?tab=keys#signed-in=yes"
    assert visitor.is_signed_in and "sign_in" not in visitor.cookies


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "dashboard.html",
                                  "/a b", "/a\nb", "/a#b", "\\", "javascript:alert(1)", "/" + "a" * 512])
def test_it_never_ends_on_another_site(house, path):
    assert_problem(house.post("/auth/oidc/double/start", {"next": path}), 400, code="invalid_field")


def test_the_list_of_providers_says_no_more_than_their_names(make_stack, issuer):
    rows = [issuer.settings(), issuer.settings(id="tokens", kind="bearer-only")]
    house = make_stack(OIDC_PROVIDERS=json.dumps(rows))
    assert house.get("/auth/oidc/providers").json == {"providers": [{"id": "double", "name": "The Double"}]}
    assert_problem(house.post("/auth/oidc/tokens/start"), 404)
    assert_problem(house.post("/auth/oidc/nobody/start"), 404)
    assert_problem(house.get("/auth/oidc/nobody/callback?state=a&code=b"), 404)


def test_without_providers_there_are_none(stack):
    assert stack.get("/auth/oidc/providers").json == {"providers": []}


# ---- what does not fit

def test_a_way_back_without_the_cookie_or_with_another_one_is_refused_and_the_code_never_used(house, issuer, visitor):
    stranger = Visitor(house)
    assert stranger.come_back("double", issuer.authorize(visitor.begin("double"))) == STALE
    stranger.begin("double")
    assert stranger.come_back("double", issuer.authorize(visitor.begin("double"))) == STALE
    assert not stranger.is_signed_in and not visitor.is_signed_in
    assert issuer.fetches["token"] == 0


@pytest.mark.parametrize("change", [{"state": "A" * 43}, {"state": ""}, {"state": None}])
def test_a_way_back_with_another_state_is_refused(issuer, visitor, change):
    query = issuer.authorize(visitor.begin("double")) | change
    query = {name: value for name, value in query.items() if value}
    assert visitor.come_back("double", query) == STALE
    assert issuer.fetches["token"] == 0 and not visitor.is_signed_in


def test_a_way_back_counts_once(issuer, visitor):
    query = issuer.authorize(visitor.begin("double"))
    cookies = dict(visitor.cookies)
    assert visitor.come_back("double", query) == HOME
    visitor.cookies = cookies
    assert visitor.come_back("double", query) == STALE
    assert issuer.fetches["token"] == 1


def test_a_code_of_another_sign_in_is_refused(house, issuer, visitor):
    # Stolen from a victim, and put into the attacker's own way back: the challenge does not fit (RFC 9700, 4.5).
    stolen = issuer.authorize(Visitor(house).begin("double"))["code"]
    query = issuer.authorize(visitor.begin("double"))
    assert visitor.come_back("double", query | {"code": stolen}) == REFUSED
    assert issuer.token_requests[-1]["code_verifier"] and not visitor.is_signed_in


def test_a_way_back_of_one_provider_is_no_good_at_another(make_stack, issuer):
    house = make_stack(OIDC_PROVIDERS=json.dumps([issuer.settings(), issuer.settings(id="second")]))
    visitor = Visitor(house)
    assert visitor.come_back("second", issuer.authorize(visitor.begin("double"))) == STALE
    assert issuer.fetches["token"] == 0


@pytest.mark.parametrize("claims", [
    {"nonce": "another"}, {"nonce": None}, {"aud": "somebody-else"}, {"iss": "http://127.0.0.1:1"}, {"exp": 1},
    {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, {"sub": None}, {"sub": ""}, {"sub": 5},
])
def test_a_token_that_is_not_for_this_sign_in_is_refused(house, issuer, visitor, claims):
    assert visitor.sign_in("double", issuer, **claims) == REFUSED
    assert not visitor.is_signed_in
    assert house.sql("SELECT * FROM person") == []


def test_a_way_back_that_names_another_issuer_is_refused(issuer, visitor):
    # RFC 9207.
    query = issuer.authorize(visitor.begin("double"))
    assert visitor.come_back("double", query | {"iss": "https://evil.example"}) == REFUSED
    query = issuer.authorize(visitor.begin("double"))
    assert visitor.come_back("double", query | {"iss": issuer.url}) == HOME


def test_an_issuer_that_promises_to_name_itself_must(issuer, visitor):
    issuer.discovery = {"authorization_response_iss_parameter_supported": True}
    assert visitor.sign_in("double", issuer) == REFUSED
    query = issuer.authorize(visitor.begin("double")) | {"iss": issuer.url}
    assert visitor.come_back("double", query) == HOME


@pytest.mark.parametrize("discovery", [
    {"issuer": "https://evil.example"}, {"issuer": None}, {"authorization_endpoint": "http://evil.example/authorize"},
    {"token_endpoint": "ftp://127.0.0.1/"}, {"jwks_uri": None}, {"jwks_uri": "http://evil.example/keys"},
])
def test_a_discovery_document_that_is_not_the_issuers_is_not_followed(house, issuer, discovery):
    issuer.discovery = discovery
    answer = house.post("/auth/oidc/double/start")
    assert_problem(answer, 503, code="provider_unavailable")
    assert answer.headers["Retry-After"] == "10"


def test_an_issuer_that_is_down_sends_nobody_off_and_the_rest_goes_on(house, issuer):
    issuer.is_down = True
    assert_problem(house.post("/auth/oidc/double/start"), 503, code="provider_unavailable")
    assert house.get("/health").status == 200
    # Nothing waits for it again at once.
    fetches = dict(issuer.fetches)
    assert_problem(house.post("/auth/oidc/double/start"), 503)
    assert issuer.fetches == fetches


def test_the_secret_goes_into_the_body_where_the_issuer_says_so(issuer, visitor):
    issuer.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert visitor.sign_in("double", issuer) == HOME
    assert issuer.token_requests[-1]["client_secret"]


# ---- who it is

def test_an_address_that_nobody_verified_makes_nobody(house, issuer):
    issuer.user_info = {"sub": "subject-1"}
    for claims in ({"email_verified": False}, {"email_verified": None}, {"email": None}, {"email_verified": "no"},
                   {"email": "not an address"}):
        visitor = Visitor(house)
        assert visitor.sign_in("double", issuer, **claims) == ("/identity.html", {"identity_error": "unverified"})
        assert not visitor.is_signed_in
    assert house.sql("SELECT * FROM person") == []


def test_an_address_kept_out_of_the_token_is_asked_for_of_the_same_subject(house, issuer, visitor):
    issuer.user_info = {"sub": "somebody else", "email": "grace@example.com", "email_verified": True}
    assert visitor.sign_in("double", issuer, email=None, email_verified=None) == REFUSED
    issuer.user_info["sub"] = "subject-1"
    assert visitor.sign_in("double", issuer, email=None, email_verified=None) == HOME
    assert visitor.me["email"] == "grace@example.com"


def test_the_identity_is_the_subject_and_not_the_address(house, issuer):
    first, second = Visitor(house), Visitor(house)
    first.sign_in("double", issuer)
    second.sign_in("double", issuer, email="another@example.com", email_verified=False)
    assert first.me == second.me


def test_a_name_that_cannot_be_shown_gives_way_to_the_address(issuer, visitor):
    visitor.sign_in("double", issuer, name="a\u0007b")
    assert visitor.me["name"] == "grace"


def test_a_disabled_person_is_not_let_in(house, issuer, visitor):
    visitor.sign_in("double", issuer)
    change_store(house, "UPDATE person SET disabled_at = 1")
    other = Visitor(house)
    assert other.sign_in("double", issuer) == ("/identity.html", {"identity_error": "closed"})
    assert not other.is_signed_in and not visitor.is_signed_in


# ---- the second factor

def test_a_second_factor_is_asked_for_here_as_well(house, issuer, visitor):
    visitor.sign_in("double", issuer)
    authenticator = Authenticator(visitor.ask("POST", "/api/v1/me/totp", {}).json["secret"])
    assert visitor.ask("POST", "/api/v1/me/totp/confirm", {"code": authenticator.code()}).status == 200
    other = Visitor(house)
    page, told = other.sign_in("double", issuer)
    assert page == "/dashboard.html" and set(told) == {"second-factor"}
    assert not other.is_signed_in and "sign_in" not in other.cookies
    half = {"token": told["second-factor"]}
    assert_problem(other.ask("POST", "/auth/login/totp", half | {"code": authenticator.wrong()}), 403)
    assert other.ask("POST", "/auth/login/totp", half | {"code": authenticator.code(1)}).status == 200
    assert other.me == visitor.me
    # The page where the code is asked for knows where to go on to.
    query = issuer.authorize(other.begin("double", next="/mail.html?a=b"))
    answer = other.ask("GET", f"/auth/oidc/double/callback?{urlencode(query)}")
    page, _, fragment = answer.headers["Location"].partition("#")
    assert page == "/dashboard.html" and parse_qs(fragment)["next"] == ["/mail.html?a=b"]
    # A token that a program brings along has nobody to ask.
    assert_problem(house.get("/api/v1/me/identities", key=issuer.sign()), 403, code="second_factor_required")


# ---- an address that somebody has

@pytest.fixture
def grace(house):
    return house.register(email="grace@example.com", name="Grace", password="correct horse battery staple")


def signed_in(visitor, user):
    name, _, value = sign_in(visitor.stack, user)["Cookie"].partition("=")
    visitor.cookies[name] = value
    return visitor


def asked_to_link(visitor, issuer, **claims):
    page, told = visitor.sign_in("double", issuer, **claims)
    assert page == "/identity.html" and set(told) == {"link", "provider"}
    return told["link"]


def test_an_account_that_exists_is_never_linked_without_a_word(house, issuer, visitor, grace):
    token = asked_to_link(visitor, issuer)
    assert not visitor.is_signed_in and house.sql("SELECT * FROM identity") == []
    # Not by somebody who is not signed in either.
    assert_problem(visitor.ask("POST", "/auth/oidc/link", {"token": token}), 401)
    signed_in(visitor, grace)
    answer = visitor.ask("POST", "/auth/oidc/link", {"token": token})
    assert (answer.status, answer.json) == (200, {"success": True, "provider": "The Double"})
    # From now on it signs in, and is the same person.
    later = Visitor(house)
    assert later.sign_in("double", issuer) == HOME
    assert later.me["id"] == grace["id"]
    [entry] = house.sql("SELECT actor, target, detail FROM audit_entry WHERE action = 'identity.linked'")
    assert (entry["actor"], entry["target"]) == (f"person:{grace['id']}",) * 2
    assert json.loads(entry["detail"])["issuer"] == issuer.url
    [mail] = house.sql("SELECT payload FROM outbox WHERE kind = 'mail' AND payload LIKE '%sign in was added%'")
    assert json.loads(mail["payload"])["to"] == "grace@example.com"


def test_the_word_counts_once(issuer, visitor, grace):
    token = asked_to_link(visitor, issuer)
    cookies = dict(visitor.cookies)
    signed_in(visitor, grace)
    assert visitor.ask("POST", "/auth/oidc/link", {"token": token}).status == 200
    visitor.cookies |= cookies
    assert_problem(visitor.ask("POST", "/auth/oidc/link", {"token": token}), 400, code="invalid_token")


def test_nobody_else_can_give_it(house, issuer, visitor, grace):
    token = asked_to_link(visitor, issuer)
    outsider = house.register(email="outsider@example.com", name="Outsider")
    signed_in(visitor, outsider)
    assert_problem(visitor.ask("POST", "/auth/oidc/link", {"token": token}), 403, code="another_person")
    assert house.sql("SELECT * FROM identity") == []


def test_a_link_that_is_sent_to_somebody_does_nothing_in_their_browser(house, issuer, visitor, grace):
    # An attacker's identity, to be linked to the victim's account.
    url = visitor.begin("double", intent="link")
    page, told = visitor.come_back("double", issuer.authorize(url, sub="attacker", email="attacker@example.com"))
    victim = signed_in(Visitor(house), grace)
    assert_problem(victim.ask("POST", "/auth/oidc/link", {"token": told["link"]}), 400, code="invalid_token")
    victim.begin("double")
    assert_problem(victim.ask("POST", "/auth/oidc/link", {"token": told["link"]}), 400, code="invalid_token")
    assert house.sql("SELECT * FROM identity") == []


def test_a_signed_in_person_may_link_an_identity_with_another_address(house, issuer, visitor, grace):
    signed_in(visitor, grace)
    url = visitor.begin("double", intent="link")
    page, told = visitor.come_back("double", issuer.authorize(url, email="g.hopper@navy.example"))
    assert page == "/identity.html"
    assert visitor.ask("POST", "/auth/oidc/link", {"token": told["link"]}).status == 200
    assert [identity["email"] for identity in visitor.identities] == ["g.hopper@navy.example"]
    # And nobody was made of that address.
    assert house.sql("SELECT count(*) AS n FROM person") == [{"n": 1}]


def test_an_identity_belongs_to_one_person(house, issuer, visitor, grace):
    Visitor(house).sign_in("double", issuer, email="first@example.com")
    signed_in(visitor, grace)
    # It signs in as whose it is, also for who came to link it.
    page, told = visitor.come_back("double", issuer.authorize(visitor.begin("double", intent="link")))
    assert (page, told) == HOME and visitor.me["email"] == "first@example.com"


def test_the_last_way_in_stays(house, issuer, visitor):
    visitor.sign_in("double", issuer)
    [identity] = visitor.identities
    path = f"/api/v1/me/identities/{identity['id']}"
    assert_problem(visitor.ask("DELETE", path), 409, code="last_way_in")
    url = visitor.begin("double", intent="link")
    _, told = visitor.come_back("double", issuer.authorize(url, sub="subject-2"))
    assert visitor.ask("POST", "/auth/oidc/link", {"token": told["link"]}).status == 200
    assert visitor.ask("DELETE", path).status == 200
    assert [one["id"] for one in visitor.identities] != [identity["id"]] and len(visitor.identities) == 1
    assert house.sql("SELECT count(*) AS n FROM audit_entry WHERE action = 'identity.unlinked'") == [{"n": 1}]


def test_who_has_a_password_may_unlink_and_nobody_unlinks_anothers(house, issuer, visitor, grace):
    token = asked_to_link(visitor, issuer)
    signed_in(visitor, grace).ask("POST", "/auth/oidc/link", {"token": token})
    [identity] = visitor.identities
    path = f"/api/v1/me/identities/{identity['id']}"
    outsider = signed_in(Visitor(house), house.register(email="outsider@example.com", name="Outsider"))
    assert_problem(outsider.ask("DELETE", path), 404)
    assert visitor.ask("DELETE", path).status == 200
    assert visitor.identities == []
    # The address is taken, so it has to be linked again.
    asked_to_link(Visitor(house), issuer)


def test_the_sentences_of_the_log_hold_no_secret(house, issuer, visitor):
    visitor.sign_in("double", issuer, nonce="another")
    assert "another nonce" in house.log
    for secret in ("a secret: with", "an-access-token", visitor.cookies.get("sign_in", "none")):
        assert secret not in house.log
    shown = house.shell("check", "--settings", check=False).stdout
    assert "a secret: with" not in shown
