"""What a carrier does, as one frozen document; it owns every knob of the simulator and how a TOML file becomes them.

It does not play them: `script` rolls the dice, `session` and `account` act.

Times are seconds. Probabilities run from 0 to 1. A `status` is a name (`"ESME_RTHROTTLED"`, with or without its prefix) or
a number (`0x58`). A `destination` is a shell pattern for the number a text goes to (`"*0001"`).
"""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from gateway.text.alphabet import Alphabet
from tools.simulator.endpoint import endpoint
from tools.simulator.status import status_code

Seconds = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]
AtLeastOne = Annotated[int, Meta(ge=1)]
Status = str | int

IdForm = Literal[
    "decimal", "hex", "upper-hex", "padded-decimal", "padded-hex", "uuid", "upper-uuid", "plain-uuid", "empty"
]
MoEncoding = Literal["auto", "gsm7", "latin1", "ascii", "ucs2"]
LongForm = Literal["udh8", "udh16", "sar", "payload"]
BindType = Literal["trx", "tx", "rx"]
Stat = Literal[
    "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD", "SCHEDLD", "SKIPPED"
]

On = Literal["open", "bind", "submit_sm", "query_sm", "cancel_sm", "deliver_sm", "deliver_sm_resp"]
Do = Literal["status", "nack", "silence", "delay", "fin", "rst", "blackhole", "unbind", "stall", "bytes", "mo"]

_REQUEST: frozenset[Do] = frozenset(
    ("status", "nack", "silence", "delay", "fin", "rst", "blackhole", "unbind", "stall", "bytes", "mo")
)
PLAYABLE: dict[On, frozenset[Do]] = {
    "open": frozenset(("fin", "rst", "blackhole", "stall", "bytes")),
    "bind": _REQUEST,
    "submit_sm": _REQUEST,
    "query_sm": _REQUEST - {"mo"},
    "cancel_sm": _REQUEST - {"mo"},
    "deliver_sm": frozenset(("fin", "rst", "blackhole", "unbind")),
    "deliver_sm_resp": frozenset(("silence", "fin", "rst", "blackhole", "unbind")),
}
_INSTEAD: frozenset[Do] = frozenset(("status", "nack", "silence", "fin", "rst", "blackhole"))


class ScenarioError(Exception):
    """A scenario that cannot be played: the text names the file, the key and what is wrong with it."""


class Mo(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text from a consumer, which the simulator turns into one or more `deliver_sm`."""

    source: str = msgspec.field(name="from", default="")
    """The consumer's number. In a fault, empty means the number that the text just went to."""
    destination: str = msgspec.field(name="to", default="")
    """The gateway's number. Empty means the sender that texted this consumer last, else the last sender of all."""
    text: Annotated[str, Meta(max_length=10_000)]
    encoding: MoEncoding = "auto"
    """`auto`: the carrier's default alphabet where it has all characters of the text, else UCS-2."""
    data_coding: Annotated[int, Meta(ge=0, le=255)] | None = None
    """Overrides the `data_coding` that goes with the encoding (0 with latin1: Latin-1 as an undeclared default)."""
    long: LongForm = "udh8"
    """How a text that does not fit one `deliver_sm` travels; `payload` sends any text as one `message_payload`."""
    parts: tuple[AtLeastOne, ...] = ()
    """Which parts to send, in which order (`[3, 1, 1]`: out of order, one twice, the second lost); empty means all."""
    account: str = ""
    """The `system_id` that gets it; empty means the account that texted last, else the one that bound last."""


class Fault(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One misbehaviour: when a PDU of kind `on` comes by and the trigger agrees, `do` is done.

    Faults are tried in the order of the file; the first that fires is played. The trigger is the conjunction of
    `destination`, `after`, `every`, `count`, `period` with `lasts`, and `probability`.
    """

    on: On
    """The occasion. `open`: a TCP connection; `deliver_sm`: one that we have just sent; else a PDU that has arrived."""
    do: Do
    """`status`, `nack` (generic_nack), `silence`, `fin`, `rst`, `blackhole` (the link stays open and is dead) stand in the
    place of the answer; `delay` puts it off; `unbind`, `stall` (nothing is read for a while), `bytes` and `mo` come after it.
    On `deliver_sm_resp`, `silence` means that the answer got lost on its way to us."""
    status: Status = "ESME_RSYSERR"
    """For `status` and `nack`."""
    with_body: bool = False
    """For `status`: send the body too, which SMPP 3.4 §4.4.2 leaves out of an error response and some carriers send."""
    taken: bool = False
    """For what stands in place of an answer to submit_sm: the text is accepted all the same, and its receipt comes."""
    seconds: Seconds = 1.0
    """For `delay` and `stall`."""
    octets: str = ""
    """For `bytes`: what to put on the wire, in hex."""
    mo: Mo | None = None
    """For `mo`. `{message_id}`, `{from}` and `{to}` in its text stand for the fields of the text that just came."""

    probability: Share = 1.0
    after: Count = 0
    """The first so many are spared."""
    every: AtLeastOne = 1
    """Of the others, only each so-manieth."""
    count: Count | None = None
    """At most so many times."""
    period: Seconds = 0.0
    """With `lasts`: only in the first `lasts` seconds of each `period`, counted from the start of the scenario."""
    lasts: Seconds = 0.0
    destination: str = ""

    @property
    def instead(self) -> bool:
        """Whether it stands in the place of the answer."""
        return self.do in _INSTEAD

    def __post_init__(self) -> None:
        if self.do not in PLAYABLE[self.on]:
            raise ValueError(f"do = {self.do!r} cannot follow on = {self.on!r}; use one of {sorted(PLAYABLE[self.on])}")
        if (self.do == "mo") != (self.mo is not None):
            raise ValueError('do = "mo" and a table `mo` go together')
        if self.mo is not None and self.on == "bind" and not (self.mo.source and self.mo.destination):
            raise ValueError('a text on = "bind" needs `from` and `to`: nobody has texted yet')
        if (self.do == "bytes") != bool(self.octets):
            raise ValueError('do = "bytes" and `octets` (hex) go together')
        if (self.period > 0) != (self.lasts > 0):
            raise ValueError("`period` and `lasts` go together")
        bytes.fromhex(self.octets)
        status_code(self.status)


class Bind(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a bind is answered, once its `system_id` and password are found right."""

    types: tuple[BindType, ...] = ("trx", "tx", "rx")
    """Others are refused with ESME_RINVCMDID, as by an SMSC that does not know the command."""
    limit: Count = 0
    """Binds of one account at a time; the next gets ESME_RALYBND. 0 means any number."""
    linger: Seconds = 0.0
    """How long a link that went away without unbind still counts for `limit`."""
    interface_version: Annotated[int, Meta(ge=-1, le=255)] = 0x34
    """The `sc_interface_version` TLV of the response; -1 leaves it out."""
    system_id: str = "assent-smsc"
    """The name that the response carries (SMPP 3.4 §4.1.2)."""


class Answers(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a `submit_sm` that nothing is wrong with is answered."""

    id_form: IdForm = "decimal"
    recycle_after: Count = 0
    """Message ids repeat after so many. 0 means never."""
    delay: Seconds = 0.0
    jitter: Seconds = 0.0
    """Added to `delay`, drawn evenly from 0 to this: answers change places."""
    shuffle: AtLeastOne = 1
    """Answers wait until so many are ready (or 50 ms have gone) and leave in another order."""


class Throttle(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is too much, counted over all binds of an account."""

    rate: Annotated[float, Meta(ge=0)] = 0.0
    """`submit_sm` a second, by a token bucket. 0 means no limit."""
    burst: AtLeastOne = 1
    """The depth of the bucket."""
    status: Status = "ESME_RTHROTTLED"

    window: Count = 0
    """Unanswered `submit_sm` on one bind. 0 means no limit."""
    window_status: Status = "ESME_RMSGQFUL"

    def __post_init__(self) -> None:
        status_code(self.status)
        status_code(self.window_status)


class Content(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which texts and addresses the carrier takes, and how it reads them."""

    default_alphabet: Alphabet = Alphabet.GSM7
    """What `data_coding` 0 stands for, in both directions."""
    mo_alphabet: Alphabet | None = None
    """What it stands for in consumers' texts, where that is something else."""
    long: tuple[LongForm, ...] = ("udh8", "udh16", "sar", "payload")
    """The ways of a long text that are taken."""
    long_status: Status = "ESME_RINVESMCLASS"
    """The answer to the others."""
    supplementary: bool = True
    """Whether UCS-2 may hold surrogate pairs (else ESME_RX_R_APPN)."""
    source_ton_npi: tuple[tuple[int, int], ...] = ()
    """The pairs that a sender may have (else ESME_RINVSRCADR); empty means any."""
    destination_ton_npi: tuple[tuple[int, int], ...] = ()
    """The pairs that a destination may have (else ESME_RINVDSTADR); empty means any."""
    plus: bool = True
    """Whether a destination may begin with a plus sign (else ESME_RINVDSTADR)."""

    @property
    def inbound(self) -> Alphabet:
        """What `data_coding` 0 stands for in consumers' texts."""
        return self.mo_alphabet or self.default_alphabet

    def __post_init__(self) -> None:
        status_code(self.long_status)


class Outcome(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One way in which a text may end, and the receipt that says so."""

    stat: Stat = "DELIVRD"
    err: Annotated[str, Meta(max_length=8)] = "000"
    """Three digits by SMPP 3.4 appendix B, letters and more at many carriers."""
    weight: Annotated[float, Meta(ge=0)] = 1.0
    """Its share among the outcomes."""
    state: int | None = None
    """`message_state` of the TLV where it is to differ from `stat`."""
    network_error: str = ""
    """`network_error_code` as three octets in hex; empty means no such TLV."""
    then: Stat | None = None
    """A second receipt, sent one more delay later, that contradicts the first."""
    destination: str = ""
    """Only for these numbers, and for these before any outcome without a `destination`."""

    def __post_init__(self) -> None:
        if len(bytes.fromhex(self.network_error)) not in (0, 3):
            raise ValueError("`network_error` is three octets in hex (SMPP 3.4 §5.3.2.31)")


class Receipts(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When receipts come, by which road, and what they look like."""

    when: Literal["requested", "always", "never"] = "requested"
    """`requested`: as `registered_delivery` says (SMPP 3.4 §5.2.17)."""
    delay: Seconds = 0.2
    jitter: Seconds = 0.0
    missing: Share = 0.0
    """The share of texts whose receipt never comes."""
    before_response: bool = False
    """The receipt goes out ahead of the `submit_sm_resp` that names its message."""
    hold: Count = 0
    """Receipts wait until so many are due, and then come all at once."""
    copies: AtLeastOne = 1
    """How often each is sent."""
    intermediate: tuple[Stat, ...] = ()
    """Intermediate notifications on the way, evenly spread over the delay."""
    via: Literal["any", "same", "other"] = "any"
    """By which bind of the account: the one that submitted, another one (if there is), or any."""

    form: Literal["text", "tlv", "both"] = "both"
    command: Literal["deliver_sm", "data_sm"] = "deliver_sm"
    reference: bool = False
    """The text's `user_message_reference` is repeated (SMPP 3.4 §4.6.1)."""
    in_payload: bool = False
    """The text travels in `message_payload` with an empty `short_message`."""
    esm_class: Annotated[int, Meta(ge=0, le=255)] = 0x04
    """Of final receipts; intermediate ones have 0x20 (SMPP 3.4 §5.2.12)."""
    data_coding: Annotated[int, Meta(ge=0, le=255)] = 0
    """What it says of the text, rightly or not."""
    encoding: Literal["ascii", "ucs2"] = "ascii"
    """How the text is written, whatever `data_coding` says."""
    fixed_width: bool = False
    """`receipted_message_id` is filled up with blanks, and `message_state` has four octets."""
    id_form: Literal["same"] | IdForm = "same"
    """The form of the id in the text; `same`: as in the `submit_sm_resp`."""
    tlv_id_form: Literal["same"] | IdForm = "same"
    """The form of the id in `receipted_message_id`; `same`: as in the text."""
    text: str = (
        "id:{id} sub:{sub} dlvrd:{dlvrd} submit date:{submitted} done date:{done} stat:{stat} err:{err} text:{text}"
    )
    """The text, by default that of SMPP 3.4 appendix B; carriers vary it."""
    dates: str = "%y%m%d%H%M"
    """How `{submitted}` and `{done}` are written (strftime)."""
    utc_offset: Annotated[float, Meta(ge=-14, le=14)] = 0.0
    """The zone that `{submitted}` and `{done}` are in, in hours from UTC; the receipt does not tell it."""
    outcomes: tuple[Outcome, ...] = (Outcome(),)

    def __post_init__(self) -> None:
        try:
            self.text.format_map(dict.fromkeys(RECEIPT_WORDS, ""))
        except (KeyError, ValueError, IndexError, AttributeError) as error:
            raise ValueError(f"`text` may use {{{'}, {'.join(RECEIPT_WORDS)}}} only, not {error}") from None
        if not any(outcome.weight and not outcome.destination for outcome in self.outcomes):
            raise ValueError("`outcomes` need one with a weight and without a destination")


RECEIPT_WORDS = ("id", "sub", "dlvrd", "submitted", "done", "stat", "err", "text")


class Delivery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How `deliver_sm` are handed over: at least once, until the answer is ESME_ROK."""

    window: AtLeastOne = 10
    """Unanswered `deliver_sm` on one bind."""
    timeout: Seconds = 10.0
    """After which an answer is no longer waited for."""
    interval: Seconds = 2.0
    """Between a refusal or a missing answer and the next try."""
    attempts: Count = 0
    """Tries after which it is given up. 0 means never."""
    plus: bool = False
    """Numbers of consumers carry a plus sign."""
    tlvs: tuple[tuple[Annotated[int, Meta(ge=0, le=0xFFFF)], str], ...] = ()
    """Tag and value (hex) of parameters that every delivery carries besides its own."""
    trailing: str = ""
    """Octets (hex) behind its last parameter, such as half of another one."""

    def __post_init__(self) -> None:
        for octets in (self.trailing, *(value for _, value in self.tlvs)):
            bytes.fromhex(octets)


class Wire(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the carrier does to the byte stream and to idle links."""

    chunk: Count = 0
    """Everything is written in pieces of so many bytes. 0 means as it comes."""
    enquire_every: Seconds = 0.0
    """Send `enquire_link` after so much silence. 0 means never."""
    inactivity: Seconds = 0.0
    """Close a link after so much silence. 0 means never."""


class Outbind(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Calling an ESME (SMPP 3.4 §2.2.1): connecting to it and saying outbind, for as long as it is not bound."""

    to: str
    """HOST:PORT where the ESME listens."""
    system_id: str = "SMSC"
    password: str = ""
    every: Annotated[float, Meta(gt=0, le=86_400)] = 1.0
    """Seconds from one call to the next while nobody is bound by one."""

    def __post_init__(self) -> None:
        try:
            endpoint(self.to)
        except ArgumentTypeError as error:
            raise ValueError(str(error)) from None


class Scenario(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One carrier, whole. Every table and every key may be left out: what remains is a carrier that behaves."""

    title: str = "A carrier that behaves"
    """One line that says what the carrier does."""
    seed: int = 1
    """Of the dice. The same seed and the same traffic give the same faults."""
    bind: Bind = Bind()
    answers: Answers = Answers()
    throttle: Throttle = Throttle()
    content: Content = Content()
    receipts: Receipts = Receipts()
    delivery: Delivery = Delivery()
    wire: Wire = Wire()
    outbind: Outbind | None = None
    """Whom it calls; nobody where absent."""
    query: bool = True
    """Whether `query_sm` is supported (else ESME_RINVCMDID)."""
    cancel: bool = True
    """Whether `cancel_sm` is supported (else ESME_RINVCMDID)."""
    faults: tuple[Fault, ...] = ()


SCENARIOS = Path(__file__).with_name("scenarios")


def names() -> list[str]:
    """The scenarios that come with the simulator."""
    return sorted(path.stem for path in SCENARIOS.glob("*.toml"))


def load(name_or_path: str) -> Scenario:
    """The scenario of that name, or in that file (anything with a slash or ending in `.toml`). Raises ScenarioError."""
    is_path = "/" in name_or_path or name_or_path.endswith(".toml")
    path = Path(name_or_path) if is_path else SCENARIOS / f"{name_or_path}.toml"
    if not is_path and not path.is_file():
        raise ScenarioError(f"no scenario is called {name_or_path!r}; there are {', '.join(names())}")
    try:
        return decode(path.read_bytes(), str(path) if is_path else path.name)
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror}") from error


def decode(toml: bytes, where: str) -> Scenario:
    """The scenario written as TOML; `where` names its origin in errors. Raises ScenarioError."""
    try:
        return msgspec.toml.decode(toml, type=Scenario)
    except (msgspec.DecodeError, ValueError) as error:
        raise ScenarioError(f"{where}: {error}") from error


def changed(base: Scenario, changes: dict[str, Any]) -> Scenario:
    """`base` with some keys set anew, table by table; a list replaces the old list. Raises ScenarioError."""
    try:
        return msgspec.convert(_merged(msgspec.to_builtins(base), changes), Scenario)
    except (msgspec.ValidationError, ValueError) as error:
        raise ScenarioError(str(error)) from error


_T = TypeVar("_T")


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for key, value in new.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
