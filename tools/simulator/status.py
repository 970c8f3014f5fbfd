"""A `command_status` as a scenario writes it. It owns the reading; what a status is called and means is `gateway.smpp`'s."""

from typing import Final

from gateway.smpp import const

_CODES: Final[dict[str, int]] = {name: code for code, name in const.STATUS_NAMES.items()}


def status_code(status: str | int) -> int:
    """The number of a status given by name, with or without `ESME_`, or by number. Raises ValueError."""
    if isinstance(status, int):
        if not 0 <= status <= 0xFFFFFFFF:
            raise ValueError(f"command_status {status} does not fit into four octets")
        return status
    name = status.upper()
    code = _CODES.get(name) or _CODES.get(f"ESME_{name}")
    if code is None:
        raise ValueError(
            f"no command_status is called {status!r}; use a name like ESME_RTHROTTLED or a number like 0x58"
        )
    return code
