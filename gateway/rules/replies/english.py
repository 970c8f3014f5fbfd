"""Owns the English words of a reply, by class.

Does not own Spanish and French (`romance`) or how classes combine (`grammar`). Words are folded: lower case, no
apostrophe. Sources: the per-se words of 47 CFR 64.1200(a)(10); CTIA Messaging Principles 5.1.3 (variants and natural
language); platforms' lists (`keywords`); the way people write on a phone.
"""

# What brings messages to an end. STOP is apart from QUIT and END, which mean other things far more often.
ENDING = {
    "STOP": "stop stpo sotp tsop stahp stawp stap stopall stop2end stop2quit stop2stop",
    "STP": "stp",  # a slip for stop; in French, "please"
    "QUIT": "quit kwit",
    "CEASE": "cease desist decist halt discontinue refrain abstain seize",
    "END": "end",
    "CANCEL": "cancel cancle cansel cancell",
    "KILL": "terminate deactivate disable silence kill suspend close mute",
    "TURN": "turn shut switch cut",
    "KNOCK": "knock lay chill ease",
    "USE": "use using",
    "STOPPED": "stopping quitting ceasing stopped stops ended ends quits cancelled canceled",
    "UNSUB": "unsub unsubscribe unsubs unsubscribes unsubscription unsuscribe unsubcribe unscribe unsubribe"
    " unsubcrible",
    "UNSUBBED": "unsubscribed unsubbed",
    "UNSUBBING": "unsubscribing unsubbing",
    "OPT": "opt",
    "OPTING": "opting",
    "OPTED": "opted opped",
    "OPTOUT": "optout",
    "REVOKE": "revoke rescind withdraw retract revok",
    "REVOKED": "revoked withdrawn rescinded revoking withdrawing rescinding revocation",
    "REMOVE": "expunge eliminate ditch discard trash unlink disassociate detach suppress remove delete erase purge"
    " scrub wipe strike exclude unlist unenrol unenroll disenroll unregister deregister scratch "
    "burn dump toss chuck rmv delist removing deleting",
    "DROP": "drop",
    "REMOVED": "removed deleted erased unenrolled removal deletion",
    "TAKE": "take pull cross keep taking",
    "GET": "get",
    "TAKEN": "taken",
    "LOST": "lost",
    "LOSE": "lose loose forget misplace",
    "LEAVE": "leave leav leve lemme leme leaving",
    "LEFT": "left",
    "ALONE": "alone",
    "BLOCK": "blacklist block",
    "BLOCKING": "blocking blocked",
    "GO": "go back buzz piss",
    "AWAY": "away",
    "OFF": "off offa",
    "OUT": "out outta",
    "LET": "let",
    "RID": "rid",
    "STAY": "stay",
    "QUITE": "quite quiet top",  # "quit" and "stop", a letter away
    "SPARE": "spare",
    "PAUSE": "pause hold snooze",
    "WITHOUT": "without",
    "RESPECT": "respect",
    "COUNT": "count",
    "DNC": "dnc",
    "CLICKED": "clicked click pressed pushed tapped",
    "PEACE": "peace",
    "INBOX": "inbox",
    "SOLICIT": "solicit solicitation solicitations soliciting solicitor solicitors",
    "FORBID": "forbid prohibit",
    "COMING": "coming",
    "SUBSCRIBE": "subscribe resubscribe subscribed suscribe subcribe",
    "ENROLL": "enroll enrol participate",
    "RESUME": "resume start restart begin continue continues",
}

# Reaching somebody: by text, and by other channels.
REACHING = {
    "TEXT": "text txt message msg mesg tex mssg tx",
    "TEXTS": "texts txts messages msgs massages mssgs mesgs sms mms",
    "TEXTING": "texting txting messaging msging texing tetxing textin textn txtin txtn messagin msgin texten textng",
    "TEXTED": "texted messaged contacted reached bothered harassed disturbed notified alerted spammed pestered",
    "WRITE": "write",
    "WRITING": "writing",
    "FOLLOWING": "following follow",
    "MISHEARD": "sexting testing taxing massaging texan",  # what dictation makes of "texting"
    "CONTACT": "contact reach",
    "CONTACTING": "contacting reaching",
    "DISTURB": "disturb",
    "BOTHER": "bother harass bug pester annoy hound badger ping hassle",
    "BOTHERING": "bothering harassing bugging pestering hounding badgering stalking pinging hassling buggin "
    "notifying alerting blasting reminding disturbing harrassing harrasing harasing spamming trolling",
    "SEND": "send",
    "SENDING": "sending sendin sent",
    "HIT": "hmup hit hmu blow",
    "HITTING": "hitting blowing hittin blowin bombarding flooding filling",
    "ASKING": "askin",
    "RECEIVE": "receive recieve receiving recieving getting gettin",
    "HEAR": "hear hearing heard",
    "ALERTS": "alerts notifications notifs reminders promos promo promotions promotional ads marketing newsletters"
    " blasts",
    "COMM": "communication communications correspondence comms outreach conversation convo",
    "SPAM": "spam junk",
    "SCAM": "scam scams scamming scammer scammers spammer spammers",
    "UNWANTED": "unwanted unsolicited unwelcome",
    "OBJECT": "object objection opposed against",
    "SUBSCRIPTION": "subscription enrollment sub",
    "BOT": "bot bots robo",
    "AUTO": "automated automatic auto stupid dumb constant silly crappy future upcoming incoming endless nonstop repeated",
    "MAILING": "mailing mailings",
    "CALL": "call ring dial",
    "CALLING": "calling callin ringing dialing phoning",
    "CALLS": "calls phonecalls robocalls voicemails voicemail",
    "EMAIL": "email emails emailing",
    "LETTER": "letter letters mail mails paper postal",
}

# Who is written to, and on which list the number stands.
PARTIES = {
    "I": "i im ive id ill we weve",
    "ME": "me us meee",
    "MY": "my our ours mine",
    "NUMBER": "number num nbr numbers # nmbr digits",
    "PHONE": "mobile fone phone phones telephone cell cellphone line tel",
    "NAME": "name info information details",
    "LIST": "list lists database system records files thread contacts dialer autodialer roster registry robot chat"
    " group",
    "RECORD": "record",
    "PROGRAM": "program file service",
    "CONSENT": "consent permission authorization authorisation permisson",
    "AUTHORIZE": "authorize authorise",
    "ACCEPT": "accept",
    "ALLOWED": "authorized authorised allowed permitted welcome",
    "SOMEONE": "someone somebody",
    "OWNER": "owner owns own belongs belong",
    "PERSONWORD": "person guy party individual gal lady",
    "PERSON": "sons moms dads wifes husbands daughters mothers fathers husband wife mom mother mum dad father"
    " son daughter kid kids brother sister boyfriend girlfriend"
    " family "
    "parents grandma grandmother grandson neighbor roommate coworkers coworker friend friends relatives references"
    " ex",
    "GIVEN": "maria marie mary juan john jean jose joseph luis louis ana anna anne carlos carmen pedro peter pierre paul pablo"
    " miguel michael michel mike david daniel antonio anthony manuel francisco francois rosa luisa louise isabel elena"
    " sofia sophie laura sara sarah karen linda susan lisa nancy betty jessica jennifer ashley emily amanda melissa"
    " michelle kimberly elizabeth patricia barbara margaret sandra donna carol ruth sharon robert james william richard"
    " thomas charles christopher matthew steven steve andrew kenneth kevin brian george edward ronald timothy jason"
    " jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory alexander"
    " patrick jack dennis jerry tyler aaron henry adam nathan jorge javier jesus ramon raul ricardo roberto sergio"
    " fernando alejandro eduardo diego andres gabriel rafael guadalupe lucia marta claire julie camille nicolas philippe"
    " jacques luc bob bobby jim jimmy joe joey tom tommy dave dan danny chris matt tony sam ben alex brenda teresa",
    "CHANGED": "changed",
    "JOB": "work job employer boss office workplace",
    "YOU": "you u yall youll youve",
    "YOUD": "youd",
    "YOUR": "your ur youre",
    "HE": "he she they thats hes shes theyre",
    "IT": "it its",
    "HIM": "him her his their theirs hers",
    "SELF": "yourself yourselves urself",
    "WHO": "who whos",
}

# The frame: negation, modality, questions, conditions, determiners.
FRAME = {
    "DONT": "ion iont dont donot dnt dotn dun",
    "DOESNT": "doesnt",
    "DO": "do",
    "DOES": "does",
    "NOT": "not nto",
    "NEVER": "never nvr",
    "NO": "no zero",
    "NON": "non",
    "MORE": "more further additional mor mo",
    "LONGER": "longer",
    "AGAIN": "again anymore nomore anymor agian",
    "WANT": "needed want wanted wanting wanna wish need needing desire request",
    "LIKE": "like care",
    "PREFER": "prefer rather",
    "ASK": "ask asked asking begging requesting demand demanding requested beg insist instructed",
    "TOLD": "told tell telling",
    "SAID": "said say saying says reply replying replied typed wrote",
    "WASTE": "waste wasting",
    "DECLINE": "decline refuse",
    "DENIED": "denied refused rejected declined",
    "TRYING": "trying tryin attempting",
    "MUST": "gotta must should better needs has had ought supposed may",
    "HAVE": "have got ve",
    "KNOW": "know",
    "ADJ": "great legit fair true correct good cool possible real helpful necessary ready sure home able",
    "MAKE": "make put",
    "BE": "be b am being",
    "WAS": "been is are was were r",
    "GIVE": "give giving grant given gave",
    "CANNOT": "cant wont couldnt wouldnt shouldnt cannot mustnt",
    "DIDNT": "didnt isnt arent aint wasnt havent hasnt",
    "CAN": "can could would",
    "WILL": "will shall gonna going",
    "DID": "did",
    "WHY": "why",
    "HOW": "how",
    "WHEN": "when",
    "IF": "if unless whenever",
    "WHAT": "what whats",
    "WHERE": "where",
    "THIS": "this dis",
    "THAT": "that dat",
    "THESE": "these those them em",
    "THE": "the da",
    "A": "a an",
    "ANOTHER": "another",
    "ALL": "all any every everything anything each whatever whichever",
    "OF": "of",
    "TO": "to",
    "FROM": "from frm form",
    "WITH": "with wit w",
    "BY": "by in into over",
    "AT": "at on",
    "FOR": "for about regarding concerning",
    "AND": "and",
    "N": "n",  # "and", or the French negation elided
    "OR": "or nor",
    "BUT": "but instead",
    "AFTER": "until till before after b4 til during while between past",
    "UP": "up",
    "ENOUGH": "enough",
    "ONE": "one",
    "NUM": "two three four five six seven eight nine ten eleven twelve twenty thirty",
    "NEXT": "next",
    "NONE": "nothing nothin nuthin stuff shit crap garbage rubbish things nonsense bullshit bs mess madness",
    "ACCIDENT": "accidentally accident mistake mean meant mistakenly",
    "OLD": "old new second duplicate other former previous prior express written",
    "PITSTOP": "bus truck pit rest full last train subway first traffic",
    "STOPSIGN": "signs light lights shop gap loss watch presses clock",
}

# Free insertions: politeness, address, adverbs, oaths. They never change what is asked.
INSERTED = {
    "THANKS": "thanks thank thx thnx ty tysm tks",
    "PLEASE": "please pls plz plse plss pleas plese plase pl kindly",
    "POLITE": "appreciate sir maam "
    "madam hi hello hey yo sorry okay ok k kk guys people folks company bro bruh dude man girl respectfully",
    "RIGHT": "right rn",
    "FILL": "just now already immediately asap ever so really simply even effective permanently"
    " completely forever repeatedly "
    "once very fr tho though well yeah yea yes oh omg ugh smh wtf ffs ago forthwith hereby time times comma period "
    "entirely totally nah else hence effectively altogether also then as still mind actually literally dare"
    " seriously finally",
    "ONLY": "only solely exclusively",
    "LIVE": "live lives living",
    "REASSIGNED": "reassigned reasignado reattribue",
    "PART": "part",
    "HERE": "here",
    "THERE": "there theres",
    "TOO": "too",
    "SWEAR": "fucking fuckin effing freaking freakin frickin damn dam dang darn stinking goddamn bloody ass hell heck tf",
    "LAUGH": "lol lmao lmfao rofl haha hahaha hehe jk jajaja jaja mdr ptdr lolol kidding joking funny hilarious "
    "hammer killing blush blushing collaborate",
}

# What a reply complains of or reports: for the weak net and the signals.
TROUBLE = {
    "SUE": "sue suing lawsuit court cops fcc ftc cfpb bbb complaint complaints charges authorities "
    "consequences police legal",
    "REPORT": "report reported reporting",
    "LAW": "tcpa fdcpa",
    "DISPUTE": "dispute disputing disputed disputes",
    "OWE": "owe owed",
    "PAID": "paid payed",
    "VALIDATE": "validate validation",
    "FRAUD": "fraud fraudulent identity stolen",
    "BANKRUPT": "bankruptcy bankrupt bankrupcy bankruptsy bankrupsy ch7 ch11 ch13",
    "CHAPTER": "chapter ch",
    "NOBODY": "nobody noone",
    "NAMED": "named called",
    "LAID": "laid",
    "HARDSHIP": "hardship unemployed unemployment disability disabled struggling homeless evicted hospital surgery"
    " broke layoff furloughed",
    "LAWYER": "atty attys lawyer lawyers lawer lawyr attorney attorneys attorny atorney attourney counsel",
    "ILLEGAL": "illegal unlawful violation violating",
    "HARASSMENT": "harassment",
    "FUCK": "gtfo fuck fck fuk fuc fvck phuck fcuk screw eff bugger sod",
    "HOSTILE": "asshole assholes bitch bitches idiot idiots moron morons scum scumbag scumbags bastard bastards cunt prick"
    " dickhead motherfucker motherfuckers stfu",
    "ANNOYING": "annoying ridiculous irritating creepy",
    "SIGNED": "signed sign signing signup agreed agree enrolled",
    "TIRED": "through cansado cansada canse tired sick fed done finished",
    "MANY": "many much often constantly",
    "INTERESTED": "interested intrested",
    "BYE": "bye goodbye",
    "WRONG": "wrong wrng worng wrogn wong incorrect",
    "DEAD": "dead died passed",
    "DIE": "die morir morirme mourir",
    "SUICIDE": "suicide suicidal suicidio suicidarme suicider matarme",
    "MYSELF": "myself",
    "HURT": "hurt harm",
    "LIFE": "life alive",
    "MINOR": "minor underage",
    "DECEASED": "deceased",
    "PROOF": "proof",
    "HELP": "help assistance",
    "AFFORD": "afford",
    "BETTER": "best",
    "LOVE": "love loving enjoy",
    "GOD": "god gods christ christs pete petes heaven heavens sake sakes",
    "PAY": "payment payments withdrawal pmt pmts pymt pymnt autopay autopayment autopayments autodraft draft drafts debit"
    " debits withdrawals charge "
    "charging card cards check checks fee fees interest garnishment garnishments deduction deductions transaction "
    "renewal refund billing bill bills money repo repossession foreclosure eviction debt debts loan balance plan "
    "plans arrangement ach pay credit adding insurance warranty paperless overdraft wages garnishing debiting"
    " deducting installments chk collections statement statements",
    "ACCOUNT": "account accounts acct accts",
    "APPT": "appointment appointments appt reservation membership order policy trip vacation flight contract "
    "netflix gym lease cable",
    "DAY": "tonight tonite morning mornings night nights evening evenings afternoon weekend weekends weekdays monday mondays"
    " tuesday "
    "tuesdays wednesday wednesdays thursday thursdays friday fridays saturday saturdays sunday sundays noon midnight "
    "late early tomorrow today week weeks month months day days hours pm daytime nighttime everyday daily hour"
    " minutes",
    "WORRY": "worrying worry stressing stress thinking believing laughing crying playing raining smoking drinking"
    " spending working trippin tripping bleeding eating growing snowing paying",
    "THINK": "think believe guess",
    "FAILED": "received gotten came come arrived hesitate link attached receipt ignore disregard saw see read went"
    " resend deliver",
    "BUSY": "driving drive meeting busy asleep sleeping church class",
}

CLASSES = ENDING | REACHING | PARTIES | FRAME | INSERTED | TROUBLE
