-- The outbox in the order that readers see it. Rows are numbered one transaction after the other,
-- up to its commit, so that none ever appears below one that was read already. On SQLite there is
-- one writer anyway; on PostgreSQL the triggers beside this file see to it. Nothing may be waited
-- for between the number and the commit: therefore no foreign keys, and a transaction writes its
-- rows here last.

CREATE TABLE outbox_event_in_order (
    seq {sequence},
    id {uuid} NOT NULL,
    district_id {uuid} NOT NULL,
    event_type varchar(60) NOT NULL CHECK (length(event_type) BETWEEN 1 AND 60),
    aggregate_kind varchar(40) NOT NULL CHECK (length(aggregate_kind) BETWEEN 1 AND 40),
    aggregate_id {uuid} NOT NULL,
    changed_fields {json} NOT NULL,
    actor_id {uuid},
    request_id varchar(100) NOT NULL CHECK (length(request_id) BETWEEN 1 AND 100),
    created_at {timestamp} NOT NULL,
    UNIQUE (id)
);

-- Nobody has read the rows that are there: the order in which they were made will do.
INSERT INTO outbox_event_in_order (id, district_id, event_type, aggregate_kind, aggregate_id,
    changed_fields, actor_id, request_id, created_at)
SELECT id, district_id, event_type, aggregate_kind, aggregate_id,
    changed_fields, actor_id, request_id, created_at
FROM outbox_event ORDER BY created_at, id;

DROP TABLE outbox_event;
ALTER TABLE outbox_event_in_order RENAME TO outbox_event;
CREATE INDEX outbox_event_by_district ON outbox_event (district_id, seq);
