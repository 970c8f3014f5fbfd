"""`assent inspect`: what a PDU, a text, a receipt or a reply is, one JSON object a line in and out.

Owns: the lines. Does not own: what is said of each kind (one file each).
"""

import argparse
import json
import sys
from importlib import import_module

KINDS = {
    "pdu": 'decode and encode again: {"hex"}',
    "text": 'encoding and segments: {"text", "reference"?, "reference_bits"?}',
    "alphabet": 'a text that shows what data_coding 0 means: {"alphabet"?, "shown"?}',
    "receipt": 'a delivery receipt: {"text"?, "tlvs"?: {name: value}}',
    "evidence": "whether a bundle of consent evidence holds: as exported",
    "reply": 'what a consumer means: {"text", "context"?}',
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``main`` reads."""
    parser.description = "Read JSON objects from standard input, one a line; write one a line."
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for kind, summary in KINDS.items():
        kinds.add_parser(kind, help=summary)


def main(args: argparse.Namespace) -> int:
    """Answer every line; a line that is no JSON object is answered as such, and the next one read.

    Returns 2 where there is no standard input.
    """
    if sys.stdin is None:
        print("assent inspect: standard input is closed; give it lines of JSON", file=sys.stderr)
        return 2
    inspect = import_module(f"tools.inspect.{args.kind}").inspect
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            answer = _malformed(args.kind, f"not JSON: {error}")
        else:
            answer = inspect(record) if isinstance(record, dict) else _malformed(args.kind, "not a JSON object")
        # ASCII, so that lone surrogates and odd terminals do no harm.
        print(json.dumps(answer), flush=True)
    return 0


def _malformed(kind: str, detail: str) -> dict[str, object]:
    """The refusal of a line, in the shape that the kind's other refusals have: those of PDUs say whether framing is lost."""
    answer: dict[str, object] = {"ok": False, "error": "request.malformed", "detail": detail}
    return {**answer, "fatal": False} if kind == "pdu" else answer
