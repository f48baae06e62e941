//! The traffic light of an issue (红黄绿灯), at the instant of the question: it follows from the
//! instants that the issue keeps of its clocks, so that no job has to keep it fresh. Narrowing by
//! it is a range of an index.

use entity::enterprise_issue::IssueLight;
use sea_orm::ActiveEnum;
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait};

use super::lifecycle::PAUSED;
use super::narrowing::IssueLightFilter;
use crate::store::Scope;
use crate::store::dialect::{col, never};

/// The lights, the worst first; what has none comes after them.
const WORST_FIRST: [IssueLight; 4] = [
    IssueLight::Red,
    IssueLight::Yellow,
    IssueLight::Green,
    IssueLight::Grey,
];

/// Whether an issue shows a light.
fn shows(scope: &Scope, at: &'static str, light: IssueLight) -> Condition {
    let (due, warn) = (|| col(at, "due_at"), || col(at, "warn_at"));
    let now = || Expr::val(scope.now);
    match light {
        IssueLight::Red => Condition::all().add(due().lt(now())),
        IssueLight::Yellow => Condition::all()
            .add(warn().lte(now()))
            .add(due().gte(now())),
        IssueLight::Green => Condition::all().add(warn().gt(now())),
        IssueLight::Grey => {
            let paused: Vec<String> = PAUSED.iter().map(ActiveEnum::to_value).collect();
            Condition::all().add(col(at, "state").is_in(paused))
        }
    }
}

/// The light, by its name; null where there is none.
#[must_use]
pub fn name(scope: &Scope, at: &'static str) -> Expr {
    let mut case = CaseStatement::new();
    for light in WORST_FIRST {
        // A literal, or PostgreSQL could not tell its type.
        let word = Expr::cust(format!("'{}'", light.to_value()));
        case = case.case(shows(scope, at, light), word);
    }
    case.into()
}

/// The place of the light among the lights: the greater, the worse. 0 is none.
#[must_use]
pub fn rank(scope: &Scope, at: &'static str) -> Expr {
    let mut case = CaseStatement::new();
    for (rank, light) in (1..).zip(WORST_FIRST.into_iter().rev()) {
        let rank: i32 = rank;
        let place = Expr::cust(rank.to_string());
        case = case.case(shows(scope, at, light), place);
    }
    case.finally(Expr::cust("0")).into()
}

/// Whether an issue shows any light, in the words of the index `enterprise_issue_lit`: a clock that
/// lights it runs, or its state pauses. Both instants of a clock are there or neither is.
fn lit(at: &'static str) -> Condition {
    Condition::all().add(Expr::cust(format!(
        "(\"{at}\".warn_at IS NOT NULL OR \"{at}\".state IN ('NEEDS_INFO', 'ON_HOLD'))"
    )))
}

fn unlit(at: &'static str) -> Condition {
    let paused: Vec<String> = PAUSED.iter().map(ActiveEnum::to_value).collect();
    Condition::all()
        .add(col(at, "warn_at").is_null())
        .add(col(at, "state").is_not_in(paused))
}

/// The condition of a filter by light.
#[must_use]
pub fn narrowed(by: &IssueLightFilter, scope: &Scope, at: &'static str) -> Condition {
    let any = |lights: &[IssueLight]| {
        let lights = lights.iter();
        lights.fold(Condition::any().add(never()), |any, light| {
            any.add(shows(scope, at, *light))
        })
    };
    let nullness = |is_null| if is_null { unlit(at) } else { lit(at) };
    let mut all = Condition::all()
        .add_option(by.eq.map(|light| shows(scope, at, light)))
        .add_option(by.is_in.as_deref().map(any))
        .add_option(by.is_null.map(nullness));
    if let Some(lights) = &by.not_in {
        // As with a column: what is absent is not told apart from what is listed.
        let others = WORST_FIRST.into_iter();
        let others: Vec<_> = others.filter(|light| !lights.contains(light)).collect();
        all = if lights.is_empty() {
            all.add(Condition::any().add(any(&others)).add(unlit(at)))
        } else {
            all.add(any(&others))
        };
    }
    all
}
