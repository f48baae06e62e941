//! Reads of attachments: their shape, and who sees which.

use entity::attachment::{self, AttachmentStatus, Entity};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::domain::issue::queries as issues;
use crate::domain::user::queries::ACTOR;
use crate::domain::visit::queries as visits;
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::col;
use crate::store::keyset::{KeyType, OrderKey};
use crate::store::list::Criteria;
use crate::store::plan::ROOT;
use crate::store::shape::{Parent, Shape, column_of};

/// Attachments as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::Attachment,
    table: "attachment",
    column: column_of::<attachment::Column>,
    needs: &[
        ("downloadUrl", &["status"]),
        ("uploadUrl", &["status", "uploaded_by_id", "expires_at"]),
    ],
    always: &[],
    computed: &[],
    parents: &[
        Parent {
            field: "issue",
            column: "issue_id",
            shape: &issues::SHAPE,
        },
        Parent {
            field: "visit",
            column: "visit_id",
            shape: &visits::SHAPE,
        },
        Parent {
            field: "uploadedBy",
            column: "uploaded_by_id",
            shape: &ACTOR,
        },
    ],
    visible,
};

/// Until it is confirmed: its uploader. Then whoever reads the text of its issue, in full and not
/// in brief, or sees its visit.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    let is_attached = || col(at, "status").eq(AttachmentStatus::Attached.to_value());
    let own = Condition::all()
        .add(is_attached().not())
        .add(col(at, "uploaded_by_id").eq(scope.viewer.user_id));
    let mut issue = Query::select();
    issue
        .expr(Expr::val(1))
        .from_as("enterprise_issue", "ai")
        .and_where(col("ai", "id").eq(col(at, "issue_id")))
        .cond_where(issues::visible(scope, "ai"))
        .cond_where(issues::in_full(scope, "ai"));
    if scope.viewer.post().is_some() {
        let open = col("ai", "is_confidential").eq(false);
        issue.cond_where(issues::handled(scope, "ai").add(open));
    }
    let mut visit = Query::select();
    visit
        .expr(Expr::val(1))
        .from_as("service_visit", "av")
        .and_where(col("av", "id").eq(col(at, "visit_id")))
        .cond_where(visits::visible(scope, "av"));
    let shown = Condition::any()
        .add(Expr::exists(issue))
        .add(Expr::exists(visit));
    let attached = Condition::all().add(is_attached()).add(shown);
    Condition::all()
        .add(col(at, "district_id").eq(scope.viewer.district_id))
        .add(Condition::any().add(own).add(attached))
}

/// What hangs on an issue or a visit, the first attached first.
#[must_use]
pub fn attached() -> Criteria {
    let status = AttachmentStatus::Attached.to_value();
    Criteria {
        filter: Condition::all().add(col(ROOT, "status").eq(status)),
        order: vec![OrderKey::new("created_at", KeyType::Time)],
    }
}

/// How many hang on an issue or a visit or are on their way there.
///
/// # Errors
/// When the database fails.
pub async fn count(
    conn: &impl ConnectionTrait,
    issue: Option<Uuid>,
    visit: Option<Uuid>,
) -> Result<u64> {
    let mut found = Entity::find();
    if let Some(issue) = issue {
        found = found.filter(attachment::Column::IssueId.eq(issue));
    }
    if let Some(visit) = visit {
        found = found.filter(attachment::Column::VisitId.eq(visit));
    }
    Ok(found.count(conn).await?)
}
