"""The jobs of an account, with what became of them, for its client.

Owns: the page and its cursor. Does not own: jobs (store, flow).
"""

from typing import Final

import msgspec

from gateway.config import ClientConfig
from gateway.errors import Code
from gateway.model import ids
from gateway.model.ids import JobId, spell
from gateway.model.jobs import JobState, KeptJob
from gateway.web.auth import Gate
from gateway.web.doors import Doors
from gateway.web.evidence import LONGEST_ACCOUNT
from gateway.web.http import Request, Response
from gateway.web.problem import Problem
from gateway.web.routes import Operation, Outcome, Parameter
from gateway.web.wire import read_count, reply, spell_time

MOST_LISTED: Final = 1000
_LAST = JobId((1 << 63) - 1)


class JobView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One job."""

    id: str
    plugin: str
    key: str
    """The plugin's own name for it."""
    account: str
    state: JobState
    due_at: str
    catch_up: str
    """What was to become of it had the gateway been down at its time."""
    scheduled_at: str
    ended_at: str | None = None


class JobsView(msgspec.Struct, frozen=True, omit_defaults=True):
    """Jobs, the newest first."""

    jobs: list[JobView]
    next: str | None = None
    """What to send as ``before`` for the next page."""


_PARAMETERS = (
    Parameter("account", "Whose.", {"type": "string", "minLength": 1, "maxLength": LONGEST_ACCOUNT}, required=True),
    Parameter(
        "before",
        "Only jobs that were scheduled before this one: `next` of the page before.",
        {"type": "string", "pattern": ids.pattern("job")},
    ),
    Parameter("limit", "At most so many.", {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": 100}),
)


def job_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The route."""

    async def browse(request: Request, client: ClientConfig) -> Response:
        account = request.query.get("account", "")
        if not account:
            raise Problem(
                422, Code.REQUEST_INVALID, "No account is named.", field="query:account", fix="Send ?account=."
            )
        if len(account) > LONGEST_ACCOUNT:
            raise Problem(
                422,
                Code.REQUEST_INVALID,
                f"The account has {len(account)} characters.",
                field="query:account",
                fix=f"Send at most {LONGEST_ACCOUNT}.",
            )
        limit = read_count(request, "limit", 100, 1, MOST_LISTED)
        found = await doors.store.jobs_of_account(client.id, account, _before(request.query.get("before")), limit)
        more = spell("job", found[-1].id) if len(found) == limit else None
        return reply(JobsView([view_job(job) for job in found], more))

    return [
        Operation(
            "GET",
            "/v1/jobs",
            gate.for_client(doors.keys, browse),
            id="listJobs",
            summary="What plugins scheduled for an account, and what became of it",
            parameters=_PARAMETERS,
            outcomes=(Outcome(200, "Jobs, the newest first.", JobsView),),
            problems=((400, "A parameter is not known."), (422, "The value of a parameter cannot be taken.")),
        )
    ]


def view_job(job: KeptJob) -> JobView:
    """A job as it is shown."""
    return JobView(
        spell("job", job.id),
        job.plugin,
        job.key,
        job.account,
        job.state,
        spell_time(job.due_at) or "",
        job.catch_up,
        spell_time(job.at) or "",
        spell_time(job.ended_at),
    )


def _before(text: str | None) -> JobId:
    if text is None:
        return _LAST
    number = ids.read("job", text)
    if number is None:
        raise Problem(
            422,
            Code.REQUEST_INVALID,
            "It is no job that was given.",
            field="query:before",
            fix='Send "next" of the page before as it is, or leave it out to begin at the newest.',
        )
    return JobId(number)
