-- Rows to ask for, as JSON: the same at every run.
WITH by_name AS (
    SELECT id, name, row_number() OVER (ORDER BY name, id) AS depth FROM enterprise WHERE district_id = :'district'
), by_age AS (
    SELECT id, created_at, row_number() OVER (ORDER BY created_at DESC, id DESC) AS depth
    FROM enterprise_issue WHERE district_id = :'district'
)
SELECT json_build_object(
    'district', :'district',
    'category', (SELECT min(id::text) FROM issue_category WHERE district_id = :'district' AND is_active),
    'enterprises', (SELECT json_agg(id ORDER BY depth) FROM by_name WHERE depth % 29 = 0),
    'issues', (SELECT json_agg(id ORDER BY depth) FROM by_age WHERE depth % 97 = 0),
    'states', json_build_array('SUBMITTED', 'ASSIGNED', 'IN_PROGRESS', 'CLOSED', 'ARCHIVED', 'REJECTED'),
    'pages', (SELECT json_agg(json_build_object('name', name, 'id', id, 'depth', depth) ORDER BY depth)
        FROM by_name WHERE depth % 60 = 0 AND depth < 2800),
    'places', (SELECT json_agg(json_build_object('created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'id', id, 'depth', depth) ORDER BY depth) FROM by_age WHERE depth BETWEEN 10000 AND 19000 AND depth % 250 = 0)
);
