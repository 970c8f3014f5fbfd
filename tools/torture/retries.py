"""Goals about the client's side: it owns the requests that are repeated, the webhooks that are not heard, and the backlog.

The client may repeat anything it got no answer to; the gateway repeats every event that its receiver did not take.
"""

import itertools
import time
from collections import defaultdict
from collections.abc import Sequence
from random import Random

import trio

from tools.torture.carrier import Carrier
from tools.torture.client import UNANSWERED, Order
from tools.torture.evidence import Violation
from tools.torture.gateway import HOLD, number
from tools.torture.ledger import audit
from tools.torture.patience import until
from tools.torture.proof import Finding, Setting, found, unless
from tools.torture.receivers import Listener
from tools.torture.stage import Stage, stage
from tools.torture.traffic import NUMBERS, submitting

LANES = 16
BATCH = 1000
FIRST_SUBMIT_SECONDS = 60.0
MEMORY = 300e6
HEARD_SECONDS = 30.0


async def repeated_requests(setting: Setting, *, keys: int, kills: int) -> Finding:
    """R16: each key 1 to 5 times, at once and in turn, with cut connections and kills: one message, one answer."""
    dice = setting.dice("retries")
    directory = setting.place("retries")
    carrier = Carrier("retries", directory)
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(NUMBERS)))
        orders = [
            Order(f"k{place}", number(dice.randrange(NUMBERS)), carrier.name, key=f"k{place}") for place in range(keys)
        ]
        async with trio.open_nursery() as nursery:
            send, receive = trio.open_memory_channel[Order](0)
            nursery.start_soon(_feed, send, orders)
            for lane in range(LANES):
                nursery.start_soon(_repeat, on, receive.clone(), setting.dice(f"lane {lane}"))
            receive.close()
            for _ in range(kills):
                await trio.sleep(dice.uniform(0.2, 0.8))
                on.gateway.kill()
                await on.gateway.start()
        others = [await _reuse(on, order) for order in dice.sample(orders, min(20, keys))]
        account = await on.account()
    more = list(unless(all(others), "key_reused", f"{others.count(False)} keys", "another body was taken under them"))
    answered: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for attempt in on.client.attempts:
        if attempt.status not in (UNANSWERED, 409, 503):
            answered[attempt.key].add((attempt.status, attempt.id))
    more += [Violation("answers", key, f"{told}") for key, told in answered.items() if len(told) > 1]
    more += unless(len(answered) == keys, "unanswered", f"{keys - len(answered)} keys")
    figure = f"{keys} keys, {len(on.client.attempts)} requests, {on.gateway.lives - 1} kills"
    return found(figure, account, more=more)


async def _feed(send: trio.MemorySendChannel[Order], orders: Sequence[Order]) -> None:
    async with send:
        for order in orders:
            await send.send(order)


async def _repeat(on: Stage, orders: trio.MemoryReceiveChannel[Order], dice: Random) -> None:
    """One client that sends each request several times, and drops some of them half way."""
    async with orders:
        async for order in orders:
            async with trio.open_nursery() as nursery:
                for _ in range(dice.randrange(1, 5)):
                    cut = dice.uniform(0.0, 0.01) if dice.random() < 0.4 else None
                    nursery.start_soon(_submit, on, order, cut)
                    if dice.random() < 0.5:
                        await trio.sleep(dice.uniform(0.0, 0.02))
            await on.client.insist(order)


async def _submit(on: Stage, order: Order, cut: float | None) -> None:
    await on.client.submit(order, cut=cut)


async def _reuse(on: Stage, order: Order) -> bool:
    """Whether the same key with another body is refused."""
    other = Order(f"other-{order.token}", order.number, order.program, key=order.key)
    attempt = await on.client.insist(other)
    on.client.attempts[:] = [one for one in on.client.attempts if one.token != other.token]  # it repeats nothing
    return attempt.status == 422 and attempt.code == "idempotency.key_reused"


async def webhook_kills(setting: Setting, *, kills: int, rate: float) -> Finding:
    """R19: kill -9 while webhooks are delivered: every event comes at least once, under the same id."""
    dice = setting.dice("hooks")
    directory = setting.place("hooks")
    carrier = Carrier("hooks", directory)
    listener = Listener("main", directory)
    async with stage(directory, [carrier], hooks=[listener], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(50)))
        texts = (Order(f"h{n}", number(n % 50), carrier.name, key=f"h{n}") for n in itertools.count())
        async with submitting(on, texts, rate):
            for _ in range(kills):
                await trio.sleep(dice.uniform(0.3, 1.2))
                on.gateway.kill()
                await on.gateway.start()
        account = await on.account()
        ids = [line["id"] for line in listener.journal()]
    return found(f"{kills} kills, {len(set(ids))} events, {len(ids) - len(set(ids))} of them again", account)


async def slow_receivers(
    setting: Setting, *, texts: int, seconds: float, lag: float = HEARD_SECONDS, growth: float = MEMORY
) -> Finding:
    """R18: one receiver hangs, one fails, one drips: the fourth hears of everything at once, and 410 ends a delivery."""
    directory = setting.place("slow-hooks")
    carrier = Carrier("hooked", directory)
    listeners = {
        "fast": Listener("fast", directory),
        "hangs": Listener("hangs", directory, "--hang"),
        "fails": Listener("fails", directory, "--status=500"),
        "drips": Listener("drips", directory, "--drip"),
        "gone": Listener("gone", directory, "--status=410"),
    }
    more: list[Violation] = []
    async with stage(directory, [carrier], hooks=list(listeners.values()), launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(texts)))
        # What is measured is the pace of texts. So many consents at once are told of one after the other.
        await _told_of(listeners["fast"], "consent.granted", 2 * texts)
        began = time.monotonic()
        before, _ = on.gateway.memory()
        orders = (Order(f"w{place}", number(place), carrier.name) for place in range(texts))
        await on.client.load(orders, texts / seconds)
        await on.drained()
        fast = listeners["fast"]
        await _told_of(fast, "message.delivered", texts)
        _, most = on.gateway.memory()
        lags = sorted(_lags(on, fast))
        views = (await on.gateway.operator("GET", "/v1/webhooks")).json["webhooks"]
        gone = next(view for view in views if view["webhook"] == "gone")
        more += unless(not gone["enabled"], "still_enabled", "the receiver that answered 410")
        calls = len(listeners["gone"].journal())
        more += unless(calls <= 2 * LANES, "hammered", f"{calls} deliveries to the receiver that answered 410")
        again = (await on.gateway.operator("POST", "/v1/webhooks/acme/gone/replay")).status
        more += unless(again == 200, "no_replay", f"HTTP {again}")
        await on.gateway.stop()
        # The others have not heard yet, and that is their own doing.
        account = audit(on.evidence(hooks=[fast]))
    p99 = lags[int(0.99 * len(lags))] if lags else float("inf")
    more += unless(p99 <= lag, "late", f"{p99 * 1000:.0f} ms until the fast one hears")
    more += unless(most - before <= growth, "memory", f"+ {(most - before) / 1e6:.0f} MB")
    figure = (
        f"{texts} texts in {time.monotonic() - began:.0f} s, the fast one hears after p99 {p99 * 1000:.0f} ms,"
        f" RSS + {(most - before) / 1e6:.0f} MB"
    )
    return found(figure, account, more=more)


async def _told_of(listener: Listener, kind: str, count: int) -> None:
    """Wait until a receiver has heard of so many events of a kind."""
    await until(lambda: sum(1 for line in listener.journal() if line["type"] == kind) >= count, HEARD_SECONDS)


def _lags(on: Stage, listener: Listener) -> list[float]:
    """Seconds from the answer to a submit to the webhook that says so."""
    answered = {attempt.id: attempt.answered_at for attempt in on.client.attempts if attempt.accepted}
    return [
        max(line["monotonic"] - answered[message], 0.0)
        for line in listener.journal()
        if line["type"] == "message.accepted" and (message := line["body"]["data"]["id"]) in answered
    ]


async def backlog(
    setting: Setting, *, messages: int, memory: float = MEMORY, first_in: float = FIRST_SUBMIT_SECONDS
) -> Finding:
    """R23: a start with a long queue: the first submit_sm comes soon, in a small memory."""
    directory = setting.place("backlog")
    carrier = Carrier("backlog", directory, profile="window = 10")
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        carrier.play("half_open")
        await on.gateway.start(bound=False)
        people = [number(place) for place in range(NUMBERS)]
        await on.gateway.consent(people, carrier.name, HOLD)
        for start in range(0, messages, BATCH):
            items = [
                Order(f"b{place}", people[place % len(people)], carrier.name).body
                for place in range(start, min(start + BATCH, messages))
            ]
            answer = await on.gateway.call("POST", "/v1/messages/batch", {"messages": items})
            assert answer.status == 200, answer.body
        on.gateway.kill()
        carrier.play("well_behaved")
        began = trio.current_time()
        on.gateway.spawn()
        await until(lambda: carrier.smsc.counted["submits"], FIRST_SUBMIT_SECONDS)
        took = trio.current_time() - began
        await trio.sleep(2.0)
        _, most = on.gateway.memory()
        await on.gateway.ready()
        # The end of a very long queue tells no more than its start.
        account = await on.account(patience=120.0) if messages <= 5 * BATCH else None
    more = unless(took <= first_in, "slow", f"{took:.1f} s to the first submit_sm")
    more += unless(most <= memory, "memory", f"{most / 1e6:.0f} MB")
    figure = f"{messages} queued: first submit_sm after {took:.1f} s, {most / 1e6:.0f} MB"
    return found(figure, *([account] if account else []), more=more)
