"""The doors to clients, carriers and receivers, with one promise broken.

Owns: the ways of breaking what comes in and where it may go. Does not own: the roads behind them (broken_roads).
"""

import struct
from pathlib import Path
from typing import Any

import trio

from gateway.smpp import codec
from gateway.smpp.errors import BodyError
from gateway.smpp.timers import NEVER, Limits, Timers
from gateway.web import heads
from gateway.web.backoff import BackOff
from gateway.web.door import Door
from gateway.web.limits import Limits as HttpLimits
from gateway.web.precheck import Head, check_head
from gateway.webhook import client, transport
from gateway.webhook.schedule import Verdict, verdict
from gateway.webhook.sign import sign
from tests.system.breaking import replace, sabotage


@sabotage
def let_the_decoder_stumble() -> None:
    """A body that ends too early is read all the same."""
    decode = codec.decode_by_table

    def trusting(frame: bytes) -> Any:
        try:
            return decode(frame)
        except BodyError as error:
            raise struct.error("unpack requires more octets") from error

    replace(codec, "decode_by_table", trusting)


@sabotage
def wait_for_the_rest_of_a_pdu() -> None:
    """A PDU that began may take as long as it likes to end."""
    create = Timers.__init__

    def patient(self: Timers, limits: Limits) -> None:
        create(self, limits)
        self._partial._seconds = NEVER

    replace(Timers, "__init__", patient)


@sabotage
def forgive_bare_line_feeds() -> None:
    """A line may end in LF alone."""

    def lenient(received: bytes, **limits: int) -> Head:
        return check_head(received.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), **limits)

    replace(heads, "check_head", lenient)


@sabotage
def wait_for_the_rest_of_a_request() -> None:
    """A client may take as long as it likes."""

    async def blind(self: Door) -> None:
        await trio.sleep_forever()

    replace(Door, "_look_for_overdue", blind)


@sabotage
def read_whatever_comes() -> None:
    """A body may be of any size."""
    replace(HttpLimits, "body_limit", lambda self, method, path: 1 << 40)


@sabotage
def never_back_off() -> None:
    """Keys may be guessed at any pace."""
    replace(BackOff, "note_wrong", lambda self, caller, now: 0.0)


@sabotage
def connect_anywhere() -> None:
    """A webhook goes to whatever address its name has."""
    replace(transport, "denial", lambda address, *, allow_private: None)


@sabotage
def sign_without_the_time() -> None:
    """What is signed does not say when, so that it can be sent again in a year."""

    def timeless(secrets: Any, webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
        return sign(secrets, webhook_id, 0, body) | {"webhook-timestamp": str(timestamp)}

    replace(client, "sign", timeless)


@sabotage
def go_on_after_gone() -> None:
    """A receiver that says 410 is delivered to all the same."""

    def deaf(status: int) -> Verdict:
        judged = verdict(status)
        return Verdict.RETRY if judged is Verdict.DISABLE else judged

    replace(client, "verdict", deaf)


@sabotage
def let_everybody_read() -> None:
    """The database is made with the rights that files have by default."""
    touch = Path.touch

    def open_handed(self: Path, mode: int = 0o666, exist_ok: bool = True) -> None:
        touch(self, exist_ok=exist_ok)
        self.chmod(0o644)

    replace(Path, "touch", open_handed)
