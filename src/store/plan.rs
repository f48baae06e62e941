//! A selection weighed against a shape: which columns to read, which parents to join. The plan
//! of a page is made once and shared by its rows.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, JoinType, Query, SelectStatement};

use super::Scope;
use super::dialect::col;
use super::names::{COLUMNS, TABLES};
use super::shape::Shape;

/// A field that a request selects, as the plan sees it.
pub trait Selection: Sized {
    /// The field's name in the schema.
    fn name(&self) -> &str;
    /// The fields selected under it.
    fn fields(&self) -> Vec<Self>;
}

/// What to read.
pub struct Plan {
    nodes: Vec<Node>,
    width: usize,
}

/// One table of the statement: the row itself or a joined parent.
struct Node {
    shape: &'static Shape,
    at: &'static str,
    columns: Vec<(&'static str, usize)>,
    parents: Vec<(&'static str, usize)>,
    /// The node it hangs on, and by which column.
    via: Option<(usize, &'static str)>,
}

/// The root table's name in every statement.
pub const ROOT: &str = "t0";

impl Plan {
    /// The plan of a selection.
    pub fn new<S: Selection>(
        shape: &'static Shape,
        fields: &[S],
        also: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        let mut plan = Self {
            nodes: Vec::new(),
            width: 0,
        };
        let root = plan.node(shape, None);
        for column in also {
            plan.column(root, column);
        }
        plan.select(root, fields);
        plan
    }

    fn node(&mut self, shape: &'static Shape, via: Option<(usize, &'static str)>) -> usize {
        let index = self.nodes.len();
        self.nodes.push(Node {
            shape,
            at: TABLES.get(index),
            columns: Vec::new(),
            parents: Vec::new(),
            via,
        });
        self.column(index, "id");
        for column in shape.always {
            self.column(index, column);
        }
        index
    }

    fn column(&mut self, node: usize, name: &'static str) {
        let place = self.width;
        if let Some(node) = self.nodes.get_mut(node)
            && !node.columns.iter().any(|(known, _)| *known == name)
        {
            node.columns.push((name, place));
            self.width += 1;
        }
    }

    fn select<S: Selection>(&mut self, node: usize, fields: &[S]) {
        let Some(shape) = self.nodes.get(node).map(|node| node.shape) else {
            return;
        };
        for field in fields {
            let name = field.name();
            if let Some(parent) = shape.parents.iter().find(|parent| parent.field == name) {
                let known = self.parent(node, name);
                let child = known.unwrap_or_else(|| {
                    let child = self.node(parent.shape, Some((node, parent.column)));
                    if let Some(node) = self.nodes.get_mut(node) {
                        node.parents.push((parent.field, child));
                    }
                    child
                });
                self.select(child, &field.fields());
            } else if let Some((_, needs)) = shape.needs.iter().find(|(known, _)| *known == name) {
                for column in *needs {
                    self.column(node, column);
                }
            } else if let Some(column) = (shape.column)(name) {
                self.column(node, column);
            }
        }
    }

    pub(super) fn parent(&self, node: usize, field: &str) -> Option<usize> {
        let parents = &self.nodes.get(node)?.parents;
        parents
            .iter()
            .find(|(known, _)| *known == field)
            .map(|(_, child)| *child)
    }

    pub(super) fn place(&self, node: usize, column: &str) -> Option<usize> {
        let columns = &self.nodes.get(node)?.columns;
        columns
            .iter()
            .find(|(known, _)| *known == column)
            .map(|(_, place)| *place)
    }

    pub(super) fn shape(&self, node: usize) -> Option<&'static Shape> {
        self.nodes.get(node).map(|node| node.shape)
    }

    /// The select of the planned columns from the planned tables, rows and parents limited to
    /// what the viewer sees. A parent out of sight is a row of nulls.
    pub(super) fn select_statement(&self, scope: &Scope) -> SelectStatement {
        let root = self.shape(0).map_or("", |shape| shape.table);
        let mut select = Query::select();
        let mut columns: Vec<(usize, &Node, &'static str)> = Vec::with_capacity(self.width);
        for node in &self.nodes {
            columns.extend(
                node.columns
                    .iter()
                    .map(|(name, place)| (*place, node, *name)),
            );
        }
        columns.sort_by_key(|(place, ..)| *place);
        // What stands in a table is most of it, and is written at once. All names are the program's
        // own: nothing is to be escaped.
        let mut stored = String::new();
        for (place, node, name) in columns {
            let known_as = COLUMNS.get(place);
            if let Some(computed) = node.shape.computed(name) {
                if !stored.is_empty() {
                    select.expr(Expr::cust(std::mem::take(&mut stored)));
                }
                select.expr_as((computed.sql)(scope, node.at), known_as);
            } else {
                let comma = if stored.is_empty() { "" } else { ", " };
                stored.extend([
                    comma, "\"", node.at, "\".\"", name, "\" AS \"", known_as, "\"",
                ]);
            }
        }
        if !stored.is_empty() {
            select.expr(Expr::cust(stored));
        }
        for node in &self.nodes {
            let at = node.at;
            let visible = (node.shape.visible)(scope, at);
            match node
                .via
                .and_then(|(on, column)| Some((self.nodes.get(on)?, column)))
            {
                None => {
                    select.from_as(root, at).cond_where(visible);
                }
                Some((child, column)) => {
                    let same = col(at, "id").eq(child.shape.value(scope, child.at, column));
                    let on = Condition::all().add(same).add(visible);
                    select.join_as(JoinType::LeftJoin, node.shape.table, at, on);
                }
            }
        }
        select
    }
}
