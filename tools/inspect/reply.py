"""``assent inspect reply``: what a consumer's text asks for, as the gateway would read it.

Owns: the shape of the record and of the answer, the names of contexts. Does not own: any rule (gateway.rules.replies).
"""

from gateway.rules.keywords import Context, Dialog, Signal, classify

_CONTEXTS = {
    "none": Context(),
    "opt_in_pending": Context(opt_in_pending=True),
    "opt_in_code_sent": Context(opt_in_code_sent=True),
    "opted_out": Context(opted_out=True),
}
_DIALOG = "dialog_"


def inspect(record: dict[str, object]) -> dict[str, object]:
    """One answer for one record ``{"text", "context"?}``.

    The context is what is open with the consumer: none, opt_in_pending, opt_in_code_sent, opted_out, or dialog_ and the
    name of a dialog. Spans count characters of ``normalised``."""
    text = record.get("text")
    if not isinstance(text, str):
        return _wrong("text must be a string" if "text" in record else "text is missing")
    name = record.get("context")
    context = _context("none" if name is None else name)
    if context is None:
        return _wrong(f"context must be one of {', '.join(_CONTEXTS)}, or {_DIALOG} and the name of a dialog")
    reply = classify(text, context)
    return {
        "kind": reply.kind,
        "rule": reply.rule,
        "words": reply.words,
        "span": list(reply.span),
        "signals": [_told(signal) for signal in reply.signals],
        "scope_argument": reply.scope_argument,
        "declined": reply.declined,
        "language": reply.language or None,
        "normalised": reply.normalised,
    }


def _context(name: object) -> Context | None:
    if not isinstance(name, str):
        return None
    if name.startswith(_DIALOG) and name != _DIALOG:
        return Context(dialog=Dialog(name.removeprefix(_DIALOG)))
    return _CONTEXTS.get(name)


def _told(signal: Signal) -> dict[str, object]:
    told: dict[str, object] = {
        "name": signal.name,
        "rule": signal.rule,
        "words": signal.words,
        "span": list(signal.span),
    }
    return told if signal.channel is None else told | {"channel": signal.channel}


def _wrong(detail: str) -> dict[str, object]:
    return {"ok": False, "error": "request.invalid", "detail": detail}
