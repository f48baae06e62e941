//! Changes of the supply chain.

use entity::enterprise::{EnterpriseStatus, Entity as Enterprise};
use entity::supply_chain_link::{ActiveModel, Entity, Model};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::queries::SHAPE;
use super::{RecordSupplyChainLinkInput, RemoveSupplyChainLinkInput, may_record};
use crate::domain::enterprise::queries::SHAPE as ENTERPRISE;
use crate::domain::input::{expect_version, not_found, role_may, row_id};
use crate::kernel::error::{Code, Error, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// Records that an enterprise supplies another.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND` and `INVALID_STATE` for either enterprise, `INVALID` for
/// one and the same, `TAKEN`.
pub async fn record(deps: Deps, actor: Actor, input: RecordSupplyChainLinkInput) -> Result<Uuid> {
    role_may(may_record(&actor.viewer))?;
    let supplier = row_id(Kind::Enterprise, &input.supplier_id);
    let customer = row_id(Kind::Enterprise, &input.customer_id);
    let mut work = Work::begin(&deps, &actor, "recordSupplyChainLink").await?;
    // In the order of their ids, so that two links of the same two do not wait for each other.
    let found = work
        .visible_among::<Enterprise>(&ENTERPRISE, &[supplier, customer])
        .await?;
    for (field, id) in [("supplierId", supplier), ("customerId", customer)] {
        let row = found.iter().find(|row| row.id == id);
        let row = row.ok_or_else(|| not_found(field))?;
        if row.status != EnterpriseStatus::Active {
            let error = UserError::at(Code::InvalidState, field)
                .saying("企业已停用", "The enterprise is deactivated.");
            return Err(Error::user(error));
        }
    }
    if supplier == customer {
        let error = UserError::at(Code::Invalid, "customerId").saying(
            "企业不能为自身的上下游",
            "An enterprise does not supply itself.",
        );
        return Err(Error::user(error));
    }
    let id = work.new_id();
    let row = ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        supplier_id: Set(supplier),
        customer_id: Set(customer),
        version: Set(1),
        created_at: Set(work.now()),
    };
    let event = Event::new(Kind::SupplyLink, id, "supply_chain.recorded");
    let taken = || {
        UserError::at(Code::Taken, "customerId")
            .saying("该上下游关系已登记", "The link is recorded already.")
    };
    work.insert(event, row, taken).await?;
    work.commit(Kind::SupplyLink, id).await?;
    Ok(id)
}

/// Removes a link that does not hold; answers its supplier.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `STALE_VERSION`.
pub async fn remove(deps: Deps, actor: Actor, input: RemoveSupplyChainLinkInput) -> Result<Uuid> {
    role_may(may_record(&actor.viewer))?;
    let id = row_id(Kind::SupplyLink, &input.id);
    let mut work = Work::begin(&deps, &actor, "removeSupplyChainLink").await?;
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    let before = found.ok_or_else(|| not_found("id"))?;
    expect_version(id, before.version, input.expected_version).map_err(Error::without_entity)?;
    let supplier = before.supplier_id;
    let event = Event::new(Kind::SupplyLink, id, "supply_chain.removed");
    work.remove::<Model, ActiveModel>(event, before).await?;
    work.commit(Kind::Enterprise, supplier).await?;
    Ok(supplier)
}
