"""Wording that tells whoever holds the phone of a debt, and notices that may not be a text at all.

Owns: debt wording for a number that may be somebody else's, and the wording of a validation notice. Does not own: whose
number it is (the context says what is known).

Nobody but the consumer and a few others may learn of a debt (12 CFR 1006.6(d)(1)), and a text shows on a locked screen. So
before the party is known a text is neutral. The notice that validates a debt (12 CFR 1006.34) has to be kept and read as a
document (1006.42), which a text is not.
"""

from collections.abc import Iterator
from typing import Final

from gateway.rules.content.finding import ContentCode, ContentContext, ContentFinding, Level
from gateway.rules.content.reading import Reading
from gateway.rules.content.wording import Wordings

DEBTS: Final = Wordings(
    {
        "debt debts debtor debtors indebted": "(debt|debts|debtors?|indebted)",
        "owe owes owed owing": "(owe|owes|owed|owing)",
        "due": (
            "(past|amounts?|balance|payments?|minimum|total|money|funds|sum|installments?|now) (W ){0,1}due",
            "(bill|payment|invoice|loan|rent|amount|balance|installment|account|premium) (W ){0,6}(is|are|was|were) (W ){0,3}due",
            "due balance",
        ),
        "overdue delinquent delinquency arrears": "(overdue|delinquent|delinquency|arrears)",
        "unpaid outstanding remaining": "(unpaid|(outstanding|remaining) (W ){0,1}(balance|amount|bill|invoice|account|loan))",
        "balance balances": "(your|account|current|outstanding|unpaid|remaining|loan|full|settle|pay) (W ){0,2}balances?",
        "late missed": (
            "(late|missed) (W ){0,2}(payments?|installments?)",
            "payments? (W ){0,6}(is|was|are) (W ){0,1}(late|missed)",
            "(is|are|re|was|were) (W ){0,2}days? late",
        ),
        "behind": "behind (on|in|with)",
        "default defaulted": "(in default|defaulted|default (of|on))",
        "collector collectors": "collectors?",
        "collect": "attempt(s|ing)? to collect(?! (W ){0,2}(parcel|package|order|delivery))",
        "collection collections": (
            "(debt|bill|loan) collections?",
            "(in|to|into|for) collections?",
            "collections? (agency|agencies|department|dept|team|notice|account|agent|firm|bureau|effort|matter|llc|inc)",
        ),
        "creditor creditors": "creditors?",
        "charged charge": "charged? off",
        "settle settlement": "(settle|settlement) (W ){0,3}(account|balance|debt|amount|offer)",
        "repayment": "repayment",
    },
    {
        "deuda deudas deudor deudora adeuda adeudan adeudado adeudada": "(deudas?|deudora?|adeudan?|adeudad[oa])",
        "debe": "debe[^.!?\\n]{0,12}\\d",
        "mora moroso morosa morosidad": "(en mora|moros[oa]|morosidad)",
        "vencido vencida vencidos vencidas": "vencid[oa]s?",
        "vence vencen vencio vencera": "(pagos?|factura|cuotas?|saldo|prestamo|renta|cuenta) (W ){0,6}venc(e|en|io|era)",
        "atrasado atrasada atraso": "(atrasad[oa]|atraso)",
        "saldo": "saldo (W ){0,2}(pendiente|vencido|deudor|adeudado|de|es)",
        "cobranza cobranzas cobrador acreedor impago impaga": "(cobranzas?|cobrador|acreedor|impag[oa])",
    },
    {
        "dette dettes debiteur creance creances creancier": "(dettes?|debiteur|creances?|creancier)",
        "devez": "devez[^.!?\\n]{0,12}\\d",
        "impaye impayee impayes impayees": "impayee?s?",
        "du due dus dues": (
            "(paiement|versement|montant|solde|loyer|somme|facture|mensualite) (W ){0,4}(est|sont) (dues?|dus? (le|depuis))",
            "(somme|facture|mensualite)s? dues?",
            "(montant|solde) du \\d{1,9}",
        ),
        "retard retards": "((en|de) retard|retards? (de|dans|sur))",
        "recouvrement arrieres": "(recouvrement|arrieres)",
        "solde": "solde (W ){0,2}(du|de|impaye|est|en)",
        "souffrance": "en souffrance",
    },
)

NOTICES: Final = Wordings(
    {
        "validation": "validation (notice|information|of (W ){0,1}debt)",
        "verification": "verification of (the|this|your) debt",
        "dispute disputing": (
            "(30|thirty) days? (W ){0,4}to dispute",
            "disput(e|ing)~(W~){0,4}(debt|validity)~(W~){0,10}(30|thirty)",
            "right to dispute (W ){0,3}debt",
            "dispute (W ){0,2}validity",
        ),
        "valid": "assum(e|ed|ing) (W ){0,5}valid",
        "creditor": "(name|identity)~(W~){0,3}of (W ){0,2}original creditor",
        "itemization": "itemization date",
    },
    {
        "validez": "validez de (W ){0,1}deuda",
        "validacion": "(aviso|notificacion) de validacion",
        "disputar disputa": "(30|treinta) dias (W ){0,3}disputar (W ){0,2}deuda",
    },
    {
        "validite": "validite de (W ){0,1}(dette|creance)",
        "contester contestez": "contest(er|ez)~(W~){0,3}(dette|creance)~(W~){0,8}(30|trente)",
    },
)


def find_debts(reading: Reading, context: ContentContext, words: frozenset[str]) -> Iterator[ContentFinding]:
    """Debt wording, where the number may be somebody else's."""
    if context.party_known:
        return
    for start, end in DEBTS.find(reading, words):
        yield ContentFinding(
            ContentCode.DEBT_DISCLOSED,
            Level.REFUSE,
            start,
            end,
            "it speaks of a debt, and the number is not known to be the consumer's own",
            "say whose number it is (party_role of PUT /v1/numbers/{number}); until then, ask for a call back without"
            " saying what it is about",
        )


def find_notices(reading: Reading, context: ContentContext, words: frozenset[str]) -> Iterator[ContentFinding]:
    """Wording of a validation notice."""
    for start, end in NOTICES.find(reading, words):
        yield ContentFinding(
            ContentCode.VALIDATION_NOTICE,
            Level.REFUSE,
            start,
            end,
            "a validation notice has to be a document that the consumer can keep",
            "send the notice by letter or as an E-SIGN document, and text no more than that it was sent",
        )
