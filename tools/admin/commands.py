"""Owns the commands of ``assent admin``: what can be asked, in which words, and the exit code.

Exit codes: 0 done, 1 the gateway refused, 2 used wrongly, 3 nobody answers. Does not own the way to the gateway (door) or
the looks of an answer (tables).
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo, available_timezones

from tools.admin import ledger, tables
from tools.admin.door import TOKEN_VARIABLE, Door, Misused, Refused, Unreachable, find_door
from tools.admin.explanation import show_day, show_explanation

DONE, REFUSED, MISUSED, UNREACHABLE = 0, 1, 2, 3

STATES: Final = ("queued", "submitted", "undelivered")
REVIEWS: Final = ("open", "overdue", "all")
DECISIONS: Final = ("opt_out", "release", "keep")

Show = Callable[[Any], None]
Run = Callable[[Door, argparse.Namespace], tuple[Any, Show] | tuple[Any, Show, int]]
"""What was answered, how to show it, and the exit code where that is not DONE."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``main`` reads."""
    parser.description = "Ask a running gateway, at its admin door."
    parser.set_defaults(conf=Path("conf"), data=None, url=None, token=None, json=False)
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    _add_common(common)
    _add_common(parser)
    commands = parser.add_subparsers(dest="admin_command", required=True, metavar="COMMAND")

    def add(where: Any, name: str, meaning: str, run: Run | None) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = where.add_parser(name, help=meaning, description=meaning, parents=[common])
        if run is not None:
            command.set_defaults(run_admin=run)
        return command

    add(commands, "binds", "what each bind is doing", _binds)
    add(commands, "queues", "how much waits for each carrier", _queues)
    message = add(commands, "message", "one message: decision, segments, timeline", _message)
    message.add_argument("id", metavar="ID", help="msg_…")
    explain = add(
        commands, "explain", "why a message went, waits or was refused; why a number was texted, or not", _explain
    )
    explain.add_argument("id", metavar="ID|NUMBER", help="msg_…, or a number in E.164 with --on")
    explain.add_argument("--on", type=_day, metavar="DATE", help="a day, such as 2026-03-03")
    explain.add_argument(
        "--zone", type=_zone, default="UTC", help="whose day it is, such as America/New_York (default UTC)"
    )
    consent = add(commands, "consent", "all consents of a number; export, erase or import consents", ledger.consent)
    consent.add_argument(
        "words",
        metavar="NUMBER | export NUMBER | erase NUMBER | import FILE.csv",
        nargs="+",
        help="a number in E.164, such as +12025550123; a file with the columns number, program, category, obtained_at,"
        " medium, wording, source and, where there is one, document",
    )
    consent.add_argument("--as-of", type=ledger.instant, help="as they stood at this instant")
    consent.add_argument("--client", help="whose consents are exported or imported: the id of a client")
    consent.add_argument("--reason", help="why they are erased, for the record")
    books = add(commands, "ledger", "check the ledger of consents", None)
    checking = books.add_subparsers(required=True, metavar="verify")
    add(checking, "verify", "check every entry and every line against the chain", ledger.verify)
    doubts = add(commands, "doubts", "segments of which nobody knows whether the carrier has them", _doubts)
    doubts.add_argument("--limit", type=int, default=100, help="at most so many (default %(default)s)")
    settling = doubts.add_subparsers(metavar="[settle]")
    settle = add(settling, "settle", "say what became of a message in doubt", _settle)
    settle.add_argument("message", metavar="ID|all", help="msg_…, or all that are in doubt")
    settle.add_argument("state", choices=STATES, help="queued: send it again; submitted: the carrier has it")
    settle.add_argument("--reason", required=True, help="how it came to be known, for the record")
    reviews = add(commands, "reviews", "texts of consumers that a person is to look at", _reviews)
    reviews.add_argument("--state", choices=REVIEWS, default="open", help="which (default %(default)s)")
    reviews.add_argument("--limit", type=int, default=100, help="at most so many (default %(default)s)")
    deciding = reviews.add_subparsers(metavar="[decide]")
    decide = add(deciding, "decide", "say what a text was", _decide)
    decide.add_argument("review", metavar="ID", help="rev_…, as `reviews` lists it")
    decide.add_argument("decision", choices=DECISIONS, help="opt_out; release: texts go on; keep: the hold is right")
    decide.add_argument("--by", required=True, help="who decided, for the record")
    decide.add_argument("--note", help="why, for the record")
    numbers = add(commands, "numbers", "numbers that wrote and that no account is known of", _numbers)
    numbers.add_argument("--limit", type=int, default=100, help="at most so many (default %(default)s)")
    linking = numbers.add_subparsers(metavar="[link]")
    link = add(linking, "link", "link a number to an account, and ask its owner to opt in", _link)
    link.add_argument("number", metavar="NUMBER", help="as `numbers` lists it")
    link.add_argument("--client", required=True, help="whose account it is")
    link.add_argument("--account", required=True, help="the account, in the client's words")
    link.add_argument("--program", required=True, help="who asks the owner")
    link.add_argument("--category", required=True, help="for what kind of text")
    link.add_argument("--by", required=True, help="who links it, for the record")
    receipts = add(commands, "receipts", "receipts that belong to no text that is known", _receipts)
    receipts.add_argument("--limit", type=int, default=100, help="at most so many (default %(default)s)")
    templates = add(commands, "templates", "the templates that are in force", _templates)
    templates.add_argument("--client", metavar="ID", help="those that this client can use")
    looking = templates.add_subparsers(metavar="[show|preview]")
    showing = add(looking, "show", "one template with its texts and variables", _show_template)
    showing.add_argument("--version", type=int, help="as it was then")
    previewing = add(looking, "preview", "what a template makes, and how many segments it takes", _preview_template)
    previewing.add_argument("--locale", help="such as es-US")
    previewing.add_argument("--vars", type=_values, metavar="JSON", help="values for its variables; none: its bounds")
    for command in (showing, previewing):
        command.add_argument("name", metavar="NAME", help="as `templates` lists it")
        command.add_argument("--client", metavar="ID", default=argparse.SUPPRESS, help="as this client has it")
    add(commands, "keys", "all API keys, without their secrets", _keys)
    key = add(commands, "key", "make or revoke an API key", None)
    keys = key.add_subparsers(required=True, metavar="new|revoke")
    new = add(keys, "new", "make an API key and show it, this once", _new_key)
    new.add_argument("client", metavar="CLIENT", help="the id of a client of clients.toml")
    new.add_argument("--label", default="", help="what it is for")
    new.add_argument("--templates-only", action="store_true", help="whether its texts have to be made of templates")
    revoke = add(keys, "revoke", "end an API key, at once", _revoke_key)
    revoke.add_argument("id", metavar="ID", help="key_…, as `keys` lists it")
    add(commands, "plugins", "how each enabled plugin does", _plugins)
    plugin = add(commands, "plugin", "one plugin: what happened to it; call it again", None)
    plugins = plugin.add_subparsers(required=True, metavar="show|resume")
    show = add(plugins, "show", "what happened to a plugin, and what it will be told again", _plugin)
    show.add_argument("plugin", metavar="PLUGIN", help="as `plugins` lists it")
    resume = add(plugins, "resume", "call a suspended plugin again, and tell it again what was given up", _resume)
    resume.add_argument("plugin", metavar="PLUGIN", help="as `plugins` lists it")
    add(commands, "webhooks", "where each webhook endpoint stands", _webhooks)
    webhook = add(commands, "webhook", "have a webhook endpoint served again", None)
    replaying = webhook.add_subparsers(required=True, metavar="replay")
    replay = add(replaying, "replay", "enable an endpoint, end its pause and deliver what failed", _replay)
    replay.add_argument("endpoint", metavar="CLIENT/WEBHOOK", type=_endpoint)


def _add_common(parser: argparse.ArgumentParser) -> None:
    # Before the command and behind it; where it is not given, what the other place says stands.
    unset: Any = argparse.SUPPRESS
    parser.add_argument(
        "--conf", type=Path, metavar="DIR", default=unset, help="the gateway's configuration (default: conf)"
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", default=unset, help="its data directory, if not the configured"
    )
    parser.add_argument("--url", default=unset, help="its admin door, if not the configured")
    parser.add_argument(
        "--token",
        default=unset,
        help=f"in place of the data directory's; other users of this machine can see it, {TOKEN_VARIABLE} they cannot",
    )
    parser.add_argument("--json", action="store_true", default=unset, help="print the answer as JSON")


def main(args: argparse.Namespace) -> int:
    """Ask what was asked for; the exit code."""
    run: Run = args.run_admin
    try:
        with find_door(args.conf, args.data, args.url, args.token) as door:
            answer, show, *codes = run(door, args)
    except Refused as refusal:
        if args.json:
            print(json.dumps(refusal.problem))
        else:
            for line in (f"refused: {refusal}", *refusal.fixes):
                print(f"assent admin: {line}", file=sys.stderr)
        return REFUSED
    except Misused as error:
        print(f"assent admin: {error}", file=sys.stderr)
        return MISUSED
    except Unreachable as error:
        print(f"assent admin: {error}", file=sys.stderr)
        return UNREACHABLE
    if args.json:
        print(json.dumps(answer))
    else:
        show(answer)
    return codes[0] if codes else DONE


def _binds(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    return door.ask("GET", "/v1/binds"), lambda answer: tables.show("binds", tables.BINDS, answer["binds"])


def _queues(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    return door.ask("GET", "/v1/queues"), lambda answer: tables.show("queues", tables.QUEUES, answer["queues"])


def _message(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    return door.ask("GET", f"/v1/messages/{_part(args.id)}"), tables.show_message


def _explain(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    if args.on is None:
        if args.id.startswith("+"):
            raise Misused("name the day too: explain NUMBER --on 2026-03-03")
        return _explain_message(door, args.id), show_explanation
    begin, end = (
        datetime.combine(day, time(), ZoneInfo(args.zone)).isoformat() for day in (args.on, args.on + timedelta(days=1))
    )
    found = door.ask("GET", f"/v1/numbers/{_part(args.id)}/messages{_query(since=begin, until=end)}")
    stood = door.ask("GET", f"/v1/consents/{_part(args.id)}{_query(as_of=end)}")["consents"]
    wrote = door.ask("GET", f"/v1/numbers/{_part(args.id)}/inbound{_query(since=begin, until=end)}")
    answer = {"number": args.id, "since": begin, "until": end, "consents": stood, "inbound": wrote["inbound"]}
    texts = [_explain_message(door, spelt) for spelt in reversed(found["messages"])]
    return answer | {"messages": texts, "more": found["more"], "more_inbound": wrote["more"]}, show_day


def _explain_message(door: Door, spelt: str) -> dict[str, Any]:
    message = door.ask("GET", f"/v1/messages/{_part(spelt)}")
    judged_at = (message.get("decision") or {}).get("at", message["accepted_at"])
    consents = door.ask("GET", f"/v1/consents/{_part(message['to'])}{_query(as_of=judged_at)}")
    return {"message": message, "consents": consents["consents"]}


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("there is no such day: write it as 2026-03-03") from None
    if not 1970 <= day.year < 2200:
        raise argparse.ArgumentTypeError("the gateway knows of days from 1970 to 2199 alone")
    return day


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise argparse.ArgumentTypeError("there is no such zone: write it as America/New_York")
    return text


def _doubts(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    answer = door.ask("GET", f"/v1/doubts?limit={args.limit}")
    return answer, lambda found: tables.show("in doubt", tables.DOUBTS, found["doubts"])


def _receipts(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    answer = door.ask("GET", f"/v1/receipts?limit={args.limit}")
    return answer, lambda found: tables.show("receipts of no known text", tables.RECEIPTS, found["receipts"])


def _settle(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    body = {"message": args.message, "state": args.state, "reason": args.reason}
    answer = door.ask("POST", "/v1/doubts/settle", body)
    return answer, lambda found: print(f"{found['settled']} settled: {args.state}")


def _reviews(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    answer = door.ask("GET", f"/v1/reviews?state={args.state}&limit={args.limit}")
    return answer, lambda found: tables.show("reviews", tables.REVIEWS, found["reviews"])


def _decide(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    body = {"decision": args.decision, "by": args.by}
    if args.note is not None:
        body["note"] = args.note
    answer = door.ask("POST", f"/v1/reviews/{_part(args.review)}", body)
    return answer, lambda review: print(f"{review['id']}: {review['decision']}; held for: {_listed(review['holding'])}")


def _numbers(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    answer = door.ask("GET", f"/v1/numbers/unlinked?limit={args.limit}")
    return answer, lambda found: tables.show("unlinked numbers", tables.UNLINKED, found["numbers"])


def _link(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    body = {"account": args.account, "program": args.program, "category": args.category, "agent": args.by}
    answer = door.ask("PUT", f"/v1/clients/{_part(args.client)}/numbers/{_part(args.number)}/link", body)

    def show(linked: Any) -> None:
        asked = f"not asked: {linked['detail']}" if "optin" not in linked else f"asked by {linked['optin']['message']}"
        print(f"{linked['number']} is {linked['account']}'s; its owner is {asked}")

    return answer, show


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) or "nothing"


def _templates(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    answer = door.ask("GET", f"/v1/templates{_query(client=args.client)}")
    return answer, lambda found: tables.show("templates", tables.TEMPLATES, found["templates"])


def _show_template(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    query = _query(client=args.client, version=args.version)
    return door.ask("GET", f"/v1/templates/{_part(args.name)}{query}"), tables.show_template


def _preview_template(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    body = {name: value for name, value in (("locale", args.locale), ("vars", args.vars)) if value is not None}
    answer = door.ask("POST", f"/v1/templates/{_part(args.name)}/preview{_query(client=args.client)}", body)
    return answer, tables.show_preview


def _keys(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    return door.ask("GET", "/v1/keys"), lambda answer: tables.show("API keys", tables.KEYS, answer["keys"])


def _new_key(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    answer = door.ask(
        "POST",
        "/v1/keys",
        {"client": args.client, "label": args.label, "templates_only": args.templates_only},
    )

    def show(made: Any) -> None:
        print(made["key"])
        print(f"{made['id']} of {made['client']}: it is not shown again", file=sys.stderr)

    return answer, show


def _revoke_key(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    door.ask("DELETE", f"/v1/keys/{_part(args.id)}")
    return {"id": args.id, "valid": False}, lambda answer: print(f"{args.id} is revoked")


def _plugins(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    answer = door.ask("GET", "/v1/plugins")
    return answer, lambda found: tables.show("plugins", tables.PLUGINS, found["plugins"])


def _plugin(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    answer = door.ask("GET", f"/v1/plugins/{_part(args.plugin)}")

    def show(found: Any) -> None:
        tables.show("plugin", tables.PLUGINS, [found["plugin"]])
        tables.show("what happened", tables.CHANGES, found["changes"])
        tables.show("told again", tables.AGAIN, found["again"])

    return answer, show


def _resume(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    answer = door.ask("POST", f"/v1/plugins/{_part(args.plugin)}/resume")
    return answer, lambda found: print(f"{args.plugin} is called again, {found['again']} notices are told again")


def _webhooks(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    answer = door.ask("GET", "/v1/webhooks")
    return answer, lambda found: tables.show("webhooks", tables.WEBHOOKS, found["webhooks"])


def _replay(door: Door, args: argparse.Namespace) -> tuple[Any, Show]:
    client, webhook = args.endpoint
    answer = door.ask("POST", f"/v1/webhooks/{_part(client)}/{_part(webhook)}/replay")
    return answer, lambda found: print(f"{client}/{webhook} is enabled, {found['replayed']} deliveries are due again")


def _query(**given: object) -> str:
    told = {name: value for name, value in given.items() if value is not None}
    return f"?{urlencode(told)}" if told else ""


def _values(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except RecursionError:
        raise argparse.ArgumentTypeError("is nested too deep") from None
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"is not JSON ({error})") from None
    if not isinstance(values, dict):
        raise argparse.ArgumentTypeError('write an object, such as {"name": "A. Consumer"}')
    return values


def _part(text: str) -> str:
    return quote(text, safe="")


def _endpoint(text: str) -> tuple[str, str]:
    client, slash, webhook = text.partition("/")
    if not (client and slash and webhook) or "/" in webhook:
        raise argparse.ArgumentTypeError("write the client's id, a slash and the webhook's id")
    return client, webhook
