//! The policy of reading, written down anew: no line here comes from the product's own policies.
//! Columns are the roles in the order of [`SIGNED_IN`]; rows are the cases that `world` sets up.
//! A mark names the groups of fields that a role reads of a row; `-` is a row out of its sight.

/// The roles that sign in, in the order of the columns.
pub const SIGNED_IN: [&str; 9] = [
    "admin",
    "operator",
    "auditor",
    "officer",
    "lead",
    "member",
    "partner",
    "outsider",
    "other district",
];

/// The mark of a role in a line of the table.
pub fn mark<'a>(line: &'a str, role: &str) -> &'a str {
    let column = SIGNED_IN.iter().position(|known| *known == role).unwrap();
    let marks: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(marks.len(), SIGNED_IN.len(), "{line}");
    marks[column]
}

/// What is read of the rows of an object.
pub struct Rules {
    pub object: &'static str,
    /// Every field of the object stands in one group.
    pub groups: &'static [(char, &'static str)],
    /// Whose row it is, and what each role reads of it.
    pub rows: &'static [(&'static str, &'static str)],
}

impl Rules {
    /// The line of a case.
    pub fn line(&self, case: &str) -> &'static str {
        let found = self.rows.iter().find(|(name, _)| *name == case);
        found
            .unwrap_or_else(|| panic!("{} has no case {case}", self.object))
            .1
    }

    /// The group of a field.
    pub fn group(&self, field: &str) -> char {
        let of = |(_, fields): &&(char, &str)| fields.split_whitespace().any(|name| name == field);
        let found = self.groups.iter().find(of);
        found
            .unwrap_or_else(|| panic!("{}.{field} has no rule", self.object))
            .0
    }

    /// Whether a mark holds every group.
    pub fn is_whole(&self, mark: &str) -> bool {
        mark != "-" && self.groups.iter().all(|(group, _)| mark.contains(*group))
    }
}

/// The rules of an object.
pub fn of(object: &str) -> Option<&'static Rules> {
    RULES.iter().find(|rules| rules.object == object)
}

/// The rows, object by object.
#[rustfmt::skip]
pub static RULES: &[Rules] = &[
    Rules {
        object: "District",
        groups: &[('B', "id version code name numberPrefix isActive createdAt updatedAt policy policies departments")],
        rows: &[
            //            admin operator auditor officer lead member partner outsider other
            ("own",       "B B B B B B B B -"),
            ("foreign",   "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "DistrictPolicy",
        groups: &[('B', "id revision pairingMinMembers pairingMaxMembers underStrengthGraceDays idlePairingDays \
            officerCapacity leadsOnDuty registerComplete workStartMinute workEndMinute maxReopens reopenWindowDays \
            maxReturns changedBy createdAt district")],
        rows: &[
            ("in force",  "B B - B B B B B -"),
            ("former",    "B B - B - - - - -"),
            ("foreign",   "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "Department",
        groups: &[('B', "id version code name governanceRole isActive createdAt updatedAt district")],
        rows: &[
            ("own",       "B B - B B B B B -"),
            ("foreign",   "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "Enterprise",
        groups: &[
            ('B', "id version name allianceRole industrySection street isRedacted isSynthetic district subsidiaries \
                memberships ledPairings pairingMemberships"),
            // The base profile.
            ('P', "uscc usccWaiverReason shortName ownership industryCode sizeClass regionCode tags description status \
                deactivatedAt deactivationReason syntheticFields createdAt updatedAt parentEnterprise"),
            ('E', "employeeCount"),
        ],
        rows: &[
            //               admin operator auditor officer lead member partner outsider other
            ("member's",     "BPE BPE - BPE BP  BPE B   -   -"),
            ("lead's",       "BPE BPE - BPE BPE B   B   -   -"),
            ("partner's",    "BPE BPE - BPE B   B   BPE -   -"),
            ("outsider's",   "BPE BPE - BPE -   -   -   BPE -"),
            // A member of another lead's pairing, and that lead.
            ("alliance's",   "BPE BPE - BPE B   B   B   -   -"),
            ("other lead's", "BPE BPE - BPE B   B   B   -   -"),
            // In the alliance still, and no longer in the lead's pairing: its lead reads it no more.
            ("left lead's",  "BPE BPE - BPE B   B   B   -   -"),
            ("left alliance's", "BPE BPE - BPE B B B - -"),
            // The private side of the partner's pairing.
            ("beside partner", "BPE BPE - BPE B B B - -"),
            ("outside",      "BPE BPE - BPE -   -   -   -   -"),
            // Deactivated with its membership still in force.
            ("deactivated",  "BPE BPE - BPE B   B   B   -   -"),
            ("foreign",      "-   -   - -   -   -   -   -   BPE"),
            ("second foreign", "- - - - - - - - BPE"),
        ],
    },
    Rules {
        object: "Membership",
        groups: &[
            ('B', "id version enterprise role status joinedOn leftOn isAssumed isRedacted createdAt updatedAt"),
            // How the enterprise was judged.
            ('J', "leadCriteria endReason"),
        ],
        rows: &[
            ("member's",          "BJ BJ - BJ B  BJ B  -  -"),
            ("lead's",            "BJ BJ - BJ BJ B  B  -  -"),
            ("partner's",         "BJ BJ - BJ B  B  BJ -  -"),
            ("alliance's",        "BJ BJ - BJ B  B  B  -  -"),
            ("member's former",   "BJ BJ - BJ -  BJ -  -  -"),
            ("outsider's former", "BJ BJ - BJ -  -  -  BJ -"),
            ("alliance's former", "BJ BJ - BJ -  -  -  -  -"),
            ("foreign",           "-  -  - -  -  -  -  -  BJ"),
        ],
    },
    Rules {
        object: "Pairing",
        groups: &[
            ('B', "id version kind name goals status lead startsOn endsOn endReason viewerActions isRedacted createdAt \
                updatedAt members"),
            // That it is under strength.
            ('S', "underStrengthSince isUnderStrengthOverdue"),
            // What it does together.
            ('I', "lastInteractionOn isIdle interactions"),
        ],
        rows: &[
            //                    admin operator auditor officer lead member partner outsider other
            // The officer serves a member of the lead's.
            ("lead's",            "BSI BSI - BSI BSI BI B   - -"),
            ("partner's",         "BSI BSI - BS  B   B  BSI - -"),
            ("alliance's",        "BSI BSI - BS  B   B  B   - -"),
            ("lead's draft",      "BSI BSI - BS  BS  B  -   - -"),
            ("alliance's draft",  "BSI BSI - BS  -   -  -   - -"),
            ("alliance's former", "BSI BSI - BS  -   -  -   - -"),
            ("member's former",   "BSI BSI - BS  -   B  -   - -"),
            // Out of the alliance, out of its pairings.
            ("outsider's former", "BSI BSI - BS  -   -  -   - -"),
            ("foreign",           "-   -   - -   -   -  -   - BSI"),
        ],
    },
    Rules {
        object: "PairingMember",
        groups: &[('B', "id enterprise pairing status joinedOn leftOn")],
        rows: &[
            ("member's",          "B B - B B B B - -"),
            ("left of lead's",    "B B - B B B - - -"),
            ("of partner's",      "B B - B B B B - -"),
            ("alliance's",        "B B - B B B B - -"),
            ("left of alliance's", "B B - B - - - - -"),
            ("lead's draft",      "B B - B B B - - -"),
            ("alliance's draft",  "B B - B - - - - -"),
            ("alliance's former", "B B - B - - - - -"),
            ("member's former",   "B B - B - B - - -"),
            ("outsider's former", "B B - B - - - - -"),
            ("foreign",           "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "PairingInteraction",
        groups: &[('B', "id version type heldOn title summary modes aids participantCount dealType dealAmountBand \
            pairing createdAt")],
        rows: &[
            ("lead's",            "B B - B B B - - -"),
            ("partner's",         "B B - - - - B - -"),
            ("alliance's",        "B B - - - - - - -"),
            ("member's former",   "B B - - - - - - -"),
            ("foreign",           "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "User",
        groups: &[
            ('B', "id version displayName isRedacted"),
            // What the account is.
            ('A', "role status isAdmin isAuditor enterprise createdAt updatedAt"),
            // How it signs in.
            ('L', "issuer subject"),
        ],
        rows: &[
            //                     admin operator auditor officer lead member partner outsider other
            ("admin",              "BAL BA  -   BA  -   -   -   -   -"),
            ("operator",           "BAL BAL -   BA  -   -   -   -   -"),
            ("auditor",            "BAL BA  BAL BA  -   -   -   -   -"),
            ("officer",            "BAL BA  -   BAL -   -   -   -   -"),
            ("lead",               "BAL BA  -   BA  BAL -   -   -   -"),
            ("member",             "BAL BA  -   BA  -   BAL -   -   -"),
            ("member's colleague", "BAL BA  -   BA  -   BA  -   -   -"),
            ("partner",            "BAL BA  -   BA  -   -   BAL -   -"),
            ("outsider",           "BAL BA  -   BA  -   -   -   BAL -"),
            ("other district",     "-   -   -   -   -   -   -   -   BAL"),
        ],
    },
    Rules {
        object: "Viewer",
        groups: &[
            ('B', "user role isAdmin isAuditor isOfficer district now today permissions"),
            ('S', "enterprise"),
            ('R', "allianceRole"),
        ],
        rows: &[("self", "B B B B BSR BSR BSR BS B")],
    },
];

/// To-one fields by which a user is met as the actor of something seen: whoever sees the row reads
/// the group `B` of that user, and more only where the user's own line says so.
pub static ACTORS: &[(&str, &str)] = &[("DistrictPolicy", "changedBy")];

/// Fields whose value depends on who asks.
pub static VIEWERS: &[&str] = &["isRedacted", "viewerActions"];

/// Objects that are no rows: they come whole with the field that answers them.
pub static PARTS: &[(&str, &str)] = &[
    ("DuplicateCandidate", "id nameMasked matchedBy"),
    ("DuplicateCheck", "isDuplicate candidates"),
    ("Figure", "value display definition asOf"),
    (
        "HeadlineStatistics",
        "asOf nonPublicEnterprises employees allianceTotal leads members activePairings \
        soePrivatePairs officers servicePersonTimes issuesSolved",
    ),
    (
        "LeadCriteria",
        "hasMatureManagement hasPartyFoundation hasDemonstrationEffect",
    ),
    (
        "PageInfo",
        "hasNextPage hasPreviousPage startCursor endCursor",
    ),
    ("UserError", "code message field params"),
    ("UserErrorParam", "name value"),
];
