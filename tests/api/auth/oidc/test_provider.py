"""What a provider says is believed only if it is sound; whatever else it says is one error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from api.auth.oidc.attempt import MAX_SECONDS, Attempt
from api.auth.oidc.errors import SignInFailed, Trouble
from api.auth.oidc.provider import Identity, Provider
from api.auth.oidc.provider_file import read_provider
from tests.api.auth.oidc.conftest import OURS, SECRET, write_file
from tests.api.auth.oidc.forging import (
    Forger,
    forging,
    half_hash,
    json_of,
    new_key,
    unsigned,
)

ATTEMPT = Attempt.new("/")
ANSWER = {"state": ATTEMPT.state, "code": "a code"}


@pytest.fixture
def forger() -> Iterator[Forger]:
    with forging() as forger:
        forger.nonce = ATTEMPT.nonce
        yield forger


@pytest.fixture
def provider(forger: Forger, tmp_path: Path) -> Provider:
    return Provider(read_provider(write_file(tmp_path, forger.issuer)))


def trouble(provider: Provider, answer: dict[str, str] = ANSWER) -> Trouble:
    """Return what goes wrong, whose message has no secret in it."""
    with pytest.raises(SignInFailed) as failed:
        provider.identity(ATTEMPT, answer)
    for secret in (SECRET, ATTEMPT.secret, ATTEMPT.verifier, "a token", "a code"):
        assert secret not in str(failed.value)
    return failed.value.trouble


def test_a_browser_is_sent_with_what_ties_the_answer_to_it(provider: Provider) -> None:
    asked = urlsplit(provider.authorization(ATTEMPT, "lb"))
    sent = {name: value for name, (value,) in parse_qs(asked.query).items()}
    assert asked.path == "/authorize"
    assert ATTEMPT.verifier not in asked.query
    assert ATTEMPT.secret not in asked.query
    assert sent.pop("code_challenge") != ATTEMPT.verifier
    assert sent == {
        "client_id": "passerelle",
        "code_challenge_method": "S256",
        "nonce": ATTEMPT.nonce,
        "redirect_uri": f"{OURS}/sign-in/return",
        "response_type": "code",
        "scope": "openid groups",
        "state": ATTEMPT.state,
        "ui_locales": "lb",
    }


def test_of_a_sound_answer_the_subject_and_the_groups_of_the_file_are_kept(
    provider: Provider, forger: Forger
) -> None:
    forger.claims = {"groups": ["canteen", "press", 7], "at_hash": half_hash("a token")}
    assert provider.identity(ATTEMPT, ANSWER) == Identity("42", "", frozenset({"press"}))
    forger.claims = {"groups": "press", "aud": ["passerelle", "x"], "azp": "passerelle"}
    assert provider.identity(ATTEMPT, ANSWER).groups == {"press"}


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"iss": "https://login.example.org"}, Trouble.AGAIN),
        ({"aud": "another"}, Trouble.AGAIN),
        ({"aud": ["another"]}, Trouble.AGAIN),
        ({"aud": ["passerelle", "another"]}, Trouble.AGAIN),
        ({"aud": ["passerelle", "another"], "azp": "another"}, Trouble.AGAIN),
        ({"nonce": "another"}, Trouble.AGAIN),
        ({"nonce": None}, Trouble.AGAIN),
        ({"sub": None}, Trouble.AGAIN),
        ({"sub": ""}, Trouble.AGAIN),
        ({"sub": 42}, Trouble.AGAIN),
        ({"exp": None}, Trouble.AGAIN),
        ({"exp": "never"}, Trouble.AGAIN),
        ({"iat": None}, Trouble.AGAIN),
        ({"at_hash": "another"}, Trouble.AGAIN),
        ({"exp": int(time()) - 3600, "iat": int(time()) - 3900}, Trouble.CLOCK),
        ({"exp": int(time()) + 3900, "iat": int(time()) + 3600}, Trouble.CLOCK),
        ({"groups": []}, Trouble.NO_GROUP),
        ({"groups": ["canteen"]}, Trouble.NO_GROUP),
        ({"groups": {"press": True}}, Trouble.NO_GROUP),
        ({"groups": None}, Trouble.NO_GROUP),
    ],
)
def test_a_token_that_is_not_for_this_is_none(
    provider: Provider, forger: Forger, claims: dict[str, Any], expected: Trouble
) -> None:
    forger.claims = claims
    assert trouble(provider) is expected


def test_a_token_that_the_provider_did_not_sign_is_none(provider: Provider, forger: Forger) -> None:
    secret = OctKey.import_key(SECRET)
    stranger = new_key("one")
    for token in (
        unsigned(forger.sound_claims()),
        jwt.encode({"alg": "HS256"}, forger.sound_claims(), secret, algorithms=["HS256"]),
        jwt.encode({"alg": "ES256", "kid": "one"}, forger.sound_claims(), stranger),
        jwt.encode({"alg": "ES256", "jwk": stranger.as_dict()}, forger.sound_claims(), stranger),
        forger.id_token()[:-3],
        f"{forger.id_token()}.x",
        "",
        7,
    ):
        forger.answers["/token"] = json_of({"access_token": "a token", "id_token": token})
        assert trouble(provider) in (Trouble.AGAIN, Trouble.DOWN)


def test_a_key_that_is_no_public_one_is_not_taken(provider: Provider, forger: Forger) -> None:
    shared = OctKey.import_key("known to all the world", {"kid": "one"})
    header = {"alg": "HS256", "kid": "one"}
    token = jwt.encode(header, forger.sound_claims(), shared, algorithms=["HS256"])
    forger.answers["/keys"] = json_of({"keys": [shared.as_dict(private=True)]})
    forger.answers["/token"] = json_of({"access_token": "a token", "id_token": token})
    assert trouble(provider) is Trouble.DOWN  # there is no key left


def test_new_keys_of_the_provider_are_fetched_once_a_token_names_one(
    provider: Provider, forger: Forger
) -> None:
    assert provider.identity(ATTEMPT, ANSWER)
    forger.keys.insert(0, new_key("two"))
    assert provider.identity(ATTEMPT, ANSWER)
    forger.keys.insert(0, new_key("three"))
    assert trouble(provider) is Trouble.AGAIN  # not twice in a minute, whoever sends tokens
    assert forger.asked.count("/keys") == 2


@pytest.mark.parametrize(
    "state", ["", "another", "\udc80", ATTEMPT.state[:-1]], ids=["none", "another", "half", "cut"]
)
def test_an_answer_to_another_browser_is_none(
    provider: Provider, forger: Forger, state: str
) -> None:
    assert trouble(provider, {**ANSWER, "state": state}) is Trouble.AGAIN
    assert forger.asked == []


def test_an_answer_of_another_provider_is_none(provider: Provider, forger: Forger) -> None:
    assert trouble(provider, {**ANSWER, "iss": "https://another.example"}) is Trouble.AGAIN
    assert "/token" not in forger.asked


def test_where_the_provider_promises_to_name_itself_it_has_to(
    provider: Provider, forger: Forger
) -> None:
    forger.metadata = {"authorization_response_iss_parameter_supported": True}
    assert trouble(provider) is Trouble.AGAIN
    assert provider.identity(ATTEMPT, {**ANSWER, "iss": forger.issuer})


def test_a_reader_who_declines_there_is_told_so(provider: Provider, forger: Forger) -> None:
    answer = {"state": ATTEMPT.state, "error": "access_denied"}
    assert trouble(provider, answer) is Trouble.DECLINED


METADATA = "/.well-known/openid-configuration"
BAD: dict[str, Callable[[Forger], object]] = {
    "is another": lambda forger: forger.metadata.update(issuer="https://another.example"),
    "lacks an address": lambda forger: forger.metadata.update(token_endpoint=None),
    "would be asked in the clear": lambda forger: forger.metadata.update(
        token_endpoint="http://login.example.org/token"
    ),
    "leads into a private network": lambda forger: forger.metadata.update(
        jwks_uri="https://10.0.0.1/keys"
    ),
    "leads to the machine's own metadata": lambda forger: forger.metadata.update(
        jwks_uri="https://169.254.169.254/keys"
    ),
    "leads elsewhere": lambda forger: forger.answers.update(
        {"/keys": (302, {"Location": f"{forger.issuer}/others"}, b"")}
    ),
    "fails": lambda forger: forger.answers.update({METADATA: (500, {}, b"sorry")}),
    "is no JSON": lambda forger: forger.answers.update({METADATA: (200, {}, b"<html>")}),
    "is a list": lambda forger: forger.answers.update({METADATA: json_of([1])}),
    "has no end": lambda forger: forger.answers.update({METADATA: json_of(["x" * 2**21])}),
    "has no keys": lambda forger: forger.answers.update({"/keys": json_of({})}),
    "has keys that are none": lambda forger: forger.answers.update(
        {"/keys": json_of({"keys": [{"kty": "EC", "crv": "P-256", "x": "!", "y": 7}]})}
    ),
    "gives a list for a token": lambda forger: forger.answers.update({"/token": json_of([])}),
    "gives no token": lambda forger: forger.answers.update({"/token": json_of({})}),
    "does not know us": lambda forger: forger.answers.update(
        {"/token": json_of({"error": "invalid_client"}, 401)}
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_provider_that_is_not_as_it_should_be_signs_nobody_in(
    provider: Provider, forger: Forger, what: str
) -> None:
    BAD[what](forger)
    assert trouble(provider) is Trouble.DOWN
    assert "/others" not in forger.asked


def test_a_code_that_was_used_is_the_readers_to_mend(provider: Provider, forger: Forger) -> None:
    forger.answers["/token"] = json_of({"error": "invalid_grant"}, 400)
    assert trouble(provider) is Trouble.AGAIN


def test_groups_that_are_not_in_the_token_are_asked_for(provider: Provider, forger: Forger) -> None:
    forger.claims = {"groups": None}
    forger.metadata = {"userinfo_endpoint": f"{forger.issuer}/me"}
    forger.answers["/me"] = json_of({"sub": "42", "groups": ["archive"]})
    assert provider.identity(ATTEMPT, ANSWER) == Identity("42", "", frozenset({"archive"}))
    forger.answers["/me"] = json_of({"sub": "43", "groups": ["archive"]})
    assert trouble(provider) is Trouble.AGAIN


def test_a_name_is_kept_only_where_the_operator_wants_one(forger: Forger, tmp_path: Path) -> None:
    forger.claims = {"email": "anna@example.org"}
    file = write_file(tmp_path, forger.issuer, 'name_claim = "email"\n')
    assert Provider(read_provider(file)).identity(ATTEMPT, ANSWER).name == "anna@example.org"


def test_a_provider_that_is_down_is_left_alone_for_a_moment(tmp_path: Path) -> None:
    with forging() as forger:
        provider = Provider(read_provider(write_file(tmp_path, forger.issuer)))
        forger.answers[METADATA] = (503, {}, b"")
        for _ in range(3):
            with pytest.raises(SignInFailed) as failed:
                provider.authorization(ATTEMPT, "en")
            assert failed.value.trouble is Trouble.DOWN
        assert forger.asked == [METADATA]


LIKE_ONE = [ATTEMPT.written(), "W10", "WzEsMiwzXQ", "e30", "WyIiLDFlOTksIiJd"]


@settings(max_examples=50)
@given(st.text() | st.sampled_from(LIKE_ONE))
def test_whatever_a_browser_sends_is_an_attempt_or_none(written: str) -> None:
    read = Attempt.read(written)
    assert read is None or read == ATTEMPT


def test_an_attempt_ends_by_itself_and_none_is_of_the_future() -> None:
    now = int(time())
    for begun in (now - MAX_SECONDS - 1, now + 60):
        assert Attempt.read(Attempt("s", begun, "/").written()) is None
    assert len({ATTEMPT.state, ATTEMPT.nonce, ATTEMPT.verifier, ATTEMPT.secret}) == 4
