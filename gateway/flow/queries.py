"""Asking a carrier what became of a text (query_sm, SMPP 3.4 §4.8), where its profile says that it answers.

Owns: whom to ask about what, how often, and what an answer amounts to. Does not own: the texts (store), the wire (carrier).

query_sm needs the id that the carrier gave. So it clears up what is in doubt although an id came (the carrier answered with
a fault of its own), and texts whose validity is over and of which no receipt came: they are asked about before silence ends
them as unconfirmed. It is control traffic, and slow: a few a round.
"""

import logging
from collections.abc import Callable, Iterable

import msgspec

from gateway.carrier.link import Link
from gateway.config import CarrierConfig, Config
from gateway.flow.pdus import source_of
from gateway.flow.receipts import CODES, STATES
from gateway.flow.rounds import go_round
from gateway.model.clock import HOUR, MINUTE
from gateway.model.message import ReceiptNews, State
from gateway.smpp import const
from gateway.smpp.errors import LocalProtocolError
from gateway.smpp.events import ResponseReceived, ResponseTimedOut
from gateway.smpp.pdu import QuerySm, QuerySmResp
from gateway.smpp.receipt import STATE_TEXTS, DeliveryState
from gateway.smpp.receipt_ids import index_key
from gateway.store.base import Store
from gateway.store.orphans import Askable

_log = logging.getLogger("gateway.flow")

ROUND_SECONDS = 10.0
LAP = 30 * MINUTE
"""From one question about a text to the next."""
PATIENCE = HOUR
"""How long after a text's validity its receipt is waited for before the carrier is asked."""
_AT_ONCE = 10
_START = (0, 0)


class Asked(msgspec.Struct, frozen=True):
    """A question that is out."""

    carrier: str
    about: Askable


class Queries:
    """Goes round the carriers that answer query_sm."""

    def __init__(
        self, config: Config, store: Store, links: Callable[[], Iterable[Link]], now: Callable[[], int]
    ) -> None:
        self._carriers = {carrier.name: carrier for carrier in config.carriers if carrier.query_sm}
        self._store = store
        self._links = links
        self._now = now
        self._places: dict[str, tuple[int, int]] = {}
        self._next_lap: dict[str, int] = {}

    async def run(self) -> None:
        """For ever; at once over where no carrier is to be asked."""
        if self._carriers:
            await go_round(self.once, ROUND_SECONDS, "nothing is asked for now")

    async def once(self) -> None:
        """One round."""
        for carrier in list(self._carriers.values()):
            now = self._now()
            if 0 < self._next_lap.get(carrier.name, 0) - now <= LAP:  # more than a lap away: the clock was set back
                continue
            place = self._places.get(carrier.name, _START)
            found = await self._store.askable(carrier.name, now - PATIENCE, place, _AT_ONCE)
            # From here on nothing is awaited: the link that is chosen is the one that is asked.
            link = next((one for one in self._links() if one.carrier == carrier.name and one.transmits), None)
            if link is None or not link.bound:
                continue
            for about in found:
                self._ask(link, carrier, about)
            link.flush()
            if len(found) < _AT_ONCE:
                self._places[carrier.name] = _START
                self._next_lap[carrier.name] = now + LAP
            else:
                self._places[carrier.name] = (found[-1].message_id, found[-1].n)

    def _ask(self, link: Link, carrier: CarrierConfig, about: Askable) -> None:
        ton_npi, source_addr = source_of(about.sender, carrier)
        question = QuerySm(
            message_id=about.smsc_message_id,
            source_addr_ton=ton_npi.ton,
            source_addr_npi=ton_npi.npi,
            source_addr=source_addr,
        )
        try:
            link.submit(question, Asked(carrier.name, about))
        except LocalProtocolError:
            # The carrier gave it an id that no query_sm can carry.
            _log.warning("%s: a text cannot be asked about by its id", link.bind)

    def take_answers(self, link: Link, responses: list[ResponseReceived]) -> list[ResponseReceived]:
        """Take the answers to our questions out; returns the others."""
        ours = [response for response in responses if isinstance(response.token, Asked)]
        if not ours:
            return responses
        news = [told for response in ours if (told := self._news(link, response)) is not None]
        if news:
            self._store.receive_receipts(news)
        return [response for response in responses if not isinstance(response.token, Asked)]

    def take_timeouts(self, timeouts: list[ResponseTimedOut]) -> list[ResponseTimedOut]:
        """Without those of our questions: the next lap asks again."""
        return [timeout for timeout in timeouts if not isinstance(timeout.token, Asked)]

    def _news(self, link: Link, event: ResponseReceived) -> ReceiptNews | None:
        asked: Asked = event.token
        response = event.response
        if response.command_status == const.ESME_RINVCMDID:
            if self._carriers.pop(asked.carrier, None) is not None:
                _log.warning("%s: the carrier does not know query_sm: set query_sm = false", asked.carrier)
            return None
        if not isinstance(response, QuerySmResp) or response.command_status != const.ESME_ROK:
            return None  # it does not know the text, or could not look: the doubt stays
        try:
            told = DeliveryState(response.message_state)
        except ValueError:
            return None
        state = STATES.get(told)
        # On its way: that much settles a doubt. "Unknown" settles nothing.
        if told is DeliveryState.UNKNOWN or (state is None and asked.about.state is not State.IN_DOUBT):
            return None
        return ReceiptNews(
            asked.carrier,
            link.bind,
            asked.about.smsc_message_id,
            (index_key(asked.about.smsc_message_id),),
            state,
            STATE_TEXTS[told],
            f"{response.error_code:03d}" if response.error_code else None,
            asked.about.number,
            asked.about.sender,
            response.final_date or None,
            self._now(),
            CODES.get(state) if state is not None else None,
            cause="query",
        )
