//! The root's fields, and the ways of asking that could tell what a field would not: filters,
//! orders and searches: the tables, which `probing` goes through.

/// Names, each with what goes with it.
type Pairs = &'static [(&'static str, &'static str)];

/// What the root answers: `v` its value, `F` a refusal at the top. In the arguments `$id` is the id
/// of a row of the field's type.
#[rustfmt::skip]
pub static ROOTS: &[(&str, &str, &str)] = &[
    //                                             admin operator auditor officer lead member partner outsider other
    ("viewer",             "",                     "v v v v v v v v v"),
    ("district",           "",                     "v v v v v v v v v"),
    ("node",               "id: \"enterprise_x\"", "v v v v v v v v v"),
    ("nodes",              "ids: [\"pairing_x\"]", "v v v v v v v v v"),
    ("departments",        "",                     "v v F v v v v v v"),
    ("enterprise",         "by: {id: $id}",        "v v F v v v v v v"),
    ("enterprises",        "",                     "v v F v v v v v v"),
    ("memberships",        "",                     "v v F v v v v v v"),
    ("pairing",            "id: $id",              "v v F v v v v v v"),
    ("pairings",           "",                     "v v F v v v v v v"),
    ("enterpriseIssue",    "id: $id",              "v v F v v v v v v"),
    ("enterpriseIssues",   "",                     "v v F v v v v v v"),
    ("issueCountsByState", "",                     "v v F v v v v v v"),
    ("issueStatistics",    "",                     "v v F v v v v v v"),
    ("coachedRatings",     "",                     "v v F F F F F F v"),
    ("issueClusters",      "",                     "v v F v v v v v v"),
    // Day by day; none of what the viewer does not see.
    ("explainDeadline",    "issueId: \"x\"",     "v v F v v v v v v"),
    ("peerHelpOffers",     "",                     "v v F v v v v v v"),
    // None of what the viewer does not read in full, and of the rest none that it does not see.
    ("matchHelpers",       "issueId: \"x\"",      "v v F v v v v v v"),
    ("similarIssues",      "title: \"x\"",        "v v F v v v v v v"),
    ("jointMeetings",      "",                     "v v F v F F F F v"),
    // What of the issues waits for the viewer.
    ("myWork",             "",                     "v v F v F F F F v"),
    ("serviceOfficer",     "id: $id",              "v v F v v v v v v"),
    ("serviceOfficers",    "",                     "v v F v v v v v v"),
    ("contacts",           "",                     "v v F v v v v v v"),
    ("serviceVisits",      "",                     "v v F v v v v v v"),
    // Whether a code or a name is in the register already.
    ("checkDuplicate",     "name: \"立白集团\"",   "v v F v F F F F v"),
    // Everybody's own.
    ("rateLimit",          "",                     "v v v v v v v v v"),
    ("errorCatalogue",     "",                     "v v v v v v v v v"),
    // The figures are the alliance's.
    ("headlineStatistics", "",                     "v v F v v v v F v"),
];

/// Lists of the root that hold some of the rows that the role sees, and no others.
pub static SOME: &[&str] = &["myWork"];

/// Each filter: its list, its rows, and which field of a row each of its own fields narrows by.
/// Where there is none, a test of the concept holds what it tells.
pub static FILTERS: &[(&str, &str, &str, Pairs)] = &[
    (
        "DepartmentFilter",
        "departments",
        "Department",
        &[
            ("id", "id"),
            ("code", "code"),
            ("name", "name"),
            ("governanceRole", "governanceRole"),
            ("isActive", "isActive"),
        ],
    ),
    (
        "EnterpriseFilter",
        "enterprises",
        "Enterprise",
        &[
            ("id", "id"),
            ("name", "name"),
            ("street", "street"),
            ("industrySection", "industrySection"),
            ("allianceRole", "allianceRole"),
            ("uscc", "uscc"),
            ("ownership", "ownership"),
            ("status", "status"),
            ("sizeClass", "sizeClass"),
            ("employeeCount", "employeeCount"),
        ],
    ),
    (
        "MembershipFilter",
        "memberships",
        "Membership",
        &[
            ("enterpriseId", "enterprise"),
            ("role", "role"),
            ("status", "status"),
            ("joinedOn", "joinedOn"),
        ],
    ),
    (
        "PairingFilter",
        "pairings",
        "Pairing",
        &[
            ("kind", "kind"),
            ("status", "status"),
            ("leadId", "lead"),
            // pairing::reading::a_filter_does_not_tell_of_an_enterprise_out_of_sight
            ("memberId", ""),
        ],
    ),
    (
        "PairingMemberFilter",
        "Pairing.members",
        "PairingMember",
        &[
            ("status", "status"),
            // The pairing's own, which every row of it shows.
            ("kind", ""),
            ("enterpriseId", "enterprise"),
        ],
    ),
    (
        "InteractionFilter",
        "Pairing.interactions",
        "PairingInteraction",
        &[("type", "type"), ("heldOn", "heldOn")],
    ),
    (
        "ServiceOfficerFilter",
        "serviceOfficers",
        "ServiceOfficer",
        &[
            ("id", "id"),
            ("postTitle", "postTitle"),
            ("departmentId", "department"),
            ("status", "status"),
            ("patch", "patch"),
            // officer: whom it serves is a list, and no field of the row
            ("enterpriseId", ""),
        ],
    ),
    (
        "OfficerAssignmentFilter",
        "Enterprise.officerAssignments",
        "OfficerAssignment",
        &[
            ("enterpriseId", "enterprise"),
            ("status", "status"),
            ("fromOn", "fromOn"),
        ],
    ),
    (
        "ServiceVisitFilter",
        "serviceVisits",
        "ServiceVisit",
        &[
            ("status", "status"),
            ("enterpriseId", "enterprise"),
            ("officerId", "officer"),
            ("plannedOn", "plannedOn"),
            ("heldOn", "heldOn"),
        ],
    ),
    (
        "EnterpriseIssueFilter",
        "enterpriseIssues",
        "EnterpriseIssue",
        &[
            ("id", "id"),
            ("number", "number"),
            ("state", "state"),
            ("nature", "nature"),
            ("categoryId", "category"),
            ("light", "light"),
            ("submittedAt", "submittedAt"),
            ("enterpriseId", "enterprise"),
            ("isOpenForHelp", "isOpenForHelp"),
            ("officerId", "officer"),
            ("leadDepartmentId", "leadDepartment"),
            ("visitId", "visit"),
            ("channel", "channel"),
            ("urgency", "urgency"),
            ("complexity", "complexity"),
            ("outcome", "outcome"),
            ("dueAt", "dueAt"),
            ("closedAt", "closedAt"),
        ],
    ),
];

/// Each order: its list and its fields, each with the roles that may sort by it.
#[rustfmt::skip]
pub static ORDERS: &[(&str, &str, Pairs)] = &[
    ("DepartmentOrder", "departments", &[
        ("NAME",           "v v F v v v v v v"),
        ("CODE",           "v v F v v v v v v"),
        ("CREATED_AT",     "v v F v v v v v v"),
    ]),
    ("EnterpriseOrder", "enterprises", &[
        ("NAME",           "v v F v v v v v v"),
        ("STREET",         "v v F v v v v v v"),
        ("EMPLOYEE_COUNT", "v v F v F F F F v"),
        ("CREATED_AT",     "v v F v v v v v v"),
        ("UPDATED_AT",     "v v F v F F F F v"),
    ]),
    ("MembershipOrder", "memberships", &[
        ("JOINED_ON",      "v v F v v v v v v"),
        ("CREATED_AT",     "v v F v v v v v v"),
    ]),
    ("PairingOrder", "pairings", &[
        ("NAME",           "v v F v v v v v v"),
        ("STARTS_ON",      "v v F v v v v v v"),
        ("CREATED_AT",     "v v F v v v v v v"),
    ]),
    ("ServiceOfficerOrder", "serviceOfficers", &[
        ("POST_TITLE",     "v v F v v v v v v"),
        ("CREATED_AT",     "v v F v v v v v v"),
    ]),
    ("ServiceVisitOrder", "serviceVisits", &[
        ("PLANNED_ON",     "v v F v v v v v v"),
        ("HELD_ON",        "v v F v v v v v v"),
    ]),
    ("EnterpriseIssueOrder", "enterpriseIssues", &[
        ("CREATED_AT",     "v v F v v v v v v"),
        ("SUBMITTED_AT",   "v v F v v v v v v"),
        ("NUMBER",         "v v F v v v v v v"),
        ("LIGHT",          "v v F v v v v v v"),
        ("DUE_AT",         "v v F v F F F F v"),
        ("UPDATED_AT",     "v v F v F F F F v"),
    ]),
    // Of lists that hang on an enterprise or an officer, by fields that whoever sees a row reads.
    ("OfficerAssignmentOrder", "", &[("FROM_ON", ""), ("CREATED_AT", "")]),
    // Of lists that hang on a pairing, by fields that whoever sees a row reads.
    ("PairingMemberOrder", "", &[("JOINED_ON", ""), ("CREATED_AT", "")]),
    ("InteractionOrder", "", &[("HELD_ON", ""), ("CREATED_AT", "")]),
];

/// Each search of a root list, and the fields of a row that it finds words of.
pub static SEARCHES: &[(&str, &str, &[&str])] = &[
    ("departments", "Department", &["name", "code"]),
    ("enterprises", "Enterprise", &["name", "shortName", "uscc"]),
    ("pairings", "Pairing", &["name"]),
    ("serviceOfficers", "ServiceOfficer", &["postTitle"]),
    ("serviceVisits", "ServiceVisit", &["purpose", "findings"]),
    ("enterpriseIssues", "EnterpriseIssue", &["title", "number"]),
];

/// Counts of a list by group, under the filter and the search that the list takes: they are held
/// to its `totalCount`.
pub static COUNTS: Pairs = &[("issueCountsByState", "enterpriseIssues")];
