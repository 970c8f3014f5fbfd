"""No client sees or moves what is another's, on any route that there is: the routes are taken from the table."""

from gateway.web.public import public_operations
from tests.web.estate import EVIDENCE, NUMBER, WISH, Estate

BODIES = {
    "submitMessage": WISH,
    "submitBatch": {"messages": [WISH]},
    "putConsent": {"program": "offers", "category": "servicing", "evidence": EVIDENCE},
    "putConsents": {
        "consents": [{"number": NUMBER, "program": "offers", "category": "servicing", "evidence": EVIDENCE}]
    },
    "revokeConsent": {"reason": "r", "program": "servicing"},
}


async def test_every_route_keeps_clients_apart(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text(reference="only acme's")
    before = (await estate.ask("GET", f"/v1/messages/{spelt}")).raw
    consents = (await estate.ask("GET", f"/v1/consents/{NUMBER}")).raw
    events = (await estate.ask("GET", "/v1/events")).raw
    asked = 0
    for operation in public_operations(estate.doors, estate.gate):
        if operation.keyless:
            continue
        path = operation.path.replace("{id}", spelt).replace("{number}", NUMBER)
        answer = await estate.ask(operation.method, path, BODIES.get(operation.id), client="globex")
        asked += 1
        assert answer.status != 403
        assert b"only acme's" not in answer.raw
        assert spelt.encode() not in answer.raw
        assert EVIDENCE["wording"].encode() not in answer.raw
        if "{id}" in operation.path:
            assert answer.status == 404
        for headers in ({"authorization": ""}, {"authorization": "Bearer ak_wrong"}):
            assert (await estate.ask(operation.method, path, headers=headers, peer="192.0.2.9")).status in (401, 429)
    assert asked >= 13
    assert (await estate.ask("GET", f"/v1/messages/{spelt}")).raw == before
    assert (await estate.ask("GET", f"/v1/consents/{NUMBER}")).raw == consents
    assert (await estate.ask("GET", "/v1/events")).raw == events
