-- A joint meeting (联席会议) that was held. Who chaired it is named by post.
CREATE TABLE joint_meeting (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    title varchar(200) NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    held_on {date} NOT NULL,
    chair_post varchar(120) NOT NULL CHECK (length(chair_post) BETWEEN 1 AND 120),
    recorded_by_id {uuid},
    created_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (recorded_by_id) REFERENCES user_account (id)
);
CREATE INDEX joint_meeting_by_day ON joint_meeting (district_id, held_on, id);

-- What was pressed for on an issue (督办). A clock brings each level once.
CREATE TABLE issue_supervision (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    issue_id {uuid} NOT NULL,
    clock_id {uuid},
    clock varchar(32) CHECK (clock IN ('ACCEPT', 'ASSIGN', 'CONTACT', 'RESOLVE', 'REWORK', 'RATING', 'CALLBACK', 'NEXT_REPLY')),
    kind varchar(32) NOT NULL CHECK (kind IN ('REMINDER', 'ORDER', 'CIRCULAR', 'MEETING')),
    level integer NOT NULL CHECK (level BETWEEN 1 AND 4),
    demand text,
    department_id {uuid},
    officer_id {uuid},
    issued_by_id {uuid},
    meeting_id {uuid},
    conclusion text,
    concluded_at {timestamp},
    created_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    UNIQUE (clock_id, level),
    CHECK ((kind = 'REMINDER') = (level = 1)),
    CHECK ((kind = 'ORDER') = (level = 2)),
    CHECK ((kind = 'CIRCULAR') = (level = 3)),
    CHECK ((clock_id IS NULL) = (clock IS NULL)),
    CHECK (clock_id IS NOT NULL OR demand IS NOT NULL),
    CHECK ((meeting_id IS NULL) = (conclusion IS NULL)),
    CHECK ((meeting_id IS NULL) = (concluded_at IS NULL)),
    CHECK (meeting_id IS NULL OR kind = 'MEETING'),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id),
    FOREIGN KEY (district_id, clock_id) REFERENCES issue_clock (district_id, id),
    FOREIGN KEY (department_id) REFERENCES department (id),
    FOREIGN KEY (officer_id) REFERENCES service_officer (id),
    FOREIGN KEY (issued_by_id) REFERENCES user_account (id),
    FOREIGN KEY (district_id, meeting_id) REFERENCES joint_meeting (district_id, id)
);
CREATE INDEX issue_supervision_by_issue ON issue_supervision (issue_id, created_at, id);
CREATE INDEX issue_supervision_by_meeting ON issue_supervision (meeting_id, created_at, id) WHERE meeting_id IS NOT NULL;
CREATE UNIQUE INDEX issue_supervision_awaits ON issue_supervision (issue_id) WHERE kind = 'MEETING' AND meeting_id IS NULL;
