"""The gateway, put together: what there is, in which order it starts, and in which it stops.

Owns: building every part and nesting their lives. Does not own: what any of them does.

The store opens first and closes last; if it dies, the process stops. A stop closes the doors, ends claiming, lets the
carriers answer what is in flight, unbinds, lets webhooks finish what they are at, and closes the store. A second signal, or
a kill at any point, loses nothing: it only leaves more to be told in doubt.
"""

import logging
import resource
import secrets
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path

import msgspec
import trio

import plugins
from gateway.carrier.bind import BindState, BindStatus
from gateway.carrier.link import Link
from gateway.carrier.pool import Pool
from gateway.config import Config, ConfigError, Credentials, Fault
from gateway.config.decode import did_you_mean
from gateway.config.templates import TemplateFile, read_template_files
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
from gateway.flow.submit import Submit
from gateway.flow.sweep import Sweep
from gateway.flow.templates import Templates
from gateway.flow.waits import Waits
from gateway.hooks.discovery import Finder
from gateway.hooks.host import Host
from gateway.hooks.loading import load
from gateway.hooks.names import find_unknown
from gateway.hooks.plugin import Plugin, hearers
from gateway.metrics import Metrics, status_class
from gateway.model.ids import IdSource
from gateway.rules.charters import Charters
from gateway.store.anchors import AnchorFile
from gateway.store.disk import CannotOpen, free_bytes
from gateway.store.doubt import Recovery
from gateway.store.quota import Recall
from gateway.store.sqlite import SqliteStore, open_store
from gateway.web.auth import Keys, admin_token
from gateway.web.check import body_bytes_for
from gateway.web.doors import Doors
from gateway.web.http import Handler
from gateway.web.limits import Limits
from gateway.web.listen import open_listeners
from gateway.web.operator import operator_handler
from gateway.web.public import public_handler
from gateway.web.server import serve
from gateway.webhook.client import Client, Endpoint
from gateway.webhook.sign import Secret

_log = logging.getLogger("gateway.app")

_MIB = 1 << 20
_RECALLED = 1000
"""Segments at a time."""


_OTHER_FILES = 256
"""Open beside the doors' connections and the binds: the store, webhook receivers, listeners, logs."""


def files_needed(config: Config) -> int:
    """How many files the process has open at most, as it is configured: every connection is one."""
    binds = sum(carrier.binds + carrier.receivers for carrier in config.carriers)
    doors = 2
    return doors * config.gateway.http.connections + binds + _OTHER_FILES


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


class Addresses(msgspec.Struct, frozen=True):
    """Where the doors opened."""

    http: str
    admin: str


def find_plugins(config: Config) -> list[Plugin]:
    """The enabled plugins, of ours and of installed packages. Raises ConfigError with all that is wrong with them."""
    found = load(config.plugins, Finder((plugins.__name__,)))
    unknown = list(find_unknown(found, config))
    if unknown:
        raise ConfigError(unknown)
    return found


def template_files(config: Config, enabled: Iterable[Plugin]) -> list[TemplateFile]:
    """The templates of the plugins that run, and then those of the configuration: a later one takes the place of an earlier.

    Raises ConfigError."""
    files: list[TemplateFile] = []
    faults: list[Fault] = []
    for plugin in enabled:
        found, wrong = read_template_files(plugin.templates, plugin.name, f"{plugin.name}.")
        files += found
        faults += wrong
    if faults:
        raise ConfigError(faults)
    theirs = {file.name for file in files}
    for file in config.templates:
        owner, _, _ = file.name.partition(".")
        known = [name for name in theirs if name.startswith(f"{owner}.")]
        if known and file.name not in theirs:
            _log.warning("%s takes no other template's place: %s", file.place, did_you_mean(file.name, known))
    return [*files, *config.templates]


async def run(
    config: Config, credentials: Credentials, started: Callable[[Addresses, Keys], Awaitable[None]] | None = None
) -> None:
    """Run the gateway until SIGTERM, SIGINT or SIGHUP. ``started`` is called once the doors are open.

    Raises CannotOpen (store), ConfigError (plugins, templates), ListenError (doors), StoreFailed (the disk failed while running).
    """
    directory = Path(config.gateway.store.path)
    needed = files_needed(config)
    limit = raise_file_limit(needed)
    if limit < needed:
        _log.warning(
            "the configured connections may need %d open files and the system allows %d: some will be turned away;"
            " raise the hard limit (ulimit -Hn, LimitNOFILE=), or lower [http] connections",
            needed,
            limit,
        )
    with trio.open_signal_receiver(*_stopping_signals()) as signals:
        async with open_store(directory) as store, Client() as sender, trio.open_nursery() as nursery:
            gateway = await _build(config, credentials, store, sender, directory, wall_clock)
            nursery.start_soon(_stop_on_signal, signals, gateway, nursery.cancel_scope)
            await gateway.run(nursery, started)


class Gateway:
    """The parts, and their order."""

    def __init__(
        self,
        config: Config,
        store: SqliteStore,
        dispatch: Dispatch,
        pool: Pool,
        notifies: Iterable[Notify],
        rounds: Iterable[Callable[[], Awaitable[None]]],
        doors: Doors,
        token: str,
    ) -> None:
        self._config = config
        self._store = store
        self._dispatch = dispatch
        self._pool = pool
        self._notifies = tuple(notifies)
        self._rounds = tuple(rounds)
        """What goes round by itself for as long as the process lives."""
        self._doors = doors
        self._token = token
        self._closing = trio.Event()
        self._stopped = trio.Event()

    async def run(self, nursery: trio.Nursery, started: Callable[[Addresses, Keys], Awaitable[None]] | None) -> None:
        """Start everything and wait for the end of an orderly stop."""
        http = await open_listeners(*self._config.gateway.http.address)
        admin = await open_listeners(*self._config.gateway.admin.address)
        self._store.on_commit(self._committed)
        self._store.on_notice(self._doors.plugins.noticed)
        for go_round in self._rounds:
            nursery.start_soon(go_round)
        async with trio.open_nursery() as working:
            for notify in self._notifies:
                working.start_soon(notify.run)
            working.start_soon(self._pool.run)
            working.start_soon(self._doors.plugins.run)
            async with trio.open_nursery() as doors:
                await doors.start(self._serve, http, public_handler(self._doors))
                await doors.start(self._serve, admin, operator_handler(self._doors, self._pool, self._token))
                addresses = Addresses(_spell(http), _spell(admin))
                _log.info("doors open: clients %s, operators %s", addresses.http, addresses.admin)
                if started is not None:
                    await started(addresses, self._doors.keys)
            await self._drain()
        nursery.cancel_scope.cancel()

    def stop(self) -> None:
        """Begin the orderly stop."""
        _log.info("stopping")
        self._closing.set()

    async def _serve(
        self,
        listeners: list[trio.SocketListener],
        handler: Handler,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        http = self._config.gateway.http
        limits = Limits(
            header_bytes=http.header_kib * 1024,
            body_bytes_for=body_bytes_for(http.body_mib * _MIB),
            head_seconds=http.head_seconds,
            body_seconds=http.body_seconds,
            idle_seconds=http.idle_seconds,
            connections=http.connections,
            connections_per_ip=http.connections_per_address,
        )
        await serve(
            listeners, handler, limits, stopping=self._closing, answered=self._count_answer, task_status=task_status
        )

    def _count_answer(self, status: int) -> None:
        self._doors.metrics.http_requests.of(status_class(status)).inc()

    async def _drain(self) -> None:
        """The doors are closed: end claiming, let carriers answer, unbind, let webhooks finish."""
        stop = self._config.gateway.stop
        self._dispatch.stop()
        with trio.move_on_after(stop.drain_seconds):
            await self._dispatch.drained(self._pool.links())
        self._pool.stop()
        self._doors.plugins.stop()
        for notify in self._notifies:
            notify.stop()

    def _committed(self, queued: set[str], told: set[str], verbs: int, seconds: float) -> None:
        self._doors.metrics.store_batch_verbs.observe(verbs)
        self._doors.metrics.store_commit_seconds.observe(seconds)
        self._dispatch.wake(queued)
        for notify in self._notifies:
            if notify.client in told:
                notify.wake()
        self._doors.plugins.committed(told)


async def _build(
    config: Config,
    credentials: Credentials,
    store: SqliteStore,
    sender: Client,
    directory: Path,
    now: Callable[[], int],
) -> Gateway:
    metrics = Metrics()
    (in_doubt,) = await store.recover(Recovery(now(), config.policy.resent))
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
    consents = Consents(config, store, submit, optouts, now)
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
    rounds = (sweep.run, Reroute(config, store, health, now).run, Doubts(config, store, now).run, queries.run)
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
            everything.cancel()
        stopping = True
        # Where a terminal closes, its shell says so as well as the system: that is one wish to stop. One that nobody took from
        # the receiver before it closes would be raised anew then, and kill.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        gateway.stop()


def _spell(listeners: Iterable[trio.SocketListener]) -> str:
    host, port = next(iter(listeners)).socket.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
