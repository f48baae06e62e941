//! A contact's personal values as they are stored: each sealed for its own place.

use entity::contact::{ActiveModel, Model};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use crate::access::vault::{Place, Vault};
use crate::kernel::error::Result;

/// The table of contacts, as the sealed values are bound to it.
const TABLE: &str = "contact";
/// What a number is found by again.
const MOBILE: &str = "contact.mobile";

/// A value that is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The name.
    Name,
    /// The mobile number.
    Mobile,
    /// The address of electronic mail.
    Email,
}

impl Field {
    /// Its column.
    #[must_use]
    pub const fn column(self) -> &'static str {
        match self {
            Self::Name => "name_sealed",
            Self::Mobile => "mobile_sealed",
            Self::Email => "email_sealed",
        }
    }
}

/// Personal values in the clear, for as long as they are worked with.
pub struct Plain {
    pub(super) name: String,
    pub(super) mobile: String,
    pub(super) email: Option<String>,
}

impl Plain {
    /// The values.
    #[must_use]
    pub const fn new(name: String, mobile: String, email: Option<String>) -> Self {
        Self {
            name,
            mobile,
            email,
        }
    }
}

fn with<T>(row: Uuid, field: Field, work: impl FnOnce(Place<'_>) -> T) -> T {
    let row = row.to_string();
    work(Place {
        table: TABLE,
        column: field.column(),
        row: &row,
    })
}

/// A stored value of a row in the clear.
///
/// # Errors
/// `Internal` where its key is missing or it is damaged.
pub fn open(vault: &Vault, row: Uuid, field: Field, stored: &str) -> Result<String> {
    with(row, field, |place| vault.open(place, stored))
}

fn seal(vault: &Vault, row: Uuid, field: Field, value: &str) -> Result<String> {
    with(row, field, |place| vault.seal(place, value))
}

/// All values of a row in the clear.
///
/// # Errors
/// As `open`.
pub(super) fn opened(vault: &Vault, row: &Model) -> Result<Plain> {
    let email = row.email_sealed.as_deref();
    Ok(Plain {
        name: open(vault, row.id, Field::Name, &row.name_sealed)?,
        mobile: open(vault, row.id, Field::Mobile, &row.mobile_sealed)?,
        email: email
            .map(|stored| open(vault, row.id, Field::Email, stored))
            .transpose()?,
    })
}

/// The columns of a row that hold these values, sealed by the newest key.
///
/// # Errors
/// `Internal` without a key.
pub fn sealed(vault: &Vault, row: Uuid, plain: &Plain) -> Result<ActiveModel> {
    let email = plain.email.as_deref();
    let email = email.map(|value| seal(vault, row, Field::Email, value));
    Ok(ActiveModel {
        name_sealed: Set(seal(vault, row, Field::Name, &plain.name)?),
        mobile_sealed: Set(seal(vault, row, Field::Mobile, &plain.mobile)?),
        email_sealed: Set(email.transpose()?),
        mobile_index: Set(vault.index(MOBILE, &plain.mobile)?),
        key_id: Set(vault.newest()?.to_owned()),
        ..<ActiveModel as Default>::default()
    })
}

/// The columns that change where a row that held `before` is to hold `after`; all of them where it
/// was sealed by an older key.
///
/// # Errors
/// As `sealed`.
pub(super) fn changed(
    vault: &Vault,
    row: &Model,
    before: &Plain,
    after: &Plain,
) -> Result<ActiveModel> {
    let mut change = sealed(vault, row.id, after)?;
    if row.key_id == vault.newest()? {
        let unset = sea_orm::ActiveValue::NotSet;
        if before.name == after.name {
            change.name_sealed = unset.clone();
        }
        if before.mobile == after.mobile {
            change.mobile_sealed = unset;
            change.mobile_index = sea_orm::ActiveValue::NotSet;
        }
        if before.email == after.email {
            change.email_sealed = sea_orm::ActiveValue::NotSet;
        }
        change.key_id = sea_orm::ActiveValue::NotSet;
    }
    Ok(change)
}

/// What rows of a mobile number are found by, under each key in use.
#[must_use]
pub fn indexes(vault: &Vault, mobile: &str) -> Vec<String> {
    vault.indexes(MOBILE, mobile)
}
