-- The rows to be read: issues and their steps, on top of the Liwan register. Written by set, and
-- the same at every run: what looks random is a hash of the row's number. `h` is such a hash.

CREATE FUNCTION pg_temp.h(n bigint, salt text) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(n || salt), 1, 8))::bit(32)::bigint $$;

-- An id as the server makes them: the time in milliseconds, then what tells apart.
CREATE FUNCTION pg_temp.uuid_at(at timestamptz, n bigint, salt text) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
    || '7' || substr(md5(n || salt), 1, 3) || '8' || substr(md5(salt || n), 1, 15))::uuid $$;

CREATE TEMP TABLE firm AS SELECT e.id, row_number() OVER (ORDER BY e.id) - 1 AS n,
    (SELECT a.officer_id FROM officer_assignment a WHERE a.enterprise_id = e.id AND a.status = 'ACTIVE') AS officer_id
    FROM enterprise e JOIN district d ON d.id = e.district_id WHERE d.code = '440103';
CREATE TEMP TABLE officer AS SELECT o.id, row_number() OVER (ORDER BY o.id) - 1 AS n
    FROM service_officer o JOIN district d ON d.id = o.district_id WHERE d.code = '440103' AND o.status = 'ACTIVE';
CREATE TEMP TABLE office AS SELECT o.id, row_number() OVER (ORDER BY o.id) - 1 AS n
    FROM department o JOIN district d ON d.id = o.district_id WHERE d.code = '440103';
CREATE TEMP TABLE category AS SELECT c.id, row_number() OVER (ORDER BY c.id) - 1 AS n
    FROM issue_category c JOIN district d ON d.id = c.district_id WHERE d.code = '440103';
ANALYZE firm; ANALYZE officer; ANALYZE office; ANALYZE category;

-- As many as make 20,000 with those of the demo. One every two hours or so, from 2021 to 2026.
CREATE TEMP TABLE raised AS
SELECT n, '2021-02-01 01:00:00+00'::timestamptz + n * interval '8500 seconds' + pg_temp.h(n, 'at') % 7000000000 * interval '1 microsecond' AS at,
    (ARRAY['ARCHIVED', 'ARCHIVED', 'ARCHIVED', 'ARCHIVED', 'CLOSED', 'CLOSED', 'IN_PROGRESS', 'ASSIGNED', 'SUBMITTED',
        'RESPONDED', 'REJECTED', 'WITHDRAWN'])[1 + pg_temp.h(n, 'state') % 12] AS state
FROM generate_series(1, 20000 - (SELECT count(*) FROM enterprise_issue i JOIN district d ON d.id = i.district_id WHERE d.code = '440103')) n;

INSERT INTO enterprise_issue (id, district_id, number, enterprise_id, is_on_behalf, channel, nature, category_id, urgency,
    complexity, visibility, is_confidential, title, body, state, outcome, lead_department_id, officer_id, escalation_level,
    reopen_count, rework_count, return_count, extension_count, is_closed_unrated, submitted_at, due_at, is_synthetic, version,
    created_at, updated_at)
SELECT pg_temp.uuid_at(r.at, r.n, 'issue'), d.id, format('LW-%s-%s', extract(year FROM r.at), lpad((r.n + 100000)::text, 6, '0')),
    f.id, FALSE, 'WEB', 'HELP', c.id, 'NORMAL', 'GENERAL', (ARRAY['OFFICIAL', 'PAIRING', 'ALLIANCE'])[1 + pg_temp.h(r.n, 'shown') % 3],
    FALSE, format('%s号厂房电力增容与周边道路通行问题', r.n),
    format('我司因生产线扩建，原有供电容量不足，且周边道路限行影响货车进出，恳请协调供电与交管部门现场踏勘并给出方案。编号%s。', r.n),
    r.state, CASE WHEN r.state IN ('RESPONDED', 'CLOSED', 'ARCHIVED') THEN 'SOLVED' END,
    CASE WHEN r.state NOT IN ('SUBMITTED', 'REJECTED', 'WITHDRAWN') THEN w.id END, coalesce(f.officer_id, o.id), 0, 0, 0, 0, 0, FALSE,
    r.at + interval '1 hour', CASE WHEN r.state IN ('SUBMITTED', 'ASSIGNED', 'IN_PROGRESS') THEN r.at + interval '10 days' END,
    TRUE, 3, r.at, r.at + interval '2 days'
FROM raised r CROSS JOIN (SELECT id FROM district WHERE code = '440103') d
    JOIN firm f ON f.n = pg_temp.h(r.n, 'firm') % (SELECT count(*) FROM firm)
    JOIN officer o ON o.n = f.n % (SELECT count(*) FROM officer)
    JOIN office w ON w.n = r.n % (SELECT count(*) FROM office)
    JOIN category c ON c.n = r.n % (SELECT count(*) FROM category)
ORDER BY r.n;

INSERT INTO issue_transition (id, district_id, issue_id, seq, kind, from_state, to_state, actor_id, reject_reason, withdraw_reason,
    note, created_at)
SELECT pg_temp.uuid_at(r.at + s * interval '1 hour', r.n * 4 + s, 'step'), d.id, pg_temp.uuid_at(r.at, r.n, 'issue'), s,
    (ARRAY['CREATE', 'SUBMIT', 'ACCEPT'])[s], (ARRAY[NULL, 'DRAFT', 'SUBMITTED'])[s], (ARRAY['DRAFT', 'SUBMITTED', 'ACCEPTED'])[s],
    NULL, NULL, NULL, CASE s WHEN 3 THEN '已受理，转相关部门办理。' END, r.at + s * interval '1 hour'
FROM raised r CROSS JOIN generate_series(1, 3) s CROSS JOIN (SELECT id FROM district WHERE code = '440103') d
ORDER BY r.n, s;

-- For PostGraphile, which has no counts by group of its own.
CREATE TYPE issue_state_count AS (state varchar, count bigint);
CREATE FUNCTION issue_counts_by_state(district uuid) RETURNS SETOF issue_state_count LANGUAGE sql STABLE AS
$$ SELECT state, count(*) FROM enterprise_issue WHERE district_id = district
    AND (submitted_at IS NOT NULL OR is_on_behalf) GROUP BY state $$;
