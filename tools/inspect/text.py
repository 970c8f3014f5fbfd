"""``assent inspect text``: how a text would be encoded and cut, as a program sees it.

Owns: the shape of the record and of the answer. Does not own: any rule about texts (gateway.text).
"""

from gateway.text.segment import MAX_PARTS, TooLong, Unencodable, segment


def inspect(record: dict[str, object]) -> dict[str, object]:
    """One answer for one record ``{"text", "reference"?, "reference_bits"?}``.

    The hex of a part is its short_message, with the header where the text is concatenated."""
    text = record.get("text")
    reference = record.get("reference", 0)
    bits = record.get("reference_bits", 8)
    if not isinstance(text, str):
        return _wrong("request.invalid", "text must be a string" if "text" in record else "text is missing")
    if isinstance(bits, bool) or not isinstance(bits, int) or bits not in (8, 16):
        return _wrong("request.invalid", "reference_bits must be 8 or 16")
    highest = (1 << bits) - 1
    if isinstance(reference, bool) or not isinstance(reference, int) or not 0 <= reference <= highest:
        return _wrong("request.invalid", f"reference must be a whole number from 0 to {highest}")
    try:
        found = segment(text, reference=reference, reference_bits=16 if bits == 16 else 8)
    except TooLong as error:
        return _wrong("content.too_long", f"text needs {error.segments} or more segments; {MAX_PARTS} can be numbered")
    except Unencodable as error:
        return _wrong(
            "content.unencodable", f"text cannot be sent: U+{ord(error.char):04X} at position {error.position}"
        )
    return {
        "encoding": found.encoding.value,
        "segments": found.segments,
        "units": found.units,
        "parts": [{"text": part.text, "hex": part.payload.hex()} for part in found.parts],
        "forced_by": found.forced_by,
    }


def _wrong(code: str, detail: str) -> dict[str, object]:
    return {"ok": False, "error": code, "detail": detail}
