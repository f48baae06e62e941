-- A day of the calendar (工作日历). A year is there as a whole or not at all.
CREATE TABLE calendar_day (
    day {date} NOT NULL,
    kind varchar(32) NOT NULL CHECK (kind IN ('WORKING', 'WEEKEND', 'HOLIDAY', 'MAKE_UP')),
    name varchar(60) CHECK (length(name) BETWEEN 1 AND 60),
    source varchar(300) NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
    status varchar(32) NOT NULL CHECK (status IN ('PUBLISHED', 'PROVISIONAL')),
    PRIMARY KEY (day),
    CHECK ((kind IN ('HOLIDAY', 'MAKE_UP')) = (name IS NOT NULL))
);
CREATE INDEX calendar_day_exceptions ON calendar_day (day) WHERE name IS NOT NULL;

-- Counts the imports, so that every server notices that its copy of the calendar is old.
INSERT INTO setting (key, value, updated_at) VALUES ('calendar', '1', '2026-11-25 00:00:00 +00:00');

-- How many working days a clock gives.
CREATE TABLE clock_rule (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    clock varchar(32) NOT NULL CHECK (clock IN ('ACCEPT', 'ASSIGN', 'CONTACT', 'RESOLVE', 'REWORK', 'RATING', 'CALLBACK', 'NEXT_REPLY')),
    urgency varchar(32) CHECK (urgency IN ('URGENT', 'NORMAL')),
    nature varchar(32) CHECK (nature IN ('CONSULT', 'HELP', 'COMPLAINT', 'REPORT', 'SUGGESTION')),
    complexity varchar(32) CHECK (complexity IN ('SIMPLE', 'GENERAL', 'COMPLEX')),
    is_dissatisfied boolean NOT NULL,
    limit_days integer NOT NULL CHECK (limit_days BETWEEN 1 AND 250),
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    FOREIGN KEY (district_id) REFERENCES district (id)
);
CREATE UNIQUE INDEX clock_rule_once ON clock_rule (district_id, clock, coalesce(urgency, ''), coalesce(nature, ''), coalesce(complexity, ''), is_dissatisfied);

-- What the programme's rules give, for the districts that are there.
INSERT INTO clock_rule (id, district_id, clock, urgency, nature, complexity, is_dissatisfied, limit_days, version, created_at, updated_at)
SELECT {random_uuid}, d.id, r.clock, r.urgency, r.nature, r.complexity, r.is_dissatisfied, r.limit_days, 1, d.created_at, d.created_at
FROM district d CROSS JOIN (
    SELECT 'ACCEPT' AS clock, NULL AS urgency, NULL AS nature, NULL AS complexity, false AS is_dissatisfied, 1 AS limit_days
    UNION ALL SELECT 'ASSIGN', NULL, NULL, NULL, false, 1
    UNION ALL SELECT 'CONTACT', NULL, NULL, NULL, false, 1
    UNION ALL SELECT 'RESOLVE', 'URGENT', NULL, NULL, false, 1
    UNION ALL SELECT 'RESOLVE', NULL, 'CONSULT', NULL, false, 2
    UNION ALL SELECT 'RESOLVE', NULL, NULL, 'SIMPLE', false, 3
    UNION ALL SELECT 'RESOLVE', NULL, NULL, 'GENERAL', false, 5
    UNION ALL SELECT 'RESOLVE', NULL, NULL, 'COMPLEX', false, 15
    UNION ALL SELECT 'REWORK', NULL, NULL, NULL, false, 5
    UNION ALL SELECT 'RATING', NULL, NULL, NULL, false, 5
    UNION ALL SELECT 'CALLBACK', NULL, NULL, NULL, false, 3
    UNION ALL SELECT 'CALLBACK', NULL, NULL, NULL, true, 1
    UNION ALL SELECT 'NEXT_REPLY', NULL, NULL, NULL, false, 20
) r;

ALTER TABLE district_policy ADD COLUMN yellow_percent integer NOT NULL DEFAULT 30 CHECK (yellow_percent BETWEEN 1 AND 99);
ALTER TABLE district_policy ADD COLUMN info_wait_days integer NOT NULL DEFAULT 10 CHECK (info_wait_days BETWEEN 1 AND 250);
ALTER TABLE district_policy ADD COLUMN circular_after_days integer NOT NULL DEFAULT 3 CHECK (circular_after_days BETWEEN 1 AND 250);
ALTER TABLE district_policy ADD COLUMN meeting_after_days integer NOT NULL DEFAULT 5 CHECK (meeting_after_days BETWEEN 1 AND 250);

-- A clock of an issue. One of a kind runs at a time.
CREATE TABLE issue_clock (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    issue_id {uuid} NOT NULL,
    kind varchar(32) NOT NULL CHECK (kind IN ('ACCEPT', 'ASSIGN', 'CONTACT', 'RESOLVE', 'REWORK', 'RATING', 'CALLBACK', 'NEXT_REPLY')),
    round integer NOT NULL CHECK (round >= 1),
    limit_days integer NOT NULL CHECK (limit_days >= 0),
    limit_seconds bigint NOT NULL CHECK (limit_seconds >= 0),
    spent_seconds bigint NOT NULL CHECK (spent_seconds >= 0),
    started_at {timestamp} NOT NULL,
    running_since {timestamp},
    paused_at {timestamp},
    warn_at {timestamp} NOT NULL,
    due_at {timestamp} NOT NULL,
    is_provisional boolean NOT NULL,
    ended_at {timestamp},
    met_at {timestamp},
    updated_at {timestamp} NOT NULL,
    UNIQUE (issue_id, kind, round),
    UNIQUE (district_id, id),
    CHECK (due_at >= started_at),
    CHECK (ended_at IS NULL OR (running_since IS NULL AND paused_at IS NULL)),
    CHECK (ended_at IS NOT NULL OR (running_since IS NULL) <> (paused_at IS NULL)),
    CHECK (met_at IS NULL OR met_at = ended_at),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id)
);
CREATE UNIQUE INDEX issue_clock_open ON issue_clock (issue_id, kind) WHERE ended_at IS NULL;
CREATE INDEX issue_clock_by_warning ON issue_clock (district_id, warn_at) WHERE running_since IS NOT NULL;
CREATE INDEX issue_clock_provisional ON issue_clock (district_id, due_at) WHERE ended_at IS NULL AND is_provisional;

-- A light follows from the time: it is red after due_at, yellow from warn_at on, else green, and
-- grey in the states that pause. due_at is there.
ALTER TABLE enterprise_issue DROP COLUMN light;
ALTER TABLE enterprise_issue ADD COLUMN warn_at {timestamp};
ALTER TABLE enterprise_issue ADD COLUMN review_at {timestamp};
ALTER TABLE enterprise_issue ADD COLUMN lapses_at {timestamp};
CREATE INDEX enterprise_issue_by_warning ON enterprise_issue (district_id, warn_at, due_at, id);
CREATE INDEX enterprise_issue_lapsing ON enterprise_issue (district_id, lapses_at) WHERE lapses_at IS NOT NULL;
