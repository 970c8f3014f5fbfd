"""Consents as requests express them, with the evidence that proves them.

Owns: the bodies of requests, and which evidence is acceptable (47 CFR 64.1200(f)(9): who agreed to what, when and how).
Does not own: who may grant and revoke what (flow), nor the answers (consents).
"""

import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from gateway.errors import Code
from gateway.flow.consent import Grant
from gateway.flow.invalid import Invalid
from gateway.model.consent import Evidence
from gateway.web.wire import MOST_ITEMS, read_time

LONGEST: Final = {"medium": 100, "wording": 5000, "source": 500}
"""Characters of each part of the evidence."""

LONGEST_REASON: Final = 200
LONGEST_ACCOUNT: Final = 200

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _text(description: str, most: int) -> Meta:
    return Meta(description=description, extra_json_schema={"minLength": 1, "maxLength": most})


class EvidenceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What proves a consent. It is kept as it is given."""

    obtained_at: Annotated[
        str,
        Meta(description="when the person agreed, RFC 3339 with its zone", extra_json_schema={"format": "date-time"}),
    ]
    medium: Annotated[str, _text("how: web form, paper, call, text", LONGEST["medium"])]
    wording: Annotated[str, _text("what the person was shown or told", LONGEST["wording"])]
    source: Annotated[str, _text("who took it: the system, the agent or the document", LONGEST["source"])]
    document: Annotated[
        str | None,
        Meta(
            description="the SHA-256 of the document that shows it, in hexadecimal",
            extra_json_schema={"pattern": "^[0-9a-f]{64}$"},
        ),
    ] = None


class ConsentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A consent that the client holds."""

    program: Annotated[str, Meta(description="the id of one of the client's programs")]
    category: Annotated[str, Meta(description="one of the program's categories")]
    evidence: EvidenceBody


class ConsentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A consent in a batch."""

    number: Annotated[str, Meta(description='the consumer\'s number in E.164, such as "+12025550123"')]
    program: Annotated[str, Meta(description="the id of one of the client's programs")]
    category: Annotated[str, Meta(description="one of the program's categories")]
    evidence: EvidenceBody


class ConsentBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Consents that the client holds; each is recorded or refused by itself."""

    consents: Annotated[
        list[ConsentItem],
        Meta(description="1 to 1,000 consents", extra_json_schema={"minItems": 1, "maxItems": MOST_ITEMS}),
    ]


class RevocationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the consumer no longer wants."""

    reason: Annotated[str, _text("how it came to be known, for the record", LONGEST_REASON)]
    channel: Annotated[
        Literal["agent"] | None,
        Meta(
            description="agent: a person was told; then the consumer gets one last text by the program, within minutes and"
            " its hours or not at all, if a consent of the program stood and all of it ends"
        ),
    ] = None
    program: Annotated[str | None, Meta(description="the id of a program; all of the client's where absent")] = None
    category: Annotated[str | None, Meta(description="a category; all where absent")] = None
    account: Annotated[
        str | None,
        Meta(
            description="the texts about one account alone, in the client's words; of all of them where absent",
            extra_json_schema={"minLength": 1, "maxLength": LONGEST_ACCOUNT},
        ),
    ] = None


def read_grant(number: str, body: ConsentBody | ConsentItem) -> Grant | list[Invalid]:
    """The grant that a body expresses, or everything that is unacceptable about its evidence."""
    faults: list[Invalid] = []
    given = body.evidence
    obtained_at = read_time("evidence/obtained_at", given.obtained_at, faults)
    check_text("evidence/medium", given.medium, LONGEST["medium"], faults)
    check_text("evidence/wording", given.wording, LONGEST["wording"], faults, lines=True)
    check_text("evidence/source", given.source, LONGEST["source"], faults)
    if given.document is not None and not _DIGEST.fullmatch(given.document):
        fix = "write 64 digits, small letters among them, as sha256sum does"
        faults.append(Invalid(Code.EVIDENCE_INVALID, "evidence/document", "is no SHA-256 in hexadecimal", fix))
    if obtained_at is None or faults:
        return [Invalid(Code.EVIDENCE_INVALID, fault.field, fault.detail, fault.fix) for fault in faults]
    evidence = Evidence(obtained_at, given.medium, given.wording, given.source, given.document)
    return Grant(number, body.program, body.category, evidence)


def check_text(field: str, text: str, most: int, faults: list[Invalid], *, lines: bool = False) -> None:
    """Add to ``faults`` what is wrong with words that are kept for the record; ``lines``: there may be several."""
    detail, fix = "", ""
    if not text.strip():
        detail, fix = "it is empty", "say it in words"
    elif len(text) > most:
        detail, fix = f"{len(text)} characters are more than {most}", "shorten it, or refer to a document"
    elif not text.isprintable() and (_CONTROL_BUT_LINES if lines else _CONTROL).search(text):
        detail, fix = "it holds a control character", "remove it"
    if detail:
        faults.append(Invalid(Code.REQUEST_INVALID, field, detail, fix))
