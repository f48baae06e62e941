//! Enterprises on the wire.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use entity::enterprise::{EnterpriseStatus, Ownership, SizeClass};
use entity::membership::MembershipRole;
use sea_orm::sea_query::{Condition, ExprTrait};

use super::assignment::{self, OfficerAssignment, OfficerAssignmentOrder};
use super::connection::{self, Concept, Connection, Range, node, node_by};
use super::contact::Contact;
use super::district::District;
use super::in_place::InPlace;
use super::issue::{self, EnterpriseIssue, EnterpriseIssueOrder};
use super::membership::{self, Membership, MembershipOrder};
use super::officer::ServiceOfficer;
use super::pairing::{self, Pairing, PairingMember, PairingMemberOrder, PairingOrder};
use super::payload::{act, payload};
use super::session::Session;
use super::shown::if_may;
use super::supply_chain::SupplyChainLink;
use super::visit::{self, ServiceVisit, ServiceVisitOrder};
use crate::domain::contact::queries as contacts;
use crate::domain::enterprise::{
    CreateEnterpriseInput, DeactivateEnterpriseInput, EnterpriseBy, EnterpriseFilter,
    EnterpriseOrderField, UpdateEnterpriseInput, commands, policy, queries,
};
use crate::domain::input::row_id;
use crate::domain::issue::{IssueFilter, queries as issues};
use crate::domain::membership::{MembershipFilter, queries as memberships};
use crate::domain::officer::{OfficerAssignmentFilter, queries as officers};
use crate::domain::order::Direction;
use crate::domain::pairing::{PairingFilter, PairingMemberFilter, queries as pairings};
use crate::domain::scalar::Timestamp;
use crate::domain::supply_chain::queries as supply_chain;
use crate::domain::visit::{ServiceVisitFilter, queries as visits};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;
use crate::kernel::uscc::Uscc;
use crate::store::dialect::col;
use crate::store::plan::ROOT;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// An enterprise of the register (一企一档). District users and officers read all of their
/// district's. An enterprise's users read their own in full; of the alliance's others they read
/// id, name, role in the alliance, industry section and street, a lead the base profile of its
/// pairing's members too; the rest is null beside `isRedacted: true`.
pub struct Enterprise(Record);

impl From<Record> for Enterprise {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for Enterprise {
    const NAME: &'static str = "Enterprise";

    fn shape() -> &'static Shape {
        &queries::SHAPE
    }
}

impl Enterprise {
    fn reads_profile(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(policy::may_read_profile(
            Session::of(ctx).viewer()?,
            self.0.uuid()?,
        ))
    }

    /// A field of the base profile: null to those who read less.
    fn profile<T: sea_orm::TryGetable>(
        &self,
        ctx: &Context<'_>,
        column: &str,
    ) -> Option<Result<T>> {
        if_may(self.reads_profile(ctx), || self.0.opt(column))
    }
}

/// An enterprise of the register (一企一档).
#[Object]
impl Enterprise {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the row; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// The registered name.
    pub async fn name(&self) -> Result<String> {
        self.0.get("name")
    }

    /// The role of its active membership in the alliance; null outside the alliance.
    pub async fn alliance_role(&self) -> Option<Result<MembershipRole>> {
        self.0.opt("alliance_role")
    }

    /// Section letter of GB/T 4754-2017.
    pub async fn industry_section(&self) -> Option<Result<String>> {
        self.0.opt("industry_section")
    }

    /// Street code: nine digits, GB/T 2260 plus three.
    pub async fn street(&self) -> Option<Result<String>> {
        self.0.opt("street")
    }

    /// Whether the viewer reads less than the whole row: then null can mean "not for you".
    pub async fn is_redacted(&self, ctx: &Context<'_>) -> Result<bool> {
        let viewer = Session::of(ctx).viewer()?;
        let id = self.0.uuid()?;
        Ok(!policy::may_read_profile(viewer, id) || !policy::may_read_employees(viewer, id))
    }

    /// Unified social credit code (统一社会信用代码, GB 32100-2015).
    pub async fn uscc(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.profile(ctx, "uscc")
    }

    /// Why the check character of the code is waived.
    pub async fn uscc_waiver_reason(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.profile(ctx, "uscc_waiver_reason")
    }

    /// The name in daily use.
    pub async fn short_name(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.profile(ctx, "short_name")
    }

    /// Who owns it.
    pub async fn ownership(&self, ctx: &Context<'_>) -> Option<Result<Ownership>> {
        self.profile(ctx, "ownership")
    }

    /// Two to four digits of GB/T 4754-2017.
    pub async fn industry_code(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.profile(ctx, "industry_code")
    }

    /// The size class (国统字〔2017〕213号).
    pub async fn size_class(&self, ctx: &Context<'_>) -> Option<Result<SizeClass>> {
        self.profile(ctx, "size_class")
    }

    /// GB/T 2260 code of its seat.
    pub async fn region_code(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.profile(ctx, "region_code")
    }

    /// Employees. District side and own users; not the lead of its pairing.
    pub async fn employee_count(&self, ctx: &Context<'_>) -> Option<Result<i32>> {
        let may = self
            .0
            .uuid()
            .and_then(|id| Ok(policy::may_read_employees(Session::of(ctx).viewer()?, id)));
        if_may(may, || self.0.opt("employee_count"))
    }

    /// Tags (标签画像); peers who can help with an issue are matched by them.
    pub async fn tags(&self, ctx: &Context<'_>) -> Option<Result<Vec<String>>> {
        self.profile::<serde_json::Value>(ctx, "tags").map(texts)
    }

    /// A description.
    pub async fn description(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.profile(ctx, "description")
    }

    /// Whether it takes part.
    pub async fn status(&self, ctx: &Context<'_>) -> Option<Result<EnterpriseStatus>> {
        self.profile(ctx, "status")
    }

    /// When it was deactivated.
    pub async fn deactivated_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.profile(ctx, "deactivated_at")
    }

    /// Why it was deactivated.
    pub async fn deactivation_reason(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.profile(ctx, "deactivation_reason")
    }

    /// Whether the row is made up for demonstration.
    pub async fn is_synthetic(&self) -> Result<bool> {
        self.0.get("is_synthetic")
    }

    /// The fields of the row that are made up or assumed.
    pub async fn synthetic_fields(&self, ctx: &Context<'_>) -> Option<Result<Vec<String>>> {
        self.profile::<serde_json::Value>(ctx, "synthetic_fields")
            .map(texts)
    }

    /// When the row was written.
    pub async fn created_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.profile(ctx, "created_at")
    }

    /// When the row last changed.
    pub async fn updated_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.profile(ctx, "updated_at")
    }

    /// The district it is registered in.
    pub async fn district(&self) -> Result<InPlace<District>> {
        Ok(self.0.must_parent("district")?.into())
    }

    /// The enterprise it is a subsidiary of.
    pub async fn parent_enterprise(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<InPlace<Enterprise>>> {
        if_may(self.reads_profile(ctx), || {
            self.0
                .parent("parentEnterprise")
                .map(|parent| Ok(parent?.into()))
        })
    }

    /// Its subsidiaries that the viewer sees.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn subsidiaries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<EnterpriseFilter>>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<EnterpriseOrder>,
        >,
    ) -> Result<Connection<Enterprise>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "parent_enterprise_id", range, |scope| {
            queries::criteria(scope, filter.as_deref(), None, &orders(order_by))
        })
        .await
    }

    /// Its memberships of the alliance (红联共建) that the viewer sees: its own users and the
    /// district side the ended ones too.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn memberships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<MembershipFilter>>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<MembershipOrder>,
        >,
    ) -> Result<Connection<Membership>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "enterprise_id", range, |scope| {
            memberships::criteria(scope, filter.as_deref(), &membership::orders(order_by))
        })
        .await
    }

    /// The pairings (结对共建) that it leads and the viewer sees.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn led_pairings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<PairingFilter>>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<PairingOrder>,
        >,
    ) -> Result<Connection<Pairing>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "lead_id", range, |scope| {
            pairings::criteria(scope, filter.as_deref(), None, &pairing::orders(order_by))
        })
        .await
    }

    /// The enterprises that supply it (上游), as far as the viewer sees the links: the district side
    /// all of them, enterprises those of their own.
    pub async fn suppliers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<SupplyChainLink>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "customer_id", range, |_| {
            Ok(supply_chain::criteria())
        })
        .await
    }

    /// The enterprises that it supplies (下游), as far as the viewer sees the links.
    pub async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<SupplyChainLink>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "supplier_id", range, |_| {
            Ok(supply_chain::criteria())
        })
        .await
    }

    /// Its issues (企业诉求) that the viewer sees.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<IssueFilter>>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<EnterpriseIssueOrder>,
        >,
    ) -> Result<Connection<EnterpriseIssue>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "enterprise_id", range, |scope| {
            issues::criteria(scope, filter.as_deref(), None, &issue::orders(order_by))
        })
        .await
    }

    /// Its memberships of pairings (结对共建) that the viewer sees.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn pairing_memberships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<PairingMemberFilter>>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<PairingMemberOrder>,
        >,
    ) -> Result<Connection<PairingMember>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "enterprise_id", range, |scope| {
            pairings::member_criteria(scope, filter.as_deref(), &pairing::member_orders(order_by))
        })
        .await
    }

    /// The chief service officer (首席服务官) who serves it now; null without one. District side,
    /// officers and the enterprise itself.
    pub async fn officer(&self) -> Option<Result<InPlace<ServiceOfficer>>> {
        self.0.parent("officer").map(|parent| Ok(parent?.into()))
    }

    /// The officers who serve and served it (挂点联系), as far as the viewer sees it: the district
    /// side and officers all, an enterprise only its own.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn officer_assignments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<OfficerAssignmentFilter>>,
        #[graphql(desc = "In which order; the last begun first where absent.")] order_by: Option<
            Vec<OfficerAssignmentOrder>,
        >,
    ) -> Result<Connection<OfficerAssignment>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "enterprise_id", range, |scope| {
            officers::assignment_criteria(scope, filter.as_deref(), &assignment::orders(order_by))
        })
        .await
    }

    /// Its contacts (联系人) that the viewer sees, the newest first; those of its issues stand with
    /// them.
    pub async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Contact>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "enterprise_id", range, |_| {
            Ok(contacts::of_enterprise())
        })
        .await
    }

    /// The visits (走访) to it that the viewer sees.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn visits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<ServiceVisitFilter>>,
        #[graphql(desc = "In which order; the latest planned first where absent.")]
        order_by: Option<Vec<ServiceVisitOrder>>,
    ) -> Result<Connection<ServiceVisit>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "enterprise_id", range, |scope| {
            visits::criteria(scope, filter.as_deref(), None, &visit::orders(order_by))
        })
        .await
    }
}

/// A list of texts as it is stored.
pub(super) fn texts(stored: Result<serde_json::Value>) -> Result<Vec<String>> {
    serde_json::from_value(stored?).map_err(|error| Error::Internal(error.to_string()))
}

/// One key of an order.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct EnterpriseOrder {
    /// What to sort by.
    pub field: EnterpriseOrderField,
    /// The direction; great values first where absent.
    #[graphql(default_with = "Direction::Desc")]
    pub direction: Direction,
}

fn orders(order: Option<Vec<EnterpriseOrder>>) -> Vec<(EnterpriseOrderField, Direction)> {
    order
        .unwrap_or_default()
        .into_iter()
        .map(|key| (key.field, key.direction))
        .collect()
}

/// How a candidate equals what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum DuplicateMatch {
    /// The same credit code.
    Uscc,
    /// The same name.
    Name,
}

/// An enterprise that may be the same.
#[derive(SimpleObject)]
pub struct DuplicateCandidate {
    /// The id.
    id: ID,
    /// The name with its middle masked.
    name_masked: String,
    /// What is the same.
    matched_by: DuplicateMatch,
}

/// Whether an enterprise is in the register already.
#[derive(SimpleObject)]
pub struct DuplicateCheck {
    /// Whether there is one.
    is_duplicate: bool,
    /// Those found, at most five.
    candidates: Vec<DuplicateCandidate>,
}

/// The first and the last two characters; the rest is masked.
fn masked(name: &str) -> String {
    let length = name.chars().count();
    let shown = |place: usize| place < 2 || place + 2 >= length;
    let mask = |(place, letter)| if shown(place) { letter } else { '*' };
    name.chars().enumerate().map(mask).collect()
}

/// Queries on enterprises.
#[derive(Default)]
pub struct EnterpriseQuery;

#[Object]
impl EnterpriseQuery {
    /// One enterprise by id or credit code; null where there is none that the viewer sees.
    /// A credit code finds only rows whose code the viewer may read.
    async fn enterprise(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Exactly one key.")] by: EnterpriseBy,
    ) -> Option<Result<InPlace<Enterprise>>> {
        let found = async {
            let session = Session::of(ctx);
            if !policy::may_read(session.viewer()?) {
                return Err(Error::Forbidden);
            }
            match by {
                EnterpriseBy::Id(id) => node(ctx, row_id(Kind::Enterprise, &id)).await,
                EnterpriseBy::Uscc(text) => {
                    // A code that cannot be one is nobody's.
                    let Ok(uscc) = Uscc::without_check(&text) else {
                        return Ok(None);
                    };
                    let scope = session.scope()?;
                    let which = Condition::all()
                        .add(col(ROOT, "uscc").eq(uscc.into_string()))
                        .add(queries::in_full(&scope, ROOT));
                    node_by(ctx, which).await
                }
            }
        };
        found.await.transpose()
    }

    /// The enterprises that the viewer sees. District side, officers: all of the district;
    /// enterprises: their own and the alliance's. Auditors: FORBIDDEN.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    async fn enterprises(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<EnterpriseFilter>>,
        #[graphql(desc = "Part of a name or of a credit code, in any script.")] search: Option<
            String,
        >,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<EnterpriseOrder>,
        >,
    ) -> Option<Result<Connection<Enterprise>>> {
        let range = Range::new(first, after, last, before);
        let listed = async {
            if !policy::may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            connection::root(ctx, "enterprises", range, |scope| {
                queries::criteria(
                    scope,
                    filter.as_deref(),
                    search.as_deref(),
                    &orders(order_by),
                )
            })
            .await
        };
        Some(listed.await)
    }

    /// Whether an enterprise is in the register already, by credit code, name or both. District
    /// operators, administrators and officers; else FORBIDDEN.
    async fn check_duplicate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Unified social credit code.")] uscc: Option<String>,
        #[graphql(desc = "The registered name.")] name: Option<String>,
    ) -> Option<Result<DuplicateCheck>> {
        let checked = async {
            let session = Session::of(ctx);
            let viewer = session.viewer()?;
            if !policy::may_check_duplicate(viewer) {
                return Err(Error::Forbidden);
            }
            let uscc = uscc
                .and_then(|text| Uscc::without_check(&text).ok())
                .map(Uscc::into_string);
            let name = name.map(|name| name.trim().to_owned());
            let found = queries::duplicates(
                &session.deps.db,
                viewer.district_id,
                uscc.as_deref(),
                name.as_deref(),
            )
            .await?;
            let candidates: Vec<_> = found
                .into_iter()
                .map(|(id, name, same_code)| DuplicateCandidate {
                    id: ID(crate::kernel::id::encode(Kind::Enterprise, id)),
                    name_masked: masked(&name),
                    matched_by: if same_code {
                        DuplicateMatch::Uscc
                    } else {
                        DuplicateMatch::Name
                    },
                })
                .collect();
            Ok(DuplicateCheck {
                is_duplicate: !candidates.is_empty(),
                candidates,
            })
        };
        Some(checked.await)
    }
}

payload! {
    CreateEnterprisePayload(enterprise: Enterprise),
    UpdateEnterprisePayload(enterprise: Enterprise),
    DeactivateEnterprisePayload(enterprise: Enterprise),
}

/// Changes of the register.
#[derive(Default)]
pub struct EnterpriseMutation;

#[Object]
impl EnterpriseMutation {
    /// Enters an enterprise into the register. District administrators and operators.
    async fn create_enterprise(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The enterprise.")] input: CreateEnterpriseInput,
    ) -> Option<Result<CreateEnterprisePayload>> {
        let done = act(ctx, |deps, actor| commands::create(deps, actor, input)).await;
        Some(done.map(CreateEnterprisePayload))
    }

    /// Changes an enterprise. District administrators and operators: all of it; an enterprise's
    /// own users: short name, tags and description.
    async fn update_enterprise(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateEnterpriseInput,
    ) -> Option<Result<UpdateEnterprisePayload>> {
        let done = act(ctx, |deps, actor| commands::update(deps, actor, input)).await;
        Some(done.map(UpdateEnterprisePayload))
    }

    /// Takes an enterprise out of the register; its memberships and assignments must be ended
    /// before. District administrators and operators.
    async fn deactivate_enterprise(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The enterprise and the reason.")] input: DeactivateEnterpriseInput,
    ) -> Option<Result<DeactivateEnterprisePayload>> {
        let done = act(ctx, |deps, actor| commands::deactivate(deps, actor, input)).await;
        Some(done.map(DeactivateEnterprisePayload))
    }
}
