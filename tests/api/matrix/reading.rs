//! Reads every row by every path as every role, and judges what comes back by the rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::asking::SOME;
use super::rules::{self, ACTORS, INVERSE, Rules, SIGNED_IN, VIEWERS, mark};
use super::schema::{Field, Schema};
use super::world::{Case, World};
use crate::support::app::TestApp;

/// The matrix at work.
pub struct Matrix<'a> {
    pub app: &'a TestApp,
    pub schema: Arc<Schema>,
    pub world: World,
    /// Each row as the role reads it that reads all of it.
    truth: BTreeMap<Case, Value>,
    /// What is not as the rules say.
    pub complaints: Vec<String>,
}

/// The rows of a relation, and whether there is a list of them.
pub fn relation(field: &Field) -> Option<(&'static Rules, bool)> {
    if let Some(rules) = rules::of(&field.ty) {
        return Some((rules, false));
    }
    let object = field.ty.strip_suffix("Connection")?;
    rules::of(object).map(|rules| (rules, true))
}

/// The ids of a list's rows, by `nodes`.
fn ids(list: &Value) -> Vec<&str> {
    let nodes = list["nodes"].as_array().into_iter().flatten();
    nodes.filter_map(|node| node["id"].as_str()).collect()
}

/// Adds what another reader of the whole row sees: rows of its lists, and rows that it leads to.
fn join(truth: &mut Value, read: &Value) {
    if truth.is_null() {
        *truth = read.clone();
        return;
    }
    for (field, value) in read.as_object().into_iter().flatten() {
        let known = &mut truth[field];
        if !tells(known) {
            *known = value.clone();
        }
        let Some(nodes) = value["nodes"].as_array() else {
            continue;
        };
        let known = known["nodes"].as_array_mut().unwrap();
        for node in nodes {
            if !known.contains(node) {
                known.push(node.clone());
            }
        }
    }
}

/// Whether a value tells something: an empty list does not.
fn tells(value: &Value) -> bool {
    !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())
}

impl<'a> Matrix<'a> {
    /// Sets up the rows and reads each in full.
    pub async fn new(app: &'a TestApp) -> Self {
        let world = super::world::build(app).await;
        let mut matrix = Self {
            app,
            schema: Arc::new(Schema::served()),
            world,
            truth: BTreeMap::new(),
            complaints: Vec::new(),
        };
        let cases: Vec<Case> = matrix.world.all().collect();
        for (object, case) in cases {
            let rules = rules::of(object).unwrap();
            let line = rules.line(case);
            // Where nobody of these reads all of it, those who read the most.
            let most = SIGNED_IN.iter().map(|role| rules.extent(mark(line, role)));
            let most = most.max().unwrap_or_default();
            let whole = SIGNED_IN
                .iter()
                .filter(|role| rules.extent(mark(line, role)) == most);
            let id = matrix.world.id(object, case).to_owned();
            let query = format!(
                "query($id: ID!) {{ node(id: $id) {{ ... on {object} {{ {} {} }} }} }}",
                matrix.leaves(object),
                matrix.relations(object, false),
            );
            let mut truth = Value::Null;
            for role in whole {
                let read = app.role(role).read_with(&query, json!({"id": id})).await;
                join(&mut truth, &read["node"]);
            }
            assert!(!truth.is_null(), "{object} {case}");
            matrix.truth.insert((object, case), truth);
        }
        matrix
    }

    /// A row as it is.
    pub fn truth(&self, object: &'static str, case: &'static str) -> &Value {
        &self.truth[&(object, case)]
    }

    fn complain(&mut self, complaint: impl FnOnce() -> String, holds: bool) {
        if !holds {
            self.complaints.push(complaint());
        }
    }

    /// The selection of everything of an object that is no other row.
    pub fn leaves(&self, object: &str) -> String {
        let own = self.schema.fields(object).iter();
        let own = own.filter(|field| relation(field).is_none());
        let texts = own.map(|field| format!("{} {}", field.name, self.schema.whole(&field.ty)));
        texts.collect::<Vec<_>>().join(" ")
    }

    /// The selection of an object's relations: the ids of their rows, or all there is of them.
    fn relations(&self, object: &str, whole: bool) -> String {
        let mut text = String::new();
        for field in self.schema.fields(object) {
            let Some((rules, is_list)) = relation(field) else {
                continue;
            };
            let leaves = if whole {
                self.leaves(rules.object)
            } else {
                "id".to_owned()
            };
            let selection = if is_list {
                format!(
                    " {}(first: 100) {{ totalCount nodes {{ {leaves} }} edges {{ node {{ id }} }} }}",
                    field.name
                )
            } else {
                format!(" {} {{ {leaves} }}", field.name)
            };
            text.push_str(&selection);
        }
        text
    }

    /// Judges a row that a role read somewhere.
    pub fn judge(&mut self, role: &str, at: &str, (object, case): Case, mark: &str, row: &Value) {
        let rules = rules::of(object).unwrap();
        let place = format!("{role} {at}: {object} {case} [{mark}]");
        if mark == "-" || row.is_null() {
            let holds = (mark == "-") == row.is_null();
            self.complain(|| format!("{place} is {row}"), holds);
            return;
        }
        let truth = self.truth[&(object, case)].clone();
        for field in self.schema.names(object) {
            let Some(value) = row.get(field).cloned() else {
                continue;
            };
            if relation(self.schema.field(object, field)).is_some() {
                continue;
            }
            let holds = if field == "isRedacted" {
                value == json!(!rules.is_whole(mark))
            } else if !mark.contains(rules.group(field)) {
                value.is_null()
            } else {
                VIEWERS.contains(&field) || value == truth[field]
            };
            let told = truth[field].clone();
            self.complaints.extend(
                (!holds).then(|| format!("{place}.{field} is {value}, and {told} in truth")),
            );
        }
    }

    /// Judges a row by the role's own line, whichever case its id is.
    fn judge_known(&mut self, role: &str, at: &str, row: &Value, is_actor: bool) {
        let Some(case) = row["id"].as_str().and_then(|id| self.world.case(id)) else {
            self.complaints
                .push(format!("{role} {at}: no case for {row}"));
            return;
        };
        let own = mark(rules::of(case.0).unwrap().line(case.1), role);
        let met = if is_actor && own == "-" { "B" } else { own };
        self.judge(role, at, case, met, row);
    }

    /// Reads every case by its id, alone and among all, and everything that hangs on it.
    pub async fn by_ids(&mut self, role: &'static str, object: &'static str) {
        let cases = self.world.of(object);
        let rules = rules::of(object).unwrap();
        let all: Vec<&String> = cases.iter().map(|(_, id)| id).collect();
        let query = format!(
            "query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {object} {{ {} {} }} }} }}",
            self.leaves(object),
            self.relations(object, true)
        );
        let person = self.app.role(role);
        let nodes = person.read_with(&query, json!({"ids": all})).await["nodes"].clone();
        let single = format!(
            "query($id: ID!) {{ node(id: $id) {{ ... on {object} {{ {} }} }} }}",
            self.leaves(object)
        );
        for (place, (case, id)) in cases.iter().enumerate() {
            let mark = mark(rules.line(case), role);
            let row = &nodes[place];
            self.judge(role, "nodes", (object, case), mark, row);
            if !row.is_null() {
                self.hanging(role, (object, case), mark, row);
            }
            let person = self.app.role(role);
            let alone = person.read_with(&single, json!({"id": id})).await["node"].clone();
            self.judge(role, "node", (object, case), mark, &alone);
        }
    }

    /// Judges what hangs on a row: its parents and its lists.
    fn hanging(&mut self, role: &str, (object, case): Case, mark: &str, row: &Value) {
        let schema = Arc::clone(&self.schema);
        let rules = rules::of(object).unwrap();
        let truth = self.truth[&(object, case)].clone();
        for field in schema.names(object) {
            let Some((of, is_list)) = relation(schema.field(object, field)) else {
                continue;
            };
            let (value, told) = (&row[field], &truth[field]);
            let at = format!("{object} {case}.{field}");
            let reads = mark.contains(rules.group(field)) && !told.is_null();
            if !reads {
                self.complain(|| format!("{role} {at} is {value}"), value.is_null());
            } else if is_list {
                let inverse = INVERSE
                    .iter()
                    .find(|(known, list, _)| (*known, *list) == (object, field));
                let by = inverse.map(|(_, _, by)| *by);
                self.listed(role, &at, (of.object, by), value, &ids(told));
            } else {
                let Some(case) = told["id"].as_str().and_then(|id| self.world.case(id)) else {
                    self.complaints.push(format!("{at}: no case for {told}"));
                    continue;
                };
                let is_actor = ACTORS.contains(&(object, field));
                if value.is_null() {
                    let own = self::mark(of.line(case.1), role);
                    let holds = own == "-" && !is_actor;
                    self.complain(|| format!("{role} {at} is null"), holds);
                } else {
                    self.judge_known(role, &at, value, is_actor);
                }
            }
        }
    }

    /// Judges a list: it holds the rows that the role sees of those that are there, and counts
    /// what it holds.
    fn listed(
        &mut self,
        role: &str,
        at: &str,
        (object, by): (&str, Option<&str>),
        list: &Value,
        there: &[&str],
    ) {
        let held = ids(list);
        let edges = list["edges"].as_array().into_iter().flatten();
        let edges: Vec<&str> = edges
            .filter_map(|edge| edge["node"]["id"].as_str())
            .collect();
        self.complain(
            || format!("{role} {at}: edges {edges:?} are not nodes {held:?}"),
            edges == held,
        );
        let count = &list["totalCount"];
        self.complain(
            || format!("{role} {at} counts {count} of {}", held.len()),
            *count == json!(held.len()),
        );
        for id in there {
            let Some((_, case)) = self.world.case(id) else {
                continue;
            };
            let rules = rules::of(object).unwrap();
            let own = mark(rules.line(case), role);
            let sees = own != "-" && by.is_none_or(|field| own.contains(rules.group(field)));
            let holds = sees == held.contains(id);
            self.complain(
                || format!("{role} {at}: {object} {case} is listed: {}", !sees),
                holds,
            );
        }
        for row in list["nodes"].as_array().into_iter().flatten() {
            let id = row["id"].as_str().unwrap();
            let is_there = there.contains(&id);
            self.complain(
                || format!("{role} {at} holds {id} from elsewhere"),
                is_there,
            );
            if self.world.case(id).is_some() {
                self.judge_known(role, at, row, false);
            }
        }
    }

    /// Reads a root list to its end and judges it.
    pub async fn root_list(&mut self, role: &'static str, field: &str, object: &'static str) {
        let leaves = self.leaves(object);
        let query = format!(
            "query($at: String) {{ list: {field}(first: 100, after: $at) {{ totalCount nodes {{ {leaves} }} \
             edges {{ node {{ id }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let mut rows: Vec<Value> = Vec::new();
        let mut at = Value::Null;
        loop {
            let page = self
                .app
                .role(role)
                .read_with(&query, json!({"at": at}))
                .await["list"]
                .clone();
            rows.extend(page["nodes"].as_array().unwrap().clone());
            if page["pageInfo"]["hasNextPage"] != true {
                let count = page["totalCount"].clone();
                let holds = count == json!(rows.len());
                self.complain(
                    || format!("{role} {field} counts {count} of {}", rows.len()),
                    holds,
                );
                break;
            }
            at = page["pageInfo"]["endCursor"].clone();
        }
        let cases = self.world.of(object);
        for (case, id) in cases {
            let own = mark(rules::of(object).unwrap().line(case), role);
            let row = rows.iter().find(|row| row["id"] == id.as_str());
            if row.is_none() && SOME.contains(&field) {
                continue;
            }
            self.judge(
                role,
                field,
                (object, case),
                own,
                row.unwrap_or(&Value::Null),
            );
        }
    }

    /// Reads what the root answers without an id, and judges it by the row that it is.
    pub async fn root_one(&mut self, role: &'static str, field: &str, object: &'static str) {
        let schema = Arc::clone(&self.schema);
        let leaves = self.leaves(object);
        let relations = if object == "Viewer" {
            self.relations(object, true)
        } else {
            String::new()
        };
        let query = format!("{{ one: {field} {{ {leaves} {relations} }} }}");
        let one = self.app.role(role).read(&query).await["one"].clone();
        if object != "Viewer" {
            self.judge_known(role, field, &one, false);
            return;
        }
        let rules = rules::of(object).unwrap();
        let mark = mark(rules.line("self"), role);
        for name in schema.names(object) {
            let (value, reads) = (&one[name], mark.contains(rules.group(name)));
            self.complain(
                || format!("{role} viewer.{name} is {value}"),
                reads != value.is_null(),
            );
            if reads && relation(schema.field(object, name)).is_some() {
                self.judge_known(role, &format!("viewer.{name}"), value, false);
            }
        }
    }

    /// Holds that a null hides something: every field tells something in some case, also where a
    /// role sees the row without it; and every list has a row to show.
    pub fn covers(&mut self) {
        let schema = Arc::clone(&self.schema);
        for rules in rules::RULES.iter().filter(|rules| rules.object != "Viewer") {
            for field in schema.names(rules.object) {
                let mut told: Vec<&str> = Vec::new();
                for (case, _) in rules.rows {
                    let value = &self.truth[&(rules.object, *case)][field];
                    let holds = match relation(schema.field(rules.object, field)) {
                        Some((_, true)) => {
                            ids(value).iter().any(|id| self.world.case(id).is_some())
                        }
                        _ => tells(value),
                    };
                    told.extend(holds.then_some(*case));
                }
                let group = rules.group(field);
                let object = rules.object;
                self.complain(
                    || format!("{object}.{field} is null in every case"),
                    !told.is_empty(),
                );
                for role in SIGNED_IN {
                    // What nobody of these reads is not known, and cannot be held to be hidden.
                    let is_read = |case: &str| {
                        let mut marks = rules.line(case).split_whitespace();
                        marks.any(|mark| mark != "-" && mark.contains(group))
                    };
                    let hides = |case: &&str| {
                        let mark = mark(rules.line(case), role);
                        mark != "-" && !mark.contains(group) && is_read(case)
                    };
                    let hidden: Vec<&str> = rules
                        .rows
                        .iter()
                        .map(|(case, _)| *case)
                        .filter(hides)
                        .collect();
                    let holds = hidden.is_empty() || hidden.iter().any(|case| told.contains(case));
                    self.complain(
                        || format!("{object}.{field} hides nothing from {role} in {hidden:?}"),
                        holds,
                    );
                }
            }
        }
    }
}
