-- What a user did under an Idempotency-Key. A row without a target is a claim: the request runs,
-- or its process died. The target is written by the transaction of the effect, the answer after it.
CREATE TABLE idempotency_record (
    user_id {uuid} NOT NULL,
    key varchar(255) NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint varchar(64) NOT NULL CHECK (length(fingerprint) = 64),
    claim {uuid} NOT NULL,
    claimed_until {timestamp} NOT NULL,
    target_kind varchar(40) CHECK (length(target_kind) BETWEEN 1 AND 40),
    target_id {uuid},
    answer text,
    created_at {timestamp} NOT NULL,
    expires_at {timestamp} NOT NULL,
    PRIMARY KEY (user_id, key),
    CHECK ((target_kind IS NULL) = (target_id IS NULL)),
    CHECK (answer IS NULL OR target_id IS NOT NULL),
    FOREIGN KEY (user_id) REFERENCES user_account (id)
);
CREATE INDEX idempotency_record_by_expiry ON idempotency_record (expires_at);

-- An application, as the client_id of its tokens names it.
CREATE TABLE api_client (
    id varchar(100) NOT NULL CHECK (length(id) BETWEEN 1 AND 100),
    mode varchar(32) NOT NULL CHECK (mode IN ('OPEN', 'TRUSTED_ONLY')),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    PRIMARY KEY (id)
);

-- A document that an application may ask for by its SHA-256.
CREATE TABLE trusted_document (
    client_id varchar(100) NOT NULL,
    hash varchar(64) NOT NULL CHECK (length(hash) = 64),
    document text NOT NULL CHECK (length(document) >= 1),
    created_at {timestamp} NOT NULL,
    PRIMARY KEY (client_id, hash),
    FOREIGN KEY (client_id) REFERENCES api_client (id)
);
