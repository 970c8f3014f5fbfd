"""Calling an ESME where the scenario says so: it owns the connecting, one call after the other. What is said is `session`'s."""

import trio

from tools.simulator.endpoint import endpoint
from tools.simulator.smsc import Smsc

_IDLE = 0.2  # between two looks at a scenario that calls nobody


async def keep_calling(smsc: Smsc) -> None:
    """Call for as long as the scenario says so, for ever; each call is over before the next begins."""
    while True:
        outbind = smsc.script.scenario.outbind
        if outbind is None:
            await trio.sleep(_IDLE)
            continue
        to = endpoint(outbind.to)
        try:
            stream = await trio.open_tcp_stream(to.host, to.port)
        except OSError:
            pass  # nobody listens yet
        else:
            await smsc.call(stream, str(to))
        await trio.sleep(outbind.every)
