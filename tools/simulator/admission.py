"""Who may bind: it owns the look at a bind request and the answer to it."""

import hmac
from functools import partial
from typing import TYPE_CHECKING, Final

from gateway.smpp import const
from gateway.smpp.pdu import (
    Bind,
    BindReceiver,
    BindReceiverResp,
    BindResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    Tlv,
    response_to,
)
from gateway.smpp.status import name as status_name
from tools.simulator import journal
from tools.simulator.scenario import BindType, Fault
from tools.simulator.status import status_code

if TYPE_CHECKING:
    from tools.simulator.session import Session
    from tools.simulator.smsc import Smsc

_TYPES: Final[dict[type[Bind], BindType]] = {BindTransceiver: "trx", BindTransmitter: "tx", BindReceiver: "rx"}
_RESPONSES: Final[dict[BindType, type[BindResp]]] = {
    "trx": BindTransceiverResp,
    "tx": BindTransmitterResp,
    "rx": BindReceiverResp,
}


def bind(smsc: "Smsc", session: "Session", request: Bind, now: float) -> None:
    """Answer a bind as the scenario and the credentials have it."""
    fault = smsc.script.fault("bind", now)
    if fault is None or not fault.instead:
        delay = fault.seconds if fault is not None and fault.do == "delay" else 0.0
        if delay:
            smsc.agenda.later(delay, partial(_answer, smsc, session, request, fault))
        else:
            _answer(smsc, session, request, fault)
        return
    status = status_name(status_code(fault.status)) if fault.do in ("status", "nack") else fault.do
    _write_down(smsc, session, request, status)
    session.play("bind", fault, request.sequence_number, request)


def _answer(smsc: "Smsc", session: "Session", request: Bind, fault: Fault | None) -> None:
    if not session.open:
        return
    kind = _TYPES[type(request)]
    status = _verdict(smsc, request, kind)
    _write_down(smsc, session, request, status_name(status))
    if status != const.ESME_ROK:
        session.respond(request, response_to(request, status))
    else:
        figures = smsc.script.scenario.bind
        version = figures.interface_version
        tlvs = (Tlv(const.TLV_SC_INTERFACE_VERSION, bytes((version,))),) if version >= 0 else ()
        session.respond(request, _RESPONSES[kind](system_id=figures.system_id, tlvs=tlvs))
        session.accept(smsc.account(request.system_id), kind)
    # Nobody texts an account that is not let in.
    if fault is not None and (status == const.ESME_ROK or fault.mo is None):
        session.play("bind", fault, request.sequence_number, request, fault.mo)


def _verdict(smsc: "Smsc", request: Bind, kind: BindType) -> int:
    if smsc.system_id is not None and request.system_id != smsc.system_id:
        return const.ESME_RINVSYSID
    if smsc.password is not None and not hmac.compare_digest(
        request.password.encode("latin-1"), smsc.password.encode("utf-8")
    ):
        return const.ESME_RINVPASWD
    figures = smsc.script.scenario.bind
    if kind not in figures.types:
        return const.ESME_RINVCMDID
    if figures.limit and smsc.binds_held(request.system_id) >= figures.limit:
        return const.ESME_RALYBND
    return const.ESME_ROK


def _write_down(smsc: "Smsc", session: "Session", request: Bind, status: str) -> None:
    smsc.journal.add(
        journal.Bound(
            session=session.number,
            sequence=request.sequence_number,
            account=request.system_id,
            type=_TYPES[type(request)],
            status=status,
        )
    )
