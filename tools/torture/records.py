"""What the gateway itself wrote down: it owns the promises about its log of events, its webhooks, its file and its log."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from gateway.model.ids import spell
from gateway.model.message import TERMINAL, State
from tools.torture.evidence import Violation
from tools.torture.sightings import Sightings

# ---- I8: every change has a time and a cause


def told(seen: Sightings) -> Iterator[Violation]:
    """The log tells of each message how it began, each change with its cause, and the state that it has now."""
    stories: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    for event in seen.base.events:
        if event.message_id is not None:
            body = msgspec.json.decode(event.body)
            stories[event.message_id].append((event.kind, body.get("state", ""), body.get("cause") or ""))
            if event.at <= 0:
                yield Violation("untold", str(event.seq), "an event without its time")
    for message in seen.base.messages.values():
        story = stories.get(message.id)
        if not story:
            yield Violation("untold", message.token, "no event")
            continue
        if story[0][0] not in ("message.accepted", "message.held", "message.blocked"):
            yield Violation("untold", message.token, f"begins with {story[0][0]}")
        if story[-1][1] != message.state:
            yield Violation("untold", message.token, f"is {message.state}, told as {story[-1][1]}")
        if any(not cause for _, _, cause in story):
            yield Violation("untold", message.token, "a change without a cause")
        ended = [state for _, state, _ in story if state in TERMINAL]
        if len(ended) > 1 and (ended[1:] != ["delivered"] or ended[0] not in ("expired", "undelivered")):
            yield Violation("ended_twice", message.token, " then ".join(ended))


def notified(seen: Sightings) -> Iterator[Violation]:
    """Every receiver got every event at least once, always under the same id with the same body."""
    for endpoint, lines in seen.evidence.webhooks.items():
        bodies: dict[str, Any] = {}
        for line in lines:
            if not line["verified"]:
                yield Violation("webhook_forged", endpoint, str(line["reason"]))
            elif bodies.setdefault(line["id"], line["body"]) != line["body"]:
                yield Violation("webhook_changed", str(line["id"]), "one id, two bodies")
        for event in seen.base.events:
            if event.client == seen.evidence.client and spell("evt", event.seq) not in bodies:
                yield Violation("webhook_lost", f"{endpoint}: {event.kind} {event.seq}")


# ---- I7: the file is sound


def sound(seen: Sightings) -> Iterator[Violation]:
    """SQLite finds nothing wrong, and no message lacks a segment."""
    if seen.base.integrity != ("ok",):
        yield Violation("corrupt", "integrity_check", "; ".join(seen.base.integrity)[:200])
    found = Counter(segment.message_id for segment in seen.base.segments.values())
    for message in seen.base.messages.values():
        if found[message.id] != message.segments and not (message.state is State.BLOCKED and not found[message.id]):
            yield Violation("corrupt", message.token, f"{found[message.id]} of {message.segments} segments")


# ---- S11: what is nobody's business is in no log


def discreet(seen: Sightings) -> Iterator[Violation]:
    """No number, no text and no secret was logged."""
    texts = {message.text.partition(" ")[2][:20] for message in seen.base.messages.values()}
    for line in seen.evidence.log.splitlines():
        shown = next((secret for secret in seen.evidence.secrets if secret in line), None)
        shown = shown or next((text for text in texts if len(text) == 20 and text in line), None)
        if shown is not None or (shown := _shown_number(line, seen.numbers)) is not None:
            yield Violation("logged", shown, line[:100])


_DIGITS = re.compile(r"\d{7,15}")


def _shown_number(line: str, numbers: set[str]) -> str | None:
    """A consumer's number that a line shows whole."""
    return next((digits for digits in _DIGITS.findall(line) if digits in numbers), None)
