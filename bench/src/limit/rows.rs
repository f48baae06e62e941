//! What the handlers answer, column by column.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;
use uuid::Uuid;

/// The rows of a page.
const SIZE: usize = 50;

#[derive(Serialize)]
pub struct Page<T> {
    pub nodes: Vec<T>,
    #[serde(rename = "pageInfo", skip_serializing_if = "Option::is_none")]
    pub page_info: Option<PageInfo>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<Place>,
}

/// A place in the order of creation.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    pub created_at: DateTime<Utc>,
    pub id: Uuid,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Issue {
    id: Uuid,
    number: String,
    title: String,
    state: String,
    created_at: DateTime<Utc>,
    enterprise: Named,
    officer: Option<Officer>,
    #[serde(flatten)]
    more: Option<More>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct More {
    body: String,
    nature: String,
    submitted_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
pub struct Named {
    id: Uuid,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    street: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Officer {
    id: Uuid,
    post_title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
}

#[derive(Serialize)]
pub struct Counted {
    state: String,
    count: i64,
}

#[derive(Serialize)]
pub struct Created {
    number: String,
    title: String,
    body: String,
    state: String,
    enterprise: Named,
}

#[derive(Serialize)]
pub struct Enterprise {
    id: Uuid,
    name: String,
    issues: Nodes<Raised>,
}

#[derive(Serialize)]
pub struct Nodes<T> {
    nodes: Vec<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Raised {
    id: Uuid,
    number: String,
    title: String,
    state: String,
    created_at: DateTime<Utc>,
    transitions: Nodes<Step>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    seq: i32,
    kind: String,
    to_state: String,
    created_at: DateTime<Utc>,
}

impl Issue {
    fn of(row: &Row) -> Self {
        let officer: Option<Uuid> = row.get(7);
        Self {
            id: row.get(0),
            number: row.get(1),
            title: row.get(2),
            state: row.get(3),
            created_at: row.get(4),
            enterprise: Named {
                id: row.get(5),
                name: row.get(6),
                street: None,
            },
            officer: officer.map(|id| Officer {
                id,
                post_title: row.get(8),
                patch: None,
            }),
            more: None,
        }
    }

    /// With what only the page of one issue shows.
    pub fn whole(row: &Row) -> Self {
        let mut issue = Self::of(row);
        issue.more = Some(More {
            body: row.get(9),
            nature: row.get(10),
            submitted_at: row.get(11),
        });
        issue.enterprise.street = row.get(12);
        if let Some(officer) = &mut issue.officer {
            officer.patch = row.get(13);
        }
        issue
    }
}

impl Page<Issue> {
    /// The rows but the one too many.
    pub fn of(rows: &[Row]) -> Self {
        let nodes: Vec<Issue> = rows.iter().take(SIZE).map(Issue::of).collect();
        let end_cursor = nodes.last().map(|issue| Place {
            created_at: issue.created_at,
            id: issue.id,
        });
        Self {
            nodes,
            page_info: Some(PageInfo {
                has_next_page: rows.len() > SIZE,
                end_cursor,
            }),
        }
    }
}

impl Counted {
    pub fn of(row: &Row) -> Self {
        Self {
            state: row.get(0),
            count: row.get(1),
        }
    }
}

impl Created {
    pub fn of(row: &Row) -> Self {
        Self {
            number: row.get(0),
            title: row.get(1),
            body: row.get(2),
            state: row.get(3),
            enterprise: Named {
                id: row.get(4),
                name: row.get(5),
                street: None,
            },
        }
    }
}

/// Rows that repeat their enterprise and issue, as the tree that they tell.
pub fn tree(rows: &[Row]) -> Vec<Enterprise> {
    let mut tree: Vec<Enterprise> = Vec::with_capacity(20);
    for row in rows {
        let id: Uuid = row.get(0);
        if tree.last().is_none_or(|enterprise| enterprise.id != id) {
            tree.push(Enterprise {
                id,
                name: row.get(1),
                issues: Nodes { nodes: Vec::new() },
            });
        }
        let Some(issues) = tree.last_mut().map(|last| &mut last.issues.nodes) else {
            continue;
        };
        let Some(issue) = row.get::<_, Option<Uuid>>(2) else {
            continue;
        };
        if issues.last().is_none_or(|last| last.id != issue) {
            issues.push(Raised {
                id: issue,
                number: row.get(3),
                title: row.get(4),
                state: row.get(5),
                created_at: row.get(6),
                transitions: Nodes { nodes: Vec::new() },
            });
        }
        if let (Some(seq), Some(issue)) = (row.get::<_, Option<i32>>(7), issues.last_mut()) {
            issue.transitions.nodes.push(Step {
                seq,
                kind: row.get(8),
                to_state: row.get(9),
                created_at: row.get(10),
            });
        }
    }
    tree
}
