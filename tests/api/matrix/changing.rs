//! The policy of changing: which role may ever call a mutation, and on whose rows.

use serde_json::{Value, json};

use super::reading::Matrix;
use super::rules::{self, SIGNED_IN, mark};

/// A mutation and whose it is.
pub struct Change {
    pub name: &'static str,
    /// `v` for the roles that may ever call it, `F` for those that are refused at the top.
    pub roles: &'static str,
    /// An input that cannot be done, since what it names is nobody's. `$id` is the id.
    pub input: &'static str,
    /// What a role that may call it is told.
    pub told: &'static str,
    /// What `$id` is, and where it stands in the input.
    pub target: Option<(&'static str, &'static str)>,
    /// The roles that may do it to their own only: the cases. Others they see are FORBIDDEN.
    pub own: &'static [(&'static str, &'static [&'static str])],
}

const STAFF: &str = "v v F F F F F F v";
const ADMIN: &str = "v F F F F F F F F";
const NOBODYS: &str = "NOT_FOUND input.id";

/// A mutation of the district's side on rows of an object.
const fn on(
    name: &'static str,
    roles: &'static str,
    object: &'static str,
    input: &'static str,
) -> Change {
    Change {
        name,
        roles,
        input,
        told: NOBODYS,
        target: Some((object, "id")),
        own: &[],
    }
}

const WITH_OFFICERS: &str = "v v F v F F F F v";
const ENTERPRISES: &str = "F F F F v v v v F";

/// Of issues: those of the enterprise that the officer serves, and those that it handles.
const SERVED: &[&str] = &[
    "member's",
    "member's official",
    "member's alliance",
    "served",
    "confidential",
    "draft on behalf",
];
const HANDLED: &[&str] = &[
    "member's",
    "member's official",
    "member's alliance",
    "draft on behalf",
    "by department",
    "confidential, led",
];

/// Whose own an issue is.
type Own = (&'static str, &'static [&'static str]);
const LEADS: Own = ("lead", &["lead's", "lead's draft"]);
const MEMBERS: Own = (
    "member",
    &[
        "member's",
        "member's official",
        "member's alliance",
        "served",
        "confidential",
        "member's draft",
    ],
);
const PARTNERS: Own = ("partner", &["partner's alliance"]);
const OUTSIDERS: Own = ("outsider", &["outsider's alliance"]);

/// A mutation on issues.
const fn issue(
    name: &'static str,
    roles: &'static str,
    input: &'static str,
    own: &'static [Own],
) -> Change {
    Change {
        name,
        roles,
        input,
        told: NOBODYS,
        target: Some(("EnterpriseIssue", "id")),
        own,
    }
}

const IN_ALLIANCE: &str = "F F F F v v v F F";

/// Whose the decision on an offer of help is.
const DECIDERS: &[Own] = &[
    ("lead", &["lead's"]),
    ("member", &["member's alliance"]),
    ("partner", &["partner's alliance"]),
];

/// A mutation on offers of help.
const fn offer(name: &'static str, input: &'static str, own: &'static [Own]) -> Change {
    Change {
        name,
        roles: ENTERPRISES,
        input,
        told: NOBODYS,
        target: Some(("PeerHelpOffer", "id")),
        own,
    }
}

/// Every mutation. No input here can be done to any row: a version that no row has, a day or a
/// role that does not suit; so the rows stay as they are.
#[rustfmt::skip]
pub static CHANGES: &[Change] = &[
    //                                     admin operator auditor officer lead member partner outsider other
    Change { name: "createEnterprise", roles: STAFF,
        input: r#"{"uscc": "91350100M000100Y43", "name": "新企业", "ownership": "PRIVATE", "parentEnterpriseId": "$id"}"#,
        told: "NOT_FOUND input.parentEnterpriseId", target: None, own: &[] },
    Change { name: "updateEnterprise", roles: "v v F F v v v v v",
        input: r#"{"id": "$id", "expectedVersion": 999, "description": "简介"}"#,
        told: NOBODYS, target: Some(("Enterprise", "id")),
        own: &[("lead", &["lead's"]), ("member", &["member's"]), ("partner", &["partner's"]), ("outsider", &["outsider's"])] },
    Change { name: "createContact", roles: "v v F F v v v v v",
        input: r#"{"enterpriseId": "$id", "issueId": "x", "name": "行政主管", "mobile": "13800000000"}"#,
        told: "NOT_FOUND input.enterpriseId", target: Some(("Enterprise", "enterpriseId")),
        own: &[("lead", &["lead's"]), ("member", &["member's"]), ("partner", &["partner's"]), ("outsider", &["outsider's"])] },
    Change { name: "createUpload", roles: "v v F v v v v v v",
        input: r#"{"fileName": "x", "mediaType": "x", "byteSize": 0, "sha256": "x", "target": {"issueId": "$id"}}"#,
        told: "NOT_FOUND input.target.issueId", target: Some(("EnterpriseIssue", "target.issueId")),
        own: &[("officer", &["member's", "member's official", "member's alliance", "served", "draft on behalf",
            "by department", "confidential, led", "helped"]), LEADS, MEMBERS, PARTNERS, OUTSIDERS] },
    on("confirmUpload", "v v F v v v v v v", "Attachment", r#"{"id": "$id"}"#),
    Change { own: &[("officer", &[]), ("member", &["member's", "member's alliance", "served", "confidential", "member's draft",
            "member's, pending"])],
        ..on("removeAttachment", "v v F v v v v v v", "Attachment", r#"{"id": "$id", "expectedVersion": 999}"#) },
    on("updateContact", "v v F F v v v v v", "Contact", r#"{"id": "$id", "expectedVersion": 999, "postTitle": "主管"}"#),
    on("removeContact", "v v F F v v v v v", "Contact", r#"{"id": "$id", "expectedVersion": 999}"#),
    on("revealContact", "v v F v v v v v v", "Contact", r#"{"id": "$id", "reason": ""}"#),
    on("deactivateEnterprise", STAFF, "Enterprise", r#"{"id": "$id", "expectedVersion": 999, "reason": "注销"}"#),
    on("upsertDepartment", ADMIN, "Department",
        r#"{"id": "$id", "expectedVersion": 999, "code": "X", "name": "处", "governanceRole": "PARTICIPATING", "isActive": true}"#),
    Change { name: "updateDistrictPolicy", roles: ADMIN, input: r#"{"expectedVersion": 999, "maxReturns": 1}"#,
        told: "STALE_VERSION input.expectedVersion", target: None, own: &[] },
    // The country's, and so no row of anybody.
    Change { name: "importCalendar", roles: ADMIN, input: r#"{"year": 1999, "source": "通知", "days": []}"#,
        told: "OUT_OF_RANGE input.year", target: None, own: &[] },
    Change { name: "setClockRule", roles: ADMIN, input: r#"{"clock": "ACCEPT", "limitDays": 2, "expectedVersion": 999}"#,
        told: "STALE_VERSION input.expectedVersion", target: None, own: &[] },
    on("upsertUser", ADMIN, "User",
        r#"{"id": "$id", "expectedVersion": 999, "subject": "x", "displayName": "处", "role": "DISTRICT", "isAdmin": true,
            "isAuditor": false, "status": "ACTIVE"}"#),
    Change { name: "admitMember", roles: STAFF,
        input: r#"{"enterpriseId": "$id", "role": "SOE_PARTNER", "joinedOn": "2021-01-20"}"#,
        told: "NOT_FOUND input.enterpriseId", target: Some(("Enterprise", "enterpriseId")), own: &[] },
    on("changeMembershipRole", STAFF, "Membership",
        r#"{"id": "$id", "expectedVersion": 999, "role": "MEMBER", "on": "2021-01-20"}"#),
    on("withdrawMembership", STAFF, "Membership",
        r#"{"id": "$id", "expectedVersion": 999, "leftOn": "2021-01-20", "reason": "迁出"}"#),
    Change { name: "proposePairing", roles: "v v F F v F F F v",
        input: r#"{"kind": "ONE_PLUS_N", "leadId": "$id", "memberIds": ["x"], "name": "结对"}"#,
        told: "NOT_FOUND input.leadId", target: Some(("Enterprise", "leadId")), own: &[("lead", &["lead's"])] },
    on("activatePairing", STAFF, "Pairing", r#"{"id": "$id", "expectedVersion": 999}"#),
    on("addPairingMember", STAFF, "Pairing", r#"{"id": "$id", "expectedVersion": 999, "enterpriseId": "x"}"#),
    on("removePairingMember", STAFF, "Pairing", r#"{"id": "$id", "expectedVersion": 999, "enterpriseId": "x"}"#),
    on("endPairing", STAFF, "Pairing", r#"{"id": "$id", "expectedVersion": 999, "reason": "期满"}"#),
    Change { name: "recordInteraction", roles: "v v F F v F F F v",
        input: r#"{"pairingId": "$id", "type": "FORUM", "heldOn": "2000-01-01", "title": "论坛", "modes": ["ORG_BUILDING"]}"#,
        told: "NOT_FOUND input.pairingId", target: Some(("Pairing", "pairingId")),
        own: &[("lead", &["lead's", "lead's draft"])] },
    Change { name: "createOfficer", roles: STAFF, input: r#"{"postTitle": "服务官", "departmentId": "$id"}"#,
        told: "NOT_FOUND input.departmentId", target: None, own: &[] },
    on("updateOfficer", STAFF, "ServiceOfficer", r#"{"id": "$id", "expectedVersion": 999, "patch": "片区"}"#),
    on("handoverOfficer", STAFF, "ServiceOfficer",
        r#"{"id": "$id", "expectedVersion": 999, "toOfficerId": "x", "reason": "轮岗"}"#),
    Change { name: "assignOfficer", roles: STAFF, input: r#"{"officerId": "$id", "enterpriseId": "x"}"#,
        told: "NOT_FOUND input.officerId", target: Some(("ServiceOfficer", "officerId")), own: &[] },
    on("endAssignment", STAFF, "OfficerAssignment", r#"{"id": "$id", "expectedVersion": 999, "reason": "轮岗"}"#),
    Change { name: "planVisit", roles: WITH_OFFICERS,
        input: r#"{"enterpriseId": "$id", "officerId": "x", "mode": "CALL", "plannedOn": "2021-03-01", "purpose": "走访"}"#,
        told: "NOT_FOUND input.enterpriseId", target: Some(("Enterprise", "enterpriseId")),
        own: &[("officer", &["member's"])] },
    Change { name: "recordVisit", roles: WITH_OFFICERS,
        input: r#"{"visit": {"planned": {"id": "$id", "expectedVersion": 999}}, "findings": "无"}"#,
        told: "NOT_FOUND input.visit.planned.id", target: Some(("ServiceVisit", "visit.planned.id")), own: &[] },
    Change { name: "createIssue", roles: "v v F v v v v v v",
        input: r#"{"enterpriseId": "$id", "title": "诉求", "body": "诉求", "nature": "HELP", "categoryId": "x"}"#,
        told: "NOT_FOUND input.enterpriseId", target: Some(("Enterprise", "enterpriseId")),
        own: &[("officer", &["member's"]), ("lead", &["lead's"]), ("member", &["member's"]),
            ("partner", &["partner's"]), ("outsider", &["outsider's"])] },
    Change { name: "raiseIssueFromVisit", roles: WITH_OFFICERS,
        input: r#"{"visitId": "$id", "title": "诉求", "body": "诉求", "nature": "HELP", "categoryId": "x"}"#,
        told: "NOT_FOUND input.visitId", target: Some(("ServiceVisit", "visitId")),
        own: &[("officer", &["member's", "own elsewhere"])] },
    // A draft is for its author's side to submit; what is submitted already is theirs too.
    issue("submitIssue", "v v F v v v v v v", r#"{"id": "$id", "expectedVersion": 999}"#,
        &[("admin", &["draft on behalf"]), ("operator", &["draft on behalf"]), ("officer", &["draft on behalf"]),
            ("other district", &[]), LEADS, MEMBERS, PARTNERS, OUTSIDERS]),
    issue("supplyInfo", "v v F v v v v v v", r#"{"id": "$id", "expectedVersion": 999, "answer": "补充"}"#,
        &[("officer", SERVED), LEADS, MEMBERS, PARTNERS, OUTSIDERS]),
    issue("acceptIssue", WITH_OFFICERS,
        r#"{"id": "$id", "expectedVersion": 999, "complexity": "SIMPLE", "urgency": "NORMAL"}"#, &[("officer", SERVED)]),
    issue("rejectIssue", STAFF,
        r#"{"id": "$id", "expectedVersion": 999, "reason": "PETITION_CHANNEL", "advice": "信访"}"#, &[]),
    issue("requestInfo", WITH_OFFICERS, r#"{"id": "$id", "expectedVersion": 999, "question": "何时"}"#,
        &[("officer", &["member's", "member's official", "member's alliance", "served", "confidential",
            "draft on behalf", "by department", "confidential, led"])]),
    issue("superviseIssue", STAFF, r#"{"id": "$id", "expectedVersion": 999, "kind": "ORDER", "demand": "限期"}"#, &[]),
    issue("escalateIssue", STAFF, r#"{"id": "$id", "expectedVersion": 999, "reason": "逾期"}"#, &[]),
    Change { name: "concludeJointMeeting", roles: STAFF,
        input: r#"{"title": "联席会议", "heldOn": "2021-01-20", "chairPost": "区长",
            "items": [{"issueId": "$id", "conclusion": "结论"}]}"#,
        told: "NOT_FOUND input.items.0.issueId", target: Some(("EnterpriseIssue", "items.0.issueId")), own: &[] },
    issue("assignIssue", STAFF,
        r#"{"id": "$id", "expectedVersion": 999, "leadDepartmentId": "x", "coDepartmentIds": []}"#, &[]),
    issue("returnAssignment", "F F F v F F F F F", r#"{"id": "$id", "expectedVersion": 999, "reason": "非本单位"}"#,
        &[("officer", HANDLED)]),
    issue("startHandling", "F F F v F F F F F", r#"{"id": "$id", "expectedVersion": 999, "firstContact": "电话"}"#,
        &[("officer", HANDLED)]),
    issue("addProgress", WITH_OFFICERS, r#"{"id": "$id", "expectedVersion": 999, "body": "进展", "isInternal": false}"#,
        &[("officer", &["member's", "member's official", "member's alliance", "draft on behalf", "by department",
            "confidential, led", "helped"])]),
    issue("respondToIssue", WITH_OFFICERS,
        r#"{"id": "$id", "expectedVersion": 999, "reply": "答复", "outcome": "SOLVED"}"#, &[("officer", HANDLED)]),
    issue("rateIssue", ENTERPRISES, r#"{"id": "$id", "expectedVersion": 999, "stars": 5, "isResolved": true}"#,
        &[LEADS, MEMBERS, PARTNERS, OUTSIDERS]),
    issue("reopenIssue", ENTERPRISES, r#"{"id": "$id", "expectedVersion": 999, "reason": "未决"}"#,
        &[LEADS, MEMBERS, PARTNERS, OUTSIDERS]),
    issue("withdrawIssue", ENTERPRISES,
        r#"{"id": "$id", "expectedVersion": 999, "reason": "NO_LONGER_NEEDED"}"#,
        &[LEADS, MEMBERS, PARTNERS, OUTSIDERS]),
    issue("requestExtension", WITH_OFFICERS,
        r#"{"id": "$id", "expectedVersion": 999, "reason": "勘察", "newDueOn": "2021-02-01"}"#, &[("officer", HANDLED)]),
    issue("addInterimReply", WITH_OFFICERS,
        r#"{"id": "$id", "expectedVersion": 999, "reply": "进展", "nextReplyOn": "2021-02-01"}"#, &[("officer", HANDLED)]),
    issue("approveExtension", STAFF, r#"{"id": "$id", "expectedVersion": 999}"#, &[]),
    issue("rejectExtension", STAFF, r#"{"id": "$id", "expectedVersion": 999, "reason": "可按期"}"#, &[]),
    issue("holdIssue", STAFF,
        r#"{"id": "$id", "expectedVersion": 999, "reason": "等待", "reviewOn": "2021-02-01"}"#, &[]),
    issue("resumeIssue", STAFF, r#"{"id": "$id", "expectedVersion": 999}"#, &[]),
    issue("moveToLongTerm", STAFF,
        r#"{"id": "$id", "expectedVersion": 999, "cause": "规划", "nextReplyOn": "2021-02-01"}"#, &[]),
    issue("closeDissatisfied", STAFF, r#"{"id": "$id", "expectedVersion": 999, "conclusion": "办结"}"#, &[]),
    issue("archiveIssue", STAFF, r#"{"id": "$id", "expectedVersion": 999}"#, &[]),
    // The operator is the first handler of all of them, and does not call after its own work.
    issue("recordCallback", STAFF,
        r#"{"id": "$id", "expectedVersion": 999, "result": "CONFIRMED", "note": "属实"}"#,
        &[("operator", &[]), ("other district", &[])]),
    issue("mergeIssues", STAFF, r#"{"id": "$id", "expectedVersion": 999, "intoId": "x"}"#, &[]),
    issue("decideAppeal", STAFF, r#"{"id": "$id", "expectedVersion": 999, "isGranted": true, "note": "受理"}"#, &[]),
    issue("urgeIssue", ENTERPRISES, r#"{"id": "$id", "expectedVersion": 999, "note": "请办理"}"#,
        &[LEADS, MEMBERS, PARTNERS, OUTSIDERS]),
    issue("appealRejection", ENTERPRISES, r#"{"id": "$id", "expectedVersion": 999, "reason": "属本区"}"#,
        &[LEADS, MEMBERS, PARTNERS, OUTSIDERS]),
    issue("openForPeerHelp", IN_ALLIANCE, r#"{"id": "$id", "expectedVersion": 999, "wanted": "经验"}"#,
        &[LEADS, MEMBERS, PARTNERS]),
    issue("closePeerHelp", ENTERPRISES, r#"{"id": "$id", "expectedVersion": 999}"#,
        &[LEADS, MEMBERS, PARTNERS, OUTSIDERS]),
    issue("suggestPeerHelp", "F F F v F F F F F", r#"{"id": "$id", "expectedVersion": 999, "note": "建议"}"#,
        &[("officer", &["member's", "member's official", "member's alliance", "served", "confidential",
            "draft on behalf", "by department", "confidential, led"])]),
    // On another's.
    Change { name: "offerHelp", roles: IN_ALLIANCE, input: r#"{"issueId": "$id", "aid": "INFO_LINK", "body": "经验"}"#,
        told: "NOT_FOUND input.issueId", target: Some(("EnterpriseIssue", "issueId")),
        own: &[("lead", &["member's", "member's alliance", "partner's alliance"]),
            ("member", &["partner's alliance", "helped with"]), ("partner", &["member's alliance"])] },
    offer("acceptHelp", r#"{"id": "$id", "expectedVersion": 999}"#, DECIDERS),
    offer("declineHelp", r#"{"id": "$id", "expectedVersion": 999}"#, DECIDERS),
    offer("thankHelper", r#"{"id": "$id", "expectedVersion": 999}"#, DECIDERS),
    offer("withdrawHelp", r#"{"id": "$id", "expectedVersion": 999}"#,
        &[("lead", &["member's alliance"]), ("member", &["partner's alliance", "helped with"]), ("partner", &[])]),
    Change { name: "recordSupplyChainLink", roles: STAFF, input: r#"{"supplierId": "$id", "customerId": "x"}"#,
        told: "NOT_FOUND input.supplierId", target: Some(("Enterprise", "supplierId")), own: &[] },
    on("removeSupplyChainLink", STAFF, "SupplyChainLink", r#"{"id": "$id", "expectedVersion": 999}"#),
    Change { name: "clusterIssues", roles: STAFF,
        // Issue by issue: issue::together::what_cannot_belong_together_is_told_issue_by_issue
        input: r#"{"issueIds": ["$id"], "title": "共性问题", "cause": "成因"}"#,
        told: "OUT_OF_RANGE input.issueIds", target: None, own: &[] },
    // Those of which the officer handles every open issue.
    Change { name: "respondToCluster", roles: WITH_OFFICERS,
        input: r#"{"id": "$id", "expectedVersion": 999, "reply": "答复", "outcome": "SOLVED"}"#,
        told: NOBODYS, target: Some(("IssueCluster", "id")), own: &[("officer", &[])] },
];

impl Change {
    fn may(&self, role: &str) -> bool {
        mark(self.roles, role) == "v"
    }

    /// Whether a role may do it to the row of a case that it sees.
    fn may_on(&self, role: &str, case: &str) -> bool {
        let own = self.own.iter().find(|(known, _)| *known == role);
        own.is_none_or(|(_, cases)| cases.contains(&case))
    }

    fn asked(&self, id: &str) -> Value {
        serde_json::from_str(&self.input.replace("$id", id)).unwrap()
    }
}

impl Matrix<'_> {
    /// Every mutation as every role: refused at the top, or told that there is no such thing.
    pub async fn calls(&mut self) {
        for change in CHANGES {
            let input = change.asked("x");
            let code = self
                .app
                .anonymous()
                .denied(change.name, input.clone())
                .await;
            assert_eq!(code, "UNAUTHENTICATED", "{}", change.name);
            for role in SIGNED_IN {
                let person = self.app.role(role);
                if change.may(role) {
                    let told = person.faults(change.name, input.clone()).await;
                    if told != [change.told] {
                        self.complaints
                            .push(format!("{role} {}: {told:?}", change.name));
                    }
                } else {
                    let code = person.denied(change.name, input.clone()).await;
                    assert_eq!(code, "FORBIDDEN", "{role} {}", change.name);
                }
            }
        }
        for role in SIGNED_IN {
            let query = "{ viewer { permissions } }";
            let told = self.app.role(role).read(query).await["viewer"]["permissions"].clone();
            let mut may: Vec<&str> = CHANGES
                .iter()
                .filter(|change| change.may(role))
                .map(|change| change.name)
                .collect();
            may.sort_unstable();
            if told != json!(may) {
                self.complaints
                    .push(format!("{role} is told to have {told}"));
            }
        }
    }

    /// Every mutation on every case: not there for those who do not see it, FORBIDDEN where it is
    /// another's. The entity that comes back is the row as the role reads it.
    pub async fn targets(&mut self, role: &'static str) {
        for change in CHANGES.iter().filter(|change| change.may(role)) {
            let Some((object, field)) = change.target else {
                continue;
            };
            let cases = self.world.of(object);
            let payload = self.schema.field("Mutation", change.name).ty.clone();
            let mut fields = self.schema.fields(&payload).iter();
            let entity = fields.find(|field| rules::of(&field.ty).is_some()).unwrap();
            let (name, is_same) = (entity.name.clone(), entity.ty == object);
            let selection = format!("entity: {name} {{ {} }}", self.leaves(&entity.ty));
            for (case, id) in cases {
                let own = mark(rules::of(object).unwrap().line(case), role);
                let payload = self
                    .app
                    .role(role)
                    .mutate(change.name, &selection, change.asked(&id))
                    .await;
                let error = &payload["userErrors"][0];
                let path = std::iter::once("input").chain(field.split('.'));
                let at = json!(path.collect::<Vec<_>>());
                let end = match error["code"].as_str() {
                    Some("NOT_FOUND") if error["field"] == at => "absent",
                    Some("FORBIDDEN") => "another's",
                    Some(_) => "may",
                    None => "done",
                };
                let expected = if own == "-" {
                    "absent"
                } else if change.may_on(role, case) {
                    "may"
                } else {
                    "another's"
                };
                if end != expected {
                    self.complaints.push(format!(
                        "{role} {} on {object} {case} is {end}: {error}",
                        change.name
                    ));
                }
                if is_same && !payload["entity"].is_null() {
                    self.judge(role, change.name, (object, case), own, &payload["entity"]);
                }
            }
        }
    }
}
