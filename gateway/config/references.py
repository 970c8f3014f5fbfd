"""What one part of the configuration says of another.

Owns: faults that only two sections together show: names used twice, names of nothing, doors on one address, replies
that could belong to two programs. Does not own: faults of one section (its own ``check``).

Works on sections that may have faults of their own: empty values are passed over.
"""

from gateway.config.carriers import CarrierConfig
from gateway.config.clients import ClientConfig, ProgramConfig
from gateway.config.decode import Faults, did_you_mean
from gateway.config.fields import places
from gateway.config.gateway import GatewayConfig
from gateway.config.policy import SYSTEM, PolicyConfig
from gateway.model.address import NUMERIC_ONLY, SenderKind

_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - recognised here, not listened on


def check_doors(gateway: GatewayConfig, faults: Faults) -> None:
    """Two doors cannot open on one address."""
    if not gateway.http.listen or not gateway.admin.listen:
        return
    (host, port), (admin_host, admin_port) = gateway.http.address, gateway.admin.address
    if port and port == admin_port and (host == admin_host or host in _EVERY_ADDRESS):
        faults.add("admin.listen", "is the address of [http] listen", "give it another port")


def check_carriers(carriers: tuple[CarrierConfig, ...], faults: Faults) -> None:
    """Each carrier has its own name."""
    _check_unique("carrier", "name", [carrier.name for carrier in carriers], faults)


def check_clients(
    clients: tuple[ClientConfig, ...],
    carriers: tuple[CarrierConfig, ...] | None,
    policy: PolicyConfig | None,
    faults: Faults,
) -> None:
    """Ids are unique; programs name carriers and categories that exist, with a sender that each carrier takes, and a route
    for each category.

    None stands for a file that could not be read: nothing is said about what refers to it.
    """
    _check_unique("client", "id", [client.id for client in clients], faults)
    by_name = None if carriers is None else {carrier.name: carrier for carrier in carriers}
    owners: dict[tuple[str, str], str] = {}
    for client, place in zip(clients, places([client.id for client in clients]), strict=True):
        at = f"client{place}"
        programs = [program.id for program in client.programs]
        _check_unique(f"{at}.program", "id", programs, faults)
        _check_unique(f"{at}.webhook", "id", [webhook.id for webhook in client.webhooks], faults)
        for program, inner in zip(client.programs, places(programs), strict=True):
            where = f"{at}.program{inner}"
            _check_owner(program, where, owners, faults)
            _check_routes_of(program, where, faults)
            if by_name is not None:
                _check_carriers_of(program, where, by_name, faults)
            if policy is not None:
                _check_categories_of(program, where, policy, faults)
                _check_reach_of(program, where, policy, faults)


def _check_owner(program: ProgramConfig, where: str, owners: dict[tuple[str, str], str], faults: Faults) -> None:
    """A STOP must mean one program: the carrier tells us no more than the address that it was sent to."""
    for name in filter(None, program.carrier_names):
        owner = owners.setdefault((name, program.sender), where)
        if program.sender and owner != where:
            faults.add(
                f"{where}.sender",
                f"is the sender of {owner} at carrier {name!r} too",
                "give each program its own: a reply is recognised by it",
            )


def _check_carriers_of(program: ProgramConfig, where: str, carriers: dict[str, CarrierConfig], faults: Faults) -> None:
    for name in program.carrier_names:
        carrier = carriers.get(name)
        if carrier is None:
            key = f"{where}.route" if program.routes else f"{where}.carriers"
            faults.add(key, f"{name!r} is no carrier", did_you_mean(name, list(filter(None, carriers))))
        elif program.sender and program.sender_kind not in carrier.senders:
            faults.add(
                f"{where}.sender",
                f"is of a kind ({program.sender_kind}) that carrier {name!r} does not take",
                f"use another sender, or add {program.sender_kind.value!r} to the carrier's senders",
            )


def _check_categories_of(program: ProgramConfig, where: str, policy: PolicyConfig, faults: Faults) -> None:
    known = [name for name in policy.categories if name != SYSTEM]
    for category in program.categories:
        if category == SYSTEM:
            # It needs no consent: a client that could use it would pass the gate.
            faults.add(f"{where}.categories", f"{SYSTEM!r} is for the gateway's own answers", "remove it")
        elif category not in policy.categories:
            faults.add(f"{where}.categories", f"{category!r} is no category", did_you_mean(category, known))


def _check_reach_of(program: ProgramConfig, where: str, policy: PolicyConfig, faults: Faults) -> None:
    """A sender that no country of the policy takes could never text anybody."""
    if (
        program.sender
        and program.sender_kind is SenderKind.ALPHANUMERIC
        and NUMERIC_ONLY.issuperset(policy.countries.allow)
    ):
        faults.add(
            f"{where}.sender",
            f"is a name, and carriers in {', '.join(policy.countries.allow)} take telephone numbers and short codes alone",
            'use a number such as "+12025550100" or a short code, or allow other countries in policy.toml',
        )


def _check_routes_of(program: ProgramConfig, where: str, faults: Faults) -> None:
    """Each category has a route, and each route is for categories that the program sends."""
    for place, route in enumerate(program.routes, 1):
        for category in route.categories:
            if category not in program.categories:
                faults.add(
                    f"{where}.route[#{place}].categories",
                    f"{category!r} is none of the program's categories",
                    did_you_mean(category, list(filter(None, program.categories))),
                )
    for category in program.categories:
        if program.routes and not any(category in (route.categories or (category,)) for route in program.routes):
            faults.add(
                f"{where}.route",
                f"none is for the category {category!r}",
                "add it to a route, or a route without categories",
            )


def _check_unique(path: str, key: str, names: list[str], faults: Faults) -> None:
    for place, name in enumerate(names):
        if name and name in names[:place]:
            faults.add(f"{path}[#{place + 1}].{key}", f"{name!r} is used twice", "give it another one")
