//! The GraphQL specification where libraries differ, so that the library's version is a decision
//! that a test run can take: on a small schema of its own where ours has no such field.

use async_graphql::{
    Context, EmptySubscription, Error, InputObject, MaybeUndefined, Object, Request, Result,
    Schema, Variables,
};
use serde_json::{Value, json};

use crate::support::app::TestApp;

struct Query;
struct Mutation;

struct Thing(i32);

#[Object]
#[allow(
    clippy::unused_async,
    reason = "a resolver is async by the macro's rule"
)]
impl Thing {
    async fn id(&self) -> i32 {
        self.0
    }

    async fn must(&self) -> Result<i32> {
        if self.0 == 1 {
            Err(Error::new("broken"))
        } else {
            Ok(self.0)
        }
    }

    async fn may(&self) -> Option<Result<i32>> {
        Some(Err(Error::new("broken")))
    }

    async fn things(&self) -> Vec<Thing> {
        vec![Thing(0), Thing(1), Thing(2)]
    }

    async fn maybe_things(&self) -> Vec<Option<Thing>> {
        vec![Some(Thing(0)), None]
    }

    async fn slow(&self, ctx: &Context<'_>) -> i32 {
        let turns = ctx.data_opt::<i32>().copied().unwrap_or(3);
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        self.0
    }
}

#[derive(InputObject)]
struct Patch {
    text: MaybeUndefined<String>,
}

#[Object]
impl Query {
    async fn thing(&self) -> Option<Thing> {
        Some(Thing(1))
    }

    async fn sure_thing(&self) -> Thing {
        Thing(1)
    }

    async fn patch(&self, input: Patch) -> &str {
        match input.text {
            MaybeUndefined::Undefined => "keep",
            MaybeUndefined::Null => "clear",
            MaybeUndefined::Value(_) => "set",
        }
    }
}

#[Object]
impl Mutation {
    async fn done(&self) -> Option<i32> {
        Some(1)
    }

    async fn failed(&self) -> Option<Result<i32>> {
        Some(Err(Error::new("broken")))
    }
}

async fn ask(query: &str, variables: Value) -> Value {
    let schema = Schema::new(Query, Mutation, EmptySubscription);
    let request = Request::new(query).variables(Variables::from_json(variables));
    serde_json::to_value(schema.execute(request).await).unwrap()
}

async fn text(query: &str) -> String {
    let schema = Schema::new(Query, Mutation, EmptySubscription);
    serde_json::to_string(&schema.execute(query).await).unwrap()
}

fn paths(answer: &Value) -> Vec<Value> {
    let errors = answer["errors"].as_array().unwrap();
    errors.iter().map(|error| error["path"].clone()).collect()
}

#[tokio::test]
async fn an_error_of_a_non_null_field_takes_its_nearest_nullable_parent() {
    let answer = ask("{ thing { id must } }", json!({})).await;
    assert_eq!(answer["data"], json!({"thing": null}));
    assert_eq!(paths(&answer), [json!(["thing", "must"])]);
    let answer = ask("{ sureThing { id must } }", json!({})).await;
    assert_eq!(answer["data"], Value::Null);
    assert_eq!(paths(&answer), [json!(["sureThing", "must"])]);
}

#[tokio::test]
async fn an_error_of_a_nullable_field_stays_there() {
    let answer = ask("{ thing { id may } }", json!({})).await;
    assert_eq!(answer["data"], json!({"thing": {"id": 1, "may": null}}));
    assert_eq!(paths(&answer), [json!(["thing", "may"])]);
}

#[tokio::test]
async fn a_null_in_a_list_stays_in_its_place() {
    let answer = ask("{ thing { maybeThings { id } } }", json!({})).await;
    assert_eq!(
        answer["data"]["thing"]["maybeThings"],
        json!([{"id": 0}, null])
    );
}

/// What the library does not do: the path ends at the index of the list. Who moves to a version
/// that does will see it here.
#[tokio::test]
async fn an_error_that_propagates_through_a_list_names_the_element() {
    let answer = ask("{ thing { things { must } } }", json!({})).await;
    assert_eq!(answer["data"], json!({"thing": null}));
    let path = &paths(&answer)[0];
    let path = path.as_array().unwrap();
    assert_eq!(path[..3], [json!("thing"), json!("things"), json!(1)]);
}

#[tokio::test]
async fn keys_come_in_the_order_that_they_were_asked_for_in() {
    assert_eq!(
        text("{ thing { slow b: id a: id } }").await,
        r#"{"data":{"thing":{"slow":1,"b":1,"a":1}}}"#
    );
    assert_eq!(
        text("{ z: thing { id } ...F a: thing { id } } fragment F on Query { m: thing { id } }")
            .await,
        r#"{"data":{"z":{"id":1},"m":{"id":1},"a":{"id":1}}}"#
    );
}

#[tokio::test]
async fn an_omitted_variable_leaves_its_field_out() {
    let query = "query($t: String) { patch(input: {text: $t}) }";
    for (variables, expected) in [
        (json!({}), "keep"),
        (json!({"t": null}), "clear"),
        (json!({"t": ""}), "set"),
    ] {
        let answer = ask(query, variables.clone()).await;
        assert_eq!(answer["data"], json!({"patch": expected}), "{variables}");
    }
    let whole = "query($i: Patch!) { patch(input: $i) }";
    assert_eq!(ask(whole, json!({"i": {}})).await["data"]["patch"], "keep");
    assert_eq!(
        ask(whole, json!({"i": {"text": null}})).await["data"]["patch"],
        "clear"
    );
}

#[tokio::test]
async fn a_failed_mutation_leaves_its_siblings() {
    let answer = ask("mutation { a: done b: failed c: done }", json!({})).await;
    assert_eq!(answer["data"], json!({"a": 1, "b": null, "c": 1}));
    assert_eq!(paths(&answer), [json!(["b"])]);
}

#[tokio::test]
async fn fields_of_the_same_key_merge_or_are_refused() {
    let answer = ask("{ thing { id } thing { slow } }", json!({})).await;
    assert_eq!(answer["data"], json!({"thing": {"id": 1, "slow": 1}}));
    let answer = ask("{ a: thing { id } a: sureThing { id } }", json!({})).await;
    assert_eq!(answer["data"], Value::Null);
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn skip_and_include_decide_together() {
    let query =
        "query($s: Boolean!, $i: Boolean!) { thing { id @skip(if: $s) @include(if: $i) slow } }";
    for (skip, include, there) in [
        (false, true, true),
        (true, true, false),
        (false, false, false),
    ] {
        let answer = ask(query, json!({"s": skip, "i": include})).await;
        let thing = &answer["data"]["thing"];
        assert_eq!(thing.get("id").is_some(), there, "{skip} {include}");
        assert_eq!(thing["slow"], 1);
    }
}

/// Guards take the parent of a nullable field down: ours decide inside the field.
#[test]
fn no_resolver_hides_a_nullable_field_behind_a_guard_or_its_error_in_an_option() {
    let mut folders = vec![std::path::PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/graphql"
    ))];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            files += 1;
            let resolvers = source.split("#[Object").skip(1);
            for resolver in resolvers {
                // Up to the end of the block that the macro stands before.
                let block = resolver.split("\n}").next().unwrap();
                assert!(!block.contains("guard ="), "{}", path.display());
                for line in block
                    .lines()
                    .filter(|line| line.contains("pub async fn") || line.contains("    async fn"))
                {
                    assert!(
                        !line.contains("Result<Option<"),
                        "{}: {line}",
                        path.display()
                    );
                }
            }
        }
    }
    assert!(files > 20, "the sources are not where they were");
}

#[tokio::test]
async fn our_own_schema_answers_root_errors_beside_the_other_roots() {
    let app = TestApp::sqlite().await;
    let answer = app
        .auditor()
        .ask(
            "{ viewer { isAuditor } pairings { nodes { id } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        answer["data"],
        json!({"viewer": {"isAuditor": true}, "pairings": null})
    );
    assert_eq!(answer["errors"][0]["path"], json!(["pairings"]));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

/// The library reads defaults of variables for arguments alone.
#[tokio::test]
async fn a_default_decides_what_is_left_out() {
    let app = TestApp::sqlite().await;
    let query = "query($less: Boolean = true, $more: Boolean = true) \
        { viewer { today @skip(if: $less) isAuditor @include(if: $more) } }";
    for (given, there) in [
        (json!({}), (false, true)),
        (json!({"less": false, "more": false}), (true, false)),
    ] {
        let answer = app.auditor().ask(query, given.clone()).await;
        let viewer = &answer["data"]["viewer"];
        let found = (
            viewer.get("today").is_some(),
            viewer.get("isAuditor").is_some(),
        );
        assert_eq!(found, there, "{given}: {answer}");
    }
}
