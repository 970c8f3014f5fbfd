"""Required parts, and what a context asks for."""

import pytest

from gateway.rules.content.finding import ContentCode, ContentContext, ContentFinding, Level, OptOutDuty, Purpose
from gateway.rules.content.lint import lint

_DISCLOSURE = "This is an attempt to collect a debt and any information obtained will be used for that purpose."


def _context(**fields: object) -> ContentContext:
    given: dict[str, object] = {"category": "servicing", "identity": ("Acme", "Acme Power"), "party_known": True}
    return ContentContext(**(given | fields))  # type: ignore[arg-type]


def _missing(text: str, context: ContentContext) -> set[str]:
    found = [finding for finding in lint(text, context) if finding.level is Level.REQUIRE]
    assert all(finding.start == finding.end and finding.fix for finding in found)
    return {finding.code.removeprefix("content.") for finding in found}


def test_sender_and_opt_out_are_required_by_default() -> None:
    assert _missing("Your bill is due.", _context()) == {"identity_missing", "opt_out_missing"}
    assert _missing("ACME: your bill is due. Reply STOP to opt out.", _context()) == set()
    assert _missing("Your bill is due. - Ａcme  Power. STOP to end", _context()) == set()


@pytest.mark.parametrize(
    ("duty", "first", "due"),
    [
        (OptOutDuty.EVERY, True, True),
        (OptOutDuty.EVERY, False, True),
        (OptOutDuty.FIRST, True, True),
        (OptOutDuty.FIRST, False, False),
        (OptOutDuty.NONE, True, False),
    ],
)
def test_when_the_opt_out_line_is_due(duty: OptOutDuty, *, first: bool, due: bool) -> None:
    assert ("opt_out_missing" in _missing("Acme: hello.", _context(opt_out=duty, first=first))) is due


def test_a_sender_without_replies_needs_another_way_out() -> None:
    context = _context(can_reply=False)
    assert _missing("Acme: bill due. Reply STOP to opt out.", context) == {"opt_out_missing"}
    assert _missing("Acme: bill due. Opt out at https://acme.example/out", context) == set()
    assert _missing("Acme: bill due. To unsubscribe call 800-555-0102.", context) == set()
    assert _missing("Acme: facture due. Se désabonner : acme.example/out", context) == set()


def test_the_disclosure_is_compared_by_words() -> None:
    context = _context(opt_out=OptOutDuty.NONE, disclosure=_DISCLOSURE)
    assert _missing(f"Acme: {_DISCLOSURE}", context) == set()
    assert _missing(f"Acme - {_DISCLOSURE.upper().replace(' ', '  ')}!", context) == set()
    assert _missing("Acme: this is an attempt to collect a debt.", context) == {"disclosure_missing"}


@pytest.mark.parametrize("purpose", [Purpose.OPT_IN_REQUEST, Purpose.OPT_IN_CONFIRMATION])
def test_an_opt_in_text_tells_what_one_agrees_to(purpose: Purpose) -> None:
    context = _context(purpose=purpose, program=("Account Alerts",), opt_out=OptOutDuty.NONE)
    everything = {"opt_out_missing", "program_missing", "frequency_missing", "help_missing", "rates_missing"}
    assert _missing("Acme: reply YES to get texts.", context) == everything
    for text in (
        "Acme Account Alerts: reply YES. Msg frequency varies. Msg&data rates may apply. HELP for help, STOP to end.",
        "Acme account alerts: you are in! 4 msgs/month. Std. msg & data rates apply. Reply HELP or STOP.",
        "Acme Account Alerts: up to 2 texts per week. Message and data rates may apply. Text HELP for info, STOP to quit.",
        "Acme Account Alerts: responda SI. Frecuencia varía. Pueden aplicarse tarifas. AYUDA para ayuda, ALTO para cancelar.",
        "Acme Account Alerts : répondez OUI. 2 messages par mois. Des frais de messagerie peuvent s'appliquer. "
        "AIDE pour aide, ARRET pour arrêter.",
    ):
        assert _missing(text, context) == set(), text


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (" Msg frequency varies.", "frequency_missing"),
        (" Msg&data rates may apply.", "rates_missing"),
        (" HELP for help.", "help_missing"),
        (" STOP to end.", "opt_out_missing"),
        (" Alerts", "program_missing"),
    ],
)
def test_each_part_is_missed_by_its_own_code(part: str, code: str) -> None:
    text = "Acme Alerts: reply YES. Msg frequency varies. Msg&data rates may apply. HELP for help. STOP to end."
    context = _context(purpose=Purpose.OPT_IN_REQUEST, program=("Acme Alerts",))
    assert _missing(text, context) == set()
    assert _missing(text.replace(part, "", 1), context) == {code}


def test_the_confirmation_of_an_opt_out_holds_nothing_else() -> None:
    context = _context(purpose=Purpose.OPT_OUT_CONFIRMATION, promotional_allowed=True)
    assert lint("Acme: you will get no more texts from us. Reply START to get them again.", context) == ()
    (finding,) = lint("Acme: you are opted out. Take 20% off your next bill online!", context)
    assert (finding.code, finding.level) == (ContentCode.PROMOTIONAL_CONFIRMATION, Level.REFUSE)


def _warned(text: str, context: ContentContext) -> list[ContentFinding]:
    return [finding for finding in lint(text, context) if finding.level is Level.WARN]


def test_selling_words_are_advised_against_where_the_category_does_not_sell() -> None:
    text = "Acme: pay today and get 20% off. STOP to end"
    (finding,) = _warned(text, _context())
    assert finding.code is ContentCode.PROMOTIONAL
    assert text[finding.start : finding.end] == "20% off"
    assert "servicing" in finding.why
    assert _warned(text, _context(promotional_allowed=True, category="marketing")) == []
    assert [f.code for f in _warned("Acme: oferta especial. STOP to end", _context())] == [ContentCode.PROMOTIONAL]
    assert [f.code for f in _warned("Acme : offre spéciale. STOP to end", _context())] == [ContentCode.PROMOTIONAL]


def test_the_characters_that_force_ucs2_are_named() -> None:
    text = "Acme: it’s due – STOP to end"
    quote, dash = _warned(text, _context(forced_by="’–"))
    assert text[quote.start : quote.end] == "’"
    assert "U+2019 RIGHT SINGLE QUOTATION MARK" in quote.why
    assert text[dash.start : dash.end] == "–"
    (unprintable,) = _warned("Acme\u200b: due. STOP to end", _context(forced_by="\u200b"))
    assert "U+200B ZERO WIDTH SPACE" in unprintable.why


def test_many_segments_are_advised_against() -> None:
    text = "Acme: due. STOP to end"
    assert _warned(text, _context(segments=2, max_segments=2)) == []
    (finding,) = _warned(text, _context(segments=3, max_segments=2))
    assert (finding.code, finding.start, finding.end) == (ContentCode.MANY_SEGMENTS, 0, len(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Acme: pay now!!! STOP to end", ContentCode.SHOUTING),
        ("Acme: save $$$ STOP to end", ContentCode.SHOUTING),
        ("Acme: really??? STOP to end", ContentCode.SHOUTING),
        ("Acme: YOUR BILL IS VERY LATE. STOP to end", ContentCode.CAPITALS),
        ("Acme: SU FACTURA ESTÁ LISTA HOY. STOP to end", ContentCode.CAPITALS),
    ],
)
def test_what_filters_take_for_spam_is_advised_against(text: str, code: ContentCode) -> None:
    assert [finding.code for finding in _warned(text, _context())] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "ACME POWER LLC: due $5.00! STOP to end",
        "Acme: Reply STOP, END, CANCEL, UNSUBSCRIBE or QUIT to opt out. Reply HELP for help.",
        "Acme: your ID is AB CD 12. It's $5! OK? STOP to end",
    ],
)
def test_names_and_keywords_are_no_shouting(text: str) -> None:
    assert _warned(text, _context(identity=("Acme Power LLC", "Acme"))) == []


def test_a_lawyer_may_approve_talk_of_legal_steps_and_nothing_else() -> None:
    text = "Acme: we will take legal action. Details: https://bit.ly/x"
    refused = {f.code for f in lint(text, _context()) if f.level is Level.REFUSE}
    assert refused == {ContentCode.THREAT, ContentCode.LINK_SHORTENER}
    refused = {f.code for f in lint(text, _context(legally_approved=True)) if f.level is Level.REFUSE}
    assert refused == {ContentCode.LINK_SHORTENER}
