"""What the gateway counts and measures, for Prometheus.

Owns: every metric's name, labels and help; the registry and its text form; prometheus_client. Does not own: when
something is counted (flow, carrier, store, webhook, web) or the door it is read through (web).

Labels have few values that the operator or the code chose: states, codes, names of carriers. A value that looks like
anything else (a phone number, words of a text, whatever a carrier made up) is counted as ``other``, so neither privacy
nor memory depends on what comes in. Resolving labels costs a dictionary look-up; count a batch with one ``inc(n)``.
"""

import re
from typing import Generic, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of ``Metrics.render``."""

OTHER = "other"
_MOST_CHILDREN = 2000
_LABEL_VALUE = re.compile(r"(?!.*[0-9]{7})[a-z0-9_./\-]{0,64}")

M = TypeVar("M", Counter, Gauge)

# A series per child that says when it was made: twice the size for something that nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Family(Generic[M]):
    """A metric with labels, and its children by the values of them."""

    def __init__(self, metric: M) -> None:
        self._metric: M = metric
        self._children: dict[tuple[str, ...], M] = {}

    def of(self, *values: str) -> M:
        """The child with these label values, in the order of the metric's labels; it may be kept."""
        child = self._children.get(values)
        return self._resolve(values) if child is None else child

    def _resolve(self, values: tuple[str, ...]) -> M:
        known = tuple(value if _LABEL_VALUE.fullmatch(value) else OTHER for value in values)
        if known not in self._children and len(self._children) >= _MOST_CHILDREN:
            known = (OTHER,) * len(values)
        # Kept by what it is counted as, not by what came in: hostile values must not fill the dictionary either.
        return self._children.setdefault(known, self._metric.labels(*known))


class Metrics:
    """All metrics of one gateway. Each has its registry, so that two in one process do not meet."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)

        self.messages = self._counter("messages", "Messages that entered a state, by its reason code", "state", "code")
        self.segments_submitted = self._counter("segments_submitted", "submit_sm written to a carrier", "carrier")
        self.responses = self._counter("responses", "submit_sm_resp, by what they mean", "carrier", "verdict")
        self.receipts = self._counter(
            "receipts", "Delivery receipts: state they tell; matched, parked, duplicate", "carrier", "state", "outcome"
        )
        self.inbound = self._counter("inbound", "Texts of consumers, by what they ask for", "carrier", "kind")
        self.webhook_attempts = self._counter("webhook_attempts", "Webhook attempts", "client", "outcome")
        self.http_requests = self._counter("http_requests", "HTTP requests answered, such as 2xx", "status_class")

        self.plugin_calls = self._counter("plugin_calls", "Calls of plugins: ok, failed", "plugin", "hook", "outcome")
        self.plugin_seconds = self._counter("plugin_seconds", "Time that plugins took", "plugin", "hook")
        self.plugin_suspended = self._gauge("plugin_suspended", "1 while a plugin is called no more", "plugin")
        self.plugin_waiting = self._gauge("plugin_waiting", "Notices that a plugin was not told yet", "plugin")
        self.client_events = self._counter("client_events", "Client events taken: new, again, other", "outcome")

        self.queue_depth = self._gauge("queue_depth", "Segments that wait to be submitted", "carrier")
        self.in_doubt = self._gauge(
            "in_doubt", "Segments of which nobody knows whether the carrier has them", "carrier"
        )
        self.reviews_open = self._gauge("reviews_open", "Texts of consumers that wait for a person", "client")
        self.reviews_overdue = self._gauge(
            "reviews_overdue", "Those of them that should have been looked at by now", "client"
        )
        self.inbound_unanswered = self._gauge(
            "inbound_unanswered", "Texts of consumers of the last 30 days that nobody answered", "client"
        )
        self.inbound_unanswered_seconds = self._gauge(
            "inbound_unanswered_seconds", "How long the oldest of them has waited", "client"
        )
        self.receipts_parked = self._gauge("receipts_parked", "Receipts that belong to no text known so far", "carrier")
        self.window_in_use = self._gauge("window_in_use", "submit_sm that wait for their answer", "carrier", "bind")
        self._bind_state = self._gauge("bind_state", "1 for the state that the bind is in", "carrier", "bind", "state")
        self._bind_states: dict[tuple[str, str], str] = {}

        self.store_batch_verbs = Histogram(
            "assent_store_batch_verbs",
            "Verbs that one commit made durable",
            buckets=tuple(2**power for power in range(11)),
            registry=self._registry,
        )
        self.store_commit_seconds = Histogram(
            "assent_store_commit_seconds",
            "Time from the first statement of a batch until it is on disk",
            buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
            registry=self._registry,
        )

    def set_bind_state(self, carrier: str, bind: str, state: str) -> None:
        """The bind is in ``state`` now, and in no other."""
        before = self._bind_states.get((carrier, bind))
        if before is not None:
            self._bind_state.of(carrier, bind, before).set(0)
        self._bind_state.of(carrier, bind, state).set(1)
        self._bind_states[carrier, bind] = state

    def render(self) -> bytes:
        """Everything in Prometheus's text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Family[Counter]:
        return Family(Counter(f"assent_{name}", meaning, labels, registry=self._registry))

    def _gauge(self, name: str, meaning: str, *labels: str) -> Family[Gauge]:
        return Family(Gauge(f"assent_{name}", meaning, labels, registry=self._registry))


def status_class(status: int) -> str:
    """``2xx`` for 204: what ``http_requests`` is counted by."""
    return f"{status // 100}xx"
