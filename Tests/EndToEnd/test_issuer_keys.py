"""An issuer's keys: found, kept over an outage, changed, and never asked for too often."""

import base64
import json
import threading
import time

import jwt
import pytest
from answers import assert_problem
from issuer_double import IssuerDouble, SigningKey

PATH = "/api/v1/me/identities"


@pytest.fixture
def issuer():
    with IssuerDouble() as double:
        yield double


@pytest.fixture
def house(make_stack, issuer):
    return make_stack(OIDC_PROVIDERS=json.dumps([issuer.settings(kind="bearer-only")]))


def bring(house, token):
    return house.get(PATH, key=token)


def refused(house, token):
    assert_problem(bring(house, token), 401, "Unauthorized")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_keys_that_are_not_for_signing_are_passed_over(house, issuer):
    good, signer = issuer.keys[0].jwk(), SigningKey("good")
    weak = {"kty": "RSA", "kid": "weak", "n": base64url(b"\xc5" * 128), "e": "AQAB"}
    issuer.keys = [good | {"use": "enc", "kid": "encrypts"}, good | {"key_ops": ["sign"], "kid": "ops"},
                   good | {"alg": "RS512", "kid": "strong"}, weak, {"kty": "oct", "kid": "shared", "k": "AAAA"},
                   {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": "AAAA"}, {}, signer]
    for key_id in ("encrypts", "ops", "strong", "weak", "shared", "ed"):
        refused(house, issuer.sign(key=signer, headers={"kid": key_id}))
    assert bring(house, issuer.sign(key=signer)).status == 200


def test_a_new_key_is_found_and_unknown_ids_are_asked_for_once_a_minute(house, issuer):
    assert bring(house, issuer.sign()).status == 200
    assert bring(house, issuer.sign()).status == 200
    assert issuer.fetches["keys"] == 1
    # The issuer signs with a new key from now on.
    old, new = issuer.keys[0], SigningKey("second")
    issuer.keys = [new]
    assert bring(house, issuer.sign(key=new)).status == 200
    assert issuer.fetches["keys"] == 2
    # What it no longer publishes is no good any more.
    refused(house, issuer.sign(key=old))
    for number in range(20):
        refused(house, issuer.sign(key=new, headers={"kid": f"invented-{number}"}))
    assert issuer.fetches["keys"] == 2


def test_tokens_that_cannot_be_good_make_nobody_ask_for_keys(house, issuer):
    refused(house, issuer.sign(issuer.claims(aud="another")))
    refused(house, issuer.sign(issuer.claims(iss="https://evil.example")))
    refused(house, issuer.sign(issuer.claims(exp=1)))
    assert issuer.fetches == {"discovery": 0, "keys": 0, "token": 0, "userinfo": 0}


def test_known_keys_outlive_an_outage(house, issuer):
    assert bring(house, issuer.sign()).status == 200
    issuer.is_down = True
    assert bring(house, issuer.sign()).status == 200
    refused(house, issuer.sign(key=SigningKey("unknown")))
    assert bring(house, issuer.sign()).status == 200


def test_without_any_key_the_answer_is_try_later(house, issuer):
    issuer.is_down = True
    answer = bring(house, issuer.sign())
    assert_problem(answer, 503, code="provider_unavailable")
    assert answer.headers["Retry-After"] == "10"


@pytest.mark.parametrize("document", [[], ["no key"], [{}] * 100])
def test_a_key_set_without_keys_is_an_outage(house, issuer, document):
    token = issuer.sign()
    issuer.keys = [key if isinstance(key, dict) else {"kty": key} for key in document]
    assert_problem(bring(house, token), 503, code="provider_unavailable")


def test_an_issuer_that_hangs_slows_nobody_else(house, issuer):
    user = house.register()
    issuer.released.clear()
    answers = []
    waiting = [threading.Thread(target=lambda: answers.append(bring(house, issuer.sign()))) for _ in range(40)]
    for thread in waiting:
        thread.start()
    deadline, slowest = time.monotonic() + 2, 0
    while time.monotonic() < deadline:
        begun = time.monotonic()
        assert house.get("/auth/user", key=user["api_key"]).status == 200
        slowest = max(slowest, time.monotonic() - begun)
    assert slowest < 1, "reads wait for an issuer that hangs"
    issuer.released.set()
    for thread in waiting:
        thread.join(20)
    # All forty waited for one question.
    assert [answer.status for answer in answers] == [200] * 40
    assert issuer.fetches["keys"] == 1


def test_where_the_keys_are_can_be_said(make_stack, issuer):
    # Firebase's keys are at an address of their own.
    row = issuer.settings(kind="bearer-only", jwks_uri=f"{issuer.url}/keys")
    house = make_stack(OIDC_PROVIDERS=json.dumps([row]))
    assert bring(house, issuer.sign()).status == 200
    assert issuer.fetches == {"discovery": 0, "keys": 1, "token": 0, "userinfo": 0}


def test_a_token_without_a_key_id_is_refused_where_there_is_a_choice(house, issuer):
    issuer.keys = [SigningKey("first"), SigningKey("second")]
    for key in issuer.keys:
        refused(house, jwt.encode(issuer.claims(), key.private, "RS256"))
        assert bring(house, issuer.sign(key=key)).status == 200


def test_an_algorithm_can_be_left_out_for_an_issuer(make_stack, issuer):
    issuer.keys.append(SigningKey("curve", "ES256"))
    house = make_stack(OIDC_PROVIDERS=json.dumps([issuer.settings(kind="bearer-only", algorithms=["ES256"])]))
    refused(house, issuer.sign(key=issuer.keys[0]))
    assert bring(house, issuer.sign(key=issuer.keys[1])).status == 200
