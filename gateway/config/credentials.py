"""Secrets that the configuration points to: passwords of carriers and keys that sign webhooks.

Owns: reading them from files and the environment, refusing files that everybody can read, and making those of the
demonstration. Does not own: what they are used for, nor the API keys of clients (the store).
"""

import os
import re
import secrets
import stat
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from ssl import SSLContext

from msgspec import Struct

from gateway.config.carriers import CREDENTIAL_FORM
from gateway.config.clients import SIGNING_KEY_FORM, is_webhook_secret
from gateway.config.faults import ConfigError, Fault
from gateway.config.tls import read_tls
from gateway.config.whole import Config

_PASSWORD = re.compile(r"[\x21-\x7e]{1,64}")
_CARRIERS, _CLIENTS = "carriers.toml", "clients.toml"


class Credentials(Struct, frozen=True, kw_only=True):
    """Every secret of the configuration, read."""

    carriers: dict[str, str]
    """Password by the carrier's name."""
    outbinds: dict[str, str]
    """What a carrier that calls us shows, by its name."""
    tls: dict[str, SSLContext]
    """How to speak to a carrier that speaks TLS, by its name."""
    webhooks: dict[tuple[str, str], tuple[str, ...]]
    """Signing keys by client and webhook: the current one, then the one before it if there is one."""

    def __repr__(self) -> str:
        """Without secrets."""
        return "Credentials(...)"


def resolve_credentials(config: Config, environment: Mapping[str, str]) -> Credentials:
    """Read every secret and certificate.

    Raises ConfigError with every fault: a file that is missing, empty or readable by everybody, a variable that is not
    set, a secret of the wrong form, a certificate that is none.
    """
    faults: list[Fault] = []
    source = _Source(config, environment, faults)
    passwords: dict[str, str] = {}
    outbinds: dict[str, str] = {}
    contexts: dict[str, SSLContext] = {}
    for carrier in config.carriers:
        at = f"carrier[{carrier.name}]"
        ways = (carrier.password, carrier.password_file, carrier.password_env)
        passwords[carrier.name] = source.read_password(f"{at}.password", *ways)
        called = carrier.outbind
        if called is not None:
            ways = (called.password, called.password_file, called.password_env)
            outbinds[carrier.name] = source.read_password(f"{at}.outbind.password", *ways)
        if carrier.tls.enabled:
            contexts[carrier.name] = read_tls(carrier.tls, config.path, f"{at}.tls", faults)
    keys: dict[tuple[str, str], tuple[str, ...]] = {}
    for client in config.clients:
        for webhook in client.webhooks:
            at = f"client[{client.id}].webhook[{webhook.id}]"
            current = (webhook.secret, webhook.secret_file, webhook.secret_env)
            previous = (webhook.previous_secret, webhook.previous_secret_file, webhook.previous_secret_env)
            given = {"secret": current} | ({"previous_secret": previous} if any(previous) else {})
            found = []
            for key, (inline, file, variable) in given.items():
                secret = source.read(_CLIENTS, f"{at}.{key}", inline, file, variable)
                if secret and not is_webhook_secret(secret):
                    faults.append(Fault(_CLIENTS, f"{at}.{key}", "is not well-formed", f"give {SIGNING_KEY_FORM}"))
                found.append(secret)
            keys[client.id, webhook.id] = tuple(found)
    if faults:
        raise ConfigError(faults)
    return Credentials(carriers=passwords, outbinds=outbinds, tls=contexts, webhooks=keys)


def create_demo_credentials(config: Config) -> tuple[Path, ...]:
    """Make the secret files that the configuration names inside the data directory and that do not exist yet.

    For the demonstration, whose carrier and clients are on this machine: random, mode 0600, never one that is known
    beforehand. Returns the new files. Raises ConfigError where one cannot be made.
    """
    wanted = {carrier.password_file: _new_password for carrier in config.carriers}
    for client in config.clients:
        wanted |= {webhook.secret_file: _new_webhook_secret for webhook in client.webhooks}
    created: list[Path] = []
    for name, make in wanted.items():
        if name is None or Path(name).is_absolute() or ".." in Path(name).parts:
            continue
        path = config.path(name)
        try:
            if _create(path, make):
                created.append(path)
        except OSError as error:
            problem = f"{path} cannot be made ({error.strerror})"
            fix = "give a data directory that can be written, here or with --data"
            raise ConfigError([Fault("gateway.toml", "store.path", problem, fix)]) from error
    return tuple(created)


def _create(path: Path, make: Callable[[], str]) -> bool:
    """Make a file with a new secret; False where there is one. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return False
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(f"{make()}\n")
    return True


class _Source:
    """Reads secrets one by one and collects what is wrong with them."""

    def __init__(self, config: Config, environment: Mapping[str, str], faults: list[Fault]) -> None:
        self._config = config
        self._environment = environment
        self._faults = faults

    def read_password(self, key: str, inline: str | None, file: str | None, variable: str | None) -> str:
        """A carrier's password; empty after a fault."""
        password = self.read(_CARRIERS, key, inline, file, variable)
        if password and _PASSWORD.fullmatch(password) is None:
            self._faults.append(Fault(_CARRIERS, key, "is not well-formed", f"give {CREDENTIAL_FORM}"))
        return password

    def read(self, where: str, key: str, inline: str | None, file: str | None, variable: str | None) -> str:
        """The secret, without the line end of its file; empty after a fault."""
        if inline is not None:
            return inline
        if variable is not None:
            secret = self._environment.get(variable, "").strip()
            if not secret:
                self._faults.append(Fault(where, f"{key}_env", f"{variable} is not set", "set it before the start"))
            return secret
        if file is None:
            return ""
        path = self._config.path(file)
        try:
            with path.open("rb") as opened:
                readable = os.fstat(opened.fileno()).st_mode & stat.S_IROTH
                secret = opened.read(4096).decode("ascii", "replace").strip()
        except OSError as error:
            self._faults.append(Fault(where, f"{key}_file", f"{path}: {error.strerror}", "create it with mode 0600"))
            return ""
        if readable:
            self._faults.append(Fault(where, f"{key}_file", f"{path} can be read by everybody", "chmod 600 it"))
        if not secret:
            self._faults.append(Fault(where, f"{key}_file", f"{path} is empty", "write the secret into it"))
        return secret


def _new_password() -> str:
    # SMPP 3.4 §4.1.1: a password is at most 8 characters.
    return secrets.token_urlsafe(6)


def _new_webhook_secret() -> str:
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
