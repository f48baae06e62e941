//! Who is signed in, on the wire.

use std::sync::Arc;

use async_graphql::{Context, Object};
use entity::membership::MembershipRole;
use entity::user_account::UserRole;

use super::connection::node;
use super::district::District;
use super::enterprise::Enterprise;
use super::in_place::InPlace;
use super::officer::ServiceOfficer;
use super::session::Session;
use super::user::User;
use crate::access::viewer::{Standing, Viewer};
use crate::domain::permissions;
use crate::domain::scalar::{Date, Timestamp};
use crate::kernel::clock::business_date;
use crate::kernel::error::{Error, Result};

/// Who is signed in.
pub struct ViewerObject(Arc<Viewer>);

/// Who is signed in, and as what: token and database weighed together.
#[Object(name = "Viewer")]
impl ViewerObject {
    /// The user.
    async fn user(&self, ctx: &Context<'_>) -> Result<InPlace<User>> {
        let user = node(ctx, self.0.user_id).await?;
        user.ok_or_else(|| Error::Internal("the viewer is no user".to_owned()))
    }

    /// The role in effect. The database decides; a token can only narrow it: a LEAD whose
    /// enterprise does not lead is a MEMBER.
    async fn role(&self) -> UserRole {
        match self.0.standing {
            Standing::Admin | Standing::Operator | Standing::Auditor | Standing::Officer(_) => {
                UserRole::District
            }
            Standing::Lead(_) => UserRole::Lead,
            Standing::Member(_) => UserRole::Member,
        }
    }

    /// Whether the viewer administers the district.
    async fn is_admin(&self) -> bool {
        self.0.is_admin()
    }

    /// Whether the viewer audits, and sees nothing else.
    async fn is_auditor(&self) -> bool {
        self.0.is_auditor()
    }

    /// Whether the viewer is a chief service officer (首席服务官), narrowed to the rows of a post.
    async fn is_officer(&self) -> bool {
        self.0.post().is_some()
    }

    /// The post of a chief service officer (首席服务官); null for everybody else.
    async fn officer(&self, ctx: &Context<'_>) -> Option<Result<InPlace<ServiceOfficer>>> {
        node(ctx, self.0.post()?.officer_id).await.transpose()
    }

    /// The enterprise of a LEAD or MEMBER; null for the district side.
    async fn enterprise(&self, ctx: &Context<'_>) -> Option<Result<InPlace<Enterprise>>> {
        node(ctx, self.0.seat()?.enterprise_id).await.transpose()
    }

    /// The role of that enterprise in the alliance; null outside the alliance.
    async fn alliance_role(&self) -> Option<MembershipRole> {
        self.0.seat()?.alliance
    }

    /// The district.
    async fn district(&self, ctx: &Context<'_>) -> Result<InPlace<District>> {
        let district = node(ctx, self.0.district_id).await?;
        district.ok_or_else(|| Error::Internal("the viewer has no district".to_owned()))
    }

    /// The programme's time, which a demonstration sets apart from the real one.
    async fn now(&self, ctx: &Context<'_>) -> Timestamp {
        Timestamp(Session::of(ctx).deps.clock.now())
    }

    /// The programme's day in Asia/Shanghai.
    async fn today(&self, ctx: &Context<'_>) -> Date {
        Date(business_date(Session::of(ctx).deps.clock.now()))
    }

    /// The mutations that the viewer's role may ever call, by name; any other answers FORBIDDEN.
    /// Whether one is possible on a row is decided row by row.
    async fn permissions(&self) -> Vec<&'static str> {
        permissions::of(&self.0)
    }
}

/// Queries on who is signed in.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who is signed in. Everybody who is.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Result<ViewerObject>> {
        let viewer = Session::of(ctx).viewer();
        Some(viewer.map(|viewer| ViewerObject(Arc::clone(viewer))))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeSet;

    use super::permissions::MUTATIONS;

    #[test]
    fn the_table_of_permissions_names_every_mutation_and_no_other() {
        let sdl = crate::graphql::sdl();
        let (_, rest) = sdl.split_once("type Mutation {").unwrap();
        let (fields, _) = rest.split_once("\n}").unwrap();
        // A field stands one tab in, and its one argument a line below.
        let served: BTreeSet<_> = fields
            .lines()
            .filter_map(|line| line.strip_prefix('\t')?.strip_suffix('('))
            .collect();
        let listed: BTreeSet<_> = MUTATIONS.iter().map(|(name, _)| *name).collect();
        assert!(!served.is_empty());
        assert_eq!(served, listed);
        assert_eq!(listed.len(), MUTATIONS.len(), "no mutation twice");
    }
}
