"""Owns the keywords: whole messages of one or two words that revoke, renew or ask for help.

Does not own sentences: those are `replies`. The core words are the law's and the carriers'; no plugin, program or dialog
may claim one. The further words act only when nothing else is said.
"""

from typing import Literal

from .replies.normalise import fold, tokens
from .replies.spelling import ordinary, slips
from .replies.words import MARKS, SYMBOL, symbol

Keyword = Literal["opt-out", "opt-in", "help"]

# 47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel, unsubscribe are revocation per se.
# STOPALL, OPTOUT: carriers' and platforms' defaults.
CORE_OPT_OUT = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "opt out", "optout"}
)
CORE_OPT_IN = frozenset({"start", "unstop"})  # platforms' and toll-free network's defaults
CORE_HELP = frozenset({"help", "info"})  # CTIA Short Code Monitoring Handbook: HELP; INFO its common alias
RESERVED = CORE_OPT_OUT | CORE_OPT_IN | CORE_HELP

# Not law, but said for STOP and for nothing else when said alone. English: lists printed by collection platforms,
# AWS (REMOVE), Spoke. Spanish: keywords of US short codes. French: ARRET is required in Canada.
FURTHER_OPT_OUT = frozenset(
    """
    unsub opt stop2end stop2quit stop2stop stop2all delete leave cease block halt remove discontinue terminate desist revoked
    optmeout quitall endall cancelall go away|no more|no more texts|stop it|stop this|stop now|quit it|get lost|fuck off
    fuck you|f off|f u|piss off|leave me alone|remove me|delete me|unsubscribed me|opt me out|out
    alto parar pare paren basta cancelar detener detenga baja desuscribir desuscribirme eliminar salir parada detengan
    no mas|ya no mas|ya basta|dar de baja|equivocado
    arret arrete arretez arreter desabonner desabonnement desabonnez desinscription annuler fin|plus de messages
    стоп стоп|отписаться|ctop
    """.replace("\n", "|").replace("|", " | ").split(" | ")
)
