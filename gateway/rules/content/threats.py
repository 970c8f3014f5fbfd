"""Threats of arrest, seizure, garnishment and legal steps.

Owns: what such a threat sounds like, and what only mentions one. Does not own: who may approve a template that names legal
steps (the context says whether it was).

A threat of steps that are not intended or not lawful is forbidden to collectors (15 USC 1692e(4) and (5)) and, in
Massachusetts, to creditors too (940 CMR 7.04(1)(b) names arrest, seizure and legal action). Whether a step is intended
cannot be read off a text, so each needs a lawyer's approval. A text that says that no such step is meant is no threat.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.rules.content.finding import ContentCode, ContentContext, ContentFinding, Level
from gateway.rules.content.reading import Reading
from gateway.rules.content.wording import Table, Wordings

_ASSETS: Final = (
    "property|properties|assets?|goods|belongings|wages|paychecks?|pay|salary|earnings|bank|accounts?|money|funds|vehicles?"
    "|cars?|trucks?|homes?|houses?|refunds?|licen[cs]es?"
)
_HANDED: Final = (
    "sen[dt]|sending|refer|referred|referring|forward|forwarded|turn|turned|turning|transfer|transferred|hand|handed|pass|passed"
    "|given|assigned|going|go|goes|moved|moving|escalate|escalated|placed"
)

_ENGLISH: Final[Table] = {
    "legal legally": (
        "legal (actions?|proceedings?|consequences|steps|measures|remedies|remedy|recourse|suit|prosecution"
        "|enforcement|judge?ments?|collections?)",
        "(final|last) legal notice",
        f"({_HANDED}) (W ){{0,4}}(to|into) (our |the |a |an )?legal",
        "legally (pursue|pursued|enforce)",
        "(proceed|proceeding|pursue|pursued|enforced?) (W ){0,2}legally",
        "(pursue|pursuing|consider|considering|explore|exploring) (W ){0,3}legal (options?|avenues?)",
        "legal (team|counsel|staff|partners?) (W ){0,6}(against|sue|court|proceedings|file|filing|pursue)",
    ),
    "lawsuit lawsuits": "(?<!action\\s)lawsuits?",
    "sue sued suing": (
        "(will|ll|shall|may|might|could|can|must|to|or) (W ){0,1}sue( you| now| for)",
        "(will|ll|shall|must|(intend|going|plan|planning|prepared|ready|decided|forced|right|about|have) to) (W ){0,1}sue",
        "(we|they|client|creditor|lender|landlord) (may|might|could|can) sue",
        "(be|being|been|get|getting|are) sued",
        "suing (you|for)",
    ),
    "suit": "(file|files|filed|filing|bring|bringing|brought) (W ){0,2}suit",
    "litigation litigate litigated": "(litigation|litigated?)",
    "court": (
        "(take|taking|taken|see|bring|drag|haul) (W ){0,4}(to|in|into|before) (small claims )?(the )?court",
        f"({_HANDED}|file|filed|filing|proceed) (W ){{0,4}}(to|in|into|with) (small claims )?(the |a )?court",
        "(we|this|it|case|account|matter|file) (will|may|could|might|can|ll|is going to) (W ){0,2}(to|in) court",
        "court (action|actions|proceedings|judge?ments?|papers|summons|claim)",
    ),
    "judgment judgement judgments judgements": (
        "judge?ments? (W ){0,3}(against|entered|filed|obtained|granted)",
        "(obtain|seek|enter|file|get|pursue|request|default) (W ){0,2}judge?ments?",
    ),
    "ccj": "ccj",
    "bailiff bailiffs": "bailiffs?",
    "arrest arrested arresting arrests": "(?<!cardiac\\s)(?<!respiratory\\s)arrest(ed|ing|s)?",
    "warrant warrants": (
        "warrants? (W ){0,3}(issued|out|arrest|served|against)",
        "(a|an|the|bench|arrest|issue|issued|active|outstanding) warrants?",
    ),
    "jail prison": (
        "(to|in|into|face|facing|risk|be|of|or|and|behind) (W ){0,1}(jail|prison)",
        "(jail|prison) (time|sentence|terms?)",
    ),
    "jailed imprisoned imprisonment incarcerated incarceration": "(jailed|imprisoned|imprisonment|incarcerated|incarceration)",
    "police sheriff sheriffs constable deputy deputies": (
        "(police|sheriffs?|constable|deputy|deputies) (W ){0,2}(will|ll|are|is|may|has been|have been) (W ){0,3}"
        "(come|coming|visit|visiting|serve|serving|arrive|arriving|dispatched|sent|contacted|notified|called|knock|way|pick)",
        "(we|i|ll) (W ){0,3}(call|calling|contact|notify|involve|send|sending|alert) (W ){0,1}(police|sheriffs?|constable)",
        "report(ed|ing)? you to (W ){0,1}(police|sheriff)",
    ),
    "authorities": ("report(ed|ing)? (you|W account) to (W ){0,2}authorities", "immigration authorities"),
    "criminal": "criminal(ly)? (charges?|complaints?|prosecution|prosecuted|offen[cs]e|proceedings|action)",
    "charged": "(be|being|get) charged with (W ){0,2}(theft|fraud|crime|larceny|felony|misdemeanor)",
    "prosecute prosecuted prosecuting prosecution": "(prosecuted?|prosecuting|prosecution)",
    "garnish garnished garnishing garnishes": (
        f"garnish(ed|ing|es)? (W ){{0,2}}({_ASSETS})",
        f"({_ASSETS}) (W ){{0,3}}garnished",
        "(be|get|getting|will|ll|may|can|could|or) garnish(ed)?",
    ),
    "garnishment garnishments garnishee": (
        "(garnishments?|garnishee)(?! (W ){0,3}(released|lifted|ended|stopped|removed|received|payment|over|satisfied))"
    ),
    "seize seized seizing": (
        f"seiz(e|ed|ing) (W ){{0,3}}({_ASSETS})",
        "(be|being|get|been) seized",
    ),
    "seizure": (f"seizure of (W ){{0,2}}({_ASSETS})", f"({_ASSETS}) seizure"),
    "repossess repossessed repossessing repossession": "repossess(ed|ing|ion)?",
    "repo": "(to|for|be|up for|avoid) repo",
    "lien liens": (
        "(place|placed|placing|put|file|filed|filing|record|recorded|attach) (W ){0,3}liens?",
        "liens? (W ){0,1}(will|may|can|could) be (placed|filed|put|recorded)",
        f"(becomes?|results? in|leads? to|risk|face|facing) (W ){{0,1}}liens? (on|against) (W ){{0,2}}({_ASSETS})",
    ),
    "levy levied levying": (
        f"({_ASSETS}) (W ){{0,4}}lev(y|ied)",
        f"lev(y|ied|ying) (W ){{0,3}}({_ASSETS})",
    ),
    "attach attachment": "attach(ment)? (W ){0,3}(wages|salary|paycheck|earnings)",
    "foreclose foreclosed foreclosing foreclosure": "foreclos(e|ed|ing|ure)",
    "evict evicted evicting": "(be|will|ll|to|get|being|and|or|can|may) (W ){0,1}evict(ed|ing)?",
    "eviction": (
        "(avoid|face|facing|risk|prevent|before|begin|start|file|filed|for) (W ){0,2}eviction",
        "eviction (W ){0,2}(notice|proceedings?|process|filing|case|action|will|starts?|begins?|papers)",
    ),
    "deported deportation": "(deported|deportation)",
    "immigration": (
        "immigration (authorities|officers?|officials|police|enforcement)",
        "report(ed|ing)? you to (W ){0,1}immigration",
    ),
    "attorney attorneys lawyer lawyers solicitor solicitors": (
        f"({_HANDED}) (W ){{0,5}}(to|with) (W ){{0,3}}(attorneys?|lawyers?|solicitors?)",
        "(our|an|the) (attorneys?|lawyers?|solicitors?) (W ){0,3}(file|sue|pursue|proceed|begin|start|take)",
    ),
    "firm": f"({_HANDED}) (W ){{0,5}}to (W ){{0,3}}law firm",
    "summons subpoena": "(served?|serving|issued?|get|a|court) (W ){0,3}(?<!jury\\s)(summons|subpoena)",
    "papers": "serv(e|ed|ing) (W ){0,3}papers",
    "server": "process server",
    "contempt": "contempt of court",
}
_SPANISH: Final[Table] = {
    "legal legales judicial judiciales penal penales": (
        "(accion|acciones|medidas?|procesos?|procedimientos?|tramites?|vias?|demandas?|cobro|cobranza|consecuencias)"
        " (legal(es)?|judicial(es)?|penal(es)?)",
        "(cargos|denuncia|querella) (penal(es)?|legal(es)?)",
        "proceder(emos)? (legal|judicial)mente",
    ),
    "legalmente judicialmente": "(proceder|procederemos|actuar|actuaremos) (legal|judicial)mente",
    "demanda demandas": (
        "(presentar|presentaremos|interponer|interpondremos|iniciar|iniciaremos|entablar|entablaremos|poner|pondremos)"
        " (W ){0,2}demandas?",
        "demandas? (en su contra|contra usted|civil(es)?)",
    ),
    "demandar demandarlo demandarla demandarle demandarte demandaremos": "demandar(lo|la|le|te|emos)?",
    "demandado demandada": "(ser|sera|seria|siendo) demandad[oa]",
    "arresto arrestos arrestado arrestada arrestar arrestarlo arrestarla": "arrest(o|os|ado|ada|ar|arlo|arla)",
    "embargo embargos": "(?<!sin\\s)embargos?",
    "embargar embargaremos embargara embargaran embargado embargada embargados embargarle": (
        "embarg(ar|aremos|ara|aran|ado|ada|ados|arle)"
    ),
    "carcel": "carcel",
    "prision": "(a|en|la|de) prision",
    "policia": (
        "(llamar|llamaremos|enviar|enviaremos|avisar|avisaremos|denunciar\\w{0,6}) (W ){0,3}policia",
        "policia (W ){0,1}(ira|vendra|llegara|va)",
    ),
    "tribunal tribunales corte juzgado juicio juez": (
        "(llev(ar|arlo|arla|arle|ado|ada|aremos)|ira|ir|iremos|acudir|acudiremos|iniciar|iniciaremos) (W ){0,4}"
        "(tribunal|tribunales|corte|juzgado|juicio)",
        "(ante|con) (W ){0,1}(tribunal|tribunales|corte|juzgado|juez)",
        "(evite|evitar|evitemos) (W ){0,1}juicio",
    ),
    "abogado abogados": (
        "(enviad[oa]|enviar(emos)?|remitid[oa]|turnad[oa]|pasad[oa]|pasar(emos)?|transferid[oa]) (W ){0,4}abogados?"
    ),
    "deportado deportada deportacion": "(deportad[oa]|deportacion)",
    "desalojo desalojado desalojada desalojaremos": "desaloj(o|ado|ada|aremos)",
    "cargos": "cargos (criminales|penales)",
    "alguacil": "alguacil",
}
_FRENCH: Final[Table] = {
    "poursuites poursuite": (
        "poursuites? (W ){0,2}(judiciaires?|penales?|legales?|justice)",
        "(engager|engagerons|entamer|entamerons|intenter|intenterons|eviter|evitez) (W ){0,2}poursuites?",
        "poursuites? (seront|sera|contre)",
    ),
    "poursuivre poursuivi poursuivie poursuivrons poursuivra": (
        "poursuiv(re|i|ie|rons) (W ){0,2}(justice|tribunaux|tribunal)",
        "(nous|on) (W ){0,2}vous poursuiv(re|rons|ra)",
        "(etre|serez) poursuivie?",
    ),
    "justice": "(actions?|recours|porter|traduire|traduit) (W ){0,3}(en|devant la) justice",
    "judiciaire judiciaires legale legales": "(actions?|procedures?|mesures|recours|demarches|voie) (judiciaires?|legales?)",
    "huissier huissiers": "huissiers?",
    "saisie saisies saisir saisira saisirons saisiront": (
        "sais(ie|ies|ir|ira|irons|iront) (W ){0,3}(salaires?|biens|comptes? bancaires?|vehicules?|immobiliere|mobiliere|arret)",
        "saisir (W ){0,1}(tribunal|tribunaux|juge)",
    ),
    "saisi saisie saisis": "(salaires?|biens|comptes? bancaires?|vehicules?|meubles) (W ){0,3}(sera|seront|etre) saisi[es]?",
    "prison": "(la|en|de) prison",
    "emprisonne emprisonnee emprisonnement": "emprisonn(e|ee|ement)",
    "tribunal tribunaux": "(devant|au|aux) (W ){0,1}(tribunal|tribunaux)",
    "arrestation": "arrestation",
    "arret": "mandat d arret",
    "arrete arretee": "(etre|serez|sera|faire|faites) (W ){0,1}arretee?",
    "injonction": "injonction de payer",
    "demeure": "mise en demeure",
    "avocat avocats": "(transmis|transmettre|transmettrons|confie|confier|confierons|remis) (W ){0,5}avocats?",
    "expulsion expulse expulsee": "((avis|procedure|mesure|risque) d|(risquez|eviter) l|etre|serez) expuls(ion|ee?)",
}

# What stands between a denial and what it denies ("we will never threaten you with arrest or ..."). Any other word ends
# the denial: in "if not paid legal action will follow" nothing is denied.
_DENIED: Final = re.compile(
    r"\b(?:no|not|never|nor|without|cannot|[a-z]{2,6}n[^\w.!?;,\n]t|jamais|aucune?|pas|sin|nunca|jamas|ningun|ninguna)[^\w.!?;:,\n]{1,4}"
    r"(?:(?:take|takes|taking|taken|threaten|threatens|threatening|a|an|any|the|be|is|being|been|to|of|threat|threats|ask|you"
    r"|with|about|for|or|and|initiate|pursue|file|this|intend|have|has|subject|it|we|going|call|demand|arrest|legal|lawsuit|lawsuits"
    r"|jail|court|action|garnishment"
    r"|se|tomara|tomaran|tomaremos|hay|habra|amenaza|amenazas|amenazamos|amenazaremos|con|de|un|una|es|esto|ni"
    r"|d|l|la|le|les|des|menacer|menace|menacons|vous|est|sera|engagee?|prevue?)[^\w.!?;:,\n]{1,4}){0,9}$"
)

THREATS: Final = Wordings(_ENGLISH, _SPANISH, _FRENCH, unless=_DENIED)


def find_threats(reading: Reading, context: ContentContext, words: frozenset[str]) -> Iterator[ContentFinding]:
    """Talk of legal steps and force, unless a lawyer approved it."""
    if context.legally_approved:
        return
    for start, end in THREATS.find(reading, words):
        yield ContentFinding(
            ContentCode.THREAT,
            Level.REFUSE,
            start,
            end,
            "it can be read as a threat of arrest, seizure, garnishment or legal action",
            "say neutrally what is due and what the person can do, or have the template legally approved",
        )
