"""Owns the words: which class each English, Spanish and French word of a reply belongs to.

Does not own the order they come in (`grammar`, `exclusions`, `signals`) or their misspellings (`spelling`).

Every word is in exactly one class and every class is one character, so that a reply becomes a short string over
classes ("please stop texting me" is POLITE STOP TEXTING ME) and a grammar rule is a regular expression over that
string. Words are stored folded: lower case, no accents, no apostrophes. Sources: the per-se words of 47 CFR
64.1200(a)(10); CTIA Messaging Principles 5.1.3 (variants and natural language); the word lists of carriers and
platforms; real sentences of consumers.
"""

import re


def _forms(stems: str, endings: str, clitics: str = "") -> str:
    """Every stem with every ending and clitic: `_forms("borr quit", "e en", "- me")` is borre borren borreme …

    A lone "-" stands for the empty ending.
    """
    tails = [e + c for e in endings.replace("-", " ").split(" ") for c in (clitics or "-").replace("-", " ").split(" ")]
    return " ".join(dict.fromkeys(stem + tail for stem in stems.split() for tail in tails))


_ES_ME = "- me nos"

ENGLISH = {
    # Verbs of ending. STOP is apart from QUIT and END, which mean other things far more often.
    "STOP": "stop stopp stpo sotp tsop stp stahp stawp stap stopall stop2end stop2quit stop2stop stope stopit",
    "QUIT": "quit kwit quitt",
    "CEASE": "cease desist halt discontinue refrain abstain seize discontinued",
    "END": "end",
    "CANCEL": "cancel cancle cansel cancell cancelle",
    "KILL": "terminate deactivate disable silence kill suspend disconnect",
    "TURN": "turn shut switch cut shutting turning",
    "STOPPING": "stopping quitting ceasing",
    "STOPPED": "stopped quitted",
    "STOPS": "stops",
    "STOPSIGN": "sign signs light lights shop gap loss watch drop over presses",
    "UNSUB": "unsub unsubscribe unsubs unsubscribes unsubscription unsuscribe unsubcribe desubscribe",
    "UNSUBBED": "unsubscribed unsubscribing unsubbed unsubbing",
    "OPT": "opt",
    "OPTING": "opting",
    "OPTED": "opted opped",
    "OPTOUT": "optout optoutall",
    "REVOKE": "revoke rescind withdraw retract revok withdrawal",
    "REVOKED": "revoked withdrawn rescinded revoking withdrawing rescinding",
    "REMOVE": "remove delete erase purge scrub wipe strike exclude unenroll disenroll unregister deregister scratch drop "
    "rmv delist rid removing deleting",
    "REMOVED": "removed deleted erased unenrolled removal deletion unlisted",
    "TAKE": "take get pull cross keep tke",
    "TAKEN": "taken gotten crossed",
    "LOSE": "lose loose forget misplace",
    "LEAVE": "leave leav leaving",
    "ALONE": "alone",
    "BLOCK": "block",
    "BLOCKING": "blocking blocked blacklisted",
    "GO": "go",
    "AWAY": "away",
    "OFF": "off",
    "OUT": "out",
    # Verbs and nouns of reaching somebody.
    "TEXT": "text txt message msg mesg messg tex mssg",
    "TEXTS": "texts txts messages msgs massages mssgs mesgs textmessages sms mms txtmsgs texto textos textes mensaje "
    "mensajes mensages mensajitos smses sms's",
    "TEXTING": "texting txting messaging msging texing tetxing textin textn txtin txtn messagin msgin texten textng "
    "messageing texted",
    "MISHEARD": "testing taxing tax test",
    "CONTACT": "contact reach",
    "CONTACTING": "contacting reaching",
    "BOTHER": "bother harass bug disturb pester annoy hound badger spamming ping hassle",
    "BOTHERING": "bothering harassing bugging pestering annoying hounding badgering stalking pinging hassling buggin "
    "botherin disturbing harrassing harrasing",
    "SEND": "send",
    "SENDING": "sending sendin sent",
    "HIT": "hit",
    "HITTING": "hitting blowing hittin blowin bombarding flooding",
    "ASKING": "asking askin begging",
    "RECEIVE": "receive recieve receiving recieving getting gettin",
    "HEAR": "hear hearing",
    "ALERTS": "alert alerts notification notifications notifs reminder reminders announcements updates promos promo "
    "promotions promotional ads marketing newsletters offers blasts recordatorios avisos notificaciones alertas rappels "
    "alertes promociones promocion",
    "COMM": "communication communications correspondence contacts comms outreach comunicacion comunicaciones",
    "SPAM": "spam spams spammy scam junk spammer scammer scammers",
    "SUBSCRIPTION": "subscription suscripcion subscripcion abonnement enrollment",
    "AUTO": "automated automatic robo bot bots robot auto machine computer annoying stupid dumb constant unwanted "
    "unsolicited silly crap crappy bs bullshit endless nonsense",
    # Other channels.
    "CALL": "call phoning ring dial phone phones",
    "CALLING": "calling callin ringing dialing",
    "CALLS": "calls phonecalls robocalls voicemails voicemail llamadas appels",
    "EMAIL": "email emails emailing mailings correo correos courriel courriels",
    "LETTER": "letter letters mail mailing paper postal mails carta cartas lettre lettres courrier",
    # The consumer, the phone, the list.
    "I": "i im ive id ill we were weve",
    "ME": "me us meee",
    "MY": "my our ours mine mi mis",
    "NUMBER": "number num nbr line phone# numbers telephone cell cellphone numero telefono celular tel # nmbr numer",
    "NAME": "name info information details contactinfo",
    "LIST": "list lists database system records record file program thread roster registry robot lista listas liste "
    "listes sistema dialer chat group mailing-list",
    "CONSENT": "consent permission authorization authorisation consentimiento permiso consentement autorisation "
    "permisson autorizacion",
    "AUTHORIZE": "authorize authorise consented autorizo acepto",
    # Negation, modality, the rest of the frame.
    "DONT": "dont donot dnt doesnt",
    "DO": "do",
    "NOT": "not",
    "NEVER": "never nvr",
    "NO": "no",
    "NON": "non",
    "MORE": "more further additional mor",
    "LONGER": "longer",
    "AGAIN": "again anymore nomore anymor agian evermore",
    "WANT": "want wanna wish need care desire like",
    "PREFER": "prefer rather",
    "REQUEST": "request demand asking ask requesting demanding requested asked beg insist",
    "TOLD": "told tell telling tol",
    "SAID": "said say saying says replied texted typed wrote",
    "MUST": "gotta must should better needs have has had hafta",
    "MAKE": "make",
    "BE": "be being been is am are was",
    "GIVE": "give grant given gave",
    "CANT": "cant wont couldnt wouldnt didnt isnt arent aint wasnt shouldnt cannot havent hasnt",
    "CAN": "can could would",
    "WILL": "will shall gonna going",
    "DID": "did does",
    "WHY": "why",
    "HOW": "how comment",
    "WHEN": "when cuando quand",
    "IF": "if unless once whenever si",
    "WHO": "who whos",
    "WHAT": "what whats wat",
    "WHERE": "where",
    "YOU": "you u ya yall yous youse",
    "YOUR": "your ur youre yours",
    "HE": "he she they it that's thats hes shes theyre itll",
    "HIM": "him her them his their",
    "THIS": "this these those that",
    "IT": "its",
    "THE": "the da",
    "A": "a an another",
    "ALL": "all any every everything anything each todo todos toda todas tous toutes tout",
    "OF": "of",
    "TO": "to 2",
    "FROM": "from frm",
    "WITH": "with w",
    "IN": "in into on at by",
    "FOR": "for",
    "AND": "and n or nor y",
    "BUT": "but instead",
    "AS": "as until till before after b4 til during while",
    "UP": "up",
    "ENOUGH": "enough",
    "ONE": "one next 1",
    "NONE": "nothing nada rien stuff shit crap things",
    # Free insertions: politeness, address, adverbs, oaths. They never change what is asked.
    "POLITE": "please pls plz plse plss pleas plese plase pl kindly thanks thank thx thnx ty tysm tks appreciate sir maam "
    "madam hi hello hey hola bonjour greetings por favor porfa porfavor gracias svp sil vous plait stp merci veuillez "
    "thankyou okay ok k kk pleeease yo sorry hiya ahem guys people folks company bro bruh dude man girl mate "
    "mam señor senor oigan oiga hermano thanku tanks",
    "FILL": "just now already immediately asap right rn ever so really simply only even forever today effective "
    "permanently completely officially once-more yet kind very fr tho though well yeah yea oh omg ugh smh wtf "
    "here altogether forthwith hereby time times last period comma ya-basta nicely hence also too "
    "inmediatamente ya ahora immediatement maintenant tout-de-suite entirely totally nah ahead",
    "SWEAR": "fucking fuckin effing freaking freakin frickin damn dam goddamn bloody ass hell heck tf",
    "LAUGH": "lol lmao lmfao rofl haha hahaha hehe jk jajaja jaja mdr ptdr lolol kidding joking",
}

TROUBLE = {
    # What a reply complains of or reports; used by the weak net and the signals.
    "SUE": "sue suing lawsuit court legal police cops fcc ftc cfpb bbb tcpa fdcpa complaint harassment report reported "
    "reporting lawyer attorney abogado avocat charges authorities consequences attorneys lawyers reports",
    "FUCK": "fuck fck fuk fuc fvck phuck fcuk screw eff foutre f",
    "HOSTILE": "asshole assholes bitch bitches idiot idiots moron morons scum bastard bastards cunt prick pendejo "
    "pendejos cabron cabrones connard connards dickhead dickheads motherfucker motherfuckers",
    "TIRED": "tired sick fed done harto harta hartos marre finished",
    "MANY": "many much often constantly",
    "INTERESTED": "interested intrested interesa interesado interesada interesse interessee",
    "BYE": "bye goodbye adios goodby",
    "WRONG": "wrong wrng incorrect equivocado equivocada mauvais mauvaise faux",
    "PERSONWORD": "person guy man's woman dude's party individual persona personne gal",
    "PERSON": "husband wife mom mother mum mama dad father son daughter kid kids brother sister boyfriend girlfriend "
    "family parents grandma grandmother grandson neighbor roommate coworkers coworker friend friends esposo esposa "
    "hijo hija madre padre mari femme relatives references ex roommates inlaws",
    "JOB": "work job employer boss office workplace trabajo travail bureau jobs",
    "PAY": "payment payments autopay autopayment autopayments autodraft draft drafts debit debits withdrawals charge "
    "charges charging card cards check checks cheque fee fees interest garnishment garnishments deduction deductions "
    "transaction renewal refund paying billing bill bills withdrawing money repo repossession foreclosure clock eviction "
    "debt loan balance plan plans arrangement account accounts pago pagos cargo cargos tarjeta cobrar cobren cobro "
    "prelevement prelevements paiement paiements carte frais cuenta compte deuda dette ach autopago pay paid taking credit "
    "adding reporting insurance warranty paperless overdraft installments factura facture statement statements",
    "APPT": "appointment appointments appt meeting reservation membership order policy trip vacation cita rendezvous "
    "flight contract service netflix gym lease cable",
    "DAY": "morning mornings night nights evening evenings afternoon weekend weekends weekdays monday mondays tuesday "
    "tuesdays wednesday wednesdays thursday thursdays friday fridays saturday saturdays sunday sundays noon midnight "
    "late early tomorrow week weeks month months year day days hours am pm daytime nighttime lunes domingo noche manana "
    "mes semana dia mois jour semaine soir matin viernes vendredi lundi dimanche hour minute minutes half",
    "DEAD": "deceased dead died fallecio murio decede decedee passed fallecido fallecida",
    "OLD": "old new second duplicate other former previous vieja viejo ancienne ancien vieux",
}

SPANISH = {
    "ES_STOP": "alto parar pare paren pares parad deje dejen deja dejar dejes dejad detener detenga detengan detente "
    "cese cesen cesar basta finalizar terminen termine",
    "ES_PARA": "para paro",
    "ES_CANCEL": "cancelar cancele cancelen cancela cancelenme anular anule anulen",
    "ES_LEAVE": "dejeme dejenme dejame dejarme dejennos dejenos dejanos dejadme",
    "ES_ALONE": "paz tranquilo tranquila tranquilos tranquilas",
    "ES_SEND": _forms("mand envi contact text texte mensaj molest busqu", "e en es", _ES_ME)
    + " "
    + _forms("escrib insist", "a an as", _ES_ME)
    + " "
    + _forms("mand envi contact text texte mensaj molest", "ar ando", _ES_ME)
    + " escribir escribirme escribirnos escribiendo chingar chingando joder jodiendo fastidiar fastidien acosar acosarme "
    "acosen escribais mandeis envieis mandarle",
    "ES_CALL": _forms("llam", "ar arme e en eme enme es ando") + " marcar marquen",
    "ES_REMOVE": _forms("borr elimin retir tach suprim cancel", "e en a ar", "me nos")
    + " "
    + _forms("borr elimin tach", "e en a ar")
    + " "
    + _forms("quit saqu remuev desafili desinscrib remov", "e en ar er a an", _ES_ME)
    + " quita quitame quitar quitarme saca sacame sacar sacarme remover removerme suprima supriman removerme retire retiren "
    "retirar suprime",
    "ES_BAJA": "baja bajas",
    "ES_DAR": "dar darme den denme deme dame denos dese de-me",
    "ES_UNSUB": _forms("desuscrib desinscrib dessuscrib desubscrib dessubscrib", "ir irme ame anme eme ir", "-")
    + " desuscripcion salirme",
    "ES_SALIR": "salir salirse fuera",
    "ES_WANT": "quiero deseo quisiera necesito queremos deseamos gustaria pido solicito exijo",
    "ES_RECEIVE": "recibir recibiendo reciba recibo",
    "ES_MAS": "mas nunca jamas",
    "ES_ME": "nos le les se lo",
    "ES_VUELVA": "vuelva vuelvan vuelvas volver esten este estar sigan siga",
    "ES_QUE": "que",
    "ES_HAVE": "tienen tiene doy di dado tengo",
    "ES_REVOKE": "revoco retiro anulo revocar retirar-mi",
    "ES_WRONG": "equivoco equivocaron equivocas equivoque equivocados",
    "ES_HELL": "mierda carajo diablo chingada verga",
    "ES_GO": "vayanse vayase vete vaya chinga chinguen chingen",
    "ES_MADRE": "tu su",
}

FRENCH = {
    "FR_NE": "ne n",
    "FR_PLUS": "plus",
    "FR_PAS": "pas",
    "FR_M": "m",
    "FR_STOP": "arretez arrete arreter arretes cessez cesse cesser stoppez stopper arret",
    "FR_SEND": "ecrivez ecris ecrire ecrive envoyez envoie envoyer envoies textez texte texter contactez contacte contacter "
    "derangez deranger derange harceler harcelez embeter embetez spammer relancer relancez recontacter recontactez "
    "sollicitez solliciter envoyiez ecriviez contactiez",
    "FR_CALL": "appelez appeler telephonez telephoner",
    "FR_REMOVE": "enlevez enlever enleve effacez effacer efface supprimez supprimer supprime otez rayez rayer radiez "
    "radier retirez sortez",
    "FR_MOI": "moi nous",
    "FR_MON": "mon ma mes notre",
    "FR_VOS": "vos votre tes ton ces cette ce",
    "FR_UNSUB": _forms("desabonn desinscri", "er ez e ment -s ption re vez s") + " desabonnement desinscription",
    "FR_WANT": "veux veut voudrais souhaite souhaitons desire desirons voulons aimerais",
    "FR_RECEIVE": "recevoir reception",
    "FR_ETRE": "etre suis",
    "FR_ANNUL": "annulez annuler annule resilier resiliez desactivez desactiver",
    "FR_LEAVE": "laissez laisse laisser foutez fichez fous fiche",
    "FR_ALONE": "tranquille tranquilles paix",
    "FR_TROMPEZ": "trompez trompe",
    "FR_REVOKE": "revoque",
    "FR_GO": "allez va degagez degage",
    "FR_DE": "de d des du",
    "FR_J": "j",
}

CLASSES = ENGLISH | TROUBLE | SPANISH | FRENCH

# Determiners and prepositions of Spanish and French that carry nothing: they count as free insertions.
CLASSES["POLITE"] += " el la los las sus esos estos esa ese esta un una del a-la al aux les le au mucho"

# Clause marks and emoji: 🛑 🚫 ❌ ⛔ 🔕 📴 🖕 opt out; ✖ ❎ ✋ 🙅 might.
OPT_OUT_EMOJI = "🛑🚫❌⛔🔕📴🖕"
HOLD_EMOJI = "✖❎✋🙅"
JOKE_EMOJI = "😂🤣😆😹😜😝🤪"
_MARKS = {
    "DOT": ". ! ; \n …",
    "ASK": "?",
    "COMMA": ", : ( ) \" « » — – -",
    "EMOJI_OUT": " ".join(OPT_OUT_EMOJI),
    "EMOJI_HOLD": " ".join(HOLD_EMOJI),
    "EMOJI_JOKE": " ".join(JOKE_EMOJI),
}
