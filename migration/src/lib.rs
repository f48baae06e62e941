//! The database schema, one append-only step per file. A step that has landed is never edited:
//! a database of the previous version must upgrade. Independent of `entity`, so that a later
//! change of a row type does not rewrite history.

use sea_orm_migration::prelude::*;
pub use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub mod calendar;
pub mod gram;
mod m20261123_000001_programme;
mod m20261125_000002_outbox_order;
mod m20261125_000003_contract;
mod m20261125_000004_clocks;
mod m20261125_000005_contacts_and_attachments;
mod m20261125_000006_life;
mod m20261125_000007_home_screen;
mod m20261125_000008_attachments;
mod m20261125_000009_supervision;
mod m20261125_000010_peer_help;
mod m20261125_000011_lifted_and_reminded;
mod m20261129_000012_rights;
mod m20261129_000013_lean_writes;
mod m20261129_000014_one_way;
mod m20261130_000015_group_commit;

/// All steps, in order.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_programme::Migration),
            Box::new(m20261125_000002_outbox_order::Migration),
            Box::new(m20261125_000003_contract::Migration),
            Box::new(m20261125_000004_clocks::Migration),
            Box::new(m20261125_000005_contacts_and_attachments::Migration),
            Box::new(m20261125_000006_life::Migration),
            Box::new(m20261125_000007_home_screen::Migration),
            Box::new(m20261125_000008_attachments::Migration),
            Box::new(m20261125_000009_supervision::Migration),
            Box::new(m20261125_000010_peer_help::Migration),
            Box::new(m20261125_000011_lifted_and_reminded::Migration),
            Box::new(m20261129_000012_rights::Migration),
            Box::new(m20261129_000013_lean_writes::Migration),
            Box::new(m20261129_000014_one_way::Migration),
            Box::new(m20261130_000015_group_commit::Migration),
        ]
    }
}

/// Fills each database's own words into a text that is otherwise the same for both.
fn for_backend(sql: &str, backend: sea_orm::DbBackend) -> String {
    let is_postgres = backend == sea_orm::DbBackend::Postgres;
    let sequence = if is_postgres {
        "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    } else {
        "integer PRIMARY KEY AUTOINCREMENT"
    };
    // Only for rows that a migration itself makes; those of the server are of their own time.
    let random_uuid = if is_postgres {
        "gen_random_uuid()"
    } else {
        "randomblob(16)"
    };
    let (uuid, date, timestamp, json, nulls_last) = if is_postgres {
        ("uuid", "date", "timestamptz", "jsonb", " NULLS LAST")
    } else {
        // The names SeaORM itself declares on SQLite.
        (
            "uuid_text",
            "date_text",
            "timestamp_with_timezone_text",
            "jsonb_text",
            // In a descending index they are last anyway.
            "",
        )
    };
    sql.replace("{uuid}", uuid)
        .replace("{date}", date)
        .replace("{timestamp}", timestamp)
        .replace("{json}", json)
        .replace("{nulls_last}", nulls_last)
        .replace("{sequence}", sequence)
        .replace("{random_uuid}", random_uuid)
}
