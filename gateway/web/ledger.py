"""The ledger over HTTP: a number's history, the evidence that somebody else can check, erasure, and checking it all.

Owns: the answers, the bundle's form, and how far a check came as it is handed back and forth. Does not own: the ledger (flow).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.config import ClientConfig
from gateway.errors import Code
from gateway.flow.invalid import Invalid
from gateway.model.clock import spell_instant
from gateway.model.ledger import Anchor, AuditPlace, Fault, LedgerEntry
from gateway.rules.chain import Link, frontier
from gateway.store.history import personal_part, public_part
from gateway.web.auth import Gate
from gateway.web.consent_views import ConsentView, EvidenceView, view_consents, view_evidence
from gateway.web.doors import Doors
from gateway.web.evidence import LONGEST_REASON, check_text
from gateway.web.http import Request, Response
from gateway.web.problem import Problem
from gateway.web.routes import Operation, Outcome
from gateway.web.wire import Body, check_query, read_number, reply, unacceptable

FORMAT: Final = "assent.consent-evidence.v1"
METHOD: Final = (
    "SHA-256 throughout; hex. commitment = H(salt + personal), says = H(commitment + public),"
    " hash = H(before + jumped + says). before is the hash of the entry numbered one less (32 zero bytes before the"
    " first), jumped that of the entry that the number jumps to: write the number as a sum of 1, 3, 7, 15, … taking the"
    " largest that fits each time, and subtract the last. Each link's hash is the head's, or stands in a link with a"
    " higher number. In public: number, the person's entry before it, instant in ms, client, program, category, state"
    " before, state after, what it erases."
)
_MOST_SHOWN = 100


class EntryView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change of a consent."""

    seq: int
    at: str
    program: str
    category: str
    was: str
    state: str
    cause: str
    account: str | None = None
    evidence: EvidenceView | None = None


class HistoryView(msgspec.Struct, frozen=True):
    """All changes of a number's consents, oldest first."""

    number: str
    entries: list[EntryView]


class ProvenEntryView(msgspec.Struct, frozen=True):
    """An entry as it was hashed."""

    seq: int
    at: str
    personal: str
    salt: str
    public: str


class LinkView(msgspec.Struct, frozen=True):
    """An entry on the way from the head, without what it says."""

    seq: int
    before: str
    jumped: str
    says: str


class HeadView(msgspec.Struct, frozen=True):
    """An entry and its hash."""

    seq: int
    hash: str


class AnchorView(msgspec.Struct, frozen=True):
    """Where the chain stood on a day."""

    day: str
    seq: int
    hash: str


class BundleView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What proves a number's history to somebody who has nothing but this and an anchor."""

    format: str
    client: str
    number: str
    exported_at: str
    consents: tuple[ConsentView, ...]
    entries: list[ProvenEntryView]
    head: HeadView
    links: list[LinkView]
    method: str
    anchor: AnchorView | None = None


class ErasureBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a number's records are to be erased."""

    reason: Annotated[
        str,
        Meta(
            description="for the record, without a word about the person",
            extra_json_schema={"minLength": 1, "maxLength": LONGEST_REASON},
        ),
    ]


class ErasedView(msgspec.Struct, frozen=True):
    """How many entries lost what was personal in them."""

    number: str
    erased: int


class CheckBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go on."""

    cursor: str | None = None
    """As the page before told it; none: from the beginning."""


class FindingView(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that is wrong."""

    fault: Fault
    seq: int
    detail: str
    client: str | None = None
    number: str | None = None


class CheckView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a page of a check found."""

    checked: int
    what: str
    """``entries`` or ``lines``."""
    findings: list[FindingView]
    found: int
    """How many there are; of many, the first are shown."""
    stopped: int
    """How many numbers get no texts because of what was found, here and before."""
    head: HeadView
    cursor: str | None = None


_ERASURE = Body(ErasureBody)
_CHECK = Body(CheckBody)
_encode_place = msgspec.msgpack.Encoder().encode
_decode_place = msgspec.msgpack.Decoder(AuditPlace).decode


class LedgerResource:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._ledger = doors.ledger

    async def history(self, request: Request, client: ClientConfig) -> Response:
        """All changes of a number's consents with this client."""
        number = read_number(request.params["number"], "path:number")
        entries = await self._ledger.history(client.id, number)
        return reply(HistoryView(number, [_view(entry) for entry in entries]))

    async def export(self, request: Request, client: ClientConfig) -> Response:
        """A number's history with what proves it."""
        return await self._export(request, client)

    async def export_any(self, request: Request) -> Response:
        """The same for an operator, who names the client."""
        check_query(request, "client")
        return await self._export(request, self._client(request.query.get("client", "")))

    async def erase(self, request: Request, client: ClientConfig) -> Response:
        """Erase what this client's records say of a number."""
        return await self._erase(request, [client.id])

    async def erase_everywhere(self, request: Request) -> Response:
        """Erase what all clients' records say of a number."""
        return await self._erase(request, [client.id for client in self._doors.config.clients])

    async def check(self, request: Request) -> Response:
        """Check the next page of the ledger."""
        place = _read_cursor(_CHECK.read(request).cursor)
        page, stopped = await self._ledger.check(place)
        found = [
            FindingView(finding.fault, finding.seq, finding.detail, finding.client, finding.number)
            for finding in page.findings[:_MOST_SHOWN]
        ]
        what = "entries" if place is None or place.line is None else "lines"
        cursor = None if page.following is None else urlsafe_b64encode(_encode_place(page.following)).decode()
        head = HeadView(page.head.seq, page.head.hash.hex())
        return reply(CheckView(page.checked, what, found, len(page.findings), stopped, head, cursor))

    async def _export(self, request: Request, client: ClientConfig) -> Response:
        number = read_number(request.params["number"], "path:number")
        # They are two looks at the store: what changes between them is looked at again, so that the bundle is of one piece.
        consents = await self._doors.consents.of(client, number)
        while True:
            bundle, anchor = await self._ledger.bundle(client.id, number)
            before, consents = consents, await self._doors.consents.of(client, number)
            if [one.event for one in before] == [one.event for one in consents]:
                break
        return reply(
            BundleView(
                FORMAT,
                client.id,
                number,
                spell_instant(self._doors.now()),
                view_consents(consents),
                [_prove(entry) for entry in bundle.entries],
                HeadView(bundle.head.seq, bundle.head.hash.hex()),
                [_link(link) for link in bundle.links],
                METHOD,
                None if anchor is None else _anchor(anchor),
            )
        )

    async def _erase(self, request: Request, clients: list[str]) -> Response:
        number = read_number(request.params["number"], "path:number")
        body = _ERASURE.read(request)
        faults: list[Invalid] = []
        check_text("reason", body.reason, LONGEST_REASON, faults)
        if number in body.reason:
            faults.append(Invalid(Code.REQUEST_INVALID, "reason", "it names the number", "leave the person out of it"))
        if faults:
            raise unacceptable(faults)
        return reply(ErasedView(number, await self._ledger.erase(clients, number, body.reason)))

    def _client(self, name: str) -> ClientConfig:
        client = self._doors.config.client(name)
        if client is None:
            known = ", ".join(client.id for client in self._doors.config.clients)
            raise Problem(
                422, Code.REQUEST_INVALID, "There is no such client.", field="query:client", fix=f"Use one of {known}."
            )
        return client


def _view(entry: LedgerEntry) -> EntryView:
    return EntryView(
        entry.seq,
        spell_instant(entry.at),
        entry.program,
        entry.category,
        entry.was,
        entry.state,
        entry.cause or "",
        entry.account,
        view_evidence(entry.evidence or b"null"),
    )


def _prove(entry: LedgerEntry) -> ProvenEntryView:
    salt = b"" if entry.salt is None else entry.salt
    return ProvenEntryView(
        entry.seq, spell_instant(entry.at), personal_part(entry).decode(), salt.hex(), public_part(entry).decode()
    )


def _link(link: Link) -> LinkView:
    return LinkView(link.seq, link.before.hex(), link.jumped.hex(), link.says.hex())


def _anchor(anchor: Anchor) -> AnchorView:
    return AnchorView(anchor.day, anchor.head.seq, anchor.head.hash.hex())


def _read_cursor(cursor: str | None) -> AuditPlace | None:
    if cursor is None:
        return None
    try:
        place = _decode_place(urlsafe_b64decode(cursor.encode("ascii")))
    except (msgspec.MsgspecError, Base64Error, ValueError):
        place = None
    if place is None or not _is_place(place):
        raise Problem(
            422, Code.REQUEST_INVALID, "It is no cursor of a check.", field="/cursor", fix="Begin without one."
        )
    return place


def _is_place(place: AuditPlace) -> bool:
    if place.line is not None:
        return -1 << 63 <= place.line < 1 << 62
    return 0 <= place.after < 1 << 62 and sorted(place.hashes) == frontier(place.after)


def ledger_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes of the public door."""
    ledger = LedgerResource(doors)
    unacceptable_number = (422, "The number is not valid.")
    return [
        Operation(
            "GET",
            "/v1/consents/{number}/history",
            gate.for_client(doors.keys, ledger.history),
            id="getConsentHistory",
            summary="All changes of a number's consents, with their evidence",
            outcomes=(Outcome(200, "The changes, oldest first.", HistoryView),),
            problems=(unacceptable_number,),
        ),
        Operation(
            "GET",
            "/v1/consents/{number}/export",
            gate.for_client(doors.keys, ledger.export),
            id="exportConsents",
            summary="A number's history with what proves it to somebody else",
            outcomes=(Outcome(200, "The bundle.", BundleView),),
            problems=(unacceptable_number,),
        ),
        Operation(
            "POST",
            "/v1/consents/{number}/erase",
            gate.for_client(doors.keys, ledger.erase),
            id="eraseConsents",
            summary="Erase what is recorded of a number; what stays is that it gets no texts",
            body=ErasureBody,
            example={"reason": "asked for it by letter"},
            outcomes=(Outcome(200, "How many entries it was erased from.", ErasedView),),
            problems=(
                (400, "The body is not what is expected; nothing was erased."),
                (415, "The body is not declared as JSON."),
                (422, "A value cannot be taken."),
            ),
        ),
    ]
