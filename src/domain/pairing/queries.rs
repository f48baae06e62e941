//! Reads of pairings, their members and their interactions.

use entity::membership::MembershipRole;
use entity::pairing::{self, PairingKind};
use entity::{pairing_interaction, pairing_member};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::rules::{self, Size};
use super::{
    InteractionFilter, InteractionOrderField, PairingFilter, PairingMemberFilter,
    PairingMemberOrderField, PairingOrderField,
};
use crate::access::viewer::Standing;
use crate::domain::district::queries::policy;
use crate::domain::enterprise::queries::SHAPE as ENTERPRISE;
use crate::domain::filter;
use crate::domain::order::{self, Direction};
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::kernel::text::like_pattern;
use crate::store::Scope;
use crate::store::dialect::{col, contains, in_ids, never, truth};
use crate::store::keyset::{KeyType, OrderKey};
use crate::store::list::Criteria;
use crate::store::plan::ROOT;
use crate::store::shape::{Computed, Parent, Shape, column_of};

/// Pairings as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::Pairing,
    table: "pairing",
    column: column_of::<pairing::Column>,
    needs: &[
        ("isRedacted", &["reads_interactions"]),
        (
            "isUnderStrengthOverdue",
            &["under_strength_since", "under_strength_grace_days"],
        ),
        (
            "lastInteractionOn",
            &["reads_interactions", "last_interaction_on"],
        ),
        (
            "isIdle",
            &[
                "reads_interactions",
                "last_interaction_on",
                "idle_pairing_days",
                "status",
                "starts_on",
            ],
        ),
        ("interactions", &["reads_interactions"]),
        ("viewerActions", &["status", "kind"]),
    ],
    always: &["lead_id"],
    computed: &[
        Computed {
            name: "reads_interactions",
            sql: |scope, at| truth(readable(scope, col(at, "id"))),
        },
        Computed {
            name: "last_interaction_on",
            sql: |_, at| {
                Expr::cust(format!(
                    "(SELECT max(pi.held_on) FROM pairing_interaction pi WHERE pi.pairing_id = \"{at}\".id)"
                ))
            },
        },
        Computed {
            name: "under_strength_grace_days",
            sql: |_, at| policy_value("under_strength_grace_days", at),
        },
        Computed {
            name: "idle_pairing_days",
            sql: |_, at| policy_value("idle_pairing_days", at),
        },
    ],
    parents: &[Parent {
        field: "lead",
        column: "lead_id",
        shape: &ENTERPRISE,
    }],
    visible,
};

/// Pairings that were in force and ended, for those of the alliance, who saw them: only to tell
/// that they ended, never to read one.
pub static ENDED: Shape = Shape {
    kind: Kind::Pairing,
    table: "pairing",
    column: column_of::<pairing::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[],
    visible: |scope, at| {
        within(scope, at, |_| {
            let ended = literal(at, "status = 'ENDED'");
            // A draft that is dropped was never in force, nor seen.
            Condition::all()
                .add(ended)
                .add(col(at, "starts_on").is_not_null())
        })
    },
};

/// The members of pairings as the reader knows them.
pub static MEMBER: Shape = Shape {
    kind: Kind::PairingMember,
    table: "pairing_member",
    column: column_of::<pairing_member::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[
        Parent {
            field: "enterprise",
            column: "enterprise_id",
            shape: &ENTERPRISE,
        },
        Parent {
            field: "pairing",
            column: "pairing_id",
            shape: &SHAPE,
        },
    ],
    visible: member_visible,
};

/// The interactions of pairings as the reader knows them.
pub static INTERACTION: Shape = Shape {
    kind: Kind::Interaction,
    table: "pairing_interaction",
    column: column_of::<pairing_interaction::Column>,
    needs: &[("type", &["interaction_type"])],
    always: &[],
    computed: &[],
    parents: &[Parent {
        field: "pairing",
        column: "pairing_id",
        shape: &SHAPE,
    }],
    visible: interaction_visible,
};

/// District side: all of the district. Enterprises of the alliance: what is in force, and in any
/// state what they lead or take or took part in. Everybody else: none.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    within(scope, at, |own| {
        Condition::any()
            .add(in_force(at))
            .add(col(at, "lead_id").eq(own))
            .add(col(at, "id").in_subquery(taken_part(own)))
    })
}

/// As the pairings: of those in force the members of today, of the viewer's own all.
#[must_use]
pub fn member_visible(scope: &Scope, at: &'static str) -> Condition {
    within(scope, at, |own| {
        Condition::any()
            .add(literal(at, "status = 'ACTIVE'"))
            .add(col(at, "lead_id").eq(own))
            .add(col(at, "pairing_id").in_subquery(taken_part(own)))
    })
}

/// District staff: all of the district. Officers: of pairings in force that hold an enterprise
/// they serve. Enterprises: of their own pairings in force. Everybody else: none.
#[must_use]
pub fn interaction_visible(scope: &Scope, at: &'static str) -> Condition {
    Condition::all()
        .add(col(at, "district_id").eq(scope.viewer.district_id))
        .add(readable(scope, col(at, "pairing_id")))
}

/// The one rule on interactions, on the id of their pairing.
fn readable(scope: &Scope, pairing: Expr) -> Condition {
    let rule = match &scope.viewer.standing {
        Standing::Admin | Standing::Operator => return Condition::all(),
        Standing::Auditor => return never(),
        Standing::Lead(seat) | Standing::Member(seat) => {
            in_ids(scope.backend, pairing, &seat.pairings)
        }
        Standing::Officer(post) => {
            let assigned = |at, column| in_ids(scope.backend, col(at, column), &post.assigned);
            let mut led = Query::select();
            led.expr(col("pp", "id"))
                .from_as("pairing", "pp")
                .and_where(in_force("pp"))
                .and_where(assigned("pp", "lead_id"));
            let mut joined = Query::select();
            joined
                .expr(col("pm", "pairing_id"))
                .from_as("pairing_member", "pm")
                .and_where(literal("pm", "status = 'ACTIVE'"))
                .and_where(assigned("pm", "enterprise_id"));
            let either = pairing.clone().in_subquery(led);
            either.or(pairing.in_subquery(joined))
        }
    };
    Condition::all().add(rule)
}

/// What all three tables share: the district, and what an enterprise of the alliance sees of it.
fn within(scope: &Scope, at: &'static str, alliance: impl FnOnce(Uuid) -> Condition) -> Condition {
    let district = col(at, "district_id").eq(scope.viewer.district_id);
    let within = Condition::all().add(district);
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) => within,
        Standing::Lead(seat) | Standing::Member(seat) if seat.alliance.is_some() => {
            within.add(alliance(seat.enterprise_id))
        }
        Standing::Auditor | Standing::Lead(_) | Standing::Member(_) => within.add(never()),
    }
}

/// The pairings that an enterprise is or was a member of, or is proposed for.
fn taken_part(enterprise: Uuid) -> SelectStatement {
    let mut pairings = Query::select();
    pairings
        .expr(col("tp", "pairing_id"))
        .from_as("pairing_member", "tp")
        .and_where(col("tp", "enterprise_id").eq(enterprise))
        .and_where(Expr::cust(
            "(\"tp\".status <> 'LEFT' OR \"tp\".joined_on IS NOT NULL)",
        ));
    pairings
}

/// A literal, not a bound value: then the database can use the partial index on it.
fn literal(at: &'static str, rule: &str) -> Expr {
    Expr::cust(format!("\"{at}\".{rule}"))
}

fn in_force(at: &'static str) -> Expr {
    literal(at, "status IN ('ACTIVE', 'UNDER_STRENGTH')")
}

fn policy_value(column: &str, at: &'static str) -> Expr {
    Expr::cust(format!(
        "(SELECT dp.{column} FROM district_policy dp WHERE dp.district_id = \"{at}\".district_id ORDER BY dp.revision DESC LIMIT 1)"
    ))
}

fn keys<F: Copy>(order: &[(F, Direction)], key: fn(F) -> OrderKey) -> Vec<OrderKey> {
    order
        .iter()
        .map(|(field, direction)| direction.of(key(*field)))
        .collect()
}

/// What a list of pairings is narrowed and sorted by.
///
/// # Errors
/// `BadInput` for a malformed filter.
pub fn criteria(
    scope: &Scope,
    filter: Option<&PairingFilter>,
    search: Option<&str>,
    order: &[(PairingOrderField, Direction)],
) -> Result<Criteria> {
    let mut all = filter::of(filter, scope, ROOT)?;
    if let Some(words) = search.map(str::trim).filter(|words| !words.is_empty()) {
        let name = Expr::expr(Func::lower(col(ROOT, "name")));
        all = all.add(contains(name, like_pattern(&words.to_lowercase())));
    }
    Ok(Criteria {
        filter: all,
        order: order::or_newest(keys(order, PairingOrderField::key)),
    })
}

/// What a list of members is narrowed and sorted by.
///
/// # Errors
/// `BadInput` for a malformed filter.
pub fn member_criteria(
    scope: &Scope,
    filter: Option<&PairingMemberFilter>,
    order: &[(PairingMemberOrderField, Direction)],
) -> Result<Criteria> {
    Ok(Criteria {
        filter: filter::of(filter, scope, ROOT)?,
        order: order::or_newest(keys(order, PairingMemberOrderField::key)),
    })
}

/// What a list of interactions is narrowed and sorted by: the last held first where no order is
/// asked for.
///
/// # Errors
/// `BadInput` for a malformed filter.
pub fn interaction_criteria(
    scope: &Scope,
    filter: Option<&InteractionFilter>,
    order: &[(InteractionOrderField, Direction)],
) -> Result<Criteria> {
    let mut order = keys(order, InteractionOrderField::key);
    if order.is_empty() {
        order.push(OrderKey::new("held_on", KeyType::Date).descending(true));
    }
    Ok(Criteria {
        filter: filter::of(filter, scope, ROOT)?,
        order,
    })
}

/// A pairing in force that an enterprise takes part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The pairing.
    pub pairing_id: Uuid,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// Its kind.
    pub kind: PairingKind,
    /// Whether the enterprise leads it.
    pub leads: bool,
}

impl InForce {
    /// Whether the enterprise could stay with another role in the alliance.
    #[must_use]
    pub const fn allows(&self, role: MembershipRole) -> bool {
        rules::role_suits(self.kind, self.leads, role)
    }
}

/// The pairings in force of these enterprises, on either side, whoever asks: for the rules of a
/// command.
///
/// # Errors
/// When the database fails.
pub async fn in_force_of<C: ConnectionTrait>(db: &C, enterprises: &[Uuid]) -> Result<Vec<InForce>> {
    let backend = db.get_database_backend();
    let led: Vec<(Uuid, Uuid, PairingKind)> = pairing::Entity::find()
        .select_only()
        .columns([
            pairing::Column::Id,
            pairing::Column::LeadId,
            pairing::Column::Kind,
        ])
        .filter(in_force("pairing"))
        .filter(in_ids(backend, col("pairing", "lead_id"), enterprises))
        .into_tuple()
        .all(db)
        .await?;
    let joined: Vec<(Uuid, Uuid, PairingKind)> = pairing_member::Entity::find()
        .select_only()
        .columns([
            pairing_member::Column::PairingId,
            pairing_member::Column::EnterpriseId,
            pairing_member::Column::Kind,
        ])
        .filter(literal("pairing_member", "status = 'ACTIVE'"))
        .filter(in_ids(
            backend,
            col("pairing_member", "enterprise_id"),
            enterprises,
        ))
        .into_tuple()
        .all(db)
        .await?;
    let found = |leads| {
        move |(pairing_id, enterprise_id, kind)| InForce {
            pairing_id,
            enterprise_id,
            kind,
            leads,
        }
    };
    let led = led.into_iter().map(found(true));
    Ok(led.chain(joined.into_iter().map(found(false))).collect())
}

/// Whether two enterprises take part in one pairing in force, on either side: a condition on two
/// columns of a statement.
#[must_use]
pub fn share_one(one: &str, other: &str) -> String {
    let takes_part = |enterprise: &str| {
        format!(
            "(sp.lead_id = {enterprise} OR EXISTS (SELECT 1 FROM pairing_member sm \
             WHERE sm.pairing_id = sp.id AND sm.status = 'ACTIVE' AND sm.enterprise_id = {enterprise}))"
        )
    };
    format!(
        "EXISTS (SELECT 1 FROM pairing sp WHERE sp.status IN ('ACTIVE', 'UNDER_STRENGTH') \
         AND {} AND {})",
        takes_part(one),
        takes_part(other)
    )
}

/// How many members a pairing of a kind has by the district's policy in force.
///
/// # Errors
/// `Internal` where the district has no policy, or when the database fails.
pub async fn size<C: ConnectionTrait>(db: &C, district: Uuid, kind: PairingKind) -> Result<Size> {
    if kind == PairingKind::SoePrivate {
        return Ok(Size::ONE);
    }
    let policy = policy(db, district).await?;
    Ok(Size {
        min: policy.pairing_min_members,
        max: policy.pairing_max_members,
    })
}
