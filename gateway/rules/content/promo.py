"""Wording that sells.

Owns: what makes an informational text a promotional one. Does not own: whether the category may sell (the context says).

A coupon in an informational text makes it promotional, and that needs express written consent (CTIA Messaging Principles
5.1; 47 CFR 64.1200(f)). In the confirmation of an opt-out it is forbidden outright (47 CFR 64.1200(a)(12)).
"""

from collections.abc import Iterator
from typing import Final

from gateway.rules.content.finding import ContentCode, ContentContext, ContentFinding, Level, Purpose
from gateway.rules.content.reading import Reading
from gateway.rules.content.wording import Wordings

PROMOTIONS: Final = Wordings(
    {
        "discount discounts discounted": "discount(s|ed)?",
        "coupon coupons promo promotion promotions": "(coupons?|promo|promotions?)",
        "off": ("\\d{1,3}[^\\w\\s]{0,2} off", "\\d{1,3} percent off"),
        "sale sales clearance": "((on|flash|big|summer|winter) sale|sale (ends?|starts?|now|today|price)|clearance)",
        "offer offers": "(special|exclusive|limited|great|new|best|promotional) (W ){0,2}offers?",
        "limited": "limited (time|offer|supply)",
        "act hurry": "(act (now|fast|today)|hurry)",
        "deal deals": "(best|great|special|hot|big|new|exclusive) deals?",
        "bonus": "bonus",
        "reward rewards points": "(earn|win|get|extra|double|loyalty|bonus) (W ){0,3}(points|rewards?)",
        "win winner prize sweepstakes giveaway": "(winner|prize|sweepstakes|giveaway|win (a|an|up|big|free))",
        "free": "free (gift|trial|month|months|week|upgrade|shipping|sample)",
        "gift": "(a|your|free|get) (W ){0,2}gift cards?",
        "cashback cash": "(cashback|cash back)",
        "save savings": "(save (up|big|now|more|\\d{1,4})|savings (event|now|today))",
        "upgrade": "upgrade (now|today|and|to)",
        "refer": "refer (a|your) (friend|friends)",
        "shop buy order": "(shop|buy|order) (now|today|online)",
        "approved qualified": "pre ?(approved|qualified)",
        "preapproved prequalified": "pre(approved|qualified)",
        "apply": "apply (now|today)",
        "introducing": "introducing",
        "lowest": "lowest (price|prices|rate|rates)",
    },
    {
        "descuento descuentos oferta ofertas promocion promociones": "(descuentos?|ofertas?|promocion|promociones)",
        "gratis regalo premio cupon rebaja rebajas": "(gratis|regalo|premio|cupon|rebajas?)",
        "gane ahorre": "(gane|ahorre) (W ){0,3}(puntos|hasta|dinero|premios?|\\d)",
        "compre aproveche": "(compre|aproveche) (ahora|ya|hoy)",
    },
    {
        "rabais promotions cadeau cadeaux": "(rabais|promotions|cadeaux?)",
        "offre offres": "offres? (W ){0,1}(speciales?|exclusives?|limitees?)",
        "gagnez economisez": "(gagnez|economisez)",
        "profitez": "profitez (W ){0,3}(offre|rabais|reduction|promotion)",
        "reduction": "reduction",
    },
)


def find_promotions(reading: Reading, context: ContentContext, words: frozenset[str]) -> Iterator[ContentFinding]:
    """Selling words, where the category does not sell."""
    confirmation = context.purpose is Purpose.OPT_OUT_CONFIRMATION
    if context.promotional_allowed and not confirmation:
        return
    for start, end in PROMOTIONS.find(reading, words):
        if confirmation:
            yield ContentFinding(
                ContentCode.PROMOTIONAL_CONFIRMATION,
                Level.REFUSE,
                start,
                end,
                "the confirmation of an opt-out may hold nothing but the confirmation",
                "leave it out",
            )
        else:
            yield ContentFinding(
                ContentCode.PROMOTIONAL,
                Level.WARN,
                start,
                end,
                f"selling words make a text of the category {context.category} promotional, which needs consent of its own",
                "leave them out, or send the text in a category for marketing",
            )
