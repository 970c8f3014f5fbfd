"""Names of `command_status` as a scenario and the journal write them. It owns the spelling, not the meaning."""

from typing import Final

from gateway.smpp import const

_CODES: Final = {name: value for name, value in vars(const).items() if name.startswith("ESME_")}
_NAMES: Final = {value: name for name, value in _CODES.items()}


def status_code(status: str | int) -> int:
    """The number of a status given by name, with or without `ESME_`, or by number. Raises ValueError."""
    if isinstance(status, int):
        if not 0 <= status <= 0xFFFFFFFF:
            raise ValueError(f"command_status {status} does not fit into four octets")
        return status
    name = status.upper()
    code = _CODES.get(name, _CODES.get(f"ESME_{name}"))
    if code is None:
        raise ValueError(f"no command_status is called {status!r}; use a name like ESME_RTHROTTLED or a number like 0x58")
    return code


def status_name(code: int) -> str:
    """Its name; for a number without one, the number in hex."""
    return _NAMES.get(code) or f"{code:#010x}"
