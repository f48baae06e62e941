//! One statement per operation, each on the index that serves it best.

/// One issue with its enterprise and officer.
pub const ONE: &str = "\
SELECT i.id, i.number, i.title, i.state, i.created_at, e.id, e.name, o.id, o.post_title, \
    i.body, i.nature, i.submitted_at, e.street, o.patch \
FROM enterprise_issue i JOIN enterprise e ON e.id = i.enterprise_id \
LEFT JOIN service_officer o ON o.id = i.officer_id WHERE i.id = $1";

/// The newest issues of a state.
pub const NEWEST: &str = "\
SELECT i.id, i.number, i.title, i.state, i.created_at, e.id, e.name, o.id, o.post_title \
FROM enterprise_issue i JOIN enterprise e ON e.id = i.enterprise_id \
LEFT JOIN service_officer o ON o.id = i.officer_id \
WHERE i.district_id = $1 AND i.state = $2 ORDER BY i.created_at DESC, i.id DESC LIMIT 51";

/// Enterprises by name, their newest issues, and of each the last steps.
pub const TREE: &str = "\
SELECT e.id, e.name, i.id, i.number, i.title, i.state, i.created_at, t.seq, t.kind, t.to_state, \
    t.created_at \
FROM (SELECT id, name FROM enterprise WHERE district_id = $1 AND (name, id) > ($2, $3) \
    ORDER BY name, id LIMIT 20) e \
LEFT JOIN LATERAL (SELECT id, number, title, state, created_at FROM enterprise_issue \
    WHERE enterprise_id = e.id ORDER BY created_at DESC, id DESC LIMIT 5) i ON TRUE \
LEFT JOIN LATERAL (SELECT seq, kind, to_state, created_at FROM issue_transition \
    WHERE issue_id = i.id ORDER BY seq DESC LIMIT 3) t ON TRUE \
ORDER BY e.name, e.id, i.created_at DESC, i.id DESC, t.seq";

/// How many issues are in each state, in the words of the index that holds all that is counted.
pub const COUNTS: &str = "\
SELECT state, count(*) FROM enterprise_issue \
WHERE district_id = $1 AND (submitted_at IS NOT NULL OR is_on_behalf) GROUP BY state";

/// The newest issues after a place.
pub const DEEP: &str = "\
SELECT i.id, i.number, i.title, i.state, i.created_at, e.id, e.name, o.id, o.post_title \
FROM enterprise_issue i JOIN enterprise e ON e.id = i.enterprise_id \
LEFT JOIN service_officer o ON o.id = i.officer_id \
WHERE i.district_id = $1 AND (i.created_at, i.id) < ($2, $3) \
ORDER BY i.created_at DESC, i.id DESC LIMIT 51";

/// An issue as a draft: its row alone, with a number that needs no counter.
pub const CREATE: &str = "\
WITH i AS (INSERT INTO enterprise_issue (id, district_id, number, enterprise_id, is_on_behalf, \
    channel, nature, category_id, visibility, is_confidential, title, body, state, \
    escalation_level, reopen_count, rework_count, return_count, extension_count, \
    is_closed_unrated, is_synthetic, version, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, TRUE, 'PHONE', 'HELP', $5, 'PAIRING', FALSE, $6, $7, 'DRAFT', \
    0, 0, 0, 0, 0, FALSE, FALSE, 1, $8, $8) \
    RETURNING number, title, body, state, enterprise_id) \
SELECT i.number, i.title, i.body, i.state, e.id, e.name \
FROM i JOIN enterprise e ON e.id = i.enterprise_id";

/// All of them.
pub const ALL: [&str; 6] = [ONE, NEWEST, TREE, COUNTS, DEEP, CREATE];
