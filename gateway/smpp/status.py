"""Owns what a command_status says about a text or a bind of ours, and what people call it.

Does not own what is then done, nor when: a verdict has a meaning, the flow has the deeds. A carrier's profile may
overrule any line of the table.
"""

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.smpp import const


class Verdict(enum.Enum):
    """What the answer to a text means for it and for its account."""

    ACCEPTED = "accepted"
    """The carrier has it."""
    THROTTLE = "throttle"
    """We are too fast: the whole account slows down. Costs the text no attempt, nor its place before it was told so again and
    again."""
    PAUSE = "pause"
    """The carrier's queue, or its window for us, is full: the account rests for longer. Costs no attempt."""
    REBIND = "rebind"
    """The carrier holds the session for unbound: bind again. Costs no attempt."""
    RETRY = "retry"
    """Not now: a few more attempts with growing pauses."""
    DOUBTFUL = "doubtful"
    """The carrier failed inside and may or may not have the text: very few attempts, then it counts as in doubt."""
    UNKNOWN = "unknown"
    """A status that nobody has explained to us (vendors have 0x400 to 0x4FF for their own): one more attempt."""
    PERMANENT = "permanent"
    """This text will never be taken as it is."""
    OPTED_OUT = "opted_out"
    """The carrier knows that the consumer wants no texts: no text is taken. By a carrier's own status only."""


ATTEMPTS: Final[Mapping[Verdict, int | None]] = MappingProxyType(
    {
        Verdict.ACCEPTED: 0,
        Verdict.THROTTLE: None,
        Verdict.PAUSE: None,
        Verdict.REBIND: None,
        Verdict.RETRY: 5,
        Verdict.DOUBTFUL: 2,
        Verdict.UNKNOWN: 1,
        Verdict.PERMANENT: 0,
        Verdict.OPTED_OUT: 0,
    }
)
"""How many further attempts a text gets after this verdict; None: the attempt is not counted at all."""

# All that say that this text, as it stands, is not acceptable.
_PERMANENT = (
    const.ESME_RINVMSGLEN,
    const.ESME_RINVCMDLEN,
    const.ESME_RINVCMDID,
    const.ESME_RINVPRTFLG,
    const.ESME_RINVREGDLVFLG,
    const.ESME_RINVSRCADR,
    const.ESME_RINVDSTADR,
    const.ESME_RINVMSGID,
    const.ESME_RCANCELFAIL,
    const.ESME_RREPLACEFAIL,
    const.ESME_RINVSERTYP,
    const.ESME_RINVNUMDESTS,
    const.ESME_RINVDLNAME,
    const.ESME_RINVDESTFLAG,
    const.ESME_RINVSUBREP,
    const.ESME_RINVESMCLASS,
    const.ESME_RCNTSUBDL,
    const.ESME_RINVSRCTON,
    const.ESME_RINVSRCNPI,
    const.ESME_RINVDSTTON,
    const.ESME_RINVDSTNPI,
    const.ESME_RINVREPFLAG,
    const.ESME_RINVNUMMSGS,
    const.ESME_RINVSCHED,
    const.ESME_RINVEXPIRY,
    const.ESME_RINVDFTMSGID,
    const.ESME_RX_P_APPN,
    const.ESME_RX_R_APPN,
    const.ESME_RQUERYFAIL,
    const.ESME_RINVOPTPARSTREAM,
    const.ESME_ROPTPARNOTALLWD,
    const.ESME_RINVPARLEN,
    const.ESME_RMISSINGOPTPARAM,
    const.ESME_RINVOPTPARAMVAL,
    const.ESME_RSERTYPUNAUTH,
    const.ESME_RPROHIBITED,
    const.ESME_RSERTYPDENIED,
    const.ESME_RINVDCS,
)

VERDICTS: Final[Mapping[int, Verdict]] = MappingProxyType(
    dict.fromkeys(_PERMANENT, Verdict.PERMANENT)
    | {
        const.ESME_ROK: Verdict.ACCEPTED,
        const.ESME_RTHROTTLED: Verdict.THROTTLE,
        const.ESME_RMSGQFUL: Verdict.PAUSE,
        const.ESME_RINVBNDSTS: Verdict.REBIND,
        const.ESME_RSYSERR: Verdict.DOUBTFUL,
        const.ESME_RSUBMITFAIL: Verdict.RETRY,
        # By the specification an ESME's answer to deliver_sm; SMSCs use it on submit_sm for "try later".
        const.ESME_RX_T_APPN: Verdict.RETRY,
        const.ESME_RDELIVERYFAILURE: Verdict.RETRY,
        const.ESME_RSERTYPUNAVAIL: Verdict.RETRY,
    }
)
"""What each status means unless the carrier's profile says otherwise. A status that is not here is UNKNOWN."""

NO_OVERRIDES: Final[Mapping[int, Verdict]] = MappingProxyType({})


def judge(command_status: int, overrides: Mapping[int, Verdict] = NO_OVERRIDES) -> Verdict:
    """What `command_status` means in the answer to a text; `overrides` is the carrier's own table."""
    verdict = overrides.get(command_status)
    if verdict is not None:
        return verdict
    return VERDICTS.get(command_status, Verdict.UNKNOWN)


class BindVerdict(enum.Enum):
    """What the answer to a bind means for the link."""

    BOUND = "bound"
    RETRY = "retry"
    """Try again with the usual pauses."""
    WAIT = "wait"
    """The carrier still holds an earlier session of ours: outwait its inactivity time, do not hammer."""
    ALARM = "alarm"
    """What we say of ourselves is wrong, and trying again will not mend it: tell a person, try rarely."""


_BIND_VERDICTS = {
    const.ESME_ROK: BindVerdict.BOUND,
    const.ESME_RALYBND: BindVerdict.WAIT,
    const.ESME_RINVPASWD: BindVerdict.ALARM,
    const.ESME_RINVSYSID: BindVerdict.ALARM,
    const.ESME_RINVSYSTYP: BindVerdict.ALARM,
    const.ESME_RPROHIBITED: BindVerdict.ALARM,
    # The command is not known there: an SMSC of SMPP 3.3 has no bind_transceiver.
    const.ESME_RINVCMDID: BindVerdict.ALARM,
}


def judge_bind(command_status: int) -> BindVerdict:
    """What `command_status` means in the answer to a bind."""
    return _BIND_VERDICTS.get(command_status, BindVerdict.RETRY)


def name(command_status: int) -> str:
    """The specification's name, such as ESME_RTHROTTLED; the number in hex where it has none."""
    return const.STATUS_NAMES.get(command_status) or f"0x{command_status:08X}"


def describe(command_status: int) -> str:
    """Name and meaning in one line, for people."""
    description = const.STATUS_DESCRIPTIONS.get(command_status)
    if description is None:
        vendor = const.VENDOR_STATUS_FIRST <= command_status <= const.VENDOR_STATUS_LAST
        description = "the carrier's own; ask for its list of error codes" if vendor else "not in the specification"
    return f"{name(command_status)}: {description}"
