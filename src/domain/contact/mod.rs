//! Contacts of enterprises and of issues (联系人): whom to ask. Name, mobile number and address are
//! personal data: sealed where they are stored (`sealed`), masked where they are shown, read in
//! full by the enterprise itself and by `revealContact`, which the audit records with its reason.
//! A number is found by an index that does not tell it.

use async_graphql::{ID, InputObject, MaybeUndefined};

pub mod commands;
pub mod details;
pub mod policy;
pub mod queries;
pub mod rotation;
pub mod sealed;

/// Whom to ask about an issue.
#[derive(Clone, InputObject)]
pub struct ContactInput {
    /// The name, at most 60 characters.
    pub name: String,
    /// A mobile number of the mainland; blanks, hyphens, full-width digits and +86 are read.
    pub mobile: String,
    /// An address of electronic mail, at most 120 characters.
    pub email: Option<String>,
    /// The post in the enterprise, at most 120 characters.
    pub post_title: Option<String>,
}

/// A new contact.
#[derive(Clone, InputObject)]
pub struct CreateContactInput {
    /// The enterprise. Its own users may leave it out; the district side names it.
    pub enterprise_id: Option<ID>,
    /// The issue of the enterprise that it is for, which has no contact of its own yet; for the
    /// enterprise itself where absent.
    pub issue_id: Option<ID>,
    /// The name, at most 60 characters.
    pub name: String,
    /// A mobile number of the mainland; blanks, hyphens, full-width digits and +86 are read.
    pub mobile: String,
    /// An address of electronic mail, at most 120 characters.
    pub email: Option<String>,
    /// The post in the enterprise, at most 120 characters.
    pub post_title: Option<String>,
    /// Whether it is the one to turn to first, in place of the one before; where absent, only if
    /// the enterprise has none. Never for an issue.
    pub is_primary: Option<bool>,
}

/// A change of a contact: what is absent stays, null clears.
#[derive(Clone, InputObject)]
pub struct UpdateContactInput {
    /// The contact.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The name, at most 60 characters.
    pub name: MaybeUndefined<String>,
    /// A mobile number of the mainland.
    pub mobile: MaybeUndefined<String>,
    /// An address of electronic mail, at most 120 characters.
    pub email: MaybeUndefined<String>,
    /// The post in the enterprise, at most 120 characters.
    pub post_title: MaybeUndefined<String>,
    /// Whether it is the one to turn to first, in place of the one before; never for an issue.
    pub is_primary: MaybeUndefined<bool>,
}

/// The removal of a contact. Nothing of it stays.
#[derive(Clone, InputObject)]
pub struct RemoveContactInput {
    /// The contact.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
}

/// The wish to read a contact in full.
#[derive(Clone, InputObject)]
pub struct RevealContactInput {
    /// The contact.
    pub id: ID,
    /// What for, at most 200 characters; the audit keeps it.
    pub reason: String,
}
