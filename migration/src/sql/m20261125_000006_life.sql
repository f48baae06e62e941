-- The life of an issue to its end: more time, calls back, appeals, common problems with one answer.

-- A problem that several enterprises have (共性问题), answered once for all of them.
CREATE TABLE issue_cluster (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    title varchar(200) NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    cause text NOT NULL,
    status varchar(32) NOT NULL CHECK (status IN ('OPEN', 'ANSWERED')),
    answered_at {timestamp},
    created_by_id {uuid},
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    CHECK ((status = 'ANSWERED') = (answered_at IS NOT NULL)),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (created_by_id) REFERENCES user_account (id)
);
CREATE INDEX issue_cluster_by_created ON issue_cluster (district_id, created_at, id);

ALTER TABLE enterprise_issue ADD COLUMN cluster_id {uuid} REFERENCES issue_cluster (id);
ALTER TABLE enterprise_issue ADD COLUMN merge_consent text;
CREATE INDEX enterprise_issue_by_cluster ON enterprise_issue (cluster_id, created_at, id) WHERE cluster_id IS NOT NULL;
CREATE INDEX enterprise_issue_by_target ON enterprise_issue (merged_into_id, created_at, id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX enterprise_issue_by_earlier ON enterprise_issue (follow_up_of_id, created_at, id) WHERE follow_up_of_id IS NOT NULL;

-- What an entry is for, beyond its kind.
ALTER TABLE issue_progress ADD COLUMN purpose varchar(32) CHECK (purpose IN ('INTERIM_REPLY', 'EXTENSION', 'URGE', 'MERGED_REPLY'));
ALTER TABLE issue_progress ADD COLUMN next_reply_on {date};
CREATE INDEX issue_progress_by_author ON issue_progress (issue_id, author_id);

-- A request for more time (延期); decided by somebody else.
CREATE TABLE issue_extension (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    issue_id {uuid} NOT NULL,
    status varchar(32) NOT NULL CHECK (status IN ('REQUESTED', 'APPROVED', 'REJECTED', 'LAPSED')),
    reason text NOT NULL,
    due_before {timestamp},
    new_due_on {date} NOT NULL,
    requested_by_id {uuid},
    decided_by_id {uuid},
    decision_note text,
    decided_at {timestamp},
    created_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    CHECK ((status = 'REQUESTED') = (decided_at IS NULL)),
    CHECK (status <> 'REJECTED' OR decision_note IS NOT NULL),
    CHECK (decided_by_id <> requested_by_id OR status = 'LAPSED'),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id),
    FOREIGN KEY (requested_by_id) REFERENCES user_account (id),
    FOREIGN KEY (decided_by_id) REFERENCES user_account (id)
);
CREATE INDEX issue_extension_by_issue ON issue_extension (issue_id, created_at, id);
CREATE UNIQUE INDEX issue_extension_requested ON issue_extension (issue_id) WHERE status = 'REQUESTED';

-- A call back to the enterprise (回访): due until there is a result.
CREATE TABLE issue_callback (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    issue_id {uuid} NOT NULL,
    reason varchar(32) NOT NULL CHECK (reason IN ('WITHDRAWN', 'DISSATISFIED')),
    result varchar(32) CHECK (result IN ('CONFIRMED', 'DISPUTED', 'UNREACHABLE')),
    note text,
    called_by_id {uuid},
    called_at {timestamp},
    created_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    CHECK ((result IS NULL) = (called_at IS NULL)),
    CHECK (result IS NULL OR note IS NOT NULL),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id),
    FOREIGN KEY (called_by_id) REFERENCES user_account (id)
);
CREATE INDEX issue_callback_by_issue ON issue_callback (issue_id, created_at, id);
CREATE UNIQUE INDEX issue_callback_due ON issue_callback (issue_id) WHERE result IS NULL;

-- An appeal against a refusal, once; granted, the issue is taken up anew.
CREATE TABLE issue_appeal (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    issue_id {uuid} NOT NULL,
    status varchar(32) NOT NULL CHECK (status IN ('FILED', 'GRANTED', 'DISMISSED')),
    reason text NOT NULL,
    filed_by_id {uuid},
    decided_by_id {uuid},
    decision_note text,
    decided_at {timestamp},
    successor_id {uuid},
    created_at {timestamp} NOT NULL,
    UNIQUE (issue_id),
    UNIQUE (district_id, id),
    CHECK ((status = 'FILED') = (decided_at IS NULL)),
    CHECK ((status = 'GRANTED') = (successor_id IS NOT NULL)),
    CHECK (status = 'FILED' OR decision_note IS NOT NULL),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id),
    FOREIGN KEY (district_id, successor_id) REFERENCES enterprise_issue (district_id, id),
    FOREIGN KEY (filed_by_id) REFERENCES user_account (id),
    FOREIGN KEY (decided_by_id) REFERENCES user_account (id)
);
