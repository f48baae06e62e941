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

    /// How many groups a mark holds.
    pub fn extent(&self, mark: &str) -> usize {
        let held = |(group, _): &&(char, &str)| mark != "-" && mark.contains(*group);
        self.groups.iter().filter(held).count()
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
        groups: &[('B', "id version code name numberPrefix isActive createdAt updatedAt policy policies departments \
            issueCategories clockRules")],
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
            maxReturns yellowPercent infoWaitDays circularAfterDays meetingAfterDays changedBy createdAt district")],
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
            ("officer's", "B B - B B B B B -"),
            ("foreign",   "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "Enterprise",
        groups: &[
            ('B', "id version name allianceRole industrySection street isRedacted isSynthetic district subsidiaries \
                memberships ledPairings pairingMemberships issues officerAssignments contacts visits suppliers customers"),
            // The base profile.
            ('P', "uscc usccWaiverReason shortName ownership industryCode sizeClass regionCode tags description status \
                deactivatedAt deactivationReason syntheticFields createdAt updatedAt parentEnterprise"),
            // Not for the lead of its pairing.
            ('E', "employeeCount officer"),
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
            ('O', "officer"),
        ],
        rows: &[("self", "B B B BO BSR BSR BSR BS B")],
    },
    Rules {
        object: "ServiceOfficer",
        groups: &[
            // The list of posts.
            ('B', "id version postTitle department status isRedacted isSynthetic viewerActions createdAt issues \
                assignments visits"),
            ('F', "patch officePhone updatedAt"),
        ],
        rows: &[
            //                   admin operator auditor officer lead member partner outsider other
            ("member's",        "BF BF - BF B  BF -  -  -"),
            ("lead's",          "BF BF - BF BF -  -  -  -"),
            ("partner's",       "BF BF - BF B  -  BF -  -"),
            ("outsider's",      "BF BF - BF B  -  -  BF -"),
            ("alliance's",      "BF BF - BF B  -  -  -  -"),
            ("member's former", "BF BF - BF B  -  -  -  -"),
            ("foreign",         "-  -  - -  -  -  -  -  BF"),
        ],
    },
    Rules {
        object: "OfficerAssignment",
        groups: &[
            ('B', "id version officer enterprise status fromOn toOn isRedacted createdAt updatedAt"),
            // Matters of staff.
            ('R', "reason endReason"),
        ],
        rows: &[
            ("member's",        "BR BR - BR - B - - -"),
            ("lead's",          "BR BR - BR B - - - -"),
            ("partner's",       "BR BR - BR - - B - -"),
            ("outsider's",      "BR BR - BR - - - B -"),
            ("alliance's",      "BR BR - BR - - - - -"),
            ("member's former", "BR BR - BR - B - - -"),
            ("foreign",         "-  -  - -  - - - - BR"),
        ],
    },
    Rules {
        object: "ServiceVisit",
        groups: &[
            ('B', "id version enterprise officer mode status plannedOn heldOn purpose findings isRedacted personTimes \
                recordedBy viewerActions createdAt updatedAt issues participants attachments"),
            ('N', "internalNote"),
        ],
        rows: &[
            ("member's",      "BN BN - BN - B - - -"),
            // By the officer before, of an enterprise that the officer serves now.
            ("taken over",    "BN BN - B  - B - - -"),
            // Of an enterprise that the officer does not serve, or no more.
            ("own elsewhere", "BN BN - BN - - - - -"),
            ("lead's",        "BN BN - -  B - - - -"),
            ("partner's",     "BN BN - -  - - B - -"),
            ("outsider's",    "BN BN - -  - - - B -"),
            ("alliance's",    "BN BN - -  - - - - -"),
            ("foreign",       "-  -  - -  - - - - BN"),
        ],
    },
    Rules {
        object: "VisitParticipant",
        groups: &[('B', "id position postTitle officer visit createdAt")],
        rows: &[
            ("member's",      "B B - B - B - - -"),
            ("taken over",    "B B - B - B - - -"),
            ("own elsewhere", "B B - B - - - - -"),
            ("lead's",        "B B - - B - - - -"),
            ("partner's",     "B B - - - - B - -"),
            ("outsider's",    "B B - - - - - B -"),
            ("alliance's",    "B B - - - - - - -"),
            ("foreign",       "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "EnterpriseIssue",
        groups: &[
            // The brief.
            ('B', "id version number title nature category state light visibility submittedAt createdAt isSynthetic \
                isRedacted enterprise viewerActions isOpenForHelp helpWanted helpOpenedAt helpOffers"),
            ('F', "isConfidential isOnBehalf channel urgency complexity outcome resumeState externalRef \
                escalationLevel reopenCount reworkCount returnCount extensionCount isClosedUnrated acceptedAt \
                assignedAt handlingStartedAt respondedAt closedAt dueAt updatedAt reporter firstHandler \
                leadDepartment officer contact visit mergedInto mergeConsent cluster reviewAt followUpOf \
                coDepartments transitions progress extensions callbacks appeals clocks supervisions tags"),
            ('T', "body"),
            ('A', "attachments"),
            ('R', "ratings"),
        ],
        rows: &[
            //                       admin operator auditor officer lead member partner outsider other
            // Shown to the pairing, to officials only, and to the alliance.
            ("member's",            "BFTAR BFTAR - BFTAR B    BFTAR -    -    -"),
            ("member's official",   "BFTAR BFTAR - BFTAR -    BFTAR -    -    -"),
            ("member's alliance",   "BFTAR BFTAR - BFTAR B    BFTAR B    -    -"),
            ("lead's",              "BFTAR BFTAR - -    BFTAR -    -    -    -"),
            ("partner's alliance",  "BFTAR BFTAR - -    B    B    BFTAR -    -"),
            // Outside the alliance nothing is shown to it.
            ("outsider's alliance", "BFTAR BFTAR - -    -    -    -    BFTAR -"),
            ("alliance's",          "BFTAR BFTAR - -    -    -    -    -    -"),
            // Shown to a pairing that it has left.
            ("left lead's",         "BFTAR BFTAR - -    -    -    -    -    -"),
            // Of an enterprise that the officer does not serve: led or helped by its department.
            ("by department",       "BFTAR BFTAR - BFTAR -    -    -    -    -"),
            ("helped",              "BFTAR BFTAR - BFTAR -    -    -    -    -"),
            ("confidential, led",   "BFTAR BFTAR - BFTAR -    -    -    -    -"),
            // Of another that the member was accepted to help with: the text beside the brief.
            ("helped with",         "BFTAR BFTAR - -    -    BT    -    -    -"),
            // Of one that it serves, and in the charge of another.
            ("served",              "BFTAR BFTAR - BFTA -    BFTAR -    -    -"),
            ("confidential",        "BFTAR BFTAR - BF   -    BFTAR -    -    -"),
            ("member's draft",      "-    -    - -    -    BFTAR -    -    -"),
            ("lead's draft",        "-    -    - -    BFTAR -    -    -    -"),
            ("draft on behalf",     "BFTAR BFTAR - BFTAR -    -    -    -    -"),
            ("foreign",             "-    -    - -    -    -    -    -    BFTAR"),
        ],
    },
    Rules {
        object: "IssueCategory",
        groups: &[('B', "id code nameZh nameEn isActive")],
        rows: &[
            ("own",     "B B - B B B B B -"),
            ("foreign", "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "IssueCoDepartment",
        groups: &[('B', "id department createdAt")],
        rows: &[
            ("member's",           "B B - B - B - - -"),
            ("member's alliance",  "B B - B - B - - -"),
            ("lead's",             "B B - - B - - - -"),
            ("partner's alliance", "B B - - - - B - -"),
            ("helped",             "B B - B - - - - -"),
            ("served",             "B B - B - B - - -"),
            ("member's draft",     "- - - - - B - - -"),
            ("foreign",            "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "IssueTransition",
        groups: &[
            ('B', "id seq kind fromState toState actor rejectReason withdrawReason isRedacted createdAt"),
            ('N', "note"),
        ],
        rows: &[
            // An assignment: said among officials.
            ("member's",           "BN BN - BN -  B  -  -  -"),
            // A withdrawal and a refusal.
            ("member's official",  "BN BN - BN -  BN -  -  -"),
            ("member's alliance",  "BN BN - BN -  BN -  -  -"),
            ("served",             "BN BN - BN -  BN -  -  -"),
            ("lead's",             "BN BN - -  BN -  -  -  -"),
            ("partner's alliance", "BN BN - -  -  -  BN -  -"),
            ("outsider's alliance", "BN BN - - -  -  -  BN -"),
            ("by department",      "BN BN - BN -  -  -  -  -"),
            ("confidential, led",  "BN BN - BN -  -  -  -  -"),
            ("confidential",       "BN BN - B  -  BN -  -  -"),
            ("member's draft",     "-  -  - -  -  BN -  -  -"),
            ("foreign",            "-  -  - -  -  -  -  -  BN"),
        ],
    },
    Rules {
        object: "IssueProgress",
        groups: &[('B', "id seq kind body isInternal purpose nextReplyOn outcome author createdAt")],
        rows: &[
            ("member's",           "B B - B - B - - -"),
            ("member's alliance",  "B B - B - B - - -"),
            ("member's, internal", "B B - B - - - - -"),
            ("served",             "B B - B - B - - -"),
            ("served, internal",   "B B - - - - - - -"),
            ("helped, internal",   "B B - B - - - - -"),
            ("confidential, led",  "B B - B - - - - -"),
            ("confidential",       "B B - - - B - - -"),
            ("lead's",             "B B - - B - - - -"),
            ("partner's alliance", "B B - - - - B - -"),
            ("member's draft",     "- - - - - B - - -"),
            ("foreign",            "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "Attachment",
        groups: &[('B', "id version fileName mediaType byteSize sha256 status uploadUrl expiresAt downloadUrl createdAt \
            updatedAt uploadedBy issue visit")],
        rows: &[
            //                     admin operator auditor officer lead member partner outsider other
            ("member's",           "B B - B - B - - -"),
            ("member's alliance",  "B B - B - B - - -"),
            ("served",             "B B - B - B - - -"),
            ("by department",      "B B - B - - - - -"),
            ("helped",             "B B - B - - - - -"),
            ("confidential",       "B B - - - B - - -"),
            ("confidential, led",  "B B - B - - - - -"),
            ("lead's",             "B B - - B - - - -"),
            // Shown to the alliance, and not with what hangs on it.
            ("partner's alliance", "B B - - - - B - -"),
            ("member's draft",     "- - - - - B - - -"),
            ("draft on behalf",    "B B - B - - - - -"),
            ("foreign",            "- - - - - - - - B"),
            // Not confirmed yet.
            ("member's, pending",  "- - - - - B - - -"),
            ("of a visit",         "B B - B - B - - -"),
        ],
    },
    Rules {
        object: "IssueClock",
        groups: &[('B', "id kind round limitDays limitMinutes spentMinutes startedAt pausedAt warnAt dueAt isProvisional \
            endedAt metAt")],
        rows: &[
            ("member's",           "B B - B - B - - -"),
            ("member's alliance",  "B B - B - B - - -"),
            ("helped",             "B B - B - - - - -"),
            ("served",             "B B - B - B - - -"),
            ("confidential",       "B B - B - B - - -"),
            ("lead's",             "B B - - B - - - -"),
            ("partner's alliance", "B B - - - - B - -"),
            ("outsider's alliance", "B B - - - - - B -"),
            ("member's draft",     "- - - - - B - - -"),
            ("foreign",            "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "IssueSupervision",
        groups: &[('B', "id kind level clock demand conclusion concludedAt createdAt enterpriseIssue department officer \
            issuedBy meeting")],
        rows: &[
            ("member's",           "B B - B - - - - -"),
            ("member's alliance",  "B B - B - - - - -"),
            ("helped",             "B B - B - - - - -"),
            ("by department",      "B B - B - - - - -"),
            ("served",             "B B - - - - - - -"),
            ("confidential",       "B B - - - - - - -"),
            ("lead's",             "B B - - - - - - -"),
            ("partner's alliance", "B B - - - - - - -"),
            ("foreign",            "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "JointMeeting",
        groups: &[('B', "id title heldOn chairPost recordedBy createdAt items")],
        rows: &[
            ("own",     "B B - B - - - - -"),
            ("foreign", "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "ClockRule",
        groups: &[('B', "id version clock urgency nature complexity isDissatisfied limitDays createdAt updatedAt")],
        rows: &[
            ("own",     "B B - B B B B B -"),
            ("foreign", "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "Contact",
        groups: &[
            ('M', "id version postTitle isPrimary nameMasked mobileMasked emailMasked isRedacted isSynthetic createdAt \
                updatedAt enterprise issue"),
            ('R', "name mobile email"),
        ],
        rows: &[
            //                     admin operator auditor officer lead member partner outsider other
            ("member's",           "M M - M -  MR -  -  -"),
            ("lead's",             "M M - - MR -  -  -  -"),
            ("partner's",          "M M - - -  -  MR -  -"),
            ("outsider's",         "M M - - -  -  -  MR -"),
            ("alliance's",         "M M - - -  -  -  -  -"),
            ("left lead's",        "M M - - -  -  -  -  -"),
            ("foreign",            "- - - - -  -  -  -  M"),
            // Of issues: submitted, drafted by the enterprise, drafted on its behalf.
            ("member's official",  "M M - M -  MR -  -  -"),
            ("member's draft",     "- - - - -  MR -  -  -"),
            ("draft on behalf",    "M M - M -  -  -  -  -"),
        ],
    },
    Rules {
        object: "IssueRating",
        groups: &[('B', "id round stars isResolved comment ratedBy createdAt")],
        rows: &[
            ("member's",           "B B - B - B - - -"),
            ("member's alliance",  "B B - B - B - - -"),
            ("by department",      "B B - B - - - - -"),
            ("helped",             "B B - B - - - - -"),
            ("served",             "B B - - - B - - -"),
            ("confidential",       "B B - - - B - - -"),
            ("lead's",             "B B - - B - - - -"),
            ("partner's alliance", "B B - - - - B - -"),
            ("foreign",            "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "IssueExtension",
        groups: &[('B', "id status reason dueBefore newDueOn requestedBy decidedBy decisionNote decidedAt createdAt")],
        rows: &[
            //                      admin operator auditor officer lead member partner outsider other
            ("member's",            "B B - B - B - - -"),
            // Asked for, or refused: among officials.
            ("member's, among officials", "B B - B - - - - -"),
            ("member's alliance",   "B B - B - B - - -"),
            ("served",              "B B - B - B - - -"),
            ("served, among officials", "B B - - - - - - -"),
            ("helped, among officials", "B B - B - - - - -"),
            ("confidential, led",   "B B - B - - - - -"),
            ("confidential",        "B B - - - B - - -"),
            ("lead's",              "B B - - B - - - -"),
            ("partner's alliance",  "B B - - - - B - -"),
            ("foreign",             "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "IssueCallback",
        groups: &[('B', "id reason result note calledBy calledAt createdAt")],
        rows: &[
            ("member's",            "B B - - - - - - -"),
            ("member's alliance",   "B B - - - - - - -"),
            ("partner's alliance",  "B B - - - - - - -"),
            ("lead's",              "B B - - - - - - -"),
            ("by department",       "B B - - - - - - -"),
            ("foreign",             "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "IssueAppeal",
        groups: &[('B', "id status reason filedBy decidedBy decisionNote decidedAt successor createdAt")],
        rows: &[
            ("member's",            "B B - B - B - - -"),
            ("member's alliance",   "B B - B - B - - -"),
            ("served",              "B B - B - B - - -"),
            ("by department",       "B B - B - - - - -"),
            ("confidential, led",   "B B - B - - - - -"),
            ("confidential",        "B B - - - B - - -"),
            ("lead's",              "B B - - B - - - -"),
            ("partner's alliance",  "B B - - - - B - -"),
            ("foreign",             "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "PeerHelpOffer",
        groups: &[('B', "id version enterpriseIssue offerer aid body status decisionNote decidedAt thanks thankedAt \
            createdAt updatedAt viewerActions")],
        rows: &[
            //                      admin operator auditor officer lead member partner outsider other
            // Of the lead, on the member's; of others, on the lead's; of the member, on others'.
            ("member's alliance",   "B B - B B B - - -"),
            ("lead's",              "B B - - B - - - -"),
            ("partner's alliance",  "B B - - - B B - -"),
            ("helped with",         "B B - - - B - - -"),
            ("foreign",             "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "SupplyChainLink",
        groups: &[('B', "id version supplier customer createdAt")],
        rows: &[
            // Of the member to the lead; of each other one to somebody else.
            ("member's",            "B B - B B B - - -"),
            ("partner's",           "B B - B - - B - -"),
            ("outsider's",          "B B - B - - - B -"),
            ("alliance's",          "B B - B - - - - -"),
            ("foreign",             "- - - - - - - - B"),
        ],
    },
    Rules {
        object: "IssueCluster",
        groups: &[('B', "id version title cause status answeredAt createdBy createdAt updatedAt issues")],
        rows: &[
            // Of a member's and a lead's issue; of one that the officer does not serve.
            ("shared",              "B B - B B B - - -"),
            ("partner's",           "B B - - - - B - -"),
            ("alliance's",          "B B - - - - - - -"),
            ("foreign",             "- - - - - - - - B"),
        ],
    },
];

/// To-one fields by which a user is met as the actor of something seen: whoever sees the row reads
/// the group `B` of that user, and more only where the user's own line says so.
pub static ACTORS: &[(&str, &str)] = &[
    ("DistrictPolicy", "changedBy"),
    ("ServiceVisit", "recordedBy"),
    ("EnterpriseIssue", "reporter"),
    ("EnterpriseIssue", "firstHandler"),
    ("IssueTransition", "actor"),
    ("IssueProgress", "author"),
    ("IssueRating", "ratedBy"),
    ("Attachment", "uploadedBy"),
    ("IssueExtension", "requestedBy"),
    ("IssueExtension", "decidedBy"),
    ("IssueCallback", "calledBy"),
    ("IssueAppeal", "filedBy"),
    ("IssueAppeal", "decidedBy"),
    ("IssueCluster", "createdBy"),
    ("IssueSupervision", "issuedBy"),
    ("JointMeeting", "recordedBy"),
];

/// Lists that tell what a field of their rows tells: they hold the rows of which that field is read.
pub static INVERSE: &[(&str, &str, &str)] = &[
    ("ServiceOfficer", "issues", "officer"),
    ("ServiceVisit", "issues", "visit"),
    ("IssueCluster", "issues", "cluster"),
];

/// Fields whose value depends on who asks.
pub static VIEWERS: &[&str] = &["isRedacted", "viewerActions", "uploadUrl", "downloadUrl"];

/// Objects that are no rows: they come whole with the field that answers them.
pub static PARTS: &[(&str, &str)] = &[
    // Who hears what is told by `subscription`: the same rows, at every event.
    ("AllianceEvent", "id type at changedFields actor subject"),
    (
        "DeadlineDay",
        "day kind name isProvisional countedMinutes pausedMinutes",
    ),
    ("DuplicateCandidate", "id nameMasked matchedBy"),
    ("DuplicateCheck", "isDuplicate candidates"),
    (
        "EnterpriseIssueEvent",
        "id type at changedFields actor enterpriseIssue",
    ),
    ("ErrorCatalogueEntry", "code kind zh en remedy isRetryable"),
    ("Figure", "value display definition asOf"),
    (
        "HeadlineStatistics",
        "asOf nonPublicEnterprises employees allianceTotal leads members activePairings \
        soePrivatePairs officers servicePersonTimes issuesSolved",
    ),
    // Why an enterprise could help is told by `peer_help::matching`.
    ("HelperMatch", "enterprise score reasons"),
    ("HelperReason", "kind points evidenceCount detail"),
    // What each role's figures count is told by `issue::statistics`.
    ("IssueFigure", "key label value issues"),
    ("IssueRate", "value definition met counted"),
    (
        "IssueStatistics",
        "total byState byCategory byLight byDepartment byOfficer byStars unrated responseRate \
        resolutionRate satisfactionRate peerHelpRate",
    ),
    ("IssueStateCount", "state count"),
    (
        "LeadCriteria",
        "hasMatureManagement hasPartyFoundation hasDemonstrationEffect",
    ),
    (
        "OfficerInboxEvent",
        "id type at changedFields actor reason enterpriseIssue",
    ),
    (
        "PageInfo",
        "hasNextPage hasPreviousPage startCursor endCursor",
    ),
    // What is similar to whom is told by `peer_help::similar`.
    ("SimilarIssue", "enterpriseIssue score"),
    ("RateLimit", "cost limit remaining restoreRate"),
    (
        "Subscription",
        "allianceFeed enterpriseIssueChanged officerInbox",
    ),
    ("UserError", "code message field params"),
    ("UserErrorParam", "name value"),
];
