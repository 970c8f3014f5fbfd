"""Metrics: counted where they belong, and never a label of something private or endless."""

import pytest

from gateway.metrics import Metrics, status_class

NUMBER = "+12025550123"


def samples(metrics: Metrics) -> dict[str, float]:
    """Every sample by its name and labels."""
    lines = metrics.render().decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_a_batch_is_one_increment() -> None:
    metrics = Metrics()
    metrics.messages.of("delivered", "").inc(128)
    metrics.messages.of("delivered", "").inc()
    metrics.messages.of("blocked", "consent.missing").inc(2)
    found = samples(metrics)
    assert found['assent_messages_total{code="",state="delivered"}'] == 129
    assert found['assent_messages_total{code="consent.missing",state="blocked"}'] == 2


def test_children_may_be_kept() -> None:
    metrics = Metrics()
    child = metrics.segments_submitted.of("main")
    assert metrics.segments_submitted.of("main") is child
    child.inc(3)
    assert samples(metrics)['assent_segments_submitted_total{carrier="main"}'] == 3


def test_everything_has_its_sample() -> None:
    metrics = Metrics()
    metrics.responses.of("main", "throttled").inc()
    metrics.receipts.of("main", "delivered", "matched").inc()
    metrics.inbound.of("main", "opt-out").inc()
    metrics.webhook_attempts.of("demo", "delivered").inc()
    metrics.http_requests.of(status_class(204)).inc()
    metrics.queue_depth.of("main").set(1_000_000)
    metrics.in_doubt.of("main").set(2)
    metrics.window_in_use.of("main", "main/trx-1").set(10)
    metrics.store_batch_verbs.observe(100)
    metrics.store_commit_seconds.observe(0.003)
    assert {
        'assent_responses_total{carrier="main",verdict="throttled"}': 1,
        'assent_receipts_total{carrier="main",outcome="matched",state="delivered"}': 1,
        'assent_inbound_total{carrier="main",kind="opt-out"}': 1,
        'assent_webhook_attempts_total{client="demo",outcome="delivered"}': 1,
        'assent_http_requests_total{status_class="2xx"}': 1,
        'assent_queue_depth{carrier="main"}': 1_000_000,
        'assent_in_doubt{carrier="main"}': 2,
        'assent_window_in_use{bind="main/trx-1",carrier="main"}': 10,
        'assent_store_batch_verbs_bucket{le="64.0"}': 0,
        'assent_store_batch_verbs_bucket{le="128.0"}': 1,
        'assent_store_commit_seconds_bucket{le="0.002"}': 0,
        'assent_store_commit_seconds_bucket{le="0.005"}': 1,
    }.items() <= samples(metrics).items()


def test_a_bind_is_in_one_state_at_a_time() -> None:
    metrics = Metrics()
    for state in ("connecting", "bound", "bound", "down", "bound"):
        metrics.set_bind_state("main", "main/trx-1", state)
    metrics.set_bind_state("main", "main/trx-2", "down")
    found = {name: value for name, value in samples(metrics).items() if name.startswith("assent_bind_state{")}
    assert {name for name, value in found.items() if value == 1} == {
        'assent_bind_state{bind="main/trx-1",carrier="main",state="bound"}',
        'assent_bind_state{bind="main/trx-2",carrier="main",state="down"}',
    }
    assert len(found) == 4


@pytest.mark.parametrize("value", [NUMBER, NUMBER[1:], "words of a text", "UPPER", "é", "a\nb", 'a"b', "x" * 65, "x\n"])
def test_a_strange_label_is_counted_as_other(value: str) -> None:
    metrics = Metrics()
    metrics.receipts.of("main", value, "matched").inc(2)
    found = {name: value for name, value in samples(metrics).items() if name.startswith("assent_receipts_total{")}
    assert found == {'assent_receipts_total{carrier="main",outcome="matched",state="other"}': 2}


def test_labels_cannot_fill_the_memory() -> None:
    metrics = Metrics()
    for n in range(5000):
        metrics.receipts.of("main", f"state-{n}", "matched").inc()
    found = [value for name, value in samples(metrics).items() if name.startswith("assent_receipts_total{")]
    assert len(found) <= 2001
    assert sum(found) == 5000


def test_two_gateways_in_one_process_do_not_meet() -> None:
    first, second = Metrics(), Metrics()
    first.in_doubt.of("main").set(7)
    assert 'assent_in_doubt{carrier="main"}' not in samples(second)


def test_the_process_is_measured() -> None:
    found = samples(Metrics())
    assert found["process_resident_memory_bytes"] > 0
    assert found["process_open_fds"] > 0


@pytest.mark.parametrize(("status", "expected"), [(200, "2xx"), (202, "2xx"), (404, "4xx"), (503, "5xx")])
def test_a_status_has_its_class(status: int, expected: str) -> None:
    assert status_class(status) == expected
