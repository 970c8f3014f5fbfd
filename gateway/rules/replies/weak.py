"""Owns sentences found anywhere in a reply: threats and wrong numbers that revoke, and the weak net that holds.

Does not own phrases with a verb of ending (`grammar`). A sentence is (id, anchor, pattern): searched for only where a
class of the anchor occurs. What the net catches is neither a revocation nor harmless: the number is held for a person.
"""

from . import strangers

# A warning what the next text will bring; the wrong person told so outright.
REVOKING = (
    (
        "messages-must-stop",
        "STOP END CEASE GO",
        "(MSG | THESE) F? (MUST | WANT | HAVE) TO? F? (STOP | END | CEASE | GO AWAY) (DAY | F){0,2} SHUT",
    ),
    (
        "messages-must-stop",
        "STOP END CEASE GO",
        "(?<! NEGS) (?<! NEGS F) (WANT | LIKE) (FOR)? (D{0,3} MSG | THESE) TO F? (STOP | END | CEASE | GO AWAY)"
        " (DAY | F){0,2} SHUT",
    ),
    ("messages-must-stop", "END", "MSG W{0,2} TO A END SHUT"),
    ("threat.again", "THREAT", "IF W{0,2} REACH F? WHOM F? (AGAIN | ONE MORE) (W | COMMA){0,9} THREAT"),
    (
        "threat.again",
        "THREAT",
        "REACH F? WHOM? F? (AGAIN | ONE MORE FILL) (COMMA | AND | OR | DOT){1,2} (W | COMMA){0,8} THREAT",
    ),
    ("threat.keep", "THREAT", "TAKE (TEXTING | CONTACTING | BOTHERING) ME (W | COMMA){0,8} THREAT"),
    (
        "threat.next",
        "THREAT",
        "(ONE F? MORE | ANOTHER | NEXT (F | YOUS){0,3}) F? TEXT ((W | COMMA){0,4} (AND | COMMA | OR | I) (W |"
        " COMMA){0,8} | GET) THREAT",
    ),
    # "the wrong person answered", "the wrong number is on my bill", "the wrong number for the routing": of another matter.
    (
        "wrong-party.number",
        "WRONG",
        "^ ((?! TEXT | SENDING | PITSTOP | FAILED) TOKEN){0,30} (^ | MARK) (?! ASTOLD) (F | I? THINK | THESES (WAS | BE)? |"
        " YOUS | HAVE | MUST | A | THE | HE | NO){0,8} WRONG F?"
        " (PHONE{0,2} NUMBER | PERSONWORD) (?! F? (AT | ASKS | OF) | FORTHING)",
    ),
    (
        "wrong-party.number",
        "WRONG",
        "(YOUS | YOUR) (F | HAVE | MUST | GET | BE | WAS | TEXTED | NAMED | REACHES){1,3} (THE | A)? WRONG"
        " (PHONE{0,2} NUMBER |"
        " PHONE SHUT | PERSONWORD) (?! F? (AT | OF | ASKS) | FORTHING)",
    ),
    (
        "wrong-party.number",
        "NUMBER ES_WRONG",
        "(^ | MARK) (F | NUMBER | DE | ES_HAVE | ES_ME){0,5} ES_WRONG DE (NUMBER | PERSONWORD) SHUT",
    ),
    (
        "wrong-party.number",
        "ES_WRONG",
        "(^ | MARK) (F | ES_IS | THIS){0,3} NUMBER ES_WRONG (?! F{0,2} (MY | DE | HIM | PAY))",
    ),
    (
        "wrong-party.number",
        "ES_WRONG",
        "(ES_HAVE F? NUMBER ES_WRONG | ES_WRONG DE (NUMBER | PERSONWORD)) (?! D{0,3} PAY)",
    ),
    ("wrong-party.number", "FR_WRONG FR_ERROR", "(FR_WRONG | FR_ERROR) DE (NUMBER | PERSONWORD) (?! D{0,3} PAY)"),
    ("wrong-party.number", "ES_WRONG", "(^ | MARK) F{0,3} PERSONWORD ES_WRONG SHUT"),
    (
        "wrong-party.number",
        "ROMANCE_WRONG",
        "(^ | MARK) (F | FR_ETRE | ES_HAVE | DE | OTHER){0,5} (ROMANCE_WRONG NUMBER | NUMBER ROMANCE_WRONG) (?! DE)",
    ),
)

HOLDING = (
    ("net.threat", "THREAT", "(ONE F? MORE | ANOTHER | NEXT) F? TEXT"),
    (
        "net.not-needed",
        "WANT",
        "(DONT | NO) (F | YOUS){0,2} WANT (FOR YOUS?)? TO? F? ((TAKE | RESUME) (TEXTING | SENDING | CONTACTING) |"
        " (REACH | SEND | SENDING) (F | WHOM | D){0,4} (AGAIN | MORE) (F | MSG){0,2} SHUT | REACH WHOM AGAIN)",
    ),
    ("net.not-needed", "FR_INUTILE", "FR_INUTILE DE (FR_M | ME)? FR_SENDS"),
    ("net.ends", "STOP END CEASE", "THESES F? (MUST | WANT | HAVE) TO? F? (STOP | END | CEASE) (F | DAY){0,2} SHUT"),
    ("net.ends", "STOP END", "(?<! NEGS) (?<! NEGS F) (WANT | LIKE) (FOR)? THESES TO? F? (STOP | END) SHUT"),
    ("net.interested", "PAY", "NO F? PAY BY (D{0,3} (MSG | LIST) | GETS | REACHES | YOUS | TEXTED)"),
    ("net.interested", "INTERESTED", "(NOT | NO | CANT | LONGER | FR_PAS | NEVER) (ME | F | OTHER){0,2} INTERESTED"),
    ("net.no-thanks", "THANKS", "^ F{0,2} NO F{0,2} THANKS YOUS? F{0,3} MARK{0,3} $"),
    ("net.goodbye", "BYE", "^ F{0,3} BYE (F | BYE){0,3} MARK{0,3} $"),
    ("net.the-end", "END", "^ THE END MARK{0,3} $"),
    ("net.end-this", "END", "(?<! NEGS) WANT (THESES | MSG | THE MSG) (TO)? END"),
    # Whoever speaks of dying is for a person to answer, not for the next reminder.
    (
        "net.crisis",
        "SUICIDE MYSELF DIE LIFE LIVE END",
        "SUICIDE | (KILL | HURT) MYSELF | (WANT | LIKE) TO? F? DIE | (WANT | ES_WANT | FR_WANT) DIE |"
        " NEGS F? WANT TO? (BE LIFE | LIVE) F? (AGAIN)? (MARK | $) | (END | TAKE) MY F? LIFE |"
        " (I | WILL | TO) F? END IT ALL SHUT",
    ),
    ("net.minor", "MINOR", "(I | THESES | PERSON | HE | TEXTING) (BE | WAS | F){0,2} A? MINOR (MARK | F | $)"),
    (
        "net.not-needed",
        "WANT",
        "(^ | MARK) F{0,3} NO F? WANT (FOR YOUS?)? TO F? (TEXT | CONTACT | REACH) (ME | F | MARK | $)",
    ),
    (
        "net.pause",
        "PAUSE",
        "^ F{0,3} PAUSE F{0,3} SHUT | PAUSE OFF (F | AT | BY | WITH | D){0,3} (TEXTING | CONTACTING | MSG)",
    ),
    ("net.instead", "PERSON", "(TEXT | CONTACT | CALL) D? PERSON F{0,2} BUT SHUT"),
    ("net.full-stop", "PAID", "PAID (F | THESES | IT){0,2} W? PITSTOP STOP SHUT"),
    ("net.spam", "SPAM", "^ (D | WAS | ES_IS){0,4} SPAM (F | MARK | BYE){0,3} $"),
    ("net.block", "BLOCKING", "^ (F | REPORT | AND | N | COMMA){0,4} BLOCKING (F | AND | REPORT | MARK){0,4} $"),
    (
        "net.block",
        "BLOCKING",
        "(ART | ROMANCE_POLITE) (ES_HAVE | FR_AI)? BLOCKING SHUT | W A BLOCKING | NUMBER BLOCKING SHUT",
    ),
    (
        "net.report",
        "REPORT SUE",
        "(ART | ROMANCE_POLITE) (W{0,2} A (REPORT | SUE) | REPORT | SUE SHUT) | W A (REPORT | SUE) (SHUT | IF)",
    ),
    ("net.report", "FR_COMPLAIN", "FR_COMPLAIN"),
    ("net.sue", "SUE", "SUE F? (YOUS | IF W{0,2} REACH)"),
    ("net.hostile", "HOSTILE", "(YOU | YOUR) F? (THE | OF | D){0,2} HOSTILE | ^ F{0,3} HOSTILE (F | MARK){0,3} $"),
    ("net.make-last", "PITSTOP", "(MAKE ADJ | MUST) (THESES (WAS | BE){0,2} | BE)? THE PITSTOP (ONE | MSG)"),
    ("net.over", "COMM", "COMM (WAS | F){1,2} BY SHUT"),
    (
        "net.report",
        "REPORT",
        "(I | WILL | BE | ^) (WILL | BE | F){0,3} REPORT F? (YOUS | THESES | SPAM | NUMBER | TO SUE)",
    ),
    ("net.harassment", "HARASSMENT", "HARASSMENT"),
    ("net.harassment", "BOTHERING", "(YOU | YOUR | THESES) (HAVE | BE | WAS | F){0,3} BOTHERING"),
    (
        "net.block",
        "BLOCKING",
        "(I | YOU | YOUR | ^ F?) (BE | WAS | HAVE | WILL | F | GET | RECEIVE){0,3} BLOCKING F? (YOUS | THESES | NUMBER |"
        " THE NUMBER | SHUT | BYE | MYNUMBER)",
    ),
    ("net.block", "BLOCK", "(I | WILL) (BE | WILL | TO | GO | F){0,3} BLOCK F? (YOUS | THESES | MYNUMBER)"),
    (
        "net.why",
        "WHY",
        "WHY (YOUS | BE | WAS | DO | F | HAVE | TAKE | I | CAN | OTHER){0,5} (REACHES | SENDING | TEXT ME | GETS D{0,3} MSG)",
    ),
    ("net.who-gave", "GIVE GET", "(WHO | NEVER | CANT) F? GIVE YOUS? D{0,3} (NUMBER | CONSENT)"),
    ("net.who-gave", "GET", "(HOW | WHERE) DID YOUS GET (MY | THIS) NUMBER"),
    ("net.who-gave", "ES_GOT GIVE", "ES_GOT DET{0,2} NUMBER | FR_NOT GIVE (DET | MY){0,3} CONSENT"),
    (
        "net.never-signed",
        "SIGNED ASK SUBSCRIBE OPTED",
        "(NEVER | CANT | NOBODY) (F | NOBODY){0,2} (SIGNED TO GETS? MESSAGES | SIGNED UP | ASK FOR (THESES | MSG |"
        " D MSG) | SUBSCRIBE | OPTED BY)",
    ),
    (
        "net.tired",
        "TIRED",
        "TIRED (UP | OF | DE | WITH | GET | RECEIVE){1,3} (D{0,4} MSG | YOUS | REACHES | THESES NONE? SHUT) | ES_HAVE TIRED",
    ),
    ("net.tired", "MUST", "MUST IT WITH MESSAGES"),
    ("net.last", "PITSTOP", "(THESES | BE | WAS | MUST) THE? F? PITSTOP F? MSG"),
    ("net.ended", "STOPPED", "(IF | WANT | LIKE | F OTHER) W{0,3} MSG STOPPED"),
    ("net.list", "LIST", "(NOT | CANT) F? BE (AT | BY | OF) D{0,3} LIST"),
    (
        "net.list",
        "LIST",
        "(?<! NEG) (?<! NEG W) (ME | FR_MOI | MY NUMBER) W{0,3} (FROM | OFF | DE | OUT OF) D{0,4} LIST",
    ),
    ("net.dnc", "DNC", "DNC"),
    ("net.respect", "RESPECT", "RESPECT (MY | DET)"),
    ("net.law", "LAW", "LAW"),
    ("net.need-none", "WANT", "NO WANT FOR MESSAGES"),
    ("net.object", "OBJECT", "OBJECT W{0,5} (MSG | REACHES | CONTACT | TEXTED)"),
    ("net.nothing", "NONE", "WANT NONE (TO DO)? (WITH | FROM) YOUS"),
    ("net.many", "TOO", "TOO MANY D{0,2} MSG | (TEXT | REACH) ME TOO MANY"),
    ("net.many", "ES_MANY FR_TROP", "ES_MANY D{0,2} MSG | FR_TROP DE D{0,2} MSG"),
    ("net.annoying", "ANNOYING", "(MSG | THESES | YOU | YOUR) (WAS | BE | F){0,3} ANNOYING"),
    (
        "net.enough",
        "ENOUGH",
        "(^ | MARK) (F | THESES | WAS | HE | I | HAVE | MUST | FR_ETRE){0,4} ENOUGH (F | WITH | THESES){0,3} (?!"
        " ASKS) (MARK | $)",
    ),
    ("net.enough", "ENOUGH", "(^ | MARK | AND | N) F? ENOUGH WAS ENOUGH"),
    (
        "net.none",
        "TEXTS ALERTS COMM SPAM",
        "^ F{0,2} (ES_NOTHING DE | NI ART | ES_NINGUN | FR_PAS DE | FR_PLUS DE) (DET | ES_MAS | DE){0,4} MSG",
    ),
    ("net.enough", "FR_AI", "FR_AI ENOUGH SHUT"),
    ("net.without", "WITHOUT", "^ F{0,2} I? CAN DO WITHOUT SHUT"),
    (
        "net.keep",
        "TAKE DO",
        "DO I (HAVE | MUST) TO F? TAKE? GETS (D{0,3} MSG | THESES) | (MSG | THESES) TAKE COMING SHUT",
    ),
    ("net.why", "WHY", "WHY W{0,2} I (F | TAKE | HAVE){1,3} GETS THESES SHUT"),
    (
        "net.never-signed",
        "SIGNED",
        "(NOT | CANT | DONT) F? (ADJ | KNOW | OTHER | THINK) (IF)? (I | HAVE | NEVER | F){0,3} SIGNED UP",
    ),
    ("net.asked", "HOW", "HOW MANY FILL? (DO | MUST) I (HAVE TO | MUST)? (TOLD | SAID | ASK)"),
    ("net.not-stopped", "IF", "IF YOUS (DONT | CANT | NOT) F? HALTS (?! DET{0,3} PAY)"),
    ("net.not-stopped", "STOPPED", "YOUS F? CANT F? STOPPED (?! DET{0,3} PAY)"),
    ("net.need-none", "WANT", "^ F{0,3} (NO | NOT)? LONGER WANT SHUT"),
    ("net.not-authorized", "AUTHORIZE", "(NOT | CANT | NEVER) F? AUTHORIZE THESES SHUT"),
    ("net.wasting", "WASTE", "YOUS (BE | WAS)? WASTE MY"),
    ("net.many", "TOO", "YOUS (REACH | SEND) ME? TOO MANY SHUT"),
    ("net.unwanted", "UNWANTED", "THESES (WAS | BE | F){0,2} UNWANTED SHUT"),
    ("net.list", "HOW", "HOW DID I F? GET (AT | BY) (D | TEXT){0,3} LIST"),
    (
        "net.instead",
        "EMAIL LETTER",
        "(^ | MARK) F{0,3} (EMAIL | WRITE) (ME | A LETTER){0,2} BUT F? SHUT | WRITE ME A LETTER SHUT",
    ),
    ("net.only-by", "EMAIL", "^ (F | MARK){0,3} (FILL | ONLY) F? EMAIL ME SHUT"),
    ("net.only-by", "ONLY WRITING", "ONLY ((?! PAY) W){0,4} (BY | AT) (LETTER | EMAIL | WRITING) | BY WRITING F? ONLY"),
    ("net.no-texter", "TEXT TEXTS", "^ F? I NEG F? (DO | USE | FAILED)? (TEXT | TEXTS | TEXT TEXTS) F? (MARK | $)"),
    ("net.not-authorized", "USE", "USE OF MYNUMBER W{0,2} (NOT | DIDNT) F? (ALLOWED | AUTHORIZE)"),
    ("net.nothing", "ES_NOTHING", "^ F{0,2} NO F? ES_WANT (ES_MAS | F){0,2} ES_NOTHING (SHUT | WITH | DE)"),
    ("net.nothing", "NONE", "^ F{0,2} FR_PLUS NONE SHUT"),
    ("net.receive", "ES_RECEIVE", "NO ES_HAVE W{0,2} ES_RECEIVE"),
    ("net.annoying", "ANNOYING", "^ F{0,3} ANNOYING SHUT"),
    ("net.said-no", "NO", "^ (F | I){0,3} SAID NO SHUT | PART OF (NO | STOP)"),
    ("net.said-no", "STOP", "PART OF STOP"),
    ("net.not-texted", "TEXTED", "I NOT TEXTED AGAIN"),
    ("net.instead", "BUT", "BUT OF D{0,2} (TEXT | TEXTS | TEXTING) SHUT"),
    ("net.instead", "TEXT", "(^ NOT | NEG W) BY TEXT SHUT"),
    ("net.instead", "PREFER", "PREFER F? GETS? (LETTER | EMAIL | CALLS) SHUT"),
    ("net.instead", "LETTER", "FR_SEND FR_MOI W{0,2} LETTER SHUT"),
    ("net.uneasy", "NOT DIDNT", "(NOT | DIDNT) F? (OTHER | ADJ) (WITH | BY)? YOUS? (REACHES | GETS D{0,3} MSG)"),
    ("net.report", "REPORT", "YOUS (WILL | BE | WAS | HAVE | F){1,3} REPORT"),
    ("net.block", "BLOCK", "ROMANCE_POLITE BLOCK (?! D{0,2} PAY)"),
    ("net.never-signed", "FR_ALLOW", "FR_PAS FR_ALLOW (ART | THAT)? SHUT"),
    ("net.never-signed", "CONSENT", "(ES_NUNCA | NO F?) GIVE (DET){0,2} CONSENT"),
    ("net.tired", "TIRED", "ME TIRED SHUT"),
    ("net.enough", "FR_PLUS", "^ FR_PLUS DE ART SHUT"),
    ("net.keep", "TAKE", "YOUS TAKE (TEXTING | CONTACTING | BOTHERING | SENDING)"),
    ("net.once-more", "ONE", "(REACH) WHOM ONE MORE"),
    (
        "net.if-continued",
        "IF",
        "IF (D{0,3} MSG | THESES) RESUME | IF YOUS (RESUME | TAKE) (TO | F){0,2} (REACHES | REACH | SENDING)",
    ),
    ("net.do-not", "DONT CAN", "^ F{0,3} (DONT | CAN YOUS NOT) (F | AGAIN | MARK){0,3} $"),
    (
        "net.illegal",
        "ILLEGAL",
        "ILLEGAL (W{0,4} (MSG | TEXTING | REACH | LAW) | MARK | $) | (MSG | TEXTING | THESES) (W){0,3} ILLEGAL",
    ),
    (
        "net.unwanted",
        "UNWANTED WANT",
        "UNWANTED D{0,2} MSG | MSG (WAS | BE){0,2} (NOT | CANT) (F | WANT) | MSG (WAS | BE) UNWANTED",
    ),
    ("net.no-texts-limit", "NO", "NO (F | MORE){0,2} TEXTS (AFTER | AT | BY | OR)"),
    (
        "net.only-by",
        "FILL CONTACT ONLY",
        "(FILL CONTACT | FILL | ONLY) ME? BY F? (LETTER | EMAIL | CALL | PHONE | WRITING) |"
        " CONTACT ME BY F? (LETTER | EMAIL | WRITING)",
    ),
    (
        "net.only-by",
        "EMAIL LETTER WRITING",
        "(^ | MARK) (EMAIL | LETTER) FILL SHUT | (COMM | CONTACT) W{0,3} BY WRITING",
    ),
    (
        "net.only-by",
        "ONLY",
        "ONLY (?! NO) (F | W)? (EMAIL | LETTER | CALLS) | (EMAIL | LETTER | CALLS | PHONE CALL) F? ONLY",
    ),
    ("net.again", "AGAIN", "IF YOUS F? (REACH) WHOM F? AGAIN"),
    *strangers.HOLDING,
    ("net.emoji", "EMOJI_HOLD OUT_EMOJI", "EMOJI_HOLD | OUT_EMOJI"),
)

# The last net, a clause at a time: it speaks of texts in a tone of refusal, or it speaks of these texts, this list, texting
# me at all, unless it also holds a word of telling: of a text that failed to come, of money, of somebody else, of thanks.
ABOUT = "TEXTS TEXTING COMM CONTACTING ALERTS SPAM BOTHERING"
TO_ME = "(TEXT | CONTACT | SENDING) WHOM"
REFUSING = (
    "DECLINE NO NOT NEVER DONT DOESNT LONGER ENOUGH TIRED SUE LAWYER REPORT HOSTILE FUCK ANNOYING REMOVE CANT"
    " STOPPED ILLEGAL"
    " PITSTOP OBJECT FR_PAS FR_PLUS ES_NUNCA"
)
TELLING = (
    "RECEIVE GET LOSE LOST PAY LETTER WORRY BUSY WHEN IF SIGNED RESUME PERSON JOB HE HAVE FAILED WHY GO WILL CALLS"
)
MENTION = (
    "THESE D{0,2} (TEXTS | ALERTS | COMM | TEXTING) | YOUR D{0,2} (TEXTS | ALERTS) | (TEXT | ALERTS | THE | ALL)"
    " TEXTS | REACHES WHOM"
    " | (FROM | OFF | OF | WITH | TO | OUT) D{0,3} (TEXTS | LIST)"
)
# … or a word of ending, on which the grammar has spoken.
TELLING_OF = (
    "SEND SAID HELP ADJ LOVE THANKS WHO WHAT WHERE HOW BETTER PREFER COMING ASKS LIKE STOP QUIT CEASE END CANCEL REMOVE"
    " UNSUB OPT"
)
WANTED = (
    "^ (F | I){0,3} (WANT | LIKE) (D{0,4} MSG | TO F? TAKE GETS (D{0,3} MSG | THESES)) (F | AGAIN){0,2} $ | YOUS"
    " STOPPED (TEXTING | SENDING) | NEVER ASK YOUS? TO HALT"
    " | (NEG | NO) (F | YOUS | GO){0,2} (WANT TO? | HALT | ENDS | REMOVE | TAKES | TEXT ME A | ES_STOPS)"
    " | (DONT | DO) YOUS | FR_STOP | ^ F{0,3} TAKE (TEXTING | SENDING | CONTACTING) (WHOM | D{0,4} MSG)? F{0,2} $"
    " | MY (TEXTS | TEXT) | (NEG | CANT | FR_PAS) F? WANT TO (HALT | ENDS)"
)
