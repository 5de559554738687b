"""ID tokens that callers bring along: which are believed, and who their callers are."""

import base64
import hashlib
import hmac
import json
import threading
import time

import jwt
import pytest
from answers import assert_problem
from cryptography.hazmat.primitives import serialization
from issuer_double import CLIENT_ID, IssuerDouble, SigningKey
from stack import Stack

PATH = "/api/v1/me/identities"


@pytest.fixture(scope="module")
def issuer():
    with IssuerDouble() as double:
        double.keys = [SigningKey("first"), SigningKey("curve", "ES256")]
        yield double


@pytest.fixture(scope="module")
def house(issuer):
    with Stack(OIDC_PROVIDERS=json.dumps([issuer.settings(kind="bearer-only")])) as made:
        yield made


def bring(house, token):
    return house.get(PATH, key=token)


def refused(house, token):
    assert_problem(bring(house, token), 401, "Unauthorized")


def base64url(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).rstrip(b"=").decode()


def test_a_newcomer_is_made_at_first_sight_once(house, issuer):
    answers, claims = [], issuer.claims(sub="new", email="new@example.com")
    threads = [threading.Thread(target=lambda: answers.append(bring(house, issuer.sign(claims)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status for answer in answers] == [200] * 8
    assert all(answer.json["identities"][0]["email"] == "new@example.com" for answer in answers)
    [person] = house.sql("SELECT id FROM person WHERE email = 'new@example.com'")
    where = f"WHERE target = 'person:{person['id']}' AND action = 'account.created'"
    assert house.sql(f"SELECT count(*) AS n FROM audit_entry {where}") == [{"n": 1}]
    assert house.sql(f"SELECT count(*) AS n FROM member WHERE person_id = {person['id']}") == [{"n": 1}]
    assert house.findings() == []


def test_both_algorithms_are_taken(house, issuer):
    for key in issuer.keys:
        assert bring(house, issuer.sign(key=key)).status == 200


def test_a_token_without_a_key_id_is_fine_while_there_is_no_choice(house, issuer):
    # Two keys, but one of each kind.
    for key in issuer.keys:
        assert bring(house, jwt.encode(issuer.claims(), key.private, key.algorithm)).status == 200


@pytest.mark.parametrize("changes", [
    {"aud": [CLIENT_ID]},
    {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID},
    {"azp": CLIENT_ID},
    {"email_verified": "true"},
    {"exp": int(time.time()) + 300.5, "iat": int(time.time()) - 0.5},
    {"nbf": int(time.time()) - 1, "auth_time": int(time.time()) - 1},
    {"aud": CLIENT_ID, "unknown": {"claim": [None]}},
])
def test_good_claims_are_taken(house, issuer, changes):
    assert bring(house, issuer.sign(issuer.claims(**changes))).status == 200


NOW = int(time.time())


@pytest.mark.parametrize("changes", [
    {"iss": "https://evil.example"}, {"iss": None}, {"iss": 1},
    {"aud": "another"}, {"aud": None}, {"aud": []}, {"aud": [CLIENT_ID, "another"]}, {"aud": {"a": CLIENT_ID}},
    {"aud": CLIENT_ID.upper()}, {"aud": CLIENT_ID + " "},
    {"azp": "another"}, {"aud": [CLIENT_ID, "another"], "azp": "another"}, {"azp": 5},
    {"exp": NOW - 120}, {"exp": None}, {"exp": str(NOW + 300)}, {"exp": -1}, {"exp": 2 ** 64}, {"exp": 1e300},
    {"exp": True}, {"exp": float(NOW - 120) + 0.5},
    {"nbf": NOW + 600}, {"nbf": "now"},
    {"iat": NOW + 600}, {"iat": None}, {"iat": NOW - 200_000}, {"iat": 1e9},
    {"auth_time": NOW + 600},
    {"sub": ""}, {"sub": None}, {"sub": 5}, {"sub": "x" * 256}, {"sub": "a\nb"}, {"sub": "é"},
])
def test_claims_that_do_not_hold_are_refused(house, issuer, changes):
    refused(house, issuer.sign(issuer.claims(**{"sub": "nobody", "email": "nobody@example.com"} | changes)))
    assert house.sql("SELECT * FROM person WHERE email = 'nobody@example.com'") == []


def test_the_issuer_is_compared_to_the_letter(house, issuer):
    for name in (issuer.url + "/", issuer.url.upper(), issuer.url.replace("127.0.0.1", "localhost")):
        refused(house, issuer.sign(issuer.claims(iss=name)))


# ---- the confusions

def test_none_is_no_algorithm(house, issuer):
    for name in ("none", "None", "NONE", "nOnE", ""):
        head = base64url({"alg": name, "typ": "JWT", "kid": "first"})
        body = base64url(issuer.claims())
        for signature in ("", base64url(b"x")):
            refused(house, f"{head}.{body}.{signature}")


def test_the_public_key_is_no_shared_secret(house, issuer):
    public = issuer.keys[0].private.public_key()
    texts = [
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).strip(),
        public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1),
        json.dumps(issuer.keys[0].jwk()).encode(),
    ]
    for secret in texts:
        # By hand, for the library refuses to sign so.
        for name in ("HS256", "RS256"):
            signed = f"{base64url({'alg': name, 'kid': 'first'})}.{base64url(issuer.claims())}"
            refused(house, f"{signed}.{base64url(hmac.digest(secret, signed.encode(), hashlib.sha256))}")


def test_a_key_signs_by_its_own_algorithm_only(house, issuer):
    rsa, curve = issuer.keys
    # The header names one key and the other algorithm.
    refused(house, issuer.sign(key=rsa, headers={"kid": "curve"}))
    refused(house, issuer.sign(key=curve, headers={"kid": "first"}))
    for algorithm in ("RS384", "RS512", "PS256"):
        refused(house, jwt.encode(issuer.claims(), rsa.private, algorithm, headers={"kid": "first"}))


def test_another_key_is_refused_whatever_it_calls_itself(house, issuer):
    stranger = SigningKey("first")
    refused(house, issuer.sign(key=stranger))
    # Nor is a key believed that the token brings along.
    refused(house, issuer.sign(key=stranger, headers={"jwk": stranger.jwk()}))
    refused(house, issuer.sign(key=stranger, headers={"jku": issuer.url + "/keys", "x5u": issuer.url}))
    for key_id in ("../first", "first\u0000", "' OR 1=1 --", "f" * 256, 5, None, ["first"]):
        head = base64url({"alg": "RS256", "kid": key_id})
        signed = f"{head}.{base64url(issuer.claims())}"
        refused(house, f"{signed}.{issuer.sign().split('.')[2]}")


@pytest.mark.parametrize("headers", [
    {"crit": ["exp"], "exp": 1}, {"crit": []}, {"b64": False}, {"cty": "JWT"}, {"zip": "DEF"},
    {"typ": "at+jwt"}, {"typ": "logout+jwt"}, {"typ": "JWE"},
])
def test_a_header_that_asks_for_more_is_refused(house, issuer, headers):
    refused(house, issuer.sign(headers=headers))


def test_no_part_of_a_token_can_be_changed(house, issuer):
    head, body, signature = issuer.sign().split(".")
    assert bring(house, f"{head}.{body}.{signature}").status == 200
    other = base64url(issuer.claims(sub="somebody-else"))
    for token in (
        f"{head}.{other}.{signature}", f"{head}.{body}.{signature[:-4]}", f"{head}.{body}.{signature}AAAA",
        f"{head}.{body}.{signature}=", f"{head}.{body}.{signature}==", f"{head}.{body}", f"{head}.{body}.",
        f"{head}.{body}.{signature}.", f".{body}.{signature}", f"{head}..{signature}", "..", "a.b.c",
        f"{head}.{body}. {signature}", f"{head}.{body}.{signature[:-1]}+", f"{head}=.{body}.{signature}",
        f"{head}.{body}.{signature}.{signature}.{signature}",
    ):
        refused(house, token)


def test_names_that_stand_twice_and_what_is_no_object_are_refused(house, issuer):
    key = issuer.keys[0].private
    good = json.dumps(issuer.claims())
    for body in (good[:-1] + ', "sub": "somebody-else"}', '{"sub": "x",' + good[1:], "[]", "5", '"text"', "{", "",
                 "null", good + "x", "\ufeff" + good, "[" * 4000):
        refused(house, jwt.api_jws.encode(body.encode(), key, "RS256", headers={"kid": "first"}))
    for head in ('{"alg":"RS256","kid":"first","alg":"none"}', "[]", '"RS256"', '{"alg":["RS256"],"kid":"first"}', "{}"):
        signed = f"{base64url(head.encode())}.{base64url(issuer.claims())}"
        refused(house, f"{signed}.{issuer.sign().split('.')[2]}")


def test_a_long_token_is_refused_by_somebody(house, issuer):
    answer = bring(house, issuer.sign(issuer.claims(filler="x" * 5500)))
    assert answer.status == 200, "Keycloak's are long"
    for size in (6500, 20_000):
        answer = bring(house, issuer.sign(issuer.claims(filler="x" * size)))
        assert answer.status in (400, 401, 431), answer


# ---- who it is

def test_an_unverified_address_makes_nobody(house, issuer):
    for changes in ({"email_verified": False}, {"email_verified": None}, {"email": None}):
        claims = issuer.claims(**{"sub": "nobody", "email": "nobody@example.com"} | changes)
        assert_problem(bring(house, issuer.sign(claims)), 403, code="address_unverified")
    assert house.sql("SELECT * FROM person WHERE email = 'nobody@example.com'") == []


def test_an_address_that_somebody_has_is_not_theirs_yet(house, issuer):
    house.register(email="ada@example.com", name="Ada")
    claims = issuer.claims(sub="subject-2", email="ada@example.com")
    assert_problem(bring(house, issuer.sign(claims)), 403, code="identity_not_linked")
    assert house.sql("SELECT * FROM identity WHERE subject = 'subject-2'") == []


def test_a_cookie_goes_before_a_token_and_a_key_is_no_token(house, issuer):
    user = house.register(email="key@example.com")
    assert_problem(bring(house, user["api_key"]), 401, "Unauthorized")
    # A cookie that is no good is not made good by a token.
    answer = house.get(PATH, key=issuer.sign(), headers={"Cookie": "session_token=nonsense"})
    assert_problem(answer, 401)


def test_a_token_is_good_where_people_are_taken_and_nowhere_else(house, issuer):
    assert bring(house, issuer.sign()).status == 200
    assert house.get("/auth/user", key=issuer.sign()).status == 401
    assert house.get("/api/v1/me", key=issuer.sign()).status == 401


def test_without_issuers_no_token_is_believed(stack, issuer):
    refused(stack, issuer.sign())


def test_reasons_are_logged_and_tokens_are_not(house, issuer):
    token = issuer.sign(issuer.claims(aud="another"))
    refused(house, token)
    assert "another audience" in house.log and token.split(".")[2] not in house.log
