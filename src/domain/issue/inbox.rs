//! What lands with an officer or handler (收件箱): the steps of others that ask for the viewer's
//! next one, or that tell of what came of the last.

use sea_orm::sea_query::{Condition, ExprTrait};

use super::queries;
use crate::access::viewer::Viewer;
use crate::store::Scope;
use crate::store::dialect::col;

/// The event on an issue whose enterprise got another officer.
const HANDED_OVER: &str = "issue.officer_changed";

/// Why an issue lands with somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, async_graphql::Enum)]
#[graphql(name = "OfficerInboxReason")]
pub enum Reason {
    /// It was assigned (交办), or came with its enterprise to a new officer.
    Assigned,
    /// Its assignment was returned (退单).
    Returned,
    /// A question to the enterprise was answered, or the issue itself was (答复).
    Answered,
    /// A reply was rated (评价): the issue is closed, or comes back.
    Rated,
    /// It was reopened (重办).
    Reopened,
    /// The enterprise urges (催办).
    Urged,
    /// A request for more time was decided (延期).
    ExtensionDecided,
    /// It is pressed for (督办): by a clock, by the district, or by a joint meeting.
    Supervised,
}

impl Reason {
    /// Why an event lands with somebody; none for one that does not.
    #[must_use]
    pub fn of(event: &str) -> Option<Self> {
        match event {
            "issue.assigned" | HANDED_OVER => Some(Self::Assigned),
            "issue.assignment_returned" => Some(Self::Returned),
            "issue.info_supplied" | "issue.responded" => Some(Self::Answered),
            "issue.closed" | "issue.sent_back" | "issue.rated" => Some(Self::Rated),
            "issue.reopened" => Some(Self::Reopened),
            "issue.urged" => Some(Self::Urged),
            "issue.extended" | "issue.extension_rejected" => Some(Self::ExtensionDecided),
            "issue.escalated" | "issue.supervised" | "issue.meeting_concluded" => {
                Some(Self::Supervised)
            }
            _ => None,
        }
    }
}

/// Whether the role ever has an inbox: officers, and the district staff who accept issues.
#[must_use]
pub const fn may_have(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.post().is_some()
}

/// Whether an event on an issue lands with the viewer: who handles it or helps with it, and its
/// first handler; what is handed over lands with its new officer alone.
#[must_use]
pub fn lands_with(scope: &Scope, at: &'static str, event: &str) -> Condition {
    let officer = scope.viewer.post().map(|post| post.officer_id);
    if event == HANDED_OVER {
        return Condition::all().add(col(at, "officer_id").eq(officer));
    }
    Condition::any()
        .add(queries::handled(scope, at))
        .add(col(at, "first_handler_id").eq(scope.viewer.user_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lands_is_what_somebody_else_did_with_it() {
        assert_eq!(Reason::of("issue.assigned"), Some(Reason::Assigned));
        assert_eq!(
            Reason::of("issue.assignment_returned"),
            Some(Reason::Returned)
        );
        assert_eq!(Reason::of("issue.info_supplied"), Some(Reason::Answered));
        assert_eq!(Reason::of("issue.sent_back"), Some(Reason::Rated));
        assert_eq!(Reason::of("issue.rated"), Some(Reason::Rated));
        assert_eq!(Reason::of("issue.reopened"), Some(Reason::Reopened));
        assert_eq!(Reason::of("issue.urged"), Some(Reason::Urged));
        assert_eq!(Reason::of("issue.extended"), Some(Reason::ExtensionDecided));
        assert_eq!(
            Reason::of("issue.extension_rejected"),
            Some(Reason::ExtensionDecided)
        );
        assert_eq!(Reason::of("issue.escalated"), Some(Reason::Supervised));
        for other in [
            "issue.created",
            "issue.submitted",
            "issue.noted",
            "pairing.ended",
        ] {
            assert_eq!(Reason::of(other), None, "{other}");
        }
    }
}
