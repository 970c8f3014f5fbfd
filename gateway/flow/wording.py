"""A text before it is judged: measured for its carrier, looked through, and with the opt-out line that it may need.

Owns: putting these together for one text. Does not own: the cutting (text), the rules on wording (rules/content), or what
becomes of the text (submit).
"""

from collections.abc import Sequence
from functools import lru_cache

from msgspec.structs import replace

from gateway.config import CarrierConfig, ProgramConfig
from gateway.flow.pdus import plan_for
from gateway.rules.charters import Charter
from gateway.rules.content.finding import ContentContext
from gateway.rules.content.judge import Lined, Wording, look_through
from gateway.rules.content.required import append_opt_out
from gateway.text.segment import Encoding, Plan, TooLong, Unencodable
from gateway.text.supplementary import without_supplementary
from gateway.text.transliterate import Replacement, Transliterated, transliterate


def word(
    text: str, charter: Charter, carrier: CarrierConfig, segments: int, forced_by: str | None, *, approved: bool
) -> Wording:
    """A text's findings, and the text with the opt-out line that it may turn out to need."""
    assert charter.context is not None
    context = _measured(charter.context, segments, forced_by, approved)
    findings, tells_opt_out = look_through(text, context)
    lined: Lined | None = None
    if not tells_opt_out and charter.line is not None:
        with_line = append_opt_out(text, charter.line)
        try:
            lined = Lined(with_line, *measure(plan_for(with_line, carrier)))
        except TooLong as error:
            lined = Lined(with_line, error.encoding, 0, error.segments)
        except Unencodable:
            lined = None  # the line, that is: the text could be encoded
    return Wording(text, context, findings, tells_opt_out, lined)


@lru_cache(maxsize=1024)
def _measured(context: ContentContext, segments: int, forced_by: str | None, approved: bool) -> ContentContext:
    """The same one for the texts of a campaign, so that it is told from others at a glance."""
    return replace(context, segments=segments, forced_by=forced_by, legally_approved=approved)


def spell(text: str, program: ProgramConfig, carrier: CarrierConfig) -> Transliterated:
    """The text as this program writes it and this carrier takes it. Raises Unencodable."""
    written = transliterate(text) if program.transliterate else Transliterated(text)
    # What was transliterated is GSM 03.38 by now: at most one of the two has something to say.
    return without_supplementary(text) if carrier.supplementary == "strip" and not written.replacements else written


def tell_replaced(replacements: Sequence[Replacement]) -> str | None:
    """The replacements, for the decision: a character as its code point, so that look-alikes are told apart."""
    return ", ".join(f"U+{ord(one.char):04X} at {one.position} by {one.replaced_by!r}" for one in replacements) or None


def measure(plan: Plan) -> tuple[Encoding, int, int, int]:
    """Encoding, units, how many PDUs, and how many segments the carrier charges for."""
    # What is queued are PDUs: a message_payload is one, however many segments the carrier makes of it.
    return plan.encoding, plan.units, len(plan.texts), plan.segments
