"""The linter as a whole: any text, any order, and the way back from the plain spelling."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rules.content.finding import ContentCode, ContentContext, Level
from gateway.rules.content.lint import lint
from gateway.rules.content.reading import read
from gateway.rules.content.wording import Wordings, phrase

CONTEXTS = tuple(
    ContentContext(category="servicing", identity=("Acme",), party_known=known, disclosure="A debt.")
    for known in (True, False)
)
_PIECES = (
    "Acme: ", "legal action ", "arr\u200best ", "bit", ".", " . ", "ly", "/x ", "https://", "@", "4111 1111 1111 1111 ",
    "reply ", "STOP ", "to ", "cancel ", "your plan ", "card number ", "not ", "never ", "é", "ß", "ﬁ", "…", "１", "😀", "\u0301",
    "s h 1 t ", "f*** ", "$5 ", "20% off ", "!!! ", "\n", "\ud800", "xn--", "%2e", "  ", "\t", "İ", "а", "(", "[.]", "debt ",
)  # fmt: skip


def test_the_heaviest_come_first_and_then_the_place() -> None:
    found = lint("pay now!!! or go to bit.ly/x and we will sue. 20% off at evil.com", CONTEXTS[0])
    levels = [finding.level for finding in found]
    assert levels == sorted(levels, key=list(Level).index)
    assert [finding.code for finding in found] == [
        ContentCode.LINK_SHORTENER,
        ContentCode.THREAT,
        ContentCode.IDENTITY_MISSING,
        ContentCode.DISCLOSURE_MISSING,
        ContentCode.OPT_OUT_MISSING,
        ContentCode.SHOUTING,
        ContentCode.PROMOTIONAL,
        ContentCode.LINK_UNREGISTERED,
    ]


@settings(max_examples=300)
@given(st.one_of(st.text(), st.lists(st.sampled_from(_PIECES), max_size=40).map("".join)), st.sampled_from(CONTEXTS))
def test_any_text_is_judged_within_its_bounds(text: str, context: ContentContext) -> None:
    found = lint(text, context)
    assert found == lint(text, context)
    assert len(set(found)) == len(found)
    for finding in found:
        assert 0 <= finding.start <= finding.end <= len(text)
        assert (finding.start < finding.end) is (finding.level is not Level.REQUIRE)


@pytest.mark.parametrize(
    "piece",
    [
        "legal ",
        "arrest ",
        "stop ",
        "reply stop to ",
        "4 ",
        "1",
        "4111 ",
        "a.",
        "a-",
        "http://",
        "bit . ",
        "a ",
        "\u200b",
        "аb1",
        "д",
        "not take ",
        "AAA ",
        "$",
        "x dot ",
        "reply card number ",
        "payment x y z is ",
        "gb82 west ",
        "f*",
        "(",
        "frais ",
        "acct number ",
        "😀",
        "a@",
        "https://xn--a",
        "account 12345678 ",
        "-",
        "\n",
        "aa.co ",
        " ",
        ".",
        "1-",
        '"',
        "with the ",
        "e\u0301",
    ],
)
def test_a_hostile_text_is_judged_too(piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    for context in CONTEXTS:
        assert {finding.code for finding in lint(text, context)} >= {ContentCode.IDENTITY_MISSING}


@given(st.one_of(st.text(), st.lists(st.sampled_from(_PIECES), max_size=20).map("".join)))
def test_every_place_in_the_plain_text_leads_back(text: str) -> None:
    for reading in (read(text), read(text).joined()):
        if reading is None:
            continue
        places = [reading.span(at, at + 1) for at in range(len(reading.plain))]
        assert places == sorted(places)
        for char, (start, end) in zip(reading.plain, places, strict=True):
            assert end == start + 1
            # The character that a place leads to is the one it was made of, but for figures that stood for letters.
            assert char in read(text[start:end]).plain or reading.plain != read(text).plain
        assert reading.span(len(reading.plain), len(reading.plain)) == (len(text), len(text))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ＢＩＴ．ＬＹ", "bit.ly"),
        ("b\u0456t.l\u0443", "bit.ly"),
        ("Á É Í ñ ç", "a e i n c"),
        ("e\u0301", "e"),
        ("\u200bS\u00adTOP\ufeff", "stop"),
        ("𝐒𝐓𝐎𝐏 Ⓢⓣⓞⓟ 🅂🅃🄾🄿 🆂🆃🅾🅿", "stop stop stop stop"),
        ("ꜱᴛᴏᴘ", "stop"),
        ("СТОР", "ctop"),
        ("٤٢ ４２", "42 42"),
        ("a\u00a0b\u3000c\td", "a b c d"),
        ("a    b", "a b"),
        ("‘it’s’ “x” – y…", "'it's' \"x\" - y..."),
        ("ﬁne Straße", "fine strasse"),
        ("日本 😀", "日本 😀"),
    ],
)
def test_the_plain_spelling(text: str, plain: str) -> None:
    assert read(text).plain == plain


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("a r r e s t you", "arrest you"),
        ("a.r.r.e.s.t", "arrest"),
        ("this is bullsh1t", "this is bullshit"),
        ("arr3st", "arrest"),
        ("b!tch", "bitch"),
    ],
)
def test_the_joined_spelling(text: str, joined: str) -> None:
    reading = read(text).joined()
    assert reading is not None
    assert reading.plain == joined


@pytest.mark.parametrize("text", ["pay $35 by 3/1", "see https://a.example/b/8x2k", "1st, 2nd, 3rd", "plan B or C", ""])
def test_what_has_no_disguise_has_no_joined_spelling(text: str) -> None:
    assert read(text).joined() is None


def test_the_notation_of_phrases() -> None:
    found = phrase("take (W ){0,2}legal (action|steps)")
    assert found.search("we take legal action")
    assert found.search('we take "swift" legal-steps')
    assert found.search("we take up to $5.00 legal action") is None
    assert found.search("we take it. legal action") is None
    assert found.search("we mistake legal action") is None
    assert phrase("name~and address").search("name, and address")


def test_a_phrase_is_looked_for_by_its_words_only_and_can_be_denied() -> None:
    table = Wordings({"sue sued": "(sue|sued) you"}, unless=phrase("never"))
    reading = read("We sued you.")
    assert list(table.find(reading, frozenset({"sued"}))) == [(3, 11)]
    assert list(table.find(reading, frozenset({"we", "you"}))) == []
    twice = read("never, said we sue you, and then: we sue you")
    assert list(table.find(twice, frozenset({"sue"}))) == []
    assert list(Wordings({"sue": "sue you"}).find(twice, frozenset({"sue"}))) == [(15, 22)]
    assert list(Wordings({"sue": "sue you"}).places(twice, frozenset({"sue"}))) == [(15, 22), (37, 44)]
