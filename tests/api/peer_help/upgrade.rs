//! A database of the version before keeps its issues, and finds them by their titles.

use entity::issue_gram;
use honglian::store::connect::open;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

use crate::support::database::empty_postgres;

/// How many steps the version before has.
const BEFORE: u32 = 9;
const TITLES: [&str; 3] = ["用电增容", "ＬＥＤ，路灯", "！？"];

async fn upgraded(url: &str) {
    let db = open(url, 1).await.unwrap();
    Migrator::up(db.conn(), Some(BEFORE)).await.unwrap();
    let id = |n: u128| match db.backend() {
        sea_orm::DbBackend::Postgres => format!("'{}'", Uuid::from_u128(n)),
        _ => format!("X'{}'", Uuid::from_u128(n).simple()),
    };
    let (district, at) = (id(1), "'2021-01-01 00:00:00 +00:00'");
    let mut rows = vec![
        format!(
            "INSERT INTO district VALUES ({district}, '440103', '荔湾区', 'LW', TRUE, 1, {at}, {at})"
        ),
        format!(
            "INSERT INTO issue_category VALUES ({}, {district}, 'OTHER', '其他', 'Other', 1, TRUE, 1, {at}, {at})",
            id(2)
        ),
        format!(
            "INSERT INTO enterprise (id, district_id, uscc, name, search_text, ownership, region_code, tags, status, \
             is_synthetic, synthetic_fields, version, created_at, updated_at) VALUES \
             ({}, {district}, '91350100M000100Y43', '企业', '企业', 'PRIVATE', '440103', '[]', 'ACTIVE', FALSE, '[]', 1, {at}, {at})",
            id(3)
        ),
    ];
    // A draft is like nothing, whatever it is called.
    let titles = TITLES.map(|title| (title, "SUBMITTED", at));
    let titles = titles.into_iter().chain([("草稿", "DRAFT", "NULL")]);
    for (n, (title, state, submitted)) in (10..).zip(titles) {
        rows.push(format!(
            "INSERT INTO enterprise_issue (id, district_id, number, enterprise_id, is_on_behalf, channel, nature, category_id, \
             visibility, is_confidential, title, body, state, escalation_level, reopen_count, rework_count, return_count, \
             extension_count, is_closed_unrated, is_synthetic, version, submitted_at, created_at, updated_at) VALUES \
             ({}, {district}, 'LW-2021-{n:06}', {}, FALSE, 'WEB', 'HELP', {}, 'PAIRING', FALSE, '{title}', '正文', '{state}', \
             0, 0, 0, 0, 0, FALSE, FALSE, 1, {submitted}, {at}, {at})",
            id(n), id(3), id(2)
        ));
    }
    for sql in rows {
        db.conn().execute_unprepared(&sql).await.unwrap();
    }
    Migrator::up(db.conn(), None).await.unwrap();
    let grams = issue_gram::Entity::find().all(db.conn()).await.unwrap();
    let mut grams: Vec<_> = grams
        .into_iter()
        .map(|row| (row.issue_id.as_u128(), row.gram))
        .collect();
    grams.sort();
    let expected = [
        (10, "增容"),
        (10, "用电"),
        (10, "电增"),
        (11, "d路"),
        (11, "ed"),
        (11, "le"),
        (11, "路灯"),
    ];
    assert_eq!(grams, expected.map(|(id, gram)| (id, gram.to_owned())));
    let issues = entity::enterprise_issue::Entity::find()
        .all(db.conn())
        .await
        .unwrap();
    assert_eq!(issues.len(), 4);
    for issue in issues {
        assert_eq!(issue.tags, serde_json::json!([]));
        assert_eq!(
            (issue.is_open_for_help, issue.help_opened_at),
            (false, None)
        );
    }
}

#[tokio::test]
async fn the_issues_of_the_version_before_are_cut_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("before.db");
    upgraded(&format!("sqlite://{}?mode=rwc", file.display())).await;
    if let Some(url) = empty_postgres().await {
        upgraded(&url).await;
    }
}
