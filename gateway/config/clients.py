"""What clients.toml may say: the upstream systems, their programs and their webhooks.

Owns: clients, programs and webhooks with their ranges and defaults. Does not own: API keys (the store keeps them
hashed), consent (the store), reading the file (load).
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, field

from gateway.config.fields import (
    Domain,
    EnvironmentName,
    FileName,
    Locale,
    Name,
    Prefix,
    Section,
    Title,
    Words,
    Wrong,
    check_secret,
)
from gateway.model.address import E164_PATTERN, SenderKind, sender_kind
from gateway.model.events import Kind
from gateway.model.url import InvalidUrl, check_url

_SENDER_FORMS = {
    SenderKind.E164: re.compile(E164_PATTERN),
    SenderKind.SHORT_CODE: re.compile(r"[0-9]{3,8}"),
    # Characters that every carrier alphabet has at the same place: "@" is NUL in GSM 03.38 and ends a C-octet string.
    SenderKind.ALPHANUMERIC: re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &.,_+-]{1,11}"),
}
SIGNING_KEY_FORM = '"whsec_" and 24 to 64 random bytes as Base64'
_WebhookSecret = Annotated[str, Meta(pattern=r"^whsec_", description=SIGNING_KEY_FORM)]


class RouteConfig(Section, frozen=True, kw_only=True):
    """[[client.program.route]]: carriers that share a program's texts, or some of them."""

    carriers: dict[Name, Annotated[int, Meta(ge=1, le=1000, description="a weight, 1 to 1000")]]
    """Each with its weight: its share while it is up."""
    prefixes: tuple[Prefix, ...] = ()
    """Numbers that the route is for; all where empty."""
    categories: tuple[Name, ...] = ()
    """Categories that the route is for; all where empty."""

    def check(self) -> Iterator[Wrong]:
        """A way to go, and nothing twice."""
        if not self.carriers:
            yield "carriers", "names no carrier", "give one or more with their weights, such as { main = 3, other = 1 }"
        for key, values in (("prefixes", self.prefixes), ("categories", self.categories)):
            if len(set(values)) < len(values):
                yield key, "names the same one twice", "keep one of the two"


class ProgramConfig(Section, frozen=True, kw_only=True):
    """[[client.program]]: one sending identity of a client, the thing that a consumer consents to."""

    id: Name
    sender: Annotated[
        str,
        Meta(
            pattern=r"^[\x20-\x7e]{1,16}\Z",
            description='a number such as "+12025550100", a short code such as "40404" or a name such as "ACME"',
        ),
    ]
    # The way out comes from exactly one of the two keys.
    carriers: tuple[Name, ...] = ()
    """In order of preference: each is for all that the one before it is not up for."""
    routes: tuple[RouteConfig, ...] = field(name="route", default=())
    """In order of preference, where carriers share the texts or are for some of them."""
    categories: Annotated[tuple[Name, ...], Meta(min_length=1, description="one or more categories of policy.toml")]
    purpose: Title
    """What the program is for, as it was told to carriers and consumers."""
    # The template's words where absent, in the consumer's language.
    help_text: Words | None = None
    """Answer to HELP, in place of the template ``system.help``."""
    stop_confirmation: Words | None = None
    """Answer to STOP, in place of ``system.opt_out_confirmation``: one text, without marketing (47 CFR 64.1200(a)(12))."""
    start_confirmation: Words | None = None
    """Answer to START, in place of ``system.opt_in_confirmation``."""
    identity: tuple[Title, ...] = ()
    """Names that consumers know the sender by, besides the client's: a pack may want one of them in every text."""
    opt_out_line: Words | None = None
    """What is added to a text that has to say how to opt out and does not; where absent, "Reply STOP to opt out." if the
    sender can be replied to, and nothing else."""
    disclosure: Words | None = None
    """What every text says word for word, where a pack wants a disclosure."""
    opt_in_words: tuple[Title, ...] = ()
    """What else than YES and AGREE says yes to a request to opt in, while one is open."""
    packs: tuple[Name, ...] = ()
    """Policy packs in place of those of policy.toml, for this program alone."""
    priority: Annotated[int, Meta(ge=0, le=3, description="0 (first) to 3 (last)")] | None = None
    """In place of the category's."""
    locale: Locale = "en-US"
    """How its templates speak and spell to a consumer of whom no other is known."""
    transliterate: bool = False
    """Whether typographic quotes, dashes and blanks may be replaced where that keeps a text out of UCS-2; each
    replacement stands in the decision."""

    @property
    def ways(self) -> tuple[RouteConfig, ...]:
        """The routes, however they are written."""
        return self.routes or tuple(RouteConfig(carriers={name: 1}) for name in self.carriers)

    @property
    def carrier_names(self) -> tuple[str, ...]:
        """All carriers that its texts may leave through, each once."""
        return tuple(dict.fromkeys(name for route in self.ways for name in route.carriers))

    @property
    def sender_kind(self) -> SenderKind:
        """Number, short code or name."""
        return sender_kind(self.sender)

    def check(self) -> Iterator[Wrong]:
        """The form of the sender, by its kind."""
        if self.sender and _SENDER_FORMS[self.sender_kind].fullmatch(self.sender) is None:
            yield (
                "sender",
                f"is not well-formed for its kind ({self.sender_kind})",
                "give a number in E.164 with its plus sign, a short code of 3 to 8 digits, or a name of up to 11 "
                'letters, digits, blanks and "&.,_+-"',
            )
        if not self.carriers and not self.routes:
            yield "carriers", "is missing", "give the names of one or more carriers, or [[client.program.route]] tables"
        if self.carriers and self.routes:
            yield "route", "is given beside carriers", "keep one of the two"
        for key, values in (("carriers", self.carriers), ("categories", self.categories)):
            if len(set(values)) < len(values):
                yield key, "names the same one twice", "keep one of the two"


class WebhookConfig(Section, frozen=True, kw_only=True):
    """[[client.webhook]]: where a client wants to hear of events, signed as Standard Webhooks says."""

    id: Name
    url: Annotated[str, Meta(pattern=r"^https?://[\x21-\x7e]{1,2000}\Z", description="an http or https URL")]
    # The secret comes from exactly one of the three keys; while it is being changed, so may the one before it.
    secret: _WebhookSecret | None = None
    secret_file: FileName | None = None
    secret_env: EnvironmentName | None = None
    previous_secret: _WebhookSecret | None = None
    previous_secret_file: FileName | None = None
    previous_secret_env: EnvironmentName | None = None
    allow_private: bool = False
    """Whether the URL may lead to loopback or private addresses."""
    events: tuple[
        Annotated[
            str,
            Meta(pattern=r"^[a-z_]{1,32}\.([a-z_]{1,32}|\*)\Z", description='such as "message.delivered", "message.*"'),
        ],
        ...,
    ] = ()
    """Kinds of event, or families such as ``message.*``; all where empty."""

    def __repr__(self) -> str:
        """Without secrets, and without the URL, which may hold one."""
        return f"WebhookConfig(id={self.id!r})"

    def wants(self, kind: str) -> bool:
        """Whether the receiver asked for events of this kind."""
        return not self.events or kind in self.events or f"{kind.partition('.')[0]}.*" in self.events

    def check(self) -> Iterator[Wrong]:
        """One source per secret, their form, the URL's parts, and events that exist."""
        given = (self.secret, self.secret_file, self.secret_env)
        yield from check_secret("secret", SIGNING_KEY_FORM, given, required=True)
        previous = (self.previous_secret, self.previous_secret_file, self.previous_secret_env)
        yield from check_secret("previous_secret", SIGNING_KEY_FORM, previous, required=False)
        for key, secret in (("secret", self.secret), ("previous_secret", self.previous_secret)):
            if secret and not is_webhook_secret(secret):
                yield key, "is not well-formed", f"give {SIGNING_KEY_FORM}"
        if self.url:
            try:
                check_url(self.url, allow_private=self.allow_private)
            except InvalidUrl as error:
                yield "url", error.problem, error.fix
        known = {*Kind, *(f"{kind.partition('.')[0]}.*" for kind in Kind)}
        for event in self.events:
            if event not in known:
                yield "events", f"{event!r} is no kind of event", f"choose from {', '.join(sorted(known))}"


class ClientConfig(Section, frozen=True, kw_only=True):
    """[[client]]: an upstream system with its own API keys, texts and consents."""

    id: Name
    name: Title
    """What consumers know it by: every text of a template can say it."""
    contact: Title | None = None
    """Where consumers get help, such as a telephone number or a page: said in templates."""
    domains: tuple[Domain, ...] = ()
    """Where links of templates may lead; their subdomains count. Anywhere, where empty."""
    allow_imported_consent: bool = False
    """Whether consents that were given elsewhere can be recorded by API and import; they count like those given by text."""
    imported_consent_basis: Title | None = None
    """What such consents rest on, in words; it is kept with each."""
    daily_texts: Annotated[int, Meta(ge=1, le=10_000_000, description="a whole number, 1 to 10000000")] | None = None
    """The most texts that are taken in a day of UTC; more are refused."""
    templates_only: bool = False
    """Whether its texts have to be made of templates, which then none of its keys changes. A key of its own can say so too."""
    programs: tuple[ProgramConfig, ...] = field(name="program", default=())
    webhooks: tuple[WebhookConfig, ...] = field(name="webhook", default=())

    def check(self) -> Iterator[Wrong]:
        """Who takes consents from elsewhere says what they rest on."""
        if self.allow_imported_consent and self.imported_consent_basis is None:
            yield (
                "imported_consent_basis",
                "is missing",
                'say what imported consents rest on, such as "signed loan agreement, section 9"',
            )
        if self.imported_consent_basis is not None and not self.allow_imported_consent:
            yield (
                "imported_consent_basis",
                "is given, and no consent may be imported",
                "add allow_imported_consent = true",
            )


class ClientsFile(Section, frozen=True, kw_only=True):
    """clients.toml."""

    clients: tuple[ClientConfig, ...] = field(name="client", default=())


def is_webhook_secret(secret: str) -> bool:
    """Whether the secret has the form that Standard Webhooks asks for: ``whsec_`` and 24 to 64 bytes as Base64."""
    try:
        return secret.startswith("whsec_") and 24 <= len(b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    except (Base64Error, ValueError):
        return False
