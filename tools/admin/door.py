"""Owns the way to a running gateway's admin door: its address, its token, one request at a time.

Does not know what is asked there (commands), nor how an answer is shown (tables).
"""

import os
import re
import tomllib
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
import msgspec

DEFAULT_LISTEN: Final = "127.0.0.1:8081"
DEFAULT_STORE: Final = "data"
TOKEN_FILE: Final = "admin.token"  # noqa: S105 - a file's name
TOKEN_VARIABLE: Final = "ASSENT_ADMIN_TOKEN"  # noqa: S105 - a variable's name
_SECONDS = 30.0
_LARGEST_TOKEN = 500
_JSON: Final = {"Content-Type": "application/json"}


class Misused(Exception):
    """The door cannot be found by what was given; the message says what to give."""


class Unreachable(Exception):
    """Nobody answers at the door, or somebody else does."""


class Refused(Exception):
    """The gateway said no."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("detail", "no reason was given"))
        self.problem = problem

    @property
    def fixes(self) -> list[str]:
        """What can be done about it."""
        errors = self.problem.get("errors", [])
        return [fix for fix in (self.problem.get("fix"), *(error.get("fix") for error in errors)) if fix]


class Door:
    """A connection to the door; a context manager."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        if not _is_url(url):
            raise Misused(f"{url} is no http or https URL; give one such as http://{DEFAULT_LISTEN}")
        # No proxies of the environment: the door is on this machine, and the token is for nobody else.
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=_SECONDS, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer, decoded; None where it has no body. Raises Misused, Refused, Unreachable."""
        content = None if body is None else _encode(body)
        try:
            answer = self._client.request(method, path, content=content, headers=None if body is None else _JSON)
            found = msgspec.json.decode(answer.content) if answer.content else None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError) as error:
            raise Misused(
                f"{self._url} cannot be asked ({error}); give a URL such as http://{DEFAULT_LISTEN}"
            ) from None
        except httpx.TransportError as error:
            raise Unreachable(
                f"nobody answers at {self._url} ({error or type(error).__name__}); is it running?"
            ) from None
        except ValueError:
            raise Unreachable(f"what answers at {self._url} is not the admin door of Assent") from None
        if answer.is_success and (found is None or isinstance(found, dict)):
            return found
        if answer.is_success or not isinstance(found, dict) or "code" not in found:
            raise Unreachable(f"what answers at {self._url} is not the admin door of Assent")
        raise Refused(found)


def _encode(body: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(body)
    except (ValueError, OverflowError, RecursionError) as error:
        raise Misused(f"what was given cannot be sent as JSON ({error}); mend that value") from None


def find_door(conf: Path, data: Path | None, url: str | None, token: str | None) -> Door:
    """The door of the gateway that runs by a configuration, or the one at ``url``. Raises Misused.

    The token is the one given, or that of the environment, or the one in the data directory.
    """
    token = token or os.environ.get(TOKEN_VARIABLE)
    if token is not None and not _is_token(token):
        raise Misused("the token is not one word of ASCII characters; copy it again")
    if url is not None and token is not None:
        return Door(url, token)
    settings = _settings(conf, optional=data is not None and url is not None)
    if token is None:
        token = _token(data or Path(_text(settings, conf, "store", "path", DEFAULT_STORE)))
    if url is None:
        listen = _text(settings, conf, "admin", "listen", DEFAULT_LISTEN)
        if listen.endswith(":0"):
            raise Misused(f"[admin] listen in {conf}/gateway.toml leaves the port open; give --url")
        url = f"http://{listen}"
    return Door(url, token)


def _is_url(text: str) -> bool:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    host_fits = re.fullmatch(r"[A-Za-z0-9.:_-]+", url.host) is not None
    return url.scheme in ("http", "https") and host_fits and (url.port or 0) <= 65535


def _settings(conf: Path, *, optional: bool) -> dict[str, Any]:
    path = conf / "gateway.toml"
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if optional or conf.is_dir():
            return {}  # the gateway does without it too
        raise Misused(f"{conf} is not there; give the directory of the configuration with --conf") from None
    except OSError as error:
        raise Misused(f"{path} cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise Misused(f"{path} is not TOML ({error})") from None


def _text(settings: dict[str, Any], conf: Path, section: str, key: str, default: str) -> str:
    table = settings.get(section, {})
    value = table.get(key, default) if isinstance(table, dict) else None
    if not isinstance(value, str):
        raise Misused(f"[{section}] {key} in {conf}/gateway.toml is not a text")
    return value


def _token(data: Path) -> str:
    path = data / TOKEN_FILE
    try:
        with path.open("rb") as file:
            token = file.read(_LARGEST_TOKEN).decode("ascii").strip()
    except FileNotFoundError:
        raise Misused(
            f"{path} is not there: the gateway makes it when it starts. "
            "If it runs from another directory, give that with --data, or the token itself"
        ) from None
    except OSError as error:
        raise Misused(f"{path} cannot be read ({error.strerror}); ask as the user that the gateway runs as") from None
    except UnicodeDecodeError:
        token = ""
    if not _is_token(token):
        raise Misused(f"{path} holds no token; start the gateway again to have one made")
    return token


def _is_token(text: str) -> bool:
    return text.isascii() and text.isprintable() and text != "" and " " not in text
