"""What carriers.toml may say: each carrier's account, and how this carrier differs from the others.

Owns: the carrier profile with its ranges and defaults. Does not own: reading it (load), or what a value makes the link
do (smpp, carrier, flow). Keys are named in the words of SMPP and of carriers' own documents; a default is what most
carriers expect.
"""

from collections.abc import Iterator
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, field

from gateway.config.fields import (
    Content,
    Count,
    EnvironmentName,
    FileName,
    Host,
    Listen,
    Name,
    Port,
    Prefix,
    Seconds,
    Section,
    Wrong,
    check_secret,
    split_listen,
)

CREDENTIAL_FORM = "1 to 64 ASCII characters without blanks"
Octet = Annotated[int, Meta(ge=0, le=255, description="a whole number, 0 to 255")]
Alphabet = Literal["gsm7", "latin1", "ascii", "packed_gsm7"]
ReceiptIds = Literal["auto", "raw", "decimal", "hex", "both"]
SenderKindName = Literal["e164", "short_code", "alphanumeric"]
Rate = Annotated[float, Meta(gt=0, le=100_000, description="PDUs a second, more than 0 and at most 100000")]
Verdict = Literal["accepted", "throttle", "pause", "rebind", "retry", "doubtful", "unknown", "permanent", "opted_out"]
StatMeaning = Literal[
    "enroute",
    "accepted",
    "scheduled",
    "delivered",
    "expired",
    "deleted",
    "undeliverable",
    "rejected",
    "skipped",
    "unknown",
]
ErrorMeaning = Literal["retryable", "absent", "invalid_number", "opted_out", "content", "unknown"]


class TonNpi(Section, frozen=True, kw_only=True):
    """Type of number and numbering plan of an address (SMPP 3.4 §5.2.5, §5.2.6)."""

    ton: Octet
    npi: Octet


class SourceAddressing(Section, frozen=True, kw_only=True):
    """[carrier.source]: TON and NPI of our senders, by what kind of sender it is."""

    e164: TonNpi = TonNpi(ton=1, npi=1)
    short_code: TonNpi = TonNpi(ton=3, npi=0)
    alphanumeric: TonNpi = TonNpi(ton=5, npi=0)


class TlsConfig(Section, frozen=True, kw_only=True):
    """[carrier.tls]: the carrier's certificate is always verified."""

    enabled: bool = False
    ca_file: FileName | None = None
    """Certificates to trust in place of the system's."""
    cert_file: FileName | None = None
    """Our certificate, where the carrier wants one; with ``key_file``."""
    key_file: FileName | None = None
    server_name: Host | None = None
    """The name that the certificate must have; ``host`` where absent."""

    def check(self) -> Iterator[Wrong]:
        """A certificate and its key come together; a set-up that is not switched on is a mistake."""
        if (self.cert_file is None) != (self.key_file is None):
            absent = "key_file" if self.key_file is None else "cert_file"
            yield absent, "is missing", "a certificate and its key are given together"
        if not self.enabled and (self.ca_file or self.cert_file or self.key_file or self.server_name):
            yield "enabled", "is false although TLS is set up", "write enabled = true, or remove the other keys"


class OutbindConfig(Section, frozen=True, kw_only=True):
    """[carrier.outbind]: the carrier calls us (SMPP 3.4 §2.2.1), and we bind over the connection that it made.

    Whoever calls and knows these is sent our own system_id and password in the bind: keep them apart from those.
    """

    listen: Listen
    system_id: Annotated[
        str, Meta(pattern=r"^[\x21-\x7e]{1,15}\Z", description="1 to 15 ASCII characters without blanks")
    ]
    """What the carrier calls itself. The password that goes with it comes from exactly one of the three keys."""
    password: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,64}\Z", description=CREDENTIAL_FORM)] | None = None
    password_file: FileName | None = None
    password_env: EnvironmentName | None = None

    def __repr__(self) -> str:
        """Without the password."""
        return f"OutbindConfig(listen={self.listen!r})"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        return split_listen(self.listen)

    def check(self) -> Iterator[Wrong]:
        """One source of the password, and a port that there is."""
        given = (self.password, self.password_file, self.password_env)
        yield from check_secret("password", CREDENTIAL_FORM, given, required=True)
        if self.listen and self.address[1] > 65535:
            yield "listen", "the port is above 65535", "give a port from 0 to 65535"


class RetryConfig(Section, frozen=True, kw_only=True):
    """[carrier.retry]: how often a segment is tried that the carrier refused for now. Throttling costs no attempt."""

    attempts: Annotated[int, Meta(ge=1, le=100, description="a whole number, 1 to 100")] = 5
    delays_seconds: Annotated[tuple[Seconds, ...], Meta(min_length=1, description="a list of one or more")] = (
        5.0,
        30.0,
        120.0,
        600.0,
    )
    """Before the second attempt, the third, ...; the last one repeats."""


class LimitConfig(Section, frozen=True, kw_only=True):
    """[[carrier.limit]]: how many segments the carrier takes in a window of the clock."""

    scope: Literal["account", "client", "program", "sender"]
    """Whose segments are counted together: everybody's, or those of each client, program or sender."""
    per: Literal["second", "minute", "day"]
    segments: Annotated[int, Meta(ge=1, le=100_000_000, description="a whole number, 1 to 100000000")]
    zone: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9_+/-]{1,64}\Z", description='a time zone such as "America/Los_Angeles"')
    ] = "UTC"
    """Whose midnight a day begins with."""

    def check(self) -> Iterator[Wrong]:
        """A zone that there is, where one is asked for."""
        if not is_zone(self.zone):
            yield "zone", "is no time zone", 'give a name of the IANA database, such as "America/Los_Angeles"'
        elif self.zone != "UTC" and self.per in ("second", "minute"):
            yield "zone", f"a {self.per} is the same everywhere", 'remove it, or write per = "day"'


class CarrierConfig(Section, frozen=True, kw_only=True):
    """[[carrier]]: an account at a carrier, and the binds that we hold with it."""

    name: Name
    host: Host
    port: Port = 2775

    # Credentials (SMPP 3.4 §4.1). The password comes from exactly one of the three keys.
    system_id: Annotated[
        str, Meta(pattern=r"^[\x21-\x7e]{1,15}\Z", description="1 to 15 ASCII characters without blanks")
    ]
    password: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,64}\Z", description=CREDENTIAL_FORM)] | None = None
    password_file: FileName | None = None
    password_env: EnvironmentName | None = None
    system_type: Annotated[str, Meta(pattern=r"^[\x20-\x7e]{0,12}\Z", description="up to 12 ASCII characters")] = ""
    address_range: Annotated[str, Meta(pattern=r"^[\x20-\x7e]{0,40}\Z", description="up to 40 ASCII characters")] = ""

    # Binds and their timers.
    bind: Literal["trx", "tx+rx"] = "trx"
    binds: Annotated[int, Meta(ge=0, le=100, description="a whole number, 0 to 100")] = 1
    """How many transceivers, or transmitters, are held at a time; 0 only where the carrier calls us."""
    rx_binds: Annotated[int, Meta(ge=1, le=100, description="a whole number, 1 to 100")] | None = None
    """How many receivers; 1 where absent. Only with ``bind = "tx+rx"``."""
    enquire_link_seconds: Seconds = 30.0
    """Quiet time after which the link is probed."""
    enquire_link_response_seconds: Seconds = 10.0
    """Silence after a probe that proves the link dead: 30 + 10 finds a half-open connection within 45 seconds."""
    response_seconds: Seconds = 30.0
    """How long a submit_sm may go unanswered before it is in doubt."""
    bind_seconds: Seconds = 10.0
    """How long connecting and binding may take."""
    reconnect_seconds: Seconds = 5.0
    """The longest pause between two attempts to connect."""
    rebind_seconds: Seconds = 60.0
    """The longest pause between two binds that the carrier refuses."""

    # Flow control.
    window: Annotated[int, Meta(ge=1, le=1000, description="a whole number, 1 to 1000")] = 10
    """Unanswered submit_sm per bind (SMPP 3.4 §2.9)."""
    price_micros: Annotated[int, Meta(ge=0, le=100_000_000, description="a whole number, 0 to 100000000")] = 0
    """What a segment costs, in millionths of the currency's unit: dry runs add it up."""
    rate: Rate | None = None
    """PDUs (not messages) a second for the whole account; unlimited where absent."""
    bind_rate: Rate | None = None
    """PDUs a second for each bind; unlimited where absent."""
    burst: Count = 1
    """PDUs that may go at once after a pause."""
    limits: tuple[LimitConfig, ...] = field(name="limit", default=())
    """What else the carrier counts: its campaigns, brands and numbers."""

    # Addresses.
    source: SourceAddressing = SourceAddressing()
    destination: TonNpi = TonNpi(ton=1, npi=1)
    senders: tuple[SenderKindName, ...] = ("e164", "short_code")
    """Kinds of sender that the carrier lets us use."""
    prefixes: tuple[Prefix, ...] = ()
    """Numbers that the carrier serves; all where empty."""
    permits: tuple[Content, ...] = ("servicing", "first_party_collections")
    """Kinds of content that the account may carry. Marketing, and collecting for others, take an agreement."""
    reroute_after_seconds: Seconds = 60.0
    """How long the carrier is down before what waits for it moves to another carrier of its program."""

    # Texts.
    alphabet: Alphabet = "gsm7"
    """What ``data_coding`` 0 means here."""
    inbound_alphabet: Alphabet | None = None
    """What it means in the texts that the carrier brings; ``alphabet`` where absent."""
    long_messages: Literal["udh8", "udh16", "sar", "payload"] = "udh8"
    national_language: Literal["turkish", "spanish", "portuguese"] | None = None
    """Whose national language tables (3GPP TS 23.038 Annex A) the carrier lets through: they keep a text that needs
    them out of UCS-2, at the price of a header."""
    supplementary: Literal["send", "strip"] = "send"
    """What becomes of characters beyond U+FFFF, which UCS-2 in the strict sense has not: sent as surrogate pairs; or pictograms
    left out, with a word in the decision, and texts with letters from there refused."""
    service_type: Annotated[str, Meta(pattern=r"^[\x20-\x7e]{0,5}\Z", description="up to 5 ASCII characters")] = ""
    validity: Literal["relative", "absolute", "none"] = "relative"
    """Form of validity_period (SMPP 3.4 §7.1.1)."""
    stop_handled_by: Literal["gateway", "carrier"] = "gateway"
    """Who confirms a STOP. It is recorded either way."""

    # Answers and receipts.
    registered_delivery: Literal[0, 1, 2, 16, 17, 18] = 1
    """SMPP 3.4 §5.2.17: 0 none, 1 the outcome, 2 failures only; 16 more for intermediate notifications."""
    receipt_ids: ReceiptIds = "auto"
    """How a receipt writes the id that submit_sm_resp gave: alike but for case and leading zeros (raw),
    in decimal where the response had hex, in hex where it had decimal, either way (both), or as found out (auto)."""
    receipt_states: dict[
        Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,16}\Z", description="a stat such as ACCEPTD")], StatMeaning
    ] = field(default_factory=dict)
    """What ``stat`` in a receipt means here, where it differs from the usual (SMPP 3.4 Appendix B)."""
    user_message_reference: bool = False
    """Send one with each submit_sm (SMPP 3.4 §5.3.2.17): a carrier that repeats it in receipts can name a text whose
    submit_sm_resp was lost."""
    query_sm: bool = False
    """Ask the carrier, where it answers that (SMPP 3.4 §4.8), about texts in doubt whose id is known and about those it never
    reported on."""
    status_overrides: dict[
        Annotated[str, Meta(pattern=r"^0x[0-9A-Fa-f]{1,8}\Z", description='a command_status such as "0x58"')], Verdict
    ] = field(default_factory=dict)
    """What a command_status means here, where it differs from the usual."""
    receipt_errors: dict[
        Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,16}\Z", description="an err code as receipts have it")],
        ErrorMeaning,
    ] = field(default_factory=dict)
    """What ``err`` in a receipt means here."""

    retry: RetryConfig = RetryConfig()
    tls: TlsConfig = TlsConfig()
    outbind: OutbindConfig | None = None

    def __repr__(self) -> str:
        """Without the password."""
        return f"CarrierConfig(name={self.name!r})"

    @property
    def reads(self) -> Alphabet:
        """What ``data_coding`` 0 means in a consumer's text."""
        return self.inbound_alphabet or self.alphabet

    @property
    def receivers(self) -> int:
        """How many receiver binds are held: none beside transceivers."""
        return 0 if self.bind == "trx" else self.rx_binds or 1

    @property
    def statuses(self) -> dict[int, Verdict]:
        """``status_overrides`` by number."""
        return {int(status, 16): verdict for status, verdict in self.status_overrides.items()}

    def check(self) -> Iterator[Wrong]:
        """One source of the password; receivers only where there are any; no status twice."""
        given = (self.password, self.password_file, self.password_env)
        yield from check_secret("password", CREDENTIAL_FORM, given, required=True)
        if self.binds == 0 and self.outbind is None:
            yield "binds", "is 0 although the carrier does not call us", "write at least 1, or set up [carrier.outbind]"
        if self.bind == "trx" and self.rx_binds is not None:
            yield "rx_binds", "transceivers receive by themselves", 'remove it, or write bind = "tx+rx"'
        if self.national_language is not None and not (
            self.alphabet in ("gsm7", "packed_gsm7") and self.long_messages in ("udh8", "udh16")
        ):
            yield (
                "national_language",
                "needs a GSM alphabet and a user data header",
                'write alphabet = "gsm7" and long_messages = "udh8", or remove it',
            )
        if len({int(status, 16) for status in self.status_overrides}) < len(self.status_overrides):
            yield "status_overrides", "one command_status is written twice", "keep one of the two"
        for key, values in (("senders", self.senders), ("permits", self.permits)):
            if len(set(values)) < len(values):
                yield key, "names the same one twice", "keep one of the two"
        if len({(limit.scope, limit.per) for limit in self.limits}) < len(self.limits):
            yield "limit", "two have the same scope and the same window", "keep the smaller one"


def is_zone(name: str) -> bool:
    """Whether the time zone database knows the name."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # the last for a name that is not there
        return False
    return True


class CarriersFile(Section, frozen=True, kw_only=True):
    """carriers.toml."""

    carriers: tuple[CarrierConfig, ...] = field(name="carrier", default=())
