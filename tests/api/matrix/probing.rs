//! Asks the root, every filter, order and search as every role, and judges what it tells.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::asking::{COUNTS, FILTERS, ORDERS, ROOTS, SEARCHES};
use super::reading::{Matrix, relation};
use super::rules::{self, SIGNED_IN, mark};

/// Whether a role's question is refused at the top.
fn is_refused(root: &str, role: &str) -> bool {
    let found = ROOTS.iter().find(|(name, ..)| *name == root).unwrap();
    mark(found.2, role) == "F"
}

/// The same without rates of nothing: they are none, and hide nothing.
fn without_empty_rates(mut told: Value) -> Value {
    for part in told
        .as_object_mut()
        .into_iter()
        .flatten()
        .map(|(_, part)| part)
    {
        if part["counted"]["value"] == 0 {
            part["value"] = json!(0);
        }
    }
    told
}

impl Matrix<'_> {
    /// Every root field, as every role that it refuses and as nobody.
    pub async fn roots(&mut self) {
        for (field, arguments, line) in ROOTS {
            let arguments = arguments.replace("$id", "\"x\"");
            let arguments = if arguments.is_empty() {
                arguments
            } else {
                format!("({arguments})")
            };
            let query = format!("{{ one: {field}{arguments} {{ __typename }} }}");
            if *field == "rateLimit" {
                // The one that nobody needs to sign in for: it tells of the caller alone.
                self.app.anonymous().read(&query).await;
            } else {
                let code = self.app.anonymous().refused(&query, json!({})).await;
                assert_eq!(code, "UNAUTHENTICATED", "{field}");
            }
            for role in SIGNED_IN {
                let answer = self.app.role(role).ask(&query, json!({})).await;
                let code = answer["errors"][0]["extensions"]["code"].as_str();
                let expected = (mark(line, role) == "F").then_some("FORBIDDEN");
                if code != expected {
                    self.complaints.push(format!("{role} {field}: {answer}"));
                }
            }
        }
    }

    /// Everything that the root answers to a role, row by row.
    pub async fn answers(&mut self, role: &'static str) {
        for (field, arguments, _) in ROOTS {
            if is_refused(field, role) {
                continue;
            }
            let known = self.schema.field("Query", field);
            let ty = known.ty.clone();
            match relation(known) {
                Some((rules, true)) => self.root_list(role, field, rules.object).await,
                Some((rules, false)) if arguments.is_empty() => {
                    self.root_one(role, field, rules.object).await;
                }
                Some((rules, false)) => self.root_by_id(role, field, arguments, rules.object).await,
                None if self.schema.objects.contains_key(&ty) => {
                    let arguments = if arguments.is_empty() {
                        String::new()
                    } else {
                        format!("({arguments})")
                    };
                    let whole = self.schema.whole(&ty);
                    let query = format!("{{ one: {field}{arguments} {whole} }}");
                    let one = self.app.role(role).read(&query).await["one"].clone();
                    // Whole: to those who read it no part of it is hidden.
                    let told = without_empty_rates(one.clone()).to_string();
                    if role != "other district" && told.contains("null") {
                        self.complaints.push(format!("{role} {field} is {one}"));
                    }
                }
                // By ids: `by_ids` reads them.
                None => {}
            }
        }
    }

    async fn root_by_id(
        &mut self,
        role: &'static str,
        field: &str,
        arguments: &str,
        object: &'static str,
    ) {
        let query = format!(
            "query($id: ID!) {{ one: {field}({arguments}) {{ {} }} }}",
            self.leaves(object)
        );
        let cases = self.world.of(object);
        for (case, id) in cases {
            let one = self
                .app
                .role(role)
                .read_with(&query, json!({"id": id}))
                .await["one"]
                .clone();
            let own = mark(rules::of(object).unwrap().line(case), role);
            self.judge(role, field, (object, case), own, &one);
        }
    }

    /// Every filter, by the true value of every case: what finds a row tells its value.
    pub async fn filters(&mut self, role: &'static str) {
        for (filter, list, object, fields) in FILTERS {
            if list.split('.').count() == 1 && is_refused(list, role) {
                continue;
            }
            let cases = self.world.of(object);
            for (case, id) in cases {
                let truth = self.truth(object, case).clone();
                let mut text = String::new();
                let mut asked: Vec<&str> = Vec::new();
                let mut narrowed = Vec::new();
                for (place, (own, field)) in fields.iter().enumerate() {
                    let value = if truth[*field]["id"].is_null() {
                        &truth[*field]
                    } else {
                        &truth[*field]["id"]
                    };
                    if field.is_empty() || value.is_null() {
                        continue;
                    }
                    let by = self.schema.inputs[*filter]
                        .iter()
                        .find(|known| known.name == *own);
                    let kind = by.unwrap().ty.as_str();
                    let literal = self.literal(object, field, value);
                    let literal = match kind {
                        "Boolean" => literal,
                        // The rows of the cases are later than all others.
                        "DateTimeFilter" => format!("{{gte: {literal}}}"),
                        _ => format!("{{eq: {literal}}}"),
                    };
                    let name = list.rsplit('.').next().unwrap();
                    let ways = format!(
                        " a{place}: {name}(first: 100, filter: {{{own}: {literal}}}) {{ totalCount nodes {{ id }} }} \
                         o{place}: {name}(first: 100, filter: {{or: [{{{own}: {literal}}}]}}) {{ totalCount nodes {{ id }} }}"
                    );
                    text.push_str(&ways);
                    asked.push(field);
                    narrowed.push(format!("filter: {{{own}: {literal}}}"));
                }
                let (query, variables) = if let Some((parent, _)) = list.split_once('.') {
                    let key = parent.to_lowercase();
                    let query = format!(
                        "query($id: ID!) {{ node(id: $id) {{ ... on {parent} {{ {text} }} }} }}"
                    );
                    (query, json!({"id": truth[key.as_str()]["id"]}))
                } else {
                    (format!("{{ {text} }}"), json!({}))
                };
                self.counted(role, list, &narrowed).await;
                let mut found = self.app.role(role).read_with(&query, variables).await;
                if list.contains('.') {
                    found = found["node"].clone();
                }
                for (place, (own, field)) in fields.iter().enumerate() {
                    if !asked.contains(field) {
                        continue;
                    }
                    for way in ["a", "o"] {
                        let at = format!("{filter}.{own} {way}");
                        let answer = &found[format!("{way}{place}")];
                        self.told(role, &at, (object, case), field, &id, answer);
                    }
                }
            }
        }
    }

    /// Judges whether counts by group tell more than the list, under the same arguments.
    async fn counted(&mut self, role: &str, list: &str, narrowed: &[String]) {
        for (counts, _) in COUNTS.iter().filter(|(_, of)| *of == list) {
            let pairs = narrowed.iter().enumerate().map(|(place, arguments)| {
                format!(
                    " l{place}: {list}({arguments}) {{ totalCount }} c{place}: {counts}({arguments}) {{ count }}"
                )
            });
            let query = format!("{{ {} }}", pairs.collect::<String>());
            let found = self.app.role(role).read(&query).await;
            for (place, arguments) in narrowed.iter().enumerate() {
                let groups = found[format!("c{place}")].as_array().unwrap().iter();
                let sum: i64 = groups.map(|group| group["count"].as_i64().unwrap()).sum();
                let total = &found[format!("l{place}")]["totalCount"];
                if *total != sum {
                    self.complaints.push(format!(
                        "{role} {counts}({arguments}) counts {sum} of {total}"
                    ));
                }
            }
        }
    }

    /// Judges whether an answer that holds a row tells more than the field.
    fn told(
        &mut self,
        role: &str,
        at: &str,
        (object, case): (&'static str, &'static str),
        field: &str,
        id: &str,
        list: &Value,
    ) {
        let rules = rules::of(object).unwrap();
        let own = mark(rules.line(case), role);
        let nodes: Vec<&Value> = list["nodes"].as_array().into_iter().flatten().collect();
        let holds = nodes.iter().any(|node| node["id"] == id);
        let may =
            own.contains(rules.group(field)) && own != "-" && self.sees(role, object, case, field);
        let is_cut = list["totalCount"].as_i64().is_some_and(|count| count > 100);
        let must = may && rules.is_whole(own) && !is_cut;
        if (holds && !may) || (must && !holds) {
            self.complaints.push(format!(
                "{role} {at}: {object} {case} [{own}] is found: {holds}"
            ));
        }
    }

    /// Whether a role sees the row that a field leads to; any other value it does.
    fn sees(&self, role: &str, object: &'static str, case: &'static str, field: &str) -> bool {
        if relation(self.schema.field(object, field)).is_none() {
            return true;
        }
        let id = self.truth(object, case)[field]["id"]
            .as_str()
            .unwrap_or_default();
        let Some((of, case)) = self.world.case(id) else {
            return false;
        };
        mark(rules::of(of).unwrap().line(case), role) != "-"
    }

    /// A value as a literal: names of an enum stand without quotes.
    fn literal(&self, object: &str, field: &str, value: &Value) -> String {
        let ty = &self.schema.field(object, field).ty;
        match value.as_str() {
            Some(name) if self.schema.enums.contains_key(ty) => name.to_owned(),
            _ => value.to_string(),
        }
    }

    /// Every order, refused or not.
    pub async fn orders(&mut self, role: &'static str) {
        for (_, list, fields) in ORDERS.iter().filter(|(_, list, _)| !list.is_empty()) {
            for (field, line) in *fields {
                let query = format!(
                    "{{ {list}(first: 1, orderBy: [{{field: {field}}}]) {{ totalCount }} }}"
                );
                let answer = self.app.role(role).ask(&query, json!({})).await;
                let code = answer["errors"][0]["extensions"]["code"].as_str();
                let expected = (mark(line, role) == "F").then_some("FORBIDDEN");
                if code != expected {
                    self.complaints
                        .push(format!("{role} {list} by {field}: {answer}"));
                }
            }
        }
    }

    /// Every search, by the true words of every case; and an enterprise by its code.
    pub async fn searches(&mut self, role: &'static str) {
        for (list, object, fields) in SEARCHES {
            if is_refused(list, role) {
                continue;
            }
            let query = format!(
                "query($words: String) {{ list: {list}(first: 100, search: $words) {{ totalCount nodes {{ id }} }} }}"
            );
            let cases = self.world.of(object);
            for (case, id) in cases {
                for field in *fields {
                    let words = self.truth(object, case)[*field].clone();
                    self.counted(role, list, &[format!("search: {words}")])
                        .await;
                    let person = self.app.role(role);
                    let found =
                        person.read_with(&query, json!({"words": words})).await["list"].clone();
                    self.told(
                        role,
                        &format!("search of {field}"),
                        (object, case),
                        field,
                        &id,
                        &found,
                    );
                    if *field == "uscc" {
                        let query =
                            "query($code: String!) { enterprise(by: {uscc: $code}) { id } }";
                        let one =
                            person.read_with(query, json!({"code": words})).await["enterprise"]
                                .clone();
                        let nodes: BTreeSet<String> =
                            one["id"].as_str().map(str::to_owned).into_iter().collect();
                        let nodes: Vec<Value> =
                            nodes.into_iter().map(|id| json!({"id": id})).collect();
                        let list = json!({"totalCount": nodes.len(), "nodes": nodes});
                        self.told(role, "by code", (object, case), field, &id, &list);
                    }
                }
            }
        }
    }
}
