"""Frames written out by hand from the field tables of SMPP 3.4 chapter 4, each with the PDU it is.

The blanks stand between header words and between fields. Every frame is canonical: it comes out as it went in.
"""

from gateway.smpp import const, pdu

VECTORS: dict[str, tuple[str, pdu.Request | pdu.Response]] = {
    "bind_transmitter": (
        "0000002F 00000002 00000000 00000001"
        "  534D50503354455354 00  7365637265743038 00  5355424D495431 00  34 01 01 00",
        pdu.BindTransmitter(
            1, system_id="SMPP3TEST", password="secret08", system_type="SUBMIT1", addr_ton=1, addr_npi=1
        ),
    ),
    "bind_receiver, version 3.3, address range": (
        "0000001F 00000001 00000000 00000002  6162 00  70 00  00  33 00 00  5E34342E2A 00",
        pdu.BindReceiver(2, system_id="ab", password="p", interface_version=0x33, address_range="^44.*"),
    ),
    "bind_transceiver, all empty": (
        "00000017 00000009 00000000 00000003  00 00 00 34 00 00 00",
        pdu.BindTransceiver(3),
    ),
    "bind_transceiver, password of 16": (
        "00000027 00000009 00000000 00000003  00 30313233343536373839414243444546 00 00 34 00 00 00",
        pdu.BindTransceiver(3, password="0123456789ABCDEF"),
    ),
    "bind_transmitter_resp": (
        "0000001A 80000002 00000000 00000001  736D73632D31363639 00",
        pdu.BindTransmitterResp(1, system_id="smsc-1669"),
    ),
    "bind_transceiver_resp with its version": (
        "0000001A 80000009 00000000 00000003  534D5343 00  0210 0001 34",
        pdu.BindTransceiverResp(3, system_id="SMSC", tlvs=(pdu.Tlv(0x0210, b"\x34"),)),
    ),
    "bind_transceiver_resp, refused, header alone": (
        "00000010 80000009 0000000E 00000003",
        pdu.BindTransceiverResp(3, const.ESME_RINVPASWD, system_id=None),
    ),
    "bind_receiver_resp, refused, with a body": (
        "00000011 80000001 0000000E 00000003  00",
        pdu.BindReceiverResp(3, const.ESME_RINVPASWD),
    ),
    "bind_transceiver_resp, accepted, header alone": (
        "00000010 80000009 00000000 00000003",
        pdu.BindTransceiverResp(3, system_id=None),
    ),
    "outbind": (
        "00000019 0000000B 00000000 00000007  736D7363 00  707764 00",
        pdu.Outbind(7, system_id="smsc", password="pwd"),
    ),
    "unbind": ("00000010 00000006 00000000 0000000A", pdu.Unbind(10)),
    "unbind_resp": ("00000010 80000006 00000000 0000000A", pdu.UnbindResp(10)),
    "generic_nack": ("00000010 80000000 00000003 00000000", pdu.GenericNack(0, const.ESME_RINVCMDID)),
    "enquire_link": ("00000010 00000015 00000000 7FFFFFFF", pdu.EnquireLink(0x7FFFFFFF)),
    "enquire_link_resp, a number out of range": (
        "00000010 80000015 00000000 FFFFFFFF",
        pdu.EnquireLinkResp(0xFFFFFFFF),
    ),
    "submit_sm": (
        "0000003E 00000004 00000000 00000005"
        "  00  01 01 34343737303039303030303100  01 01 34343737303039303030303200"
        "  00 00 01  00 00  01 00 00 00  05 48656C6C6F",
        pdu.SubmitSm(
            5,
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr="447700900001",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr="447700900002",
            priority_flag=1,
            registered_delivery=1,
            short_message=b"Hello",
        ),
    ),
    # A number, a vendor's own, one without a value, the same tag again, and an octet too many.
    "submit_sm with everything": (
        "0000006B 00000004 00000000 00000006"
        "  434D54 00  05 00 41636D65 00  01 01 3435 00  40 7F 03"
        "  303230313031303030303030303030 52 00  313231303230313433303030303034 2B 00  11 01 08 02"
        "  0A 050003A70201 0048 0069  0204 0002 0007  1402 0003 616263  020F 0000  020F 0001 02  FF",
        pdu.SubmitSm(
            6,
            service_type="CMT",
            source_addr_ton=5,
            source_addr="Acme",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr="45",
            esm_class=0x40,
            protocol_id=0x7F,
            priority_flag=3,
            schedule_delivery_time="020101000000000R",
            validity_period="121020143000004+",
            registered_delivery=0x11,
            replace_if_present_flag=1,
            data_coding=8,
            sm_default_msg_id=2,
            short_message=bytes.fromhex("050003A7020100480069"),
            tlvs=(
                pdu.Tlv(0x0204, b"\x00\x07"),
                pdu.Tlv(0x1402, b"abc"),
                pdu.Tlv(0x020F),
                pdu.Tlv(0x020F, b"\x02"),
            ),
            trailing=b"\xff",
        ),
    ),
    "submit_sm_resp": ("00000015 80000004 00000000 00000005  61626364 00", pdu.SubmitSmResp(5, message_id="abcd")),
    "submit_sm_resp, empty id": ("00000011 80000004 00000000 00000005  00", pdu.SubmitSmResp(5)),
    "submit_sm_resp, accepted, header alone": (
        "00000010 80000004 00000000 00000005",
        pdu.SubmitSmResp(5, message_id=None),
    ),
    "submit_sm_resp, throttled": (
        "00000010 80000004 00000058 00000005",
        pdu.SubmitSmResp(5, const.ESME_RTHROTTLED, message_id=None),
    ),
    "submit_sm_resp, a vendor's status": (
        "00000010 80000004 00000401 00000005",
        pdu.SubmitSmResp(5, 0x401, message_id=None),
    ),
    "submit_sm_resp, an error with a body": (
        "00000012 80000004 00000014 00000005  31 00",
        pdu.SubmitSmResp(5, const.ESME_RMSGQFUL, message_id="1"),
    ),
    "submit_sm_resp, an error whose body does not end": (
        "00000012 80000004 00000014 00000005  3132",
        pdu.SubmitSmResp(5, const.ESME_RMSGQFUL, message_id=None, trailing=b"12"),
    ),
    "deliver_sm, a receipt": (
        "0000002F 00000005 00000000 00000000"
        "  00  01 01 31 00  03 00 32 00  04 00 00  00 00  00 00 00 00  00  001E 0003 414200  0427 0001 02",
        pdu.DeliverSm(
            0,
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr="1",
            dest_addr_ton=3,
            destination_addr="2",
            esm_class=4,
            tlvs=(pdu.Tlv(0x001E, b"AB\0"), pdu.Tlv(0x0427, b"\x02")),
        ),
    ),
    "deliver_sm_resp": ("00000011 80000005 00000000 00000000  00", pdu.DeliverSmResp(0)),
    "deliver_sm_resp, header alone": (
        "00000010 80000005 00000064 00000000",
        pdu.DeliverSmResp(0, const.ESME_RX_T_APPN, message_id=None),
    ),
    "data_sm": (
        "00000022 00000103 00000000 00000008  00  01 01 31 00  01 01 32 00  00 01 04  0424 0002 CAFE",
        pdu.DataSm(
            8,
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr="1",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr="2",
            registered_delivery=1,
            data_coding=4,
            tlvs=(pdu.Tlv(0x0424, b"\xca\xfe"),),
        ),
    ),
    "data_sm_resp": (
        "00000017 80000103 000000FE 00000008  39 00  0425 0001 01",
        pdu.DataSmResp(8, const.ESME_RDELIVERYFAILURE, message_id="9", tlvs=(pdu.Tlv(0x0425, b"\x01"),)),
    ),
    "submit_multi": (
        "0000002D 00000021 00000000 00000009"
        "  00  00 00 39 00  02  01 01 01 35 00  02 6C697374 00  00 00 00  00 00  00 00 00 00  02 6869",
        pdu.SubmitMulti(
            9,
            source_addr="9",
            dest_address=(pdu.SmeAddress(1, 1, "5"), pdu.DistributionList("list")),
            short_message=b"hi",
        ),
    ),
    "submit_multi_resp": (
        "0000001B 80000021 00000000 00000009  37 00  01  01 01 35 00  0000000B",
        pdu.SubmitMultiResp(9, message_id="7", unsuccess_sme=(pdu.UnsuccessSme(1, 1, "5", const.ESME_RINVDSTADR),)),
    ),
    "submit_multi_resp, all successful": (
        "00000013 80000021 00000000 00000009  37 00  00",
        pdu.SubmitMultiResp(9, message_id="7"),
    ),
    "query_sm": (
        "00000016 00000003 00000000 0000000B  41 00  00 00 39 00",
        pdu.QuerySm(11, message_id="A", source_addr="9"),
    ),
    "query_sm_resp": (
        "00000025 80000003 00000000 0000000B  41 00  323331303131313233303030303030 2B 00  02 00",
        pdu.QuerySmResp(11, message_id="A", final_date="231011123000000+", message_state=2),
    ),
    "query_sm_resp, not final": (
        "00000015 80000003 00000000 0000000B  41 00  00  01 00",
        pdu.QuerySmResp(11, message_id="A", message_state=1),
    ),
    "cancel_sm": (
        "0000001B 00000008 00000000 0000000C  00  41 00  00 00 39 00  01 01 35 00",
        pdu.CancelSm(12, message_id="A", source_addr="9", dest_addr_ton=1, dest_addr_npi=1, destination_addr="5"),
    ),
    "cancel_sm_resp": (
        "00000010 80000008 00000011 0000000C",
        pdu.CancelSmResp(12, const.ESME_RCANCELFAIL),
    ),
    "replace_sm": (
        "0000001D 00000007 00000000 0000000D  41 00  00 00 39 00  00 00  01 00  02 6869",
        pdu.ReplaceSm(13, message_id="A", source_addr="9", registered_delivery=1, short_message=b"hi"),
    ),
    "replace_sm_resp": ("00000010 80000007 00000000 0000000D", pdu.ReplaceSmResp(13)),
    "alert_notification": (
        "0000001D 00000102 00000000 0000000E  01 01 35 00  00 00 39 00  0422 0001 00",
        pdu.AlertNotification(
            14, source_addr_ton=1, source_addr_npi=1, source_addr="5", esme_addr="9", tlvs=(pdu.Tlv(0x0422, b"\0"),)
        ),
    ),
}


def octets(name: str) -> bytes:
    """The frame of a vector."""
    return bytes.fromhex(VECTORS[name][0])
