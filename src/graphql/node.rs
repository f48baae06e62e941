//! Anything by its id alone. A kind is one line in the table below.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Object};
use uuid::Uuid;

use super::assignment::OfficerAssignment;
use super::attachment::Attachment;
use super::connection::Concept;
use super::contact::Contact;
use super::department::Department;
use super::district::{District, DistrictPolicy};
use super::enterprise::Enterprise;
use super::interaction::PairingInteraction;
use super::issue::EnterpriseIssue;
use super::issue::care::{IssueAppeal, IssueCallback, IssueExtension};
use super::issue::clocks::{ClockRule, IssueClock};
use super::issue::cluster::IssueCluster;
use super::issue::peer_help::PeerHelpOffer;
use super::issue::supervision::{IssueSupervision, JointMeeting};
use super::issue::timeline::{
    IssueCategory, IssueCoDepartment, IssueProgress, IssueRating, IssueTransition,
};
use super::membership::Membership;
use super::officer::ServiceOfficer;
use super::pairing::{Pairing, PairingMember};
use super::selection::Selected;
use super::session::Session;
use super::supply_chain::SupplyChainLink;
use super::user::User;
use super::visit::{ServiceVisit, VisitParticipant};
use crate::kernel::error::{Error, Message, Result};
use crate::kernel::id::{Kind, decode_any};
use crate::store::list;
use crate::store::plan::Plan;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// The most ids of one question.
const MOST: usize = 100;

macro_rules! kinds {
    ($($kind:ident => $object:ident),* $(,)?) => {
        /// Anything that has an id of its own.
        #[derive(Interface)]
        #[graphql(field(name = "id", ty = "ID", desc = "The id, unique in the whole schema."))]
        pub enum Node {
            $(
                #[allow(missing_docs, reason = "an object of the schema, documented there")]
                $kind($object),
            )*
        }

        /// The object of a row.
        fn object(kind: Kind, record: Record) -> Node {
            match kind {
                $(Kind::$kind => Node::$kind($object::from(record)),)*
            }
        }

        fn shape(kind: Kind) -> &'static Shape {
            match kind {
                $(Kind::$kind => <$object as Concept>::shape(),)*
            }
        }
    };
}

kinds! {
    District => District,
    Policy => DistrictPolicy,
    Department => Department,
    Enterprise => Enterprise,
    Membership => Membership,
    Pairing => Pairing,
    PairingMember => PairingMember,
    Interaction => PairingInteraction,
    Officer => ServiceOfficer,
    Assignment => OfficerAssignment,
    Visit => ServiceVisit,
    Participant => VisitParticipant,
    User => User,
    Issue => EnterpriseIssue,
    Category => IssueCategory,
    CoDepartment => IssueCoDepartment,
    Transition => IssueTransition,
    Progress => IssueProgress,
    Rating => IssueRating,
    Extension => IssueExtension,
    Callback => IssueCallback,
    Appeal => IssueAppeal,
    Cluster => IssueCluster,
    Clock => IssueClock,
    ClockRule => ClockRule,
    Supervision => IssueSupervision,
    Meeting => JointMeeting,
    Contact => Contact,
    Attachment => Attachment,
    HelpOffer => PeerHelpOffer,
    SupplyLink => SupplyChainLink,
}

/// The plan of a kind at this field. Fields of other kinds' fragments are none of its own, so
/// the plan passes them over.
fn plan(ctx: &Context<'_>, shape: &'static Shape) -> Arc<Plan> {
    Arc::new(Plan::new(shape, &Selected::fields_of(&ctx.field()), []))
}

async fn one(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let session = Session::of(ctx);
    let scope = session.scope()?;
    let Some((kind, id)) = decode_any(id) else {
        return Ok(None);
    };
    let plan = plan(ctx, shape(kind));
    let record = list::one(&session.deps.db, &scope, &plan, id).await?;
    Ok(record.map(|record| object(kind, record)))
}

async fn many(ctx: &Context<'_>, ids: &[ID]) -> Result<Vec<Option<Node>>> {
    let session = Session::of(ctx);
    let scope = session.scope()?;
    if ids.len() > MOST {
        return Err(Error::BadInput(Message::new(
            format!("ids 最多 {MOST} 个"),
            format!("At most {MOST} ids."),
        )));
    }
    let wanted: Vec<_> = ids.iter().map(|id| decode_any(id)).collect();
    let mut kinds: BTreeMap<Kind, Vec<Uuid>> = BTreeMap::new();
    for (kind, id) in wanted.iter().flatten() {
        kinds.entry(*kind).or_default().push(*id);
    }
    let mut found = BTreeMap::new();
    for (kind, ids) in kinds {
        let plan = plan(ctx, shape(kind));
        let records = list::by_ids(&session.deps.db, &scope, &plan, &ids).await?;
        found.insert(kind, records);
    }
    let node = |(kind, id): (Kind, Uuid)| {
        let record = found.get(&kind)?.get(&id)?;
        Some(object(kind, record.clone()))
    };
    Ok(wanted.into_iter().map(|key| key.and_then(node)).collect())
}

/// Queries by id.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its id; null where there is nothing that the viewer sees. Everybody who is
    /// signed in: what comes back follows the rules of its kind.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Option<Result<Node>> {
        one(ctx, &id).await.transpose()
    }

    /// Many by their ids, in their order; null in the place of what the viewer does not see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids, at most 100.")] ids: Vec<ID>,
    ) -> Option<Result<Vec<Option<Node>>>> {
        Some(many(ctx, &ids).await)
    }
}
