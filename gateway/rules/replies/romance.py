"""Owns the Spanish and French words of a reply, by class.

Does not own English (`english`) or how classes combine (`grammar`). Words are folded: lower case, no accents, French
elisions apart (m'envoyer is "m envoyer"). Verbs are given by stem and ending, because "no me manden" (do not send me)
and "no me mandan" (they do not send me) are told apart by nothing else.
"""


def forms(stems: str, endings: str, clitics: str = "-") -> str:
    """Every stem with every ending and clitic: `forms("borr", "e en", "- me")` is "borre borreme borren borrenme".

    "-" stands for nothing added.
    """
    tails = [ending + clitic for ending in endings.split() for clitic in clitics.split()]
    return " ".join(stem + tail.replace("-", "") for stem in stems.split() for tail in tails)


_ME = "- me nos"

SPANISH = {
    # With "de"; alone, to leave.
    "ES_QUIT": "deje dejen deja dejar dejes dejad evite eviten evitar abstenerse abstengase abstenganse",
    "ES_STOP": "detenganse detengase detente alto parar pare parele parenle parale paren pares detener detenga detengan"
    " cese cesen cesar "
    "basta termina termine terminen",
    "ES_PARA": "para",
    "ES_TALK": "busque busquen busques buscar buscando hable hablen hables marque marquen",
    "ES_CANCEL": "apagar apaga apague apaguen silenciar silencie silencien suspender suspenda suspendan"
    " desactivar desactive desactiven cancelar cancele cancelen cancela"
    " anular anule anulen",
    "ES_LEAVE": "dejeme dejenme dejame dejarme dejenos dejanos",
    "ES_ALONE": "paz tranquilo tranquila tranquilos tranquilas",
    # Subjunctive and infinitive only: these command and forbid; the indicative reports.
    "ES_SEND": forms("mand envi texte mensaje molest spame freg hostig hostigu", "e en es ar ando")
    + " textien textie texties"
    + " "
    + forms("contact", "en es ar ando")
    + " "
    + forms("escrib insist", "a an as ir iendo")
    + " "
    + forms("jod", "a an er iendo")
    + " "
    + forms("ching fastidi acos", "e en ar ando")
    + " chinguen",
    "ES_SEND_ME": forms("mand envi texte mensaje molest spame freg contact hostig", "e en es ar ando", "me nos")
    + " "
    + forms("escrib", "a an as ir iendo", "me nos")
    + " "
    + forms("jod", "er iendo", "me nos")
    + " "
    + forms("ching fastidi acos", "ar ando", "me nos"),
    "CONTACTE": "contacte",  # Spanish and French
    "ES_CALL": forms("llam", "e en es ar ando", _ME),
    "ES_REMOVE": forms("borr elimin tach quit sac", "en ar")
    + " borra elimina quita saca borre elimine saquen remuevan remover retire retiren",
    "ES_REMOVE_ME": forms("borr elimin tach quit saqu sac remuev remov desafili retir", "e en a an ar er", "me nos"),
    "ES_REMOVE_IT": forms("borr elimin quit saqu", "e en a", "lo la los las"),
    "ES_BAJA": "baja",
    "ES_DAR": "dar darme den denme deme dame denos",
    "ES_UNSUB": forms("desuscrib desubscrib desinscrib dessuscrib", "ir irme irse eme anme an") + " desuscripcion",
    "ES_SALIR": "salir salirme",
    "ES_WANT": "quiero deseo quisiera necesito queremos pido solicito exijo gustaria",
    "ES_RECEIVE": "recibir recibiendo",
    "ES_MAS": "mas",
    "ES_NUNCA": "nunca jamas",
    "ES_ME": "nos se lo te",
    "ES_VUELVA": "seguir continuar vuelva vuelvan vuelvas volver esten estar sigan siga",
    "ES_QUE": "que",
    "ES_HAVE": "tienen tiene doy tengo",
    "ES_REVOKE": "revoco retiro anulo revocar",
    "ES_AUTHORIZE": "autorizo acepto autorice consiento",
    "ES_WRONG": "equivoco equivocaron equivocas equivocado equivocada",
    "ES_HELL": "diable mierda carajo diablo chingada verga",
    "ES_GO": "largo larguense largate vayanse vayase vete chinga chingue",
    "ES_NOTHING": "nada",
    "YA": "ya",
    "NI": "ni",
    "ES_A": "al",
    "ES_AM": "soy",
    "ES_HAY": "hay",
    "FR_KNOW": "connais",
    "FR_ALLOW": "autorise autoriser accepte",
    "ES_KNOW": "conozco conocemos",
    "ES_LIVE": "vive",
    "ES_GOT": "dio sacaron sacaste consiguieron consiguio obtuvieron obtuvo dieron",
    "ES_AQUI": "aqui aca ahi alli ici",
    "ES_NINGUN": "ningun ninguna ninguno aucun aucune",
    "ES_MANY": "demasiados demasiadas tantos muchos",
    "ES_IS": "es",
    "ES_HOW": "como cuando",
}

FRENCH = {
    "FR_NE": "ne",
    "FR_PLUS": "plus",
    "FR_PAS": "pas jamais",
    "FR_M": "m",
    "FR_STOP": "arretez arrete arreter cessez cesse cesser stoppez stopper arret arretiez cessiez",
    "FR_SEND": "contactee contactees derangee relancez importunez importuner ecrivez ecris ecrire envoyez envoie"
    " envoyer textez texte texter"
    " contactez contacter derangez "
    "deranger harceler harcelez embeter embetez parlez parler parle relancer recontacter recontactez"
    " sollicitez solliciter",
    "FR_CALL": "appelez appeler telephonez telephoner",
    "FR_REMOVE": "enlevez sortez enlever enleve effacez effacer efface supprimez supprimer supprime otez rayez"
    " rayer radiez "
    "retirez",
    "FR_RETIRE": "retirer",
    "FR_MOI": "moi nous",
    "FR_UNSUB": forms("desabonn desinscri", "er ez e ment ption re vez s") + " desabonnement",
    "FR_WANT": "veux veut voudrais souhaite souhaitons desirons voulons",
    "FR_RECEIVE": "recevoir",
    "FR_ETRE": "etre suis est",
    "FR_CANCEL": "annulez annuler annule resilier resiliez desactivez desactiver",
    "FR_LEAVE": "laissez laisse laisser lachez lache foutez fichez fous fiche",
    "FR_ALONE": "tranquille tranquilles paix",
    "FR_WRONG": "trompez trompe",
    "ROMANCE_WRONG": "mauvais mauvaise faux incorrecto errone",
    "FR_REVOKE": "revoque",
    "FR_ASK": "demande demandons demander prie",
    "FR_AI": "ai",
    "FR_VA": "va allez",
    "FR_VOIR": "voir",
    "FR_CAMP": "camp",
    "FR_FIN": "fin",
    "FR_ERROR": "erreur",
    "FR_TROP": "trop",
    "FR_BON": "bon bonne",
    "FR_INUTILE": "inutile",
    "FR_COMPLAIN": "plainte",
    "FR_FOUTRE": "foutre",
    "FR_GO": "degagez degage",
    "FR_HOW": "comment",
    "DE": "de d des du del",
}

# Words that take the place of an English word in rules common to all three languages.
COMMON = {
    "NO": "cero",
    "ONLY": "solo solamente unicamente seulement uniquement",
    "THAT": "esto eso cela",
    "ALL": "todo toda todos todas toutes tous",
    "COMM": "contacto comunicacion comunicaciones",
    "SUE": "demando demandare demandar demandarlos denunciar denunciarlos",
    "REPORT": "denuncio denunciare reportar reportarlos reporto reportare signale",
    "BLOCKING": "bloqueados bloqueado bloqueo bloquearlos bloque",
    "HOSTILE": "callense callese callate gueule connard connards pendejo pendejos cabron cabrones",
    "TEXTS": "mensaje mensajes texto textos mensajitos messagerie",
    "ALERTS": "recordatorios avisos notificaciones alertas alerte alertes rappels relance relances envois"
    " envoi pub pubs publicite publicidad"
    " publicites",
    "SUBSCRIPTION": "suscripcion subscripcion abonnement",
    "MY": "mi mis mon ma notre mia mio",
    "YOUR": "vos votre tes ces cette ce",
    "NUMBER": "numero",
    "PHONE": "telefono celular cel movil portable",
    "LIST": "base bases fichier fichiers lista listas contactos sistema liste listes dossiers systeme",
    "TEXTED": "contactado contactada contactados molestado molestada",
    "FR_ETRE": "ser",
    "CONSENT": "consentimiento permiso autorizacion consentement autorisation accord",
    "PERSONWORD": "persona personne",
    "THANKS": "gracias merci",
    "INTERESTED": "interesa interesado interesada interesse interessee",
    "LAWYER": "abogado abogada avocat avocate",
    "PAY": "assurance seguro interes intereses interets pago pagos cargo cargos tarjeta cobrar cobren cobre cobro"
    " cuenta deuda"
    " factura facture saldo prelevement "
    "prelevements paiement paiements carte frais compte dette dinero argent",
    "APPT": "cita rendezvous",
    "DAY": "lunes domingo domingos noche manana mes semana dia dias mois jour jours semaine soir matin viernes"
    " vendredi "
    "lundi dimanche hoy demain aujourdhui nuit midi minuit madrugada hora horas heure heures temprano tarde tot tard",
    "AFTER": "antes despues hasta durante entre avant apres jusqu jusque pendant durant",
    "TOO": "tan",
    "JOB": "trabajo travail bureau",
    "EMAIL": "correo correos courriel courriels",
    "LETTER": "poste carta cartas lettre lettres courrier",
    "CALLS": "llamadas appels",
    "BYE": "adios",
    "GIVE": "donne di",
    "NAME": "datos donnees coordonnees nombre nom",
    "DISPUTE": "disputo conteste",
    "SAID": "dit dije",
    "NONE": "rien",
    "BLOCK": "bloquez bloquer bloqueen bloquee",
    "LOSE": "oubliez oublier olviden olvide pierdan",
    "HARASSMENT": "acosadores harcelement acoso hostigamiento",
    "RESPECT": "respeten respetez respectez",
    "DECLINE": "rechazo",
    "WITH": "con avec",
    "FAILED": "recibi recibido recibo recu recois llego llega",
    "BANKRUPT": "bancarrota quiebra faillite",
    "FRAUD": "fraude",
    "DECEASED": "fallecio fallecido fallecida murio decede decedee",
    "PERSON": "familia esposo esposa hijo hija madre padre mari femme",
    "TIRED": "hartaron hartan cansaron cansan harto harta hartos marre",
    "ENOUGH": "assez suffit suficiente",
}

# Articles and politeness of both: free insertions.
INSERTED = {
    "ART": "el la los las sus su esos estos este esta esa ese un una le les l aux au en tu tus s ca c",
    "ROMANCE_POLITE": "tout suite por favor porfa porfavor svp sil il vous plait veuillez oigan oiga senor senora "
    "bonjour hola ahora inmediata inmediato immediatement maintenant inmediatamente je j",
}

CLASSES = SPANISH | FRENCH | INSERTED
