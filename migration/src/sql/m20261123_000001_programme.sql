-- The tables of the programme's core. {uuid}, {date}, {timestamp} and {json} stand for
-- each database's own types, {nulls_last} for its word on absent values in a descending index;
-- everything else is the same text on both.

-- A district that runs the programme.
CREATE TABLE district (
    id {uuid} NOT NULL PRIMARY KEY,
    code varchar(6) NOT NULL CHECK (length(code) = 6),
    name varchar(120) NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    number_prefix varchar(8) NOT NULL CHECK (length(number_prefix) BETWEEN 1 AND 8),
    is_active boolean NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (code),
    UNIQUE (number_prefix)
);

-- The size of a district's register by an outside source, for districts whose own register is not complete.
CREATE TABLE district_baseline (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    as_of {date} NOT NULL,
    enterprise_count integer NOT NULL CHECK (enterprise_count >= 0),
    employee_count integer NOT NULL CHECK (employee_count >= 0),
    source varchar(300) NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
    created_at {timestamp} NOT NULL,
    UNIQUE (district_id, as_of),
    FOREIGN KEY (district_id) REFERENCES district (id)
);

-- An office of the district.
CREATE TABLE department (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    code varchar(40) NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
    name varchar(120) NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    governance_role varchar(32) NOT NULL CHECK (governance_role IN ('OVERALL', 'LEAD', 'PARTICIPATING')),
    is_active boolean NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, code),
    UNIQUE (district_id, id),
    FOREIGN KEY (district_id) REFERENCES district (id)
);
CREATE UNIQUE INDEX department_one_overall ON department (district_id) WHERE governance_role = 'OVERALL';
CREATE UNIQUE INDEX department_one_lead ON department (district_id) WHERE governance_role = 'LEAD';

-- A category of the district's taxonomy of issues.
CREATE TABLE issue_category (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    code varchar(40) NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
    name_zh varchar(60) NOT NULL CHECK (length(name_zh) BETWEEN 1 AND 60),
    name_en varchar(60) NOT NULL CHECK (length(name_en) BETWEEN 1 AND 60),
    position integer NOT NULL,
    is_active boolean NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, code),
    UNIQUE (district_id, id),
    FOREIGN KEY (district_id) REFERENCES district (id)
);

-- An enterprise of the register (一企一档).
CREATE TABLE enterprise (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    uscc varchar(18) NOT NULL CHECK (length(uscc) = 18),
    uscc_waiver_reason varchar(300) CHECK (length(uscc_waiver_reason) BETWEEN 1 AND 300),
    name varchar(120) NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    short_name varchar(60) CHECK (length(short_name) BETWEEN 1 AND 60),
    search_text text NOT NULL,
    ownership varchar(32) NOT NULL CHECK (ownership IN ('PRIVATE', 'SOE', 'OTHER')),
    industry_section varchar(1) CHECK (industry_section BETWEEN 'A' AND 'T'),
    industry_code varchar(4) CHECK (length(industry_code) BETWEEN 2 AND 4),
    size_class varchar(32) CHECK (size_class IN ('LARGE', 'MEDIUM', 'SMALL', 'MICRO')),
    region_code varchar(6) NOT NULL CHECK (length(region_code) = 6),
    street varchar(9) CHECK (length(street) = 9),
    employee_count integer CHECK (employee_count >= 0),
    parent_enterprise_id {uuid} CHECK (parent_enterprise_id <> id),
    tags {json} NOT NULL,
    description text,
    status varchar(32) NOT NULL CHECK (status IN ('ACTIVE', 'DEACTIVATED')),
    deactivated_at {timestamp},
    deactivation_reason varchar(500) CHECK (length(deactivation_reason) BETWEEN 1 AND 500),
    is_synthetic boolean NOT NULL,
    synthetic_fields {json} NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, uscc),
    UNIQUE (district_id, id),
    CHECK ((status = 'DEACTIVATED') = (deactivated_at IS NOT NULL)),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, parent_enterprise_id) REFERENCES enterprise (district_id, id)
);
CREATE INDEX enterprise_by_name ON enterprise (district_id, name, id);
CREATE INDEX enterprise_by_created ON enterprise (district_id, created_at, id);
CREATE INDEX enterprise_by_updated ON enterprise (district_id, updated_at, id);
CREATE INDEX enterprise_by_employees ON enterprise (district_id, employee_count, id);
CREATE INDEX enterprise_by_street ON enterprise (district_id, street, id);
CREATE INDEX enterprise_by_industry ON enterprise (district_id, industry_section, id);
CREATE INDEX enterprise_by_ownership ON enterprise (district_id, ownership, status);
CREATE INDEX enterprise_by_parent ON enterprise (parent_enterprise_id);

-- A chief service officer (首席服务官): a post, not a person.
CREATE TABLE service_officer (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    post_title varchar(120) NOT NULL CHECK (length(post_title) BETWEEN 1 AND 120),
    department_id {uuid} NOT NULL,
    patch varchar(60) CHECK (length(patch) BETWEEN 1 AND 60),
    office_phone varchar(32) CHECK (length(office_phone) BETWEEN 1 AND 32),
    status varchar(32) NOT NULL CHECK (status IN ('ACTIVE', 'RETIRED')),
    is_synthetic boolean NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, department_id) REFERENCES department (district_id, id)
);
CREATE UNIQUE INDEX service_officer_post ON service_officer (department_id, post_title) WHERE status = 'ACTIVE';
CREATE INDEX service_officer_by_post ON service_officer (district_id, post_title, id);
CREATE INDEX service_officer_by_created ON service_officer (district_id, created_at, id);
CREATE INDEX service_officer_by_department ON service_officer (department_id, created_at, id);
CREATE INDEX service_officer_by_patch ON service_officer (district_id, patch);
CREATE INDEX service_officer_by_status ON service_officer (district_id, status);

-- A user: the database's word on what a token may do.
CREATE TABLE user_account (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    issuer varchar(200) NOT NULL CHECK (length(issuer) BETWEEN 1 AND 200),
    subject varchar(200) NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
    display_name varchar(60) NOT NULL CHECK (length(display_name) BETWEEN 1 AND 60),
    role varchar(32) NOT NULL CHECK (role IN ('DISTRICT', 'LEAD', 'MEMBER')),
    enterprise_id {uuid},
    officer_id {uuid},
    is_admin boolean NOT NULL,
    is_auditor boolean NOT NULL,
    status varchar(32) NOT NULL CHECK (status IN ('ACTIVE', 'DISABLED')),
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (issuer, subject),
    UNIQUE (district_id, id),
    CHECK ((role = 'DISTRICT') = (enterprise_id IS NULL)),
    CHECK (role = 'DISTRICT' OR (officer_id IS NULL AND NOT is_admin AND NOT is_auditor)),
    CHECK (NOT (is_admin AND is_auditor)),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, enterprise_id) REFERENCES enterprise (district_id, id),
    FOREIGN KEY (district_id, officer_id) REFERENCES service_officer (district_id, id)
);
CREATE UNIQUE INDEX user_account_officer ON user_account (officer_id);
CREATE INDEX user_account_by_enterprise ON user_account (enterprise_id);

-- One version of what a district's charter sets; the highest revision is in force.
CREATE TABLE district_policy (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    revision integer NOT NULL CHECK (revision >= 1),
    pairing_min_members integer NOT NULL CHECK (pairing_min_members >= 1),
    pairing_max_members integer NOT NULL,
    under_strength_grace_days integer NOT NULL CHECK (under_strength_grace_days BETWEEN 1 AND 365),
    idle_pairing_days integer NOT NULL CHECK (idle_pairing_days BETWEEN 1 AND 365),
    officer_capacity integer NOT NULL CHECK (officer_capacity BETWEEN 1 AND 100),
    leads_on_duty integer NOT NULL CHECK (leads_on_duty BETWEEN 1 AND 8),
    register_complete boolean NOT NULL,
    work_start_minute integer NOT NULL CHECK (work_start_minute BETWEEN 0 AND 1439),
    work_end_minute integer NOT NULL CHECK (work_end_minute BETWEEN 1 AND 1440),
    max_reopens integer NOT NULL CHECK (max_reopens BETWEEN 0 AND 10),
    reopen_window_days integer NOT NULL CHECK (reopen_window_days BETWEEN 0 AND 90),
    max_returns integer NOT NULL CHECK (max_returns BETWEEN 0 AND 10),
    changed_by_id {uuid},
    created_at {timestamp} NOT NULL,
    UNIQUE (district_id, revision),
    CHECK (pairing_max_members >= pairing_min_members AND pairing_max_members <= 20),
    CHECK (work_end_minute > work_start_minute),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (changed_by_id) REFERENCES user_account (id)
);

-- The membership of an enterprise in the alliance; a change of role ends one row and opens the next.
CREATE TABLE membership (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    enterprise_id {uuid} NOT NULL,
    role varchar(32) NOT NULL CHECK (role IN ('LEAD', 'MEMBER', 'SOE_PARTNER')),
    status varchar(32) NOT NULL CHECK (status IN ('ACTIVE', 'ENDED')),
    joined_on {date} NOT NULL,
    left_on {date},
    has_mature_management boolean NOT NULL,
    has_party_foundation boolean NOT NULL,
    has_demonstration_effect boolean NOT NULL,
    is_assumed boolean NOT NULL,
    end_reason varchar(500) CHECK (length(end_reason) BETWEEN 1 AND 500),
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    CHECK ((status = 'ACTIVE') = (left_on IS NULL)),
    CHECK (left_on IS NULL OR left_on >= joined_on),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, enterprise_id) REFERENCES enterprise (district_id, id)
);
CREATE UNIQUE INDEX membership_one_active ON membership (enterprise_id) WHERE status = 'ACTIVE';
CREATE INDEX membership_by_joined ON membership (district_id, joined_on, id);
CREATE INDEX membership_by_enterprise ON membership (enterprise_id, joined_on, id);
CREATE INDEX membership_by_role ON membership (district_id, status, role);

-- A pairing of enterprises (结对共建).
CREATE TABLE pairing (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    kind varchar(32) NOT NULL CHECK (kind IN ('ONE_PLUS_N', 'SOE_PRIVATE')),
    lead_id {uuid} NOT NULL,
    name varchar(120) NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    goals text,
    status varchar(32) NOT NULL CHECK (status IN ('DRAFT', 'ACTIVE', 'UNDER_STRENGTH', 'ENDED')),
    starts_on {date},
    ends_on {date},
    under_strength_since {timestamp},
    end_reason varchar(500) CHECK (length(end_reason) BETWEEN 1 AND 500),
    proposed_by_id {uuid},
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    UNIQUE (id, kind, lead_id),
    CHECK ((status = 'UNDER_STRENGTH') = (under_strength_since IS NOT NULL)),
    CHECK ((status = 'ENDED') = (ends_on IS NOT NULL)),
    CHECK (status = 'DRAFT' OR status = 'ENDED' OR starts_on IS NOT NULL),
    CHECK (ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, lead_id) REFERENCES enterprise (district_id, id),
    FOREIGN KEY (proposed_by_id) REFERENCES user_account (id)
);
CREATE UNIQUE INDEX pairing_one_active_per_lead ON pairing (lead_id, kind) WHERE status IN ('ACTIVE', 'UNDER_STRENGTH');
CREATE INDEX pairing_by_created ON pairing (district_id, created_at, id);
CREATE INDEX pairing_by_name ON pairing (district_id, name, id);
CREATE INDEX pairing_by_starts ON pairing (district_id, starts_on, id);
CREATE INDEX pairing_by_status ON pairing (district_id, status, kind);
CREATE INDEX pairing_by_lead ON pairing (lead_id, created_at, id);

-- An enterprise on the N side of a pairing. Kind and lead repeat the pairing's, so that the database holds the rules on them.
CREATE TABLE pairing_member (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    pairing_id {uuid} NOT NULL,
    kind varchar(32) NOT NULL CHECK (kind IN ('ONE_PLUS_N', 'SOE_PRIVATE')),
    lead_id {uuid} NOT NULL,
    enterprise_id {uuid} NOT NULL CHECK (enterprise_id <> lead_id),
    status varchar(32) NOT NULL CHECK (status IN ('PROPOSED', 'ACTIVE', 'LEFT')),
    joined_on {date},
    left_on {date},
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    CHECK ((status = 'LEFT') = (left_on IS NOT NULL)),
    CHECK (status <> 'ACTIVE' OR joined_on IS NOT NULL),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (pairing_id, kind, lead_id) REFERENCES pairing (id, kind, lead_id),
    FOREIGN KEY (district_id, pairing_id) REFERENCES pairing (district_id, id),
    FOREIGN KEY (district_id, enterprise_id) REFERENCES enterprise (district_id, id)
);
CREATE UNIQUE INDEX pairing_member_one_active ON pairing_member (enterprise_id, kind) WHERE status = 'ACTIVE';
CREATE UNIQUE INDEX pairing_member_once ON pairing_member (pairing_id, enterprise_id) WHERE status <> 'LEFT';
CREATE INDEX pairing_member_by_pairing ON pairing_member (pairing_id, created_at, id);

-- Something the enterprises of a pairing did together.
CREATE TABLE pairing_interaction (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    pairing_id {uuid} NOT NULL,
    interaction_type varchar(32) NOT NULL CHECK (interaction_type IN ('PEER_VISIT', 'LEAD_MEETING', 'FORUM', 'SERVICE_DAY')),
    held_on {date} NOT NULL,
    title varchar(200) NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    summary text,
    modes integer NOT NULL CHECK (modes BETWEEN 1 AND 63),
    aids integer NOT NULL CHECK (aids BETWEEN 0 AND 63),
    participant_count integer CHECK (participant_count >= 0),
    deal_type varchar(32) CHECK (deal_type IN ('PROCUREMENT', 'TECHNOLOGY', 'TALENT', 'FINANCE', 'OTHER')),
    deal_amount_band varchar(32) CHECK (deal_amount_band IN ('UNDER_1M', 'FROM_1M_TO_10M', 'FROM_10M_TO_100M', 'OVER_100M')),
    recorded_by_id {uuid},
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    CHECK (modes < 32 OR (deal_type IS NOT NULL AND deal_amount_band IS NOT NULL)),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, pairing_id) REFERENCES pairing (district_id, id),
    FOREIGN KEY (recorded_by_id) REFERENCES user_account (id)
);
CREATE INDEX pairing_interaction_by_held ON pairing_interaction (pairing_id, held_on, id);

-- Which officer serves which enterprise (挂点联系).
CREATE TABLE officer_assignment (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    officer_id {uuid} NOT NULL,
    enterprise_id {uuid} NOT NULL,
    status varchar(32) NOT NULL CHECK (status IN ('ACTIVE', 'ENDED')),
    from_on {date} NOT NULL,
    to_on {date},
    reason varchar(500) CHECK (length(reason) BETWEEN 1 AND 500),
    end_reason varchar(500) CHECK (length(end_reason) BETWEEN 1 AND 500),
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    CHECK ((status = 'ACTIVE') = (to_on IS NULL)),
    CHECK (to_on IS NULL OR to_on >= from_on),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, officer_id) REFERENCES service_officer (district_id, id),
    FOREIGN KEY (district_id, enterprise_id) REFERENCES enterprise (district_id, id)
);
CREATE UNIQUE INDEX officer_assignment_one_active ON officer_assignment (enterprise_id) WHERE status = 'ACTIVE';
CREATE INDEX officer_assignment_by_officer ON officer_assignment (officer_id, from_on, id);
CREATE INDEX officer_assignment_by_enterprise ON officer_assignment (enterprise_id, from_on, id);

-- A visit of an officer to an enterprise (走访).
CREATE TABLE service_visit (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    enterprise_id {uuid} NOT NULL,
    officer_id {uuid} NOT NULL,
    mode varchar(32) NOT NULL CHECK (mode IN ('ON_SITE', 'CALL', 'ONLINE')),
    status varchar(32) NOT NULL CHECK (status IN ('PLANNED', 'DONE', 'CANCELLED')),
    planned_on {date} NOT NULL,
    held_on {date},
    purpose varchar(500) NOT NULL CHECK (length(purpose) BETWEEN 1 AND 500),
    findings text,
    internal_note text,
    recorded_by_id {uuid},
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, id),
    CHECK ((status = 'DONE') = (held_on IS NOT NULL)),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, enterprise_id) REFERENCES enterprise (district_id, id),
    FOREIGN KEY (district_id, officer_id) REFERENCES service_officer (district_id, id),
    FOREIGN KEY (recorded_by_id) REFERENCES user_account (id)
);
CREATE INDEX service_visit_by_planned ON service_visit (district_id, planned_on, id);
CREATE INDEX service_visit_by_held ON service_visit (district_id, held_on, id);
CREATE INDEX service_visit_by_enterprise ON service_visit (enterprise_id, planned_on, id);
CREATE INDEX service_visit_by_officer ON service_visit (officer_id, planned_on, id);
CREATE INDEX service_visit_by_status ON service_visit (district_id, status);

-- One official who took part in a visit, by post; the rows are the person-times (人次).
CREATE TABLE visit_participant (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    visit_id {uuid} NOT NULL,
    position integer NOT NULL CHECK (position >= 1),
    officer_id {uuid},
    post_title varchar(120) NOT NULL CHECK (length(post_title) BETWEEN 1 AND 120),
    created_at {timestamp} NOT NULL,
    UNIQUE (visit_id, position),
    UNIQUE (district_id, id),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, visit_id) REFERENCES service_visit (district_id, id),
    FOREIGN KEY (district_id, officer_id) REFERENCES service_officer (district_id, id)
);
CREATE UNIQUE INDEX visit_participant_officer ON visit_participant (visit_id, officer_id);

-- An issue that an enterprise raises (企业诉求).
CREATE TABLE enterprise_issue (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    number varchar(24) NOT NULL CHECK (length(number) BETWEEN 1 AND 24),
    enterprise_id {uuid} NOT NULL,
    reporter_id {uuid},
    is_on_behalf boolean NOT NULL,
    channel varchar(32) NOT NULL CHECK (channel IN ('MINI_PROGRAM', 'WEB', 'VISIT', 'ACTIVITY', 'PHONE', 'CLIENT')),
    nature varchar(32) NOT NULL CHECK (nature IN ('CONSULT', 'HELP', 'COMPLAINT', 'REPORT', 'SUGGESTION')),
    category_id {uuid} NOT NULL,
    urgency varchar(32) CHECK (urgency IN ('URGENT', 'NORMAL')),
    complexity varchar(32) CHECK (complexity IN ('SIMPLE', 'GENERAL', 'COMPLEX')),
    visibility varchar(32) NOT NULL CHECK (visibility IN ('OFFICIAL', 'PAIRING', 'ALLIANCE')),
    is_confidential boolean NOT NULL,
    title varchar(200) NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    body text NOT NULL,
    state varchar(32) NOT NULL CHECK (state IN ('DRAFT', 'SUBMITTED', 'NEEDS_INFO', 'ACCEPTED', 'ASSIGNED', 'IN_PROGRESS', 'ON_HOLD', 'LONG_TERM', 'RESPONDED', 'CLOSED', 'ARCHIVED', 'REJECTED', 'WITHDRAWN', 'MERGED')),
    resume_state varchar(32) CHECK (resume_state IN ('DRAFT', 'SUBMITTED', 'NEEDS_INFO', 'ACCEPTED', 'ASSIGNED', 'IN_PROGRESS', 'ON_HOLD', 'LONG_TERM', 'RESPONDED', 'CLOSED', 'ARCHIVED', 'REJECTED', 'WITHDRAWN', 'MERGED')),
    outcome varchar(32) CHECK (outcome IN ('SOLVED', 'PARTLY_SOLVED', 'EXPLAINED', 'NOT_FEASIBLE')),
    first_handler_id {uuid},
    lead_department_id {uuid},
    officer_id {uuid},
    visit_id {uuid},
    merged_into_id {uuid} CHECK (merged_into_id <> id),
    follow_up_of_id {uuid} CHECK (follow_up_of_id <> id),
    external_ref varchar(120) CHECK (length(external_ref) BETWEEN 1 AND 120),
    escalation_level integer NOT NULL CHECK (escalation_level BETWEEN 0 AND 4),
    reopen_count integer NOT NULL CHECK (reopen_count >= 0),
    rework_count integer NOT NULL CHECK (rework_count >= 0),
    return_count integer NOT NULL CHECK (return_count >= 0),
    extension_count integer NOT NULL CHECK (extension_count >= 0),
    is_closed_unrated boolean NOT NULL,
    light varchar(32) CHECK (light IN ('GREEN', 'YELLOW', 'RED', 'GREY')),
    submitted_at {timestamp},
    accepted_at {timestamp},
    assigned_at {timestamp},
    handling_started_at {timestamp},
    responded_at {timestamp},
    closed_at {timestamp},
    due_at {timestamp},
    is_synthetic boolean NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    UNIQUE (district_id, number),
    UNIQUE (district_id, id),
    CHECK (NOT is_confidential OR visibility = 'OFFICIAL'),
    CHECK (nature NOT IN ('COMPLAINT', 'REPORT') OR visibility = 'OFFICIAL'),
    CHECK (CASE state WHEN 'DRAFT' THEN submitted_at IS NULL WHEN 'WITHDRAWN' THEN true ELSE submitted_at IS NOT NULL END),
    CHECK ((state = 'MERGED') = (merged_into_id IS NOT NULL)),
    CHECK (state NOT IN ('RESPONDED', 'CLOSED', 'ARCHIVED') OR outcome IS NOT NULL),
    CHECK (state NOT IN ('ASSIGNED', 'IN_PROGRESS', 'ON_HOLD', 'LONG_TERM', 'RESPONDED') OR lead_department_id IS NOT NULL),
    CHECK (state <> 'NEEDS_INFO' OR resume_state IS NOT NULL),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, enterprise_id) REFERENCES enterprise (district_id, id),
    FOREIGN KEY (reporter_id) REFERENCES user_account (id),
    FOREIGN KEY (district_id, category_id) REFERENCES issue_category (district_id, id),
    FOREIGN KEY (first_handler_id) REFERENCES user_account (id),
    FOREIGN KEY (district_id, lead_department_id) REFERENCES department (district_id, id),
    FOREIGN KEY (district_id, officer_id) REFERENCES service_officer (district_id, id),
    FOREIGN KEY (district_id, visit_id) REFERENCES service_visit (district_id, id),
    FOREIGN KEY (district_id, merged_into_id) REFERENCES enterprise_issue (district_id, id),
    FOREIGN KEY (district_id, follow_up_of_id) REFERENCES enterprise_issue (district_id, id)
);
CREATE UNIQUE INDEX enterprise_issue_external_ref ON enterprise_issue (district_id, channel, external_ref);
CREATE INDEX enterprise_issue_by_created ON enterprise_issue (district_id, created_at, id);
-- The newest submission first: that way round, with drafts last, the two databases want different words.
CREATE INDEX enterprise_issue_by_submitted ON enterprise_issue (district_id, submitted_at DESC{nulls_last}, id DESC);
CREATE INDEX enterprise_issue_by_updated ON enterprise_issue (district_id, updated_at, id);
CREATE INDEX enterprise_issue_by_due ON enterprise_issue (district_id, due_at, id);
CREATE INDEX enterprise_issue_by_state ON enterprise_issue (district_id, state, created_at, id);
CREATE INDEX enterprise_issue_by_enterprise ON enterprise_issue (enterprise_id, created_at, id);
CREATE INDEX enterprise_issue_by_officer ON enterprise_issue (officer_id, created_at, id);
CREATE INDEX enterprise_issue_by_department ON enterprise_issue (lead_department_id, created_at, id);
CREATE INDEX enterprise_issue_by_category ON enterprise_issue (category_id, created_at, id);
CREATE INDEX enterprise_issue_of_alliance ON enterprise_issue (district_id, created_at, id) WHERE visibility = 'ALLIANCE';
CREATE INDEX enterprise_issue_by_visit ON enterprise_issue (visit_id);

-- A department that helps to handle an issue (协办单位).
CREATE TABLE issue_co_department (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    issue_id {uuid} NOT NULL,
    department_id {uuid} NOT NULL,
    created_at {timestamp} NOT NULL,
    UNIQUE (issue_id, department_id),
    UNIQUE (district_id, id),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id),
    FOREIGN KEY (district_id, department_id) REFERENCES department (district_id, id)
);
CREATE INDEX issue_co_department_by_department ON issue_co_department (department_id, issue_id);

-- One step in the life of an issue; replaying the steps gives the stored state.
CREATE TABLE issue_transition (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    issue_id {uuid} NOT NULL,
    seq integer NOT NULL CHECK (seq >= 1),
    kind varchar(32) NOT NULL CHECK (kind IN ('CREATE', 'SUBMIT', 'ACCEPT', 'REJECT', 'REQUEST_INFO', 'SUPPLY_INFO', 'ASSIGN', 'RETURN_ASSIGNMENT', 'START_HANDLING', 'HOLD', 'RESUME', 'MOVE_TO_LONG_TERM', 'RESPOND', 'CLOSE_RATED', 'CLOSE_UNRATED', 'REWORK', 'CLOSE_DISSATISFIED', 'REOPEN', 'ARCHIVE', 'WITHDRAW', 'MERGE')),
    from_state varchar(32) CHECK (from_state IN ('DRAFT', 'SUBMITTED', 'NEEDS_INFO', 'ACCEPTED', 'ASSIGNED', 'IN_PROGRESS', 'ON_HOLD', 'LONG_TERM', 'RESPONDED', 'CLOSED', 'ARCHIVED', 'REJECTED', 'WITHDRAWN', 'MERGED')),
    to_state varchar(32) NOT NULL CHECK (to_state IN ('DRAFT', 'SUBMITTED', 'NEEDS_INFO', 'ACCEPTED', 'ASSIGNED', 'IN_PROGRESS', 'ON_HOLD', 'LONG_TERM', 'RESPONDED', 'CLOSED', 'ARCHIVED', 'REJECTED', 'WITHDRAWN', 'MERGED')),
    actor_id {uuid},
    reject_reason varchar(32) CHECK (reject_reason IN ('OUT_OF_JURISDICTION', 'IN_LEGAL_PROCEEDINGS', 'PETITION_CHANNEL', 'SECRETS_OR_PRIVACY', 'UNLAWFUL_OR_NO_SUBSTANCE', 'DUPLICATE_OF_HANDLED', 'OTHER_BY_LAW')),
    withdraw_reason varchar(32) CHECK (withdraw_reason IN ('SOLVED_OTHERWISE', 'NO_LONGER_NEEDED', 'FILED_IN_ERROR', 'OTHER')),
    note text,
    created_at {timestamp} NOT NULL,
    UNIQUE (issue_id, seq),
    UNIQUE (district_id, id),
    CHECK ((kind = 'REJECT') = (reject_reason IS NOT NULL)),
    CHECK ((kind = 'WITHDRAW') = (withdraw_reason IS NOT NULL)),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id),
    FOREIGN KEY (actor_id) REFERENCES user_account (id)
);

-- An entry on an issue: a step, a question, an answer, the reply.
CREATE TABLE issue_progress (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    issue_id {uuid} NOT NULL,
    seq integer NOT NULL CHECK (seq >= 1),
    kind varchar(32) NOT NULL CHECK (kind IN ('FIRST_CONTACT', 'PROGRESS', 'INFO_REQUEST', 'INFO_SUPPLIED', 'RESPONSE')),
    body text NOT NULL,
    is_internal boolean NOT NULL,
    outcome varchar(32) CHECK (outcome IN ('SOLVED', 'PARTLY_SOLVED', 'EXPLAINED', 'NOT_FEASIBLE')),
    author_id {uuid},
    created_at {timestamp} NOT NULL,
    UNIQUE (issue_id, seq),
    UNIQUE (district_id, id),
    CHECK ((kind = 'RESPONSE') = (outcome IS NOT NULL)),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id),
    FOREIGN KEY (author_id) REFERENCES user_account (id)
);

-- The rating of one reply by the enterprise (好差评); immutable.
CREATE TABLE issue_rating (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    issue_id {uuid} NOT NULL,
    round integer NOT NULL CHECK (round >= 1),
    stars integer NOT NULL CHECK (stars BETWEEN 1 AND 5),
    is_resolved boolean NOT NULL,
    comment text,
    rated_by_id {uuid},
    created_at {timestamp} NOT NULL,
    UNIQUE (issue_id, round),
    UNIQUE (district_id, id),
    CHECK ((stars >= 3 AND is_resolved) OR comment IS NOT NULL),
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (district_id, issue_id) REFERENCES enterprise_issue (district_id, id),
    FOREIGN KEY (rated_by_id) REFERENCES user_account (id)
);

-- The last issue number given out per district and year.
CREATE TABLE issue_counter (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2100),
    last_number integer NOT NULL CHECK (last_number >= 0),
    UNIQUE (district_id, year),
    FOREIGN KEY (district_id) REFERENCES district (id)
);

-- Who did what, when, and what it changed; append-only.
CREATE TABLE audit_entry (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid},
    actor_id {uuid},
    actor varchar(200) NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    token_id varchar(200) CHECK (length(token_id) BETWEEN 1 AND 200),
    action varchar(60) NOT NULL CHECK (length(action) BETWEEN 1 AND 60),
    target_kind varchar(40) NOT NULL CHECK (length(target_kind) BETWEEN 1 AND 40),
    target_id {uuid} NOT NULL,
    changes {json} NOT NULL,
    request_id varchar(100) NOT NULL CHECK (length(request_id) BETWEEN 1 AND 100),
    created_at {timestamp} NOT NULL,
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (actor_id) REFERENCES user_account (id)
);
CREATE INDEX audit_entry_by_target ON audit_entry (target_id, created_at, id);
CREATE INDEX audit_entry_by_created ON audit_entry (district_id, created_at, id);
CREATE INDEX audit_entry_by_actor ON audit_entry (actor_id, created_at, id);

-- Something that happened, for those who read it later: one row per changed aggregate, written with the change.
CREATE TABLE outbox_event (
    id {uuid} NOT NULL PRIMARY KEY,
    district_id {uuid} NOT NULL,
    event_type varchar(60) NOT NULL CHECK (length(event_type) BETWEEN 1 AND 60),
    aggregate_kind varchar(40) NOT NULL CHECK (length(aggregate_kind) BETWEEN 1 AND 40),
    aggregate_id {uuid} NOT NULL,
    changed_fields {json} NOT NULL,
    actor_id {uuid},
    request_id varchar(100) NOT NULL CHECK (length(request_id) BETWEEN 1 AND 100),
    created_at {timestamp} NOT NULL,
    FOREIGN KEY (district_id) REFERENCES district (id),
    FOREIGN KEY (actor_id) REFERENCES user_account (id)
);
CREATE INDEX outbox_event_by_aggregate ON outbox_event (aggregate_id, id);
CREATE INDEX outbox_event_by_district ON outbox_event (district_id, id);

-- What this database knows about itself.
CREATE TABLE setting (
    key varchar(40) NOT NULL CHECK (length(key) BETWEEN 1 AND 40),
    value text NOT NULL,
    updated_at {timestamp} NOT NULL,
    PRIMARY KEY (key)
);
