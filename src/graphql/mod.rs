//! The GraphQL adapter: one file per concept, and the machinery that all share. It calls the
//! domain's queries and commands and knows no rule.

#![allow(
    clippy::missing_errors_doc,
    clippy::unused_async,
    reason = "a resolver is async by the macro's rule; the docs of resolvers are the schema's descriptions; its errors are coded"
)]

pub mod connection;
pub mod department;
pub mod district;
pub mod enterprise;
pub mod execute;
pub mod interaction;
pub mod issue;
pub mod membership;
pub mod node;
pub mod pairing;
pub mod payload;
pub mod selection;
pub mod session;
pub mod statistics;
pub mod user;
pub mod viewer;

use async_graphql::{EmptySubscription, MergedObject, SDLExportOptions, Schema};
use chrono::{DateTime, NaiveDate, Utc};

/// The root of all reads: one line per concept.
#[derive(MergedObject, Default)]
pub struct Query(
    department::DepartmentQuery,
    district::DistrictQuery,
    enterprise::EnterpriseQuery,
    issue::root::IssueQuery,
    membership::MembershipQuery,
    node::NodeQuery,
    pairing::PairingQuery,
    statistics::StatisticsQuery,
    viewer::ViewerQuery,
);

/// The root of all writes: one line per concept.
#[derive(MergedObject, Default)]
pub struct Mutation(
    department::DepartmentMutation,
    district::DistrictMutation,
    enterprise::EnterpriseMutation,
    interaction::InteractionMutation,
    issue::root::IssueMutation,
    membership::MembershipMutation,
    pairing::PairingMutation,
    user::UserMutation,
);

/// The schema.
pub type ApiSchema = Schema<Query, Mutation, EmptySubscription>;

/// The schema, as served and as printed. Limits that bound what a document may cost before it is
/// run; `execute` bounds what the parser sees.
#[must_use]
pub fn schema(suggestions: bool) -> ApiSchema {
    let mut builder = Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .limit_depth(20)
        .limit_recursive_depth(32)
        .limit_directives(16)
        .limit_aliases(50)
        .override_output_type_description::<DateTime<Utc>>(
            "An instant, RFC 3339, such as 2021-01-20T02:00:00Z.",
        )
        .override_output_type_description::<NaiveDate>(
            "A calendar day, ISO 8601, such as 2021-01-20.",
        );
    if !suggestions {
        builder = builder.disable_suggestions();
    }
    builder.finish()
}

/// The schema as it is printed, for clients and their tools.
#[must_use]
pub fn sdl() -> String {
    schema(false).sdl_with_options(SDLExportOptions::new().include_specified_by())
}
