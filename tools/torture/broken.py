"""Which broken promise each goal must notice, and by what name: it owns that table.

A proof that cannot fail proves nothing. How promises are broken is in `tests.system.sabotage`.
"""

from collections.abc import Mapping

import msgspec

from tools.torture.run import Wanted, sizes_of
from tools.torture.scenarios import CASES

_DROPS_TCP = next(place for place, case in enumerate(CASES) if case.scenario == "drops_tcp")


class Broken(msgspec.Struct, frozen=True):
    """A promise that is broken under a goal's eyes."""

    goal: str
    sabotage: str
    violation: str
    """The name of what must be seen."""
    sizes: Mapping[str, float] = {}
    """Of a run that is long enough to see it; else the small ones."""
    slow: bool = False
    """Whether it takes longer than a test should."""

    @property
    def wanted(self) -> Wanted:
        """The run."""
        return Wanted(self.goal, True, sizes_of(self.sizes), self.sabotage)


BROKEN: tuple[Broken, ...] = (
    Broken("R1", "acknowledge_before_commit", "lost", {"kills": 3}),
    Broken("R1", "resend_after_a_crash", "duplicated", {"kills": 4}, slow=True),
    Broken("R1b", "resend_after_a_crash", "duplicated", {"every": 4}, slow=True),
    Broken("R2", "never_sync", "before_the_disk", {"submits": 30, "texts": 30}),
    Broken("R2", "answer_consumers_before_the_commit", "before_the_disk", {"submits": 30, "texts": 30}, slow=True),
    Broken("R4", "go_on_after_a_failed_sync", "alive", {"failures": 1}, slow=True),
    Broken("R5", "answer_what_is_put_off", "mo_lost", {"seconds": 0.5, "patience": 5.0}, slow=True),
    Broken("R6", "wait_for_the_lock", "promised", {"seconds": 3.0}),
    Broken("R7", "resend_after_a_lost_link", "duplicated", {"flaps": 3}),
    Broken("R8", "ignore_the_window", "window", {"seconds": 1.0, "backlog": 100}, slow=True),
    Broken("R9", "give_up_when_throttled", "undelivered", {"texts": 12}),
    Broken("R10", "no_rate_limit", "too_fast", {"seconds": 3}),
    Broken("R11", "forget_receipts_in_a_hurry", "receipt_lost", {"receipts": 200}, slow=True),
    Broken("R12", "forget_early_receipts", "misjudged", {"texts": 60}),
    Broken("R13", "answer_consumers_before_the_commit", "mo_lost", {"texts": 2000, "kills": 5}, slow=True),
    Broken("R14", "check_consent_only_at_accept", "sent_after_stop", {"numbers": 16, "kills": 0, "patience": 5}),
    Broken("R14v", "check_consent_only_at_accept", "lost_race", {"races": 10}),
    Broken("R16", "forget_idempotency_keys", "key_doubled", {"keys": 60, "kills": 0}),
    Broken("R18", "go_on_after_gone", "still_enabled", {"texts": 20, "seconds": 1.0}, slow=True),
    Broken("R19", "move_the_cursor_before_delivering", "webhook_lost", {"kills": 4}, slow=True),
    Broken("R21", "resend_what_went_unanswered", "duplicated", {"seconds": 2.0, "freezes": 4}, slow=True),
    Broken("R22", "stop_without_draining", "in_doubt", {"stops": 4}),
    Broken("R22", "log_what_is_sent", "logged", {"stops": 1}),
    Broken("R23", "read_the_whole_queue", "memory", {"messages": 10_000, "memory": 75e6}, slow=True),
    Broken("R24", "never_let_go_of_a_link", "files", slow=True),
    Broken("S1", "let_the_decoder_stumble", "crashed", {"mutations": 2000}),
    Broken("S2", "wait_for_the_rest_of_a_pdu", "borne", {"seconds": 20.0}, slow=True),
    Broken("S3", "forgive_bare_line_feeds", "taken", {"mutations": 0}),
    Broken("S4", "wait_for_the_rest_of_a_request", "borne", {"connections": 10}, slow=True),
    Broken("S5", "read_whatever_comes", "size", {"at_once": 4}),
    Broken("S6", "never_back_off", "not_slowed", {"guesses": 100}),
    Broken("S8", "connect_anywhere", "strayed"),
    Broken("S9", "sign_without_the_time", "forged", slow=True),
    Broken("S10", "believe_any_receipt", "believed", {"forgeries": 60}),
    Broken("S14", "let_everybody_read", "readable"),
    Broken(
        "carriers",
        "call_it_submitted_when_a_link_is_lost",
        "lost",
        {"first": _DROPS_TCP, "last": _DROPS_TCP + 1},
    ),
)
