"""Hostile octets for the decoder: it owns the mutations of valid PDUs, and the loop that decodes them.

    python -m tools.torture.fuzz --count N --seed N

prints one line of JSON: how many were decoded and refused, the slowest in milliseconds, and the memory that all but the
first tenth took; it ends with the traceback of whatever else comes. It is a program, so that every core can have one.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from random import Random

from gateway.smpp import const
from gateway.smpp.codec import decode, encode
from gateway.smpp.errors import PduError
from gateway.smpp.pdu import (
    AlertNotification,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitterResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    EnquireLink,
    GenericNack,
    Outbind,
    QuerySmResp,
    Request,
    Response,
    SubmitSm,
    SubmitSmResp,
    Tlv,
    Unbind,
    UnbindResp,
)
from gateway.smpp.receipt import read

_RECEIPT = (
    b"id:0059113978 sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:Hello"
)
_TLVS = (
    Tlv(const.TLV_RECEIPTED_MESSAGE_ID, b"38601fa\0"),
    Tlv(const.TLV_MESSAGE_STATE, b"\2"),
    Tlv(const.TLV_SAR_MSG_REF_NUM, b"\0\7"),
    Tlv(const.TLV_MESSAGE_PAYLOAD, bytes(range(256))),
    Tlv(0x1403, b""),
)
_PDUS: tuple[Request | Response, ...] = (
    DeliverSm(source_addr="12122000000", destination_addr="40404", esm_class=4, short_message=_RECEIPT),
    DeliverSm(source_addr="12122000000", destination_addr="40404", short_message=b"STOP", tlvs=_TLVS),
    DeliverSm(source_addr="1", destination_addr="2", esm_class=0x40, short_message=b"\5\0\3\1\2\1STOP"),
    DataSm(source_addr="12122000000", destination_addr="40404", esm_class=4, tlvs=_TLVS),
    SubmitSm(
        source_addr="40404", destination_addr="12122000000", short_message=b"Hello", validity_period="000001000000000R"
    ),
    SubmitSmResp(message_id="38601fa"),
    SubmitSmResp(command_status=const.ESME_RTHROTTLED),
    DataSmResp(message_id="7"),
    BindTransceiver(system_id="assent", password="secret"),  # noqa: S106 - an example
    BindTransceiverResp(system_id="smsc", tlvs=(Tlv(const.TLV_SC_INTERFACE_VERSION, b"\x34"),)),
    BindReceiverResp(system_id="smsc"),
    BindTransmitterResp(system_id="smsc"),
    QuerySmResp(message_id="7", final_date="260101000000000+", message_state=2),
    Outbind(system_id="smsc", password="secret"),  # noqa: S106 - an example
    AlertNotification(source_addr="12122000000", esme_addr="40404"),
    EnquireLink(),
    Unbind(),
    UnbindResp(),
    GenericNack(command_status=const.ESME_RINVCMDID),
)
SEEDS = tuple(encode(pdu, 7) for pdu in _PDUS)
_TELLING = bytes((0, 1, 0x0F, 0x10, 0x7F, 0x80, 0xFE, 0xFF))


def mutate(dice: Random, seeds: Sequence[bytes]) -> bytes:
    """A frame near one of `seeds`: octets changed, put in, taken out, copied from another seed, cut off; its length is
    mostly made right again."""
    octets = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(octets) + 1)
        match dice.randrange(6):
            case 0 if at < len(octets):
                octets[at] = dice.choice(_TELLING)
            case 1 if at < len(octets):
                octets[at] ^= 1 << dice.randrange(8)
            case 2:
                octets[at:at] = dice.randbytes(dice.choice((1, 2, 4, 64, 300)))
            case 3:
                del octets[at : at + dice.randint(1, 8)]
            case 4:
                other = dice.choice(seeds)
                octets[at:] = other[dice.randrange(len(other)) :]
            case _:
                del octets[at:]
    if len(octets) >= 4 and dice.random() < 0.95:
        octets[:4] = len(octets).to_bytes(4)
    return bytes(octets)


def mutations(seed: int, count: int, seeds: Sequence[bytes]) -> Iterator[bytes]:
    """So many frames near `seeds`, the same for the same seed."""
    dice = Random(seed)  # noqa: S311 - a script of faults, no secret
    for _ in range(count):
        yield mutate(dice, seeds)


def hammer(seed: int, count: int) -> dict[str, float]:
    """Decode so many mutations; what came of them. Raises what the decoder should not have raised."""
    decoded = refused = 0
    slowest = 0.0
    warm = 0
    for place, frame in enumerate(mutations(seed, count, SEEDS)):
        if place == count // 10:
            warm = _memory()
        began = time.perf_counter()
        try:
            pdu = decode(frame)
            if isinstance(pdu, DeliverSm | DataSm):
                read(pdu)
            decoded += 1
        except PduError:
            refused += 1
        except BaseException:
            print(f"the decoder crashed on {frame.hex()}", file=sys.stderr)
            raise
        took = time.perf_counter() - began
        if took > slowest:
            # What is slow itself is slow again; the rest was the machine.
            began = time.perf_counter()
            with suppress(PduError):
                decode(frame)
            slowest = max(slowest, min(took, time.perf_counter() - began))
    return {
        "decoded": decoded,
        "refused": refused,
        "slowest_ms": slowest * 1000,
        "growth_mb": (_memory() - warm) / 1e6,
    }


def _memory() -> int:
    """The most memory that this process ever had, in octets."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """One core's share."""
    parser = argparse.ArgumentParser(prog="python -m tools.torture.fuzz")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    json.dump(hammer(options.seed, options.count), sys.stdout)


if __name__ == "__main__":
    main()
