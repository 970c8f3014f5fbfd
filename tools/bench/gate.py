"""Owns the measure of the gate alone: microseconds that the rules take for one text to a known number, facts at hand.

    python -m tools.bench.gate

Does not measure looking the facts up, which the batch scenario does with everything else.
"""

import statistics
import sys
import time
from collections.abc import Callable
from importlib.resources import files
from itertools import cycle

from gateway.model.address import Number
from gateway.model.clock import DAY
from gateway.model.contact import Contact
from gateway.model.ids import MessageId
from gateway.model.message import Claimed, Facts, Origin, Submission
from gateway.rules.charters import Charter
from gateway.rules.content.finding import ContentContext
from gateway.rules.content.judge import Wording, look_through
from gateway.rules.gate import Terms, look_again, rule
from gateway.rules.packs import Purpose, read_pack

ROUNDS = 9
TEXTS = 5000
NOON = 1_790_006_400_000  # a Monday, noon in New York
TEXT = "Example Co: your payment of $25.00 is due on Friday. Reply STOP to end."
CONTEXT = ContentContext(category="servicing", identity=("Example Co",), party_known=True)
AREA_CODES = ("202", "212", "312", "415", "305", "617", "206", "713", "404", "850")


def charter() -> Charter:
    """The default pack with New York City's and Regulation F's: the most rules that a text of the United States meets."""
    names = ("us-strict", "us-reg-f", "us-nyc")
    packs = tuple(read_pack(files("gateway").joinpath("policy", f"{name}.toml").read_text(), name) for name in names)
    return Charter(packs, Purpose.SERVICING, CONTEXT)


def numbers() -> list[Number]:
    """Numbers of many places."""
    return [Number(f"+1{code}555{n:04d}") for n in range(TEXTS // len(AREA_CODES)) for code in AREA_CODES]


def submission(number: Number) -> Submission:
    """A text, as it is prepared."""
    return Submission(
        MessageId(1), "acme", "loans", "servicing", number, "+12025550100", "main", TEXT, "gsm7", len(TEXT), 1, 1,
        NOON, NOON + DAY, account="A-1", tells_opt_out=True,
    )  # fmt: skip


def claimed(number: Number) -> Claimed:
    """A segment that is about to leave."""
    return Claimed(
        MessageId(1), 1, 1, 1, "main", "acme", "loans", "servicing", number, "+12025550100", TEXT, "gsm7", 0,
        NOON + DAY, NOON, Origin.CLIENT, None, "A-1",
    )  # fmt: skip


def measure(work: Callable[[Number], object]) -> float:
    """Microseconds of the processor for one, the median of a few rounds: a busy machine takes longer and not more."""
    wanted = numbers()
    took = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for number in wanted:
            work(number)
        took.append((time.process_time() - begun) / len(wanted) * 1e6)
    return statistics.median(took)


def main() -> int:
    """Measure and print."""
    by = charter()
    facts = Facts(
        "confirmed",
        fresh_at=NOON - DAY,
        contacts=(Contact(NOON - 3 * DAY, account="A-1"), Contact(NOON - 20 * DAY, account="A-1")),
    )
    wording = Wording(TEXT, CONTEXT, *look_through(TEXT, CONTEXT))
    terms = Terms("US", frozenset({"US"}), 6, by, wording=wording)
    place = cycle(range(10**9))
    figures = {
        "submitted: all rules, decision written": measure(lambda number: rule(submission(number), facts, terms)),
        "about to leave: rules asked again": measure(lambda number: look_again(claimed(number), facts, NOON, by)),
        "wording of a text never seen before": measure(lambda _: look_through(f"{TEXT} {next(place)}", CONTEXT)),
    }
    for name, figure in figures.items():
        print(f"{figure:8.1f} µs  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
