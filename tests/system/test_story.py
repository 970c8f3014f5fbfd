"""What an operator sees on the first day, over real sockets: a text, its receipt, its webhook, a refusal, a STOP, a kill -9."""

from pathlib import Path

from tests.system.harness import NUMBER, stage, wait_for


def test_the_story(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.start_simulator()
        on.start_receiver()
        on.start_gateway()

        refused = on.submit("Hello")
        assert refused.status_code == 422, refused.text
        assert refused.json()["code"] == "consent.missing"
        assert on.state(refused.json()["id"]) == "blocked"

        on.consent()
        accepted = on.submit("Token-1 your payment is due.", reference="inv-1")
        assert accepted.status_code == 202, accepted.text
        body = accepted.json()
        assert (body["encoding"], body["segments"]) == ("gsm7", 1)
        seen = on.wait_state(body["id"], "delivered")
        assert seen["segments"][0]["smsc_message_id"]
        assert [entry["type"] for entry in seen["timeline"]] == [
            "message.accepted",
            "message.submitted",
            "message.delivered",
        ]

        def delivered() -> bool:
            return any(
                line.get("verified", True) and '"message.delivered"' in str(line).replace("'", '"')
                for line in on.journal("webhooks")
            )

        wait_for(delivered, "the webhook")

        on.text("STOP")
        wait_for(lambda: on.submit("Token-2").status_code == 422, "the opt-out")
        assert on.submit("Token-3").json()["code"] == "consent.opted_out"
        assert on.submit("Token-4", key="k").json()["code"] == "consent.opted_out"
        assert on.stop("gateway") == 0
        assert "Traceback" not in on.log("gateway")
        for canary in (NUMBER, NUMBER[1:], "Token-1", "secret"):
            assert canary not in on.log("gateway")


def test_kill_9_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    with stage(tmp_path, carrier="window = 10") as on:
        on.start_simulator()
        on.start_gateway()
        on.consent()
        ids: dict[str, str] = {}
        for round_ in range(3):
            for index in range(40):
                token = f"Token-{round_}-{index}"
                answer = on.submit(f"{token} hello", key=token)
                assert answer.status_code == 202
                ids[answer.json()["id"]] = token
            on.kill("gateway")
            on.start_gateway()
            again = on.submit(f"Token-{round_}-0 hello", key=f"Token-{round_}-0")
            assert again.status_code == 202
            assert again.json()["id"] in ids

        def settled() -> bool:
            states = {message_id: on.state(message_id) for message_id in ids}
            return set(states.values()) <= {"delivered", "in_doubt"}

        wait_for(settled, "every message to be delivered or in doubt")
        submits = [line for line in on.journal("simulator") if line.get("event") == "submit_sm"]
        tokens = [line["token"] for line in submits]
        assert len(tokens) == len(set(tokens)), "a text was sent twice"
        # A receipt may end a doubt at any moment: the list comes first, and what is in doubt afterwards was in it.
        listed = on.operator("GET", "/v1/doubts").json()["doubts"]
        in_doubt = {token for message_id, token in ids.items() if on.state(message_id) == "in_doubt"}
        assert set(tokens) | in_doubt == set(ids.values()), "a text was lost"
        assert in_doubt <= {ids[doubt["message"]] for doubt in listed}
        assert len(listed) <= 3 * 10
