//! The record of a visit that was held, planned before or not.

use chrono::NaiveDate;
use entity::service_visit::{ActiveModel, Entity, VisitStatus};
use entity::visit_participant;
use sea_orm::ActiveEnum;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::super::queries::SHAPE;
use super::super::{
    PlannedVisitInput, RecordVisitInput, RecordedVisitInput, UnplannedVisitInput, VisitAction,
    VisitParticipantInput, policy,
};
use super::{Posts, named, parties};
use crate::access::viewer::Viewer;
use crate::domain::input::{
    self, EPOCH, block, block_opt, expect_version, forbidden, invalid_state, line, not_found,
    role_may, row_id,
};
use crate::domain::officer::queries as officers;
use crate::kernel::clock::business_date;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

const LONGEST: usize = 4000;
const MOST_PARTICIPANTS: usize = 20;
const PLANNED: [&str; 2] = ["visit", "planned"];
const UNPLANNED: [&str; 2] = ["visit", "unplanned"];

/// Records a visit.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID`, `OUT_OF_RANGE`, `NOT_FOUND`,
/// `FORBIDDEN` for an officer and what is not its own, `INVALID_STATE` for a visit that is not
/// planned, a deactivated enterprise or a retired officer, `STALE_VERSION`.
pub async fn record(deps: Deps, actor: Actor, input: RecordVisitInput) -> Result<Uuid> {
    let viewer = &actor.viewer;
    role_may(policy::may_ever_visit(viewer))?;
    let today = business_date(deps.clock.now());
    let mut faults = Faults::default();
    let mut visit = input.visit;
    if let RecordedVisitInput::Unplanned(unplanned) = &mut visit {
        let mut nested = Faults::default();
        unplanned.purpose = block(&mut nested, "purpose", &unplanned.purpose, 500);
        faults.add_under(nested, &UNPLANNED);
    }
    let held_on = input.held_on.map_or(today, Into::into);
    let held_on = input::day(&mut faults, "heldOn", held_on, EPOCH, today);
    let findings = block(&mut faults, "findings", &input.findings, LONGEST);
    let note = input.internal_note.as_deref();
    let note = block_opt(&mut faults, "internalNote", note, LONGEST);
    let present = input
        .participants
        .map(|list| Present::read(&mut faults, &list));
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "recordVisit").await?;
    let done = ActiveModel {
        status: Set(VisitStatus::Done),
        held_on: Set(Some(held_on)),
        findings: Set(Some(findings)),
        internal_note: Set(note.clone()),
        recorded_by_id: Set(work.user_id()),
        updated_at: Set(work.now()),
        ..<ActiveModel as Default>::default()
    };
    let (id, officer) = match visit {
        RecordedVisitInput::Planned(planned) => {
            held(&mut work, viewer, planned, (held_on, today), done).await?
        }
        RecordedVisitInput::Unplanned(unplanned) => {
            let new = new(&mut work, viewer, unplanned, held_on, done).await;
            new.map_err(|error| error.under(&UNPLANNED))?
        }
    };
    if note.is_some() && !policy::may_note(viewer, officer) {
        return Err(Error::user(UserError::at(Code::Forbidden, "internalNote")));
    }
    let present = present.unwrap_or_else(|| vec![Present::Officer(officer)]);
    add_participants(&mut work, id, present).await?;
    work.commit(Kind::Visit, id).await?;
    Ok(id)
}

fn event(id: Uuid) -> Event {
    Event::new(Kind::Visit, id, "visit.recorded")
}

/// A planned visit becomes done; answers it and who visited.
async fn held(
    work: &mut Work,
    viewer: &Viewer,
    input: PlannedVisitInput,
    (held_on, today): (NaiveDate, NaiveDate),
    done: ActiveModel,
) -> Result<(Uuid, Uuid)> {
    let under = |error: Error| error.under(&PLANNED);
    let id = row_id(Kind::Visit, &input.id);
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    let before = found.ok_or_else(|| under(not_found("id")))?;
    let action = VisitAction::Record;
    if !policy::may(viewer, action, before.enterprise_id, before.officer_id) {
        return Err(forbidden(id));
    }
    if !policy::state_allows(action, before.status) {
        return Err(invalid_state(id, before.status.to_value()));
    }
    expect_version(id, before.version, input.expected_version).map_err(under)?;
    // What was held before the plan was made was not planned.
    let mut faults = Faults::default();
    let made_on = business_date(before.created_at);
    input::day(&mut faults, "heldOn", held_on, made_on, today);
    faults.check()?;
    let officer = match &input.officer_id {
        None => before.officer_id,
        Some(officer) => {
            let officer = row_id(Kind::Officer, officer);
            if officer != before.officer_id {
                let posts = officers::posts(work.tx(), work.district_id(), &[officer]).await?;
                named(viewer, &posts, officer, "officerId").map_err(under)?;
            }
            officer
        }
    };
    let row = ActiveModel {
        id: Set(id),
        officer_id: Set(officer),
        mode: Set(input.mode.unwrap_or(before.mode)),
        version: Set(before.version + 1),
        ..done
    };
    let taken = || UserError::at(Code::Taken, "id");
    work.update(event(id), &before, row, taken).await?;
    Ok((id, officer))
}

/// A visit without a plan is entered as done; answers it and who visited.
async fn new(
    work: &mut Work,
    viewer: &Viewer,
    input: UnplannedVisitInput,
    held_on: NaiveDate,
    done: ActiveModel,
) -> Result<(Uuid, Uuid)> {
    let named = input.officer_id.as_ref();
    let (enterprise, officer) = parties(work, viewer, &input.enterprise_id, named).await?;
    let id = work.new_id();
    let row = ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        enterprise_id: Set(enterprise),
        officer_id: Set(officer),
        mode: Set(input.mode),
        planned_on: Set(held_on),
        purpose: Set(input.purpose),
        version: Set(1),
        created_at: Set(work.now()),
        ..done
    };
    work.add(event(id), row).await?;
    Ok((id, officer))
}

/// Someone who took part, as it was sent.
enum Present {
    Officer(Uuid),
    Post(String),
}

impl Present {
    fn read(faults: &mut Faults, list: &[VisitParticipantInput]) -> Vec<Self> {
        if list.is_empty() {
            faults.add(UserError::at(Code::Required, "participants"));
        } else if list.len() > MOST_PARTICIPANTS {
            let error = UserError::at(Code::OutOfRange, "participants");
            faults.add(error.with("min", 1).with("max", MOST_PARTICIPANTS));
            return Vec::new();
        }
        let mut read: Vec<Self> = Vec::with_capacity(list.len());
        for (index, one) in list.iter().enumerate() {
            let place = index.to_string();
            let under = ["participants", place.as_str()];
            let mut own = Faults::default();
            read.push(match one {
                VisitParticipantInput::PostTitle(title) => {
                    Self::Post(line(&mut own, "postTitle", title, 120))
                }
                VisitParticipantInput::OfficerId(id) => {
                    let officer = row_id(Kind::Officer, id);
                    let same = |other: &Self| matches!(other, Self::Officer(id) if *id == officer);
                    if !officer.is_nil() && read.iter().any(same) {
                        own.add(
                            UserError::at(Code::Invalid, "officerId")
                                .saying("同一服务官只能登记一次", "The officer is named twice."),
                        );
                    }
                    Self::Officer(officer)
                }
            });
            faults.add_under(own, &under);
        }
        read
    }
}

/// Writes who took part, officers with the post they hold today.
async fn add_participants(work: &mut Work, visit: Uuid, present: Vec<Present>) -> Result<()> {
    let ids: Vec<Uuid> = present
        .iter()
        .filter_map(|one| match one {
            Present::Officer(id) => Some(*id),
            Present::Post(_) => None,
        })
        .collect();
    let posts: Posts = officers::posts(work.tx(), work.district_id(), &ids).await?;
    let mut faults = Faults::default();
    let mut rows = Vec::with_capacity(present.len());
    for (index, one) in present.into_iter().enumerate() {
        let (officer_id, post_title) = match one {
            Present::Post(title) => (None, title),
            Present::Officer(id) => {
                if let Some(post) = posts.get(&id) {
                    (Some(id), post.post_title.clone())
                } else {
                    let place = index.to_string();
                    let error = UserError::at(Code::NotFound, "officerId");
                    faults.add(error.under(&["participants", place.as_str()]));
                    continue;
                }
            }
        };
        rows.push(visit_participant::ActiveModel {
            id: Set(work.new_id()),
            district_id: Set(work.district_id()),
            visit_id: Set(visit),
            position: Set(i32::try_from(index + 1).unwrap_or(i32::MAX)),
            officer_id: Set(officer_id),
            post_title: Set(post_title),
            created_at: Set(work.now()),
        });
    }
    faults.check()?;
    for row in rows {
        work.add(event(visit), row).await?;
    }
    Ok(())
}
