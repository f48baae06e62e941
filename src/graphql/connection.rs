//! Lists on the wire: Relay connections with `nodes` and a lazy `totalCount`. The page logic
//! exists here once; a concept brings its filter and its order.

use std::borrow::Cow;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};

use async_graphql::parser::types::Field;
use async_graphql::{ContainerType, Context, Object, QueryPathSegment, SimpleObject, TypeName};
use sea_orm::sea_query::Condition;
use uuid::Uuid;

use super::batch::{Answered, Batches};
use super::in_place::{AllInPlace, AtHand, InPlace, Look};
use super::selection::Selected;
use super::session::Session;
use crate::kernel::error::{Error, Message, Result};
use crate::store::Scope;
use crate::store::keyset::{Binding, Keyset};
use crate::store::list::{self, Criteria, List, Slice};
use crate::store::plan::Plan;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// The most rows of a page.
const MOST: i32 = 100;
/// The rows of a page where nothing else is asked for.
const USUAL: i32 = 20;

/// An object of the schema that is a row.
pub trait Concept: ContainerType + From<Record> {
    /// Its name in the schema.
    const NAME: &'static str;
    /// Fields without a selection that ask the database all the same.
    const WAITS: &'static [&'static str] = &[];
    /// Its table.
    fn shape() -> &'static Shape;
}

/// Which part of a list.
#[derive(Clone, Debug, Default)]
pub struct Range {
    /// The first so many.
    pub first: Option<i32>,
    /// After this cursor.
    pub after: Option<String>,
    /// The last so many.
    pub last: Option<i32>,
    /// Before this cursor.
    pub before: Option<String>,
}

impl Range {
    /// The four arguments of a list.
    #[must_use]
    pub const fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Self {
        Self {
            first,
            after,
            last,
            before,
        }
    }

    fn size(&self) -> Result<(usize, bool)> {
        let (size, backward) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(Error::BadInput(Message::new(
                    "first 与 last 不能同时使用",
                    "Use either first or last, not both.",
                )));
            }
            (None, Some(last)) => (last, true),
            (first, None) => (first.unwrap_or(USUAL), false),
        };
        match usize::try_from(size) {
            Ok(rows) if rows >= 1 && size <= MOST => Ok((rows, backward)),
            _ => Err(Error::BadInput(Message::new(
                format!("first 和 last 的取值范围为 1 到 {MOST}"),
                format!("first and last are from 1 to {MOST}."),
            ))),
        }
    }
}

/// A list as its place in the document plans it.
pub struct Planned {
    pub(super) list: List,
    binding_parts: [String; 2],
    column: Option<&'static str>,
}

impl Planned {
    pub(super) fn child_of(&self) -> Result<&'static str> {
        let column = self.column;
        column.ok_or_else(|| Error::Internal("a list at the root has no parent".to_owned()))
    }

    fn binding(&self, parent: Option<Uuid>) -> Binding {
        let parent = parent.map_or_else(String::new, |id| id.simple().to_string());
        let [list, criteria] = &self.binding_parts;
        Binding::new(&[list, &parent, criteria])
    }
}

/// A page of rows, as an answer shows it.
pub type Connection<T> = InPlace<Page<T>>;

/// A page of rows.
pub struct Page<T> {
    planned: Arc<Planned>,
    parent: Option<Uuid>,
    slice: Slice,
    concept: std::marker::PhantomData<fn() -> T>,
}

/// Where a page lies in its list.
#[derive(SimpleObject)]
pub struct PageInfo {
    /// Whether there are rows after the page.
    has_next_page: bool,
    /// Whether there are rows before the page.
    has_previous_page: bool,
    /// The cursor of the page's first row.
    start_cursor: Option<String>,
    /// The cursor of the page's last row.
    end_cursor: Option<String>,
}

/// A row and its place in the list.
pub struct Edge<T> {
    record: Record,
    cursor: Result<String>,
    concept: std::marker::PhantomData<fn() -> T>,
}

impl<T: Concept> TypeName for Page<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::NAME).into()
    }
}

impl<T: Concept> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::NAME).into()
    }
}

impl<T: Concept> Page<T> {
    const fn of(planned: Arc<Planned>, parent: Option<Uuid>, slice: Slice) -> Connection<T> {
        InPlace::new(Self {
            planned,
            parent,
            slice,
            concept: std::marker::PhantomData,
        })
    }

    fn cursor(&self, record: &Record) -> Result<String> {
        let keyset = Keyset::of(record, &self.planned.list.order)?;
        Ok(keyset.encode(self.planned.binding(self.parent)))
    }

    /// The rows of the page.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.slice.records
    }
}

/// A page of a list.
#[Object(name_type)]
impl<T: Concept> Page<T> {
    /// The rows with their cursors.
    async fn edges(&self) -> AllInPlace<Edge<T>> {
        let records = self.slice.records.iter();
        let edges = records.map(|record| Edge {
            record: record.clone(),
            cursor: self.cursor(record),
            concept: std::marker::PhantomData,
        });
        edges.collect()
    }

    /// The rows.
    async fn nodes(&self) -> AllInPlace<T> {
        self.slice.records.iter().cloned().map(T::from).collect()
    }

    /// Where the page lies in the list.
    async fn page_info(&self) -> Result<PageInfo> {
        let cursor = |record: Option<&Record>| record.map(|record| self.cursor(record)).transpose();
        Ok(PageInfo {
            has_next_page: self.slice.has_next,
            has_previous_page: self.slice.has_previous,
            start_cursor: cursor(self.slice.records.first())?,
            end_cursor: cursor(self.slice.records.last())?,
        })
    }

    /// How many rows the list has in all, under its filter; counted only when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let session = Session::of(ctx);
        let count = match self.parent {
            None => list::count(&session.deps.db, &session.scope()?, &self.planned.list).await?,
            Some(parent) => batches(ctx)?.size(&self.planned, parent).await?,
        };
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

/// A row and its place in the list.
#[Object(name_type)]
impl<T: Concept> Edge<T> {
    /// The row.
    async fn node(&self) -> InPlace<T> {
        self.record.clone().into()
    }

    /// Its cursor, for `after` and `before` of the same list, filter and order.
    async fn cursor(&self) -> Result<String> {
        self.cursor.clone()
    }
}

impl<T: Concept> AtHand for Page<T> {
    fn is_at_hand(look: &Look<'_>, field: &Field) -> bool {
        let set = &field.selection_set.node;
        match field.name.node.as_str() {
            "nodes" => look.all(set, &T::is_at_hand),
            "edges" => look.all(set, &Edge::<T>::is_at_hand),
            "pageInfo" | "__typename" => true,
            _ => false,
        }
    }
}

impl<T: Concept> AtHand for Edge<T> {
    fn is_at_hand(look: &Look<'_>, field: &Field) -> bool {
        // A cursor selects nothing, and all of nothing is at hand.
        look.all(&field.selection_set.node, &T::is_at_hand)
    }
}

fn batches<'a>(ctx: &Context<'a>) -> Result<&'a Batches> {
    ctx.data_opt::<Batches>().ok_or(Error::Unauthenticated)
}

/// The field in the document and those that it stands under: two fields of one answer can be
/// written apart, with other rows, arguments or selections, and one field of a fragment stands at
/// every place that the fragment is spread at. The document lives as long as its request.
fn place(ctx: &Context<'_>) -> Vec<usize> {
    let mut place = vec![std::ptr::from_ref(ctx.item).addr()];
    if let Some(node) = ctx.path_node {
        for above in node.parents() {
            // The place in a list is no other place in the document.
            if let QueryPathSegment::Name(name) = above.segment {
                place.push(name.as_ptr().addr());
            }
        }
    }
    place
}

fn plan<T: Concept>(
    ctx: &Context<'_>,
    name: &str,
    range: &Range,
    parent: Option<(Uuid, &'static str)>,
    criteria: impl FnOnce(&Scope) -> Result<Criteria>,
) -> Result<Planned> {
    let (size, backward) = range.size()?;
    let Criteria { filter, order } = criteria(&Session::of(ctx).scope()?)?;
    // What a cursor is bound to is what the caller wrote: every argument but the range itself.
    let mut bound = String::new();
    for (argument, value) in ctx
        .field()
        .arguments()
        .map_err(|error| Error::Internal(error.message))?
    {
        if !matches!(argument.as_str(), "first" | "last" | "after" | "before") {
            bound.extend([argument.as_str(), "=", &value.to_string(), ";"]);
        }
    }
    let rows = Selected::rows(&ctx.field());
    let mut planned = Planned {
        list: List {
            shape: T::shape(),
            plan: Arc::new(Plan::new(
                T::shape(),
                &rows,
                order.iter().map(|key| key.column),
            )),
            filter,
            order,
            size,
            backward,
            after: None,
            before: None,
        },
        binding_parts: [name.to_owned(), bound],
        column: parent.map(|(_, column)| column),
    };
    let read = |cursor: &Option<String>| {
        let binding = || planned.binding(parent.map(|(id, _)| id));
        let keyset = |cursor: &String| Keyset::decode(cursor, binding(), &planned.list.order);
        cursor.as_ref().map(keyset).transpose()
    };
    let (after, before) = (read(&range.after)?, read(&range.before)?);
    planned.list.after = after;
    planned.list.before = before;
    Ok(planned)
}

/// A list at the root.
///
/// # Errors
/// `BadCursor`, `BadInput`, or when the database fails.
pub async fn root<T: Concept>(
    ctx: &Context<'_>,
    name: &str,
    range: Range,
    criteria: impl FnOnce(&Scope) -> Result<Criteria>,
) -> Result<Connection<T>> {
    let session = Session::of(ctx);
    let planned = Arc::new(plan::<T>(ctx, name, &range, None, criteria)?);
    let slice = list::page(&session.deps.db, &session.scope()?, &planned.list).await?;
    Ok(Page::of(planned, None, slice))
}

/// A list inside a row: the rows whose `column` holds the parent's id. The lists of all siblings
/// come in one statement. It is asked for by the call, not by the first poll: those who wait are many,
/// and need not hold what they asked with.
///
/// # Errors
/// `BadCursor`, `BadInput`, or when the database fails.
pub fn child<T: Concept>(
    ctx: &Context<'_>,
    parent: &Record,
    column: &'static str,
    range: Range,
    criteria: impl FnOnce(&Scope) -> Result<Criteria>,
) -> Child<T> {
    let asked = parent
        .uuid()
        .and_then(|id| ask(ctx, id, column, range, criteria));
    Child(asked)
}

/// The same of a row that is known by its id alone.
///
/// # Errors
/// As `child`.
pub fn child_of<T: Concept>(
    ctx: &Context<'_>,
    id: Uuid,
    column: &'static str,
    range: Range,
    criteria: impl FnOnce(&Scope) -> Result<Criteria>,
) -> Child<T> {
    Child(ask(ctx, id, column, range, criteria))
}

/// A list inside a row that was asked for, or why it could not be.
#[must_use = "the list is read, and nobody is told"]
pub struct Child<T>(Result<Awaited<T>>);

struct Awaited<T> {
    planned: Arc<Planned>,
    parent: Uuid,
    slice: Answered<Slice>,
    concept: std::marker::PhantomData<fn() -> T>,
}

impl<T: Concept> Future for Child<T> {
    type Output = Result<Connection<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let asked = match &mut self.0 {
            Ok(asked) => asked,
            Err(error) => return Poll::Ready(Err(error.clone())),
        };
        let slice = ready!(Pin::new(&mut asked.slice).poll(cx))?;
        let planned = Arc::clone(&asked.planned);
        Poll::Ready(Ok(Page::of(planned, Some(asked.parent), slice)))
    }
}

fn ask<T: Concept>(
    ctx: &Context<'_>,
    id: Uuid,
    column: &'static str,
    range: Range,
    criteria: impl FnOnce(&Scope) -> Result<Criteria>,
) -> Result<Awaited<T>> {
    let session = Session::of(ctx);
    let name = ctx.field().name();
    let planned = session.planned(place(ctx), || {
        plan::<T>(ctx, name, &range, Some((id, column)), criteria)
    })?;
    // A cursor belongs to one parent's list: its siblings must not page by it.
    for cursor in [range.after, range.before].into_iter().flatten() {
        Keyset::decode(&cursor, planned.binding(Some(id)), &planned.list.order)?;
    }
    let slice = batches(ctx)?.page(&planned, id);
    Ok(Awaited {
        planned,
        parent: id,
        slice,
        concept: std::marker::PhantomData,
    })
}

/// The row with an id, with what the field selects of it.
///
/// # Errors
/// When the database fails.
pub async fn node<T: Concept>(ctx: &Context<'_>, id: Uuid) -> Result<Option<InPlace<T>>> {
    let session = Session::of(ctx);
    let plan = Arc::new(Plan::new(
        T::shape(),
        &Selected::fields_of(&ctx.field()),
        [],
    ));
    let record = list::one(&session.deps.db, &session.scope()?, &plan, id).await?;
    Ok(record.map(InPlace::from))
}

/// The rows with these ids that the viewer sees, with what is selected of them under one field of
/// this one.
///
/// # Errors
/// When the database fails.
pub async fn those<T: Concept>(
    ctx: &Context<'_>,
    under: &str,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, InPlace<T>>> {
    let session = Session::of(ctx);
    let fields = Selected::under(&ctx.field(), under);
    let plan = Arc::new(Plan::new(T::shape(), &fields, []));
    let records = list::by_ids(&session.deps.db, &session.scope()?, &plan, ids).await?;
    let rows = records.into_iter().map(|(id, record)| (id, record.into()));
    Ok(rows.collect())
}

/// The row that a condition singles out, with what the field selects of it.
///
/// # Errors
/// When the database fails.
pub async fn node_by<T: Concept>(
    ctx: &Context<'_>,
    which: Condition,
) -> Result<Option<InPlace<T>>> {
    let session = Session::of(ctx);
    let plan = Arc::new(Plan::new(
        T::shape(),
        &Selected::fields_of(&ctx.field()),
        [],
    ));
    let record = list::first(&session.deps.db, &session.scope()?, &plan, which).await?;
    Ok(record.map(InPlace::from))
}
