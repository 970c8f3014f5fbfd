"""`assent inspect receipt`: one answer for any record."""

import pytest

from tools.inspect.receipt import inspect

NOTHING = dict.fromkeys(("smsc_message_id", "stat", "err", "sub", "dlvrd", "submit_date", "done_date", "text"))
TEXT = "id:123 sub:001 dlvrd:001 submit date:2310111230 done date:2310111231 stat:DELIVRD err:000 text:Hello"


def test_a_text() -> None:
    assert inspect({"text": TEXT}) == {
        "smsc_message_id": "123",
        "stat": "DELIVRD",
        "err": "000",
        "sub": "001",
        "dlvrd": "001",
        "submit_date": "2310111230",
        "done_date": "2310111231",
        "text": "Hello",
    }


@pytest.mark.parametrize("record", [{}, {"text": None}, {"text": ""}, {"tlvs": {}}, {"tlvs": None}, {"text": "hello"}])
def test_nothing_is_null(record: dict[str, object]) -> None:
    assert inspect(record) == NOTHING


@pytest.mark.parametrize(
    ("value", "message_id"),
    [
        ("abc-1", "abc-1"),
        ("38601fa", "38601fa"),
        ("0123456789", "0123456789"),
        ("0123456700", "0123456700"),
        ("33383630316661" + "00", "38601fa"),
        ("abc\0", "abc"),
        (12345, "12345"),
        ("00", "00"),
    ],
)
def test_the_id_parameter(value: object, message_id: str) -> None:
    assert inspect({"tlvs": {"receipted_message_id": value}}) == NOTHING | {"smsc_message_id": message_id}


@pytest.mark.parametrize("value", [2, "2", "02", "0x02", "DELIVERED", "delivrd"])
def test_the_state_parameter(value: object) -> None:
    assert inspect({"tlvs": {"message_state": value}}) == NOTHING | {"stat": "DELIVRD"}


@pytest.mark.parametrize("value", ["030045", 0x030045, 69, "69", "0x030045"])
def test_the_error_parameter(value: object) -> None:
    assert inspect({"tlvs": {"network_error_code": value}}) == NOTHING | {"err": "069"}


def test_parameters_go_before_the_text() -> None:
    answer = inspect({"text": TEXT, "tlvs": {"receipted_message_id": "7b", "message_state": 5, "source_port": 1}})
    assert (answer["smsc_message_id"], answer["stat"], answer["err"], answer["text"]) == (
        "7b",
        "UNDELIV",
        "000",
        "Hello",
    )


@pytest.mark.parametrize(
    "payload", [TEXT, TEXT.encode().hex(), TEXT.encode("utf-16-be").hex(), TEXT.encode("utf-16").hex()]
)
def test_the_text_may_be_a_payload(payload: str) -> None:
    assert inspect({"tlvs": {"message_payload": payload}}) == inspect({"text": TEXT})
    assert inspect({"text": "id:9", "tlvs": {"message_payload": payload}})["smsc_message_id"] == "9"


@pytest.mark.parametrize(
    ("record", "named"),
    [
        ({"text": 5}, "text"),
        ({"tlvs": []}, "tlvs"),
        ({"tlvs": {"receipted_message_id": None, "message_state": "x"}}, "message_state"),
        ({"tlvs": {"message_state": 256}}, "message_state"),
        ({"tlvs": {"message_state": True}}, "message_state"),
        ({"tlvs": {"receipted_message_id": True}}, "receipted_message_id"),
        ({"tlvs": {"receipted_message_id": {}}}, "receipted_message_id"),
        ({"tlvs": {"network_error_code": "zz"}}, "network_error_code"),
        ({"tlvs": {"network_error_code": -1}}, "network_error_code"),
        ({"tlvs": {"network_error_code": "9" * 5000}}, "network_error_code"),
        ({"tlvs": {"message_payload": 1}}, "message_payload"),
    ],
)
def test_what_cannot_be_read_is_named(record: dict[str, object], named: str) -> None:
    answer = inspect(record)
    assert (answer["ok"], answer["error"]) == (False, "request.invalid")
    assert named in str(answer["detail"])
