//! What becomes of requests when the database drops its connections.

use honglian::store::connect::open;
use sea_orm::{ConnectionTrait, DbBackend};

use crate::on_both;

on_both! {
    async fn a_database_that_was_restarted_is_asked_again(app) {
        if app.database.db.backend() != DbBackend::Postgres {
            return; // SQLite has no connections to lose.
        }
        let query = "{ issueCountsByState { state count } }";
        let before = app.operator().read(query).await;
        let beside = open(&app.database.url, 1).await.unwrap();
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        for _ in 0..3 {
            let ended = beside.conn().execute_unprepared(end).await.unwrap();
            assert!(ended.rows_affected() > 0, "there were connections");
            assert_eq!(app.operator().read(query).await, before);
        }
    }
}
