"""The rule of content: what the linter's findings mean for a text on its way.

Owns: which findings refuse a text, when an opt-out line is due, and the text with that line. Does not own: finding
(lint), the wording of the line (the program's), or which parts a pack requires (policy).

Looking a text through needs none of the facts, so it is done before the transaction that judges it; what depends on whom it
goes to is decided there.
"""

from collections.abc import Iterator

import msgspec

from gateway.errors import Code
from gateway.model.clock import DAY, spell_instant
from gateway.model.decision import Finding, Verdict
from gateway.rules.content.finding import ContentCode, ContentContext, ContentFinding, Level
from gateway.rules.content.lint import lint
from gateway.rules.packs import Requirement

_RULE = "content"
_REQUIREMENTS = {
    ContentCode.IDENTITY_MISSING: Requirement.IDENTITY,
    ContentCode.DISCLOSURE_MISSING: Requirement.DISCLOSURE,
}
_FITS = (Finding(_RULE, Verdict.ALLOW, detail="nothing found"),)
_NO_DISCLOSURE = Finding(
    _RULE,
    Verdict.REFUSE,
    Code.CONTENT_DISCLOSURE_MISSING,
    "a disclosure is required, and the program has none: set its disclosure (clients.toml)",
)
_LINE = "opt_out_line"
_NOT_ASKED = Finding(_LINE, Verdict.ALLOW, detail="no pack asks for it")
_SAID = Finding(_LINE, Verdict.ALLOW, detail="the text says how to opt out")
_ADDED = Finding(_LINE, Verdict.ALLOW, detail="the program's line was added")


class Lined(msgspec.Struct, frozen=True, gc=False):
    """A text with its opt-out line, as measured."""

    text: str
    encoding: str
    units: int
    segments: int
    charged: int = 0


class Wording(msgspec.Struct, frozen=True):
    """A text as it was looked through before it was known whom it goes to."""

    text: str
    context: ContentContext
    findings: tuple[ContentFinding, ...]
    tells_opt_out: bool
    lined: Lined | None = None
    """With the opt-out line, where it has none and a pack may ask for it."""


def look_through(text: str, context: ContentContext) -> tuple[tuple[ContentFinding, ...], bool]:
    """The findings on a text, and whether it says how to opt out."""
    findings = lint(text, context)
    return findings, not any(finding.code is ContentCode.OPT_OUT_MISSING for finding in findings)


def is_line_due(at: int, told_at: int | None, days: int | None) -> bool:
    """Whether a text has to say how to opt out: ``days`` after one that did, or in each where that is 0; None: never."""
    return days is not None and (days == 0 or told_at is None or at - told_at >= days * DAY)


def judge_line(wording: Wording, *, due: bool, told_at: int | None) -> Finding:
    """Whether the text says how to opt out where that is due, with the line that is added if need be."""
    if wording.tells_opt_out:
        return _SAID
    if due:
        if wording.lined is not None:
            return _ADDED
        return Finding(
            _LINE,
            Verdict.REFUSE,
            Code.CONTENT_OPT_OUT_MISSING,
            "the text does not say how to get no more of them, and the program has no line for its sender: set its"
            " opt_out_line (clients.toml)",
        )
    return _NOT_ASKED if told_at is None else Finding(_LINE, Verdict.ALLOW, detail=f"said at {spell_instant(told_at)}")


def judge_content(
    wording: Wording, requirements: frozenset[Requirement], *, party_known: bool = True
) -> tuple[Finding, ...]:
    """What refuses the text, each by itself; else what is advised against, or that nothing is."""
    findings = wording.findings
    if not party_known:
        # A debt is spoken of to the right party alone, so this look has to wait for the facts.
        findings, _ = look_through(wording.text, msgspec.structs.replace(wording.context, party_known=False))
    if not findings and not requirements:
        return _FITS
    told = tuple(_tell(findings, requirements))
    if Requirement.DISCLOSURE in requirements and not wording.context.disclosure:
        told = (*told, _NO_DISCLOSURE)
    refused = tuple(finding for finding in told if finding.verdict is Verdict.REFUSE)
    return refused or told or _FITS


def judge_debts(text: str, context: ContentContext) -> tuple[Finding, ...]:
    """What refuses a text because it speaks of a debt to somebody who may not hear of it."""
    findings, _ = look_through(text, msgspec.structs.replace(context, party_known=False))
    return tuple(_tell(tuple(one for one in findings if one.code is ContentCode.DEBT_DISCLOSED), frozenset()))


def _tell(findings: tuple[ContentFinding, ...], requirements: frozenset[Requirement]) -> Iterator[Finding]:
    for finding in findings:
        if finding.code is ContentCode.OPT_OUT_MISSING:
            continue  # judge_line
        if finding.level is Level.REQUIRE and _REQUIREMENTS.get(finding.code) not in requirements:
            continue
        verdict = Verdict.ALLOW if finding.level is Level.WARN else Verdict.REFUSE
        place = "" if finding.start == finding.end else f" (at {finding.start} to {finding.end})"
        yield Finding(_RULE, verdict, Code(str(finding.code)), f"{finding.why}{place}: {finding.fix}")
