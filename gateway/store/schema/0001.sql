-- The embedded store, version 1. Instants are milliseconds since the Unix epoch, UTC.

CREATE TABLE message (
    id          INTEGER PRIMARY KEY,
    client      TEXT NOT NULL,
    program     TEXT NOT NULL,
    category    TEXT NOT NULL,
    number      TEXT NOT NULL,
    sender      TEXT NOT NULL,
    carrier     TEXT NOT NULL,
    text        TEXT NOT NULL,
    encoding    TEXT NOT NULL,
    units       INTEGER NOT NULL,
    segments    INTEGER NOT NULL,
    concat      INTEGER NOT NULL,          -- the reference that joins its segments on the handset
    priority    INTEGER NOT NULL,
    state       TEXT NOT NULL,
    code        TEXT,
    origin      TEXT NOT NULL,
    account     TEXT,
    reference   TEXT,
    accepted_at INTEGER NOT NULL,
    send_at     INTEGER,
    expires_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    decided_at  INTEGER NOT NULL,
    grounds     BLOB NOT NULL,             -- of its decision: their digest
    template    TEXT,                      -- the name of the template that it was made of
    template_version INTEGER,
    tells_opt_out INTEGER NOT NULL         -- the text says how to get no more of them
) STRICT;
CREATE INDEX message_by_client ON message (client, id);
CREATE INDEX message_by_number ON message (number, id);
CREATE INDEX message_by_account ON message (client, account, id) WHERE account IS NOT NULL;
CREATE INDEX message_scheduled ON message (number, send_at) WHERE send_at IS NOT NULL;
CREATE INDEX message_submitted ON message (expires_at) WHERE state = 'submitted';

-- Why messages may go or not: each decision once, for all the messages that share it.
CREATE TABLE grounds (
    digest   BLOB PRIMARY KEY,             -- of the decision (BLAKE2b)
    decision BLOB NOT NULL
) STRICT;

CREATE TABLE segment (
    message_id      INTEGER NOT NULL,
    n               INTEGER NOT NULL,
    carrier         TEXT NOT NULL,
    priority        INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,
    state           TEXT NOT NULL,
    attempt         INTEGER NOT NULL DEFAULT 0,
    bind            TEXT,
    claimed_at      INTEGER,
    submitted_at    INTEGER,
    command_status  INTEGER,
    smsc_message_id TEXT,                  -- as the carrier spelt it
    smsc_key        TEXT,                  -- normalised, for matching
    receipt_at      INTEGER,
    done_date       TEXT,                  -- as the receipt has it: in whatever zone the carrier lives
    stat            TEXT,
    err             TEXT,
    waits           TEXT,                  -- the key of the quota that it waits for, out of the way of the queue
    PRIMARY KEY (message_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX segment_queue ON segment (carrier, priority, due_at, message_id, n)
    WHERE state = 'queued' AND waits IS NULL;
CREATE INDEX segment_waiting ON segment (carrier, waits, priority, due_at, message_id, n)
    WHERE state = 'queued' AND waits IS NOT NULL;
-- Spelt with OR: from IN the planner does not see that one of the two states is enough.
CREATE INDEX segment_open ON segment (state, carrier) WHERE state = 'in_flight' OR state = 'in_doubt';
CREATE INDEX segment_by_smsc ON segment (carrier, smsc_key) WHERE smsc_key IS NOT NULL;

-- What was used of the window of a carrier's limit that was open last.
CREATE TABLE quota (
    carrier TEXT NOT NULL,
    key     TEXT NOT NULL,                 -- scope, window and name: 'client/day/acme'
    begins  INTEGER NOT NULL,
    used    INTEGER NOT NULL,              -- in segments
    PRIMARY KEY (carrier, key)
) STRICT, WITHOUT ROWID;

-- The last concatenation reference given for a sender and a number.
CREATE TABLE concat (
    sender TEXT NOT NULL,
    number TEXT NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (sender, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    client      TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    answer      BLOB NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (client, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (at);

-- Where every consent stands. A '*' in program, category or account stands for all of them: the scope of an opt-out. A consent
-- whose event is later than an opt-out's that covers it was given after it, and stands beside it.
CREATE TABLE consent (
    number     TEXT NOT NULL,
    client     TEXT NOT NULL,
    program    TEXT NOT NULL,
    category   TEXT NOT NULL,
    account    TEXT NOT NULL,
    state      TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    fresh_at   INTEGER NOT NULL,           -- when the person was last heard of
    awaited    INTEGER NOT NULL,           -- a request is open, and texts may wait for its answer
    event      INTEGER NOT NULL,           -- the entry of the ledger that it follows from
    PRIMARY KEY (number, client, program, category, account)
) STRICT, WITHOUT ROWID;
-- All that a check of the ledger reads of a line, in the order of the ledger.
CREATE INDEX consent_by_event ON consent (event, number, client, program, category, account, state, changed_at);

-- The ledger: every change of a consent, in one chain of hashes (rules/chain). Nothing is ever changed here but that an
-- erasure takes the personal part away (number, account, cause, evidence, salt) and leaves its hash in its place.
CREATE TABLE consent_event (
    seq        INTEGER PRIMARY KEY,        -- without gaps
    before     INTEGER NOT NULL,           -- the number's entry before this one, with the same client; 0: none
    at         INTEGER NOT NULL,
    client     TEXT NOT NULL,
    program    TEXT NOT NULL,
    category   TEXT NOT NULL,
    was        TEXT NOT NULL,
    state      TEXT NOT NULL,
    erases     TEXT,
    number     TEXT,
    account    TEXT,
    cause      TEXT,
    evidence   TEXT,
    salt       BLOB,
    commitment BLOB,                       -- of the personal part, once that is erased
    hash       BLOB NOT NULL
) STRICT;

-- Numbers whose entries do not verify: they get no texts.
CREATE TABLE broken (
    number TEXT NOT NULL,
    client TEXT NOT NULL,
    seq    INTEGER NOT NULL,               -- the first entry that is at fault
    fault  TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (number, client)
) STRICT, WITHOUT ROWID;

-- Requests to opt in, each with the hash of its code.
CREATE TABLE optin (
    id              INTEGER PRIMARY KEY,
    client          TEXT NOT NULL,
    program         TEXT NOT NULL,
    category        TEXT NOT NULL,
    number          TEXT NOT NULL,
    method          TEXT NOT NULL,
    state           TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    wording         TEXT NOT NULL,
    message_id      INTEGER NOT NULL,
    account         TEXT,
    agent           TEXT,
    code_message_id INTEGER,
    salt            BLOB NOT NULL,
    digest          BLOB NOT NULL,
    code_ttl        INTEGER NOT NULL,
    attempts        INTEGER NOT NULL
) STRICT;
CREATE INDEX optin_of ON optin (number, client, program);
CREATE INDEX optin_open ON optin (expires_at) WHERE state = 'invited' OR state = 'code_sent';

-- How many texts of a client were taken on a day of UTC, counted from the epoch.
CREATE TABLE client_day (
    client TEXT NOT NULL,
    day    INTEGER NOT NULL,
    texts  INTEGER NOT NULL,
    PRIMARY KEY (client, day)
) STRICT, WITHOUT ROWID;

-- What a client said of a number.
CREATE TABLE number_profile (
    number            TEXT NOT NULL,
    client            TEXT NOT NULL,
    zone              TEXT,
    zone_confirmed_at INTEGER,
    region            TEXT,
    party_role        TEXT,
    account           TEXT,
    hours             TEXT,
    employer_forbids  INTEGER NOT NULL DEFAULT 0,
    changed_at        INTEGER NOT NULL,
    PRIMARY KEY (number, client)
) STRICT, WITHOUT ROWID;

-- What databases of reassigned numbers said when a client asked them.
CREATE TABLE number_check (
    number  TEXT NOT NULL,
    client  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    since   INTEGER NOT NULL,              -- the day that was asked about
    answer  TEXT NOT NULL,                 -- no, yes, no_data
    source  TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    PRIMARY KEY (number, client, at, source)
) STRICT, WITHOUT ROWID;

-- When plugins were last told that a number is to be checked so: once a day is enough.
CREATE TABLE check_due (
    number TEXT NOT NULL,
    client TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (number, client)
) STRICT, WITHOUT ROWID;
CREATE INDEX check_due_by_age ON check_due (at);

-- Contacts on other channels, as clients report them: caps count them with the texts.
CREATE TABLE contact (
    client  TEXT NOT NULL,
    id      TEXT NOT NULL,
    number  TEXT,
    account TEXT,
    channel TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (client, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_by_number ON contact (number, at) WHERE number IS NOT NULL;
CREATE INDEX contact_by_account ON contact (client, account, at) WHERE account IS NOT NULL;

-- A receipt that moved no segment: parked until its segment is known (message_id is null), or kept for the record. One that
-- nobody claims within days is an orphan: listed, and forgotten after weeks.
CREATE TABLE receipt (
    id         INTEGER PRIMARY KEY,
    carrier    TEXT NOT NULL,
    bind       TEXT NOT NULL,
    smsc_key   TEXT,
    news       BLOB NOT NULL,
    at         INTEGER NOT NULL,
    message_id INTEGER
) STRICT;
CREATE INDEX receipt_parked ON receipt (at) WHERE message_id IS NULL;

-- The keys by which a parked receipt may be matched.
CREATE TABLE receipt_key (
    carrier    TEXT NOT NULL,
    smsc_key   TEXT NOT NULL,
    receipt_id INTEGER NOT NULL,
    PRIMARY KEY (carrier, smsc_key, receipt_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipt_key_of ON receipt_key (receipt_id);

-- The ids that a carrier gave to attempts which a later attempt, or a person's word, has overtaken: their receipts are known.
CREATE TABLE superseded (
    carrier    TEXT NOT NULL,
    smsc_key   TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (carrier, smsc_key, message_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX superseded_by_age ON superseded (at);

CREATE TABLE inbound_part (
    carrier     TEXT NOT NULL,
    source      TEXT NOT NULL,
    destination TEXT NOT NULL,
    reference   INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    body        BLOB NOT NULL,             -- in the key: a different part for the same place is kept beside the first
    at          INTEGER NOT NULL,
    link        TEXT NOT NULL,             -- the link that brought it last
    again       INTEGER NOT NULL,          -- it came once more over a link that lives, after its text was joined
    joined_at   INTEGER,                   -- when it became part of a text: kept a while, to be known when it comes again
    PRIMARY KEY (carrier, source, destination, reference, total, seq, body)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbound_part_by_age ON inbound_part (at) WHERE joined_at IS NULL;
CREATE INDEX inbound_part_joined ON inbound_part (joined_at) WHERE joined_at IS NOT NULL;

CREATE TABLE inbound (
    id          INTEGER PRIMARY KEY,
    carrier     TEXT NOT NULL,
    client      TEXT,
    program     TEXT,
    source      TEXT NOT NULL,
    destination TEXT NOT NULL,
    text        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    parts       INTEGER NOT NULL,
    complete    INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    link        TEXT NOT NULL,
    reading     BLOB NOT NULL              -- which rule fired on which words, and the signals
) STRICT;
CREATE INDEX inbound_by_client ON inbound (client, id);
CREATE INDEX inbound_by_fingerprint ON inbound (fingerprint, link, received_at);
CREATE INDEX inbound_by_source ON inbound (source, id);

-- While a row stands, no automated text goes to the number for that client.
CREATE TABLE hold (
    number    TEXT NOT NULL,
    client    TEXT NOT NULL,
    reason    TEXT NOT NULL,
    since     INTEGER NOT NULL,
    review_id INTEGER,
    PRIMARY KEY (number, client, reason)
) STRICT, WITHOUT ROWID;

-- A text that a person is to look at. Overdue, it holds on.
CREATE TABLE review (
    id         INTEGER PRIMARY KEY,
    client     TEXT NOT NULL,
    number     TEXT NOT NULL,
    inbound_id INTEGER NOT NULL,
    reasons    TEXT NOT NULL,              -- what the number is held for, separated by blanks
    opened_at  INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    alarmed_at INTEGER,                    -- when it was told that it is overdue
    decision   TEXT,
    decided_at INTEGER,
    decided_by TEXT,
    note       TEXT
) STRICT;
CREATE INDEX review_by_client ON review (client, id);
CREATE INDEX review_by_number ON review (number, client, id);
CREATE INDEX review_open ON review (client, id) WHERE decided_at IS NULL;
CREATE INDEX review_due ON review (due_at) WHERE decided_at IS NULL AND alarmed_at IS NULL;

-- The ordered log, one sequence for all clients; kept by client so that each reads its own.
CREATE TABLE event (
    client     TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    message_id INTEGER,
    body       BLOB NOT NULL,
    PRIMARY KEY (client, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_by_message ON event (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE api_key (
    id         TEXT PRIMARY KEY,
    client     TEXT NOT NULL,
    label      TEXT NOT NULL,
    digest     BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    templates_only INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Where each webhook stands in the log; what failed is tried again by its own row.
CREATE TABLE webhook (
    endpoint    TEXT PRIMARY KEY,
    cursor      INTEGER NOT NULL,
    disabled_at INTEGER,
    reason      TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE webhook_retry (
    endpoint TEXT NOT NULL,
    seq      INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,
    due_at   INTEGER,                      -- null: given up, kept for replay
    detail   TEXT NOT NULL,
    PRIMARY KEY (endpoint, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_retry_due ON webhook_retry (endpoint, due_at) WHERE due_at IS NOT NULL;

-- Every version of a template that was ever in force: a client's own, or for everybody ('*': from files).
CREATE TABLE template (
    name       TEXT NOT NULL,
    client     TEXT NOT NULL,
    version    INTEGER NOT NULL,
    body       BLOB NOT NULL,              -- the declaration, JSON
    source     TEXT NOT NULL,              -- api, conf, gateway or a plugin
    at         INTEGER NOT NULL,
    retired_at INTEGER,
    PRIMARY KEY (name, client, version)
) STRICT, WITHOUT ROWID;

-- What is known of a consumer's account at a client, from the client's events.
CREATE TABLE account (
    client  TEXT NOT NULL,
    account TEXT NOT NULL,
    number  TEXT,                          -- where the consumer is texted
    body    BLOB NOT NULL,
    PRIMARY KEY (client, account)
) STRICT;
CREATE INDEX account_by_number ON account (client, number) WHERE number IS NOT NULL;

-- The ids of client events, so that each is taken once.
CREATE TABLE client_event (
    client      TEXT NOT NULL,
    id          TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (client, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_event_by_age ON client_event (at);

-- The log that plugins read: client events for all that hear their type, and jobs, answers and outcomes each for its own. A number is
-- never given twice, however short the log was cut.
CREATE TABLE notice (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    client  TEXT NOT NULL,
    account TEXT NOT NULL,
    plugin  TEXT,                          -- null: for all
    kind    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    body    BLOB NOT NULL
) STRICT;
CREATE INDEX notice_by_account ON notice (client, account, seq);

-- Where each plugin stands in that log; what failed is told again by its own row.
CREATE TABLE plugin (
    name     TEXT PRIMARY KEY,
    enabled  INTEGER NOT NULL,
    settings BLOB NOT NULL,                -- digest of version and settings
    cursor   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE plugin_retry (
    plugin  TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    due_at  INTEGER,                       -- null: given up, kept for replay
    detail  TEXT NOT NULL,
    PRIMARY KEY (plugin, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX plugin_retry_due ON plugin_retry (plugin, due_at) WHERE due_at IS NOT NULL;
CREATE TABLE plugin_change (
    id     INTEGER PRIMARY KEY,
    plugin TEXT NOT NULL,
    at     INTEGER NOT NULL,
    change TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX plugin_change_by_plugin ON plugin_change (plugin, id);

-- What plugins did under a key, so that it is done once: texts (with their message), events out, and
-- jobs that are to be once.
CREATE TABLE deed (
    plugin      TEXT NOT NULL,
    client      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    key         TEXT NOT NULL,
    account     TEXT NOT NULL,
    message_id  INTEGER,
    unless_paid INTEGER NOT NULL,
    owed        TEXT,                      -- what it is about, of the account: it goes while that is to be paid
    answer      BLOB NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (plugin, client, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX deed_by_message ON deed (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX deed_unless_paid ON deed (client, account) WHERE unless_paid = 1;
CREATE INDEX deed_by_age ON deed (at);

-- Up to where a client's event log was looked through for what became of plugins' texts.
CREATE TABLE followed (
    client TEXT PRIMARY KEY,
    seq    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What plugins scheduled, with what became of it.
CREATE TABLE job (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    plugin   TEXT NOT NULL,
    client   TEXT NOT NULL,
    key      TEXT NOT NULL,
    account  TEXT NOT NULL,
    due_at   INTEGER NOT NULL,
    catch_up TEXT NOT NULL,
    zone     TEXT NOT NULL,
    payload  BLOB NOT NULL,
    state    TEXT NOT NULL,                -- pending, told, skipped, cancelled, replaced
    at       INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX job_pending ON job (plugin, client, key) WHERE state = 'pending';
CREATE INDEX job_due ON job (plugin, due_at) WHERE state = 'pending';
CREATE INDEX job_by_account ON job (client, account, id);
CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL;

-- Questions by text that wait, or waited, for an answer; each is known by the message that asks it.
CREATE TABLE dialog (
    message_id INTEGER PRIMARY KEY,
    client     TEXT NOT NULL,
    program    TEXT NOT NULL,
    category   TEXT NOT NULL,
    number     TEXT NOT NULL,
    plugin     TEXT NOT NULL,
    name       TEXT NOT NULL,
    key        TEXT NOT NULL,
    account    TEXT NOT NULL,
    choices    BLOB NOT NULL,              -- as they were offered
    again      TEXT NOT NULL,              -- the words that ask it again
    payload    BLOB NOT NULL,
    state      TEXT NOT NULL,              -- open, chosen, handed_over, expired, opted_out, replaced, cancelled
    reprompts  INTEGER NOT NULL,
    last_again INTEGER,                    -- the message that asked again last
    opened_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER,
    choice     TEXT
) STRICT;
CREATE INDEX dialog_open ON dialog (number, client, program, message_id) WHERE state = 'open';
CREATE INDEX dialog_overdue ON dialog (expires_at) WHERE state = 'open';
CREATE INDEX dialog_by_key ON dialog (plugin, client, key) WHERE state = 'open';
