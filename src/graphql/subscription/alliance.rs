//! Events of the alliance: memberships, pairings and what pairings do, offers of help.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Subscription, Union};
use sea_orm::sea_query::Condition;

use super::event::{Head, seen};
use super::turn::{Said, Turn, interest, last_event, say};
use crate::access::viewer::Viewer;
use crate::domain::membership::{policy as membership_policy, queries as memberships};
use crate::domain::pairing::{policy as pairing_policy, queries as pairings};
use crate::domain::user::queries::SHAPE as LOOKED_UP;
use crate::events::Happening;
use crate::graphql::interaction::PairingInteraction;
use crate::graphql::issue::peer_help::PeerHelpOffer;
use crate::graphql::membership::Membership;
use crate::graphql::pairing::Pairing;
use crate::graphql::session::Session;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;
use crate::store::list;
use crate::store::plan::Plan;
use crate::store::record::Record;
use crate::store::shape::Shape;

const KINDS: &[Kind] = &[
    Kind::Membership,
    Kind::Pairing,
    Kind::Interaction,
    Kind::HelpOffer,
];

/// What is shown of a membership; then what only those who judge it and its enterprise read.
pub(super) const MEMBERSHIP: [&str; 9] = [
    "version",
    "enterprise",
    "role",
    "status",
    "joinedOn",
    "leftOn",
    "isAssumed",
    "updatedAt",
    "endReason",
];
/// What is shown of a pairing; then what only the district side and the lead read.
pub(super) const PAIRING: [&str; 12] = [
    "version",
    "kind",
    "name",
    "goals",
    "status",
    "lead",
    "startsOn",
    "endsOn",
    "endReason",
    "updatedAt",
    "members",
    "underStrengthSince",
];
/// What is shown of an interaction.
pub(super) const INTERACTION: [&str; 11] = [
    "version",
    "type",
    "heldOn",
    "title",
    "summary",
    "modes",
    "aids",
    "participantCount",
    "dealType",
    "dealAmountBand",
    "pairing",
];

/// What is shown of an offer of help.
pub(super) const HELP_OFFER: [&str; 11] = [
    "version",
    "enterpriseIssue",
    "offerer",
    "aid",
    "body",
    "status",
    "decisionNote",
    "decidedAt",
    "thanks",
    "thankedAt",
    "updatedAt",
];

/// What an event of the alliance is about.
#[derive(Union)]
pub enum AllianceSubject {
    /// A membership.
    Membership(Membership),
    /// A pairing.
    Pairing(Pairing),
    /// An interaction of a pairing.
    Interaction(PairingInteraction),
    /// An offer of help (互助意向).
    HelpOffer(PeerHelpOffer),
}

/// Something that happened in the alliance, as the viewer may know it.
pub struct AllianceEvent {
    head: Head,
    subject: Option<(Kind, Record)>,
}

/// Something that happened in the alliance (联盟动态), as the viewer may know it.
#[Object]
impl AllianceEvent {
    /// What every event says.
    #[graphql(flatten)]
    async fn head(&self) -> &Head {
        &self.head
    }

    /// What it happened to, as the viewer sees it now; null for what ended and is no longer seen.
    async fn subject(&self) -> Option<AllianceSubject> {
        let (kind, record) = self.subject.clone()?;
        match kind {
            Kind::Membership => Some(AllianceSubject::Membership(record.into())),
            Kind::Pairing => Some(AllianceSubject::Pairing(record.into())),
            Kind::Interaction => Some(AllianceSubject::Interaction(record.into())),
            Kind::HelpOffer => Some(AllianceSubject::HelpOffer(record.into())),
            _ => None,
        }
    }
}

/// Subscriptions on the alliance.
#[derive(Default)]
pub struct AllianceSubscription;

#[Subscription]
impl AllianceSubscription {
    /// What happens in the alliance: memberships, pairings, interactions and offers of help, each to
    /// those who see it at that moment. That something in force ended is told to all who saw it, with
    /// `subject` null where they no longer do. Subscribe first and read afterwards: then nothing
    /// is missed in between. Auditors: FORBIDDEN.
    async fn alliance_feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last event that was received: goes on right after it.")]
        last_event_id: Option<ID>,
    ) -> Result<Said<AllianceEvent>> {
        let viewer = Session::of(ctx).viewer()?;
        if !membership_policy::may_read(viewer) {
            return Err(Error::Forbidden);
        }
        match Turn::of(ctx)? {
            Turn::Opening(desk) => {
                let interest = interest(viewer, KINDS, |_| true);
                desk.leave(interest, last_event(last_event_id.as_ref()));
                Ok(say(None))
            }
            Turn::Telling(happening) => Ok(say(tell(ctx, viewer, happening).await?)),
        }
    }
}

async fn tell(
    ctx: &Context<'_>,
    viewer: &Viewer,
    happening: Arc<Happening>,
) -> Result<Option<AllianceEvent>> {
    let (id, any) = (happening.aggregate_id, Condition::all());
    let (kind, found) = match happening.kind {
        Some(Kind::Membership) => (
            Kind::Membership,
            seen::<Membership>(ctx, "subject", id, any).await?,
        ),
        Some(Kind::Pairing) => (
            Kind::Pairing,
            seen::<Pairing>(ctx, "subject", id, any).await?,
        ),
        Some(Kind::Interaction) => {
            let found = seen::<PairingInteraction>(ctx, "subject", id, any).await?;
            (Kind::Interaction, found)
        }
        Some(Kind::HelpOffer) => {
            let found = seen::<PeerHelpOffer>(ctx, "subject", id, any).await?;
            (Kind::HelpOffer, found)
        }
        _ => return Ok(None),
    };
    let fields = match &found {
        Some(record) => fields(viewer, kind, record)?,
        None if was_seen(ctx, &happening).await? => &[],
        None => return Ok(None),
    };
    Ok(Some(AllianceEvent {
        head: Head::new(happening, fields.iter().copied(), &LOOKED_UP),
        subject: found.map(|record| (kind, record)),
    }))
}

/// The fields that a viewer reads of what it sees.
fn fields(viewer: &Viewer, kind: Kind, record: &Record) -> Result<&'static [&'static str]> {
    let (fields, all): (&'static [&'static str], bool) = match kind {
        Kind::Membership => {
            let enterprise = record.get("enterprise_id")?;
            let all = membership_policy::may_read_judgement(viewer, enterprise);
            (&MEMBERSHIP, all)
        }
        Kind::Pairing => {
            let all = pairing_policy::may_read_strength(viewer, record.get("lead_id")?);
            (&PAIRING, all)
        }
        Kind::HelpOffer => (&HELP_OFFER, true),
        _ => (&INTERACTION, true),
    };
    let shown = if all { fields.len() } else { fields.len() - 1 };
    Ok(fields.get(..shown).unwrap_or(fields))
}

/// Whether an event ended something that the viewer saw while it was in force.
async fn was_seen(ctx: &Context<'_>, happening: &Happening) -> Result<bool> {
    let ended: &'static Shape = match happening.name.as_str() {
        "membership.ended" => &memberships::ENDED,
        "pairing.ended" => &pairings::ENDED,
        _ => return Ok(false),
    };
    let session = Session::of(ctx);
    let plan = Arc::new(Plan::new::<super::super::selection::Selected<'_>>(
        ended,
        &[],
        [],
    ));
    let (db, scope) = (&session.deps.db, session.scope()?);
    let found = list::one(db, &scope, &plan, happening.aggregate_id).await?;
    Ok(found.is_some())
}
