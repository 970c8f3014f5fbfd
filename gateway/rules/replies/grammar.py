"""Owns the productions of English: which verb with which object revokes consent, and how firmly.

Does not own what the words before them change (`frames`), nor what only looks like a revocation (`exclusions`).

A production is (id, strength, pattern). It is tried where its first class stands; at one place the first production that
fits is the only one. Read a pattern aloud: "HALTS (F | WITH){0,4} REACHES" is stop/quit/cease, up to four words without
weight, texting/contacting/bothering. Standard: would a reasonable person understand a request to revoke consent
(47 CFR 64.1200(a)(10))?
"""

PRODUCTIONS = (
    # -- stop, quit, cease …
    (
        "halt.channel-and-text",
        "firm",
        "HALTS (DET | WITH){0,4} CHANNEL (ME | WHOM)? COMMA? (D? CHANNEL COMMA?)? ANDOR (DET | HALT | WITH |"
        " ME){0,3} (TEXTING | TEXTS | REACHES | TEXT (?! ME))",
    ),
    (
        "halt.channel-and-text",
        "firm",
        "HALTS (DET | WITH){0,4} (CALLING | CALLS | EMAIL | LETTER) COMMA (TEXTS | TEXTING)",
    ),
    (
        "halt.reaching",
        "firm",
        "HALTS (F | WITH | FROM | ALL | OF | TEXT | YOUR | THESES){0,4} REACHES (WHOM | (?! SOMEBODY))",
    ),
    ("halt.reaching", "firm", "HALTS F{0,2} WITH (F | THE | YOUR | ALL | THESES){1,3} TEXTING SHUT"),
    ("halt.reaching-other", "held", "HALTS (F | WITH | FROM | ALL | OF | TEXT | YOUR | THESES){0,4} REACHES"),
    ("halt.reaching", "firm", "QUITE F? REACHES WHOM"),
    ("halt.asked", "firm", "STOPPED ((?<= IT IF YOUS W) | (?<= IF YOUS F W)) F{0,2} REACHES"),
    ("halt.reaching", "clause", "STOPPED F{0,2} REACHES WHOM"),
    ("halt.reaching", "firm", "OUT_EMOJI REACHES"),
    ("halt.messages", "firm", "OUT_EMOJI D{0,4} (TEXTS | ALERTS | COMM | SPAM) SHUT"),
    ("halt.writing", "firm", "HALTS F{0,2} (WRITING (TO)? (WHOM | SHUT) | FOLLOWING UP? (WITH ME | SHUT | ME))"),
    ("halt.trying", "firm", "HALTS F{0,2} TRYING TO F? (REACH | SEND) (WHOM | OUT | MESSAGES | SHUT)"),
    ("halt.annoying", "firm", "HALTS F? ANNOYING (ME | SHUT)"),
    ("halt.receiving", "bare", "HALTS F{0,2} GETS (MESSAGES | THESES SHUT)"),
    (
        "halt.wasting",
        "firm",
        "HALTS F? WASTE D{0,4} (WITH | BY | TEXTING | SENDING | DAY){1,2} (MESSAGES | WHOM | SHUT)",
    ),
    ("halt.misheard", "held", "HALTS F? (MISHEARD | TEXT (BY | N)) WHOM"),
    (
        "halt.sending",
        "firm",
        "HALTS (F | FROM | WITH | ALL){0,3} SENDING (F | WHOM | TO){0,4} (EMAIL ANDOR | LETTER ANDOR)? (MESSAGES"
        " | D{0,4} NONE (TO WHOM)? F{0,2} SHUT | THESES (TO WHOM)? F{0,2} (SHUT | (?= I)) | SHUT | TO WHOM)",
    ),
    ("halt.sending", "firm", "HALTS F{0,2} DE? (FR_M | ME)? (ES_SENDS | FR_SEND) (SHUT | D{0,4} MSG (?! CHANNEL))"),
    (
        "halt.messages",
        "firm",
        "HALTS (WITH | DET | PAY | MORE | ME | FROM){0,6} MSG (?! CHANNEL | (FROM | TO | OF) (?! MYNUMBER | ME)"
        " SOMEBODY)",
    ),
    ("halt.contact", "firm", "HALTS (ALL | DET){0,3} CONTACT"),
    ("halt.hitting", "firm", "HALTS F{0,2} HITTING (F | UP){0,2} (WHOM (?! WITH) | MY F? INBOX)"),
    ("halt.hitting", "firm", "HALTS F? HIT (ME | UP)? SHUT"),
    ("halt.asking", "firm", "HALTS F? (ASKING | ASK) (ME | F){0,2} (FOR F? PAY)? SHUT"),
    ("halt.and-desist", "held", "CEASE ANDOR CEASE LETTER"),
    ("halt.and-desist", "firm", "CEASE ANDOR CEASE"),
    ("halt.a-stop-to", "firm", "MAKE A (STOP | END) TO MESSAGES"),
    (
        "halt.this",
        "bare",
        "(STOP | CEASE) (F | WITH | ALL | OF){0,4} (THESES | ALL) (F | NONE | SPAM | ALL){0,2} SHUT",
    ),
    ("halt.this", "bare", "QUIT IT SHUT"),
    ("halt.again", "bare", "STOP (F | COMMA | DOT){0,3} STOP"),
    ("halt.who", "bare", "STOP (F | LAUGH){0,3} (WHO | WHY | WRONG | NOT ME | SPAM)"),
    ("halt.footer", "bare", "STOP TO F? (END | STOP | QUIT | CANCEL | OPT OUT | UNSUB) SHUT"),
    ("halt.insisted", "bare", "STOP F{0,2} I F? ACCIDENT IT SHUT"),
    ("halt.counted", "bare", "STOP (F | LIKE){0,3} NUM F{0,3} SHUT"),
    ("halt.machine", "firm", "HALTS DET{0,4} BOT SHUT"),
    ("halt.bare", "bare", "(STOP | CEASE) (F | AGAIN | BYE | YOUS | SCAM | AND THANKS){0,6} SHUT"),
    ("halt.channel", "held", "HALTS (DET | WITH | AUTO){0,4} (SENDING (DET | ME | TO){0,4})? (SPAM | TEXT)? CHANNEL"),
    ("halt.third-party", "held", "HALTS F{0,2} (CALLING | SENDING) (TO)? WHOSE{0,3} (PERSON | JOB)"),
    ("halt.phone", "held", "QUIT W{1,3} MY PHONE"),
    ("halt.use", "held", "HALTS F? USE MYNUMBER"),
    ("halt.quit", "held", "QUIT (F | WITH){0,3} (SENDING | ASKING | ME | SHUT)"),
    ("halt.coming", "notice", "HALT COMING"),
    ("halt.other", "weak", "STOP"),
    ("halt.other", "weak", "CEASE DET{0,3} (?! WAS) (W | $)"),
    # -- end, cancel, turn off (the messages; alone they are whole-message words)
    ("end.messages", "firm", "ENDS (D | ME | FROM){0,5} (MSG (?! CHANNEL | PAY | TO PAY | ME) | CONTACT | TEXTING)"),
    ("end.subscription", "firm", "ENDS DET{0,3} SUBSCRIPTION (TO | FOR | OF | FROM) MESSAGES"),
    ("end.me", "firm", "ENDS ME (FROM | OFF | OUT) OURLIST"),
    ("end.subscription", "held", "ENDS DET{0,3} (SUBSCRIPTION | ACCOUNT)"),
    ("end.this", "held", "ENDS (F | ALL){0,2} (THESES | ALL | ME) SHUT"),
    ("end.number", "held", "ENDS (F | MY | THIS){0,3} NUMBERS"),
    ("end.bare", "clause", "ENDS F{0,3} SHUT"),
    ("turn-off", "curse", "TURN (OFF D{0,5} (MSG | THESE) | D{0,5} (MSG | THESE) F{0,2} OFF)"),
    ("turn-off", "held", "TURN (OFF THESES | THESES OFF) SHUT"),
    # -- unsubscribe, opt out
    (
        "unsub.elsewhere",
        "held",
        "UNSUB (ME | F | MYNUMBER | FR_MOI){0,3} FROM (?! OURLIST | OURS{1,3} (NUMBERS | SHUT) | THESES W)",
    ),
    ("unsub.elsewhere", "held", "UNSUB (ME | F){0,3} FROM DET{0,3} CHANNEL"),
    ("unsub.thing", "held", "UNSUB (FAILED | CHANNEL | PAY SHUT)"),
    ("unsub", "performed", "UNSUB"),
    ("unsub", "performed", "OPTOUT"),
    ("unsub", "performed", "(ART | AT) SUBSCRIBE"),
    ("unsub", "performed", "ART (?<= ^ ART) DOT SUBSCRIBE"),
    ("unsub", "performed", "UNSUBBED ((?<= BES W) | (?<= BES F W)) (?! FROM DET{0,3} CHANNEL)"),
    ("unsub.past", "notice", "UNSUBBED (?! FROM DET{0,3} (CHANNEL | ALERTS | W))"),
    ("unsub", "performed", "UNSUBBING"),
    ("opt-out.elsewhere", "held", "OPT (ME | F | MYNUMBER){0,3} OUT (OF | FROM | FOR) (?! OURLIST | OURS{1,3} SHUT)"),
    ("opt-out", "performed", "OPT (ME | F | MYNUMBER | THIS){0,4} OUT"),
    ("opt-out", "performed", "OPTING F? (ME)? OUT (?! OF DET{0,3} (CHANNEL | OTHER))"),
    ("opt-out", "performed", "OPTED ((?<= BE W) | (?<= GET W)) OUT (?! OF DET{0,3} (CHANNEL | OTHER))"),
    ("opt-out.past", "notice", "OPTED OUT (?! OF)"),
    ("unsub", "performed", "(ART | AT) COMMA? (SUBSCRIPTION | ENROLL | SUBSCRIBE)"),
    # -- remove me, take my number off, lose my number, block me
    (
        "remove.me",
        "firm",
        "REMOVES F{0,2} ME (F{0,3} (FROM | OFF | OUT) (OF)? (OURLIST | OURS{1,3} SHUT) | SHUT | (FROM | OFF)?"
        " F{0,2} SHUT)",
    ),
    ("remove.me", "held", "REMOVE F{0,2} ME"),
    ("remove.list", "firm", "REMOVE (F | THESES){0,2} FROM OURLIST"),
    (
        "remove.number",
        "firm",
        "REMOVES (F | MY | THIS | THE | ALL | THESE | ART){0,4} CONTACT? (PHONE{0,2} NUMBER | NAME | CONTACT)"
        " ((FROM | OFF | OUT) OF? OURLIST | (?! F{0,3} (FROM | OFF | OUT | AND | WITH | BUT | FOR | AT | BY)))",
    ),
    ("remove.number", "firm", "REMOVES (F | MY | THIS | THE){0,4} NAME AND F? NUMBERS"),
    ("remove.number", "held", "REMOVES (F | MY | THIS | THE | ALL){0,4} (PHONE? NUMBER)"),
    ("remove.number", "held", "REMOVE W{1,6} (THIS | MY) F? NUMBERS"),
    ("remove.number", "clause", "REMOVE F? NUM SHUT"),
    ("remove.rid", "curse", "GET RID OF MYNUMBER (?! FROM | ACCOUNT)"),
    ("remove.phone", "curse", "REMOVES (F | MY | THIS | THE){0,4} PHONE (F{0,2} SHUT | (FROM | OFF) OURLIST)"),
    ("remove.bare", "clause", "REMOVE (F | THESES){0,3} SHUT"),
    ("remove.me", "curse", "REMOVED F? ME (FROM | OFF) OURLIST"),
    (
        "take-off",
        "firm",
        "TAKES F{0,2} (ME | MYNUMBER | HIM NUMBERS | (F | MY | THIS){0,2} NAME (AND F? MYNUMBER)?) F{0,2}"
        " ((OFF | FROM) OF? (OURLIST | OURS{1,4} SHUT | SHUT) | (OUT | OF){1,2} OURLIST)",
    ),
    ("take-off", "firm", "TAKES F? OFF (F | THE | THIS | YOUR | TEXT){0,3} LIST SHUT"),
    ("take-off", "held", "TAKES F? MY PERSON NUMBERS F? (OFF | OUT)"),
    ("take-out", "notice", "TAKES F{0,2} (ME | MYNUMBER) F? OUT (OF | SHUT)"),
    ("take-off", "held", "TAKES F{0,2} (ME | MYNUMBER) F{0,2} OFF OF? (THESES | YOUR | ALL)"),
    ("take-off", "held", "TAKES F{0,2} (ME | MYNUMBER | MY NAME) F{0,2} OFF W{0,4} (LIST | PROGRAM | MSG | TEXTING)"),
    (
        "removed",
        "performed",
        "(REMOVED | TAKEN) ((?<= (BE | GET) W) | (?<= (BE | GET) F W) | (?<= (WANT | ASK) W) | (?<= WANT A W)) (OF"
        " MYNUMBER)? (F | OFF | FROM | OUT |"
        " OF){0,3}"
        " (OURLIST | THESES SHUT | (DAY | NUM | F){0,3} SHUT)",
    ),
    (
        "removed",
        "performed",
        "(NUMBERS | NAME) (BE)? (REMOVED | TAKEN) (OFF | FROM | OUT | OF){0,2} (OURLIST | SHUT)",
    ),
    ("removed", "notice", "(REMOVED | TAKEN) (FROM | OFF) (THESES SHUT | OURLIST)"),
    ("out-of", "notice", "OUT OF OURLIST"),
    ("dont.use", "held", "NEG F? USE MYNUMBER"),
    ("off-list", "performed", "(WANT | LIKE) (TO BE)? (OFF | OUT OF) OURLIST"),
    (
        "off-list",
        "performed",
        "WANT (MY | F | THIS){1,3} (NAME | NUMBERS) (OFF | OUT | REMOVED) (SHUT | (OF | FROM)? OURLIST)",
    ),
    ("lose-number", "curse", "LOSE (F | MY | THIS | THE){0,3} (PHONE)? NUMBER"),
    ("lose-number", "clause", "LOST (MY | THIS) NUMBER SHUT"),
    ("lose-number", "firm", "LOSE YOU W{0,3} (MY | THIS) NUMBER"),
    ("block.me", "firm", "BLOCK F? (ME | (MY | THIS) F? (PHONE)? NUMBER) (SHUT | FROM)"),
    # -- revoke, withdraw consent
    (
        "revoke.consent",
        "performed",
        "(REVOKE | REVOKED) (DET | AND | MORE | TEXT | TEXTS){0,7} CONSENT (W{0,6} TEXTUAL | (?! F? (FOR | TO | OF)))",
    ),
    ("revoke.consent", "notice", "(REVOKE | REVOKED) (DET | AND | MORE){0,7} CONSENT"),
    ("revoke.consent", "performed", "CONSENT W{0,4} (REVOKED | STOPPED)"),
    ("revoke.consent", "performed", "CONSENT (WAS | F){0,3} DENIED"),
    ("revoke.me", "firm", "REVOKE ME? FROM OURLIST"),
    ("revoke.me", "firm", "REVOKE ME SHUT"),
    ("revoke.me", "held", "REVOKE ME FROM"),
    (
        "revoke.consent",
        "performed",
        "ENDS (DET | MORE | TEXT | TEXTS){0,5} CONSENT (W{0,6} TEXTUAL | (?! F? (FOR | TO | OF)))",
    ),
    ("revoke.consent", "performed", "TAKES GO DET{0,3} CONSENT"),
    ("revoke.number", "firm", "REVOKE (F | MY | THIS){1,2} NUMBERS"),
    ("revoke.bare", "performed", "REVOKE F{0,2} SHUT"),
    # -- do not text, never contact
    (
        "dont.channel-and-text",
        "forbid",
        "NEG (F | BE){0,2} (CHANNEL | PHONE) (ME | MYNUMBER | COMMA | CHANNEL){0,4} (OR | N) F? (REACH | TEXTING)",
    ),
    ("dont.channel-and-text", "forbid", "NEG (F | BE){0,2} CHANNEL COMMA? TEXT COMMA? (OR | AND | N) CHANNEL"),
    (
        "dont.channel-and-text",
        "forbid",
        "NEG (F | BE){0,2} (CHANNEL | PHONE) COMMA REACH COMMA? (OR | AND | N) CHANNEL",
    ),
    ("dont.text-but-call", "forbid", "NEG F{0,2} TEXT F{1,2} (CHANNEL | PHONE)"),
    (
        "dont.reach",
        "forbid",
        "NEG (F | BE | AGAIN | TO | RESUME){0,4} (REACH | TEXTS | WRITE) F? (OUT? TO WHOM | OUT (AGAIN |"
        "  SHUT) | WHOM (?! (THE | A | MY | YOUR) (OTHER | PAY | OLD | FAILED)) | TO MYNUMBER | AGAIN | IT | LIST |"
        " REACHES | OR CHANNEL)",
    ),
    (
        "dont.reach",
        "forbid",
        "NEG (F | BE | AGAIN | TO | RESUME){0,4} (TEXT | TEXTS | WRITE | CONTACT | DISTURB) (F{0,2} (NO MORE)? SHUT |"
        " (?= F{0,2} NEG))",
    ),
    (
        "dont.reach",
        "forbid",
        "NEG (F | BE | AGAIN | YOU | TO | HAVE | TAKE | RESUME){0,4} REACHES (WHOM | AGAIN | SHUT)",
    ),
    (
        "dont.reach-when",
        "held",
        "NEG (F | BE){0,2} (TEXT | TEXTS | WRITE | CONTACT) (AT | BY | AFTER | FROM | THIS){0,2} (F | THE | MY | A){0,2}"
        " (DAY | NUM | JOB | BUSY)",
    ),
    ("dont.reach", "forbid", "NEG YOU (FILL{1,2} REACH WHOM | F? REACH WHOM F? AGAIN)"),
    ("dont.reach", "forbid", "NEG F? WASTE YOUR F? REACHES"),
    (
        "dont.send",
        "forbid",
        "NEG (F | BE | AGAIN | TO){0,3} (SEND | SENDING) (F | WHOM | TO){0,4} (MESSAGES |"
        " D{0,2} NONE F{0,2} SHUT | AGAIN | (ALL | THESES | NONE) AGAIN)",
    ),
    (
        "dont.send",
        "forbid",
        "NEG (F | BE | AGAIN | TO){0,3} (SEND | SENDING) F? WHOM F? (ALL | MORE | THESES) (F | MORE | AGAIN | OF |"
        " THESES){0,4} SHUT",
    ),
    ("dont.send", "forbid", "NEG (F | BE){0,2} (SEND | SENDING) (F | WHOM){0,2} (ALL | NONE) F{0,2} TO MYNUMBER"),
    ("dont.send", "held", "NEG (F | TO){0,2} SEND (F | ME)? (F | ALL){0,2} SHUT"),
    (
        "dont.hit",
        "forbid",
        "NEG (F | BE){0,2} (HIT | HITTING) (F | UP){0,2} (ME (UP | AGAIN | SHUT) | MYNUMBER | AGAIN | SHUT)",
    ),
    (
        "dont.bother-to",
        "forbid",
        "NEG (F | BE){0,2} (BOTHER | WASTE) (F | TO | YOUR){0,2} (TEXTING | CONTACTING | SENDING | REACH | SEND)"
        " (F | WHOM){0,3} (MSG | THESES | SHUT | D{1,3} (MSG | SHUT))",
    ),
    (
        "may-not.reach",
        "barred",
        "(CANNOT | MUST NOT) (F | LONGER){0,2} (BE? REACHES | REACH | SEND)"
        " (WHOM (?! (THE | A | MY | YOUR) (OTHER | PAY | OLD | FAILED)) | ME MESSAGES)",
    ),
    (
        "may-not.asked",
        "barred",
        "(CANNOT | DIDNT) ((?<= IT IF YOUS W) | (?<= IT IF YOUS F W)) (F | LONGER){0,2} (REACH | SEND) (WHOM | ME MESSAGES)",
    ),
    ("may-not.reach", "barred", "MUST LONGER F? (BE? REACHES | REACH) WHOM"),
    ("may-not.get", "performed", "MUST NOT F{0,2} (GETS | FAILED) D{0,3} (MSG | TEXTING)"),
    ("dont.list-me", "firm", "ME (?<! NEG W W) (AT | TO | BY) DET{0,2} NEG F? (REACH | SEND | SOLICIT) LIST"),
    ("dont.list", "notice", "NEG F? (CHANNEL | REACH) LIST"),
    ("dont.third-party", "held", "NEG (F | BE){0,2} (REACH | CALL) WHOSE{0,3} (PERSON | JOB)"),
    (
        "dont.channel",
        "held",
        "NEG (F | BE){0,3} (CALL | EMAIL | CALLING | LETTER | PHONE ME) F? (WHOM | AGAIN | LIST | SHUT)",
    ),
    ("dont.reach-thing", "held", "NEG (F | BE){0,2} TEXT ME"),
    # -- do not want, no longer wish to receive, no more messages
    (
        "want-none.messages",
        "performed",
        "NEGS F{0,2} WANT (TO F? GETS | TO BE GETS | GETS)? (MESSAGES | D{0,3} CONTACT SHUT)",
    ),
    ("want-none.messages", "performed", "NEGS F{0,2} WANT NO D{0,4} MSG"),
    ("want-none.these", "performed", "NEGS F{0,2} WANT TO? F? (GETS | RECEIVE) THESES (F | AGAIN | NONE){0,3} SHUT"),
    ("want-none.messages", "performed", "NEGS F{0,2} WANT TO? F? FAILED (MESSAGES | D{0,3} TEXT (AGAIN | FROM))"),
    ("want-none.messages", "notice", "(NEGS | CANT) (F | BE){0,2} (LIKE | WANT | ASK) (FOR)? MESSAGES"),
    (
        "want-none.you",
        "performed",
        "NEGS F{0,2} WANT YOUS F{0,2} TO? F? (REACH | REACHES | SEND WHOM? MESSAGES)",
    ),
    ("want-none.reach", "notice", "NEGS F{0,2} WANT TO? F? REACH (WITH | AGAIN | SHUT)"),
    (
        "want-none.contact",
        "performed",
        "NEGS F{0,2} WANT TO? F? (BE | GET) F? (TEXTED | (AT | BY) OURLIST)",
    ),
    (
        "want-none.hear",
        "performed",
        "NEGS F{0,2} WANT TO? F? HEAR F{0,2} FROM F{0,2} (YOUS | THESES | YOUR | ALL | HIM | SHUT)",
    ),
    (
        "want-none.these",
        "performed",
        "NEGS F{0,2} WANT (TO? GETS)? (ALL | MORE | OF | NONE){0,4} THESE (F | AGAIN | NONE){0,3} SHUT",
    ),
    ("not-to-be", "performed", "(NEG | CANT) TO? BE F? TEXTED (SHUT | AGAIN | AT | BY)"),
    ("want-none.channel", "notice", "NEGS F{0,2} WANT (TO (GETS | BE) | GETS)? D{0,4} (CHANNEL | NAMED)"),
    ("want-none.part", "performed", "NEGS F{0,2} WANT TO? BE SIGNED (UP)? (BY | FOR | TO | WITH){0,2} MESSAGES"),
    ("want-none.part", "performed", "NEGS F{0,2} WANT TO ENROLL BY MESSAGES"),
    ("want-none.part", "notice", "NEGS F{0,2} WANT TO ENROLL SHUT"),
    ("want-none.by-text", "notice", "NEGS F? WANT TO? W{0,2} BY TEXT"),
    ("want-none.part", "notice", "NEGS F{0,2} WANT TO BE A? W OF THESES"),
    ("want-none.this", "notice", "NEGS F{0,2} WANT ((ALL | NONE) OF)? THESES (F | AGAIN | NONE){0,3} SHUT"),
    ("want-none.be", "performed", "LONGER F? (REACH WHOM | GETS MESSAGES | CONSENT)"),
    (
        "prefer-none",
        "performed",
        "PREFER IF? YOUS? F? (NOT | NO | CANT | DONT) TO? F? (GETS MESSAGES | SEND ME? MESSAGES | BE TEXTED | REACH"
        " WHOM | D{0,3} MSGS)",
    ),
    (
        "no-consent",
        "performed",
        "(DONT | NOT | NO | LONGER | CANT) F? (HAVE | GIVE) (YOUS)? (THE | MY | ALL | A | F){0,3} CONSENT (TO"
        " W{0,4} TEXTUAL | (?! F? (FOR | TO | OF)))",
    ),
    (
        "no-consent",
        "performed",
        "(DONT | NOT | NO | LONGER) F? (CONSENT (SHUT | TO W{0,4} TEXTUAL | TO THESES SHUT) | SIGNED TO GETS"
        " MESSAGES | ACCEPT MESSAGES |"
        " AUTHORIZE (YOUS TO W{0,3} TEXTUAL | MESSAGES))",
    ),
    ("want-none.these", "performed", "(PREFER | WANT | LIKE) NOT TO? F? (GETS | FAILED) (MESSAGES | THESES SHUT)"),
    ("no-right", "held", "NO W{0,2} REACHES WHOM"),
    ("no-consent", "performed", "DECLINE (DET | MY){0,2} CONSENT"),
    ("no-right", "performed", "NO F{1,2} TO (REACH | SEND) (WHOM | MESSAGES)"),
    ("no-consent", "notice", "(NEVER | CANT | DONT | NOT | LONGER) W{0,3} CONSENT"),
    ("decline", "performed", "DECLINE (TO GETS)? MESSAGES"),
    ("no-more.messages", "firm", "NO F? MORE (CHANNEL ANDOR)? (D{0,4}) (MSG (?! CHANNEL) | TEXTING | CONTACT)"),
    ("no-more.bare", "bare", "NO MORE (F | OF | THESES | AGAIN){0,4} SHUT"),
    ("no-more.channel", "held", "NO (F | MORE){0,2} (AUTO | PHONE)? CHANNEL"),
    ("no-texts", "bare", "NO F{0,2} TEXT? (TEXTS | TEXTING | CONTACT (BY TEXT)?) (TO MYNUMBER)? SHUT"),
    ("no-texts", "clause", "NO F{0,2} MSG SHUT"),
    # -- leave me alone, go away, enough
    ("leave-alone", "firm", "LEAVE F{0,2} (((ME | MYNUMBER) (THE)? F{0,3})? ALONE | ME F? BE)"),
    ("off-list", "notice", "GET F? OFF OURLIST"),
    ("off-list", "held", "TAKES THESES OFF MY PHONE"),
    ("off-list", "alone", "OFF (THE | THIS | YOUR | F){0,3} LIST SHUT"),
    ("off-line", "firm", "(GET | STAY) F? (OFF | OUT OF?) F? MY F? (PHONE | INBOX | MSG SHUT)"),
    ("off-line", "curse", "GET OUT OF? HERE? SHUT"),
    ("want-off", "notice", "(LIKE | WANT) TO? BE? OFF SHUT"),
    ("sign-off", "notice", "SIGNED ME (OFF | OUT)"),
    ("want-out", "notice", "WANT OUT SHUT"),
    ("want-out", "notice", "COUNT ME OUT"),
    ("spare-me", "held", "SPARE (ME | MESSAGES)"),
    ("pause", "held", "PAUSE MESSAGES"),
    ("without", "notice", "WITHOUT MESSAGES"),
    ("dont.solicit", "forbid", "(NEG | NO) SOLICIT (ME | SHUT)"),
    ("leave-alone", "performed", "LEFT ((?<= BES W) | (?<= BES F W)) F? ALONE"),
    ("leave-alone", "firm", "LEAVE F? ME F? BY PEACE"),
    ("leave-alone", "held", "LEFT OFF OURLIST"),
    ("leave-alone", "firm", "LET F? (ME | MYNUMBER) F? (ALONE (?! OTHER) | BE SHUT | W{0,2} PEACE)"),
    ("leave-out", "notice", "LEAVE OUT SHUT"),
    ("leave-out", "notice", "(LEAVE | LET) F? (ME | (F | MY | THIS | HIM){1,2} (NAME | NUMBERS)) OUT (OF | SHUT)"),
    ("leave-alone", "held", "LEAVE WHOSE{0,3} PERSON ALONE"),
    ("leave-list", "held", "LEAVE DET{0,2} LIST SHUT"),
    ("go-away", "curse", "GET (THE)? F{0,2} AWAY (FROM WHOM | SHUT)"),
    ("go-away", "curse", "STAY (THE)? F{0,2} AWAY (FROM WHOM | SHUT)"),
    ("go-away", "curse", "GO (THE)? F{0,2} AWAY (?= F | AND | MARK | $)"),
    ("go-away", "curse", "(GO | BOTHER) THE? F{0,2} OFF SHUT"),
    ("go-away", "curse", "GET F? LOST SHUT"),
    ("hostile", "alone", "FUCK F{0,2} (YOU | OFF) (SHUT | (AND | OFF) | YOUR)"),
    ("hostile", "alone", "GO FUCK (SELF | YOUR | OTHER)"),
    ("hostile", "held", "GO F? OTHER SELF"),
    ("hostile", "alone", "GO (TO | BY) SWEAR"),
    ("enough", "firm", "ENOUGH (F | WITH | OF){0,4} (D{0,4} MSG | TEXTING)"),
    ("forbid", "performed", "FORBID YOUS F? (FROM (REACHES | SENDING) | TO (REACH | SEND))"),
    ("not-allowed", "performed", "(NOT | CANT | LONGER | NEVER) F? ALLOWED TO F? (REACH WHOM | SEND ME MESSAGES)"),
    ("cut-it-out", "firm", "(TURN | KNOCK) (IT | THESES)? (OUT | OFF)? WITH MESSAGES"),
    ("cut-it-out", "firm", "KNOCK OFF MESSAGES"),
    ("cut-it-out", "held", "(TURN | KNOCK) IT (OUT | OFF) SHUT"),
)
