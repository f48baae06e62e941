//! Help from peers: the call for it, offers, who supplies whom; and the titles of issues cut up, so
//! that similar ones are found, those of issues that are there among them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::Statement;
use sea_orm_migration::sea_orm::prelude::Uuid;

use crate::gram::grams;

/// See the file's head.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261125_000010_peer_help"
    }
}

/// Issues that are cut at a time: with the longest titles their pieces fit into one statement.
const AT_ONCE: usize = 50;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (db, backend) = (manager.get_connection(), manager.get_database_backend());
        let tables = include_str!("sql/m20261125_000010_peer_help.sql");
        db.execute_unprepared(&crate::for_backend(tables, backend))
            .await?;
        let titles = "SELECT district_id, id, title FROM enterprise_issue ORDER BY id";
        let rows = db
            .query_all_raw(Statement::from_string(backend, titles))
            .await?;
        for rows in rows.chunks(AT_ONCE) {
            let mut insert = Query::insert();
            insert
                .into_table(Alias::new("issue_gram"))
                .columns(["district_id", "gram", "issue_id"].map(Alias::new));
            let mut is_empty = true;
            for row in rows {
                let (district, issue): (Uuid, Uuid) =
                    (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                let title: String = row.try_get_by_index(2)?;
                for gram in grams(&title) {
                    is_empty = false;
                    insert.values_panic([district.into(), gram.into(), issue.into()]);
                }
            }
            if !is_empty {
                db.execute_raw(backend.build(&insert)).await?;
            }
        }
        Ok(())
    }
}
