"""A hundred days of fifty accounts: every text that reaches a consumer, its day, its hour and its words.

Ten stories, each in five time zones and two languages, under the shipped policy: hours from nine to eight and from noon on
Sundays, none on federal holidays, one text a day, two a week about a debt. What is expected is worked out here from the calendar
and from the wording, not by the gateway's own code.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
import trio

from gateway.model.client_events import (
    AccountPaid,
    ClientEvent,
    InvoiceIssued,
    InvoicePaid,
    InvoiceUpdated,
    PaymentFailed,
    PaymentPosted,
    PromiseMade,
)
from gateway.model.clock import HOUR, read_instant, spell_instant
from gateway.model.money import Money
from tests.plugins.life import Life, Sent, life_of, lived

ENABLED = ["payment_reminders", "payment_receipts", "failure_notices", "promise_to_pay"]
START, DAYS = date(2026, 2, 17), 100
HOLIDAYS = {date(2026, 5, 25)}
EVENING = time(20)
"""In UTC: what clients and consumers do, they do then; it is early afternoon on the Pacific coast."""

PLACES = [
    ("212", "America/New_York"),
    ("312", "America/Chicago"),
    ("303", "America/Denver"),
    ("602", "America/Phoenix"),
    ("213", "America/Los_Angeles"),
]
MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun"],
    "es": ["ene", "feb", "mar", "abr", "may", "jun"],
}
WORDS = {
    "before": (
        "Acme: your payment of {amount} is due {day}. Pay or see details at {link} Reply STOP to opt out.",
        "Acme: su pago de {amount} vence el {day}. Pague o vea los detalles en {link} Responda STOP para no recibir mensajes.",
    ),
    "after_3": (
        "Acme: your payment of {amount} was due {day}. If you have paid it, thank you. To pay, go to {link}"
        " Reply STOP to opt out.",
        "Acme: su pago de {amount} era para el {day}. Si ya lo hizo, gracias. Para pagar, entre en {link} Responda STOP para no"
        " recibir mensajes.",
    ),
    "after_6": (
        "Acme: we have not received your payment of {amount}, due {day}. If you have paid it, thank you. To pay, go to {link}"
        " Reply STOP to opt out.",
        "Acme: no hemos recibido su pago de {amount} del {day}. Si ya lo hizo, gracias. Para pagar, entre en {link}"
        " Responda STOP para no recibir mensajes.",
    ),
    "after_60": (
        "Acme: {amount} has been due since {day}. We would like to find a plan that works for you. See the options at {link}"
        " Questions: acme.example/help. Reply STOP to opt out.",
        "Acme: hay {amount} sin pagar desde el {day}. Queremos encontrar un plan que le convenga. Vea las opciones en {link}"
        " Preguntas: acme.example/help. Responda STOP para no recibir mensajes.",
    ),
    "menu": (
        "Acme: {amount} has been due since {day}. When can you pay? Reply 1 now, 2 tomorrow, 3 in 7 days, 4 in 14 days,"
        " 5 talk to a person. Reply STOP to opt out.",
        "Acme: hay {amount} sin pagar desde el {day}. Responda 1 pagar ahora, 2 mañana, 3 en una semana, 4 en dos semanas,"
        " 5 hablar con una persona. Responda STOP para no recibir mensajes.",
    ),
    "again": (
        "Acme: sorry, we did not understand. Reply 1 to pay now, 2 tomorrow, 3 in 7 days, 4 in 14 days, 5 to talk to a person."
        " Reply STOP to opt out.",
        "Acme: no entendimos su respuesta. Responda 1 pagar ahora, 2 mañana, 3 en una semana, 4 en dos semanas,"
        " 5 hablar con una persona. Responda STOP para no recibir mensajes.",
    ),
    "person": (
        "Acme: thank you. A member of our team will get back to you. Reply STOP to opt out.",
        "Acme: gracias. Una persona de nuestro equipo va a comunicarse con usted. Responda STOP para no recibir mensajes.",
    ),
    "thanks": (
        "Acme: thank you. We noted {amount} for {day}. We will send you a reminder before then. Reply STOP to opt out.",
        "Acme: gracias. Anotamos {amount} para el {day}. Le enviaremos un recordatorio antes. Responda STOP para no recibir"
        " mensajes.",
    ),
    "promised": (
        "Acme: you planned to pay {amount} by {day}. Pay at {link} Reply STOP to opt out.",
        "Acme: usted iba a pagar {amount} antes del {day}. Pague en {link} Responda STOP para no recibir mensajes.",
    ),
    "failed": (
        "Acme: your payment of {amount} on {day} did not go through. We will try it again on {retry}. To pay another way, go to"
        " {link} Reply STOP to opt out.",
        "Acme: su pago de {amount} del {day} no se pudo procesar. Lo intentaremos de nuevo el {retry}. Para pagar de otra forma,"
        " entre en {link} Responda STOP para no recibir mensajes.",
    ),
    "receipt": (
        "Acme: we received your payment of {amount} on {day}. Thank you. Reply STOP to opt out.",
        "Acme: recibimos su pago de {amount} el {day}. Gracias. Responda STOP para no recibir mensajes.",
    ),
    "stopped": ("Example Co: you will get no more texts from us. Reply START to get them again.",) * 2,
}


class Person(NamedTuple):
    """A consumer, and the invoice."""

    number: str
    zone: str
    language: str
    account: str
    amount: int
    due: date

    def says(self, name: str, day: date | None = None, retry: date | None = None) -> str:
        """What they read, by the wording alone."""
        return WORDS[name][self.language == "es"].format(
            amount=f"${self.amount // 100}.{self.amount % 100:02}",
            day=self._spell(day or self.due),
            retry=self._spell(retry or self.due),
            link=f"https://pay.acme.example/{self.account}",
        )

    def at(self, day: date) -> int:
        """When a text of ten o'clock goes: at noon on a Sunday, the morning after a holiday."""
        if day in HOLIDAYS:
            return self._instant(day + timedelta(days=1), 9)
        return self._instant(day, 12 if day.weekday() == 6 else 10)

    def _instant(self, day: date, hour: int) -> int:
        return int(datetime.combine(day, time(hour), ZoneInfo(self.zone)).timestamp() * 1000)

    def _spell(self, day: date) -> str:
        month = MONTHS[self.language][day.month - 1]
        return f"{day.day} {month} {day.year}" if self.language == "es" else f"{month} {day.day}, {day.year}"


def evening(day: date) -> int:
    return int(datetime.combine(day, EVENING, UTC).timestamp() * 1000)


class Plot(NamedTuple):
    """A story: what happens on which day from the due one, what is read when, and what the client hears."""

    happens: Callable[[Person], dict[int, list[ClientEvent | str]]]
    reads: Callable[[Person], list[tuple[int, str]]]
    hears: list[str]
    consents: bool = True


def event(kind: type[ClientEvent], person: Person, day: int, **fields: Any) -> ClientEvent:
    """Something about the person's account, in the evening of a day from the due one."""
    at = spell_instant(evening(person.due + timedelta(days=day)))
    return kind(id=f"{person.account}/{kind.__name__}", occurred_at=at, account=person.account, **fields)


def paid(person: Person, day: int) -> list[ClientEvent | str]:
    posted = event(PaymentPosted, person, day, payment="P-1", amount=Money(person.amount, "USD"))
    return [posted, event(AccountPaid, person, day)]


def reads(*texts: tuple[int, str]) -> Callable[[Person], list[tuple[int, str]]]:
    """Texts of ten o'clock, by the day from the due one."""
    return lambda person: [(person.at(day_of(person, day)), person.says(name)) for day, name in texts]


def day_of(person: Person, day: int) -> date:
    return person.due + timedelta(days=day)


SERIES = [(-3, "before"), (3, "after_3"), (6, "after_6"), (45, "menu")]


def reads_of_a_failed_payment(person: Person) -> list[tuple[int, str]]:
    first = person.at(day_of(person, -3))
    retry, failed = day_of(person, 4), day_of(person, 1)
    return [
        (first, person.says("before")),
        (evening(failed), person.says("failed", failed, retry)),
        # Two texts a week about a debt: the reminder of the third day waits for the first one to be a week old, and the
        # receipt for the notice.
        (first + 7 * 24 * HOUR, person.says("after_3")),
        (evening(failed + timedelta(days=7)), person.says("receipt", retry)),
    ]


def reads_of_a_moved_date(person: Person) -> list[tuple[int, str]]:
    moved = person._replace(due=day_of(person, 10))
    return [
        (person.at(day_of(person, -3)), person.says("before")),
        *reads(*SERIES, (60, "after_60"))(moved),
    ]


PLOTS = {
    "never pays": Plot(lambda person: {}, reads(*SERIES, (60, "after_60")), []),
    "pays before": Plot(
        lambda person: {-1: paid(person, -1)},
        lambda person: [
            *reads((-3, "before"))(person),
            (evening(day_of(person, -1)), person.says("receipt", day_of(person, -1))),
        ],
        [],
    ),
    "pays late": Plot(
        lambda person: {
            5: [
                event(PaymentPosted, person, 5, payment="P-1", amount=Money(person.amount, "USD")),
                event(InvoicePaid, person, 5, invoice="I-1"),
            ]
        },
        lambda person: [
            *reads((-3, "before"), (3, "after_3"))(person),
            (evening(day_of(person, 5)), person.says("receipt", day_of(person, 5))),
        ],
        [],
    ),
    "date moves": Plot(
        lambda person: {-1: [event(InvoiceUpdated, person, -1, invoice="I-1", due_on=day_of(person, 10))]},
        reads_of_a_moved_date,
        [],
    ),
    "payment fails": Plot(
        lambda person: {
            1: [
                event(
                    PaymentFailed,
                    person,
                    1,
                    payment="P-1",
                    amount=Money(person.amount, "USD"),
                    retry_on=day_of(person, 4),
                )
            ],
            4: paid(person, 4),
        },
        reads_of_a_failed_payment,
        [],
    ),
    "promises and pays": Plot(
        lambda person: {45: ["3"], 50: paid(person, 50)},
        lambda person: [
            *reads(*SERIES)(person),
            (evening(day_of(person, 45)), person.says("thanks", day_of(person, 52))),
            (evening(day_of(person, 50)), person.says("receipt", day_of(person, 50))),
        ],
        ["promise.made", "promise.kept"],
    ),
    "promises in vain": Plot(
        lambda person: {45: ["In 14 days!"]},
        lambda person: [
            *reads(*SERIES)(person),
            (evening(day_of(person, 45)), person.says("thanks", day_of(person, 59))),
            (person.at(day_of(person, 58)), person.says("promised", day_of(person, 59))),
            *reads((62, "after_3"), (65, "after_6"))(person),
        ],
        ["promise.made", "promise.broken"],
    ),
    "stops": Plot(
        lambda person: {-3: ["STOP"]},
        lambda person: [*reads((-3, "before"))(person), (evening(day_of(person, -3)), person.says("stopped"))],
        [],
    ),
    "never agreed": Plot(lambda person: {}, lambda person: [], [], consents=False),
    "is not understood": Plot(
        lambda person: {45: ["what is this", "I do not know", "maybe later"]},
        lambda person: [
            *reads(*SERIES, (60, "after_60"))(person),
            *((evening(day_of(person, 45)), person.says(name)) for name in ("again", "again", "person")),
        ],
        [],
    ),
}
PEOPLE = {
    Person(
        f"+1{area}555{100 + place * 10 + plot:04}",
        zone,
        "es" if (plot + place) % 2 else "en",
        f"A-{plot}{place}",
        5000 + 1000 * plot + 37 * place,
        date(2026, 3, 9) + timedelta(days=(plot * 5 + place * 7) % 19),
    ): title
    for plot, title in enumerate(PLOTS)
    for place, (area, zone) in enumerate(PLACES)
}
END = START + timedelta(days=DAYS)


def issued(person: Person) -> ClientEvent:
    return InvoiceIssued(
        id=f"{person.account}/issued",
        occurred_at=spell_instant(evening(START)),
        account=person.account,
        number=person.number,
        zone=person.zone,
        locale=person.language,
        program="servicing",
        invoice="I-1",
        amount=Money(person.amount, "USD"),
        due_on=person.due,
        link=f"https://pay.acme.example/{person.account}",
    )


async def happen(life: Life, person: Person, things: list[ClientEvent | str]) -> None:
    for thing in things:
        if isinstance(thing, str):
            await life.say(person.number, thing)
        else:
            await life.tell(thing)


async def tell_back(life: Life, heard: int) -> int:
    """The client confirms the promises that were made by text."""
    for kind, body in life.told[heard:]:
        if kind == "promise.made":
            data = body["data"]
            await life.tell(
                PromiseMade(
                    id=body["id"],
                    occurred_at=spell_instant(life.wall),
                    account=body["account"],
                    promise=data["promise"],
                    amount=Money(**data["amount"]),
                    due_on=date.fromisoformat(data["due_on"]),
                    invoice=data["invoice"],
                )
            )
    return len(life.told)


@pytest.fixture(scope="module")
def end() -> int:
    return int(datetime.combine(END, time(0), UTC).timestamp() * 1000)


async def test_a_hundred_days_of_fifty_accounts(end: int) -> None:
    with trio.fail_after(600):
        async with life_of(lived(ENABLED), evening(START)) as life:
            for person, title in PEOPLE.items():
                if PLOTS[title].consents:
                    await life.consent(person.number)
            await life.tell(*map(issued, PEOPLE))
            heard = 0
            for number in range(1, DAYS):
                day = START + timedelta(days=number)
                # From nine in New York to noon in Los Angeles, in winter time.
                for hour in range(13, 22):
                    await life.pass_to(int(datetime.combine(day, time(hour), UTC).timestamp() * 1000))
                    if hour == EVENING.hour:
                        for person, title in PEOPLE.items():
                            await happen(life, person, PLOTS[title].happens(person).get((day - person.due).days, []))
                        heard = await tell_back(life, heard)
            sent, told = life.sent, life.told
    for person, title in PEOPLE.items():
        expected = [(at, text) for at, text in PLOTS[title].reads(person) if at < end]
        assert _told(person, sent) == sorted(expected), (title, person)
        kinds = [kind for kind, body in told if body["account"] == person.account]
        assert kinds == PLOTS[title].hears, (title, person)
    assert len({kind for kind, _ in told}) == 3
    assert {text.number for text in sent} <= {person.number for person in PEOPLE}


def _told(person: Person, sent: list[Sent]) -> list[tuple[int, str]]:
    return sorted((text.at, text.text) for text in sent if text.number == person.number)


def test_the_calendar_of_this_test_is_right() -> None:
    assert START.weekday() == 1
    person = Person("", "America/Chicago", "en", "", 0, START)
    assert person.at(date(2026, 3, 9)) == read_instant("2026-03-09T15:00:00Z")
    assert person.at(date(2026, 3, 8)) == read_instant("2026-03-08T17:00:00Z")
    assert person.at(date(2026, 5, 25)) == read_instant("2026-05-26T14:00:00Z")
