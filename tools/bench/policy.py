"""Owns the scenario of what policy costs: batches under all packs, and under as little policy as can be configured.

Does not judge a text. Two gateways take turns under the same load in one run. All packs are the bundled ones, opened to
every hour and to more texts than are sent, because a measurement does not depend on the day; their rules are asked all the
same, and each number has been texted before, so that there is something to count. The least is the one pack without caps,
under which nothing that went before is looked up. Consent is looked up by both: nothing turns that off.
"""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from statistics import median

from tools.bench.assent import CATEGORY, PROGRAM, Assent
from tools.bench.load import Order
from tools.bench.run import Figures, SinkProcess, measure
from tools.bench.scenarios import BATCH, BATCH_CONNECTIONS, RECEIPT_DELAY, WINDOW, Sizes, running
from tools.bench.traffic import NUMBER

LEAST = "on-request"
ROUNDS = 4
"""The first of them is not counted: it makes what the others find."""
MESSAGE = (
    f'{{"to":"{NUMBER}","program":"{PROGRAM}","category":"{CATEGORY}",'
    '"text":"%08d Bench: your statement is ready. Reply HELP for help or STOP to end these texts."}'
)
_OPENED = (
    (re.compile(r"^open = \{.*\}", re.MULTILINE), 'open = { mon-sun = "00:00-24:00" }'),
    (re.compile(r'^calendar = ".*"', re.MULTILINE), 'days = [{ name = "long ago", on = "2000-01-03" }]'),
    (re.compile(r"^most = \d+", re.MULTILINE), "most = 10000"),
)


def all_packs() -> dict[str, str]:
    """The bundled packs by name, with hours, holidays and caps that stop nothing."""
    packs = {}
    for file in sorted(files("gateway").joinpath("policy").iterdir(), key=lambda found: found.name):
        if file.name.endswith(".toml"):
            text = file.read_text("utf-8")
            for form, opened in _OPENED:
                text = form.sub(opened, text)
            packs[file.name.removesuffix(".toml")] = text
    return packs


def policy_toml(*names: str) -> str:
    """policy.toml that names these packs."""
    return f'packs = {json.dumps(names)}\n[categories.{CATEGORY}]\nconsent = "required"\n'


def policy(amounts: Sizes, directory: Path) -> Iterator[Figures]:
    """Turns of a few batches each, so that what else the machine does meets both."""
    packs = all_packs()
    settings = {
        "least": {"policy.toml": policy_toml(LEAST)},
        "all": {"policy.toml": policy_toml(*packs), **{f"policy/{name}.toml": text for name, text in packs.items()}},
    }
    count = amounts.batch
    turns: dict[str, list[Figures]] = {name: [] for name in settings}
    with ExitStack() as stack:
        pairs = {}
        for name, given in settings.items():
            sink = stack.enter_context(SinkProcess(receipt_delay=RECEIPT_DELAY))
            system = Assent(directory / name, smsc_port=sink.port, window=WINDOW, files=given)
            stack.enter_context(running(system))
            sink.wait_bound()
            system.admit(count)
            pairs[name] = (system, sink)
        for turn in range(ROUNDS):
            for name, (system, sink) in pairs.items():
                wanted = Order(
                    system.port(),
                    system.batch_of(MESSAGE),
                    turn * count,
                    count,
                    BATCH,
                    BATCH_CONNECTIONS,
                    0.0,
                    count,
                    str(directory / "load"),
                )
                figures = measure(f"policy, {name}, {turn}", system, sink, directory, wanted)
                turns[name].append(figures)
                yield figures
    yield compare(turns["least"][1:], turns["all"][1:])


def compare(least: list[Figures], most: list[Figures]) -> Figures:
    """The turns under the least policy against those under all packs, pair by pair."""
    rates = [(few.end_to_end_rate, many.end_to_end_rate) for few, many in zip(least, most, strict=True)]
    used = [(few.cpu_per_1000, many.cpu_per_1000) for few, many in zip(least, most, strict=True)]
    shares = [many / few for few, many in rates if few and many]
    cpu_shares = [few / many for few, many in used if few and many]
    return Figures(
        scenario="policy",
        system=Assent.name,
        messages=sum(run.messages for run in (*least, *most)),
        accepted=sum(run.accepted for run in (*least, *most)),
        refused=sum(run.refused for run in (*least, *most)),
        lost=sum(run.lost for run in (*least, *most)),
        duplicates=sum(run.duplicates for run in (*least, *most)),
        policy_share=median(shares) if shares else None,
        policy_cpu_share=median(cpu_shares) if cpu_shares else None,
    )
