-- A photo or a document on an issue or a visit (附件). Until it is confirmed it is its uploader's
-- alone and expires. Its bytes lie in the store under its id.
CREATE TABLE attachment (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    issue_id {uuid},
    visit_id {uuid},
    file_name varchar(200) NOT NULL CHECK (length(file_name) BETWEEN 1 AND 200),
    media_type varchar(100) NOT NULL CHECK (length(media_type) BETWEEN 1 AND 100),
    byte_size integer NOT NULL CHECK (byte_size >= 1),
    sha256 varchar(64) NOT NULL CHECK (length(sha256) = 64),
    status varchar(32) NOT NULL CHECK (status IN ('PENDING', 'RECEIVED', 'ATTACHED')),
    uploaded_by_id {uuid} NOT NULL,
    expires_at {timestamp},
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    CHECK ((issue_id IS NULL) <> (visit_id IS NULL)),
    CHECK ((status = 'ATTACHED') = (expires_at IS NULL)),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id),
    FOREIGN KEY (district_id, visit_id) REFERENCES service_visit (district_id, id),
    FOREIGN KEY (uploaded_by_id) REFERENCES user_account (id)
);
CREATE INDEX attachment_of_issue ON attachment (issue_id, created_at, id);
CREATE INDEX attachment_of_visit ON attachment (visit_id, created_at, id);
CREATE INDEX attachment_by_expiry ON attachment (expires_at) WHERE expires_at IS NOT NULL;
