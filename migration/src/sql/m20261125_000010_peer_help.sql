-- Help from peers (难题共解): what help an issue is opened for, who offers it, who supplies whom, and
-- the titles of issues cut up so that similar ones are found.

-- What an issue is about in a few words, a list of texts.
ALTER TABLE enterprise_issue ADD COLUMN tags {json} NOT NULL DEFAULT '[]';
-- The call for help: what is wanted, since when, by when an offer is in time, and who saw the issue
-- before it was opened.
ALTER TABLE enterprise_issue ADD COLUMN is_open_for_help boolean NOT NULL DEFAULT FALSE CHECK (NOT is_open_for_help OR visibility = 'ALLIANCE');
ALTER TABLE enterprise_issue ADD COLUMN help_wanted text CHECK (help_wanted IS NOT NULL OR NOT is_open_for_help);
ALTER TABLE enterprise_issue ADD COLUMN help_opened_at {timestamp} CHECK (help_opened_at IS NOT NULL OR NOT is_open_for_help);
ALTER TABLE enterprise_issue ADD COLUMN help_due_at {timestamp} CHECK ((help_due_at IS NULL) = (help_opened_at IS NULL));
ALTER TABLE enterprise_issue ADD COLUMN help_shown_before varchar(32) CHECK (help_shown_before IN ('OFFICIAL', 'PAIRING', 'ALLIANCE'));
CREATE INDEX enterprise_issue_for_help ON enterprise_issue (district_id, created_at, id) WHERE is_open_for_help;

-- An enterprise offers help on another's issue. `aid` is a bit in the order of the six kinds (六互).
CREATE TABLE peer_help_offer (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    issue_id {uuid} NOT NULL,
    offerer_id {uuid} NOT NULL,
    aid integer NOT NULL CHECK (aid IN (1, 2, 4, 8, 16, 32)),
    body text NOT NULL,
    status varchar(32) NOT NULL CHECK (status IN ('OFFERED', 'ACCEPTED', 'THANKED', 'DECLINED', 'WITHDRAWN', 'LAPSED')),
    decision_note text,
    decided_at {timestamp},
    thanks text,
    thanked_at {timestamp},
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    CHECK ((status = 'OFFERED') = (decided_at IS NULL)),
    CHECK ((status = 'THANKED') = (thanked_at IS NOT NULL)),
    CHECK (thanks IS NULL OR thanked_at IS NOT NULL),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id),
    FOREIGN KEY (district_id, offerer_id) REFERENCES enterprise (district_id, id)
);
CREATE INDEX peer_help_offer_by_created ON peer_help_offer (district_id, created_at, id);
CREATE INDEX peer_help_offer_by_issue ON peer_help_offer (issue_id, created_at, id);
CREATE INDEX peer_help_offer_by_offerer ON peer_help_offer (offerer_id, created_at, id);
CREATE UNIQUE INDEX peer_help_offer_standing ON peer_help_offer (issue_id, offerer_id) WHERE status IN ('OFFERED', 'ACCEPTED', 'THANKED');

-- Who supplies whom (上下游), as the district has confirmed it.
CREATE TABLE supply_chain_link (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    supplier_id {uuid} NOT NULL,
    customer_id {uuid} NOT NULL CHECK (customer_id <> supplier_id),
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    UNIQUE (supplier_id, customer_id),
    UNIQUE (district_id, id),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, supplier_id) REFERENCES enterprise (district_id, id),
    FOREIGN KEY (district_id, customer_id) REFERENCES enterprise (district_id, id)
);
CREATE INDEX supply_chain_link_by_supplier ON supply_chain_link (supplier_id, created_at, id);
CREATE INDEX supply_chain_link_by_customer ON supply_chain_link (customer_id, created_at, id);

-- The title of an issue in pieces of two characters, each once.
CREATE TABLE issue_gram (
    district_id {uuid} NOT NULL,
    gram varchar(2) NOT NULL CHECK (length(gram) BETWEEN 1 AND 2),
    issue_id {uuid} NOT NULL,
    PRIMARY KEY (district_id, gram, issue_id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id)
);
CREATE INDEX issue_gram_by_issue ON issue_gram (issue_id);
