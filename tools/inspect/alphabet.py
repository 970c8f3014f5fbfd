"""``assent inspect alphabet``: whether a carrier means by data_coding 0 what its profile says.

Owns: the text that shows it, and the look at what a handset made of it. Does not own: the alphabets (gateway.text).

The text has each character once that the alphabet shares with GSM 03.38, in the order of that table: the 128 of the basic one and
the 10 of its extension, but for the escape and for what cannot be seen (line feed, carriage return, form feed). It fits one
segment. Submit it to a handset of one's own, and write down what is shown; or send it from there, and take what came.
"""

from gateway.text import gsm7
from gateway.text.alphabet import Alphabet
from gateway.text.segment import segment

_UNSEEN = "\n\r\f"
_BASIC = gsm7.BASIC[: gsm7.ESC] + gsm7.BASIC[gsm7.ESC + 1 :]
_ALL = [char for char in (*_BASIC, *gsm7.EXTENSION.values()) if char not in _UNSEEN]
_CODECS = {Alphabet.LATIN1: "latin-1", Alphabet.ASCII: "ascii"}


def inspect(record: dict[str, object]) -> dict[str, object]:
    """One answer for one record ``{"alphabet"?, "shown"?}``: the text with its octets, and what of it was shown otherwise."""
    name = record.get("alphabet", str(Alphabet.GSM7))
    if not isinstance(name, str) or name not in list(Alphabet):
        return _wrong(f"alphabet must be one of {', '.join(Alphabet)}")
    alphabet = Alphabet(name)
    shown = record.get("shown")
    if shown is not None and not isinstance(shown, str):
        return _wrong("shown must be a string")
    text = certification_text(alphabet)
    (part,) = segment(text, alphabet=alphabet).parts
    answer: dict[str, object] = {"text": text, "characters": len(text), "hex": part.payload.hex()}
    if shown is None:
        return answer
    return answer | {
        "matches": shown == text,
        "differences": [
            {"sent": sent, "shown": seen, "position": place}
            for place, (sent, seen) in enumerate(zip(text, shown.ljust(len(text)), strict=False))
            if sent != seen
        ],
        "missing": max(0, len(text) - len(shown)),
        "read_as": [] if shown == text else [str(other) for other in Alphabet if read_as(part.payload, other) == shown],
    }


def certification_text(alphabet: Alphabet) -> str:
    """Each character that the alphabet and GSM 03.38 have both."""
    codec = _CODECS.get(alphabet)
    return "".join(char for char in _ALL if codec is None or char.encode(codec, "ignore"))


def read_as(octets: bytes, alphabet: Alphabet) -> str:
    """What a handset shows if this alphabet is meant; not as forgiving as the gateway is of what comes in."""
    match alphabet:
        case Alphabet.GSM7:
            return gsm7.decode(octets)
        case Alphabet.GSM7_PACKED:
            return gsm7.decode(gsm7.unpack(octets))
        case _:
            return octets.decode(_CODECS[alphabet], "replace")


def _wrong(detail: str) -> dict[str, object]:
    return {"ok": False, "error": "request.invalid", "detail": detail}
