"""Which carrier a program's texts leave through, by the configuration.

Owns: the configured routes in the form that the rule wants, looked up by program. Does not own: the rule (rules/routing), or
which carriers are up (health).
"""

from gateway.config import Config, ProgramConfig
from gateway.rules.routing import EVERY_NUMBER, Choice, Route, Way, choose, fraction_of


class Routes:
    """The routes of all programs."""

    def __init__(self, config: Config) -> None:
        self._contents = {name: category.content for name, category in config.policy.categories.items()}
        self._routes = {
            (client.id, program.id): _routes_of(program, config)
            for client in config.clients
            for program in client.programs
        }

    def choose(
        self, client: str, program: str, category: str, number: str, message_id: int, healthy: frozenset[str]
    ) -> Choice | None:
        """The carrier for a message; None if none of its program serves the number, or there is no such program."""
        routes = self._routes.get((client, program), ())
        content = self._contents.get(category, "")
        return choose(routes, number, category, content, healthy, fraction_of(message_id))


def _routes_of(program: ProgramConfig, config: Config) -> tuple[Route, ...]:
    return tuple(
        Route(
            tuple(
                Way(name, weight, carrier.prefixes or EVERY_NUMBER, frozenset(carrier.permits))
                for name, weight in route.carriers.items()
                if (carrier := config.carrier(name)) is not None
            ),
            route.prefixes or EVERY_NUMBER,
            frozenset(route.categories) or None,
        )
        for route in program.ways
    )
