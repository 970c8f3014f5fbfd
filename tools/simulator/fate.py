"""What becomes of a text that was taken: it owns when receipts come and what they say. `receipt` writes them."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tools.simulator.account import Outgoing
from tools.simulator.message import Message
from tools.simulator.receipt import receipt, receipt_text, wanted, wanted_on_the_way
from tools.simulator.scenario import Receipts, Stat

if TYPE_CHECKING:
    from tools.simulator.smsc import Smsc


def begin(smsc: "Smsc", message: Message) -> None:
    """Put on the agenda all that will happen to a text, in the manner of the scenario that took it."""
    receipts = smsc.script.scenario.receipts
    delay = smsc.script.receipt_delay()
    if receipts.intermediate and wanted_on_the_way(message.pdu, receipts):
        for place, stat in enumerate(receipts.intermediate, 1):
            due = delay * place / (len(receipts.intermediate) + 1)
            smsc.agenda.later(due, partial(_on_the_way, smsc, message, stat, receipts))
    smsc.agenda.later(delay, partial(_end, smsc, message, message.outcome.stat, receipts))
    _contradict(smsc, message, receipts, delay)


def begin_with_the_end(smsc: "Smsc", message: Message, answer: Callable[[int], None]) -> None:
    """End a text before it is even answered; `answer` is called once its receipt is on its way, or at once without one."""
    receipts = smsc.script.scenario.receipts
    _end(smsc, message, message.outcome.stat, receipts, answer)
    _contradict(smsc, message, receipts, 0.0)


def cancel(smsc: "Smsc", message: Message) -> None:
    """Stop a text on behalf of its sender (SMPP 3.4 §4.9)."""
    _end(smsc, message, "DELETED", smsc.script.scenario.receipts)
    message.cancelled = True


def _contradict(smsc: "Smsc", message: Message, receipts: Receipts, delay: float) -> None:
    if message.outcome.then is not None:
        smsc.agenda.later(delay + receipts.delay, partial(_end, smsc, message, message.outcome.then, receipts))


def _end(
    smsc: "Smsc",
    message: Message,
    stat: Stat,
    receipts: Receipts,
    once_sent: Callable[[int], None] | None = None,
) -> None:
    if message.cancelled:
        return
    message.stat = stat
    message.done = smsc.wall_clock()
    if not wanted(message.pdu, receipts, stat) or smsc.script.receipt_lost():
        if once_sent is not None:
            once_sent(0)
        return
    for _ in range(receipts.copies):
        outgoing = _outgoing(smsc, message, stat, receipts, final=True)
        outgoing.once_sent, once_sent = once_sent, None
        if receipts.hold:
            smsc.held.append((message, outgoing, receipts))
        else:
            message.account.offer(outgoing, message.session, receipts.via)
    if receipts.hold and len(smsc.held) >= receipts.hold:
        release_held(smsc)


def release_held(smsc: "Smsc") -> None:
    """Send all receipts that were held back."""
    held, smsc.held = smsc.held, []
    for message, outgoing, receipts in held:
        message.account.offer(outgoing, message.session, receipts.via)


def _on_the_way(smsc: "Smsc", message: Message, stat: Stat, receipts: Receipts) -> None:
    if not message.cancelled:
        message.stat = stat
        message.account.offer(_outgoing(smsc, message, stat, receipts, final=False), message.session, receipts.via)


def _outgoing(smsc: "Smsc", message: Message, stat: Stat, receipts: Receipts, *, final: bool) -> Outgoing:
    smsc.counted["receipts"] += 1
    pdu = receipt(message, stat, receipts, smsc.wall_clock(), final=final)
    return Outgoing(
        number=smsc.next_delivery(),
        kind="receipt" if final else "intermediate",
        pdu=pdu,
        text=receipt_text(pdu),
        message_id=message.message_id,
        stat=stat,
    )
