"""`assent inspect pdu`: one answer for any record."""

import io
import json
import random
from typing import Any

import pytest

from gateway.__main__ import main
from gateway.smpp.pdu import PDU_CLASSES
from tests.smpp.vectors import VECTORS, octets
from tools.inspect.pdu import inspect
from tools.torture.fuzz import mutations

SUBMIT = (
    "00000039000000040000000000004FE80001013430343034000101343439353133363139323000000000000001000000084024232125262F3A"
)


def test_a_text() -> None:
    assert inspect({"hex": SUBMIT}) == {
        "ok": True,
        "command": "submit_sm",
        "command_id": 4,
        "command_status": 0,
        "sequence_number": 20456,
        "fields": {
            "service_type": "",
            "source_addr_ton": 1,
            "source_addr_npi": 1,
            "source_addr": "40404",
            "dest_addr_ton": 1,
            "dest_addr_npi": 1,
            "destination_addr": "44951361920",
            "esm_class": 0,
            "protocol_id": 0,
            "priority_flag": 0,
            "schedule_delivery_time": "",
            "validity_period": "",
            "registered_delivery": 1,
            "replace_if_present_flag": 0,
            "data_coding": 0,
            "sm_default_msg_id": 0,
            "sm_length": 8,
            "short_message": "4024232125262f3a",
        },
        "tlvs": [],
        "hex": SUBMIT.lower(),
    }


def test_parameters_known_and_unknown() -> None:
    answer = inspect({"hex": octets("submit_sm with everything").hex()})
    assert answer["tlvs"] == [
        {"tag": 0x0204, "name": "user_message_reference", "value_hex": "0007"},
        {"tag": 0x1402, "name": None, "value_hex": "616263"},
        {"tag": 0x020F, "name": "sar_segment_seqnum", "value_hex": ""},
        {"tag": 0x020F, "name": "sar_segment_seqnum", "value_hex": "02"},
    ]
    assert answer["trailing_hex"] == "ff"


def test_lists() -> None:
    fields: Any = inspect({"hex": octets("submit_multi").hex()})["fields"]
    assert fields["number_of_dests"] == 2
    assert fields["dest_address"] == [
        {"dest_flag": 1, "dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "5"},
        {"dest_flag": 2, "dl_name": "list"},
    ]
    fields = inspect({"hex": octets("submit_multi_resp").hex()})["fields"]
    assert fields["no_unsuccess"] == 1
    assert fields["unsuccess_sme"][0]["error_status_code"] == 0x0B


@pytest.mark.parametrize("name", VECTORS)
def test_every_vector_comes_back(name: str) -> None:
    answer = inspect({"hex": octets(name).hex()})
    assert answer["ok"] is True
    assert answer["hex"] == octets(name).hex()
    assert answer["command"] in {pdu_class.command_name for pdu_class in PDU_CLASSES}
    json.dumps(answer)


def test_an_absent_body_is_null() -> None:
    assert inspect({"hex": "00000010800000040000005800000005"})["fields"] == {"message_id": None}


def test_blanks_and_case_do_not_matter() -> None:
    assert inspect({"hex": " 00000010 00000015\n00000000 0000000a\t"}) == inspect(
        {"hex": "0000001000000015000000000000000A"}
    )


@pytest.mark.parametrize(
    ("record", "code", "fatal"),
    [
        ({}, "request.invalid", False),
        ({"hex": None}, "request.invalid", False),
        ({"hex": 16}, "request.invalid", False),
        ({"hex": ["00"]}, "request.invalid", False),
        ({"hex": "0"}, "request.invalid", False),
        ({"hex": "0x00000010"}, "request.invalid", False),
        ({"hex": "zz"}, "request.invalid", False),
        ({"hex": "\N{FULLWIDTH DIGIT ZERO}0"}, "request.invalid", False),
        ({"hex": ""}, "pdu.framing", True),
        ({"hex": "00000010"}, "pdu.framing", True),
        ({"hex": "0000000F000000150000000000000001"}, "pdu.framing", True),
        ({"hex": "00000011000000150000000000000001"}, "pdu.framing", True),
        ({"hex": "FFFFFFFF000000150000000000000001"}, "pdu.framing", True),
        ({"hex": "00000010000001100000000000000001"}, "pdu.unknown_command", False),
        ({"hex": "0000001180000004000000000000000139"}, "pdu.body", False),
        ({"hex": "00000012000000050000000000000001" + "3131"}, "pdu.body", False),
    ],
)
def test_what_cannot_be_read_has_a_code(record: dict[str, object], code: str, fatal: bool) -> None:
    answer = inspect(record)
    assert set(answer) == {"ok", "error", "detail", "fatal"}
    assert (answer["ok"], answer["error"], answer["fatal"]) == (False, code, fatal)
    assert answer["detail"]


def test_any_octets_have_an_answer() -> None:
    rng = random.Random(5)
    seeds = [octets(name) for name in VECTORS]
    frames = [*mutations(seed=4, count=2_000, seeds=seeds), *(rng.randbytes(rng.randrange(80)) for _ in range(500))]
    for frame in frames:
        answer = inspect({"hex": frame.hex()})
        if answer["ok"]:
            assert answer["hex"] == frame.hex()
        json.dumps(answer)


def test_a_line_that_is_no_record_is_refused_in_the_shape_of_every_refusal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'[]\n{"hex"\n\xff\n{}\n')))
    assert main(["inspect", "pdu"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [set(answer) for answer in answers] == [{"ok", "error", "detail", "fatal"}] * 4
    assert [(answer["error"], answer["fatal"]) for answer in answers] == [
        *[("request.malformed", False)] * 3,
        ("request.invalid", False),
    ]
