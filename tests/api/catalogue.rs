//! The catalogue of errors: as it is asked for, and as it is printed.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use honglian::config::Introspection;
use honglian::kernel::catalogue::{self, Entry};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::database::cast;
use crate::support::wire::Wire;

const CATALOGUE: &str = "{ errorCatalogue { code kind zh en remedy isRetryable } }";

fn printed() -> String {
    let mut text = "# Error codes\n\n\
        Generated from the code (`src/kernel/catalogue.rs`); `HONGLIAN_BLESS=1 cargo test --test api \
        catalogue` writes it. The query `errorCatalogue` answers the same.\n\n\
        Program against the code, never against the message: messages come in the language of \
        `Accept-Language` (zh-CN or en) and often say more than the one below.\n"
        .to_owned();
    let mut section = |title: &str, about: &str, entries: Vec<Entry>| {
        let _ = write!(
            text,
            "\n## {title}\n\n{about}\n\n| code | 中文 | English | 处理办法 | remedy | retry |\n\
             |---|---|---|---|---|---|\n"
        );
        for entry in entries {
            let ([zh, en], [remedy_zh, remedy_en]) = (entry.says, entry.remedy);
            let retry = if entry.is_retryable { "yes" } else { "no" };
            let code = entry.code;
            let _ = writeln!(
                text,
                "| `{code}` | {zh} | {en} | {remedy_zh} | {remedy_en} | {retry} |"
            );
        }
    };
    section(
        "Top-level errors",
        "In `errors[].extensions.code`, beside `requestId`. The request or a field of it failed. \
         \"retry\" says whether the same request can succeed later.",
        catalogue::top_level().collect(),
    );
    section(
        "User errors",
        "In `userErrors[].code` of a mutation's payload. The caller can put it right, and nothing was \
         written.",
        catalogue::of_users().collect(),
    );
    text
}

/// `HONGLIAN_BLESS=1 cargo test` writes it.
#[test]
#[allow(clippy::disallowed_methods, reason = "tests read how they are to run")]
fn the_committed_page_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors.md");
    if std::env::var_os("HONGLIAN_BLESS").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/docs")).unwrap();
        std::fs::write(path, printed()).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == printed(),
        "docs/errors.md is not what the code says; run HONGLIAN_BLESS=1 cargo test --test api catalogue"
    );
}

#[test]
fn the_catalogue_holds_the_codes_of_the_contract() {
    let expected: BTreeSet<&str> = "GRAPHQL_PARSE_FAILED GRAPHQL_VALIDATION_FAILED BAD_USER_INPUT \
        OPERATION_RESOLUTION_FAILURE BAD_REQUEST BAD_CURSOR PERSISTED_QUERY_NOT_FOUND \
        DOCUMENT_NOT_TRUSTED UNAUTHENTICATED TOKEN_EXPIRED FORBIDDEN NOT_FOUND COST_LIMIT_EXCEEDED \
        DEPTH_LIMIT_EXCEEDED DOCUMENT_TOO_LARGE RATE_LIMITED TIMEOUT BATCHING_DISABLED \
        IDEMPOTENCY_KEY_REUSED IDEMPOTENCY_IN_PROGRESS SERVICE_UNAVAILABLE INTERNAL_SERVER_ERROR \
        UPLOAD_MISMATCH"
        .split_whitespace()
        .collect();
    let codes: BTreeSet<&str> = catalogue::top_level().map(|entry| entry.code).collect();
    assert_eq!(codes, expected);
}

on_both! {
    async fn everybody_who_is_signed_in_reads_the_catalogue(app) {
        assert_eq!(app.anonymous().refused(CATALOGUE, json!({})).await, "UNAUTHENTICATED");
        let told = app.member().read(CATALOGUE).await["errorCatalogue"].clone();
        let told = told.as_array().unwrap();
        assert_eq!(told.len(), catalogue::top_level().chain(catalogue::of_users()).count());
        let found = |code: &str, kind: &str| {
            told.iter().find(|entry| entry["code"] == code && entry["kind"] == kind).unwrap().clone()
        };
        assert_eq!(found("RATE_LIMITED", "TOP_LEVEL"), json!({
            "code": "RATE_LIMITED", "kind": "TOP_LEVEL", "zh": "请求过于频繁，请稍后重试",
            "en": "Too much was asked for in a short time; try again after Retry-After.",
            "remedy": "Wait as long as Retry-After says.", "isRetryable": true,
        }));
        assert_eq!(found("NOT_FOUND", "TOP_LEVEL")["zh"], "未找到此地址");
        assert_eq!(found("NOT_FOUND", "USER_ERROR")["zh"], "未找到");
    }

    async fn without_a_token_it_goes_by_introspection(app) {
        for (introspection, is_open) in [
            (Introspection::Public, true),
            (Introspection::Authenticated, false),
            (Introspection::Off, false),
        ] {
            let rebuilt = app.rebuilt(|config| config.graphql.introspection = introspection);
            let wire = Wire::of(Arc::new(rebuilt)).await;
            let answer = wire.post("", &[("accept-language", "zh-CN")], &json!({"query": CATALOGUE})).await;
            let told = &answer.json()["data"]["errorCatalogue"];
            if is_open {
                assert_eq!(told[0]["remedy"], "按错误位置改正语法");
            } else {
                assert_eq!(told, &Value::Null);
                assert_eq!(answer.json()["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
            }
            let signed_in = wire.post(&app.token(&cast().member), &[], &json!({"query": CATALOGUE})).await;
            assert!(signed_in.data()["errorCatalogue"].is_array());
        }
    }
}
