"""`assent simulator say`: a consumer's text, typed in another terminal. It owns one request to the control port."""

import http.client
import json

from tools.simulator.endpoint import Endpoint


def say(control: Endpoint, source: str, text: str, destination: str, encoding: str) -> tuple[int, str]:
    """Send it; the exit code and a line for the operator."""
    body = json.dumps({"from": source, "to": destination, "text": text, "encoding": encoding})
    connection = http.client.HTTPConnection(control.host, control.port, timeout=10)
    try:
        connection.request("POST", "/mo", body.encode(), {"content-type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        return 1, f"no simulator answers at {control}: {error}; is it running, and with --control?"
    finally:
        connection.close()
    if response.status != 200:
        return 1, str(answer.get("error", answer))
    return 0, f"{source}: {text}"
