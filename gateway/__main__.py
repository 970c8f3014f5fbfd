"""The ``assent`` command.

Owns: which subcommands there are, and how a failure to start is told. Does not own: what a subcommand does.
"""

import argparse
import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import TextIO, cast

import msgspec
import trio

from gateway import log
from gateway.app import run, wall_clock
from gateway.config import (
    Config,
    ConfigError,
    Credentials,
    Fault,
    advise,
    create_demo_credentials,
    load,
    read,
    resolve_credentials,
)
from gateway.demo import Demo, DemoFailed
from gateway.extensions import advise_on_templates, find_plugins, template_files
from gateway.flow.templates import SYSTEM_PREFIX, read_specs, system_files
from gateway.hooks.plugin import Plugin
from gateway.output import Output
from gateway.rules.charters import advise_packs, find_faults
from gateway.rules.program_words import advise_words, find_word_faults
from gateway.store.directory import CannotOpen, look_at
from gateway.store.writer import StoreFailed
from gateway.text.template_spec import TemplateSpec
from gateway.web.listen import ListenError

# The tools are imported when they are asked for: the gateway itself needs none of them.
_TOOLS = {
    "init": ("tools.init", "write a configuration to begin with"),
    "admin": ("tools.admin", "ask a running gateway: binds, queues, messages, consents, keys"),
    "inspect": ("tools.inspect", "read PDUs, texts, receipts and replies, one JSON object a line"),
    "plugin": ("tools.plugin", "begin a plugin: one folder, one test file"),
    "simulator": ("tools.simulator.__main__", "an SMSC with faults on demand"),
    "receiver": ("tools.receiver", "receive webhooks and check their signatures"),
}

DONE, FAILED, MISUSED = 0, 1, 2
UNREAD = 128 + signal.SIGPIPE
"""As a shell tells of whatever writes into a closed pipe."""
# How long a thread that computes keeps the interpreter from one that asks for it. A commit asks at each statement, and so does
# a plugin's neighbour: with the usual five milliseconds both would wait for most of their time.
_TURN_SECONDS = 0.0005


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; returns the exit status: 0 done, 1 failed, 2 used wrongly, 141 where nobody reads what it says."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for argument in arguments:
        if not _is_text(argument):
            print(f"assent: {argument!a} is not text in UTF-8; write it anew", file=sys.stderr)
            return MISUSED
    if sys.stdout is None:
        return _command(arguments)
    output = Output(sys.stdout)
    status = FAILED
    with redirect_stdout(cast("TextIO", output)):
        try:
            status = _command(arguments)
        except (OSError, SystemExit):
            if output.end() is None:
                raise
    failure = output.end()
    if isinstance(failure, BrokenPipeError):
        return UNREAD
    if failure is not None:
        print(f"assent: standard output cannot be written ({failure.strerror})", file=sys.stderr)
        return FAILED
    return status


def _is_text(argument: str) -> bool:
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True


def _command(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="assent", description="An SMS gateway that sends nothing without consent.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    running = commands.add_parser("run", help="run the gateway")
    running.add_argument(
        "--demo", action="store_true", help="bring the bundled SMSC simulator, an API key and commands to paste"
    )
    checking = commands.add_parser(
        "check", help="check the configuration and the data directory, change nothing, and stop"
    )
    for command in (running, checking):
        command.add_argument("--conf", type=Path, default=Path("conf"), help="directory of the TOML files (conf)")
        command.add_argument("--data", type=Path, help="data directory, in place of [store] path in gateway.toml")
    for name, (module, summary) in _TOOLS.items():
        command = commands.add_parser(name, help=summary)
        if arguments and arguments[0] == name:
            tool = import_module(module)
            tool.add_arguments(command)
            command.set_defaults(run_tool=tool.main)
    args = parser.parse_args(arguments)
    if args.command in _TOOLS:
        return int(args.run_tool(args))
    try:
        if args.command == "check":
            config, faults = read(args.conf, _faults_of_rules)
            _check(_at(config, args.data), faults)
            print(f"{args.conf}: no faults")
            return DONE
        config, credentials = _configure(args, load(args.conf, _faults_of_rules))
    except ConfigError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return FAILED
    return _run(config, credentials, demo=args.demo)


def _faults_of_rules(config: Config) -> list[Fault]:
    return [*find_faults(config, wall_clock()), *find_word_faults(config)]


def _check(config: Config, faults: list[Fault]) -> None:
    """All that a start would look at, beside the faults that were found already. Raises ConfigError with those of every part."""
    log.configure(config.gateway.log.level, config.gateway.log.format)
    credentials: Credentials | None = None
    # Where the data directory was not understood, nobody knows where the secrets are.
    if not any(fault.file == "gateway.toml" and fault.key.partition(".")[0] in ("", "store") for fault in faults):
        try:
            credentials = resolve_credentials(config, os.environ)
        except ConfigError as error:
            faults += error.faults
        try:
            look_at(Path(config.gateway.store.path))
        except CannotOpen as error:
            faults.append(Fault("", "", str(error), ""))
    plugins: list[Plugin] = []
    try:
        # A name that stands for a plugin's template is judged beside that one.
        templates = [file for file in config.templates if "." not in file.name or file.name.startswith(SYSTEM_PREFIX)]
        if not any(fault.file == "plugins.toml" for fault in faults):
            plugins = find_plugins(config)
            templates = template_files(config, plugins)
    except ConfigError as error:
        faults += error.faults
    specs: list[TemplateSpec] = []
    try:
        specs = [spec for spec, _ in read_specs([*system_files(), *templates]).values()]
    except ConfigError as error:
        faults += error.faults
    if faults:
        raise ConfigError(dict.fromkeys(faults))
    if credentials is not None:
        _advise(config, credentials)
    for advice in advise_on_templates(config.clients, plugins, specs, lambda client: specs):
        log.Log("gateway").warning(str(advice))


def _at(config: Config, data: Path | None) -> Config:
    """The configuration with its data directory where the command line says, if it says so."""
    if data is None:
        return config
    store = msgspec.structs.replace(config.gateway.store, path=str(data))
    return msgspec.structs.replace(config, gateway=msgspec.structs.replace(config.gateway, store=store))


def _configure(args: argparse.Namespace, config: Config) -> tuple[Config, Credentials]:
    config = _at(config, args.data)
    if args.demo:
        create_demo_credentials(config)
    credentials = resolve_credentials(config, os.environ)
    log.configure(config.gateway.log.level, config.gateway.log.format)
    _advise(config, credentials)
    return config, credentials


def _advise(config: Config, credentials: Credentials) -> None:
    for advice in (*advise(config, credentials), *advise_packs(config, wall_clock()), *advise_words(config)):
        log.Log("gateway").warning(str(advice))


def _run(config: Config, credentials: Credentials, *, demo: bool) -> int:
    os.umask(0o077)  # whatever the gateway writes is nobody else's to read
    # What is loaded by now lives as long as the process, and little of what a message needs is cyclic.
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    sys.setswitchinterval(_TURN_SECONDS)
    told: list[BaseException] = []
    try:
        if demo:
            with Demo(config) as shown:
                trio.run(run, shown.config, credentials, shown.started)
        else:
            trio.run(run, config, credentials)
    except* (CannotOpen, ConfigError, DemoFailed, ListenError, StoreFailed) as failures:
        told = _leaves(failures)
    # One fault of the disk ends the writer and those who waited for it: it is said once.
    for words in dict.fromkeys(str(failure) for failure in told):
        print(f"assent: {words}", file=sys.stderr)
    return FAILED if told else 0


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    return [
        leaf
        for error in group.exceptions
        for leaf in (_leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    ]


if __name__ == "__main__":
    sys.exit(main())
