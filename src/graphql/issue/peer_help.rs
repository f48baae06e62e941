//! Help from peers on the wire: offers, who could help, calls for help.

use async_graphql::{Context, ID, Object, SimpleObject};
use entity::peer_help_offer::PeerHelpOfferStatus;

use super::EnterpriseIssue;
use super::similar::counted;
use super::timeline::belongings;
use crate::domain::input::row_id;
use crate::domain::issue::peer_help::matching::{self, ReasonKind};
use crate::domain::issue::peer_help::policy::{OfferFacts, actions};
use crate::domain::issue::peer_help::{
    AcceptHelpInput, ClosePeerHelpInput, DeclineHelpInput, OfferAction, OfferHelpInput,
    OpenForPeerHelpInput, SuggestPeerHelpInput, ThankHelperInput, WithdrawHelpInput, calls, offers,
    queries,
};
use crate::domain::issue::policy;
use crate::domain::pairing::{MutualAidType, from_bits};
use crate::domain::scalar::Timestamp;
use crate::graphql::connection::{self, Connection, Range};
use crate::graphql::enterprise::Enterprise;
use crate::graphql::in_place::InPlace;
use crate::graphql::payload::{act, payload};
use crate::graphql::session::Session;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;

belongings! {
    /// An offer of help.
    PeerHelpOffer(queries::SHAPE),
}

/// An offer of help on the issue of another enterprise (互助意向). Those who read the issue in full;
/// the enterprise that offers, its own.
#[Object]
impl PeerHelpOffer {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts its changes; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// The issue; to the enterprise that offers in brief, with its text once the offer is accepted,
    /// and null where it is shown no more.
    pub async fn enterprise_issue(&self) -> Option<Result<InPlace<EnterpriseIssue>>> {
        let issue = self.0.parent("enterpriseIssue");
        issue.map(|parent| Ok(parent?.into()))
    }

    /// The enterprise that offers; null where the viewer does not see it.
    pub async fn offerer(&self) -> Option<Result<InPlace<Enterprise>>> {
        self.0.parent("offerer").map(|parent| Ok(parent?.into()))
    }

    /// The kind of mutual aid (六互).
    pub async fn aid(&self) -> Result<MutualAidType> {
        let mut aids = from_bits(self.0.get("aid")?);
        aids.pop()
            .ok_or_else(|| Error::Internal("an offer of no kind".to_owned()))
    }

    /// What is offered.
    pub async fn body(&self) -> Result<String> {
        self.0.get("body")
    }

    /// Where it stands.
    pub async fn status(&self) -> Result<PeerHelpOfferStatus> {
        self.0.get("status")
    }

    /// What was said when it was declined.
    pub async fn decision_note(&self) -> Option<Result<String>> {
        self.0.opt("decision_note")
    }

    /// When it was accepted or declined, taken back, or lapsed.
    pub async fn decided_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("decided_at")
    }

    /// The words of thanks.
    pub async fn thanks(&self) -> Option<Result<String>> {
        self.0.opt("thanks")
    }

    /// When it was thanked for.
    pub async fn thanked_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("thanked_at")
    }

    /// When it was made.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// When it last changed.
    pub async fn updated_at(&self) -> Result<Timestamp> {
        self.0.get("updated_at")
    }

    /// What the viewer may do to it as it stands.
    pub async fn viewer_actions(&self, ctx: &Context<'_>) -> Result<Vec<OfferAction>> {
        let offer = OfferFacts {
            owner_id: self.0.get("owner_id")?,
            offerer_id: self.0.get("offerer_id")?,
            status: self.0.get("status")?,
        };
        Ok(actions(Session::of(ctx).viewer()?, &offer))
    }
}

/// What speaks for an enterprise that could help.
#[derive(SimpleObject)]
pub struct HelperReason {
    /// What it is.
    kind: ReasonKind,
    /// What it adds to the score.
    points: i32,
    /// How much of it there is; of the supply chain 2 for a direct link and 1 for one enterprise
    /// between.
    evidence_count: i32,
    /// The same in words, in the language of `Accept-Language`.
    detail: String,
}

/// An enterprise that could help with an issue.
#[derive(SimpleObject)]
pub struct HelperMatch {
    /// The enterprise.
    enterprise: InPlace<Enterprise>,
    /// The sum of the points of its reasons.
    score: i32,
    /// What speaks for it, the weightiest kind first.
    reasons: Vec<HelperReason>,
}

/// The most enterprises that are matched at a time.
const MOST: i32 = 20;

/// Queries on help from peers.
#[derive(Default)]
pub struct PeerHelpQuery;

#[Object]
impl PeerHelpQuery {
    /// The offers of help (互助意向) that the viewer sees, the newest first. District operators and
    /// administrators: all of the district; officers: on the issues that they read; enterprises: on
    /// their own issues, and those that they made. Auditors: FORBIDDEN.
    async fn peer_help_offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<PeerHelpOffer>>> {
        let range = Range::new(first, after, last, before);
        let listed = async {
            if !policy::may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            connection::root(ctx, "peerHelpOffers", range, |_| Ok(queries::criteria())).await
        };
        Some(listed.await)
    }

    /// The enterprises of the alliance that could help with an issue (难题共解匹配), those of the same
    /// pairing first, then by score, each with what speaks for it; enterprises without a reason are
    /// left out, and those whose offer stands. None where there is no such issue. Those who read the
    /// issue in full; auditors: FORBIDDEN.
    async fn match_helpers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issue.")] issue_id: ID,
        #[graphql(desc = "The first so many, 1 to 20.", default = 5)] first: i32,
    ) -> Option<Result<Vec<HelperMatch>>> {
        let found = async {
            let session = Session::of(ctx);
            if !policy::may_read(session.viewer()?) {
                return Err(Error::Forbidden);
            }
            let (db, scope) = (&session.deps.db, session.scope()?);
            let (issue, most) = (row_id(Kind::Issue, &issue_id), counted(first, MOST)?);
            let matches = matching::helpers(db, &scope, issue, most).await?;
            let ids: Vec<_> = matches.iter().map(|found| found.enterprise_id).collect();
            let mut rows = connection::those(ctx, "enterprise", &ids).await?;
            let number = |value: i64| i32::try_from(value).unwrap_or(i32::MAX);
            // One that has left in between is passed over.
            let matches = matches.into_iter().filter_map(|found| {
                let enterprise = rows.remove(&found.enterprise_id)?;
                let reasons = found.reasons.into_iter().map(|reason| HelperReason {
                    kind: reason.kind,
                    points: number(reason.points),
                    evidence_count: number(reason.evidence),
                    detail: reason.detail.text(session.language).to_owned(),
                });
                Some(HelperMatch {
                    enterprise,
                    score: number(found.score),
                    reasons: reasons.collect(),
                })
            });
            Ok(matches.collect())
        };
        Some(found.await)
    }
}

payload! {
    OpenForPeerHelpPayload(enterprise_issue: EnterpriseIssue),
    ClosePeerHelpPayload(enterprise_issue: EnterpriseIssue),
    SuggestPeerHelpPayload(enterprise_issue: EnterpriseIssue),
    OfferHelpPayload(peer_help_offer: PeerHelpOffer),
    AcceptHelpPayload(peer_help_offer: PeerHelpOffer),
    DeclineHelpPayload(peer_help_offer: PeerHelpOffer),
    WithdrawHelpPayload(peer_help_offer: PeerHelpOffer),
    ThankHelperPayload(peer_help_offer: PeerHelpOffer),
}

/// Changes of help from peers.
#[derive(Default)]
pub struct PeerHelpMutation;

#[Object]
impl PeerHelpMutation {
    /// Opens an issue for help from peers (难题共解): the alliance sees it in brief, with what is
    /// wanted. The enterprise's own users, while it is in the alliance.
    async fn open_for_peer_help(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call for help.")] input: OpenForPeerHelpInput,
    ) -> Option<Result<OpenForPeerHelpPayload>> {
        let done = act(ctx, |deps, actor| calls::open(deps, actor, input)).await;
        Some(done.map(OpenForPeerHelpPayload))
    }

    /// Closes a call for help; the issue is shown to those who saw it before, and to whose help was
    /// accepted. The enterprise's own users.
    async fn close_peer_help(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The end of the call.")] input: ClosePeerHelpInput,
    ) -> Option<Result<ClosePeerHelpPayload>> {
        let done = act(ctx, |deps, actor| calls::close(deps, actor, input)).await;
        Some(done.map(ClosePeerHelpPayload))
    }

    /// Suggests to the enterprise to open its issue for help. Officers who serve the enterprise or
    /// handle the issue.
    async fn suggest_peer_help(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The suggestion.")] input: SuggestPeerHelpInput,
    ) -> Option<Result<SuggestPeerHelpPayload>> {
        let done = act(ctx, |deps, actor| calls::suggest(deps, actor, input)).await;
        Some(done.map(SuggestPeerHelpPayload))
    }

    /// Offers help on another's issue that is open for it (互助意向). Users of enterprises in the
    /// alliance.
    async fn offer_help(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer.")] input: OfferHelpInput,
    ) -> Option<Result<OfferHelpPayload>> {
        let done = act(ctx, |deps, actor| offers::offer(deps, actor, input)).await;
        Some(done.map(OfferHelpPayload))
    }

    /// Accepts an offer: the helper reads the issue's text from then on. The users of the issue's
    /// enterprise.
    async fn accept_help(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The acceptance.")] input: AcceptHelpInput,
    ) -> Option<Result<AcceptHelpPayload>> {
        let done = act(ctx, |deps, actor| offers::accept(deps, actor, input)).await;
        Some(done.map(AcceptHelpPayload))
    }

    /// Declines an offer, an accepted one too: then its enterprise reads the issue's text no more. The
    /// users of the issue's enterprise.
    async fn decline_help(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refusal.")] input: DeclineHelpInput,
    ) -> Option<Result<DeclineHelpPayload>> {
        let done = act(ctx, |deps, actor| offers::decline(deps, actor, input)).await;
        Some(done.map(DeclineHelpPayload))
    }

    /// Takes one's own offer back, an accepted one too. The users of the enterprise that offered.
    async fn withdraw_help(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The withdrawal.")] input: WithdrawHelpInput,
    ) -> Option<Result<WithdrawHelpPayload>> {
        let done = act(ctx, |deps, actor| offers::withdraw(deps, actor, input)).await;
        Some(done.map(WithdrawHelpPayload))
    }

    /// Thanks for help that was accepted, once; it counts for the helper when others look for help.
    /// The users of the issue's enterprise.
    async fn thank_helper(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The thanks.")] input: ThankHelperInput,
    ) -> Option<Result<ThankHelperPayload>> {
        let done = act(ctx, |deps, actor| offers::thank(deps, actor, input)).await;
        Some(done.map(ThankHelperPayload))
    }
}
