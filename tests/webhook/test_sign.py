"""Signatures: the published vector, the reference library in both directions, rotation, and hostile headers."""

import base64
import json
import time

import pytest
import standardwebhooks
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.webhook.sign import InvalidSecret, Secret, Unverified, new_secret, sign, verify

# The vector that all reference libraries share.
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
STAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

OTHER = Secret(bytes(range(64)))


def test_published_vector() -> None:
    assert sign([Secret.parse(KEY)], ID, STAMP, BODY) == {
        "webhook-id": ID,
        "webhook-timestamp": str(STAMP),
        "webhook-signature": SIGNATURE,
    }


@pytest.mark.parametrize(
    ("key", "webhook_id", "timestamp", "body", "signature"),
    [
        # Made with `openssl dgst -sha256 -mac HMAC -macopt hexkey:…`.
        (b"\x0b" * 24, "msg_1", 1, b"", "v1,aObZvjsCj2iK2kd8FX/v/9mwsdXbWXLgx+ZZZv4TiW8="),
        (
            bytes(range(64)),
            "evt_1",
            1700000000,
            '{"text":"é€"}'.encode(),
            "v1,MCg9Zo+61kQ5OxMi0uzJhVXeE7mvCDRY0l/56V5j0Mg=",
        ),
    ],
)
def test_vectors_of_another_program(key: bytes, webhook_id: str, timestamp: int, body: bytes, signature: str) -> None:
    assert sign([Secret(key)], webhook_id, timestamp, body)["webhook-signature"] == signature


@pytest.mark.parametrize("body", [b"{}", b'{"text":"\xc3\xa9\xe2\x82\xac"}', b'{"a":"' + b"x" * 20_000 + b'"}'])
def test_the_reference_library_accepts_what_we_sign(body: bytes) -> None:
    secret = new_secret()
    headers = sign([secret], "evt_1", int(time.time()), body)
    assert standardwebhooks.Webhook(secret.reveal()).verify(body, headers) == json.loads(body)


def test_the_reference_library_accepts_either_secret_during_a_change_over() -> None:
    new, old = new_secret(), new_secret()
    headers = sign([new, old], "evt_1", int(time.time()), BODY)
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (new, old):
        standardwebhooks.Webhook(secret.reveal()).verify(BODY, headers)
        verify([secret], headers, BODY, time.time())
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(new_secret().reveal()).verify(BODY, headers)


def test_we_accept_a_receiver_that_knows_both_secrets() -> None:
    new, old = new_secret(), new_secret()
    for signer in (new, old):
        verify([new, old], sign([signer], "evt_1", 1000, BODY), BODY, 1000)


def test_header_names_are_found_in_any_case() -> None:
    headers = {name.title(): value for name, value in sign([OTHER], "evt_1", 1000, BODY).items()}
    verify([OTHER], headers, BODY, 1000)


@pytest.mark.parametrize("clock", [STAMP - 300, STAMP, STAMP + 300])
def test_within_the_tolerance(clock: int) -> None:
    verify([Secret.parse(KEY)], sign([Secret.parse(KEY)], ID, STAMP, BODY), BODY, clock)


@pytest.mark.parametrize(("clock", "reason"), [(STAMP - 301, "in the future"), (STAMP + 301, "too old")])
def test_outside_the_tolerance(clock: int, reason: str) -> None:
    with pytest.raises(Unverified, match=reason):
        verify([Secret.parse(KEY)], sign([Secret.parse(KEY)], ID, STAMP, BODY), BODY, clock)


GOOD = sign([OTHER], "evt_1", 1000, BODY)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"webhook-id": "evt_2"}, "no signature matches"),
        ({"webhook-id": ""}, "missing"),
        ({"webhook-timestamp": "1001"}, "no signature matches"),
        ({"webhook-timestamp": "01000"}, "no signature matches"),
        ({"webhook-timestamp": ""}, "missing"),
        ({"webhook-timestamp": "hello"}, "count of seconds"),
        ({"webhook-timestamp": "1e3"}, "count of seconds"),
        ({"webhook-timestamp": "1_000"}, "count of seconds"),
        ({"webhook-timestamp": " 1000"}, "count of seconds"),
        ({"webhook-timestamp": "-1000"}, "count of seconds"),
        ({"webhook-timestamp": "١٠٠٠"}, "count of seconds"),
        ({"webhook-timestamp": "9" * 5000}, "count of seconds"),
        ({"webhook-signature": ""}, "missing"),
        ({"webhook-signature": "v1,"}, "no signature matches"),
        ({"webhook-signature": " "}, "no signature matches"),
        ({"webhook-signature": "v1"}, "no signature matches"),
        ({"webhook-signature": GOOD["webhook-signature"][3:]}, "no signature matches"),
        ({"webhook-signature": GOOD["webhook-signature"].replace("v1,", "v2,")}, "no signature matches"),
        ({"webhook-signature": GOOD["webhook-signature"].replace("v1,", "v1a,")}, "no signature matches"),
        ({"webhook-signature": GOOD["webhook-signature"][:-1]}, "no signature matches"),
        ({"webhook-signature": SIGNATURE}, "no signature matches"),
        ({"webhook-signature": "v1,é\udcff"}, "no signature matches"),
        ({"webhook-signature": " ".join([SIGNATURE] * 17)}, "more than 16"),
    ],
)
def test_refused(change: dict[str, str], reason: str) -> None:
    with pytest.raises(Unverified, match=reason):
        verify([OTHER], GOOD | change, BODY, 1000)


def test_refused_when_a_header_is_absent_or_the_body_differs() -> None:
    for name in GOOD:
        with pytest.raises(Unverified, match="missing"):
            verify([OTHER], {key: value for key, value in GOOD.items() if key != name}, BODY, 1000)
    with pytest.raises(Unverified, match="no signature matches"):
        verify([OTHER], GOOD, BODY + b" ", 1000)
    with pytest.raises(Unverified, match="no signature matches"):
        verify([], GOOD, BODY, 1000)


def test_among_foreign_signatures_ours_is_found() -> None:
    headers = GOOD | {"webhook-signature": f"v1a,AAAA {SIGNATURE} {GOOD['webhook-signature']}"}
    verify([OTHER], headers, BODY, 1000)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(list(GOOD)), st.text(max_size=80)), st.binary(max_size=80))
def test_junk_is_refused_and_nothing_else(change: dict[str, str], body: bytes) -> None:
    with pytest.raises(Unverified):
        verify([OTHER], GOOD | change, body, 1000)


@pytest.mark.parametrize("webhook_id", ["", "a.b", "a b", "a\r\nx: y", "é", "x" * 129])
def test_an_id_that_could_be_misread_is_not_signed(webhook_id: str) -> None:
    with pytest.raises(ValueError, match="webhook_id"):
        sign([OTHER], webhook_id, 1000, BODY)


def test_a_negative_time_or_no_secret_is_not_signed() -> None:
    with pytest.raises(ValueError, match="timestamp"):
        sign([OTHER], "evt_1", -1, BODY)
    with pytest.raises(ValueError, match="secrets"):
        sign([], "evt_1", 1000, BODY)


@pytest.mark.parametrize("size", [24, 25, 26, 32, 64])
def test_a_secret_survives_being_written_and_read(size: int) -> None:
    secret = Secret(bytes(range(size)))
    assert Secret.parse(secret.reveal()) == secret
    assert Secret.parse(secret.reveal().rstrip("=")) == secret
    assert len({secret, Secret.parse(secret.reveal())}) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not begin with whsec_"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "does not begin with whsec_"),
        ("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "does not begin with whsec_"),
        ("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "does not begin with whsec_"),
        ("whsec_", "holds 0 bytes"),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), "holds 23 bytes"),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), "holds 65 bytes"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "not base64|holds 23"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw ", "not base64"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La-_Sw", "not base64"),
        ("whsec_MfKQ9r8GKYqr=wjUPD8ILPZIo2LaLaSw", "not base64"),
        ("whsec_éfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "not base64"),
    ],
)
def test_what_is_not_a_secret_is_refused_without_being_repeated(text: str, reason: str) -> None:
    with pytest.raises(InvalidSecret, match=reason) as caught:
        Secret.parse(text)
    assert "MfKQ9r8G" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_secret_prints_masked() -> None:
    secret = Secret.parse(KEY)
    for shown in (repr(secret), str(secret), f"{secret}", repr([secret]), repr({"s": secret})):
        assert "MfKQ" not in shown
        assert "whsec_…" in shown


def test_new_secrets_differ_and_hold_32_bytes() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(base64.b64decode(new_secret().reveal().removeprefix("whsec_"))) == 32
