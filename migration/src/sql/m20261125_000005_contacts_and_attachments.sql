-- Who can be asked about an enterprise, or about one of its issues (联系人). Personal values are
-- sealed by the key that key_id names; mobile_index finds a number again.
CREATE TABLE contact (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    enterprise_id {uuid} NOT NULL,
    issue_id {uuid},
    post_title varchar(120) CHECK (length(post_title) BETWEEN 1 AND 120),
    is_primary boolean NOT NULL,
    name_sealed text NOT NULL CHECK (length(name_sealed) >= 1),
    mobile_sealed text NOT NULL CHECK (length(mobile_sealed) >= 1),
    email_sealed text CHECK (length(email_sealed) >= 1),
    mobile_index varchar(64) NOT NULL CHECK (length(mobile_index) = 64),
    key_id varchar(64) NOT NULL CHECK (length(key_id) BETWEEN 1 AND 64),
    is_synthetic boolean NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    -- The contact of an issue is that issue's alone.
    CHECK (issue_id IS NULL OR NOT is_primary),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, enterprise_id) REFERENCES enterprise (district_id, id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id)
);
CREATE UNIQUE INDEX contact_primary ON contact (enterprise_id) WHERE is_primary;
CREATE UNIQUE INDEX contact_of_issue ON contact (issue_id) WHERE issue_id IS NOT NULL;
CREATE INDEX contact_by_enterprise ON contact (enterprise_id, created_at DESC, id DESC);
CREATE INDEX contact_by_time ON contact (district_id, created_at DESC, id DESC);
CREATE INDEX contact_by_mobile ON contact (district_id, mobile_index);
CREATE INDEX contact_by_key ON contact (key_id);
