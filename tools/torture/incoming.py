"""What came in over a carrier's links: it owns the promises about receipts, consumers' texts and their STOPs."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from gateway.model.message import State
from gateway.smpp.receipt_ids import match_keys
from tools.simulator.journal import Delivered, Entry, Submitted, Taken
from tools.torture.evidence import Violation
from tools.torture.sightings import OK, OTHER_LINK_NS, Place, Sightings

# ---- I4: what was said to be taken is kept


def receipts(seen: Sightings) -> Iterator[Violation]:
    """Every receipt that we answered OK moved its segment or is kept, and segments stand as their receipts say."""
    for carrier, entries in seen.evidence.carriers.items():
        kept = _kept_receipts(seen, carrier)
        # Carriers use ids again: the number tells their texts apart.
        places = {
            (one.message_id, seen.base.messages[place[0]].number.removeprefix("+")): place
            for place, sent in seen.sent.items()
            if seen.base.messages[place[0]].carrier == carrier
            for one in sent
            if one.message_id
        }
        for place, segment in seen.base.segments.items():  # those of our own replies, which have no token
            message = seen.base.messages.get(segment.message_id)
            if message is not None and message.carrier == carrier and segment.smsc_message_id is not None:
                places.setdefault((segment.smsc_message_id, message.number.removeprefix("+")), place)
        news: dict[Place, list[Delivered]] = defaultdict(list)
        for delivered in _acknowledged(entries, ("receipt", "intermediate")):
            where = places.get((delivered.message_id, delivered.source.removeprefix("+")))
            about = None if where is None else seen.base.segments.get(where)
            moved = about is not None and about.receipt_at is not None
            if not moved and not _among(delivered, kept):
                name = delivered.message_id or delivered.source
                yield Violation("receipt_lost", name, f"{delivered.stat} was answered OK")
            if where is not None and about is not None and about.smsc_message_id == delivered.message_id:
                news[where].append(delivered)
        yield from _judged(seen, news)


def _kept_receipts(seen: Sightings, carrier: str) -> set[str]:
    """What the receipts that moved nothing may be known by: their keys and their numbers."""
    known: set[str] = set()
    for row in seen.base.receipts:
        if row.carrier == carrier:
            told = msgspec.json.decode(row.news)
            known.update(told["keys"])
            known.add(told["number"].removeprefix("+"))
    return known


def _judged(seen: Sightings, news: Mapping[Place, Sequence[Delivered]]) -> Iterator[Violation]:
    for place, told in news.items():
        segment = seen.base.segments[place]
        states = [seen.evidence.outcomes[one.stat] for one in told if one.stat in seen.evidence.outcomes]
        if not states:
            continue
        # The first counts; that a text was delivered after all corrects it, unless it was refused.
        corrected = State.DELIVERED in states and states[0] is not State.REJECTED
        expected = State.DELIVERED if corrected else states[0]
        if segment.state is not expected:
            detail = f"segment {segment.n} is {segment.state}, its receipt said {told[0].stat}"
            yield Violation("misjudged", seen.token(place[0]), detail)


def heard(seen: Sightings) -> Iterator[Violation]:
    """Every consumer's text that we answered OK is kept once."""
    for carrier, entries in seen.evidence.carriers.items():
        kept = Counter((one.source.removeprefix("+"), one.text) for one in seen.base.inbound if one.carrier == carrier)
        waiting = {source.removeprefix("+") for name, source in seen.base.parts if name == carrier}
        said: dict[tuple[str, str], set[int]] = defaultdict(set)
        for delivered in _acknowledged(entries, ("mo",)):
            said[delivered.source.removeprefix("+"), delivered.text].add(delivered.delivery)
        for (source, text), deliveries in said.items():
            count = kept[source, text]
            if not count and source not in waiting:
                yield Violation("mo_lost", text[:40], f"{len(deliveries)} deliveries were answered OK")
            elif count > len(deliveries):
                yield Violation("mo_doubled", text[:40], f"kept {count} times, said {len(deliveries)} times")


def _acknowledged(entries: Sequence[Entry], kinds: Sequence[str]) -> Iterator[Delivered]:
    """Deliveries of these kinds that we answered OK, once each."""
    taken = {entry.delivery for entry in entries if isinstance(entry, Taken) and entry.status == OK}
    for entry in entries:
        if isinstance(entry, Delivered) and entry.kind in kinds and entry.delivery in taken:
            taken.discard(entry.delivery)
            yield entry


def _among(delivered: Delivered, kept: set[str]) -> bool:
    keys = match_keys(delivered.message_id) if delivered.message_id else (delivered.source.removeprefix("+"),)
    return not kept.isdisjoint(keys)


# ---- I5: nobody who said STOP is texted


def stopped(seen: Sightings) -> Iterator[Violation]:
    """After the answer to a STOP nothing goes to that number but the one confirmation."""
    for carrier, entries in seen.evidence.carriers.items():
        stops = _stops(seen, carrier, entries)
        for entry in entries:
            if not isinstance(entry, Submitted):
                continue
            number = entry.destination.removeprefix("+")
            if (carrier, f"+{number}", entry.text) in seen.replies:
                continue
            stop = stops.get(number)
            if stop is not None and entry.at > stop[0] + (0 if entry.session == stop[1] else OTHER_LINK_NS):
                detail = f"{(entry.at - stop[0]) / 1e6:.1f} ms after the STOP was answered"
                yield Violation("sent_after_stop", entry.token, detail)
        for (_, number, text), count in seen.reply_sent.items():
            if number.removeprefix("+") in stops and count > 1:
                yield Violation("confirmed_twice", number, f"{count} × {text[:20]!r} was taken")


def _stops(seen: Sightings, carrier: str, entries: Sequence[Entry]) -> dict[str, tuple[int, int]]:
    """By number: when the first STOP was answered OK, all parts of it, and over which link."""
    opted_out = {
        (one.source.removeprefix("+"), one.text)
        for one in seen.base.inbound
        if one.carrier == carrier and one.kind == "opt-out"
    }
    sent: dict[int, tuple[str, str]] = {}
    answered: dict[tuple[str, str], dict[int, tuple[int, int]]] = defaultdict(dict)
    for entry in entries:
        if isinstance(entry, Delivered) and entry.kind == "mo":
            sent[entry.delivery] = (entry.source.removeprefix("+"), entry.text)
        elif isinstance(entry, Taken) and entry.status == OK and entry.delivery in sent:
            answered[sent[entry.delivery]].setdefault(entry.delivery, (entry.at, entry.session))
    stops: dict[str, tuple[int, int]] = {}
    for said, moments in answered.items():
        whole = len(moments) == sum(1 for other in sent.values() if other == said)
        if said in opted_out and whole:
            last = max(moments.values())
            stops[said[0]] = min(stops.get(said[0], last), last)
    return stops
