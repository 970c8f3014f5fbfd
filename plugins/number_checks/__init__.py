"""Numbers that are to be checked for reassignment: the client is told, and answers with what a database said.

Owns: what the client is told. Does not own: when a check is due and how often it is told (the gateway), the look (whoever has an
account with a database), or what follows from the answer (the gateway).
"""

from gateway.hooks import GatewayApi, Info, NumberCheckDue, Settings, hookimpl, key_of
from gateway.model.clock import spell_instant


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="Tells the client of numbers that a database of reassigned numbers is to be asked about")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return Settings


@hookimpl
async def observe_number_check(due: NumberCheckDue, api: GatewayApi) -> None:
    """See Hooks."""
    await api.emit(
        key_of("check", due.id),
        "number.check_due",
        account=due.account or "",
        data={
            "number": due.number,
            "program": due.program,
            "category": due.category,
            "since": spell_instant(due.since),
            "answer_to": f"POST /v1/numbers/{due.number}/checks",
        },
    )
