//! Issues that may be the same as one that is being written.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::EnterpriseIssue;
use crate::domain::input::row_id;
use crate::domain::issue::{policy, similar};
use crate::graphql::connection;
use crate::graphql::in_place::InPlace;
use crate::graphql::session::Session;
use crate::kernel::error::{Error, Message, Result};
use crate::kernel::id::Kind;

/// The most issues that are told of at a time.
const MOST: i32 = 20;

/// How many are asked for.
///
/// # Errors
/// `BadInput` out of the range.
pub(super) fn counted(first: i32, most: i32) -> Result<usize> {
    let in_range = (1..=most).contains(&first);
    let count = usize::try_from(first).ok().filter(|_| in_range);
    count.ok_or_else(|| {
        Error::BadInput(Message::new(
            format!("first 的取值范围为 1 到 {most}"),
            format!("first is from 1 to {most}."),
        ))
    })
}

/// An issue whose title is like another.
#[derive(SimpleObject)]
pub struct SimilarIssue {
    /// The issue.
    enterprise_issue: InPlace<EnterpriseIssue>,
    /// How much alike the titles are, from 0.3 to 1: twice the pairs of characters that they have
    /// in common, of the pairs of both.
    score: f64,
}

/// Queries on similar issues.
#[derive(Default)]
pub struct SimilarQuery;

#[Object]
impl SimilarQuery {
    /// Submitted issues that the viewer sees whose titles are like one that is being written
    /// (相似诉求), the likest first. Letters and digits alone count, whatever their width and case;
    /// texts are not looked at. Auditors: FORBIDDEN.
    async fn similar_issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The title; its first 200 characters count.")] title: String,
        #[graphql(desc = "Only issues of this enterprise.")] enterprise_id: Option<ID>,
        #[graphql(desc = "The first so many, 1 to 20.", default = 5)] first: i32,
    ) -> Option<Result<Vec<SimilarIssue>>> {
        let found = async {
            let session = Session::of(ctx);
            if !policy::may_ever_create(session.viewer()?) {
                return Err(Error::Forbidden);
            }
            let (db, scope) = (&session.deps.db, session.scope()?);
            let most = counted(first, MOST)?;
            let enterprise = enterprise_id.map(|id| row_id(Kind::Enterprise, &id));
            let like = similar::similar(db, &scope, &title, enterprise, most).await?;
            let ids: Vec<_> = like.iter().map(|(id, _)| *id).collect();
            let mut rows = connection::those(ctx, "enterpriseIssue", &ids).await?;
            let like = like.into_iter().filter_map(|(id, likeness)| {
                let parts = f64::from(i32::try_from(likeness).unwrap_or(i32::MAX));
                Some(SimilarIssue {
                    enterprise_issue: rows.remove(&id)?,
                    score: parts / 1000.0,
                })
            });
            Ok(like.collect())
        };
        Some(found.await)
    }
}
