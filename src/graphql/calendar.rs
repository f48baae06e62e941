//! The working calendar on the wire.

use async_graphql::{Context, Object};

use super::district::District;
use super::payload::{act, payload};
use crate::domain::calendar::commands::{self, ImportCalendarInput};
use crate::kernel::error::Result;

payload! {
    ImportCalendarPayload(district: District),
}

/// Changes of the calendar.
#[derive(Default)]
pub struct CalendarMutation;

#[Object]
impl CalendarMutation {
    /// Imports a year of the working calendar (工作日历) from the notice of the State Council: every
    /// day once. It is the country's and counts in every district. Deadlines that reach into it
    /// are counted anew, each with an audit entry. District administrators.
    async fn import_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The year.")] input: ImportCalendarInput,
    ) -> Option<Result<ImportCalendarPayload>> {
        let done = act(ctx, |deps, actor| commands::import(deps, actor, input)).await;
        Some(done.map(ImportCalendarPayload))
    }
}
