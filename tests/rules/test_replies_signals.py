"""Signals: what a reply reports, by name and channel, whatever its verdict."""

from pathlib import Path

import pytest

from gateway.rules.keywords import classify

TABLE = Path(__file__).parents[1] / "vectors" / "reply_signals.tsv"
"""Sentences with what a reasonable agent would hear in them, written before the rules were looked at; of these 155 the rules
of then raised 94. Those that follow them came with the rules that raise them: they guard, and measure nothing."""


def told() -> list[tuple[str, str]]:
    rows = TABLE.read_text(encoding="utf-8").splitlines()[1:]
    return [(text, signal) for text, _, signal in (row.partition("\t") for row in rows)]


@pytest.mark.parametrize(("text", "signal"), told())
def test_what_an_agent_would_hear_is_raised(text: str, signal: str) -> None:
    assert signal in {found.name for found in classify(text).signals}


def raised(text: str) -> set[str]:
    return {f"{signal.name}:{signal.channel}" if signal.channel else signal.name for signal in classify(text).signals}


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        ("Wrong number", "wrong_party"),
        ("This is not John, you have the wrong number", "wrong_party"),
        ("no one by that name at this number", "wrong_party"),
        ("I don't know any Brenda. stop", "wrong_party"),
        ("número equivocado", "wrong_party"),
        ("vous vous trompez de numéro", "wrong_party"),
        ("I dispute this debt", "dispute"),
        ("this isn't my debt", "dispute"),
        ("I don't owe this", "dispute"),
        ("I already paid this", "dispute"),
        ("please validate this debt", "dispute"),
        ("I never had an account with you", "dispute"),
        ("this is identity theft", "dispute"),
        ("esa deuda no es mía", "dispute"),
        ("My attorney is Jane Roe, talk to her", "attorney"),
        ("STOP TEXTING ME OR I WILL SUE", "attorney"),
        ("mi abogado se encarga de esto", "attorney"),
        ("I filed chapter 7", "bankruptcy"),
        ("I filed for bankruptcy in May", "bankruptcy"),
        ("my husband passed away last month", "deceased"),
        ("he died, stop texting", "deceased"),
        ("mi esposo falleció en enero", "deceased"),
        ("only text me after 5pm", "time_preference"),
        ("Don't text me at work", "time_preference"),
        ("please don't text me on Sundays", "time_preference"),
        ("stop calling me", "other_channel_optout:voice"),
        ("stop emailing me", "other_channel_optout:email"),
        ("Stop sending letters", "other_channel_optout:letter"),
        ("no me llamen más", "other_channel_optout:voice"),
        ("ne m'appelez plus", "other_channel_optout:voice"),
        ("Don't call, text, or email me", "other_channel_optout:voice other_channel_optout:email"),
        ("I unsubscribed from your emails last week", "other_channel_optout:email"),
        ("Stop payment on check 1044", "payment_instruction"),
        ("How do I cancel my autopay?", "payment_instruction"),
        ("I revoke authorization to debit my account", "payment_instruction"),
        ("arrêtez le prélèvement automatique", "payment_instruction"),
        ("cease and desist", "cease"),
        ("Cease all communications with me", "cease"),
        ("I quit my job and need more time", "hardship"),
        ("got laid off", "hardship"),
        ("I can't afford this", "hardship"),
        ("I have no money until friday", "hardship"),
        ("fuck you", "hostile"),
        ("🖕🏽", "hostile"),
        ("you people are assholes", "hostile"),
        ("send me verification of the debt", "dispute"),
        ("cette dette n'est pas à moi", "dispute"),
        ("pas ma dette", "dispute"),
        ("look up the statute of limitations", "dispute"),
        ("This debt was settled already", "dispute"),
        ("my debts were discharged", "bankruptcy"),
        ("I am in bk", "bankruptcy"),
        ("my atty handles this", "attorney"),
        ("je vais vous poursuivre en justice", "attorney"),
        ("John passed on in June", "deceased"),
        ("Maria has died", "deceased"),
        ("ne débitez pas mon compte", "payment_instruction"),
        ("can't pay right now", "hardship"),
        ("sorry, can't pay today", "hardship"),
        ("stop all communication with me", "cease"),
        ("do not contact me again in any way", "cease"),
        ("He passed away. Talk to my lawyer and stop calling", "deceased attorney other_channel_optout:voice"),
    ],
)
def test_a_signal_is_raised(text: str, signals: str) -> None:
    assert raised(text) == set(signals.split())


@pytest.mark.parametrize(
    "text",
    [
        "thanks", "PAY", "I will send $50 on 5/15", "I gave you the wrong number, my new one is 5550100", "my phone died sorry",
        "I'm dead tired", "stop texting me", "please stop the payment reminders", "can you call me", "email me the statement",
        "I can pay at the end of the month", "what is my balance", "",
        "not until Friday", "how much do I owe", "¿Cuánto debo?", "qu'est-ce que je dois", "ya no tengo esa tarjeta",
        "I got this number from the letter", "I got a new number", "estoy muerto de cansancio", "je suis morte de rire",
        "did you get my cash", "don't forget my payment", "please don't cancel my plan",
        "when is the end date of my payment plan",
        "no me llegó la carta", "no debo pagar hasta el lunes", "puedo pagar el viernes", "deje el pago en la oficina",
        "n'annulez pas mon plan", "I don't recognize this number", "the store opens at 9am", "can we run it tomorrow",
        "je n'ai pas de courriel", "I used my new card", "I am not in person there", "she likes us",
    ],
)  # fmt: skip
def test_nothing_is_raised(text: str) -> None:
    assert raised(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "je ne suis pas une personne riche", "je n'ai pas le bon numéro de compte", "mi esposo no vive conmigo",
        "aquí no hay problema", "pas de problème ici", "no conozco ese banco", "no conozco a nadie en esa oficina",
        "el número no es de cuenta", "ce n'est plus le numéro de compte", "I have this phone now", "I have the wrong charger",
        "my husband pays from his phone", "I'm not the person that handles bills, ask my wife", "I no longer use this email",
        "my mom doesn't have this money",
        "it's not loading", "it was not delivered", "it isn't urgent",
        "el número no es mi problema", "this is my new number",
    ],
)  # fmt: skip
def test_nobody_is_taken_for_somebody_else(text: str) -> None:
    """A wrong party ends every consent of the number, and no START takes that back."""
    assert "wrong_party" not in raised(text)


def test_a_signal_changes_no_verdict() -> None:
    assert classify("I dispute this debt").kind == "none"
    assert classify("I filed chapter 7").kind == "none"
    assert classify("cease and desist").kind == "opt-out"


@pytest.mark.parametrize("text", ["my dad passed the test", "my son passed his exam lol", "he passed on the offer"])
def test_who_passed_a_test_lives(text: str) -> None:
    assert raised(text) == set()


@pytest.mark.parametrize(
    "text", ["he passed on 3/4", "mom passed in january", "she passed last week", "he passed the other day"]
)
def test_who_passed_died(text: str) -> None:
    assert raised(text) == {"deceased"}


@pytest.mark.parametrize(
    "text", ["i didn't refuse to pay", "I don't refuse to pay", "I'm not paying late fees again", "im not paying today"]
)
def test_who_does_not_refuse_to_pay_is_written_to(text: str) -> None:
    """12 CFR 1006.6(c)(1)(i)."""
    assert "cease" not in raised(text)
