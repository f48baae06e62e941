//! Help from peers (难题共解): an enterprise opens its issue to the alliance and says what help it
//! wants; others offer it; who is accepted reads the issue's text; who helped is thanked.
//!
//! `policy` says who may do what to an offer, `queries` reads offers, `calls` opens and closes an
//! issue, `offers` makes, decides and thanks, and `matching` finds who could help, and why.

pub mod calls;
pub mod matching;
pub mod offers;
pub mod policy;
pub mod queries;

use async_graphql::{Enum, ID, InputObject};
use entity::peer_help_offer::PeerHelpOfferStatus;

pub use calls::end_with;

use crate::domain::pairing::MutualAidType;

/// What can be done to an offer of help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, sea_orm::EnumIter)]
#[graphql(name = "PeerHelpOfferAction")]
pub enum OfferAction {
    /// `acceptHelp`
    Accept,
    /// `declineHelp`
    Decline,
    /// `withdrawHelp`
    Withdraw,
    /// `thankHelper`
    Thank,
}

impl OfferAction {
    /// Whether the state of an offer allows it.
    #[must_use]
    pub const fn exists_in(self, status: PeerHelpOfferStatus) -> bool {
        use PeerHelpOfferStatus::{Accepted, Offered};
        match self {
            Self::Accept => matches!(status, Offered),
            // Either side ends what was agreed.
            Self::Decline | Self::Withdraw => matches!(status, Offered | Accepted),
            Self::Thank => matches!(status, Accepted),
        }
    }
}

/// A call for help (难题共解): the issue is shown to the alliance in brief, with what is wanted.
#[derive(Clone, Debug, InputObject)]
pub struct OpenForPeerHelpInput {
    /// The issue, one that work is still owed on; no complaint, no report, not confidential.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// What help is wanted, at most 500 characters; the alliance reads it.
    pub wanted: String,
    /// Tags that peers are matched by, at most 10 of at most 20 characters, replacing those of the
    /// issue; they stay where absent.
    pub tags: Option<Vec<String>>,
}

/// The end of a call for help: offers that were not decided lapse.
#[derive(Clone, Debug, InputObject)]
pub struct ClosePeerHelpInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
}

/// A suggestion to the enterprise to open its issue for help.
#[derive(Clone, Debug, InputObject)]
pub struct SuggestPeerHelpInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Why, and who could help, at most 1,000 characters; the enterprise reads it.
    pub note: String,
}

/// An offer of help.
#[derive(Clone, Debug, InputObject)]
pub struct OfferHelpInput {
    /// The issue, of another enterprise and open for help.
    pub issue_id: ID,
    /// The kind of mutual aid (六互).
    pub aid: MutualAidType,
    /// What is offered, at most 2,000 characters.
    pub body: String,
}

/// The acceptance of an offer: the helper reads the issue's text from then on.
#[derive(Clone, Debug, InputObject)]
pub struct AcceptHelpInput {
    /// The offer.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
}

/// The refusal of an offer, an accepted one too: its enterprise reads the issue's text no more.
#[derive(Clone, Debug, InputObject)]
pub struct DeclineHelpInput {
    /// The offer.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// What to say with it, at most 500 characters; the helper reads it.
    pub note: Option<String>,
}

/// The withdrawal of one's own offer, an accepted one too.
#[derive(Clone, Debug, InputObject)]
pub struct WithdrawHelpInput {
    /// The offer.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
}

/// Thanks for help, once.
#[derive(Clone, Debug, InputObject)]
pub struct ThankHelperInput {
    /// The offer, an accepted one.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// What to say, at most 1,000 characters; the helper reads it.
    pub note: Option<String>,
}
