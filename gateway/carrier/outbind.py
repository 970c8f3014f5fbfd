"""The carrier calls us: it connects, says outbind, and we bind over that connection (SMPP 3.4 §2.2.1, §4.1.7).

Owns: the listener of one carrier, who is let through (whoever shows the credentials agreed on), and the bind over its calls. Does
not own: a bind's life once there is a connection (bind).

Anybody can connect to a port that listens, and what follows an outbind is our own password. So a caller gets nothing before it
has shown its own: one PDU, of the length that an outbind has, in the time that a bind may take; no answer of any kind to
anything else; and few at a time. A carrier that calls while its last call still lives has lost that one, and we let it go.
"""

import hmac
import logging
from collections.abc import Callable

import trio

from gateway.carrier.bind import Bind, BindKind, BindState, BindStatus
from gateway.carrier.road import Road
from gateway.config import CarrierConfig
from gateway.smpp.buffer import FrameBuffer
from gateway.smpp.codec import decode
from gateway.smpp.errors import PduError
from gateway.smpp.pdu import Outbind

_log = logging.getLogger("gateway.carrier")

_LONGEST = 16 + 16 + 65
"""Octets of an outbind: header, system_id, and a password longer than the nine octets of the specification."""
_CALLERS = 16
_WRONG_SECONDS = 1.0
"""How long a caller with wrong credentials keeps its place: guessing is slow."""


class CalledBind(Bind):
    """The supervisor of a session that the carrier begins. It is answered with a receiver (SMPP 3.4 §2.2.1), or with the
    transceiver that carriers take too, as the profile's other binds are."""

    def __init__(
        self, config: CarrierConfig, password: str, shown: str, road: Road, on_state: Callable[[BindStatus], None]
    ) -> None:
        assert config.outbind is not None, "this carrier calls us"
        super().__init__(config, BindKind.TRX if config.bind == "trx" else BindKind.RX, 1, password, road, on_state)
        self.status.name = f"{config.name}/outbind-1"
        self.port = 0
        """The port it listens at, while it does."""
        self._outbind = config.outbind
        self._where = f"called at {config.outbind.listen}"
        self._shown = shown
        self._callers = 0
        self._talking = trio.Lock()

    async def _once(self) -> float:
        """As long as it listens: one call after the other."""
        where = self._outbind.listen
        host, port = self._outbind.address
        try:
            listeners = await trio.open_tcp_listeners(port, host=host)
        except OSError as error:
            return self._lost(f"cannot listen on {where}: {error.strerror or error}")
        try:
            self.port = listeners[0].socket.getsockname()[1]
            self._tell(BindState.LISTENING, where)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(trio.serve_listeners, self._answer, listeners)
                await self._stopping.wait()
                async with self._talking:  # a link that is there has said unbind: it is heard out
                    nursery.cancel_scope.cancel()
        finally:
            self.port = 0
            for listener in listeners:
                await trio.aclose_forcefully(listener)
        return 0.0

    async def _answer(self, stream: trio.SocketStream) -> None:
        """One call; the stream is closed when this ends."""
        if self._callers >= _CALLERS:
            return
        self._callers += 1
        passed = False
        try:
            with trio.move_on_after(self._config.bind_seconds):
                passed = await self._listen_to(stream)
        except trio.BrokenResourceError:
            pass  # gone
        finally:
            self._callers -= 1
        if passed:
            if self._link is not None:
                self._link.give_up("the carrier called again")
            async with self._talking:
                if not self._stopping.is_set():
                    await self._talk(stream)
                    self._tell(BindState.LISTENING, self._outbind.listen)

    async def _listen_to(self, stream: trio.SocketStream) -> bool:
        """Whether the caller shows the right credentials, and nothing else."""
        buffer = FrameBuffer(_LONGEST)
        try:
            while (frame := buffer.next_frame()) is None:
                octets = await stream.receive_some(_LONGEST)
                if not octets:
                    return False
                buffer.feed(bytes(octets))
            pdu = decode(frame)
        except PduError as error:
            _log.warning("%s: a call that is no outbind: %s", self.status.name, error.detail)
            return False
        if not isinstance(pdu, Outbind) or len(buffer):
            _log.warning("%s: a call that is no outbind: %s", self.status.name, pdu.command_name)
            return False
        known = (_same(pdu.system_id, self._outbind.system_id), _same(pdu.password, self._shown))
        if not all(known):
            _log.warning(
                "%s: a call with wrong credentials: check [carrier.outbind] in carriers.toml", self.status.name
            )
            await trio.sleep(_WRONG_SECONDS)
            return False
        return True


def _same(shown: str, expected: str) -> bool:
    return hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), expected.encode())
