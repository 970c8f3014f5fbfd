"""A guard in front of the rules: no text about an account that is closed, or that the client marked.

Owns: which accounts are guarded. Does not own: the marks, which are fields of the client's account.updated.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from gateway.hooks import Category, Draft, Info, Refusal, Section, Settings, hookimpl
from gateway.model.account import Account
from gateway.model.client_events import FieldValue

Wrong = tuple[str, str, str]


class Mark(Section, frozen=True, kw_only=True):
    """[[settings.account_guard.marks]]: a field, and the values of it that guard an account."""

    field: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}\Z", description="a field of account.updated")]
    values: Annotated[tuple[bool | int | str, ...], Meta(min_length=1, description="one or more values")]


class GuardSettings(Settings, frozen=True, kw_only=True):
    """[settings.account_guard]"""

    closed: bool = True
    """Whether accounts that are closed are guarded."""
    marks: tuple[Mark, ...] = ()
    categories: tuple[Category, ...] = ()
    """Texts of these alone are refused; of all where empty."""

    def check(self) -> Iterator[Wrong]:
        """Something to guard."""
        if not self.closed and not self.marks:
            yield "marks", "guards nothing", "name a field and its values, or leave closed = true"


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="Refuses texts about accounts that are closed, or that the client marked")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return GuardSettings


@hookimpl
def decide_text(draft: Draft, account: Account | None, settings: GuardSettings) -> Refusal | None:
    """See Hooks."""
    if account is None or (settings.categories and draft.category not in settings.categories):
        return None
    if settings.closed and account.closed:
        return Refusal("the account is closed")
    for mark in settings.marks:
        if any(_is(account.fields.get(mark.field), value) for value in mark.values):
            return Refusal(f"the account's field {mark.field} guards it")
    return None


def _is(known: FieldValue, value: FieldValue) -> bool:
    # To Python, 1 is True; to a client, it is not.
    return known == value and isinstance(known, bool) == isinstance(value, bool)
