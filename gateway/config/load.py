"""Reading a configuration directory.

Owns: the five files, who may read them, TOML, and putting all faults into one error. Does not own: what the files may
say (gateway, carriers, clients, policy, plugins) or secrets kept elsewhere (credentials).
"""

import re
import stat
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from gateway.config.carriers import CarriersFile
from gateway.config.clients import ClientsFile
from gateway.config.decode import Faults, decode_table, did_you_mean, label_of
from gateway.config.faults import ConfigError, Fault
from gateway.config.fields import places
from gateway.config.gateway import GatewayConfig
from gateway.config.packs import pack_files
from gateway.config.plugins import PluginsConfig
from gateway.config.policy import SYSTEM, SYSTEM_CATEGORY, PolicyConfig
from gateway.config.references import check_carriers, check_clients, check_doors
from gateway.config.templates import read_template_files
from gateway.config.whole import Config

FILES = ("gateway.toml", "carriers.toml", "clients.toml", "policy.toml", "plugins.toml")
_OPTIONAL = ("gateway.toml", "plugins.toml")
_LARGEST = 4 * 1024 * 1024
_SECRET_KEY = re.compile(r"(^|_)(password|secret|token|api_key)\Z")


def load(directory: Path, check: Callable[[Config], Iterable[Fault]] | None = None) -> Config:
    """Read the configuration in ``directory``.

    Raises ConfigError with every fault of every file. ``check`` finds those that take more than these files' own rules to
    see; it is asked whether there are others or not. Secrets in files and in the environment are not read here: see
    ``resolve_credentials``.
    """
    config, found = read(directory, check)
    if found:
        raise ConfigError(found)
    return config


def read(directory: Path, check: Callable[[Config], Iterable[Fault]] | None = None) -> tuple[Config, list[Fault]]:
    """What ``load`` reads, with the faults: what could not be used is its default, or empty, so that one can look on.

    Raises ConfigError where there is no directory.
    """
    if not directory.is_dir():
        raise ConfigError([Fault(str(directory), "", "is no directory", "name the one that holds gateway.toml")])
    faults = {name: Faults(name) for name in FILES}
    raw = {name: _read(directory / name, faults[name]) for name in FILES}

    gateway = decode_table(GatewayConfig, raw["gateway.toml"], "", faults["gateway.toml"])
    carriers = decode_table(CarriersFile, raw["carriers.toml"], "", faults["carriers.toml"]).carriers
    clients = decode_table(ClientsFile, raw["clients.toml"], "", faults["clients.toml"]).clients
    policy = decode_table(PolicyConfig, raw["policy.toml"], "", faults["policy.toml"])
    plugins = decode_table(PluginsConfig, raw["plugins.toml"], "", faults["plugins.toml"])
    policy = replace(policy, categories={SYSTEM: SYSTEM_CATEGORY} | policy.categories)

    check_doors(gateway, faults["gateway.toml"])
    check_carriers(carriers, faults["carriers.toml"])
    check_clients(
        clients,
        None if faults["carriers.toml"].unread else carriers,
        None if faults["policy.toml"].unread else policy,
        faults["clients.toml"],
    )
    templates, unread = read_template_files(directory / "templates", "conf")
    packs, unreadable = pack_files(directory)
    config = Config(
        gateway=gateway,
        carriers=carriers,
        clients=clients,
        policy=policy,
        plugins=plugins,
        templates=tuple(templates),
        packs=packs,
    )
    found = [*_strangers(directory), *(fault for name in FILES for fault in faults[name]), *unread, *unreadable]
    found += check(config) if check is not None else ()
    return config, found


def _read(path: Path, faults: Faults) -> dict[str, object]:
    """The file's tables; empty where it cannot be read, which is then a fault."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            faults.add_unusable(
                "", "is no regular file of a sane size", f"give a TOML file of at most {_LARGEST} bytes"
            )
            return {}
        raw = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        if path.name not in _OPTIONAL:
            faults.add_unusable("", "is missing", f"create it in {path.parent}")
        return {}
    except OSError as error:
        faults.add_unusable("", f"cannot be read ({error.strerror})", "check who owns it and its mode")
        return {}
    except UnicodeDecodeError:
        faults.add_unusable("", "is not UTF-8", "save it as UTF-8")
        return {}
    except RecursionError:
        faults.add_unusable("", "is not TOML (nested too deep)", "remove the nesting")
        return {}
    except ValueError as error:
        # Not only TOMLDecodeError: also an integer of more digits than Python converts.
        faults.add_unusable("", f"is not TOML ({str(error).splitlines()[0]})", "mend the line")
        return {}
    if status.st_mode & stat.S_IROTH:
        for key in _secrets(raw, ""):
            faults.add(key, "is a secret in a file that everybody can read", f"chmod 600 {path.name}, or move it out")
    return raw


def _secrets(raw: object, path: str) -> Iterator[str]:
    """Keys that hold a secret in plain sight."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            here = f"{path}.{key}" if path else key
            if isinstance(value, str) and value and _SECRET_KEY.search(key):
                yield here
            else:
                yield from _secrets(value, here)
    elif isinstance(raw, list):
        for item, place in zip(raw, places([label_of(item) for item in raw]), strict=True):
            yield from _secrets(item, path + place)


def _strangers(directory: Path) -> Iterator[Fault]:
    """A file that nobody reads is a misspelt name."""
    for path in sorted(directory.glob("*.toml")):
        if path.name not in FILES:
            yield Fault(path.name, "", "is not read by anybody", did_you_mean(path.name, list(FILES)))
