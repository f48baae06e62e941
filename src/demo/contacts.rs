//! Whom to turn to at the enterprises that officers serve: by post, with numbers that nobody has.
//! Of the enterprises that the article names there are none.

use chrono::{DateTime, Utc};
use entity::contact::{ActiveModel, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::TryIntoModel;
use sea_orm::prelude::Uuid;

use super::BuildError;
use super::officers::Party;
use super::rows::{Build, Table, at};
use super::taxonomy::District;
use crate::access::vault::Vault;
use crate::domain::contact::sealed::{Plain, sealed};
use crate::kernel::error::{Error, Result};

const POSTS: [&str; 4] = ["行政主管", "综合部经理", "办公室主任", "人事主管"];

/// A contact in the clear: it is sealed when it is written, by the keys that are in use there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewContact {
    /// The id.
    pub id: Uuid,
    /// The district.
    pub district_id: Uuid,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// The post, which stands for a name too.
    pub post: String,
    /// The mobile number.
    pub mobile: String,
    /// The address of electronic mail.
    pub email: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// Builds the first contact of each made-up enterprise that an officer serves.
pub(super) fn build(
    build: &mut Build,
    district: &District,
    parties: &[Party],
) -> std::result::Result<Vec<NewContact>, BuildError> {
    let created_at = build
        .calendar
        .instant(build.calendar.opening((2019, 10, 23))?)?;
    let mut contacts = Vec::new();
    for party in parties.iter().filter(|party| !party.firm.is_named) {
        let serial = party.firm.serial;
        contacts.push(NewContact {
            id: build.id(Table::Contact, created_at)?,
            district_id: district.id,
            enterprise_id: party.firm.id,
            post: (*at(&POSTS, serial % POSTS.len(), "post")?).to_owned(),
            mobile: format!("1380000{serial:04}"),
            email: format!("demo-{serial:03}@example.com"),
            created_at,
        });
    }
    Ok(contacts)
}

impl NewContact {
    /// The row, sealed.
    ///
    /// # Errors
    /// `Internal` without a key.
    pub fn row(&self, vault: &Vault) -> Result<Model> {
        let plain = Plain::new(
            self.post.clone(),
            self.mobile.clone(),
            Some(self.email.clone()),
        );
        let row = ActiveModel {
            id: Set(self.id),
            district_id: Set(self.district_id),
            enterprise_id: Set(self.enterprise_id),
            issue_id: Set(None),
            post_title: Set(Some(self.post.clone())),
            is_primary: Set(true),
            is_synthetic: Set(true),
            version: Set(1),
            created_at: Set(self.created_at),
            updated_at: Set(self.created_at),
            ..sealed(vault, self.id, &plain)?
        };
        row.try_into_model()
            .map_err(|error| Error::Internal(error.to_string()))
    }
}
