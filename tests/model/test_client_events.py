"""Client events: what is taken, and what each refusal names."""

from typing import Any

import msgspec
import pytest

from gateway.model.client_events import EVENT_TYPES, faults_of, read_event

BASE: dict[str, Any] = {"id": "evt-1", "occurred_at": "2026-03-08T10:00:00Z", "account": "A-1"}
USD = {"minor": 5210, "currency": "USD"}
BODIES: dict[str, dict[str, Any]] = {
    "invoice.issued": {"invoice": "I-1", "amount": USD, "due_on": "2028-02-29", "link": "https://pay.example/1"},
    "invoice.updated": {"invoice": "I-1", "due_on": "2026-03-10"},
    "invoice.paid": {"invoice": "I-1"},
    "invoice.cancelled": {"invoice": "I-1"},
    "payment.scheduled": {"payment": "P-1", "amount": USD, "due_on": "2026-03-10"},
    "payment.cancelled": {"payment": "P-1"},
    "payment.posted": {"payment": "P-1", "amount": USD, "balance": {"minor": 0, "currency": "USD"}},
    "payment.failed": {"payment": "P-1", "amount": USD, "retry_on": "2026-03-10", "reason": "card_expired"},
    "payment.nsf": {"payment": "P-1", "amount": USD},
    "plan.proposed": {"plan": "L-1", "installments": [{"amount": USD, "due_on": "2026-04-15"}]},
    "plan.accepted": {"plan": "L-1"},
    "plan.rejected": {"plan": "L-1"},
    "promise.made": {"promise": "R-1", "amount": USD, "due_on": "2026-03-20"},
    "promise.kept": {"promise": "R-1"},
    "promise.broken": {"promise": "R-1"},
    "account.updated": {"balance": USD, "fields": {"segment": "gold", "late": True, "score": 7, "old": None}},
    "account.paid": {},
    "account.closed": {},
    "step.completed": {"step": "s-1", "outcome": "clicked", "answer": "1"},
    "step.failed": {"step": "s-1", "reason": "no_address"},
}


def read(kind: str, **changes: object) -> Any:
    return read_event(msgspec.json.encode({"type": kind} | BASE | BODIES[kind] | changes))


def test_every_type_has_an_example_here() -> None:
    assert set(BODIES) == set(EVENT_TYPES)


@pytest.mark.parametrize("kind", BODIES)
def test_every_type_is_read_and_spelt_alike(kind: str) -> None:
    event = read(kind, number="+12025550123", program="servicing", locale="es-MX", zone="America/Chicago")
    assert type(event) is EVENT_TYPES[kind]
    assert list(faults_of(event)) == []
    assert read_event(msgspec.json.encode(event)) == event


@pytest.mark.parametrize("kind", BODIES)
def test_an_unknown_field_is_refused(kind: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `colour`"):
        read(kind, colour="red")


@pytest.mark.parametrize(
    ("kind", "changes", "named"),
    [
        ("invoice.issued", {"amount": {"minor": 52.1, "currency": "USD"}}, r"amount\.minor"),
        ("invoice.issued", {"amount": {"minor": 52.0, "currency": "USD"}}, r"amount\.minor"),
        ("invoice.issued", {"amount": {"minor": -1, "currency": "USD"}}, r"amount\.minor"),
        ("invoice.issued", {"amount": {"minor": True, "currency": "USD"}}, r"amount\.minor"),
        ("invoice.issued", {"amount": {"minor": "5210", "currency": "USD"}}, r"amount\.minor"),
        ("invoice.issued", {"amount": {"minor": 10**13, "currency": "USD"}}, r"amount\.minor"),
        ("invoice.issued", {"amount": {"minor": 1, "currency": "usd"}}, r"amount\.currency"),
        ("invoice.issued", {"amount": 52.1}, "amount"),
        ("invoice.issued", {"amount": {"minor": 1}}, "currency"),
        ("invoice.issued", {"due_on": "2026-02-29"}, "due_on"),
        ("invoice.issued", {"due_on": "2026-03-08T00:00:00Z"}, "due_on"),
        ("invoice.issued", {"due_on": 20260308}, "due_on"),
        ("invoice.issued", {"link": "http://pay.example/1"}, "link"),
        ("invoice.issued", {"invoice": ""}, "invoice"),
        ("invoice.issued", {"invoice": "a\nb"}, "invoice"),
        ("invoice.issued", {"account": None}, "account"),
        ("invoice.issued", {"id": "a b"}, "id"),
        ("invoice.issued", {"locale": "english"}, "locale"),
        ("plan.proposed", {"installments": []}, "installments"),
        ("account.updated", {"fields": {"x": 1.5}}, "fields"),
        ("account.updated", {"fields": {"Bad Name": 1}}, "fields"),
        ("step.completed", {"outcome": None}, "outcome"),
    ],
)
def test_what_is_not_of_its_type_is_refused_by_name(kind: str, changes: dict[str, object], named: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=named):
        read(kind, **changes)


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        ("account.paid", {"occurred_at": "2026-03-08T10:00:00"}, "occurred_at"),
        ("account.paid", {"occurred_at": "2026-03-08"}, "occurred_at"),
        ("account.paid", {"occurred_at": "1969-12-31T00:00:00Z"}, "occurred_at"),
        ("account.paid", {"number": "2025550123"}, "number"),
        ("account.paid", {"number": "+19995550123"}, "number"),
        ("account.paid", {"zone": "America/Nowhere"}, "zone"),
        ("account.paid", {"zone": "America"}, "zone"),
        ("account.paid", {"zone": "/etc/passwd"}, "zone"),
        ("invoice.issued", {"due_on": "0001-01-01"}, "due_on"),
        ("invoice.updated", {"due_on": "9999-12-31"}, "due_on"),
        ("plan.proposed", {"expires_at": "soon"}, "expires_at"),
        (
            "plan.proposed",
            {
                "installments": [
                    {"amount": USD, "due_on": "2026-04-15"},
                    {"amount": {"minor": 1, "currency": "EUR"}, "due_on": "2026-05-15"},
                ]
            },
            "installments",
        ),
        ("plan.proposed", {"installments": [{"amount": USD, "due_on": "2026-04-15"}] * 2}, "installments"),
    ],
)
def test_what_no_type_shows_to_be_wrong_is_named(kind: str, changes: dict[str, object], field: str) -> None:
    assert [wrong[0] for wrong in faults_of(read(kind, **changes))] == [field]


def test_the_instant_is_in_milliseconds_whatever_the_zone() -> None:
    assert read("account.paid", occurred_at="2026-03-08T05:00:00.250-05:00").at == 1772964000250
