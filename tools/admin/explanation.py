"""Owns why a text went, waits or was refused, as a person reads it: the outcome in a sentence, the rules that were asked with
their inputs, the consent at that instant with its evidence, and what happened since. Does not own what is asked (commands)."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from tools.admin.tables import CONSENTS, INBOUND, TIMELINE, Column, open_console, plain, show

_OUTCOMES: Mapping[str, str] = {
    "allow": "every rule allowed it",
    "hold": "it had to wait",
    "refuse": "it was refused",
}
_RULES: Sequence[Column] = (
    ("rule", "rule"),
    ("verdict", "verdict"),
    ("code", "code"),
    ("until", "until"),
    ("inputs", "detail"),
)


def show_explanation(found: dict[str, Any]) -> None:
    """Print the explanation of a message."""
    console = open_console()
    message, decision = found["message"], found["message"].get("decision", {})
    headline = f"{message['id']} to {message['to']} is {message['state']}{_outcome(message, decision)}"
    console.print(Text(plain(headline), style="bold"))
    for words in _sentences(message, decision):
        console.print(Text(plain(words)))
    show("rules", _RULES, decision.get("findings", []), console)
    mine = [each for each in found["consents"] if each["client"] == message["client"]]
    show(f"consents at {decision.get('at', message['accepted_at'])}", CONSENTS, mine, console)
    for each in mine:
        wording = (each["consent"].get("evidence") or {}).get("wording")
        if wording:
            console.print(
                Text(plain(f"{each['consent']['program']}/{each['consent']['category']} was shown: {wording}"))
            )
    show("since then", TIMELINE, message["timeline"], console)


def show_day(found: dict[str, Any]) -> None:
    """Print why a number was texted in a time, and why not."""
    console = open_console()
    texts = found["messages"]
    count = f"{len(texts)} texts" if texts else "no text was submitted, held, sent or reported on"
    console.print(Text(plain(f"{found['number']} from {found['since']} to {found['until']}: {count}"), style="bold"))
    show("the consumer wrote", INBOUND, found["inbound"], console)
    if found["more_inbound"]:
        console.print(
            Text("and more before these: a client's newest 100 are shown, GET /v1/inbound?from= has all", style="bold")
        )
    if found["more"]:
        console.print(
            Text("there are more texts than these, the newest 100: GET /v1/messages?to= has all", style="bold")
        )
    for text in texts:
        console.print()
        show_explanation(text)
    if not texts:
        show(f"consents at {found['until']}", CONSENTS, found["consents"], console)


def _outcome(message: dict[str, Any], decision: dict[str, Any]) -> str:
    """What the rules said, and the later reason where it ended by another, such as an opt-out while it waited."""
    outcome = _OUTCOMES.get(decision.get("outcome", ""), "no decision is on record")
    code = message.get("code")
    if code is None or code == decision.get("code"):
        return f": {outcome}"
    return f" ({code}); when it was judged, {outcome}"


def _sentences(message: dict[str, Any], decision: dict[str, Any]) -> list[str]:
    """What the tables do not say by themselves."""
    told = [
        f"client {message['client']}, program {message['program']}, category {message['category']};"
        f" accepted {message['accepted_at']}, expires {message['expires_at']}"
    ]
    if "policy" in decision:
        told.append(
            f"judged at {decision['at']} by {decision['policy']};"
            f" law of {', '.join(decision.get('regions', ())) or 'no place known'};"
            f" clocks of {', '.join(decision.get('zones', ())) or 'no zone known'}"
        )
    if "until" in decision:
        told.append(f"it {'may' if message['state'] == 'held' else 'was to'} go at {decision['until']}")
    return told
