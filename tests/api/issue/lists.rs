//! Lists of issues: paging, filters, search.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::Person;

async fn page(who: &Person<'_>, arguments: &str, at: &Value) -> Value {
    let query = format!(
        "query($at: String) {{ enterpriseIssues({arguments}) {{ nodes {{ number }} \
        pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }} }} }}"
    );
    who.read_with(&query, json!({"at": at})).await["enterpriseIssues"].clone()
}

/// Every page of a list, 23 rows at a time, in one direction.
async fn paged(who: &Person<'_>, arguments: &str, forward: bool) -> Vec<String> {
    let mut pages: Vec<Vec<String>> = Vec::new();
    let mut at = Value::Null;
    loop {
        let range = if forward {
            "first: 23, after: $at"
        } else {
            "last: 23, before: $at"
        };
        let page = page(who, &format!("{range}, {arguments}"), &at).await;
        let nodes = page["nodes"].as_array().unwrap().iter();
        pages.push(
            nodes
                .map(|node| node["number"].as_str().unwrap().to_owned())
                .collect(),
        );
        let info = &page["pageInfo"];
        let (more, next) = if forward {
            (&info["hasNextPage"], &info["endCursor"])
        } else {
            (&info["hasPreviousPage"], &info["startCursor"])
        };
        if *more != true {
            break;
        }
        at = next.clone();
    }
    if !forward {
        pages.reverse();
    }
    pages.concat()
}

async fn total(who: &Person<'_>, arguments: &str) -> i64 {
    let query = format!("{{ enterpriseIssues({arguments}) {{ totalCount }} }}");
    who.read(&query).await["enterpriseIssues"]["totalCount"]
        .as_i64()
        .unwrap()
}

/// Every state, in the order that an issue meets them.
const STATES: [&str; 14] = [
    "DRAFT",
    "SUBMITTED",
    "NEEDS_INFO",
    "ACCEPTED",
    "ASSIGNED",
    "IN_PROGRESS",
    "ON_HOLD",
    "LONG_TERM",
    "RESPONDED",
    "CLOSED",
    "ARCHIVED",
    "REJECTED",
    "WITHDRAWN",
    "MERGED",
];

on_both! {
    async fn paging_is_the_full_scan_in_every_order_and_direction(app) {
        let operator = app.operator();
        let enterprise = operator.read("{ enterprises(first: 1) { nodes { id } } }").await;
        let enterprise = enterprise["enterprises"]["nodes"][0]["id"].clone();
        operator.creates(json!({"enterpriseId": enterprise})).await;
        let mut orders = vec!["search: null".to_owned()];
        for field in ["CREATED_AT", "SUBMITTED_AT", "NUMBER", "DUE_AT", "UPDATED_AT"] {
            for direction in ["ASC", "DESC"] {
                orders.push(format!("orderBy: [{{field: {field}, direction: {direction}}}]"));
            }
        }
        orders.push("orderBy: [{field: DUE_AT, direction: ASC}, {field: SUBMITTED_AT}]".to_owned());
        for order in orders {
            let forward = paged(&operator, &order, true).await;
            let distinct: std::collections::BTreeSet<_> = forward.iter().collect();
            assert_eq!((forward.len(), distinct.len()), (169, 169), "{order}");
            assert_eq!(paged(&operator, &order, false).await, forward, "{order}");
        }
        let dues = "{ enterpriseIssues(first: 100, orderBy: [{field: DUE_AT, direction: ASC}]) { nodes { dueAt } } }";
        let dues = operator.read(dues).await["enterpriseIssues"]["nodes"].clone();
        let dues: Vec<_> = dues.as_array().unwrap().iter().map(|node| node["dueAt"].as_str()).collect();
        let known: Vec<_> = dues.iter().flatten().collect();
        assert_eq!(known.len(), 13, "the absent come last");
        assert!(known.is_sorted() && dues[13..].iter().all(Option::is_none), "{dues:?}");
    }

    async fn a_cursor_is_bound_to_its_list_filter_and_order(app) {
        let operator = app.operator();
        let first = page(&operator, "first: 1, after: $at", &Value::Null).await;
        let at = json!({"at": first["pageInfo"]["endCursor"]});
        for arguments in ["search: \"电\"", "orderBy: [{field: NUMBER}]", "filter: {state: {eq: CLOSED}}"] {
            let query = format!("query($at: String) {{ enterpriseIssues(after: $at, {arguments}) {{ totalCount }} }}");
            assert_eq!(operator.refused(&query, at.clone()).await, "BAD_CURSOR", "{arguments}");
        }
    }

    async fn filters_count_what_the_demo_holds(app) {
        let operator = app.operator();
        for (filter, expected) in [
            ("", 168), ("state: {eq: ARCHIVED}", 118), ("state: {in: [CLOSED, ARCHIVED]}, outcome: {eq: SOLVED}", 132),
            ("state: {in: []}", 0), ("state: {notIn: [ARCHIVED, CLOSED]}", 31), ("light: {eq: RED}", 3),
            ("light: {eq: GREY}", 5), ("or: [{light: {eq: YELLOW}}, {light: {eq: GREEN}}]", 10), ("or: []", 0),
            ("dueAt: {lt: \"2021-01-20T02:00:00Z\"}", 3), ("submittedAt: {isNull: true}", 0),
            ("number: {startsWith: \"LW-2019-\"}", 57), ("number: {startsWith: \"LW-%\"}", 0),
            ("id: {in: [\"x\"]}", 0), ("categoryId: {eq: \"x\"}", 0),
        ] {
            assert_eq!(total(&operator, &format!("filter: {{{filter}}}")).await, expected, "{filter}");
        }
        let twelve = ["{}"; 11].join(", ");
        let query = format!("{{ enterpriseIssues(filter: {{or: [{twelve}]}}) {{ totalCount }} }}");
        assert_eq!(operator.refused(&query, json!({})).await, "BAD_USER_INPUT");
    }

    async fn counts_by_state_are_those_of_the_list(app) {
        // Drafts of both sides, which the other side does not see.
        let operator = app.operator();
        let enterprise = operator.read("{ enterprises(first: 1) { nodes { id } } }").await;
        operator.creates(json!({"enterpriseId": enterprise["enterprises"]["nodes"][0]["id"]})).await;
        app.member().creates(json!({"title": "电力增容"})).await;
        let issue = operator.read("{ enterpriseIssues(first: 100, filter: {state: {eq: CLOSED}}) { nodes { id enterprise { id } \
            officer { id } category { id } leadDepartment { id } } } }").await;
        let issue = &issue["enterpriseIssues"]["nodes"][0];
        let by = |field: &str| format!("filter: {{{field}Id: {{eq: {}}}}}", issue[field]["id"]);
        let narrowed = [
            "search: null".to_owned(), "search: \"电\"".to_owned(), "filter: {or: []}".to_owned(),
            "filter: {or: [{light: {eq: RED}}, {state: {eq: CLOSED}}]}".to_owned(),
            "filter: {urgency: {eq: URGENT}, submittedAt: {gte: \"2020-06-01T00:00:00Z\"}}".to_owned(),
            by("enterprise"), by("officer"), by("category"), by("leadDepartment"),
        ];
        let mut told = 0;
        for role in ["admin", "operator", "officer", "lead", "member", "partner", "outsider", "other district"] {
            let who = app.role(role);
            for arguments in &narrowed {
                let query = format!("{{ issueCountsByState({arguments}) {{ state count }} }}");
                let counts = who.read(&query).await["issueCountsByState"].clone();
                let states: Vec<_> = counts.as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
                assert_eq!(states, STATES);
                let (mut numbers, mut at) = (std::collections::BTreeMap::new(), Value::Null);
                loop {
                    let query = format!("query($at: String) {{ enterpriseIssues(first: 100, after: $at, {arguments}) \
                        {{ nodes {{ state }} pageInfo {{ endCursor hasNextPage }} }} }}");
                    let page = who.read_with(&query, json!({"at": at})).await["enterpriseIssues"].clone();
                    for node in page["nodes"].as_array().unwrap() {
                        *numbers.entry(node["state"].as_str().unwrap().to_owned()).or_insert(0) += 1;
                    }
                    if page["pageInfo"]["hasNextPage"] != true {
                        break;
                    }
                    at = page["pageInfo"]["endCursor"].clone();
                }
                for count in counts.as_array().unwrap() {
                    let listed = numbers.get(count["state"].as_str().unwrap()).copied().unwrap_or(0);
                    assert_eq!(count["count"], listed, "{role} {arguments} {count}");
                    told += listed;
                }
            }
        }
        let all = operator.read("{ issueCountsByState { state count } }").await["issueCountsByState"].clone();
        let of = |state: &str| {
            let mut rows = all.as_array().unwrap().iter();
            rows.find(|row| row["state"] == state).unwrap()["count"].clone()
        };
        assert_eq!((of("DRAFT"), of("ARCHIVED"), of("MERGED")), (json!(1), json!(118), json!(3)));
        assert_eq!(told, 628, "so many rows were compared");
        assert_eq!(app.auditor().refused("{ issueCountsByState { count } }", json!({})).await, "FORBIDDEN");
    }

    async fn a_search_finds_parts_of_titles_and_numbers_in_any_script(app) {
        let member = app.member();
        let words = json!({"title": "ＡＢＣ区 Élan 100%_园区配套", "body": "只在正文"});
        member.creates(words).await;
        for (search, expected) in [
            ("ＡＢＣ区", 1), ("Élan", 1), ("100%_", 1), ("园区配套", 1), (" 园区配套 ", 1),
            ("0%%", 0), ("只在正文", 0), ("lan 100", 1), ("LAN 100", 1),
        ] {
            let filter = "filter: {state: {eq: DRAFT}}";
            assert_eq!(total(&member, &format!("{filter}, search: \"{search}\"")).await, expected, "{search}");
        }
        let number = app.operator().read("{ enterpriseIssues(first: 1) { nodes { number } } }").await;
        let number = number["enterpriseIssues"]["nodes"][0]["number"].as_str().unwrap().to_owned();
        let lower = number.to_lowercase();
        assert_eq!(total(&app.operator(), &format!("search: \"{lower}\"")).await, 1);
        assert_eq!(total(&app.operator(), "search: \"  \"").await, 168);
    }
}
