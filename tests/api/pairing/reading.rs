//! The pairings of the article, and how lists of them are narrowed.

use serde_json::{Value, json};

use super::*;
use crate::on_both;

on_both! {
    async fn the_pairings_of_the_article(app) {
        let query = "{ pairings(first: 20, filter: {kind: {eq: ONE_PLUS_N}}) { totalCount nodes { status members { totalCount } } } \
            soe: pairings(filter: {kind: {eq: SOE_PRIVATE}, status: {eq: ACTIVE}}) { totalCount nodes { members { totalCount } } } }";
        for role in ["operator", "officer", "lead", "member", "partner"] {
            let all = app.role(role).read(query).await;
            let sizes = |list: &str| -> Vec<i64> {
                let mut sizes: Vec<i64> = all[list]["nodes"].as_array().unwrap().iter()
                    .map(|node| node["members"]["totalCount"].as_i64().unwrap()).collect();
                sizes.sort_unstable();
                sizes
            };
            assert_eq!(sizes("pairings"), [2, 3, 3, 3, 3, 3, 3, 3], "seven of 3 and one of 2, for {role}");
            assert_eq!(sizes("soe"), [1; 6]);
        }
        assert_eq!(app.outsider().read("{ pairings { totalCount } }").await["pairings"]["totalCount"], 0);
        assert_eq!(app.other_district().read("{ pairings { totalCount } }").await["pairings"]["totalCount"], 0);
        for query in ["{ pairings { totalCount } }".to_owned(), format!("{{ pairing(id: \"{}\") {{ id }} }}", pairing(3))] {
            assert_eq!(app.auditor().refused(&query, json!({})).await, "FORBIDDEN");
            assert_eq!(app.anonymous().refused(&query, json!({})).await, "UNAUTHENTICATED");
        }
    }

    async fn a_filter_does_not_tell_of_an_enterprise_out_of_sight(app) {
        // 003's pairing is over and 013 has left the alliance: the members remember it without it.
        ended(&app, &pairing(3)).await;
        for number in [3, 13] {
            app.execute(&format!("UPDATE membership SET status = 'ENDED', left_on = '2021-01-20' WHERE enterprise_id = {}",
                literal(&app, enterprise_row(&format!("演示企业 {number:03} 有限公司"))))).await;
        }
        let query = "query($lead: ID!, $member: ID!) { \
            pairings(filter: {status: {eq: ENDED}}) { totalCount nodes { lead { id } members { nodes { enterprise { id } } } } } \
            lead: pairings(filter: {leadId: {eq: $lead}}) { totalCount } \
            member: pairings(filter: {memberId: {eq: $member}}) { totalCount } \
            other: pairings(filter: {memberId: {notIn: [$member]}, status: {eq: ENDED}}) { totalCount } }";
        let ids = json!({"lead": demo(3), "member": demo(13)});
        let seen = app.member().read_with(query, ids.clone()).await;
        assert_eq!(seen["pairings"]["totalCount"], 1);
        assert_eq!(seen["pairings"]["nodes"][0]["lead"], Value::Null);
        let members = seen["pairings"]["nodes"][0]["members"]["nodes"].as_array().unwrap().clone();
        assert_eq!(members.iter().filter(|row| row["enterprise"].is_null()).count(), 1);
        assert_eq!((&seen["lead"], &seen["member"], &seen["other"]),
            (&json!({"totalCount": 0}), &json!({"totalCount": 0}), &json!({"totalCount": 1})));
        let all = app.operator().read_with(query, ids).await;
        assert_eq!((&all["lead"], &all["member"]), (&json!({"totalCount": 1}), &json!({"totalCount": 1})));
    }

    async fn lists_are_narrowed_searched_and_sorted(app) {
        let query = "query($lead: ID!, $member: ID!) { \
            lead: pairings(filter: {leadId: {in: [$lead]}}) { nodes { name } } \
            member: pairings(filter: {memberId: {eq: $member}, kind: {eq: ONE_PLUS_N}}) { nodes { name } } \
            search: pairings(search: \"立白\") { nodes { name } } none: pairings(search: \"%\") { totalCount } \
            by: pairings(first: 2, orderBy: [{field: STARTS_ON}, {field: NAME, direction: ASC}]) { nodes { name startsOn } } \
            enterprise(by: {id: $member}) { pairingMemberships(filter: {kind: {eq: ONE_PLUS_N}, status: {eq: ACTIVE}}) { totalCount nodes { pairing { name } } } ledPairings { totalCount } } }";
        let all = app.operator().read_with(query, json!({"lead": demo(3), "member": enterprise("大翔集团")})).await;
        assert_eq!(all["lead"]["nodes"], json!([{"name": "演示企业 003 1+3 结对"}]));
        assert_eq!(all["member"]["nodes"], json!([{"name": "立白集团 1+3 结对"}]));
        assert_eq!(all["search"]["nodes"], json!([{"name": "立白集团 1+3 结对"}]));
        assert_eq!(all["none"]["totalCount"], 0);
        assert_eq!(all["by"]["nodes"], json!([{"name": "国企+民企结对 01", "startsOn": "2020-06-30"}, {"name": "国企+民企结对 02", "startsOn": "2020-06-30"}]));
        assert_eq!(all["enterprise"], json!({"pairingMemberships": {"totalCount": 1, "nodes": [{"pairing": {"name": "立白集团 1+3 结对"}}]}, "ledPairings": {"totalCount": 0}}));
    }
}
