//! The GraphQL adapter: one file per concept, and the machinery that all share. It calls the
//! domain's queries and commands and knows no rule.

#![allow(
    clippy::missing_errors_doc,
    clippy::unused_async,
    reason = "a resolver is async by the macro's rule; the docs of resolvers are the schema's descriptions; its errors are coded"
)]

pub mod assignment;
pub mod attachment;
pub mod batch;
pub mod calendar;
pub mod catalogue;
pub mod connection;
pub mod contact;
pub mod department;
pub mod district;
pub mod documents;
pub mod enterprise;
pub mod execute;
pub mod guard;
pub mod in_place;
pub mod interaction;
pub mod issue;
pub mod membership;
pub mod node;
pub mod officer;
pub mod pairing;
pub mod payload;
pub mod rate_limit;
pub mod selection;
pub mod session;
pub mod shown;
pub mod statistics;
pub mod subscription;
pub mod supply_chain;
pub mod user;
pub mod validated;
pub mod viewer;
pub mod visit;

use async_graphql::{MergedObject, SDLExportOptions, Schema};

/// The root of all reads: one line per concept.
#[derive(MergedObject, Default)]
pub struct Query(
    catalogue::CatalogueQuery,
    contact::ContactQuery,
    department::DepartmentQuery,
    district::DistrictQuery,
    enterprise::EnterpriseQuery,
    issue::clocks::ClockQuery,
    issue::cluster::ClusterQuery,
    issue::peer_help::PeerHelpQuery,
    issue::root::IssueQuery,
    issue::similar::SimilarQuery,
    issue::statistics::IssueStatisticsQuery,
    issue::supervision::SupervisionQuery,
    membership::MembershipQuery,
    node::NodeQuery,
    officer::OfficerQuery,
    pairing::PairingQuery,
    rate_limit::RateLimitQuery,
    statistics::StatisticsQuery,
    viewer::ViewerQuery,
    visit::VisitQuery,
);

/// The root of all writes: one line per concept.
#[derive(MergedObject, Default)]
pub struct Mutation(
    assignment::AssignmentMutation,
    attachment::AttachmentMutation,
    calendar::CalendarMutation,
    contact::ContactMutation,
    department::DepartmentMutation,
    district::DistrictMutation,
    enterprise::EnterpriseMutation,
    interaction::InteractionMutation,
    issue::cluster::ClusterMutation,
    issue::life::IssueLifeMutation,
    issue::clocks::ClockMutation,
    issue::peer_help::PeerHelpMutation,
    issue::root::IssueMutation,
    issue::supervision::SupervisionMutation,
    membership::MembershipMutation,
    officer::OfficerMutation,
    pairing::PairingMutation,
    supply_chain::SupplyChainMutation,
    user::UserMutation,
    visit::VisitMutation,
);

/// The schema.
pub type ApiSchema = Schema<Query, Mutation, subscription::Subscription>;

/// The schema, as served. What a document may cost is bounded by the `guard`; the limits here are
/// a second line.
#[must_use]
pub fn schema(suggestions: bool) -> ApiSchema {
    let subscription = subscription::Subscription::default();
    let mut builder = Schema::build(Query::default(), Mutation::default(), subscription)
        .extension(validated::Once)
        .limit_depth(20)
        .limit_recursive_depth(64)
        .limit_directives(16)
        .limit_aliases(50);
    if !suggestions {
        builder = builder.disable_suggestions();
    }
    builder.finish()
}

/// The schema, as printed: with what its fields cost.
#[must_use]
pub fn sdl() -> String {
    let printed = SDLExportOptions::new().include_specified_by();
    guard::printed::with_costs(&schema(false).sdl_with_options(printed))
}
