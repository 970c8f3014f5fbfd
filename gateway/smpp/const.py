"""Owns the numbers of SMPP 3.4 under the names the specification gives them.

Does not own what a number means for a message (`status`, `receipt`) or how it is laid out in octets (`codec`).
The values are smpplib's wherever it has them; what it lacks is written out here with its section.
"""

from types import MappingProxyType
from typing import Final

from smpplib import command_codes, consts

# ---- command_id, SMPP 3.4 §5.1.2.1
GENERIC_NACK: Final = 0x80000000
BIND_RECEIVER: Final = 0x00000001
BIND_RECEIVER_RESP: Final = 0x80000001
BIND_TRANSMITTER: Final = 0x00000002
BIND_TRANSMITTER_RESP: Final = 0x80000002
QUERY_SM: Final = 0x00000003
QUERY_SM_RESP: Final = 0x80000003
SUBMIT_SM: Final = 0x00000004
SUBMIT_SM_RESP: Final = 0x80000004
DELIVER_SM: Final = 0x00000005
DELIVER_SM_RESP: Final = 0x80000005
UNBIND: Final = 0x00000006
UNBIND_RESP: Final = 0x80000006
REPLACE_SM: Final = 0x00000007
REPLACE_SM_RESP: Final = 0x80000007
CANCEL_SM: Final = 0x00000008
CANCEL_SM_RESP: Final = 0x80000008
BIND_TRANSCEIVER: Final = 0x00000009
BIND_TRANSCEIVER_RESP: Final = 0x80000009
OUTBIND: Final = 0x0000000B
ENQUIRE_LINK: Final = 0x00000015
ENQUIRE_LINK_RESP: Final = 0x80000015
SUBMIT_MULTI: Final = 0x00000021
SUBMIT_MULTI_RESP: Final = 0x80000021
ALERT_NOTIFICATION: Final = 0x00000102
DATA_SM: Final = 0x00000103
DATA_SM_RESP: Final = 0x80000103

RESPONSE_BIT: Final = 0x80000000
"""Set in the command_id of every response and of generic_nack."""

COMMAND_NAMES: Final = MappingProxyType({int(number): str(name) for name, number in command_codes.commands.items()})
"""command_id to its name in the specification."""

HEADER_LENGTH: Final = 16
"""Octets of command_length, command_id, command_status and sequence_number together (§3.2)."""

SEQUENCE_MAX: Final = 0x7FFFFFFF
"""The highest sequence_number a sender may use; the lowest is 1 (§5.1.4)."""

# ---- command_status, SMPP 3.4 §5.1.3
ESME_ROK: Final[int] = consts.SMPP_ESME_ROK
ESME_RINVMSGLEN: Final[int] = consts.SMPP_ESME_RINVMSGLEN
ESME_RINVCMDLEN: Final[int] = consts.SMPP_ESME_RINVCMDLEN
ESME_RINVCMDID: Final[int] = consts.SMPP_ESME_RINVCMDID
ESME_RINVBNDSTS: Final[int] = consts.SMPP_ESME_RINVBNDSTS
ESME_RALYBND: Final[int] = consts.SMPP_ESME_RALYBND
ESME_RINVPRTFLG: Final[int] = consts.SMPP_ESME_RINVPRTFLG
ESME_RINVREGDLVFLG: Final[int] = consts.SMPP_ESME_RINVREGDLVFLG
ESME_RSYSERR: Final[int] = consts.SMPP_ESME_RSYSERR
ESME_RINVSRCADR: Final[int] = consts.SMPP_ESME_RINVSRCADR
ESME_RINVDSTADR: Final[int] = consts.SMPP_ESME_RINVDSTADR
ESME_RINVMSGID: Final[int] = consts.SMPP_ESME_RINVMSGID
ESME_RBINDFAIL: Final[int] = consts.SMPP_ESME_RBINDFAIL
ESME_RINVPASWD: Final[int] = consts.SMPP_ESME_RINVPASWD
ESME_RINVSYSID: Final[int] = consts.SMPP_ESME_RINVSYSID
ESME_RCANCELFAIL: Final[int] = consts.SMPP_ESME_RCANCELFAIL
ESME_RREPLACEFAIL: Final[int] = consts.SMPP_ESME_RREPLACEFAIL
ESME_RMSGQFUL: Final[int] = consts.SMPP_ESME_RMSGQFUL
ESME_RINVSERTYP: Final[int] = consts.SMPP_ESME_RINVSERTYP
ESME_RINVNUMDESTS: Final[int] = consts.SMPP_ESME_RINVNUMDESTS
ESME_RINVDLNAME: Final[int] = consts.SMPP_ESME_RINVDLNAME
ESME_RINVDESTFLAG: Final[int] = consts.SMPP_ESME_RINVDESTFLAG
ESME_RINVSUBREP: Final[int] = consts.SMPP_ESME_RINVSUBREP
ESME_RINVESMCLASS: Final[int] = consts.SMPP_ESME_RINVESMCLASS
ESME_RCNTSUBDL: Final[int] = consts.SMPP_ESME_RCNTSUBDL
ESME_RSUBMITFAIL: Final[int] = consts.SMPP_ESME_RSUBMITFAIL
ESME_RINVSRCTON: Final[int] = consts.SMPP_ESME_RINVSRCTON
ESME_RINVSRCNPI: Final[int] = consts.SMPP_ESME_RINVSRCNPI
ESME_RINVDSTTON: Final[int] = consts.SMPP_ESME_RINVDSTTON
ESME_RINVDSTNPI: Final[int] = consts.SMPP_ESME_RINVDSTNPI
ESME_RINVSYSTYP: Final[int] = consts.SMPP_ESME_RINVSYSTYP
ESME_RINVREPFLAG: Final[int] = consts.SMPP_ESME_RINVREPFLAG
ESME_RINVNUMMSGS: Final[int] = consts.SMPP_ESME_RINVNUMMSGS
ESME_RTHROTTLED: Final[int] = consts.SMPP_ESME_RTHROTTLED
ESME_RINVSCHED: Final[int] = consts.SMPP_ESME_RINVSCHED
ESME_RINVEXPIRY: Final[int] = consts.SMPP_ESME_RINVEXPIRY
ESME_RINVDFTMSGID: Final[int] = consts.SMPP_ESME_RINVDFTMSGID
ESME_RX_T_APPN: Final[int] = consts.SMPP_ESME_RX_T_APPN
ESME_RX_P_APPN: Final[int] = consts.SMPP_ESME_RX_P_APPN
ESME_RX_R_APPN: Final[int] = consts.SMPP_ESME_RX_R_APPN
ESME_RQUERYFAIL: Final[int] = consts.SMPP_ESME_RQUERYFAIL
ESME_RINVOPTPARSTREAM: Final[int] = consts.SMPP_ESME_RINVOPTPARSTREAM
ESME_ROPTPARNOTALLWD: Final[int] = consts.SMPP_ESME_ROPTPARNOTALLWD
ESME_RINVPARLEN: Final[int] = consts.SMPP_ESME_RINVPARLEN
ESME_RMISSINGOPTPARAM: Final[int] = consts.SMPP_ESME_RMISSINGOPTPARAM
ESME_RINVOPTPARAMVAL: Final[int] = consts.SMPP_ESME_RINVOPTPARAMVAL
ESME_RDELIVERYFAILURE: Final[int] = consts.SMPP_ESME_RDELIVERYFAILURE
ESME_RUNKNOWNERR: Final[int] = consts.SMPP_ESME_RUNKNOWNERR

# SMPP 5.0 §4.7.6, met on 3.4 links too.
ESME_RSERTYPUNAUTH: Final = 0x00000100
ESME_RPROHIBITED: Final = 0x00000101
ESME_RSERTYPUNAVAIL: Final = 0x00000102
ESME_RSERTYPDENIED: Final = 0x00000103
ESME_RINVDCS: Final = 0x00000104

STATUS_DESCRIPTIONS: Final = MappingProxyType(
    {int(status): str(description) for status, description in consts.DESCRIPTIONS.items()}
    | {
        ESME_RINVREGDLVFLG: "Invalid Registered Delivery Flag",
        ESME_RSERTYPUNAUTH: "ESME Not authorised to use specified service_type",
        ESME_RPROHIBITED: "ESME Prohibited from using specified operation",
        ESME_RSERTYPUNAVAIL: "Specified service_type is unavailable",
        ESME_RSERTYPDENIED: "Specified service_type is denied",
        ESME_RINVDCS: "Invalid Data Coding Scheme",
    }
)
"""command_status to the specification's words for it."""

STATUS_NAMES: Final = MappingProxyType(
    {value: name for name, value in globals().copy().items() if name.startswith("ESME_")}
)
"""command_status to its name in the specification."""

VENDOR_STATUS_FIRST: Final = 0x00000400
VENDOR_STATUS_LAST: Final = 0x000004FF
"""The range each SMSC vendor may fill as it likes (§5.1.3)."""

# ---- type of number and numbering plan, SMPP 3.4 §5.2.5, §5.2.6
TON_UNKNOWN: Final[int] = consts.SMPP_TON_UNK
TON_INTERNATIONAL: Final[int] = consts.SMPP_TON_INTL
TON_NATIONAL: Final[int] = consts.SMPP_TON_NATNL
TON_NETWORK_SPECIFIC: Final[int] = consts.SMPP_TON_NWSPEC
TON_SUBSCRIBER: Final[int] = consts.SMPP_TON_SBSCR
TON_ALPHANUMERIC: Final[int] = consts.SMPP_TON_ALNUM
TON_ABBREVIATED: Final[int] = consts.SMPP_TON_ABBREV

NPI_UNKNOWN: Final[int] = consts.SMPP_NPI_UNK
NPI_ISDN: Final[int] = consts.SMPP_NPI_ISDN
NPI_DATA: Final[int] = consts.SMPP_NPI_DATA
NPI_TELEX: Final[int] = consts.SMPP_NPI_TELEX
NPI_LAND_MOBILE: Final[int] = consts.SMPP_NPI_LNDMBL
NPI_NATIONAL: Final[int] = consts.SMPP_NPI_NATNL
NPI_PRIVATE: Final[int] = consts.SMPP_NPI_PRVT
NPI_ERMES: Final[int] = consts.SMPP_NPI_ERMES
NPI_INTERNET: Final[int] = consts.SMPP_NPI_IP
NPI_WAP: Final[int] = consts.SMPP_NPI_WAP

# ---- data_coding, SMPP 3.4 §5.2.19
DATA_CODING_DEFAULT: Final[int] = consts.SMPP_ENCODING_DEFAULT
DATA_CODING_IA5: Final[int] = consts.SMPP_ENCODING_IA5
DATA_CODING_BINARY_ALIAS: Final[int] = consts.SMPP_ENCODING_BINARY
DATA_CODING_LATIN1: Final[int] = consts.SMPP_ENCODING_ISO88591
DATA_CODING_BINARY: Final[int] = consts.SMPP_ENCODING_BINARY2
DATA_CODING_JIS: Final[int] = consts.SMPP_ENCODING_JIS
DATA_CODING_CYRILLIC: Final[int] = consts.SMPP_ENCODING_ISO88595
DATA_CODING_HEBREW: Final[int] = consts.SMPP_ENCODING_ISO88598
DATA_CODING_UCS2: Final[int] = consts.SMPP_ENCODING_ISO10646

# ---- esm_class, SMPP 3.4 §5.2.12. smpplib has no SMSC-to-ESME types.
ESM_CLASS_MODE_MASK: Final = 0x03
ESM_CLASS_TYPE_MASK: Final = 0x3C
ESM_CLASS_TYPE_DEFAULT: Final = 0x00
ESM_CLASS_TYPE_SMSC_RECEIPT: Final = 0x04
ESM_CLASS_TYPE_DELIVERY_ACK: Final[int] = consts.SMPP_MSGTYPE_DELIVERYACK
ESM_CLASS_TYPE_MANUAL_ACK: Final[int] = consts.SMPP_MSGTYPE_USERACK
ESM_CLASS_TYPE_CONVERSATION_ABORT: Final = 0x18
ESM_CLASS_TYPE_INTERMEDIATE: Final = 0x20
ESM_CLASS_UDHI: Final[int] = consts.SMPP_GSMFEAT_UDHI
ESM_CLASS_REPLY_PATH: Final[int] = consts.SMPP_GSMFEAT_REPLYPATH

# ---- registered_delivery, SMPP 3.4 §5.2.17
REGISTERED_DELIVERY_NONE: Final[int] = consts.SMPP_SMSC_DELIVERY_RECEIPT_NONE
REGISTERED_DELIVERY_FINAL: Final[int] = consts.SMPP_SMSC_DELIVERY_RECEIPT_BOTH
REGISTERED_DELIVERY_FAILURE: Final[int] = consts.SMPP_SMSC_DELIVERY_RECEIPT_FAILURE
REGISTERED_DELIVERY_INTERMEDIATE: Final[int] = consts.SMPP_INT_NOTIFICATION_REQUESTED

# ---- message_state, SMPP 3.4 §5.2.28; 0 and 9 are SMPP 5.0's
MESSAGE_STATE_SCHEDULED: Final = 0
MESSAGE_STATE_ENROUTE: Final[int] = consts.SMPP_MESSAGE_STATE_ENROUTE
MESSAGE_STATE_DELIVERED: Final[int] = consts.SMPP_MESSAGE_STATE_DELIVERED
MESSAGE_STATE_EXPIRED: Final[int] = consts.SMPP_MESSAGE_STATE_EXPIRED
MESSAGE_STATE_DELETED: Final[int] = consts.SMPP_MESSAGE_STATE_DELETED
MESSAGE_STATE_UNDELIVERABLE: Final[int] = consts.SMPP_MESSAGE_STATE_UNDELIVERABLE
MESSAGE_STATE_ACCEPTED: Final[int] = consts.SMPP_MESSAGE_STATE_ACCEPTED
MESSAGE_STATE_UNKNOWN: Final[int] = consts.SMPP_MESSAGE_STATE_UNKNOWN
MESSAGE_STATE_REJECTED: Final[int] = consts.SMPP_MESSAGE_STATE_REJECTED
MESSAGE_STATE_SKIPPED: Final = 9

INTERFACE_VERSION_33: Final[int] = consts.SMPP_VERSION_33
INTERFACE_VERSION_34: Final[int] = consts.SMPP_VERSION_34

# ---- dest_flag of submit_multi, SMPP 3.4 §5.2.25
DEST_FLAG_SME_ADDRESS: Final = 1
DEST_FLAG_DISTRIBUTION_LIST: Final = 2

# ---- optional parameters, SMPP 3.4 §5.3.2
TLV_NAMES: Final = MappingProxyType({int(tag): str(name) for name, tag in consts.OPTIONAL_PARAMS.items()})
"""Tag to its name in the specification; vendor tags are not here and are kept by number."""

TLV_ADDITIONAL_STATUS_INFO_TEXT: Final[int] = consts.OPTIONAL_PARAMS["additional_status_info_text"]
TLV_RECEIPTED_MESSAGE_ID: Final[int] = consts.OPTIONAL_PARAMS["receipted_message_id"]
TLV_USER_MESSAGE_REFERENCE: Final[int] = consts.OPTIONAL_PARAMS["user_message_reference"]
TLV_SOURCE_PORT: Final[int] = consts.OPTIONAL_PARAMS["source_port"]
TLV_DESTINATION_PORT: Final[int] = consts.OPTIONAL_PARAMS["destination_port"]
TLV_SAR_MSG_REF_NUM: Final[int] = consts.OPTIONAL_PARAMS["sar_msg_ref_num"]
TLV_SAR_TOTAL_SEGMENTS: Final[int] = consts.OPTIONAL_PARAMS["sar_total_segments"]
TLV_SAR_SEGMENT_SEQNUM: Final[int] = consts.OPTIONAL_PARAMS["sar_segment_seqnum"]
TLV_SC_INTERFACE_VERSION: Final[int] = consts.OPTIONAL_PARAMS["sc_interface_version"]
TLV_NETWORK_ERROR_CODE: Final[int] = consts.OPTIONAL_PARAMS["network_error_code"]
TLV_MESSAGE_PAYLOAD: Final[int] = consts.OPTIONAL_PARAMS["message_payload"]
TLV_DELIVERY_FAILURE_REASON: Final[int] = consts.OPTIONAL_PARAMS["delivery_failure_reason"]
TLV_MORE_MESSAGES_TO_SEND: Final[int] = consts.OPTIONAL_PARAMS["more_messages_to_send"]
TLV_MESSAGE_STATE: Final[int] = consts.OPTIONAL_PARAMS["message_state"]
TLV_MS_AVAILABILITY_STATUS: Final[int] = consts.OPTIONAL_PARAMS["ms_availability_status"]
