"""Owns the words that matter to what a reply reports and not to what it asks: for the signals alone.

Does not own the words of verdicts (`english`, `romance`), for which these are any other word, or of a broader class. So a
word for a debt or a death can be added here without a doubt about what stops texts. Folded as theirs are.
"""

CLASSES = {
    # Debts and money.
    "DEBT": "debt debts dette dettes deuda deudas",
    "SETTLED": "settled",
    "DISCHARGED": "discharged",
    "STATUTE": "statute",
    "VERIFICATION": "verification",
    "POURSUIVRE": "poursuivre poursuis poursuivrai poursuivons",
    "AMOUNT": "amount amounts total sum monto cantidad montant somme",
    "MONEY": "money cash dinero plata argent",
    "DEBE": "debo debemos dois devons",
    "PAGUE": "pague pagado paye payee regle reglee",
    "TO_PAY": "pagar pagarla pagarlo pagarles payer regler",
    "RUN": "run process deduct cobren cobre cobrar descuenten descuente descontar debiten debite debitar debitez"
    " debiter prelevez prelever",
    "BOUGHT": "bought purchased ordered borrowed",
    "OPENED": "opened",
    "RECOGNIZE": "recognize recognise reconozco reconocemos reconnais",
    "COURT": "court justice tribunal tribunaux legal police cops authorities consequences charges",
    "ACTION": "action actions",
    "PROVE": "prove pruebe preuve",
    "BK": "bk",
    "IDEA": "idea clue",
    "FILED": "filed filing",
    "FIRM": "firm firms offices",
    "LAW_WORD": "law",
    "REPRESENTED": "represented representing represents representation retained",
    # Living.
    "ILLNESS": "cancer chemo dialysis divorce divorced ssi ssdi welfare medicaid",
    "FIXED": "fixed",
    "PAYING": "paying",
    "ALLOW": "allow allows allowed permit permits permitted",
    "UNEMPLOYED": "fired chomage despidieron despedido despedida licencie licenciee desempleado desempleada",
    "EMPLOI": "emploi empleo boulot",
    "SIN": "sin sans",
    "PERDI": "perdi perdimos perdu",
    "PUEDO": "puedo podemos peux pouvons",
    # Persons.
    "PASSED": "passed",
    "WIDOW": "widow widower executor executrix",
    "BURIED": "buried",
    "LATE": "late",
    "KIN": "mere pere mama papa frere soeur hermano hermana abuelo abuela fille tio tia oncle tante uncle aunt nephew niece"
    " cousin grandfather grandpa holder cardholder",
    "MUERTO": "muerto muerta mort morte",
    "NOMBRADO": "named llamado llamada nomme nommee",
    "USES": "uses used",
    "BELONGS": "appartient pertenece",
    "US": "us",
    "SCUM": "jerk jerks crook crooks",
    "KISS": "kiss lick",
    "MANNER": "way ways manner means fashion",
    # Times.
    "ANTES": "antes despues avant apres pendant",
    "TARDE": "tarde tardes",
    "YEARS": "year years yrs anos ans",
}
# A number that is a time of day: 9am, 18h.
CLOCK = "CLOCK"
CLOCK_ENDINGS = ("am", "pm", "h")
