"""A wish about when, in any of the three languages, is held; a full refusal beside it stops."""

import pytest

from gateway.rules.keywords import classify


@pytest.mark.parametrize(
    "text",
    [
        "Do not text me tonight", "don't text me this week", "don't text me right now", "don't text me rn", "don't text me today",
        "stop texting me tonight", "don't text me this morning", "please stop texting me this late",
        "no me mande mensajes antes de las 10", "no me manden mensajes de noche", "no me manden mensajes hasta el lunes",
        "No me mande mensajes tan temprano", "dejen de escribirme tan temprano", "no me manden mensajes a esta hora",
        "ne m'envoyez pas de messages avant 10h", "ne m'écrivez plus ce soir", "arrêtez de m'écrire le dimanche",
    ],
)  # fmt: skip
def test_a_refusal_for_a_time_is_held_as_a_limit(text: str) -> None:
    reply = classify(text)
    assert (reply.kind, reply.rule) == ("needs-review", "limit.time")


@pytest.mark.parametrize(
    "text",
    [
        "no me escriban hasta el viernes", "no me escriba antes de las 9", "ne m'envoyez rien aujourd'hui",
        "ne m'écrivez pas après 20h", "don't text on Sundays", "don't text after 9", "never text at night",
    ],
)  # fmt: skip
def test_a_wish_about_when_without_an_object_is_held(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize(
    "text",
    [
        "stop texting me, and don't call at night", "stop texting me right now", "stop texting me this instant",
        "don't text me", "no me manden mensajes. No llamen de noche", "no me escriban más", "ne m'écrivez plus",
        "ne m'envoyez rien", "don't text me tonight or ever", "don't text me. I told you this week",
    ],
)  # fmt: skip
def test_a_refusal_for_good_stops(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize(
    "text", ["this is the right number", "I don't text on Sundays", "will pay tonight", "right now I can't"]
)
def test_a_time_alone_is_left_alone(text: str) -> None:
    assert classify(text).kind == "none"


@pytest.mark.parametrize(
    "text",
    [
        "No need to stop", "no need to unsubscribe", "no need to stop texting me", "unsubscribe? no keep them", "Unsubscribe? No",
        "opt out? no thanks", "I unsubscribed from your email not text", "I unsubscribed from emails, not texts",
    ],
)  # fmt: skip
def test_a_revocation_denied_is_none(text: str) -> None:
    assert classify(text).kind in ("none", "needs-review")


@pytest.mark.parametrize(
    "text",
    [
        "unsubscribe? yes please",
        "Stop? No more texts!",
        "no need to keep texting me, stop",
        "stop? Why are you texting me",
    ],
)
def test_a_revocation_that_is_not_denied_stands(text: str) -> None:
    assert classify(text).kind == "opt-out"
