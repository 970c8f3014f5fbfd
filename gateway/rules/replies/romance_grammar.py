"""Owns the productions of Spanish and French.

Does not own English (`grammar`) or the strengths (`frames`). Same notation, same standard.
"""

SPANISH = (
    (
        "es.stop-receiving",
        "performed",
        "(ES_QUIT | ES_STOP) (?<= ES_WANT W) DE ES_RECEIVE (DET | DE | ES_MAS){0,4} MSG",
    ),
    ("es.stop-channel", "held", "ES_STOPS F{0,2} DE? (ES_MES){0,2} ES_SENDS (DET | DE){0,3} CHANNEL"),
    (
        "es.stop-sending",
        "firm",
        "(ES_STOP | ES_QUIT) F{0,2} (DE | ES_A)? (ES_MES | ES_VUELVA){0,2} (ES_SEND_ME (?! (DET | DE){0,3} (PAY |"
        " CHANNEL) | (A | ES_A) DET{0,2} (OTHER | PAY)) | ME ES_SENDS | ES_SENDS"
        " (SHUT | (DET | DE | ES_MAS){0,4} MSG | (ES_A | A) DET{0,2} NUMBERS))",
    ),
    (
        "es.stop-sending",
        "firm",
        "ES_PARA DE (ES_MES){0,2} (ES_SEND_ME | ME ES_SENDS | ES_SENDS (SHUT | (DET | DE | ES_MAS){0,4} MSG))",
    ),
    ("es.stop", "alone", "ES_PARA YA SHUT"),
    ("es.stop-sending", "held", "(ES_STOP | ES_QUIT) DE ES_MES{0,2} ES_SENDS (A | ES_A)"),
    ("es.stop-messages", "firm", "ES_STOP (DET | DE | WITH | ES_A | A){0,5} MSG (?! CHANNEL)"),
    ("es.stop-phone", "firm", "(ES_STOP | ES_QUIT) (DET | MY){0,3} NUMBERS W? ES_ALONE"),
    ("es.stop-call", "held", "(ES_STOP | ES_QUIT) F{0,2} DE? (ES_MES){0,2} (ES_CALL | CHANNEL)"),
    ("es.stop", "alone", "ES_STOP (F | ES_NOTHING | ES_STOP){0,4} SHUT"),
    ("es.stop", "held", "ES_QUE ES_STOP (F){0,3} SHUT"),
    (
        "es.forbid",
        "performed",
        "(NO | NI | ES_NUNCA) (ES_MES | ES_VUELVA | ES_A | A | ES_MAS | ES_NUNCA){0,5} ES_SENDS (SHUT | ES_MAS |"
        " ES_NOTHING | ES_NUNCA | (DET | ES_MAS | DE | ES_A){0,4} (MSG | NUMBERS))",
    ),
    (
        "es.forbid",
        "held",
        "NO (ES_MES | ES_VUELVA | ES_A | A | ES_MAS){0,5} ES_SENDS (?! (A | ES_A)? DET{0,2} OTHER? (PAY | OTHER))",
    ),
    ("es.forbid-call", "held", "NO (ES_MES | ES_VUELVA | ES_A | A | ES_MAS){0,5} ES_CALL"),
    ("es.want-none", "performed", "NO F? ES_WANT (ES_RECEIVE)? (DET | ES_MAS | DE){0,4} (MSG | ES_NOTHING DE MSG)"),
    ("es.want-none", "performed", "NO F? ES_WANT ES_RECEIVE (ES_MAS | F){0,2} (ES_NOTHING | SHUT)"),
    ("es.want-none", "held", "NO F? ES_WANT W ES_NOTHING"),
    (
        "es.want-none",
        "performed",
        "NO F? ES_WANT ES_QUE (ES_MES | F | ES_VUELVA | ES_A){0,4} ES_SENDS (?! (DET | DE){0,3} (PAY | CHANNEL) |"
        " (A | ES_A) DET{0,2} (OTHER | PAY))",
    ),
    ("es.no-more", "performed", "NO F{0,2} ES_MAS (DET | DE){0,4} MSG"),
    ("es.no-more", "alone", "NO F{0,2} ES_MAS F{0,3} SHUT"),
    ("es.no-messages", "alone", "NO F{0,2} MSG F{0,3} SHUT"),
    ("es.cancel", "firm", "ES_CANCEL (DET | MY | DE){0,4} MSG (?! CHANNEL)"),
    ("es.cancel", "held", "ES_CANCEL (DET | MY){0,3} SUBSCRIPTION"),
    ("es.remove-me", "firm", "ES_REMOVE_ME (F{0,3} (DE | FROM) (DET){0,3} (LIST | MSG) | F{0,3} SHUT)"),
    ("es.remove-me", "held", "ES_REMOVE_ME (?! DET{1,2} OTHER)"),
    ("es.remove-me", "performed", "(ES_REMOVE | ES_SALIR) (?<= ME W) DE DET{0,3} (LIST | MSG)"),
    ("es.remove-me", "firm", "ES_REMOVE DE DET{0,3} (LIST | MSG)"),
    ("es.remove-subscription", "held", "ES_REMOVE DET{0,2} SUBSCRIPTION"),
    ("es.remove-number", "firm", "(ES_REMOVE | ES_REMOVE_ME) (DET | MY){0,3} (NUMBERS | NAME)"),
    ("es.leave-list", "performed", "ES_SALIR DE DET{0,3} (LIST | MSG)"),
    ("es.baja", "performed", "ES_DAR F? DE F? ES_BAJA (SHUT | DE DET{0,3} (LIST | MSG) | (DET | MY){0,3} NUMBER)"),
    ("es.baja", "held", "ES_DAR F? DE F? ES_BAJA"),
    ("es.baja", "alone", "ES_BAJA F{0,3} SHUT"),
    ("es.unsubscribe", "performed", "ES_UNSUB"),
    ("es.leave-alone", "firm", "ES_LEAVE F{0,3} ES_ALONE"),
    ("es.revoke", "performed", "(ES_REVOKE | ES_REMOVE) (DET | MY | ALL){0,4} CONSENT"),
    (
        "es.no-consent",
        "performed",
        "NO F? ES_ME? ES_AUTHORIZE (SHUT | ES_QUE (ES_MES | F){0,3} ES_SENDS | (DET | ES_MAS | DE){0,4} MSG)",
    ),
    ("es.no-consent", "performed", "NO F? ES_HAVE (DET | MY){0,3} CONSENT"),
    ("es.hostile", "alone", "ES_GO W{0,3} (ES_HELL | PERSON)"),
)

FRENCH = (
    (
        "fr.forbid",
        "performed",
        "(FR_NE | N) F? (FR_M | ME | FR_MOI | F){0,2} FR_SENDS (FR_PLUS (?! (DE | DET){0,3} (PAY | CHANNEL |"
        " OTHER)) | FR_PAS ((DET | DE){0,4} MSG | SHUT))",
    ),
    ("fr.forbid", "performed", "FR_NE (FR_PLUS | FR_PAS) (FR_M | ME | FR_MOI | F){0,2} FR_SENDS"),
    ("fr.forbid", "performed", "(FR_M | ME) FR_SENDS FR_PLUS (?! (DE | DET){0,3} (PAY | CHANNEL | OTHER))"),
    (
        "fr.forbid",
        "held",
        "FR_NE F? (FR_M | ME | FR_MOI | F){0,2} FR_SENDS FR_NOT (?! DET{0,2} (PAY | CHANNEL | OTHER))",
    ),
    ("fr.forbid-call", "held", "(FR_NE | FR_M | ME) (FR_M | ME | FR_MOI | F){0,2} FR_CALL FR_NOT"),
    (
        "fr.stop-sending",
        "firm",
        "FR_STOP F? DE? F? (FR_M | ME | FR_MOI) F? FR_SENDS (?! (DE | DET){0,3} (PAY | CHANNEL | OTHER))",
    ),
    (
        "fr.stop-sending",
        "held",
        "FR_STOP F? DE? F? (FR_M | ME | FR_MOI) F? FR_SENDS (?! (DE | DET){0,3} (PAY | CHANNEL))",
    ),
    (
        "fr.stop-sending",
        "firm",
        "FR_STOP F? DE? F? FR_SENDS (SHUT | (DET | DE){0,4} MSG | (A | ES_A) DET{0,2} NUMBERS)",
    ),
    ("fr.stop-messages", "firm", "FR_STOP (DET | DE | WITH){0,5} MSG (?! CHANNEL)"),
    ("fr.stop-communication", "firm", "FR_STOP (DET | DE | OTHER){0,3} COMM"),
    ("fr.stop-call", "held", "FR_STOP F? DE? (FR_M | ME | FR_MOI | F){0,3} FR_CALL"),
    ("fr.stop", "alone", "FR_STOP (F | DE){0,4} SHUT"),
    ("fr.stop", "firm", "FR_ASK F{0,2} DE FR_STOP (F{0,3} SHUT)"),
    ("fr.stop", "alone", "DE FR_STOP F{0,3} SHUT"),
    ("fr.no-more", "alone", "(FR_PLUS | FR_PAS) (DE | ART){1,2} DET{0,2} (MSG | CONTACT) SHUT"),
    ("fr.want-none", "performed", "(FR_WANT | WANT) FR_NOT (FR_RECEIVE | DET | DE){0,5} MSG"),
    ("fr.want-none", "held", "FR_WANT FR_PLUS SHUT"),
    ("fr.want-none", "performed", "FR_NE FR_NOT FR_RECEIVE (DET | DE){0,4} MSG"),
    ("fr.want-none", "performed", "DECLINE DE FR_RECEIVE (DET | DE){0,4} MSG"),
    ("fr.want-none", "held", "(FR_WANT | WANT) FR_NOT FR_ETRE OTHER"),
    ("fr.want-none", "held", "FR_WANT FR_NOT (FR_RECEIVE | DET | DE){0,5} CHANNEL"),
    ("fr.want-none", "performed", "(FR_WANT | WANT) FR_NOT FR_ETRE FR_SENDS"),
    ("fr.remove-me", "firm", "FR_REMOVES FR_MOI (DE (DET){0,3} (LIST | MSG) | F{0,3} SHUT)"),
    ("fr.remove-me", "performed", "FR_REMOVES (?<= ME W) (DE DET{0,3} (LIST | MSG) | F{0,3} SHUT)"),
    ("fr.remove-me", "held", "FR_REMOVES FR_MOI"),
    ("fr.remove-number", "firm", "FR_REMOVES (F | MY | YOUR | THE | DAY){0,3} (NUMBERS | NAME)"),
    ("fr.removed", "performed", "FR_ETRE FR_REMOVES DE DET{0,3} LIST"),
    ("fr.unsubscribe", "performed", "FR_UNSUB (?! FR_MOI? DE DET{0,2} (OTHER | PAY))"),
    ("fr.unsubscribe", "held", "FR_UNSUB"),
    ("fr.leave-alone", "firm", "FR_LEAVE F? FR_MOI F{0,3} FR_ALONE"),
    ("fr.leave-alone", "held", "FR_LEAVE FR_MOI SHUT"),
    ("fr.revoke", "performed", "FR_REVOKE (DET | MY){0,3} CONSENT"),
    ("fr.cancel", "firm", "FR_CANCEL (DET | MY | DE | DAY){0,4} MSG (?! CHANNEL)"),
    ("fr.cancel", "held", "FR_CANCEL (DET | MY){0,3} SUBSCRIPTION"),
    ("fr.go-away", "alone", "FR_GO F{0,3} SHUT"),
    ("fr.hostile", "alone", "FR_VA W{0,3} FR_FOUTRE"),
)
