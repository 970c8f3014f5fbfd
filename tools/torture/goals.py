"""All goals, with the size of their runs: it owns the table that `make torture` works through.

Small sizes are for a run among other tests, large ones for the proof.
"""

import trio

from tools.torture import consumers, crashes, disks, doors, hostile, links, retries, scenarios, soak, space, webhooks
from tools.torture.gateway import ROOT
from tools.torture.proof import Finding, Goal, Setting, found, unless


async def seeded_races(setting: Setting, *, races: int) -> Finding:
    """R14, on virtual time: the flow itself, in so many seeded interleavings."""
    command = setting.program("tests.system.races", "--count", str(races), "--seed", str(setting.seed))
    done = await trio.run_process(command, capture_stdout=True, capture_stderr=True, check=False, cwd=ROOT)
    told = (done.stdout + done.stderr).decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
    return found(told[-1], more=unless(done.returncode == 0, "lost_race", *told[:1]))


GOALS: tuple[Goal, ...] = (
    Goal(
        "R1",
        "kill -9 at random moments, 3 binds, window 10, 200 msg/s",
        crashes.kill_at_random,
        {"kills": 50, "longest": 0.4},
        {"kills": 500, "longest": 5.0},
    ),
    Goal(
        "R1b",
        "kill -9 at each store and socket call",
        disks.kill_at_each_call,
        {"every": 16},
        {"every": 1},
        traced=True,
    ),
    Goal(
        "R2",
        "fdatasync before every answer",
        disks.disk_first,
        {"submits": 100, "texts": 100},
        {"submits": 10_000, "texts": 10_000},
        traced=True,
    ),
    Goal(
        "R4",
        "EIO from the n-th fdatasync",
        disks.failing_disk,
        {"failures": 2},
        {"failures": 50, "ended_in": 5.0},
        traced=True,
    ),
    Goal(
        "R5",
        "a disk with little room, then with none",
        space.full_disk,
        {"seconds": 1.0},
        {"seconds": 20.0, "refused_in": 1.0, "back_in": 10.0},
    ),
    Goal(
        "R6",
        "database locked by another process",
        disks.locked,
        {"seconds": 4.0},
        {"seconds": 30.0, "refused_in": 2.1, "stall": 0.05},
    ),
    Goal("R7", "links flap under load", links.flapping, {"flaps": 5}, {"flaps": 200, "rebound_in": 5.0}),
    Goal(
        "R8",
        "a slow carrier beside a fast one",
        links.slow_carrier,
        {"delay": 1.0, "seconds": 4.0, "backlog": 300},
        {"delay": 5.0, "seconds": 60.0, "backlog": 100_000, "share": 0.95, "deviation": 0.1, "growth": 50e6},
    ),
    Goal(
        "R9",
        "throttled by the carrier",
        links.throttled,
        {"texts": 12, "share": 0.3},
        {"texts": 300, "share": 0.3, "busy": 0.2},
    ),
    Goal("R10", "rate ceiling", links.ceiling, {"rate": 20, "seconds": 4.0}, {"rate": 50, "seconds": 1800.0}),
    Goal(
        "R11",
        "receipts all at once",
        links.receipt_storm,
        {"receipts": 1000},
        {"receipts": 50_000, "acked": 2.0, "slower": 3.0, "growth": 50e6},
    ),
    Goal(
        "R12", "receipts before their response, all forms of ids", links.early_receipts, {"texts": 240}, {"texts": 1200}
    ),
    Goal(
        "R13",
        "consumers' texts at full speed, with kills",
        consumers.flood,
        {"texts": 2000, "kills": 3},
        {"texts": 20_000, "kills": 20},
    ),
    Goal(
        "R14",
        "STOP against waiting, scheduled, retried, long texts",
        consumers.stop_races,
        {"numbers": 64, "kills": 1},
        {"numbers": 1000, "kills": 5, "spread": 40.0, "answered_in": 0.1},
    ),
    Goal("R14v", "the same, seeded, on virtual time", seeded_races, {"races": 100}, {"races": 10_000}),
    Goal(
        "R16",
        "requests repeated under one key, connections cut, kills",
        retries.repeated_requests,
        {"keys": 300, "kills": 2},
        {"keys": 10_000, "kills": 20},
    ),
    Goal(
        "R18",
        "webhook receivers that hang, fail, drip, are gone",
        retries.slow_receivers,
        {"texts": 60, "seconds": 2.0},
        {"texts": 7000, "seconds": 120.0, "lag": 1.0, "growth": 100e6},
    ),
    Goal(
        "R19",
        "kill -9 while webhooks are delivered",
        retries.webhook_kills,
        {"kills": 3, "rate": 80.0},
        {"kills": 50, "rate": 80.0},
    ),
    Goal(
        "R21", "frozen for longer than every timer", crashes.frozen, {"seconds": 4.0}, {"seconds": 60.0, "freezes": 3}
    ),
    Goal(
        "R22",
        "SIGTERM under load",
        crashes.orderly_stops,
        {"stops": 3, "longest": 0.8},
        {"stops": 100, "longest": 2.0, "stopped_in": 10.0},
    ),
    Goal(
        "R23", "start with a long queue", retries.backlog, {"messages": 3000}, {"messages": 1_000_000, "first_in": 10.0}
    ),
    Goal(
        "R24",
        "mishaps of an ordinary day, for long",
        soak.soak,
        {"seconds": 8.0, "rate": 60.0, "every": 0.6},
        {"seconds": 3600.0, "rate": 100.0, "every": 30.0, "slope": 5.0},
    ),
    Goal("S1", "mutated PDUs, decoder", hostile.decoder, {"mutations": 200_000}, {"mutations": 10_000_000}),
    Goal("S2", "hostile carriers, live", hostile.hostile_carriers, {"seconds": 12.0}, {"seconds": 120.0}),
    Goal("S3", "hostile requests, live", doors.hostile_requests, {"mutations": 300}, {"mutations": 1_000_000}),
    Goal("S4", "clients that drip", doors.slow_clients, {"connections": 100}, {"connections": 2000, "slower": 2.0}),
    Goal("S5", "requests too large", doors.sizes, {"at_once": 20}, {"at_once": 100, "growth": 10e6}),
    Goal("S6", "wrong keys", doors.wrong_keys, {"guesses": 300}, {"guesses": 100_000, "alike": 0.01}),
    Goal("S8", "webhooks to where they must not go", webhooks.strays, {"texts": 4}, {"texts": 100}),
    Goal("S9", "signatures of webhooks", webhooks.signatures, {"texts": 10}, {"texts": 1000}),
    Goal("S10", "forged receipts", links.forged_receipts, {"forgeries": 300}, {"forgeries": 100_000}),
    Goal("S14", "who can read and reach it", doors.configuration),
    Goal("carriers", "every carrier that the simulator can be, at once", scenarios.every_scenario),
)

BY_ID = {goal.id: goal for goal in GOALS}
