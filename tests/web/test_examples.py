"""The requests that the pages show are taken as they stand there."""

import json
import re

import pytest

from tests.house.source import ROOT
from tests.web.estate import Estate

REQUEST = re.compile(r"^    (PUT|POST) (/v1/\S+) +(\{.*(?:\n {10,}\S.*)*\})$", re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "conf/templates/README.md"])
async def test_the_template_is_saved_and_a_text_is_made_of_it(estate: Estate, page: str) -> None:
    saving, sending = REQUEST.findall((ROOT / page).read_text(encoding="utf-8"))
    assert (saving[0], sending[:2]) == ("PUT", ("POST", "/v1/messages"))
    await estate.consent(json.loads(sending[2])["to"])
    saved = await estate.ask(saving[0], saving[1], json.loads(saving[2]))
    assert saved.status == 201, saved.body
    sent = await estate.ask(sending[0], sending[1], json.loads(sending[2]))
    assert (sent.status, sent.body["state"]) == (202, "queued"), sent.body
