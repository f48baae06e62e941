//! Everybody tries everything on every issue, on an old version, so that nothing is written: what
//! is possible, and only that, is refused for the version alone. What is expected here is worked
//! out from the rows by the programme's rules as they are written, not by the service's code.

use honglian::demo::Actor;
use honglian::kernel::id::{Kind, encode};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::actors::{
    ACTIONS, Issue, OPEN, brought_to, dissatisfied, execute, ids, literal, literal_of, ready,
    usual, written,
};
use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::database::cast;

/// An issue's row, as far as it decides.
struct Row {
    id: Uuid,
    enterprise: Uuid,
    state: String,
    version: i32,
    visibility: String,
    is_on_behalf: bool,
    is_submitted: bool,
    officer: Option<Uuid>,
    lead: Option<Uuid>,
    helpers: Vec<Uuid>,
    reporter: Option<Uuid>,
    /// Who accepted it or wrote of its handling.
    hands: Vec<Option<Uuid>>,
    /// Whether more time is asked for, and who asks.
    is_asked: bool,
    asked_by: Option<Uuid>,
    owes_callback: bool,
    is_appealed: bool,
    is_accepted: bool,
    level: i32,
    awaits_meeting: bool,
    /// Whether a joint meeting concluded after the last reply was rated.
    is_concluded: bool,
    /// Whether it may be shown to the alliance, whether it is open for help, whose offers stand, and
    /// whose were accepted.
    can_be_shown: bool,
    is_open: bool,
    offered: Vec<Option<Uuid>>,
    accepted: Vec<Option<Uuid>>,
}

/// Issues, and who has to do with them.
fn pairs(rows: Vec<QueryResult>) -> Vec<(Uuid, Option<Uuid>)> {
    let pair = |row: QueryResult| {
        (
            row.try_get_by_index(0).unwrap(),
            row.try_get_by_index(1).unwrap(),
        )
    };
    rows.into_iter().map(pair).collect()
}

async fn rows(app: &TestApp) -> Vec<Row> {
    let db = &app.database.db;
    let all = |sql: &str| {
        let statement = Statement::from_string(db.backend(), sql.to_owned());
        async move { db.conn().query_all_raw(statement).await.unwrap() }
    };
    let helping: Vec<(Uuid, Uuid)> = all("SELECT issue_id, department_id FROM issue_co_department")
        .await
        .iter()
        .map(|row| {
            (
                row.try_get_by_index(0).unwrap(),
                row.try_get_by_index(1).unwrap(),
            )
        })
        .collect();
    let wrote = pairs(
        all("SELECT issue_id, author_id FROM issue_progress WHERE kind IN \
            ('FIRST_CONTACT', 'PROGRESS', 'RESPONSE') AND coalesce(purpose, '') NOT IN ('URGE', 'EXTENSION')")
        .await,
    );
    let asking = pairs(
        all("SELECT issue_id, requested_by_id FROM issue_extension WHERE status = 'REQUESTED'")
            .await,
    );
    let owing =
        pairs(all("SELECT issue_id, called_by_id FROM issue_callback WHERE result IS NULL").await);
    let appeals =
        pairs(all("SELECT issue_id, filed_by_id FROM issue_appeal WHERE status = 'FILED'").await);
    let awaiting = pairs(
        all("SELECT issue_id, issued_by_id FROM issue_supervision \
            WHERE kind = 'MEETING' AND meeting_id IS NULL AND lifted_at IS NULL")
        .await,
    );
    let concluded = pairs(
        all("SELECT s.issue_id, s.meeting_id FROM issue_supervision s JOIN issue_rating r \
            ON r.issue_id = s.issue_id AND r.created_at <= s.concluded_at WHERE r.round = \
            (SELECT count(*) FROM issue_progress p WHERE p.issue_id = r.issue_id AND p.kind = 'RESPONSE')")
        .await,
    );
    let offers = |status: &'static str| {
        let sql =
            format!("SELECT issue_id, offerer_id FROM peer_help_offer WHERE status IN ({status})");
        async move { pairs(all(&sql).await) }
    };
    let offered = offers("'OFFERED', 'ACCEPTED', 'THANKED'").await;
    let accepted = offers("'ACCEPTED', 'THANKED'").await;
    let sql = "SELECT i.* FROM enterprise_issue i JOIN district d ON d.id = i.district_id \
        WHERE d.code = '440103' ORDER BY i.number";
    let row = |row: &QueryResult| {
        let id = row.try_get("", "id").unwrap();
        let submitted: Option<chrono::DateTime<chrono::Utc>> =
            row.try_get("", "submitted_at").unwrap();
        let helpers = helping.iter().filter(|(issue, _)| *issue == id);
        let of = |pairs: &[(Uuid, Option<Uuid>)]| -> Vec<Option<Uuid>> {
            let own = pairs.iter().filter(|(issue, _)| *issue == id);
            own.map(|(_, user)| *user).collect()
        };
        let mut hands = of(&wrote);
        hands.push(row.try_get("", "first_handler_id").unwrap());
        hands.retain(Option::is_some);
        Row {
            reporter: row.try_get("", "reporter_id").unwrap(),
            hands,
            is_asked: !of(&asking).is_empty(),
            asked_by: of(&asking).first().copied().flatten(),
            owes_callback: !of(&owing).is_empty(),
            is_appealed: !of(&appeals).is_empty(),
            is_accepted: row
                .try_get::<Option<chrono::DateTime<chrono::Utc>>>("", "accepted_at")
                .unwrap()
                .is_some(),
            level: row.try_get("", "escalation_level").unwrap(),
            awaits_meeting: !of(&awaiting).is_empty(),
            is_concluded: !of(&concluded).is_empty(),
            can_be_shown: !row.try_get::<bool>("", "is_confidential").unwrap()
                && !matches!(
                    &*row.try_get::<String>("", "nature").unwrap(),
                    "COMPLAINT" | "REPORT"
                ),
            is_open: row.try_get("", "is_open_for_help").unwrap(),
            offered: of(&offered),
            accepted: of(&accepted),
            id,
            enterprise: row.try_get("", "enterprise_id").unwrap(),
            state: row.try_get("", "state").unwrap(),
            version: row.try_get("", "version").unwrap(),
            visibility: row.try_get("", "visibility").unwrap(),
            is_on_behalf: row.try_get("", "is_on_behalf").unwrap(),
            is_submitted: submitted.is_some(),
            officer: row.try_get("", "officer_id").unwrap(),
            lead: row.try_get("", "lead_department_id").unwrap(),
            helpers: helpers.map(|(_, department)| *department).collect(),
        }
    };
    all(sql).await.iter().map(row).collect()
}

/// Somebody, as the rows know them.
struct Side {
    user: Option<Uuid>,
    is_staff: bool,
    officer: Option<Uuid>,
    department: Option<Uuid>,
    served: Vec<Uuid>,
    enterprise: Option<Uuid>,
    alliance: Vec<Uuid>,
    members: Vec<Uuid>,
}

async fn side(app: &TestApp, actor: &Actor) -> Side {
    let active = "SELECT enterprise_id FROM membership WHERE status = 'ACTIVE'";
    let alliance = ids(app, active).await;
    let mut side = Side {
        user: Some(actor.user_id),
        is_staff: actor.enterprise_id.is_none() && actor.officer_id.is_none() && !actor.is_auditor,
        officer: actor.officer_id,
        department: None,
        served: Vec::new(),
        enterprise: actor.enterprise_id,
        alliance: Vec::new(),
        members: Vec::new(),
    };
    if let Some(officer) = actor.officer_id {
        let officer = literal(app, officer);
        let sql = format!("SELECT department_id FROM service_officer WHERE id = {officer}");
        side.department = ids(app, &sql).await.first().copied();
        let sql = format!(
            "SELECT enterprise_id FROM officer_assignment \
            WHERE officer_id = {officer} AND status = 'ACTIVE'"
        );
        side.served = ids(app, &sql).await;
    }
    if let Some(enterprise) = actor.enterprise_id {
        let sql = format!(
            "SELECT m.enterprise_id FROM pairing_member m JOIN pairing p \
            ON p.id = m.pairing_id WHERE p.lead_id = {} AND p.kind = 'ONE_PLUS_N' \
            AND p.status IN ('ACTIVE', 'UNDER_STRENGTH') AND m.status = 'ACTIVE'",
            literal(app, enterprise)
        );
        side.members = ids(app, &sql).await;
        if alliance.contains(&enterprise) {
            side.alliance = alliance;
        }
    }
    side
}

impl Side {
    fn owns(&self, row: &Row) -> bool {
        self.enterprise == Some(row.enterprise)
    }

    fn serves(&self, row: &Row) -> bool {
        self.served.contains(&row.enterprise)
    }

    fn handles(&self, row: &Row) -> bool {
        self.officer.is_some() && (row.officer == self.officer || row.lead == self.department)
    }

    fn helps(&self, row: &Row) -> bool {
        self.department
            .is_some_and(|department| row.helpers.contains(&department))
    }

    fn sees(&self, row: &Row) -> bool {
        let official = self.is_staff || self.serves(row) || self.handles(row) || self.helps(row);
        let shown = row.is_submitted
            && ((row.visibility == "ALLIANCE" || row.accepted.contains(&self.enterprise))
                && self.alliance.contains(&row.enterprise)
                || row.visibility == "PAIRING" && self.members.contains(&row.enterprise));
        official && (row.is_submitted || row.is_on_behalf)
            || self.owns(row) && (row.is_submitted || !row.is_on_behalf)
            || shown
    }

    /// Whether the role ever may, and whether on this row.
    fn may(&self, action: &str, row: &Row) -> (bool, bool) {
        let (staff, officer, enterprise) = (
            self.is_staff,
            self.officer.is_some(),
            self.enterprise.is_some(),
        );
        let (owns, serves, handles) = (self.owns(row), self.serves(row), self.handles(row));
        let anybody = staff || officer || enterprise;
        match action {
            "SUBMIT" => (
                anybody,
                if row.is_on_behalf {
                    staff || serves
                } else {
                    owns
                },
            ),
            "SUPPLY_INFO" => (anybody, owns || staff || serves),
            "ACCEPT" => (staff || officer, staff || serves),
            "REQUEST_INFO" => (staff || officer, staff || serves || handles),
            "ADD_PROGRESS" => (staff || officer, staff || handles || self.helps(row)),
            "RESPOND" | "REQUEST_EXTENSION" | "ADD_INTERIM_REPLY" => {
                (staff || officer, staff || handles)
            }
            "REJECT" | "ASSIGN" | "HOLD" | "RESUME" | "MOVE_TO_LONG_TERM"
            | "CLOSE_DISSATISFIED" | "ARCHIVE" | "MERGE" | "DECIDE_APPEAL" | "RECLASSIFY"
            | "SUPERVISE" | "ESCALATE" | "LOWER_ESCALATION" => (staff, staff),
            "APPROVE_EXTENSION" | "REJECT_EXTENSION" => {
                (staff, staff && !(row.is_asked && row.asked_by == self.user))
            }
            "RECORD_CALLBACK" => (staff, staff && !row.hands.contains(&self.user)),
            "RATE" => {
                let wrote = row.is_on_behalf && row.reporter == self.user;
                (
                    enterprise,
                    owns && !wrote && !row.hands.contains(&self.user),
                )
            }
            "RETURN_ASSIGNMENT" | "START_HANDLING" => (officer, handles),
            "SUGGEST_PEER_HELP" => (officer, serves || handles),
            "OPEN_FOR_PEER_HELP" => (!self.alliance.is_empty(), owns),
            "OFFER_HELP" => (!self.alliance.is_empty(), !owns),
            _ => (enterprise, owns),
        }
    }

    fn expected(&self, action: &str, states: &[&str], row: &Row) -> &'static str {
        match self.may(action, row) {
            (false, _) => "top-level FORBIDDEN",
            _ if !self.sees(row) => "NOT_FOUND",
            (_, false) => "FORBIDDEN",
            _ if !states.contains(&row.state.as_str()) || !row.waits_for(action) => "INVALID_STATE",
            _ if action == "OFFER_HELP" && row.offered.contains(&self.enterprise) => {
                "INVALID_STATE"
            }
            _ => "STALE_VERSION",
        }
    }
}

impl Row {
    /// Whether what the action answers is there.
    fn waits_for(&self, action: &str) -> bool {
        match action {
            "REQUEST_EXTENSION" => !self.is_asked,
            "APPROVE_EXTENSION" | "REJECT_EXTENSION" => self.is_asked,
            "RECORD_CALLBACK" => self.owes_callback,
            "DECIDE_APPEAL" => self.is_appealed,
            "CLOSE_DISSATISFIED" => self.is_concluded,
            "RECLASSIFY" => self.is_accepted,
            "ESCALATE" => self.level < 3 || !self.awaits_meeting,
            "LOWER_ESCALATION" => self.level > 0,
            "OPEN_FOR_PEER_HELP" | "SUGGEST_PEER_HELP" => self.can_be_shown && !self.is_open,
            "CLOSE_PEER_HELP" | "OFFER_HELP" => self.is_open,
            _ => true,
        }
    }
}

/// Tries every mutation on an issue, in one document.
async fn tried(who: &Person<'_>, row: &Row, department: &str) -> Vec<String> {
    let (mut heads, mut bodies, mut variables) = (Vec::new(), Vec::new(), Map::new());
    for (mutation, _, _) in ACTIONS {
        let kind = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
        heads.push(format!("${mutation}: {kind}Input!"));
        bodies.push(format!(
            "{mutation}(input: ${mutation}) {{ userErrors {{ code }} \
            enterpriseIssue {{ id version }} }}"
        ));
        let mut input = usual(mutation, department);
        input["id"] = json!(encode(Kind::Issue, row.id));
        input["expectedVersion"] = json!(row.version + 1000);
        variables.insert(mutation.to_owned(), input);
    }
    let query = format!("mutation({}) {{ {} }}", heads.join(", "), bodies.join(" "));
    let answer = who.ask(&query, Value::Object(variables)).await;
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let current = json!({"id": encode(Kind::Issue, row.id), "version": row.version});
    let end = |mutation: &str| {
        if let Some(error) = errors.iter().find(|error| error["path"][0] == mutation) {
            return format!(
                "top-level {}",
                error["extensions"]["code"].as_str().unwrap()
            );
        }
        let payload = &answer["data"][mutation];
        let code = payload["userErrors"][0]["code"]
            .as_str()
            .unwrap_or("DONE")
            .to_owned();
        let shown = if code == "NOT_FOUND" {
            &Value::Null
        } else {
            &current
        };
        assert_eq!(&payload["enterpriseIssue"], shown, "{mutation} {code}");
        code
    };
    ACTIONS
        .iter()
        .map(|(mutation, _, _)| end(mutation))
        .collect()
}

/// What somebody is told to be possible, issue by issue; null for what they do not see.
async fn told(who: &Person<'_>, rows: &[Row]) -> Vec<Value> {
    let mut told = Vec::new();
    for some in rows.chunks(100) {
        let ids: Vec<_> = some.iter().map(|row| encode(Kind::Issue, row.id)).collect();
        let query =
            "query($ids: [ID!]!) { nodes(ids: $ids) { ... on EnterpriseIssue { viewerActions } } }";
        let answer = who.read_with(query, json!({"ids": ids})).await["nodes"].clone();
        told.extend(
            answer
                .as_array()
                .unwrap()
                .iter()
                .map(|node| node["viewerActions"].clone()),
        );
    }
    told
}

/// Issues in the states and ways of being seen that the demo does not have.
async fn complete(app: &TestApp) {
    let (member, operator) = (app.member(), app.operator());
    brought_to(app, &member, "DRAFT").await;
    brought_to(app, &member, "ACCEPTED").await;
    // Where somebody waits for an answer: of the operator itself, too.
    ready(app, &member, "approveExtension", "IN_PROGRESS").await;
    let asked = brought_to(app, &member, "IN_PROGRESS").await;
    operator.does("requestExtension", &asked, json!({})).await;
    ready(app, &member, "recordCallback", "IN_PROGRESS").await;
    dissatisfied(app, &member).await;
    ready(app, &member, "closeDissatisfied", "RESPONDED").await;
    ready(app, &member, "decideAppeal", "REJECTED").await;
    let enterprise = encode(Kind::Enterprise, cast().member.enterprise_id.unwrap());
    operator.creates(json!({"enterpriseId": enterprise})).await;
    for author in [app.lead(), app.outsider()] {
        let issue = author.creates(json!({"visibility": "ALLIANCE"})).await;
        author.submits(&issue).await;
    }
    // Open for help, with an offer of the member; and no longer, with the partner's accepted.
    let (lead, partner) = (app.lead(), app.person(&cast().partner));
    for (helper, is_closed) in [(&member, false), (&partner, true)] {
        let issue = brought_to(app, &lead, "IN_PROGRESS").await;
        let issue = lead.does("openForPeerHelp", &issue, json!({})).await;
        let offer = json!({"issueId": issue.id, "aid": "INFO_LINK", "body": "可介绍经验。"});
        let payload = helper
            .mutate("offerHelp", "peerHelpOffer { id version }", offer)
            .await;
        let offer = &payload["peerHelpOffer"];
        if is_closed {
            let accepted = json!({"id": offer["id"], "expectedVersion": offer["version"]});
            assert_eq!(lead.faults("acceptHelp", accepted).await, [""; 0]);
            let issue = Issue::of(&lead.sees(&issue, "id version state").await);
            lead.does("closePeerHelp", &issue, json!({})).await;
        }
    }
    // One that the cast's officer only serves, and one that it only helps with.
    let served = brought_to(app, &member, "IN_PROGRESS").await;
    let other = "(SELECT id FROM service_officer WHERE post_title = '区委书记')";
    let finance = operator.department("FINANCE").await;
    let finance = honglian::kernel::id::decode(Kind::Department, &finance).unwrap();
    let set = format!(
        "UPDATE enterprise_issue SET officer_id = {other}, lead_department_id = {} \
        WHERE id = {}",
        literal(app, finance),
        literal_of(app, &served)
    );
    execute(app, &set).await;
    let helped = app.outsider().creates(json!({})).await;
    let helped = app.outsider().submits(&helped).await;
    let helped = operator.accepts(&helped).await;
    let own = operator.department(super::actors::OFFICERS_OWN).await;
    operator
        .does("assignIssue", &helped, json!({"coDepartmentIds": [own]}))
        .await;
}

on_both! {
    async fn what_is_said_to_be_possible_is_exactly_what_is(app) {
        complete(&app).await;
        let rows = rows(&app).await;
        assert_eq!(rows.len(), 168 + 15);
        let department = app.operator().department("FINANCE").await;
        let before = written(&app).await;
        let mut ends = std::collections::BTreeMap::<(&str, String), usize>::new();
        let cast = cast();
        for (role, actor) in [
            ("admin", &cast.admin), ("operator", &cast.operator), ("auditor", &cast.auditor),
            ("officer", &cast.officer), ("lead", &cast.lead), ("member", &cast.member),
            ("partner", &cast.partner), ("outsider", &cast.outsider),
        ] {
            let (who, side) = (app.person(actor), side(&app, actor).await);
            let told = told(&who, &rows).await;
            for (row, told) in rows.iter().zip(told) {
                let found = tried(&who, row, &department).await;
                let mut possible = Vec::new();
                for ((mutation, action, states), end) in ACTIONS.iter().zip(&found) {
                    let expected = side.expected(action, states, row);
                    assert_eq!(end, expected, "{role} {mutation} {} {}", row.state, row.id);
                    possible.extend((end == "STALE_VERSION").then_some(*action));
                    *ends.entry((role, end.clone())).or_default() += 1;
                }
                // Offers are on no version of the issue, and so are not tried here.
                let offers = side.expected("OFFER_HELP", OPEN, row) == "STALE_VERSION";
                possible.extend(offers.then_some("OFFER_HELP"));
                let expected = if side.sees(row) { json!(possible) } else { Value::Null };
                assert_eq!(told, expected, "{role} {} {}", row.state, row.id);
            }
        }
        assert_eq!(written(&app).await, before);
        // Each end is met, so that none of the above holds for want of a case.
        for role in ["officer", "lead", "member", "outsider"] {
            for end in ["top-level FORBIDDEN", "NOT_FOUND", "FORBIDDEN", "INVALID_STATE", "STALE_VERSION"] {
                let met = ends.contains_key(&(role, end.to_owned()));
                let none_is_shown = role == "outsider" && end == "FORBIDDEN";
                assert_eq!(met, !none_is_shown, "{role} {end}");
            }
        }
    }

    async fn what_is_not_there_is_not_found_alike(app) {
        let department = app.operator().department("FINANCE").await;
        let other = app.other_district();
        let query = "{ enterprises(first: 1) { nodes { id } } }";
        let elsewhere = other.read(query).await["enterprises"]["nodes"][0]["id"].clone();
        // The other district's data have nobody to turn to.
        let contact = json!({"name": "行政主管", "mobile": "13800000000"});
        let elsewhere = other.creates(json!({"enterpriseId": elsewhere, "contact": contact})).await;
        let elsewhere = other.submits(&elsewhere).await;
        assert!(elsewhere.state == "SUBMITTED");
        let enterprise = encode(Kind::Enterprise, cast().member.enterprise_id.unwrap());
        let ours = brought_to(&app, &app.member(), "SUBMITTED").await;
        let hidden = brought_to(&app, &app.outsider(), "SUBMITTED").await;
        let unknown = encode(Kind::Issue, Uuid::from_u128(1));
        let before = written(&app).await;
        for (who, ids) in [
            (app.operator(), vec![&elsewhere.id, &unknown, &enterprise]),
            (app.officer(), vec![&elsewhere.id, &unknown, &enterprise, &hidden.id]),
            (app.member(), vec![&elsewhere.id, &unknown, &enterprise, &hidden.id]),
            (other, vec![&ours.id]),
        ] {
            for id in ids.into_iter().map(String::as_str).chain(["", "issue_", "x"]) {
                for (mutation, _, _) in ACTIONS {
                    let mut input = usual(mutation, &department);
                    input["id"] = json!(id);
                    input["expectedVersion"] = json!(1);
                    let end = who.tries(mutation, input).await;
                    assert!(matches!(end.as_str(), "NOT_FOUND" | "top-level FORBIDDEN"), "{mutation} {id} {end}");
                }
                let seen = who.read_with("query($id: ID!) { enterpriseIssue(id: $id) { id } }",
                    json!({"id": id})).await;
                assert_eq!(seen["enterpriseIssue"], Value::Null, "{id}");
            }
        }
        assert_eq!(written(&app).await, before);
    }
}
