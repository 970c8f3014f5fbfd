"""The MO road: what carriers hand us, on disk with all that it changes before it is answered.

Owns: telling receipts from texts, joining and classifying texts, and what a core word sets off. Does not own: the words
(rules), the transaction (store), the wire (carrier).

A link's reader puts requests into a bounded channel without waiting; a full one is answered "later" at once. One task a link
takes what is there as a batch: all receipts in one commit, all texts in one. Only then come the responses; what could
not be written is answered ESME_RX_T_APPN, and the carrier brings it again.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec
import trio

from gateway.carrier.link import Link
from gateway.config import CarrierConfig, ClientConfig, Config, ProgramConfig
from gateway.errors import Transient
from gateway.flow.optouts import OptOuts
from gateway.flow.receipts import is_receipt, receipt_news
from gateway.flow.submit import Submit
from gateway.metrics import Metrics
from gateway.model.address import InvalidNumber, Number, parse_number
from gateway.model.clock import MINUTE
from gateway.model.hold import HoldReason, Opening
from gateway.model.ids import IdSource, InboundId, ReviewId
from gateway.model.inbound import Heard, Inbound, InboundEffect, Part, Reading, ReplyKind, SignalName
from gateway.rules.dialogs import context_of
from gateway.rules.holds import hold_reasons, review_due
from gateway.rules.keywords import Context, Reply, classify
from gateway.smpp import const
from gateway.smpp.pdu import DataSm, DataSmResp, DeliverSm, DeliverSmResp, Request
from gateway.store.accept import Acceptance
from gateway.store.base import Store
from gateway.store.dialogs import Asked, Asker, Repeat
from gateway.store.inbound import Reception
from gateway.text.alphabet import Alphabet
from gateway.text.reassembly import Joined, ReceivedPart, join, receive

_log = logging.getLogger("gateway.flow")

_WAITING_REQUESTS = 2000
_BATCH = 500
_FLUSH_SECONDS = 1.0
PARTS_TIMEOUT = 5 * MINUTE
"""How long a text waits for its missing parts."""

NO_DIALOGS: Final[Mapping[Asker, Asked]] = MappingProxyType({})

_UDHI = 0x40
_encode_part = msgspec.msgpack.Encoder().encode
_decode_part = msgspec.msgpack.Decoder(ReceivedPart).decode

Mobile = DeliverSm | DataSm


class InboundRoad:
    """What comes in over all links."""

    def __init__(
        self,
        config: Config,
        store: Store,
        submit: Submit,
        optouts: OptOuts,
        ids: IdSource,
        metrics: Metrics,
        now: Callable[[], int],
        links: Callable[[], Iterable[Link]],
    ) -> None:
        self._config = config
        self._store = store
        self._submit = submit
        self._optouts = optouts
        self._ids = ids
        self._metrics = metrics
        self._now = now
        self._links = links
        self._queues: dict[str, tuple[trio.MemorySendChannel[Mobile], trio.MemoryReceiveChannel[Mobile]]] = {}

    def asked(self, link: Link, requests: Sequence[Request]) -> None:
        """Take requests without waiting, or have the carrier bring them again later."""
        send, _ = self._queue(link)
        for request in requests:
            if not isinstance(request, DeliverSm | DataSm):
                continue  # alert_notification and outbind have no answer and nothing to keep
            try:
                send.send_nowait(request)
            except trio.WouldBlock:
                _answer(link, request, const.ESME_RX_T_APPN)

    def ended(self, link: Link) -> None:
        """The link is gone; what it brought and we did not take yet, the carrier brings again."""
        self._queues.pop(link.id, None)

    def _queue(self, link: Link) -> tuple[trio.MemorySendChannel[Mobile], trio.MemoryReceiveChannel[Mobile]]:
        # The first texts can come in the same read as the answer to the bind, before anybody serves the link.
        queue = self._queues.get(link.id)
        if queue is None:
            queue = self._queues[link.id] = trio.open_memory_channel[Mobile](_WAITING_REQUESTS)
        return queue

    async def serve(self, link: Link) -> None:
        """Take in a link's requests while it is bound."""
        _, waiting = self._queue(link)
        async for first in waiting:
            batch = [first]
            while len(batch) < _BATCH:
                try:
                    batch.append(waiting.receive_nowait())
                except trio.WouldBlock:
                    break
            # What was taken from the channel is answered, whoever stops us.
            with trio.CancelScope(shield=True):
                await self._take(link, batch)

    async def _take(self, link: Link, batch: Sequence[Mobile]) -> None:
        receipts = [request for request in batch if is_receipt(request)]
        texts = [request for request in batch if not is_receipt(request)]
        if receipts:
            await self._take_receipts(link, receipts)
        if texts:
            await self._take_texts(link, texts)
        link.flush()

    async def _take_receipts(self, link: Link, requests: Sequence[Mobile]) -> None:
        carrier = self._carrier(link)
        now = self._now()
        news = [receipt_news(request, carrier, link.bind, now) for request in requests]
        try:
            matched = await self._store.receive_receipts(news)
        except Transient as error:
            _log.warning("%s: %d receipts put off: %s", link.bind, len(requests), error.code)
            _answer_all(link, requests, const.ESME_RX_T_APPN)
            return
        for (state, known), count in Counter(
            (told.state, known) for told, known in zip(news, matched, strict=True)
        ).items():
            outcome = "matched" if known else "parked"
            self._metrics.receipts.of(carrier.name, state.value if state else "intermediate", outcome).inc(count)
        if conflicts := sum(told.conflict for told in news):
            _log.warning(
                "%s: %d receipts say one thing in their text, another in their parameters", link.bind, conflicts
            )
        for told, known in zip(news, matched, strict=True):
            if told.opted_out and known and (number := _consumer(told.number, carrier)) is not None:
                self._optouts.note(number, self._clients_of(carrier))
        _answer_all(link, requests, const.ESME_ROK)

    async def _take_texts(self, link: Link, requests: Sequence[Mobile]) -> None:
        carrier = self._carrier(link)
        now = self._now()
        try:
            texts = [await self._joined(carrier, request, now) for request in requests]
            asked = await self._store.asked_dialogs([*self._askers(carrier, requests)], now)
            if link.closed is not None:
                # Nobody is there to be answered, and the carrier may have brought it again over another link already.
                return
            # From here to the post nothing is awaited: which links live is looked at as the texts go to the store.
            receptions = [
                reception
                for request, text in zip(requests, texts, strict=True)
                if text is not None
                for reception in self._receptions_of(link, carrier, request, asked, *text)
            ]
            fresh = await self._store.receive_inbound(receptions)
        except Transient as error:
            _log.warning("%s: %d texts put off: %s", link.bind, len(requests), error.code)
            _answer_all(link, requests, const.ESME_RX_T_APPN)
            return
        stopped = self._note(receptions)
        for reception, new in zip(receptions, fresh, strict=True):
            kind = reception.effect.inbound.kind.value if new else "redelivered"
            self._metrics.inbound.of(carrier.name, kind).inc()
        if stopped:
            await self._flush_others()
        _answer_all(link, requests, const.ESME_ROK)

    def _note(self, receptions: Iterable[Reception]) -> bool:
        """Tell the dispatchers of opt-outs and holds that are on disk now, in the same step."""
        noted = False
        for reception in receptions:
            effect = reception.effect
            if effect.number is None:
                continue
            if effect.opt_out:
                self._optouts.note(effect.number, effect.opt_out)
                noted = True
            if effect.openings:
                self._optouts.note_hold(effect.number, [opening.client for opening in effect.openings])
                noted = True
        return noted

    async def _flush_others(self) -> None:
        # A submit_sm that another link still holds must not leave after the carrier reads that the STOP is taken.
        with trio.move_on_after(_FLUSH_SECONDS):
            for link in self._links():
                await link.flushed()

    async def _joined(self, carrier: CarrierConfig, request: Mobile, now: int) -> tuple[Joined, Part | None] | None:
        """The text that this request makes whole, with the part that is kept of it; None while others are missing."""
        part = _part(request, now)
        kept: Part | None = None
        parts = [part]
        if part.total > 1:
            key = part.key(carrier.name, request.source_addr, request.destination_addr)
            kept = Part(
                key.carrier,
                key.source,
                key.destination,
                key.reference,
                key.total,
                part.sequence,
                _encode_part(msgspec.structs.replace(part, at=0)),  # the same part is the same, whenever it comes
                now,
            )
            (stored,) = await self._store.store_parts([kept])
            if not stored:
                return None  # its text was whole before
            parts = [_kept_part(one) for one in stored]
        joined = join(parts, Alphabet(carrier.alphabet), now=now, timeout=PARTS_TIMEOUT)
        return None if joined is None else (joined, kept)

    def _askers(self, carrier: CarrierConfig, requests: Iterable[Mobile]) -> Iterator[Asker]:
        """Whose dialogs the texts may answer."""
        for request in requests:
            number = _consumer(request.source_addr, carrier)
            found = self._program_of(carrier, request.destination_addr)
            if number is not None and found is not None:
                yield Asker(number, found[0].id, found[1].id)

    def _program_of(self, carrier: CarrierConfig, destination: str) -> tuple[ClientConfig, ProgramConfig] | None:
        """Whose sender a consumer wrote to."""
        exact = self._config.program_of(carrier.name, destination)
        return exact or self._config.program_of(carrier.name, f"+{destination}")

    def _receptions_of(
        self,
        link: Link,
        carrier: CarrierConfig,
        request: Mobile,
        asked: Mapping[Asker, Asked],
        joined: Joined,
        kept: Part | None,
    ) -> list[Reception]:
        fingerprint = _fingerprint(carrier.name, request)
        return self.receptions(
            carrier, request.source_addr, request.destination_addr, joined, kept, fingerprint, link.id, asked
        )

    def receptions(
        self,
        carrier: CarrierConfig,
        source: str,
        destination: str,
        joined: Joined,
        kept: Part | None,
        fingerprint: bytes,
        link_id: str,
        asked: Mapping[Asker, Asked] = NO_DIALOGS,
    ) -> list[Reception]:
        """A joined text, and before it what its conflicting parts left over, each with what it changes."""
        alphabet = Alphabet(carrier.alphabet)
        leftovers = [
            join([msgspec.structs.replace(part, total=1, sequence=1)], alphabet, now=part.at, timeout=0)
            for part in joined.left_out
        ]
        texts = [left.text for left in leftovers if left is not None] + [joined.text]
        return [
            self._reception(
                carrier,
                source,
                destination,
                text,
                kept if text is texts[-1] else None,
                fingerprint + bytes([index]),
                link_id,
                asked,
                complete=not joined.missing and text is texts[-1],
            )
            for index, text in enumerate(texts)
        ]

    def _reception(
        self,
        carrier: CarrierConfig,
        source: str,
        destination: str,
        text: str,
        kept: Part | None,
        fingerprint: bytes,
        link_id: str,
        asked: Mapping[Asker, Asked],
        *,
        complete: bool,
    ) -> Reception:
        number = _consumer(source, carrier)
        found = self._program_of(carrier, destination)
        dialog = asked.get(Asker(number, found[0].id, found[1].id)) if found and number is not None else None
        reply = classify(text, self._context(destination, found, dialog))
        kind = ReplyKind(reply.kind)
        inbound = Inbound(
            InboundId(self._ids.next(self._now())),
            carrier.name,
            found[0].id if found else None,
            found[1].id if found else None,
            number or source,
            destination,
            text,
            kind,
            self._now(),
            kept.total if kept is not None else 1,
            complete,
            fingerprint,
            link_id,
            _reading(reply),
        )
        # Whose texts end: the client that the consumer answered; all of the carrier's where that cannot be told.
        clients = [found[0].id] if found else self._clients_of(carrier)
        reasons = hold_reasons(reply)
        # Who has somebody else's number asked for nothing, and nobody else's consent is theirs.
        opt_out = tuple(clients) if kind is ReplyKind.OPT_OUT or HoldReason.WRONG_PARTY in reasons else ()
        # A text of which parts are missing is enough to obey an opt-out, never to believe an opt-in.
        opt_in = tuple(clients) if kind is ReplyKind.OPT_IN and complete and found else ()
        openings = tuple(self._openings(reasons, clients)) if number is not None else ()
        answer = self._reply(carrier, found, number, kind) if found and number is not None else None
        living = frozenset(link.id for link in self._links() if link.closed is None)
        effect = InboundEffect(inbound, opt_out, opt_in, number, tuple(clients), openings)
        repeat = self._repeat(carrier, found, dialog) if found and kind is ReplyKind.NONE and complete else None
        return Reception(effect, kept, answer, living, repeat)

    def _context(
        self, destination: str, found: tuple[ClientConfig, ProgramConfig] | None, dialog: Asked | None
    ) -> Context:
        own = (destination,) if found is None else (destination, found[1].sender)
        return Context(own_numbers=own, dialog=None if dialog is None else context_of(dialog.name, dialog.choices))

    def _repeat(
        self, carrier: CarrierConfig, found: tuple[ClientConfig, ProgramConfig], dialog: Asked | None
    ) -> Repeat | None:
        """The question once more, ready to go, should the text be no answer to it."""
        if dialog is None:
            return None
        client, program = found
        prepared = self._submit.prepare_reply(client.id, program, dialog.number, dialog.again, carrier.name)
        if prepared is None:
            return None
        return Repeat(dialog.message_id, self._submit.acceptance(client.id, [prepared], self._now()))

    def _openings(self, reasons: tuple[HoldReason, ...], clients: Iterable[str]) -> Iterator[Opening]:
        """A review with each client whose texts the number is held for."""
        if not reasons:
            return
        now = self._now()
        for client in clients:
            yield Opening(ReviewId(self._ids.next(now)), client, reasons, review_due(now))

    def _reply(
        self, carrier: CarrierConfig, found: tuple[ClientConfig, ProgramConfig], number: Number, kind: ReplyKind
    ) -> Acceptance | None:
        client, program = found
        if carrier.stop_handled_by == "carrier" and kind in (ReplyKind.OPT_OUT, ReplyKind.OPT_IN):
            return None
        text = {
            ReplyKind.OPT_OUT: program.stop_confirmation,
            ReplyKind.OPT_IN: program.start_confirmation,
            ReplyKind.HELP: program.help_text,
        }.get(kind)
        if text is None:
            return None
        prepared = self._submit.prepare_reply(client.id, program, number, text, carrier.name)
        return None if prepared is None else self._submit.acceptance(client.id, [prepared], self._now())

    def _clients_of(self, carrier: CarrierConfig) -> list[str]:
        """The clients whose texts leave through a carrier; all of them where none does now: some once did."""
        clients = self._config.clients
        own = [c.id for c in clients if any(carrier.name in program.carrier_names for program in c.programs)]
        return own or [client.id for client in clients]

    def _carrier(self, link: Link) -> CarrierConfig:
        carrier = self._config.carrier(link.carrier)
        assert carrier is not None, "a link is made of a configured carrier"
        return carrier

    async def end_partial_texts(self) -> int:
        """Take texts whose missing parts never came as they are; tells how many."""
        now = self._now()
        count = 0
        for stored in await self._store.overdue_parts(now - PARTS_TIMEOUT, _BATCH):
            first = stored[0]
            # A carrier that was removed from the configuration meanwhile is read as most write.
            carrier = self._config.carrier(first.carrier) or CarrierConfig(name=first.carrier, host="-", system_id="-")
            joined = join([_kept_part(one) for one in stored], Alphabet(carrier.alphabet), now=now, timeout=0)
            if joined is None:
                continue
            fingerprint = hashlib.sha256(b"".join(one.body for one in stored)).digest()
            receptions = self.receptions(carrier, first.source, first.destination, joined, first, fingerprint, "")
            await self._store.receive_inbound(receptions)
            self._note(receptions)
            count += 1
        return count


def _reading(reply: Reply) -> Reading:
    heard = tuple(Heard(SignalName(one.name), one.rule, one.words, one.channel) for one in reply.signals)
    return Reading(reply.rule, reply.words, heard, reply.scope_argument, reply.declined, reply.language)


def _part(request: Mobile, now: int) -> ReceivedPart:
    payload = request.short_message if isinstance(request, DeliverSm) else b""
    if not payload:
        payload = request.tlv(const.TLV_MESSAGE_PAYLOAD) or b""
    return receive(
        payload, udhi=bool(request.esm_class & _UDHI), data_coding=request.data_coding, at=now, sar=_sar(request)
    )


def _kept_part(part: Part) -> ReceivedPart:
    return msgspec.structs.replace(_decode_part(part.body), at=part.at)


def _sar(request: Mobile) -> tuple[int, int, int] | None:
    values = [
        request.tlv(tag)
        for tag in (const.TLV_SAR_MSG_REF_NUM, const.TLV_SAR_TOTAL_SEGMENTS, const.TLV_SAR_SEGMENT_SEQNUM)
    ]
    reference, total, number = (int.from_bytes(value, "big") if value else None for value in values)
    if reference is None or total is None or number is None:
        return None
    return reference, total, number


def _fingerprint(carrier: str, request: Mobile) -> bytes:
    digest = hashlib.sha256()
    payload = request.short_message if isinstance(request, DeliverSm) else b""
    for part in (
        carrier.encode(),
        request.source_addr.encode(),
        request.destination_addr.encode(),
        bytes([request.esm_class & 0xFF, request.data_coding & 0xFF]),
        payload,
        *(tlv.tag.to_bytes(2, "big") + tlv.value for tlv in request.tlvs),
    ):
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return digest.digest()


def _consumer(source: str, carrier: CarrierConfig) -> Number | None:
    """The number that a source address means: carriers drop the plus sign, and some the country code."""
    digits = source.removeprefix("+").removeprefix("00")
    for spelling in (f"+{digits}", *(f"{prefix}{digits.lstrip('0')}" for prefix in carrier.prefixes or ("+1",))):
        try:
            return parse_number(spelling)
        except InvalidNumber:
            continue
    return None


def _answer(link: Link, request: Mobile, command_status: int) -> None:
    response: DeliverSmResp | DataSmResp
    if isinstance(request, DeliverSm):
        response = DeliverSmResp(command_status=command_status)
    else:
        response = DataSmResp(command_status=command_status)
    link.respond(request, response)


def _answer_all(link: Link, requests: Iterable[Mobile], command_status: int) -> None:
    for request in requests:
        _answer(link, request, command_status)
