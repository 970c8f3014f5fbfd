"""`assent simulator`: it owns the command line, and starting and stopping.

    assent simulator                                     a carrier that behaves, on 127.0.0.1:2775
    assent simulator --scenario throttle_bursts          one that does not
    assent simulator scenarios                           which there are
    assent simulator say +15551230001 STOP --to 40404    what a consumer texts, from another terminal

The first line on standard output says where it listens: to a terminal in words, else as one line of JSON.
"""

import argparse
import json
import os
import signal
import stat
import sys
from functools import partial
from pathlib import Path

import trio

from tools.simulator import scenario
from tools.simulator.caller import keep_calling
from tools.simulator.console import look_on, talk
from tools.simulator.control import Control
from tools.simulator.door import Door, introduced
from tools.simulator.endpoint import Endpoint, endpoint
from tools.simulator.journal import Journal, Started
from tools.simulator.say import say
from tools.simulator.scenario import Scenario, ScenarioError
from tools.simulator.smsc import Smsc

_FAREWELL = 1.0  # seconds for unbind to be answered when the simulator stops


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `assent simulator`."""
    parser.set_defaults(simulator_command="run")
    parser.add_argument(
        "--listen",
        type=endpoint,
        default=Endpoint("127.0.0.1", 2775),
        metavar="HOST:PORT",
        help="where ESMEs connect; port 0 takes any free one (default 127.0.0.1:2775)",
    )
    _add_control(parser, Endpoint("127.0.0.1", 2776))
    parser.add_argument("--no-control", action="store_true", help="open no control port")
    parser.add_argument("--system-id", metavar="NAME", help="the only account (default: any)")
    secret = parser.add_mutually_exclusive_group()
    secret.add_argument("--password", help="the right password (default: any); other users of this machine can see it")
    secret.add_argument("--password-file", type=Path, metavar="FILE", help="a file with the right password")
    parser.add_argument(
        "--scenario",
        default="well_behaved",
        metavar="NAME|FILE.toml",
        help="which carrier to be (`scenarios` lists them)",
    )
    parser.add_argument("--journal", type=Path, metavar="FILE", help="append all that is seen and done, as JSON lines")
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input ends")
    parser.add_argument("--lifeline", type=int, metavar="FD", help="stop when this pipe is closed at its other end")

    commands = parser.add_subparsers(metavar="[say | scenarios]")
    saying = commands.add_parser("say", help="a consumer's text, by way of a running simulator")
    saying.set_defaults(simulator_command="say")
    saying.add_argument("source", metavar="FROM", help="the consumer's number")
    saying.add_argument("text", nargs="+", metavar="TEXT")
    saying.add_argument("--to", default="", metavar="NUMBER", help="(default: whoever texted the consumer last)")
    saying.add_argument("--encoding", default="auto", choices=("auto", "gsm7", "latin1", "ascii", "ucs2"))
    _add_control(saying, argparse.SUPPRESS)
    listing = commands.add_parser("scenarios", help="the carriers that it can be")
    listing.set_defaults(simulator_command="scenarios")


def _add_control(parser: argparse.ArgumentParser, default: Endpoint | str) -> None:
    parser.add_argument(
        "--control",
        type=endpoint,
        default=default,
        metavar="HOST:PORT",
        help="the HTTP port for scripts and `say` (default 127.0.0.1:2776)",
    )


def main(args: argparse.Namespace) -> int:
    """Do what was asked for; the exit code."""
    if args.simulator_command == "scenarios":
        # Outside the fence: an output that cannot be written is told by the command as a whole.
        for name in scenario.names():
            print(f"{name:36} {scenario.load(name).title}")
        return 0
    code = 1
    try:
        code = _obey(args)
    except* (OSError, ScenarioError, UnicodeDecodeError) as group:
        print(f"assent simulator: {_told(group)}", file=sys.stderr)
    return code


def _told(error: BaseException) -> str:
    """An error in the words for an operator; of several, the first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _obey(args: argparse.Namespace) -> int:
    if args.simulator_command == "say":
        code, line = say(args.control, args.source, " ".join(args.text), args.to, args.encoding)
        print(line, file=sys.stderr if code else sys.stdout)
        return code
    carrier = scenario.load(args.scenario)
    password = args.password
    if args.password_file is not None:
        password = args.password_file.read_text(encoding="utf-8").rstrip("\r\n")
    if args.lifeline is not None:
        _check_lifeline(args.lifeline)
    trio.run(_simulate, args, carrier, password)
    return 0


def _check_lifeline(fd: int) -> None:
    mode = os.fstat(fd).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        raise OSError(f"--lifeline {fd} is neither a pipe nor a socket")


async def _simulate(args: argparse.Namespace, carrier: Scenario, password: str | None) -> None:
    door, control_door = Door(), Door()
    listening = await door.open(args.listen)
    controlled = None if args.no_control else await control_door.open(args.control)
    journal = Journal(args.journal)
    smsc = Smsc(carrier, journal, system_id=args.system_id, password=password)
    journal.add(Started(port=listening.port, scenario=carrier.title))
    smsc.settle()
    _announce(listening, controlled, carrier)
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(smsc.run)
        nursery.start_soon(keep_calling, smsc)
        nursery.start_soon(door.run, partial(introduced, smsc.serve))
        if controlled is not None:
            nursery.start_soon(control_door.run, Control(smsc, door).serve)
        nursery.start_soon(_stop_at_signal, stop)
        if args.lifeline is not None:
            nursery.start_soon(_stop_at_end_of, args.lifeline, stop)
        if _has_console():
            terminal = sys.stdin.isatty()
            if terminal:
                nursery.start_soon(look_on, smsc, _say)
            nursery.start_soon(_console, smsc, stop, terminal, args.stop_with_stdin)
        elif args.stop_with_stdin:
            stop.set()
        await stop.wait()
        await smsc.stop(_FAREWELL)
        nursery.cancel_scope.cancel()
    journal.close()


def _announce(listening: Endpoint, controlled: Endpoint | None, carrier: Scenario) -> None:
    if sys.stdout.isatty():
        control = f", control on http://{controlled}" if controlled is not None else ""
        _say(f"SMSC on {listening}{control}: {carrier.title}\n`help` shows what can be typed here.\n")
    else:
        ready = {"event": "listening", "smpp": str(listening), "control": str(controlled) if controlled else None}
        _say(f"{json.dumps(ready)}\n")


def _say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


def _has_console() -> bool:
    """Whether somebody can type here: standard input is open, and if it is a terminal, we are in its foreground."""
    if sys.stdin is None or sys.stdin.closed:
        return False
    if not sys.stdin.isatty():
        return True
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:  # not the terminal that controls us: there is no background
        return True


async def _console(smsc: Smsc, stop: trio.Event, terminal: bool, stop_at_end: bool) -> None:
    quitted = await talk(smsc, sys.stdin.fileno(), _say, prompt=terminal)
    if quitted or terminal or stop_at_end:
        stop.set()


async def _stop_at_signal(stop: trio.Event) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            stop.set()


async def _stop_at_end_of(fd: int, stop: trio.Event) -> None:
    """Whoever started us holds the other end; when it dies, even by SIGKILL, the kernel closes it."""
    while True:
        await trio.lowlevel.wait_readable(fd)
        if not os.read(fd, 4096):
            stop.set()
            return


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(prog="assent simulator", description="An SMSC to talk to.")
    add_arguments(_parser)
    sys.exit(main(_parser.parse_args()))
