"""Template files, as text: where they lie and what they are called.

Owns: finding and reading the files of a folder, and the name that a file gives its template. Does not own: what stands in
them (text/template_source), or which of two with the same name counts (flow/templates).

A file is called as its template is, less what its folder stands for: ``conf/templates/reminder.toml`` is ``reminder``, and
``plugins/payments/templates/reminder.toml`` is ``payments.reminder``. The gateway's own are ``system.…``.
"""

import stat
from pathlib import Path
from typing import Final

from msgspec import Struct

from gateway.config.faults import Fault

_LARGEST: Final = 256 * 1024
SYSTEM_FOLDER: Final = Path(__file__).parent / "system"
"""The gateway's own templates: the request for consent, the confirmations, the answer to HELP."""


class TemplateFile(Struct, frozen=True):
    """One file."""

    name: str
    """Of the template."""
    place: str
    """Of the file, as a fault tells it."""
    text: str
    source: str
    """``gateway``, ``conf``, or the plugin's name."""


def read_template_files(folder: Path, source: str, prefix: str = "") -> tuple[list[TemplateFile], list[Fault]]:
    """The files of a folder in the order of their names, and what is wrong with others; nothing where it is not there.

    ``prefix``: with its dot, what the names begin with.
    """
    files: list[TemplateFile] = []
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.toml")):
        place = f"{folder.parent.name}/{folder.name}/{path.name}"
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                faults.append(
                    Fault(place, "", "is no regular file of a sane size", f"give a file of at most {_LARGEST} bytes")
                )
                continue
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            faults.append(Fault(place, "", f"cannot be read ({error.strerror})", "check who owns it and its mode"))
        except UnicodeDecodeError:
            faults.append(Fault(place, "", "is not UTF-8", "save it as UTF-8"))
        else:
            files.append(TemplateFile(f"{prefix}{path.stem}", place, text, source))
    return files, faults
