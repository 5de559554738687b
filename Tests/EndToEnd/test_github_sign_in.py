"""GitHub's OAuth variant: no ID token, but two questions of its API."""

import json

import pytest
from issuer_double import GitHubDouble
from visitor import Visitor

HOME = ("/dashboard.html", {"signed-in": "yes"})

UNVERIFIED = ("/identity.html", {"identity_error": "unverified"})


@pytest.fixture
def github():
    with GitHubDouble() as double:
        yield double


@pytest.fixture
def house(make_stack, github):
    return make_stack(OIDC_PROVIDERS=json.dumps([github.settings()]))


@pytest.fixture
def visitor(house):
    return Visitor(house)


def come(visitor, github):
    url = visitor.begin("github")
    query = dict(part.split("=", 1) for part in url.partition("?")[2].split("&"))
    assert url.startswith(f"{github.url}/login/oauth/authorize?") and query["scope"] == "read%3Auser%20user%3Aemail"
    return visitor.come_back("github", github.authorize(url))


def test_a_newcomer_signs_in_by_the_verified_primary_address(house, github, visitor):
    assert come(visitor, github) == HOME
    assert (visitor.me["email"], visitor.me["name"]) == ("octocat@example.com", "The Octocat")
    assert house.sql("SELECT issuer, subject FROM identity") == [{"issuer": github.url, "subject": "583231"}]


def test_the_number_is_the_identity_and_not_the_name(house, github, visitor):
    come(visitor, github)
    # The name passes on to somebody else, who has another number.
    github.user = {"id": 99, "login": "octocat", "name": None}
    github.emails = [{"email": "new@example.com", "primary": True, "verified": True}]
    other = Visitor(house)
    assert come(other, github) == HOME
    assert other.me["id"] != visitor.me["id"] and other.me["name"] == "octocat"


@pytest.mark.parametrize("emails", [
    [{"email": "a@example.com", "primary": True, "verified": False}, {"email": "b@example.com", "verified": True}],
    [{"email": "b@example.com", "primary": False, "verified": True}],
    [{"email": "b@example.com", "primary": True, "verified": "true"}],
    [],
])
def test_only_the_primary_address_counts_and_only_verified(github, visitor, emails):
    github.emails = emails
    assert come(visitor, github) == UNVERIFIED
    assert not visitor.is_signed_in


@pytest.mark.parametrize("user", [{}, {"id": "583231"}, {"id": 0}, {"id": None, "login": "octocat"}, []])
def test_a_user_without_a_number_is_nobody(github, visitor, user):
    github.user = user
    assert come(visitor, github) == ("/identity.html", {"identity_error": "refused"})


def test_a_code_that_github_refuses_signs_nobody_in(github, visitor):
    query = github.authorize(visitor.begin("github"))
    assert visitor.come_back("github", query | {"code": "another"}) == ("/identity.html", {"identity_error": "refused"})
    assert not visitor.is_signed_in


def test_github_signs_no_tokens(house, github):
    token = github.sign(github.claims())
    assert house.get("/api/v1/me/identities", key=token).status == 401
