"""Asking plugins about texts, before the rules judge them.

Owns: what a plugin is shown of a text, and what the client is told where a plugin cannot be asked. Does not own: the calls
(hooks/host), or what a refusal leads to (submit).
"""

from collections.abc import Mapping, Sequence

from gateway.errors import Code, Transient
from gateway.flow.submit import NOBODY
from gateway.hooks.host import Host, PluginFailed
from gateway.hooks.specs import Draft
from gateway.model.ids import MessageId
from gateway.model.message import Submission
from gateway.store.base import Store

_LATER_SECONDS = 30.0


class PluginRefusals:
    """See submit.Refusals."""

    def __init__(self, host: Host, store: Store) -> None:
        self._host = host
        self._store = store

    async def __call__(
        self, client: str, submissions: Sequence[Submission], plugin: str | None
    ) -> Mapping[MessageId, tuple[str, str]]:
        """See submit.Refusals."""
        if not self._host.decides or not submissions:
            return NOBODY
        names = [one.account for one in submissions if one.account is not None]
        accounts = await self._store.accounts_of(client, names) if names else {}
        try:
            refused = await self._host.decide(client, [_draft(one, plugin) for one in submissions], accounts)
        except PluginFailed as error:
            raise Transient(Code.PLUGIN_FAILED, "a plugin that has to look at texts cannot", _LATER_SECONDS) from error
        return {submissions[place].id: word for place, word in refused.items()}


def _draft(submission: Submission, plugin: str | None) -> Draft:
    return Draft(
        submission.client,
        submission.program,
        submission.category,
        submission.number,
        submission.text,
        plugin,
        submission.account,
        submission.send_at,
        submission.at,
    )
