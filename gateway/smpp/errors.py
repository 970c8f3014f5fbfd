"""Owns the ways in which SMPP goes wrong: what a peer can send us, and what our own code can ask for wrongly.

Does not own what is done about them (`connection`) or what a refusing carrier answers (`status`).
"""


class PduError(Exception):
    """Octets from outside that are not a PDU we can take.

    `command_status` is what to answer with, `sequence_number` and `command_id` are those of the header (0 where the
    header itself is in doubt), `field` is the parameter at fault under its SMPP 3.4 name, "" where it is none.
    """

    fatal = False
    """Whether the boundary to the next PDU is lost, so that the link must be given up."""

    def __init__(self, detail: str, *, command_status: int, command_id: int, sequence_number: int, field: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.command_status = command_status
        self.command_id = command_id
        self.sequence_number = sequence_number
        self.field = field


class FramingError(PduError):
    """command_length cannot be true: where the next PDU begins is unknown.

    `foreign` is true where the peer is seen to speak another protocol, so that an answer in SMPP would be noise.
    """

    fatal = True
    foreign = False


class UnknownCommand(PduError):
    """A whole PDU whose command_id is not one of SMPP 3.4."""


class BodyError(PduError):
    """A whole PDU of a known command whose body does not hold the fields it must."""


class LocalProtocolError(Exception):
    """Our own code asked for something the protocol forbids, or put a value into a PDU that does not fit: a bug."""


class WindowFull(Exception):
    """As many requests as the window allows are waiting for their responses."""
