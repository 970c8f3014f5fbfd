"""The folding of one character into the plain one that a reader takes it for.

Owns: look-alikes, width, case, accents and invisible characters. Does not own: whole texts (reading).

A fold looks at one character alone, so the way back from a place in the plain text to the text as given is a sum of
lengths. Accents go too: "recibió" and "recibio" are one word to a rule.
"""

import unicodedata
from typing import Final

# Letters of other alphabets that look Latin. In capitals and in small letters they may look like different ones.
_FAMILIES: Final = (
    ("АВЕКМНОРСТУХІЈЅԌԚԜӀ", "abekmhopctyxijsgqwl"),  # Cyrillic
    ("авекмнорстухіјѕԁԍһӏԛԝѵ", "abekmhopctyxijsdghlqwv"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ", "abezhikmnoptyxc"),  # Greek
    ("αεικνορτυχγϲ", "aeikvoptuxyc"),
    ("ոսօհցքԼՏՍՕ", "nuohgplsuo"),  # Armenian
    ("ıɑɡɩʟɪᴀʙᴄᴅᴇꜰɢʜᴊᴋᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢ", "iagiliabcdefghjkmnopqrstuvwyz"),  # phonetic and small capitals
    ("øđłħŧŀ¢ƨɨʋ", "odlhtlcsiu"),
    ("ØĐŁĦŦ", "odlht"),
    ("‐‑‒–—―−﹘﹣－", "-" * 10),
    ("‘’‚‛′ʹʻʼˈ`´", "'" * 11),
    ("“”„‟″«»", '"' * 7),
    ("。｡．․", "...."),
    ("⁄∕", "//"),
    ("∶꞉", "::"),
    ("＿", " "),
    ("\u2800\u3164\u115f\u1160\uffa0", "     "),  # letters and marks that print as a blank
)  # fmt: skip
_LOOKALIKE: Final = {
    strange: plain for stranges, plains in _FAMILIES for strange, plain in zip(stranges, plains, strict=True)
}
# White letters on black squares and circles.
_LOOKALIKE.update(
    {chr(first + n): chr(ord("a") + n) for first in (0x1F150, 0x1F170, 0x1F1E6) for n in range(26)},
)
_UNSEEN: Final = frozenset({"Mn", "Me", "Cf"})  # accents, enclosing marks, format characters such as zero-width space
_REMEMBERED = 4096
"""Characters kept in the table: more than a language has, and not all that a hostile text can bring."""


class _Folding(dict[int, str]):
    """Code point to plain spelling, learnt as characters come."""

    def __missing__(self, code: int) -> str:
        plain = _fold(chr(code))
        if len(self) < _REMEMBERED:
            self[code] = plain
        return plain


FOLDING: Final = _Folding()
"""For ``str.translate``, or character by character."""


def _fold(char: str) -> str:
    known = _LOOKALIKE.get(char)
    if known is not None:
        return known
    figure = unicodedata.decimal(char, None)  # figures of all scripts
    if figure is not None:
        return str(figure)
    spelt = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join([_LOOKALIKE.get(c, c) for c in spelt if unicodedata.category(c) not in _UNSEEN])
