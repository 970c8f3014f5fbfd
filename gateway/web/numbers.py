"""What clients say of numbers: where their owners are, who they are, what keeps texts from them; and the calls, e-mails and
letters that caps count.

Owns: the bodies, the handlers and the answers. Does not own: what follows for a text (rules), or how it is kept (store).
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.config import ClientConfig
from gateway.errors import Code
from gateway.flow.invalid import Invalid, no_number
from gateway.model.address import InvalidNumber, parse_number
from gateway.model.contact import Channel, Report
from gateway.model.profile import Party, Profile, ProfileChange
from gateway.rules.windows import BadWeek, read_week
from gateway.rules.zones import place_of, zone_names
from gateway.web.auth import Gate
from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.problem import FieldError, Problem
from gateway.web.routes import Operation, Outcome
from gateway.web.submissions import LONGEST_LABEL, Label, Time, check_label
from gateway.web.wire import (
    MOST_ITEMS,
    Batch,
    Body,
    no_such,
    read_number,
    read_time,
    reply,
    spell_time,
    unacceptable,
)


class ContactBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A contact that another system made."""

    id: Annotated[
        str,
        Meta(
            description="the client's own name for it: reported again, it counts once",
            extra_json_schema={"minLength": 1, "maxLength": LONGEST_LABEL},
        ),
    ]
    channel: Annotated[
        Channel, Meta(description="call, email, letter or visit; text for one that another gateway sent")
    ]
    at: Annotated[Time, Meta(description="when; RFC 3339 with its zone")]
    number: Annotated[
        str | None, Meta(description="the consumer's number in E.164; it or the account has to be given")
    ] = None
    account: Annotated[Label | None, Meta(description="the account that it was about; none counts for each")] = None


class ContactBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Contacts; each is taken or refused by itself."""

    contacts: Annotated[
        list[ContactBody],
        Meta(description="1 to 1,000 contacts", extra_json_schema={"minItems": 1, "maxItems": MOST_ITEMS}),
    ]


class ContactView(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A contact that counts."""

    id: str
    known: bool
    """It was reported before; that first report counts."""


class ContactResultView(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What became of one item: ``status`` is what it would have been answered alone."""

    status: int
    id: str | None = None
    known: bool | None = None
    code: str | None = None
    detail: str | None = None
    errors: tuple[FieldError, ...] = ()


class ContactBatchView(msgspec.Struct, frozen=True):
    """One result for each contact, in their order."""

    results: list[ContactResultView]


class NumberBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a number; what is absent is not known from now on."""

    zone: Annotated[
        str | None, Meta(description="the time zone that the consumer confirmed, such as America/Chicago")
    ] = None
    zone_confirmed_at: Annotated[Time | None, Meta(description="when the consumer confirmed it; now where absent")] = (
        None
    )
    region: Annotated[
        str | None, Meta(description="where the consumer's address is: ISO 3166, such as US-MA, or a country")
    ] = None
    party_role: Annotated[Party | None, Meta(description="who answers the number")] = None
    account: Annotated[Label | None, Meta(description="the account that the number belongs to")] = None
    hours: Annotated[
        dict[str, str] | None,
        Meta(
            description="when the consumer said that texts are convenient, by days of the week in local time, such as"
            ' {"mon-fri": "09:00-12:00, 14:00-18:00"}; texts go inside these and the packs\' hours'
        ),
    ] = None
    employer_forbids: Annotated[
        bool | None, Meta(description="it is a number at work, and the employer forbids the consumer such texts there")
    ] = None


class NumberView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a number."""

    number: str
    zone: str | None = None
    zone_confirmed_at: str | None = None
    region: str | None = None
    party_role: Party | None = None
    account: str | None = None
    hours: dict[str, str] | None = None
    employer_forbids: bool = False
    changed_at: str | None = None


_CONTACT = Body(ContactBody)
_CONTACTS = Batch("contacts", ContactBatch, ContactBody)
_NUMBER = Body(NumberBody)


def read_report(body: ContactBody, client: str, now: int) -> Report | list[Invalid]:
    """The contact that a body reports, or everything that is unacceptable about it."""
    faults: list[Invalid] = []
    number: str | None = None
    if not body.id:
        faults.append(Invalid(Code.REQUEST_INVALID, "id", "it is empty", "give each contact an id of its own"))
    check_label("id", body.id, faults)
    if body.account is not None:
        check_label("account", body.account, faults)
    if body.number is not None:
        try:
            number = parse_number(body.number)
        except InvalidNumber as error:
            faults.append(no_number("number", error))
    elif body.account is None:
        faults.append(Invalid(Code.REQUEST_INVALID, "number", "neither it nor an account is given", "give one of them"))
    at = read_time("at", body.at, faults)
    if at is not None and at > now:
        faults.append(Invalid(Code.REQUEST_INVALID, "at", "is in the future", "report contacts that were made"))
    if faults or at is None:
        return faults
    return Report(client, body.id, number, body.account, body.channel, at)


def read_profile(body: NumberBody, now: int) -> Profile | list[Invalid]:
    """What a body says of a number, or everything that is unacceptable about it."""
    faults: list[Invalid] = []
    if body.zone is not None and body.zone not in zone_names():
        detail = "there is no such time zone"
        faults.append(Invalid(Code.REQUEST_INVALID, "zone", detail, "give an IANA zone such as America/Chicago"))
    if body.zone is None and body.zone_confirmed_at is not None:
        faults.append(Invalid(Code.REQUEST_INVALID, "zone_confirmed_at", "no zone is given", "give the zone as well"))
    confirmed_at = read_time("zone_confirmed_at", body.zone_confirmed_at, faults)
    if confirmed_at is not None and confirmed_at > now:
        faults.append(
            Invalid(Code.REQUEST_INVALID, "zone_confirmed_at", "is in the future", "give when the consumer said so")
        )
    region = None if body.region is None else place_of(body.region)
    if region is None and body.region is not None:
        detail = "there is no such place"
        faults.append(Invalid(Code.REQUEST_INVALID, "region", detail, "give an ISO 3166 code such as US-MA or GB"))
    if body.account is not None:
        check_label("account", body.account, faults)
    hours = None if body.hours is None else _read_hours(body.hours, faults)
    if faults:
        return faults
    since = now if body.zone is not None and confirmed_at is None else confirmed_at
    return Profile(body.zone, since, region, body.party_role, body.account, now, hours, body.employer_forbids is True)


def _read_hours(hours: dict[str, str], faults: list[Invalid]) -> str | None:
    try:
        if not any(read_week(hours)):
            raise BadWeek("no day is named: name one, or revoke the consent of somebody who wants no texts")
    except BadWeek as error:
        detail, _, fix = str(error).partition(": ")
        faults.append(Invalid(Code.REQUEST_INVALID, "hours", detail, fix or 'write them as {"mon-fri": "09:00-18:00"}'))
        return None
    return msgspec.json.encode(hours, order="sorted").decode()


class Numbers:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def report(self, request: Request, client: ClientConfig) -> Response:
        """Count a contact."""
        report = read_report(_CONTACT.read(request), client.id, self._doors.now())
        if not isinstance(report, Report):
            raise unacceptable(report)
        (fresh,) = await self._doors.store.report_contacts([report])
        return reply(ContactView(report.id, not fresh))

    async def report_batch(self, request: Request, client: ClientConfig) -> Response:
        """Count many, each by itself."""
        now = self._doors.now()
        items = [
            item if isinstance(item, Problem) else read_report(item, client.id, now) for item in _CONTACTS.read(request)
        ]
        reports = [item for item in items if isinstance(item, Report)]
        fresh = iter(await self._doors.store.report_contacts(reports) if reports else [])
        results = []
        for place, item in enumerate(items):
            if isinstance(item, Report):
                results.append(ContactResultView(200, item.id, not next(fresh)))
                continue
            problem = item if isinstance(item, Problem) else unacceptable(item, f"/contacts/{place}")
            results.append(
                ContactResultView(problem.status, code=problem.code, detail=problem.detail, errors=problem.errors)
            )
        return reply(ContactBatchView(results))

    async def put(self, request: Request, client: ClientConfig) -> Response:
        """Say what is known of a number."""
        number = read_number(request.params["number"], "path:number")
        now = self._doors.now()
        profile = read_profile(_NUMBER.read(request), now)
        if not isinstance(profile, Profile):
            raise unacceptable(profile)
        await self._doors.store.change_profile(ProfileChange(number, client.id, profile, now))
        return reply(_view(number, profile))

    async def show(self, request: Request, client: ClientConfig) -> Response:
        """What is known of a number."""
        number = read_number(request.params["number"], "path:number")
        profile = await self._doors.store.profile_of(number, client.id)
        if profile is None:
            raise no_such("number")
        return reply(_view(number, profile))


def _view(number: str, profile: Profile) -> NumberView:
    return NumberView(
        number,
        profile.zone,
        spell_time(profile.zone_confirmed_at),
        profile.region,
        profile.party,
        profile.account,
        None if profile.hours is None else msgspec.json.decode(profile.hours, type=dict[str, str]),
        profile.employer_forbids,
        spell_time(profile.changed_at),
    )


_EXAMPLE: Final = {"id": "call-8841", "channel": "call", "at": "2026-02-27T15:04:00Z", "number": "+12025550123"}
_EXAMPLE_NUMBER: Final = {
    "zone": "America/Chicago",
    "zone_confirmed_at": "2026-02-27T15:04:00Z",
    "region": "US-IL",
    "party_role": "consumer",
    "account": "A-1027",
    "hours": {"mon-fri": "09:00-12:00"},
}


def number_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes."""
    numbers = Numbers(doors)
    shape = (400, "The body is not what is expected; nothing was recorded.")
    media = (415, "The body is not declared as JSON.")
    value = (422, "A value cannot be taken.")
    return [
        Operation(
            "POST",
            "/v1/contacts",
            gate.for_client(doors.keys, numbers.report),
            id="reportContact",
            summary="Report a call, e-mail, letter or visit, which caps on contacts count with the texts",
            body=ContactBody,
            example=_EXAMPLE,
            outcomes=(Outcome(200, "It counts.", ContactView),),
            problems=(shape, media, value),
        ),
        Operation(
            "POST",
            "/v1/contacts/batch",
            gate.for_client(doors.keys, doors.turns.taking(numbers.report_batch)),
            id="reportContacts",
            summary="Report up to 1,000 contacts, each by itself",
            body=ContactBatch,
            example={"contacts": [_EXAMPLE]},
            outcomes=(Outcome(200, "What became of each.", ContactBatchView),),
            problems=(shape, media, (422, "There are no items, or too many.")),
        ),
        Operation(
            "PUT",
            "/v1/numbers/{number}",
            gate.for_client(doors.keys, numbers.put),
            id="putNumber",
            summary="Say where the consumer behind a number is, who answers it, and when texts may come there",
            body=NumberBody,
            example=_EXAMPLE_NUMBER,
            outcomes=(Outcome(200, "What is known from now on.", NumberView),),
            problems=(shape, media, value),
        ),
        Operation(
            "GET",
            "/v1/numbers/{number}",
            gate.for_client(doors.keys, numbers.show),
            id="getNumber",
            summary="Look at what is known of a number",
            outcomes=(Outcome(200, "What the client said of it.", NumberView),),
            problems=((404, "Nothing was said of this number."), (422, "The number is not valid.")),
        ),
    ]
