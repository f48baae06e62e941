//! What is stored tells nobody: neither the tables nor the files hold a name or a number, and what
//! is sealed for one place opens at no other.

use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Statement};
use serde_json::json;

use super::{NUMBER, created, draft};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::{cast, dataset};

/// Everything that the database holds, as text.
async fn dump(app: &TestApp) -> String {
    let db = &app.database.db;
    let rows = |sql: String| async move {
        let statement = Statement::from_string(db.backend(), sql);
        let rows = db.conn().query_all_raw(statement).await.unwrap();
        let texts = rows
            .iter()
            .map(|row| row.try_get_by_index::<Option<String>>(0).unwrap());
        texts.flatten().collect::<Vec<_>>()
    };
    let tables = match db.backend() {
        DbBackend::Postgres => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
        _ => "SELECT name FROM sqlite_master WHERE type = 'table'",
    };
    let mut all = String::new();
    for table in rows(tables.to_owned()).await {
        let texts = if db.backend() == DbBackend::Postgres {
            rows(format!("SELECT x::text FROM \"{table}\" x")).await
        } else {
            let mut texts = Vec::new();
            for column in rows(format!("SELECT name FROM pragma_table_info('{table}')")).await {
                texts.extend(
                    rows(format!("SELECT CAST(\"{column}\" AS text) FROM \"{table}\" WHERE typeof(\"{column}\") <> 'blob'"))
                        .await,
                );
            }
            texts
        };
        all.push_str(&texts.join("\n"));
    }
    all
}

/// The bytes of the database's files.
fn files(app: &TestApp) -> Vec<u8> {
    let Some(file) = app.database.url.strip_prefix("sqlite://") else {
        return Vec::new();
    };
    let mut bytes = std::fs::read(file).unwrap();
    bytes.extend(std::fs::read(format!("{file}-wal")).unwrap());
    bytes
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

const REVEAL: &str = "mutation($input: RevealContactInput!) { revealContact(input: $input) \
    { contact { name mobile email } userErrors { code } } }";

on_both! {
    async fn neither_rows_nor_files_hold_a_name_or_a_number(app) {
        let contact = created(&app.member(), json!({})).await;
        let change = json!({"id": contact["id"], "expectedVersion": 1, "mobile": "13787654321", "name": "欧阳不详"});
        assert_eq!(app.operator().faults("updateContact", change).await, [""; 0]);
        draft(&app, json!({"contact": {"name": "司马不详", "mobile": "13511112222", "email": "sima@example.org"}})).await;
        // Under a key: the answer is kept for a day, and shows the contact.
        let (wire, token) = (app.wire().await, app.token(&cast().operator));
        let variables = json!({"input": {"id": contact["id"], "reason": "回访"}});
        let first = wire.keyed(&token, "k-reveal", REVEAL, variables.clone()).await;
        assert_eq!(first.data()["revealContact"]["contact"]["mobile"], "13787654321");
        let again = wire.keyed(&token, "k-reveal", REVEAL, variables).await;
        assert_eq!((&again.body, again.header("idempotency-replayed")), (&first.body, Some("true")));
        assert_eq!(app.count("idempotency_record").await, 1);
        // Once in the audit, however often it was sent.
        let revealed = "SELECT action FROM audit_entry WHERE action = 'revealContact'";
        assert_eq!(app.texts(revealed).await.len(), 1);

        let (dump, files) = (dump(&app).await, files(&app));
        assert!(dump.contains("门前道路积水") && dump.contains("createContact"), "the dump holds what is stored");
        assert!(files.is_empty() || holds(&files, "门前道路积水"));
        let seeded = dataset().contacts.iter().map(|contact| contact.mobile.as_str());
        for secret in [NUMBER, "13787654321", "13511112222", "张三丰", "欧阳不详", "司马不详", "zhang@example.com", "sima@example.org"]
            .into_iter()
            .chain(seeded)
        {
            assert!(!dump.contains(secret), "{secret} stands in a table");
            assert!(!holds(&files, secret), "{secret} stands in a file");
        }
    }

    async fn what_is_sealed_for_one_row_opens_in_no_other(app) {
        let (first, other) = (&dataset().contacts[0], &dataset().contacts[1]);
        let query = "query($id: ID!) { node(id: $id) { ... on Contact { mobileMasked nameMasked } } }";
        let id = honglian::kernel::id::encode(honglian::kernel::id::Kind::Contact, first.id);
        let (here, there) = (
            crate::support::rows::literal(&app, first.id),
            crate::support::rows::literal(&app, other.id),
        );
        let stored = entity::contact::Entity::find_by_id(first.id).one(app.database.db.conn()).await.unwrap().unwrap();
        for (set, field) in [
            (format!("mobile_sealed = (SELECT o.mobile_sealed FROM contact o WHERE o.id = {there})"), "mobileMasked"),
            ("mobile_sealed = name_sealed".to_owned(), "mobileMasked"),
            ("mobile_sealed = 'test-1:AAAA'".to_owned(), "mobileMasked"),
        ] {
            app.execute(&format!("UPDATE contact SET {set} WHERE id = {here}")).await;
            let answer = app.operator().ask(query, json!({"id": id})).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{set}: {answer}");
            assert_eq!(answer["errors"][0]["path"], json!(["node", field]));
            app.execute(&format!("UPDATE contact SET mobile_sealed = '{}' WHERE id = {here}", stored.mobile_sealed)).await;
        }
        let answer = app.operator().read_with(query, json!({"id": id})).await;
        assert_eq!(answer["node"]["mobileMasked"], format!("138****{}", &first.mobile[7..]));
    }
}
