"""The gateway, put together: what there is, and what ends it.

Owns: building every part, and the process that runs them. Does not own: the order of their lives (lifecycle), what any of them
does.

The store opens first and closes last; if it dies, the process stops. A second signal, or a kill at any point, loses nothing:
it only leaves more to be told in doubt.
"""

import logging
import resource
import secrets
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import trio

from gateway.carrier.bind import BindState, BindStatus
from gateway.carrier.link import Link
from gateway.carrier.pool import Pool
from gateway.config import Config, Credentials, HttpConfig
from gateway.extensions import advise_on_templates, find_plugins, template_files
from gateway.flow.check import Check
from gateway.flow.consent import Consents
from gateway.flow.dispatch import Dispatch
from gateway.flow.doubts import Doubts
from gateway.flow.health import Health
from gateway.flow.inbound import InboundRoad
from gateway.flow.intake import EventIntake
from gateway.flow.ledger import Ledger
from gateway.flow.notify import Notify
from gateway.flow.optins import OptIns, Random
from gateway.flow.optouts import OptOuts
from gateway.flow.plugin_api import asks_by
from gateway.flow.plugins import Plugins
from gateway.flow.prepare import Preparation
from gateway.flow.queries import Queries
from gateway.flow.refusals import PluginRefusals
from gateway.flow.replies import Replies
from gateway.flow.reroute import Reroute
from gateway.flow.reviews import Reviews
from gateway.flow.road import CarrierRoad
from gateway.flow.room import Room
from gateway.flow.setbacks import Setbacks
from gateway.flow.submit import Submit
from gateway.flow.sweep import Sweep
from gateway.flow.templates import Templates
from gateway.flow.waits import Waits
from gateway.hooks.host import Host
from gateway.hooks.plugin import hearers
from gateway.lifecycle import Gateway, Started
from gateway.metrics import Metrics
from gateway.model.ids import IdSource
from gateway.model.template import EVERYBODY
from gateway.rules.charters import Charters
from gateway.store.anchors import AnchorFile
from gateway.store.directory import CannotOpen
from gateway.store.disk import free_bytes
from gateway.store.doubt import Recovery
from gateway.store.quota import Recall
from gateway.store.sqlite import SqliteStore, open_store
from gateway.web.auth import Keys, admin_token
from gateway.web.doors import Doors
from gateway.webhook.client import Client, Endpoint
from gateway.webhook.sign import Secret

_log = logging.getLogger("gateway.app")

_MIB = 1 << 20
_RECALLED = 1000
"""Segments at a time."""
_OTHER_FILES = 256
"""Open beside the doors' connections and the binds: the store, webhook receivers, listeners, logs."""
_FEWEST_OTHER_FILES = 48
"""With which a gateway of a few webhooks gets along."""
_DOORS = 2


def files_needed(config: Config) -> int:
    """How many files the process has open at most, as it is configured: every connection is one."""
    return _DOORS * config.gateway.http.connections + _binds(config) + _OTHER_FILES


def door_within(limit: int, config: Config) -> HttpConfig:
    """Each door where so many files may be open: whoever connects does not take the files of the store, the binds and the
    webhooks, and one address as small a part of the fewer connections as of those configured."""
    door = config.gateway.http
    others = min(_OTHER_FILES, max(_FEWEST_OTHER_FILES, limit // 2))
    connections = max(1, min(door.connections, (limit - _binds(config) - others) // _DOORS))
    each = max(1, door.connections_per_address * connections // door.connections)
    return msgspec.structs.replace(door, connections=connections, connections_per_address=each)


def _binds(config: Config) -> int:
    return sum(carrier.binds + carrier.receivers for carrier in config.carriers)


def raise_file_limit(needed: int) -> int:
    """Raise the soft limit of open files as far as the hard one lets us; returns the limit that then holds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        needed = min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
        soft = needed
    return soft if soft != resource.RLIM_INFINITY else needed


def wall_clock() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


async def run(config: Config, credentials: Credentials, started: Started | None = None) -> None:
    """Run the gateway until SIGTERM, SIGINT or SIGHUP. ``started`` is called once the doors are open.

    Raises CannotOpen (store), ConfigError (plugins, templates), ListenError (doors), StoreFailed (the disk failed while running).
    """
    directory = Path(config.gateway.store.path)
    needed = files_needed(config)
    limit = raise_file_limit(needed)
    if limit < needed:
        http = door_within(limit, config)
        _log.warning(
            "the configured connections may need %d open files and the system allows %d: each door takes %d connections;"
            " raise the hard limit (ulimit -Hn, LimitNOFILE=), or lower [http] connections",
            needed,
            limit,
            http.connections,
        )
        config = msgspec.structs.replace(config, gateway=msgspec.structs.replace(config.gateway, http=http))
    with trio.open_signal_receiver(*_stopping_signals()) as signals:
        async with open_store(directory, wall_clock()) as store, Client() as sender, trio.open_nursery() as nursery:
            gateway = await _build(config, credentials, store, sender, directory, wall_clock)
            nursery.start_soon(_stop_on_signal, signals, gateway, nursery.cancel_scope)
            await gateway.run(nursery, started)


async def _build(
    config: Config,
    credentials: Credentials,
    store: SqliteStore,
    sender: Client,
    directory: Path,
    now: Callable[[], int],
) -> Gateway:
    metrics = Metrics()
    attempts = {carrier.name: carrier.retry.attempts for carrier in config.carriers}
    (in_doubt,) = await store.recover(Recovery(now(), config.policy.resent, attempts))
    if in_doubt:
        _log.warning("%d segments were in flight when the gateway last ended: see `assent admin doubts`", in_doubt)
    for carrier in config.carriers:
        # What waited for a quota that is no longer there: a claim without limits does not look for it.
        while not carrier.limits and (await store.recall(Recall(carrier.name, _RECALLED)))[0] >= _RECALLED:
            pass
    ids = IdSource(await store.greatest_id())
    optouts = OptOuts()
    room = Room(lambda: free_bytes(directory), config.gateway.store.reserve_mib * _MIB, now)
    health = Health(carrier.name for carrier in config.carriers)
    host = Host(find_plugins(config), metrics)
    templates = Templates(config, store, now)
    await templates.load(template_files(config, host.plugins))
    for advice in advise_on_templates(
        config.clients,
        host.plugins,
        [one.spec for one in templates.everything() if one.client == EVERYBODY],
        lambda client: (one.spec for one in templates.listed(client.id)),
    ):
        _log.warning("%s", advice)
    refusals = PluginRefusals(host, store)
    checked = hearers(host.plugins, "observe_number_check", (client.id for client in config.clients))
    charters = Charters(config)
    preparation = Preparation(config, charters, ids, now, health.healthy, templates)
    dispatch = Dispatch(config, charters, store, optouts, metrics, now, checked)
    submit = Submit(config, store, preparation, metrics, now, room.enough, dispatch.wake, refusals, checked)

    def links() -> list[Link]:
        return pool.links()

    def changed(status: BindStatus) -> None:
        metrics.set_bind_state(status.carrier, status.name, status.state)
        health.changed(status)

    replies = Replies(config, store, submit, ids, now, links, host.keyword)
    inbound = InboundRoad(config, store, replies, optouts, metrics, now, links)
    queries = Queries(config, store, links, now)
    pool = Pool(
        config.carriers,
        credentials,
        CarrierRoad(dispatch, inbound, queries),
        changed,
    )
    notifies = [
        Notify(
            client.id,
            webhook,
            Endpoint(
                f"{client.id}/{webhook.id}",
                webhook.url,
                tuple(Secret.parse(secret) for secret in credentials.webhooks[client.id, webhook.id]),
                webhook.allow_private,
            ),
            sender,
            store,
            metrics,
            now,
        )
        for client in config.clients
        for webhook in client.webhooks
    ]
    reviews = Reviews(store, optouts, metrics, (client.id for client in config.clients), now)
    optins = OptIns(config, store, submit, templates, ids, Random(secrets.randbelow, secrets.token_bytes), now)
    consents = Consents(config, store, submit, optouts, now, links)
    running = Plugins(host, store, config, submit, asks_by(optins), consents, metrics, now)
    await running.open()
    ledger = Ledger(config, charters, store, AnchorFile(directory), optouts, now)
    sweep = Sweep(
        store, inbound, reviews, optins, ledger, pool, (carrier.name for carrier in config.carriers), metrics, now
    )
    keys = Keys(config, store, now)
    await keys.load()

    def not_ready() -> list[str]:
        reasons = [] if room.enough() else ["the disk has too little room for new texts"]
        if not any(status.state is BindState.BOUND for status in pool.observe()):
            reasons.append("no carrier is bound")
        return reasons

    def replayed(endpoint: str) -> None:
        for notify in notifies:
            if notify.name == endpoint:
                notify.resume()

    def paused(endpoint: str) -> float:
        return max((notify.paused() for notify in notifies if notify.name == endpoint), default=0.0)

    doors = Doors(
        config=config,
        store=store,
        submit=submit,
        consents=consents,
        reviews=reviews,
        optins=optins,
        intake=EventIntake(config, store, metrics, room.enough, now),
        plugins=running,
        ledger=ledger,
        keys=keys,
        metrics=metrics,
        now=now,
        ready=not_ready,
        replayed=replayed,
        paused=paused,
        waits=Waits(store, dispatch, health, now).of,
        templates=templates,
        check=Check(config, store, submit, now),
    )
    setbacks = Setbacks(store, now)
    reroute = Reroute(config, store, health, now)
    rounds = (setbacks.run, sweep.run, reroute.run, Doubts(config, store, now).run, queries.run)
    token_file = directory / "admin.token"
    try:
        token = admin_token(token_file)
    except OSError as error:
        raise CannotOpen(
            f"{token_file} cannot be written ({error.strerror}): remove what is there, and check the rights and the disk"
        ) from error
    return Gateway(config, store, dispatch, pool, notifies, rounds, doors, token)


def _stopping_signals() -> list[signal.Signals]:
    """A terminal that closes stops the gateway in order, unless whoever started it (nohup) meant it to go on."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGTERM, signal.SIGINT, *([] if ignored else [signal.SIGHUP])]


async def _stop_on_signal(signals: AsyncIterator[int], gateway: Gateway, everything: trio.CancelScope) -> None:
    stopping = False
    async for one in signals:
        if stopping and one != signal.SIGHUP:
            gateway.give_up()
            everything.cancel()
        stopping = True
        # Where a terminal closes, its shell says so as well as the system: that is one wish to stop. One that nobody took from
        # the receiver before it closes would be raised anew then, and kill.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        gateway.stop()
