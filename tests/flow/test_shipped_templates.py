"""Every template that is shipped: clean under the linter in English and Spanish, short, and in 7 bits."""

from pathlib import Path

import pytest

from gateway.config import ClientConfig
from gateway.config.templates import SYSTEM_FOLDER, TemplateFile, read_template_files
from gateway.flow.templates import review
from gateway.text.segment import Encoding
from gateway.text.template_source import read_template

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ClientConfig(id="acme", name="Acme Credit Union", contact="acme.example/help", domains=("acme.example",))


def shipped() -> list[TemplateFile]:
    folders = [(SYSTEM_FOLDER, "system")]
    folders += [(folder, folder.parent.name) for folder in sorted((ROOT / "plugins").glob("*/templates"))]
    found = []
    for folder, name in folders:
        files, faults = read_template_files(folder, name, f"{name}.")
        assert faults == []
        found += files
    return found


FILES = shipped()


def test_each_workflow_has_its_words() -> None:
    names = {file.name for file in FILES}
    assert names >= {
        *(f"payment_reminders.{step}" for step in ("before_3", "after_3", "after_6", "after_45", "after_60")),
        "payment_receipts.receipt",
        "authorization_links.link",
        *(f"failure_notices.{kind}" for kind in ("failed", "nsf")),
        *(f"promise_to_pay.{step}" for step in ("menu", "thanks", "reminder", "again", "person")),
        *(f"text_to_pay.{step}" for step in ("ask", "confirm")),
        *(f"payment_options.{step}" for step in ("menu", "plan")),
        *(f"system.{kind}" for kind in ("opt_in_request", "opt_in_confirmation", "opt_out_confirmation", "help")),
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_shipped_template_is_clean_and_short(file: TemplateFile) -> None:
    spec = read_template(file.name, file.text)
    assert set(spec.texts) == {"en", "es"}
    assert spec.summary
    for one in review(spec, SAMPLE):
        assert one.findings == ()
        assert one.preview.foreign is None
        assert one.preview.longest.encoding is Encoding.GSM7
        assert one.preview.longest.segments <= spec.max_segments <= 3
