"""Which packs hold for which program, and for texts of what purpose.

Owns: reading the packs that the configuration names, and what is wrong with them and with naming them together. Does not
own: how a pack is written (packs), what packs come to (policy) or judging a text (gate).
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal

import msgspec
from msgspec.structs import replace

from gateway.config import SYSTEM, CategoryConfig, ClientConfig, Config, ConfigError, Fault, PackFile, ProgramConfig
from gateway.config.decode import did_you_mean
from gateway.model.address import SenderKind
from gateway.model.clock import DAY
from gateway.rules.content.finding import ContentContext
from gateway.rules.frequency import longest_window
from gateway.rules.pack_lint import Level, PackFinding, lint_pack, lint_selection
from gateway.rules.packs import CapRule, Limit, LimitRule, Pack, Purpose, read_pack
from gateway.rules.policy import Regime, cap_of, compose, regime_of
from gateway.rules.zones import Regions

CONFIRMATION_MINUTES = 5
"""How long after a consumer's word its one confirmation may go where no pack says (47 CFR 64.1200(a)(12))."""
DEFAULT_LINE = "Reply STOP to opt out."
_PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "servicing": Purpose.SERVICING,
        "first_party_collections": Purpose.COLLECTIONS,
        "third_party_collections": Purpose.COLLECTIONS,
        "marketing": Purpose.MARKETING,
    }
)
"""What laws call a text whose content carriers call so."""


class Charter(msgspec.Struct, frozen=True):
    """What a program's texts of one category are judged by."""

    packs: tuple[Pack, ...]
    purpose: Purpose | None = None
    """None: not known, so that every rule is for it."""
    context: ContentContext | None = None
    """How their wording is judged; None: not at all."""
    daily_texts: int | None = None
    """The most texts that the client may submit in a day."""
    repetition: Literal["refuse", "flag"] | None = None
    """What becomes of a repetition; None: nobody asks."""
    line: str | None = None
    """What is added to a text that has to say how to opt out, and does not."""
    sends: bool = True
    """Whether the program is configured for the category."""
    barred: frozenset[str] = frozenset()
    """Carriers that may not carry such texts."""

    def regime(self, regions: Regions, at: int) -> Regime:
        """What the packs come to in these places at an instant."""
        return regime_of(compose(self.packs, at), self.purpose, regions)


def under_packs(config: Config, names: tuple[str, ...]) -> "Charters":
    """The charters of a configuration if every program named these packs. Raises ConfigError where one is not there."""
    clients = tuple(
        replace(client, programs=tuple(replace(program, packs=names) for program in client.programs))
        for client in config.clients
    )
    return Charters(replace(config, clients=clients))


class Charters:
    """The charters of a configuration. Raises ConfigError where a pack that is named cannot be read, or is not there."""

    def __init__(self, config: Config) -> None:
        written = {file.name: file for file in config.packs}
        self._charters: dict[tuple[str, str, str], Charter] = {}
        read: dict[str, Pack] = {}
        repetitions = config.policy.repetitions
        barred = {
            content: frozenset(carrier.name for carrier in config.carriers if content not in carrier.permits)
            for content in _PURPOSES
        }
        for client in config.clients:
            for program in client.programs:
                for name in config.packs_of(program):
                    if name not in written:
                        fix = did_you_mean(name, list(written))
                        raise ConfigError([Fault("policy.toml", "packs", f"{name!r} is no pack", fix)])
                    read[name] = read.get(name) or read_pack(written[name].text, written[name].file)
                packs = tuple(read[name] for name in dict.fromkeys(config.packs_of(program)))
                for name, category in config.policy.categories.items():
                    self._charters[client.id, program.id, name] = Charter(
                        packs,
                        _PURPOSES[category.content],
                        _context(client, program, name, category),
                        client.daily_texts,
                        repetitions.action if repetitions.minutes else None,
                        _line(program, packs),
                        name == SYSTEM or name in program.categories,
                        barred[category.content],
                    )
        rules = [rule for pack in read.values() for rule in pack.rules]
        self.lookback = longest_window(tuple(cap_of("", rule) for rule in rules if isinstance(rule, CapRule)))
        """How far back contacts have to be known, in milliseconds."""
        days = max((rule.value for rule in rules if isinstance(rule, LimitRule) and rule.limit is _LINE), default=0)
        self.memory = max(self.lookback, days * DAY)
        """How far back texts have to be known when one is submitted, in milliseconds."""

    def of(self, client: str, program: str, category: str) -> Charter:
        """What a text is judged by. One of a program or a category that was configured away is refused."""
        return self._charters.get((client, program, category), _NOTHING)

    def limit(self, client: str, program: str, category: str, limit: Limit, at: int) -> int | None:
        """A limit for a program's texts of a category, wherever they go; None where no pack sets it."""
        charter = self.of(client, program, category)
        return charter.regime(frozenset(), at).limits.get(limit)


_NOTHING = Charter((), sends=False)
_LINE = Limit.OPT_OUT_LINE_DAYS


def _context(client: ClientConfig, program: ProgramConfig, name: str, category: CategoryConfig) -> ContentContext:
    return ContentContext(
        category=name,
        identity=(client.name, *program.identity),
        party_known=True,
        can_reply=program.sender_kind is not SenderKind.ALPHANUMERIC,
        disclosure=program.disclosure or "",
        domains=client.domains,
        promotional_allowed=category.content == "marketing",
        max_segments=category.max_segments,
    )


def _line(program: ProgramConfig, packs: tuple[Pack, ...]) -> str | None:
    if not any(isinstance(rule, LimitRule) and rule.limit is _LINE for pack in packs for rule in pack.rules):
        return None
    if program.opt_out_line is not None:
        return program.opt_out_line
    return None if program.sender_kind is SenderKind.ALPHANUMERIC else DEFAULT_LINE


def find_faults(config: Config, at: int) -> list[Fault]:
    """Everything that is wrong with the packs and with how they are named."""
    return [fault for level, fault in _look(config, at) if level is Level.ERROR]


def advise_packs(config: Config, at: int) -> list[Fault]:
    """What is allowed and still worth a word: warnings, packs of the operator's that take a bundled one's place, and
    programs that name packs of their own."""
    found = [fault for level, fault in _look(config, at) if level is Level.WARNING]
    for file in config.packs:
        if file.replaces:
            found.append(
                Fault(file.file, "", "takes the place of the bundled pack of that name", "rename it if unwanted")
            )
    for client in config.clients:
        for program in client.programs:
            if program.packs and program.packs != config.policy.packs:
                found.append(
                    Fault(
                        "clients.toml",
                        f"client[{client.id}].program[{program.id}].packs",
                        f"its texts are judged by {' and '.join(program.packs)}, not by"
                        f" {' and '.join(config.policy.packs)}",
                        "remove packs to have those of policy.toml",
                    )
                )
    return found


def _look(config: Config, at: int) -> Iterator[tuple[Level, Fault]]:
    available: dict[str, Pack] = {}
    unread: set[str] = set()
    for file in config.packs:
        try:
            pack = read_pack(file.text, file.file)
        except ConfigError as error:
            unread.add(file.name)
            yield from ((Level.ERROR, fault) for fault in error.faults)
            continue
        available[file.name] = pack
        yield from _look_at(file, pack, at)
    yield from _look_at_selections(config, available, unread, at)


def _look_at(file: PackFile, pack: Pack, at: int) -> Iterator[tuple[Level, Fault]]:
    if pack.name != file.name:
        yield Level.ERROR, Fault(file.file, "name", f"is {pack.name!r} in a file of another name", "make them the same")
    if not file.bundled:
        for finding in lint_pack(pack, at):
            yield finding.level, Fault(file.file, finding.subject, finding.problem, finding.fix)


def _look_at_selections(
    config: Config, available: Mapping[str, Pack], unread: set[str], at: int
) -> Iterator[tuple[Level, Fault]]:
    regions = config.policy.countries.allow
    selections = [("policy.toml", "packs", config.policy.packs)]
    selections += [
        ("clients.toml", f"client[{client.id}].program[{program.id}].packs", program.packs)
        for client in config.clients
        for program in client.programs
        if program.packs
    ]
    for file, key, names in selections:
        if not unread.isdisjoint(names):
            # What they come to cannot be said; which of them there are, can.
            names = tuple(name for name in names if name not in available and name not in unread)
            if not names:
                continue
        for finding in lint_selection(names, available, at, regions):
            yield finding.level, Fault(file, key, _told(finding), finding.fix)


def _told(finding: PackFinding) -> str:
    return f"{finding.subject}: {finding.problem}"
