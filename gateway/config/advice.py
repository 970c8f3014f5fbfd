"""What is allowed in a configuration and still worth a word to the operator.

Owns: finding it. Does not own: telling it (the process logs it when it starts), or faults, which stop the start.
"""

from collections.abc import Iterator

from gateway.config.clients import ClientConfig, ProgramConfig
from gateway.config.credentials import Credentials
from gateway.config.faults import Fault
from gateway.config.whole import Config

_LONGEST_PASSWORD = 8  # SMPP 3.4 §4.1.1: 9 octets with the NUL
_SEGMENT = 160
_SEGMENT_BEYOND_ASCII = 70


def advise(config: Config, credentials: Credentials) -> Iterator[Fault]:
    """Yield what may surprise: passwords that carriers may cut, categories that no carrier permits, answers that may go out
    as several segments."""
    for carrier in config.carriers:
        if len(credentials.carriers[carrier.name]) > _LONGEST_PASSWORD:
            yield Fault(
                "carriers.toml",
                f"carrier[{carrier.name}].password",
                f"is longer than the {_LONGEST_PASSWORD} characters of SMPP 3.4",
                "ask the carrier if it was meant to be",
            )
    for client in config.clients:
        for program in client.programs:
            yield from _advise_routes(config, client, program)
            for key in ("help_text", "stop_confirmation", "start_confirmation"):
                text: str = getattr(program, key) or ""
                if len(text) > (_SEGMENT if text.isascii() else _SEGMENT_BEYOND_ASCII):
                    yield Fault(
                        "clients.toml",
                        f"client[{client.id}].program[{program.id}].{key}",
                        "may need more than one segment",
                        f"keep it to {_SEGMENT} characters, or {_SEGMENT_BEYOND_ASCII} with letters beyond ASCII",
                    )


def _advise_routes(config: Config, client: ClientConfig, program: ProgramConfig) -> Iterator[Fault]:
    for name in program.categories:
        category = config.category(name)
        permitted = {
            content
            for route in program.ways
            if name in (route.categories or (name,))
            for carrier in map(config.carrier, route.carriers)
            if carrier is not None
            for content in carrier.permits
        }
        if category is not None and category.content not in permitted:
            yield Fault(
                "clients.toml",
                f"client[{client.id}].program[{program.id}].categories",
                f"no carrier of the program permits {category.content}: texts of the category {name!r} are refused",
                "add it to permits of a carrier whose contract allows it, or remove the category",
            )
