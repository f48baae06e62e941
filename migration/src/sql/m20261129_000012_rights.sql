-- Of what revision the rights of a district's users are: the triggers beside this file count every
-- change of what a viewer is made of, whoever makes it. A viewer of the same revision may be kept.
CREATE TABLE rights_revision (
    district_id {uuid} NOT NULL PRIMARY KEY,
    revision bigint NOT NULL CHECK (revision >= 0),
    FOREIGN KEY (district_id) REFERENCES district (id)
);
INSERT INTO rights_revision (district_id, revision) SELECT id, 0 FROM district;

-- A draft is like nothing: the pieces of a title are kept from its submission on.
DELETE FROM issue_gram WHERE issue_id IN (SELECT id FROM enterprise_issue WHERE submitted_at IS NULL);

-- A claim without an effect is no record any more: who runs holds the key itself.
DELETE FROM idempotency_record WHERE target_id IS NULL;
