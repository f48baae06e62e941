//! Changes of applications and their documents, by the operator.

use chrono::{DateTime, Utc};
use entity::api_client::{self, ClientMode};
use entity::trusted_document;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait};

use super::hash;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::store::Db;

/// What was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Documents of the manifest.
    pub all: usize,
    /// Those that were not registered before.
    pub new: usize,
}

fn check_id(id: &str) -> Result<()> {
    let is_id = (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if is_id {
        return Ok(());
    }
    Err(Error::user(UserError::at(Code::Invalid, "client").saying(
        "应用名须为 1 至 100 个可见 ASCII 字符",
        "1 to 100 visible ASCII characters, as the client_id of its tokens.",
    )))
}

fn client(id: &str, mode: ClientMode, now: DateTime<Utc>) -> api_client::ActiveModel {
    api_client::ActiveModel {
        id: Set(id.to_owned()),
        mode: Set(mode),
        created_at: Set(now),
        updated_at: Set(now),
    }
}

/// Enters an application, or changes which documents a known one may send.
///
/// # Errors
/// User error `INVALID`; or when the database fails.
pub async fn add(db: &Db, id: &str, mode: ClientMode, now: DateTime<Utc>) -> Result<()> {
    check_id(id)?;
    let or_change = OnConflict::column(api_client::Column::Id)
        .update_columns([api_client::Column::Mode, api_client::Column::UpdatedAt])
        .to_owned();
    api_client::Entity::insert(client(id, mode, now))
        .on_conflict(or_change)
        .exec_without_returning(db.conn())
        .await?;
    Ok(())
}

/// Registers documents of an application, by their hashes. An application that is not known yet
/// is entered as open. What was registered stays: older versions of a frontend go on asking for it.
///
/// # Errors
/// User errors `INVALID` for a hash that is not its document's; or when the database fails. Then
/// nothing is registered.
pub async fn register(
    db: &Db,
    id: &str,
    documents: &[(String, String)],
    now: DateTime<Utc>,
) -> Result<Registered> {
    check_id(id)?;
    let mut faults = Faults::default();
    for (name, document) in documents {
        if *name != hash(document) {
            faults.add(UserError::at(Code::Invalid, name).saying(
                "不是该文档的 SHA-256",
                "it is not the SHA-256 of its document; set hashAlgorithm to 'sha256'",
            ));
        }
    }
    faults.check()?;
    let tx = db.begin().await?;
    let unless_known = OnConflict::column(api_client::Column::Id)
        .do_nothing()
        .to_owned();
    api_client::Entity::insert(client(id, ClientMode::Open, now))
        .on_conflict(unless_known)
        .exec_without_returning(&tx)
        .await?;
    let mut new = 0;
    for (name, document) in documents {
        new += usize::from(enter(&tx, id, name, document, now).await?);
    }
    tx.commit().await?;
    let all = documents.len();
    Ok(Registered { all, new })
}

/// Whether it was not registered before.
async fn enter(
    tx: &impl ConnectionTrait,
    id: &str,
    name: &str,
    document: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    use trusted_document::Column;
    let row = trusted_document::ActiveModel {
        client_id: Set(id.to_owned()),
        hash: Set(name.to_owned()),
        document: Set(document.to_owned()),
        created_at: Set(now),
    };
    let unless_known = OnConflict::columns([Column::ClientId, Column::Hash])
        .do_nothing()
        .to_owned();
    let written = trusted_document::Entity::insert(row)
        .on_conflict(unless_known)
        .exec_without_returning(tx)
        .await?;
    Ok(written == 1)
}
