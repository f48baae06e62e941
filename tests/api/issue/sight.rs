//! Who reads how much of an issue, on every path that leads to it.

use honglian::kernel::id::{Kind, decode, encode};
use serde_json::{Value, json};

use super::actors::{Issue, OFFICERS_OWN, brought_to, execute, literal, literal_of};
use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::database::cast;

/// Everything that only a reader in full is told.
const FULL: &str = "body isConfidential isOnBehalf channel urgency complexity outcome resumeState \
    externalRef escalationLevel reopenCount reworkCount returnCount extensionCount isClosedUnrated \
    acceptedAt assignedAt handlingStartedAt respondedAt closedAt dueAt updatedAt \
    reporter { id } firstHandler { id } leadDepartment { id } mergedInto { id } followUpOf { id } \
    coDepartments { totalCount } transitions { totalCount } progress { totalCount } ratings { totalCount }";
/// What a brief shows.
const BRIEF: &str =
    "number title nature state visibility submittedAt category { code } enterprise { id }";

async fn count(who: &Person<'_>, arguments: &str) -> i64 {
    let query = format!("{{ enterpriseIssues({arguments}) {{ totalCount }} }}");
    who.read(&query).await["enterpriseIssues"]["totalCount"]
        .as_i64()
        .unwrap()
}

/// Shows an issue to somebody and holds that it is a brief and no more.
async fn is_brief(who: &Person<'_>, issue: &Issue) {
    let seen = who.sees(issue, FULL).await;
    for (field, value) in seen.as_object().unwrap() {
        assert_eq!(value, &Value::Null, "{field}");
    }
    let brief = who
        .sees(issue, &format!("{BRIEF} isRedacted viewerActions"))
        .await;
    assert_eq!(
        (&brief["isRedacted"], &brief["viewerActions"]),
        (&json!(true), &json!([]))
    );
    for (field, value) in brief.as_object().unwrap() {
        assert!(!value.is_null(), "{field}: {brief}");
    }
}

/// A closed issue of the member with a rework behind it, told of in every way, and then left to
/// another officer and to departments that are not the cast's officer's.
async fn left_by_the_officer(app: &TestApp, more: Value) -> Issue {
    let (member, operator, officer) = (app.member(), app.operator(), app.officer());
    let issue = member.creates(more).await;
    let issue = member.submits(&issue).await;
    let issue = operator.accepts(&issue).await;
    let note = json!({"note": "请尽快办理。"});
    let issue = operator.does("assignIssue", &issue, note).await;
    let issue = officer.starts(&issue).await;
    let issue = officer
        .does(
            "addProgress",
            &issue,
            json!({"isInternal": true, "body": "内部意见"}),
        )
        .await;
    let issue = officer.responds(&issue).await;
    let issue = member.rates(&issue, 1).await;
    let issue = officer.responds(&issue).await;
    let issue = member.rates(&issue, 4).await;
    let issue = member.does("reopenIssue", &issue, json!({})).await;
    let set = format!(
        "UPDATE enterprise_issue SET officer_id = (SELECT id FROM service_officer \
        WHERE post_title = '区委书记') WHERE id = {}",
        literal_of(app, &issue)
    );
    execute(app, &set).await;
    issue
}

/// Makes the cast's officer's department help.
async fn let_help(app: &TestApp, issue: &Issue) {
    let own = app.operator().department(OFFICERS_OWN).await;
    let own = decode(Kind::Department, &own).unwrap();
    let finance = decode(
        Kind::Department,
        &app.operator().department("FINANCE").await,
    )
    .unwrap();
    let add = format!(
        "INSERT INTO issue_co_department (id, district_id, issue_id, department_id, created_at) \
        SELECT {}, district_id, id, {}, created_at FROM enterprise_issue WHERE id = {} AND lead_department_id = {}",
        literal(app, uuid::Uuid::from_u128(99)),
        literal(app, own),
        literal_of(app, issue),
        literal(app, finance)
    );
    execute(app, &add).await;
}

const TOLD: &str = "isRedacted body progress { totalCount nodes { kind isInternal } } \
    transitions { nodes { kind note isRedacted } } ratings { totalCount }";

/// The notes of the steps that were told with one, and whether any step is redacted.
fn notes(seen: &Value) -> (Vec<&str>, bool) {
    let steps = seen["transitions"]["nodes"].as_array().unwrap();
    let notes = steps
        .iter()
        .filter_map(|step| step["note"].as_str())
        .collect();
    (notes, steps.iter().any(|step| step["isRedacted"] == true))
}

on_both! {
    async fn a_member_reads_its_own_and_briefs_of_what_is_shown_to_the_alliance(app) {
        let (member, lead, outsider) = (app.member(), app.lead(), app.outsider());
        for who in [&member, &lead] {
            let issue = brought_to(&app, who, "CLOSED").await;
            assert_eq!(who.sees(&issue, "isRedacted").await["isRedacted"], false);
        }
        // The lead's, at each visibility.
        for (visibility, is_shown) in [("OFFICIAL", false), ("PAIRING", false), ("ALLIANCE", true)] {
            let issue = lead.creates(json!({"visibility": visibility})).await;
            assert_eq!(member.sees(&issue, "id").await, Value::Null, "a draft: {visibility}");
            let issue = lead.submits(&issue).await;
            assert_eq!(member.sees(&issue, "id").await.is_null(), !is_shown, "{visibility}");
            assert_eq!(outsider.sees(&issue, "id").await, Value::Null, "{visibility}");
            if is_shown {
                is_brief(&member, &issue).await;
            }
        }
        // What an enterprise outside shows to the alliance has nobody to see it.
        let theirs = outsider.creates(json!({"visibility": "ALLIANCE"})).await;
        let theirs = outsider.submits(&theirs).await;
        for who in [&member, &lead] {
            assert_eq!(who.sees(&theirs, "id").await, Value::Null);
        }
        let query = "{ enterpriseIssues(first: 100) { nodes { isRedacted enterprise { id } } } }";
        let seen = outsider.read(query).await["enterpriseIssues"]["nodes"].clone();
        let own = encode(Kind::Enterprise, cast().outsider.enterprise_id.unwrap());
        assert!(seen.as_array().unwrap().len() > 1);
        for issue in seen.as_array().unwrap() {
            assert_eq!(issue, &json!({"isRedacted": false, "enterprise": {"id": own}}));
        }
    }

    async fn who_leaves_the_alliance_sees_and_shows_nothing_more(app) {
        let (member, lead) = (app.member(), app.lead());
        let shown = lead.creates(json!({"visibility": "ALLIANCE"})).await;
        let shown = lead.submits(&shown).await;
        let own = member.creates(json!({"visibility": "ALLIANCE"})).await;
        let own = member.submits(&own).await;
        is_brief(&member, &shown).await;
        is_brief(&app.person(&cast().partner), &own).await;
        let leave = format!("UPDATE membership SET status = 'ENDED', left_on = '2021-01-20' \
            WHERE status = 'ACTIVE' AND enterprise_id = {}", literal(&app, cast().member.enterprise_id.unwrap()));
        execute(&app, &leave).await;
        assert_eq!(member.sees(&shown, "id").await, Value::Null);
        assert_eq!(app.person(&cast().partner).sees(&own, "id").await, Value::Null);
        assert_eq!(member.sees(&own, "isRedacted").await["isRedacted"], false);
    }

    async fn a_lead_reads_briefs_of_its_pairing_while_it_lasts(app) {
        let (member, lead, operator) = (app.member(), app.lead(), app.operator());
        let issue = brought_to(&app, &member, "IN_PROGRESS").await;
        let official = member.creates(json!({"visibility": "OFFICIAL"})).await;
        let official = member.submits(&official).await;
        is_brief(&lead, &issue).await;
        assert_eq!(lead.sees(&official, "id").await, Value::Null);
        let node = "query($id: ID!) { node(id: $id) { ... on EnterpriseIssue { title body isRedacted } } \
            nodes(ids: [$id]) { ... on EnterpriseIssue { body transitions { totalCount } } } }";
        let seen = lead.read_with(node, json!({"id": issue.id})).await;
        assert_eq!(seen, json!({"node": {"title": "厂房用电增容", "body": null, "isRedacted": true},
            "nodes": [{"body": null, "transitions": null}]}));
        let nested = "query($id: ID!) { enterprise(by: {id: $id}) { issues(first: 100) { totalCount \
            nodes { isRedacted body transitions { totalCount } } } } }";
        let enterprise = json!({"id": encode(Kind::Enterprise, cast().member.enterprise_id.unwrap())});
        let seen = lead.read_with(nested, enterprise.clone()).await["enterprise"]["issues"].clone();
        let briefs = seen["nodes"].as_array().unwrap();
        assert_eq!(seen["totalCount"], briefs.len());
        for brief in briefs {
            assert_eq!(brief, &json!({"isRedacted": true, "body": null, "transitions": null}));
        }
        let belonging = "query($id: ID!) { enterpriseIssue(id: $id) { transitions { nodes { id } } \
            progress { nodes { id } } } }";
        let ids = member.read_with(belonging, json!({"id": issue.id})).await["enterpriseIssue"].clone();
        for list in ["transitions", "progress"] {
            let id = &ids[list]["nodes"][0]["id"];
            let query = "query($id: ID!) { node(id: $id) { id } }";
            assert_eq!(member.read_with(query, json!({"id": id})).await["node"]["id"], *id);
            assert_eq!(lead.read_with(query, json!({"id": id})).await["node"], Value::Null, "{list}");
        }
        let query = "{ pairings(filter: {kind: {eq: ONE_PLUS_N}}, first: 100) { nodes { id version lead { id } } } }";
        let pairings = operator.read(query).await["pairings"]["nodes"].clone();
        let leads = encode(Kind::Enterprise, cast().lead.enterprise_id.unwrap());
        let own = pairings.as_array().unwrap().iter().find(|pairing| pairing["lead"]["id"] == *leads).unwrap();
        let end = json!({"id": own["id"], "expectedVersion": own["version"], "reason": "期满"});
        assert_eq!(operator.faults("endPairing", end).await, Vec::<String>::new());
        assert_eq!(lead.sees(&issue, "id").await, Value::Null);
        let seen = lead.read_with(nested, enterprise).await["enterprise"]["issues"]["totalCount"].as_i64().unwrap();
        assert!(seen < i64::try_from(briefs.len()).unwrap(), "what was shown to the pairing is gone");
    }

    async fn an_officer_reads_of_those_served_and_what_is_handled_or_helped_with(app) {
        let (officer, operator, outsider) = (app.officer(), app.operator(), app.outsider());
        let issue = brought_to(&app, &outsider, "ACCEPTED").await;
        let other = brought_to(&app, &outsider, "ACCEPTED").await;
        let third = brought_to(&app, &outsider, "ACCEPTED").await;
        assert_eq!(officer.sees(&issue, "id").await, Value::Null);
        let own = operator.department(OFFICERS_OWN).await;
        let issue = operator.does("assignIssue", &issue, json!({"leadDepartmentId": own})).await;
        let other = operator.does("assignIssue", &other, json!({"coDepartmentIds": [own]})).await;
        operator.assigns(&third).await;
        assert_eq!(officer.sees(&issue, "body isRedacted").await["isRedacted"], false);
        assert_eq!(officer.sees(&other, "body isRedacted").await["isRedacted"], false);
        assert_eq!(officer.sees(&third, "id").await, Value::Null);
    }

    async fn who_gives_an_assignment_back_handles_it_no_more(app) {
        let (officer, operator, outsider) = (app.officer(), app.operator(), app.outsider());
        let issue = brought_to(&app, &outsider, "ACCEPTED").await;
        let own = operator.department(OFFICERS_OWN).await;
        let helping = operator.department("TAX").await;
        let words = json!({"leadDepartmentId": own, "coDepartmentIds": [helping]});
        let issue = operator.does("assignIssue", &issue, words).await;
        let given = json!({"id": issue.id, "expectedVersion": issue.version, "reason": "非本单位职责。"});
        assert_eq!(officer.faults("returnAssignment", given).await, Vec::<String>::new());
        assert_eq!(officer.sees(&issue, "id").await, Value::Null);
        let seen = operator.sees(&issue, "state leadDepartment { id } coDepartments { totalCount }").await;
        assert_eq!(seen, json!({"state": "ACCEPTED", "leadDepartment": null,
            "coDepartments": {"totalCount": 0}}));
    }

    async fn a_confidential_text_is_for_those_who_handle_it(app) {
        let (member, operator, officer) = (app.member(), app.operator(), app.officer());
        let issue = left_by_the_officer(&app, json!({"isConfidential": true})).await;
        let seen = officer.sees(&issue, TOLD).await;
        assert_eq!((&seen["isRedacted"], &seen["body"], &seen["ratings"]), (&json!(true), &Value::Null, &Value::Null));
        assert_eq!(seen["progress"], json!({"totalCount": 0, "nodes": []}));
        assert_eq!(notes(&seen), (vec![], true));
        for (who, entries, said) in [
            (&member, 3, vec!["问题再次出现。"]),
            (&operator, 4, vec!["请尽快办理。", "问题再次出现。"]),
        ] {
            let seen = who.sees(&issue, TOLD).await;
            assert_eq!((&seen["isRedacted"], &seen["body"]), (&json!(false), &json!("用电负荷不足，申请增容。")));
            assert_eq!((&seen["progress"]["totalCount"], &seen["ratings"]["totalCount"]), (&json!(entries), &json!(2)));
            assert_eq!(notes(&seen).0, said);
        }
        let_help(&app, &issue).await;
        let seen = officer.sees(&issue, TOLD).await;
        assert_eq!((&seen["isRedacted"], &seen["body"]), (&json!(false), &json!("用电负荷不足，申请增容。")));
        assert_eq!((&seen["progress"]["totalCount"], &seen["ratings"]["totalCount"]), (&json!(4), &json!(2)));
        assert_eq!(notes(&seen), (vec!["请尽快办理。", "问题再次出现。"], false));
    }

    async fn what_is_among_officials_stays_there(app) {
        let (member, operator, officer) = (app.member(), app.operator(), app.officer());
        let issue = left_by_the_officer(&app, json!({})).await;
        // The officer serves the enterprise and no longer handles this.
        let seen = officer.sees(&issue, TOLD).await;
        assert_eq!((&seen["isRedacted"], &seen["ratings"]), (&json!(true), &Value::Null), "ratings are hidden");
        assert_eq!(seen["body"], "用电负荷不足，申请增容。");
        assert_eq!(seen["progress"]["totalCount"], 3);
        assert_eq!(notes(&seen).0, ["请尽快办理。", "问题再次出现。"]);
        let seen = member.sees(&issue, TOLD).await;
        assert_eq!(seen["progress"]["totalCount"], 3);
        assert_eq!(notes(&seen), (vec!["问题再次出现。"], true));
        // By their own ids neither.
        let query = "query($id: ID!) { enterpriseIssue(id: $id) { progress { nodes { id isInternal } } \
            ratings { nodes { id } } transitions { nodes { id kind } } } }";
        let ids = operator.read_with(query, json!({"id": issue.id})).await["enterpriseIssue"].clone();
        let node = "query($id: ID!) { node(id: $id) { id ... on IssueTransition { note isRedacted } } }";
        let entries = ids["progress"]["nodes"].as_array().unwrap();
        let internal = &entries.iter().find(|entry| entry["isInternal"] == true).unwrap()["id"];
        let rating = &ids["ratings"]["nodes"][0]["id"];
        let steps = ids["transitions"]["nodes"].as_array().unwrap();
        let assignment = &steps.iter().find(|step| step["kind"] == "ASSIGN").unwrap()["id"];
        for (who, id, is_seen) in [
            (&member, internal, false), (&officer, internal, false), (&operator, internal, true),
            (&member, rating, true), (&officer, rating, false), (&operator, rating, true),
        ] {
            let seen = who.read_with(node, json!({"id": id})).await["node"].clone();
            assert_eq!(seen.is_null(), !is_seen, "{id}");
        }
        assert_eq!(member.read_with(node, json!({"id": assignment})).await["node"],
            json!({"id": assignment, "note": null, "isRedacted": true}));
        let_help(&app, &issue).await;
        let seen = officer.sees(&issue, TOLD).await;
        assert_eq!((&seen["progress"]["totalCount"], &seen["ratings"]["totalCount"]), (&json!(4), &json!(2)));
        let internal = officer.read_with(node, json!({"id": internal})).await;
        assert!(!internal["node"].is_null());
    }

    async fn a_filter_or_an_order_tells_no_more_than_a_brief(app) {
        let (member, lead) = (app.member(), app.lead());
        let issue = brought_to(&app, &member, "IN_PROGRESS").await;
        let number = lead.sees(&issue, "number").await["number"].clone();
        let this = format!("number: {{eq: {number}}}");
        assert_eq!(count(&lead, &format!("filter: {{{this}}}")).await, 1);
        let department = app.operator().department(OFFICERS_OWN).await;
        for hidden in [
            "officerId: {isNull: false}", "visitId: {isNull: true}", "channel: {eq: WEB}",
            "channel: {notIn: [VISIT]}", "urgency: {eq: NORMAL}", "complexity: {in: [GENERAL]}",
            "outcome: {isNull: true}", "dueAt: {isNull: false}", "closedAt: {isNull: true}",
            &format!("leadDepartmentId: {{eq: \"{department}\"}}"),
        ] {
            for (who, expected) in [(&lead, 0), (&member, 1), (&app.operator(), 1)] {
                let plain = format!("filter: {{{this}, {hidden}}}");
                assert_eq!(count(who, &plain).await, expected, "{plain}");
                let either = format!("filter: {{{this}, or: [{{{hidden}}}]}}");
                assert_eq!(count(who, &either).await, expected, "{either}");
            }
        }
        let enterprise = encode(Kind::Enterprise, cast().member.enterprise_id.unwrap());
        for shown in ["state: {eq: IN_PROGRESS}", "nature: {eq: HELP}", "submittedAt: {isNull: false}",
            "light: {eq: GREEN}", &format!("enterpriseId: {{eq: \"{enterprise}\"}}")] {
            assert_eq!(count(&lead, &format!("filter: {{{this}, {shown}}}")).await, 1, "{shown}");
        }
        for field in ["DUE_AT", "UPDATED_AT"] {
            let query = format!("{{ enterpriseIssues(orderBy: [{{field: {field}}}]) {{ totalCount }} }}");
            assert_eq!(lead.refused(&query, json!({})).await, "FORBIDDEN");
            assert_eq!(member.refused(&query, json!({})).await, "FORBIDDEN");
            let nested = format!("query($id: ID!) {{ enterprise(by: {{id: $id}}) \
                {{ issues(orderBy: [{{field: {field}}}]) {{ totalCount }} }} }}");
            assert_eq!(lead.refused(&nested, json!({"id": enterprise})).await, "FORBIDDEN");
            app.officer().read(&query).await;
        }
    }
}
