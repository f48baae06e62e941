//! Writes the rows.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable};

use super::Dataset;
use crate::access::vault::Vault;
use crate::domain::issue::similar::pieces;
use crate::kernel::error::Error;
use crate::store::tx::Tx;

/// The values that fit into one statement on `SQLite`; `PostgreSQL` takes more.
const MAX_BINDS: usize = 32_766;
/// Rows in one statement: longer ones only cost memory.
const MAX_ROWS: usize = 400;

/// Why the rows could not be written.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The database.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
    /// The contacts.
    #[error("the contacts could not be sealed: {0}")]
    Vault(#[from] Error),
}

/// Inserts the rows in a transaction, table by table in the order of the foreign keys, and reports
/// after each statement how many rows of which table are written. The vault seals the contacts.
///
/// # Errors
/// The database refuses a row, or fails, or the vault has no key; then nothing is to be kept.
pub async fn load(
    db: &Tx,
    data: Dataset,
    vault: &Vault,
    progress: &mut (dyn FnMut(&str, usize, usize) + Send),
) -> Result<(), LoadError> {
    let contacts = data.contacts.iter().map(|contact| contact.row(vault));
    let contacts = contacts.collect::<Result<Vec<_>, Error>>()?;
    let rows = data.rows;
    let submitted = rows
        .issues
        .iter()
        .filter(|issue| issue.submitted_at.is_some());
    let grams = submitted.flat_map(pieces).collect();
    insert::<entity::district::Entity, _>(db, rows.districts, progress).await?;
    insert::<entity::district_baseline::Entity, _>(db, rows.baselines, progress).await?;
    insert::<entity::department::Entity, _>(db, rows.departments, progress).await?;
    insert::<entity::issue_category::Entity, _>(db, rows.categories, progress).await?;
    insert::<entity::enterprise::Entity, _>(db, rows.enterprises, progress).await?;
    insert::<entity::service_officer::Entity, _>(db, rows.officers, progress).await?;
    insert::<entity::user_account::Entity, _>(db, rows.users, progress).await?;
    insert::<entity::district_policy::Entity, _>(db, rows.policies, progress).await?;
    insert::<entity::membership::Entity, _>(db, rows.memberships, progress).await?;
    insert::<entity::pairing::Entity, _>(db, rows.pairings, progress).await?;
    insert::<entity::pairing_member::Entity, _>(db, rows.pairing_members, progress).await?;
    insert::<entity::pairing_interaction::Entity, _>(db, rows.interactions, progress).await?;
    insert::<entity::officer_assignment::Entity, _>(db, rows.assignments, progress).await?;
    insert::<entity::service_visit::Entity, _>(db, rows.visits, progress).await?;
    insert::<entity::visit_participant::Entity, _>(db, rows.participants, progress).await?;
    insert::<entity::issue_cluster::Entity, _>(db, rows.clusters, progress).await?;
    insert::<entity::enterprise_issue::Entity, _>(db, rows.issues, progress).await?;
    insert::<entity::issue_gram::Entity, _>(db, grams, progress).await?;
    insert::<entity::issue_co_department::Entity, _>(db, rows.co_departments, progress).await?;
    insert::<entity::issue_transition::Entity, _>(db, rows.transitions, progress).await?;
    insert::<entity::issue_progress::Entity, _>(db, rows.progress, progress).await?;
    insert::<entity::issue_rating::Entity, _>(db, rows.ratings, progress).await?;
    insert::<entity::issue_extension::Entity, _>(db, rows.extensions, progress).await?;
    insert::<entity::issue_callback::Entity, _>(db, rows.callbacks, progress).await?;
    insert::<entity::clock_rule::Entity, _>(db, rows.clock_rules, progress).await?;
    insert::<entity::issue_clock::Entity, _>(db, rows.clocks, progress).await?;
    insert::<entity::joint_meeting::Entity, _>(db, rows.meetings, progress).await?;
    insert::<entity::issue_supervision::Entity, _>(db, rows.supervisions, progress).await?;
    insert::<entity::peer_help_offer::Entity, _>(db, rows.help_offers, progress).await?;
    insert::<entity::issue_counter::Entity, _>(db, rows.counters, progress).await?;
    insert::<entity::contact::Entity, _>(db, contacts, progress).await?;
    Ok(())
}

async fn insert<E, C>(
    db: &C,
    models: Vec<E::Model>,
    progress: &mut (dyn FnMut(&str, usize, usize) + Send),
) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
    C: ConnectionTrait,
{
    let table = E::default();
    let total = models.len();
    let columns = E::Column::iter().count().max(1);
    let size = (MAX_BINDS / columns).clamp(1, MAX_ROWS);
    let mut models = models.into_iter();
    let mut done = 0;
    while done < total {
        let chunk: Vec<E::ActiveModel> = models
            .by_ref()
            .take(size)
            .map(IntoActiveModel::into_active_model)
            .collect();
        done += chunk.len();
        E::insert_many(chunk).exec_without_returning(db).await?;
        progress(table.table_name(), done, total);
    }
    Ok(())
}
