"""Goals about hostile octets from carriers: it owns the attacks on the decoder and on the binds, and the look at whether
anybody else noticed.

The parsers' own tests go deeper than this; here the whole process is attacked while it works for others.
"""

import itertools
import os
import subprocess
from collections import Counter

import msgspec
import trio

from tools.torture.carrier import Carrier
from tools.torture.client import Order
from tools.torture.enemies import ATTACKS, Enemy
from tools.torture.evidence import Violation
from tools.torture.gateway import ROOT, number
from tools.torture.proof import Finding, Setting, found, unless
from tools.torture.stage import stage

SLOW_MS = 100.0
FLAT_MB = 4.0
"""What the decoder's own tables may still grow by once it is warm."""
PDU_SECONDS = 15.0
"""A PDU that began must have ended, or the link, in 10 s; a busy machine gets a few more."""
CACHES = 96 * 1024 * 1024
"""What the store's connections together keep of the file in memory."""
GROWTH = CACHES + 32e6
"""Octets of memory that an attack may cost at its worst. One enemy's texts are stored like anybody's, thousands a second, and
fill the store's caches."""


async def decoder(setting: Setting, *, mutations: int) -> Finding:
    """S1: mutations of valid PDUs: the decoder raises nothing but its own errors, and takes its time over none."""
    cores = len(os.sched_getaffinity(0))
    share = -(-mutations // cores)
    commands = [
        setting.program("tools.torture.fuzz", "--count", str(share), "--seed", str(setting.seed * 1000 + core))
        for core in range(cores)
    ]
    done: list[subprocess.CompletedProcess[bytes]] = []

    async def run(command: list[str]) -> None:
        done.append(await trio.run_process(command, capture_stdout=True, capture_stderr=True, check=False, cwd=ROOT))

    async with trio.open_nursery() as nursery:
        for command in commands:
            nursery.start_soon(run, command)
    more: list[Violation] = []
    counts: Counter[str] = Counter()
    slowest = growth = 0.0
    for one in done:
        if one.returncode:
            more.append(Violation("crashed", "the decoder", one.stderr.decode("utf-8", "replace")[-300:]))
            continue
        told = msgspec.json.decode(one.stdout)
        counts.update(decoded=told["decoded"], refused=told["refused"])
        slowest = max(slowest, told["slowest_ms"])
        growth = max(growth, told["growth_mb"])
    more += unless(growth <= FLAT_MB, "memory", f"+ {growth:.0f} MB")
    more += unless(slowest <= SLOW_MS, "slow", f"{slowest:.0f} ms for one PDU")
    return found(
        f"{counts['decoded']} decoded, {counts['refused']} refused, the slowest {slowest:.1f} ms, RSS + {growth:.1f} MB",
        more=more,
    )


async def hostile_carriers(setting: Setting, *, seconds: float) -> Finding:
    """S2: seven peers that send what no SMSC would, for as long: the honest carrier's texts do not notice."""
    directory = setting.place("enemies")
    honest = Carrier("honest", directory)
    enemies = [Enemy(name, attack, setting.dice(name)) for name, attack in ATTACKS.items()]
    async with stage(directory, [honest], enemies=enemies, launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.gateway.consent([number(place) for place in range(50)], "honest")
        before, _ = on.gateway.memory()
        texts = (Order(f"t{place}", number(place % 50), "honest", key=f"t{place}") for place in itertools.count())
        ending = trio.current_time() + seconds
        await on.client.load(texts, 30.0, until=lambda: trio.current_time() >= ending)
        _, most = on.gateway.memory()
        account = await on.account()
    more = list(unless(on.gateway.lives == 1, "crashed", "the gateway"))
    more += [Violation("unseen", enemy.name, "was never bound") for enemy in enemies if not enemy.attacks]
    for enemy in enemies:
        if enemy.name in ("drip", "half"):
            more += unless(enemy.longest <= PDU_SECONDS, "borne", enemy.name, f"{enemy.longest:.0f} s")
    more += unless(most - before <= GROWTH, "memory", f"+ {(most - before) / 1e6:.0f} MB")
    delivered = account.counts["delivered"] == account.counts["accepted"]
    more += unless(delivered, "held_up", f"{account.counts['delivered']} of {account.counts['accepted']}")
    attacks = sum(enemy.attacks for enemy in enemies)
    pdus = sum(enemy.pdus for enemy in enemies)
    figure = f"{attacks} attacks of {len(enemies)} kinds with {pdus} PDUs in {seconds:g} s, RSS + {(most - before) / 1e6:.0f} MB"
    return found(figure, account, more=more)
