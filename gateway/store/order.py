"""The order of verbs within a batch: which of those that are written together goes first.

Owns: the rank of each verb, and whether it waits where the disk is busy or full. Does not own: the verbs, or their batches
(writer).

The consumer's word comes first, then new work and answers, and claims at the end, so that they see all of it. What was done
before the process died is set right before anything.
"""

from gateway.store import (
    accept,
    audit,
    claim,
    consent,
    deeds,
    dialogs,
    doubt,
    erasure,
    inbound,
    jobs,
    keys,
    notices,
    number_checks,
    numbers,
    optins,
    orphans,
    person,
    plugins,
    quota,
    receipts,
    reroute,
    reviews,
    setbacks,
    settle,
    silence,
    templates,
    unlinked,
    webhooks,
    withdrawals,
)
from gateway.store.writer import Verb

RECOVER = Verb(doubt.recover, 0, patient=True)
CONSENT = Verb(consent.change_consents, 10)
WITHDRAW = Verb(withdrawals.withdraw, 10)
INBOUND = Verb(inbound.receive_inbound, 11)
PARTS = Verb(inbound.store_parts, 12)
KEEP_CHECKS = Verb(number_checks.keep_checks, 12)
DECIDE = Verb(reviews.decide_reviews, 13)
REPORT_CONTACTS = Verb(numbers.report_contacts, 13)
TRY_CODE = Verb(optins.try_codes, 14)
CHANGE_PROFILES = Verb(numbers.change_profiles, 14)
LINK_NUMBERS = Verb(unlinked.link_numbers, 14)
EVENTS = Verb(notices.receive_events, 15)
ERASE = Verb(erasure.erase, 15)
REQUEST = Verb(optins.request_optins, 19)
ACCEPT = Verb(accept.accept, 20, size=lambda acceptance: len(acceptance.submissions))
SUBMIT_DEEDS = Verb(deeds.submit_for_plugins, 21)
TELL_DEEDS = Verb(deeds.tell_for_plugins, 22)
CALL_OFF = Verb(deeds.call_off, 23)
SCHEDULE = Verb(deeds.schedule_for_plugins, 24)
SETTLE = Verb(settle.settle, 30, patient=True)
RECEIPTS = Verb(receipts.receive_receipts, 31)
DOUBT = Verb(doubt.settle_doubt, 32)
ADOPT = Verb(orphans.adopt, 33, patient=True)
CANCEL = Verb(doubt.cancel, 40)
EXPIRE = Verb(doubt.expire, 41, patient=True)
MOVE = Verb(reroute.move, 42, patient=True)
RECALL = Verb(quota.recall, 43, patient=True)
BRING_FORWARD = Verb(setbacks.bring_forward, 44, patient=True)
SILENCE = Verb(silence.end_silence, 45)
REVIEWS = Verb(reviews.overdue_reviews, 46)
LAPSE = Verb(optins.lapse_optins, 47)
MARK_BROKEN = Verb(audit.mark_broken, 48)
SCRUB = Verb(person.scrub_events, 49)
ADD_KEYS = Verb(keys.add_keys, 50)
REVOKE_KEYS = Verb(keys.revoke_keys, 51)
FORGET = Verb(keys.forget_keys, 52)
PUT_TEMPLATES = Verb(templates.put_templates, 53)
FORGET_RECEIPTS = Verb(orphans.forget_receipts, 54, patient=True)
RETIRE_TEMPLATES = Verb(templates.retire_templates, 54)
EXPIRE_DIALOGS = Verb(dialogs.expire_dialogs, 56, patient=True)
OPEN_WEBHOOK = Verb(webhooks.open_webhook, 60)
PROGRESS = Verb(webhooks.record_progress, 61, patient=True)
REVIVE = Verb(webhooks.revive_webhook, 62)
SHIFT_RETRIES = Verb(setbacks.shift_retries, 63, patient=True)
ENABLE = Verb(plugins.enable_plugins, 70)
CHANGES = Verb(plugins.note_changes, 71)
OBSERVED = Verb(plugins.record_observed, 72, patient=True)
REVIVE_PLUGIN = Verb(plugins.revive_plugins, 73)
TELL_DUE = Verb(jobs.tell_due, 74)
FOLLOW = Verb(deeds.follow_texts, 75)
FORGET_JOBS = Verb(jobs.forget_jobs, 76)
FORGET_DEEDS = Verb(deeds.forget_deeds, 77)
FORGET_NOTICES = Verb(notices.forget_notices, 78)
CLAIM = Verb(claim.claim, 90, patient=True)
