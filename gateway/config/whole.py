"""The whole configuration, as one value that the rest of the gateway is built from.

Owns: the five files together and looking things up across them. Does not own: reading them (load), or secrets that
live elsewhere (credentials).
"""

from functools import cached_property
from pathlib import Path

from msgspec import Struct, field

from gateway.config.carriers import CarrierConfig
from gateway.config.clients import ClientConfig, ProgramConfig
from gateway.config.gateway import GatewayConfig
from gateway.config.packs import PackFile, bundled_packs
from gateway.config.plugins import PluginsConfig
from gateway.config.policy import CategoryConfig, PolicyConfig
from gateway.config.templates import TemplateFile


class Config(Struct, frozen=True, kw_only=True, dict=True):
    """Everything that the operator configured; free of faults if ``load`` made it."""

    gateway: GatewayConfig
    carriers: tuple[CarrierConfig, ...]
    clients: tuple[ClientConfig, ...]
    policy: PolicyConfig
    plugins: PluginsConfig
    templates: tuple[TemplateFile, ...] = ()
    """The files of its folder ``templates``, unread."""
    packs: tuple[PackFile, ...] = field(default_factory=bundled_packs)
    """All packs that may be named, by name."""

    def carrier(self, name: str) -> CarrierConfig | None:
        """The carrier of that name."""
        return self._carriers.get(name)

    def client(self, client: str) -> ClientConfig | None:
        """The client of that id."""
        return self._clients.get(client)

    def program(self, client: str, program: str) -> ProgramConfig | None:
        """A client's program by its id."""
        return self._programs.get((client, program))

    def category(self, name: str) -> CategoryConfig | None:
        """The category of that name."""
        return self.policy.categories.get(name)

    def packs_of(self, program: ProgramConfig) -> tuple[str, ...]:
        """The names of the packs that hold for a program: its own, or else those of policy.toml."""
        return program.packs or self.policy.packs

    def priority(self, program: ProgramConfig, category: CategoryConfig) -> int:
        """0 (first) to 3 (last): the program's, or else the category's."""
        return category.priority if program.priority is None else program.priority

    def program_of(self, carrier: str, sender: str) -> tuple[ClientConfig, ProgramConfig] | None:
        """Whose texts leave through the carrier with this sender: the program that a reply to it belongs to."""
        return self._senders.get((carrier, sender))

    def path(self, name: str) -> Path:
        """A file named in the configuration: a relative name starts at the data directory."""
        return Path(self.gateway.store.path, name)

    @cached_property
    def _carriers(self) -> dict[str, CarrierConfig]:
        return {carrier.name: carrier for carrier in self.carriers}

    @cached_property
    def _clients(self) -> dict[str, ClientConfig]:
        return {client.id: client for client in self.clients}

    @cached_property
    def _programs(self) -> dict[tuple[str, str], ProgramConfig]:
        return {(client.id, program.id): program for client in self.clients for program in client.programs}

    @cached_property
    def _senders(self) -> dict[tuple[str, str], tuple[ClientConfig, ProgramConfig]]:
        return {
            (carrier, program.sender): (client, program)
            for client in self.clients
            for program in client.programs
            for carrier in program.carrier_names
        }
