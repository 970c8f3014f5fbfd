"""The MO road: what carriers hand us, on disk with all that it changes before it is answered.

Owns: telling receipts from texts, joining texts, and answering for what is on disk. Does not own: what a text sets off
(replies), the transaction (store), the wire (carrier).

A link's reader puts requests into a bounded channel without waiting; a full one is answered "later" at once. One task a link
takes what is there as a batch: all receipts in one commit, all texts in one (in two, where somebody goes on behind a text in
parts). Only then come the responses; what could not be written is answered ESME_RX_T_APPN, and the carrier brings it again.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec
import trio

from gateway.carrier.link import Link, all_flushed
from gateway.config import CarrierConfig, Config
from gateway.errors import Transient
from gateway.flow.optouts import OptOuts
from gateway.flow.receipt_forms import ReceiptForms
from gateway.flow.receipts import is_receipt, receipt_news
from gateway.flow.replies import Known, Letter, Replies
from gateway.metrics import Metrics
from gateway.model.address import Number
from gateway.model.clock import MINUTE, SECOND
from gateway.model.inbound import Part
from gateway.model.message import ReceiptNews
from gateway.smpp import const
from gateway.smpp.pdu import DataSm, DataSmResp, DeliverSm, DeliverSmResp, Request, text_of
from gateway.store.base import Store
from gateway.store.inbound import REDELIVERY_WINDOW, Arrival, Reception
from gateway.text.alphabet import Alphabet
from gateway.text.reassembly import Joined, ReceivedPart, join, receive

_log = logging.getLogger("gateway.flow")

_WAITING_REQUESTS = 2000
_BATCH = 500
_AT_ONCE = 64
"""Of a storm of receipts, in one step: whoever submits a text meanwhile waits for a step or two."""
PARTS_TIMEOUT = 5 * MINUTE
"""How long a text waits for its missing parts."""

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
        replies: Replies,
        optouts: OptOuts,
        metrics: Metrics,
        now: Callable[[], int],
        links: Callable[[], Iterable[Link]],
    ) -> None:
        self._config = config
        self._store = store
        self._replies = replies
        self._optouts = optouts
        self._metrics = metrics
        self._now = now
        self._links = links
        self._forms = ReceiptForms(config.carriers)
        self._heard: dict[str, int] = {}
        """Of links that died lately, when the carrier was heard of last."""
        self._queues: dict[str, tuple[trio.MemorySendChannel[Mobile], trio.MemoryReceiveChannel[Mobile]]] = {}

    def asked(self, link: Link, requests: Sequence[Request]) -> None:
        """Take requests without waiting, or have the carrier bring them again later."""
        send, _ = self._queue(link)
        put_off = 0
        for request in requests:
            if not isinstance(request, DeliverSm | DataSm):
                continue  # alert_notification and outbind have no answer and nothing to keep
            try:
                send.send_nowait(request)
            except trio.WouldBlock:
                _answer(link, request, const.ESME_RX_T_APPN)
                put_off += 1
        if put_off:
            _log.warning("%s: %d texts and receipts put off: %d wait already", link.bind, put_off, _WAITING_REQUESTS)

    def ended(self, link: Link) -> None:
        """The link is gone; what it brought and we did not take yet, the carrier brings again."""
        self._queues.pop(link.id, None)
        now = self._now()
        self._heard = {name: at for name, at in self._heard.items() if abs(now - at) < REDELIVERY_WINDOW}
        self._heard[link.id] = now - int((trio.current_time() - link.connection.heard_at) * SECOND)

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
            while len(batch) < _AT_ONCE:
                try:
                    batch.append(waiting.receive_nowait())
                except trio.WouldBlock:
                    break
            # What was taken from the channel is answered, whoever stops us.
            with trio.CancelScope(shield=True):
                await self._take(link, batch)

    async def _take(self, link: Link, batch: Sequence[Mobile]) -> None:
        receipts: list[Mobile] = []
        texts: list[Mobile] = []
        for request in batch:
            (receipts if is_receipt(request) else texts).append(request)
        if receipts:
            await self._take_receipts(link, receipts)
        if texts:
            await self._take_texts(link, texts)
        link.flush()

    async def _take_receipts(self, link: Link, requests: Sequence[Mobile]) -> None:
        carrier = self._carrier(link)
        now = self._now()
        news = [receipt_news(request, carrier, self._forms, link.bind, now) for request in requests]
        opted_out = [self._numbers(told, carrier) if told.opted_out else () for told in news]
        for numbers in opted_out:
            for number in numbers:
                self._optouts.note_hold(number, self._replies.clients_of(carrier))
        try:
            keys = await self._store.receive_receipts(news)
        except Transient as error:
            _log.warning("%s: %d receipts put off: %s", link.bind, len(requests), error.code)
            _answer_all(link, requests, const.ESME_RX_T_APPN)
            return
        counts = Counter((told.state, key is not None) for told, key in zip(news, keys, strict=True))
        for (state, known), count in counts.items():
            outcome = "matched" if known else "parked"
            self._metrics.receipts.of(carrier.name, state.value if state else "intermediate", outcome).inc(count)
        if conflicts := sum(told.conflict for told in news):
            _log.warning(
                "%s: %d receipts say one thing in their text, another in their parameters", link.bind, conflicts
            )
        for told, numbers, key in zip(news, opted_out, keys, strict=True):
            if key is None:
                continue
            self._forms.note(carrier.name, told.smsc_message_id, key)
            for number in numbers:
                self._optouts.note(number, self._replies.clients_of(carrier))
        _answer_all(link, requests, const.ESME_ROK)

    def _numbers(self, told: ReceiptNews, carrier: CarrierConfig) -> list[Number]:
        """The numbers that a receipt may be about: there are carriers that leave both addresses as they were in the text."""
        read = (self._replies.who(address, carrier) for address in (told.number, told.sender))
        return [number for number in read if number is not None]

    async def _take_texts(self, link: Link, requests: Sequence[Mobile]) -> None:
        while requests:
            requests = requests[await self._take_some(link, requests) :]

    async def _take_some(self, link: Link, requests: Sequence[Mobile]) -> int:
        """Take texts, up to what the sender of a text that was put together says next; tells how many requests that is.

        Once that text is on disk, parts of it that came again are known for what they are.
        """
        read: list[tuple[Mobile, list[Letter]]] = []
        joined: set[tuple[str, str]] = set()
        try:
            for place, request in enumerate(requests):
                if (request.source_addr, request.destination_addr) in joined:
                    requests = requests[:place]
                    break
                if (received := await self._read(link, request)) is not None:
                    read.append((request, received))
                    joined.update((one.source, one.destination) for one in received if one.kept is not None)
            known = await self._replies.known([letter for _, letters in read for letter in letters])
            if link.closed is not None:
                # Nobody is there to be answered, and the carrier may have brought it again over another link already.
                return len(requests)
            # From here to the post nothing is awaited: which links live is looked at as the texts go to the store.
            receptions: list[Reception] = []
            readable: list[Mobile] = []
            for request, letters in read:
                if (made := self._receptions(link.bind, letters, known)) is not None:
                    receptions += made
                    readable.append(request)
            fresh, stopped = await self._keep(receptions)
        except Transient as error:
            _log.warning("%s: %d texts put off: %s", link.bind, len(requests), error.code)
            _answer_all(link, requests, const.ESME_RX_T_APPN)
            return len(requests)
        _answer_all(link, (request for request in requests if request not in readable), const.ESME_RX_T_APPN)
        for reception, new in zip(receptions, fresh, strict=True):
            kind = reception.effect.inbound.kind.value if new else "redelivered"
            self._metrics.inbound.of(link.carrier, kind).inc()
        if stopped:
            await all_flushed(self._links())
        _answer_all(link, readable, const.ESME_ROK)
        return len(requests)

    async def _read(self, link: Link, request: Mobile) -> list[Letter] | None:
        """What a request makes whole; None where a fault of ours keeps it from being read: the session and the texts beside it
        are not to suffer from that, and the carrier brings it again."""
        try:
            return await self._received(link, self._carrier(link), request, self._now())
        except Transient:
            raise
        except Exception:  # noqa: BLE001 -- the fence of one text
            _log.exception("%s: a text could not be read and is put off", link.bind)
            return None

    def _receptions(self, where: str, letters: Sequence[Letter], known: Known) -> list[Reception] | None:
        """What follows from texts; None where a fault of ours keeps that from being told, as in ``_read``."""
        try:
            return self._replies.receptions(letters, known, self._heard)
        except Exception:  # noqa: BLE001 -- the fence of one text
            _log.exception("%s: what follows from a text could not be told, and it is put off", where)
            return None

    async def _keep(self, receptions: Sequence[Reception]) -> tuple[list[bool], bool]:
        """Put texts on disk; which of them are new, and whether any of them stops texts to its number.

        The dispatchers are told of opt-outs and holds before that, and of opt-outs for good in the step that learns of it.
        """
        stopped = False
        for effect in (reception.effect for reception in receptions):
            stops = [*effect.opt_out, *(opening.client for opening in effect.openings if opening.reasons)]
            if effect.number is not None and stops:
                self._optouts.note_hold(effect.number, stops)
                stopped = True
        fresh = await self._store.receive_inbound(receptions)
        for effect in (reception.effect for reception in receptions):
            if effect.number is not None and effect.opt_out:
                extent = effect.extent
                self._optouts.note(effect.number, effect.opt_out, (extent.program, extent.category, extent.account))
        return fresh, stopped

    async def _received(self, link: Link, carrier: CarrierConfig, request: Mobile, now: int) -> list[Letter]:
        """The texts that this request makes whole: most often one, none while other parts of it are missing."""
        source, destination = request.source_addr, request.destination_addr
        part = _part(request, now)
        kept: Part | None = None
        parts = [part]
        if part.total > 1:
            # The same part is the same, whenever it comes.
            body = _encode_part(msgspec.structs.replace(part, at=0))
            kept = Part(carrier.name, source, destination, part.reference, part.total, part.sequence, body, now)
            living = frozenset(link.id for link in self._links() if link.closed is None)
            (stored,) = await self._store.store_parts([Arrival(kept, link.id, living)])
            if not stored:
                return []  # delivered again, and its text was whole before
            parts = [_kept_part(one) for one in stored]
        joined = join(parts, Alphabet(carrier.reads), now=now, timeout=PARTS_TIMEOUT)
        if joined is None:
            return []
        said_at = min(one.at for one in parts)
        fingerprint = _fingerprint(carrier.name, request)
        return self._letters(carrier, source, destination, joined, kept, said_at, fingerprint, link.id)

    def _letters(
        self,
        carrier: CarrierConfig,
        source: str,
        destination: str,
        joined: Joined,
        kept: Part | None,
        said_at: int,
        fingerprint: bytes,
        link_id: str,
    ) -> list[Letter]:
        """A joined text, and before it what its conflicting parts left over."""
        alphabet = Alphabet(carrier.reads)
        leftovers = [
            join([msgspec.structs.replace(part, total=1, sequence=1)], alphabet, now=part.at, timeout=0)
            for part in joined.left_out
        ]
        texts = [left.text for left in leftovers if left is not None] + [joined.text]
        last = len(texts) - 1
        return [
            Letter(
                carrier,
                source,
                destination,
                text,
                said_at,
                fingerprint + bytes([index]),
                link_id,
                kept if index == last else None,
                not joined.missing and index == last,
            )
            for index, text in enumerate(texts)
        ]

    def _carrier(self, link: Link) -> CarrierConfig:
        carrier = self._config.carrier(link.carrier)
        assert carrier is not None, "a link is made of a configured carrier"
        return carrier

    async def end_partial_texts(self) -> int:
        """Take texts whose missing parts never came as they are; tells how many."""
        now = self._now()
        count = 0
        for stored in await self._store.overdue_parts(now - PARTS_TIMEOUT, _BATCH):
            letters = self._incomplete(stored, now)
            if not letters:
                continue
            receptions = self._receptions(stored[0].carrier, letters, await self._replies.known(letters))
            if receptions is not None:
                await self._keep(receptions)
                count += 1
        return count

    def _incomplete(self, stored: Sequence[Part], now: int) -> list[Letter] | None:
        """What is there of a text; None where a fault of ours keeps it from being read, as in ``_read``."""
        first = stored[0]
        # A carrier that was removed from the configuration meanwhile is read as most write.
        carrier = self._config.carrier(first.carrier) or CarrierConfig(name=first.carrier, host="-", system_id="-")
        place = (first.carrier.encode(), first.source.encode(), first.destination.encode())
        try:
            joined = join([_kept_part(one) for one in stored], Alphabet(carrier.reads), now=now, timeout=0)
            if joined is None:
                return None
            fingerprint = _digest((*place, *(one.body for one in stored)))
            said_at = min(one.at for one in stored)
            return self._letters(carrier, first.source, first.destination, joined, first, said_at, fingerprint, "")
        except Exception:  # noqa: BLE001 -- the fence of one text
            _log.exception("%s: what came of a text in parts could not be read and is put off", carrier.name)
            return None


def _part(request: Mobile, now: int) -> ReceivedPart:
    return receive(
        text_of(request),
        udhi=bool(request.esm_class & _UDHI),
        data_coding=request.data_coding,
        at=now,
        sar=_sar(request),
    )


def _kept_part(part: Part) -> ReceivedPart:
    return msgspec.structs.replace(_decode_part(part.body), at=part.at)


def _sar(request: Mobile) -> tuple[int, int, int] | None:
    values = [
        request.tlv(tag)
        for tag in (const.TLV_SAR_MSG_REF_NUM, const.TLV_SAR_TOTAL_SEGMENTS, const.TLV_SAR_SEGMENT_SEQNUM)
    ]
    # Two octets and one (SMPP 3.4 §5.3.2.22 to §5.3.2.24), however many a carrier sends.
    reference, total, number = (int.from_bytes(value[-4:], "big") if value else None for value in values)
    if reference is None or total is None or number is None:
        return None
    return reference & 0xFFFF, total, number


def _fingerprint(carrier: str, request: Mobile) -> bytes:
    payload = request.short_message if isinstance(request, DeliverSm) else b""
    return _digest(
        (
            carrier.encode(),
            request.source_addr.encode(),
            request.destination_addr.encode(),
            bytes([request.esm_class & 0xFF, request.data_coding & 0xFF]),
            payload,
            *(tlv.tag.to_bytes(2, "big") + tlv.value for tlv in request.tlvs),
            *([request.trailing] if request.trailing else []),
        )
    )


def _digest(parts: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return digest.digest()


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
