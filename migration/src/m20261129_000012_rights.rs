//! Counts the changes of rights, so that who asks need not be weighed anew at every request; and
//! idempotency keys are held by those who run, not by rows.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

/// See the file's head.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000012_rights"
    }
}

/// What a viewer is made of: tables of a district, the columns that count, and whether a new row
/// changes what somebody may do already.
const MADE_OF: [(&str, &str, bool); 7] = [
    (
        "user_account",
        "district_id, issuer, subject, status, role, is_admin, is_auditor, officer_id, enterprise_id",
        false,
    ),
    ("enterprise", "status", false),
    ("service_officer", "status, department_id", false),
    (
        "officer_assignment",
        "status, officer_id, enterprise_id",
        true,
    ),
    ("membership", "status, role, enterprise_id", true),
    ("pairing", "status, kind, lead_id", true),
    ("pairing_member", "status, pairing_id, enterprise_id", true),
];

/// The triggers of rows run at the commit, when a transaction holds whatever else it needs: nobody
/// waits for it with this row in hand. One transaction counts once. A later step of migration that
/// changes rows and then their table says `SET CONSTRAINTS ALL IMMEDIATE` in between.
const FUNCTIONS: &str = "\
    CREATE FUNCTION rights_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
    IF TG_OP <> 'INSERT' THEN UPDATE rights_revision SET revision = revision + 1 \
    WHERE district_id = OLD.district_id AND xmin <> pg_current_xact_id()::xid; END IF; \
    IF TG_OP <> 'DELETE' THEN UPDATE rights_revision SET revision = revision + 1 \
    WHERE district_id = NEW.district_id AND xmin <> pg_current_xact_id()::xid; END IF; \
    RETURN NULL; END $$; \
    CREATE FUNCTION rights_of_district() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
    IF TG_OP = 'INSERT' THEN INSERT INTO rights_revision VALUES (NEW.id, 0); \
    ELSE UPDATE rights_revision SET revision = revision + 1 WHERE district_id = NEW.id; END IF; \
    RETURN NULL; END $$; \
    CREATE FUNCTION rights_of_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
    UPDATE rights_revision SET revision = revision + 1; RETURN NULL; END $$; \
    CREATE TRIGGER rights_of_new_district AFTER INSERT ON district \
    FOR EACH ROW EXECUTE FUNCTION rights_of_district(); \
    CREATE CONSTRAINT TRIGGER rights_of_district AFTER UPDATE OF is_active ON district \
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rights_of_district(); \
    CREATE CONSTRAINT TRIGGER rights_by_client AFTER INSERT OR DELETE OR UPDATE OF mode \
    ON api_client DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rights_of_all();";

/// Holds an idempotency key to the end of the transaction, or fails at once.
const HOLD: &str = "\
    CREATE FUNCTION hold_key(key bigint) RETURNS void LANGUAGE plpgsql AS $$ BEGIN \
    IF NOT pg_try_advisory_xact_lock(key) THEN \
    RAISE lock_not_available USING MESSAGE = 'the key is held'; END IF; END $$;";

fn postgres() -> String {
    let triggers = MADE_OF.iter().map(|(table, columns, new)| {
        let insert = if *new { "INSERT OR " } else { "" };
        format!(
            "CREATE CONSTRAINT TRIGGER rights_by_{table} AFTER {insert}DELETE OR \
             UPDATE OF {columns} ON {table} DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION rights_changed();"
        )
    });
    [FUNCTIONS, HOLD, &triggers.collect::<String>()].concat()
}

fn sqlite() -> String {
    const COUNT: &str = "UPDATE rights_revision SET revision = revision + 1";
    let mut triggers = vec![
        "CREATE TRIGGER rights_of_new_district AFTER INSERT ON district BEGIN \
         INSERT INTO rights_revision VALUES (NEW.id, 0); END;"
            .to_owned(),
        format!(
            "CREATE TRIGGER rights_of_district AFTER UPDATE OF is_active ON district BEGIN \
             {COUNT} WHERE district_id = NEW.id; END;"
        ),
    ];
    for (name, event) in [
        ("new", "INSERT"),
        ("old", "DELETE"),
        ("mode", "UPDATE OF mode"),
    ] {
        triggers.push(format!(
            "CREATE TRIGGER rights_by_client_{name} AFTER {event} ON api_client BEGIN {COUNT}; END;"
        ));
    }
    for (table, columns, new) in MADE_OF {
        let change = format!("UPDATE OF {columns}");
        let mut events = vec![
            ("old", "DELETE", "OLD.district_id"),
            // Whoever moves between districts loses there what is gained here.
            ("change", &change, "OLD.district_id, NEW.district_id"),
        ];
        if new {
            events.push(("new", "INSERT", "NEW.district_id"));
        }
        for (name, event, districts) in events {
            triggers.push(format!(
                "CREATE TRIGGER rights_by_{table}_{name} AFTER {event} ON {table} BEGIN \
                 {COUNT} WHERE district_id IN ({districts}); END;"
            ));
        }
    }
    triggers.concat()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (db, backend) = (manager.get_connection(), manager.get_database_backend());
        let table = include_str!("sql/m20261129_000012_rights.sql");
        db.execute_unprepared(&crate::for_backend(table, backend))
            .await?;
        let triggers = if backend == DbBackend::Postgres {
            postgres()
        } else {
            sqlite()
        };
        db.execute_unprepared(&triggers).await?;
        Ok(())
    }
}
