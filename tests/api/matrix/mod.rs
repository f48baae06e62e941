//! The access matrix: role x field x ownership, complete against the SDL, on both databases.
//!
//! `rules` says what each role reads of whose row, `asking` what the root answers and what filters,
//! orders and searches tell, `changing` who may change what. These tables know nothing of the
//! product's policies. `world` sets up a row for every case; `reading` and `probing` read them all by
//! every path, as every role, and complain of each cell that is not as the table says.
//!
//! To add a concept:
//! 1. `rules`: an entry for the object with every field in a group, and a line for each way that a
//!    row can stand to the roles: own, of a member of one's pairing, assigned, of the alliance,
//!    outside it, of another district. Objects that are no rows go to `PARTS`.
//! 2. `world`: a row for each line, with as few nulls as its state allows. A field that is null in
//!    every case, or wherever a role must not read it, is a complaint.
//! 3. `asking`: its root fields, filters, orders and searches; `changing`: its mutations, each with
//!    an input that cannot be done.
//!
//! Nested fields need no line: every relation between objects that have rules is followed.

mod alliance;
mod asking;
mod changing;
mod issues;
mod probing;
mod reading;
mod rules;
mod schema;
mod serving;
mod world;

use std::collections::BTreeSet;

use crate::on_both;
use asking::{COUNTS, FILTERS, ORDERS, ROOTS, SEARCHES};
use changing::CHANGES;
use reading::Matrix;
use rules::{ACTORS, PARTS, RULES, SIGNED_IN, VIEWERS};
use schema::Schema;

/// The names of a table against those of the schema: none missing, none stale, none twice.
fn same<'a>(
    what: &str,
    table: impl IntoIterator<Item = &'a str>,
    served: impl IntoIterator<Item = &'a str>,
) {
    let table: Vec<&str> = table.into_iter().collect();
    let known: BTreeSet<&str> = table.iter().copied().collect();
    let served: BTreeSet<&str> = served.into_iter().collect();
    let missing: Vec<_> = served.difference(&known).collect();
    let stale: Vec<_> = known.difference(&served).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "{what}: without a rule {missing:?}, no longer there {stale:?}"
    );
    assert_eq!(
        known.len(),
        table.len(),
        "{what} names something twice: {table:?}"
    );
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
}

#[test]
fn every_object_and_every_field_has_its_rule() {
    let schema = Schema::served();
    let is_wrapper = |name: &str| {
        ["Connection", "Edge", "Payload"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let objects = schema.objects.keys().map(String::as_str);
    let own = objects.filter(|name| !is_wrapper(name) && !["Query", "Mutation"].contains(name));
    let rules = RULES.iter().map(|rules| rules.object);
    same(
        "objects",
        rules.chain(PARTS.iter().map(|(name, _)| *name)),
        own,
    );
    for rules in RULES {
        let fields = rules.groups.iter().flat_map(|(_, fields)| words(fields));
        same(rules.object, fields, schema.names(rules.object));
    }
    for (object, fields) in PARTS {
        same(object, words(fields), schema.names(object));
    }
    for object in schema.objects.keys() {
        if let Some(of) = object.strip_suffix("Connection") {
            same(
                object,
                ["edges", "nodes", "pageInfo", "totalCount"],
                schema.names(object),
            );
            assert!(rules::of(of).is_some(), "{object} lists what has no rules");
        } else if object.ends_with("Edge") {
            same(object, ["node", "cursor"], schema.names(object));
        } else if object.ends_with("Payload") {
            let names = schema.names(object);
            let entity = names
                .iter()
                .find(|name| !["userErrors", "query"].contains(name))
                .unwrap();
            same(
                object,
                [entity, "userErrors", "query"],
                names.iter().copied(),
            );
            assert!(
                rules::of(&schema.field(object, entity).ty).is_some(),
                "{object} answers what has no rules"
            );
        }
    }
    for (object, field) in ACTORS {
        assert_eq!(schema.field(object, field).ty, "User");
    }
    for field in VIEWERS {
        assert!(
            RULES
                .iter()
                .any(|rules| schema.names(rules.object).contains(field)),
            "{field}"
        );
    }
}

#[test]
fn every_way_of_asking_and_every_mutation_has_its_rule() {
    let schema = Schema::served();
    same(
        "the root",
        ROOTS.iter().map(|(name, ..)| *name),
        schema.names("Query"),
    );
    same(
        "mutations",
        CHANGES.iter().map(|change| change.name),
        schema.names("Mutation"),
    );
    let arguments = |name: &str| -> Vec<&str> {
        let fields = schema.objects.values().flatten();
        fields
            .filter_map(|field| field.arguments.get(name).map(String::as_str))
            .collect()
    };
    same(
        "filters",
        FILTERS.iter().map(|(name, ..)| *name),
        arguments("filter"),
    );
    for (filter, _, _, fields) in FILTERS {
        let served = schema.inputs[*filter]
            .iter()
            .map(|field| field.name.as_str());
        same(
            filter,
            fields.iter().map(|(name, _)| *name),
            served.filter(|name| *name != "or"),
        );
    }
    same(
        "orders",
        ORDERS.iter().map(|(name, ..)| *name),
        arguments("orderBy"),
    );
    for (order, _, fields) in ORDERS {
        let mut keys = schema.inputs[*order].iter();
        let values = &schema.enums[&keys.find(|field| field.name == "field").unwrap().ty];
        same(
            order,
            fields.iter().map(|(name, _)| *name),
            values.iter().map(String::as_str),
        );
    }
    let searched = |object: &str| -> Vec<String> {
        let fields = schema.fields(object).iter();
        let with = fields.filter(|field| field.arguments.contains_key("search"));
        with.map(|field| field.name.clone()).collect()
    };
    for object in schema.objects.keys().filter(|name| *name != "Query") {
        assert_eq!(
            searched(object),
            [""; 0],
            "{object} has a list with a search"
        );
    }
    same(
        "searches",
        SEARCHES
            .iter()
            .map(|(name, ..)| *name)
            .chain(COUNTS.iter().map(|(name, _)| *name)),
        searched("Query").iter().map(String::as_str),
    );
}

/// All complaints at once: a rule that changes is seen in all of its cells.
fn judge(matrix: Matrix<'_>) {
    let all = matrix.complaints;
    let shown: Vec<&String> = all.iter().take(60).collect();
    assert!(
        all.is_empty(),
        "{} cells are not as the rules say: {shown:#?}",
        all.len()
    );
}

on_both! {
    async fn every_case_is_there_and_every_null_hides_something(app) {
        let mut matrix = Matrix::new(&app).await;
        for rules in RULES.iter().filter(|rules| rules.object != "Viewer") {
            let there = matrix.world.of(rules.object).into_iter().map(|(case, _)| case);
            same(rules.object, rules.rows.iter().map(|(case, _)| *case), there.collect::<Vec<_>>());
        }
        matrix.covers();
        judge(matrix);
    }

    async fn every_row_reads_by_its_rule_by_id_and_from_wherever_it_hangs(app) {
        let mut matrix = Matrix::new(&app).await;
        for role in SIGNED_IN {
            for rules in RULES.iter().filter(|rules| rules.object != "Viewer") {
                matrix.by_ids(role, rules.object).await;
            }
        }
        judge(matrix);
    }

    async fn every_root_field_answers_by_its_rule(app) {
        let mut matrix = Matrix::new(&app).await;
        matrix.roots().await;
        for role in SIGNED_IN {
            matrix.answers(role).await;
        }
        judge(matrix);
    }

    async fn no_filter_no_order_and_no_search_tells_more_than_the_field(app) {
        let mut matrix = Matrix::new(&app).await;
        for role in SIGNED_IN {
            matrix.filters(role).await;
            matrix.orders(role).await;
            matrix.searches(role).await;
        }
        judge(matrix);
    }

    async fn every_mutation_is_whose_it_is(app) {
        let mut matrix = Matrix::new(&app).await;
        matrix.calls().await;
        for role in SIGNED_IN {
            matrix.targets(role).await;
        }
        judge(matrix);
        assert_eq!(app.trail().await, [""; 0], "no input of the table can be done");
    }
}
