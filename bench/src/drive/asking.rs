//! What is asked, in each server's words: the same rows, the same fields.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Setup;
use crate::http::Connection;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    One,
    Newest,
    Tree,
    Counts,
    Deep,
    Create,
}

impl Operation {
    pub const ALL: [Self; 6] = [
        Self::One,
        Self::Newest,
        Self::Tree,
        Self::Counts,
        Self::Deep,
        Self::Create,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::One => "Q1 one issue with enterprise and officer",
            Self::Newest => "Q2 50 newest issues of a state, each with both",
            Self::Tree => "Q3 20 enterprises, 5 newest issues, 3 last steps",
            Self::Counts => "Q4 counts by state",
            Self::Deep => "Q5 50 newest after a cursor 10,000 to 19,000 deep",
            Self::Create => "M1 create an issue, answer with its enterprise",
        }
    }

    /// The most that it may cost, as a multiple of the limit.
    pub const fn goal(self) -> f64 {
        match self {
            Self::Create => 3.5,
            _ => 2.5,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::One => "/one",
            Self::Newest => "/newest",
            Self::Tree => "/tree",
            Self::Counts => "/counts",
            Self::Deep => "/deep",
            Self::Create => "/create",
        }
    }
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    Limit,
    Ours,
    PostGraphile,
}

impl Server {
    pub const ALL: [Self; 3] = [Self::Limit, Self::Ours, Self::PostGraphile];
}

/// Keys of the rows to ask for.
#[derive(Deserialize)]
pub struct Keys {
    district: String,
    category: String,
    /// Enterprises to write for.
    enterprises: Vec<String>,
    issues: Vec<String>,
    states: Vec<String>,
    /// Enterprises before a page of twenty, by name.
    pages: Vec<AfterName>,
    /// Issues before a deep page, the newest first.
    places: Vec<Place>,
}

#[derive(Deserialize)]
struct AfterName {
    name: String,
    id: String,
    /// How many are before it, itself included.
    depth: usize,
}

#[derive(Deserialize)]
struct Place {
    created_at: String,
    id: String,
    depth: usize,
}

/// The requests of each operation to each server, as they go over the wire.
pub struct Asked {
    requests: Vec<[Requests; 3]>,
}

/// The requests of one operation to one server.
pub struct Requests {
    head: String,
    bodies: Vec<String>,
    /// Whether each is to be a new one: its body and its key get a number.
    is_new: bool,
}

/// Where a number goes.
const NUMBER: &str = "@NUMBER@";

/// A number that has not been, in this run or another of the same database.
fn fresh() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static START: OnceLock<u64> = OnceLock::new();
    let start = START.get_or_init(|| chrono::Utc::now().timestamp_millis().unsigned_abs() << 4);
    start + NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Requests {
    pub const fn len(&self) -> usize {
        self.bodies.len()
    }

    /// The request at a place of the round.
    pub fn request(&self, place: usize) -> String {
        let body = &self.bodies[place % self.bodies.len()];
        if !self.is_new {
            return format!("{}Content-Length: {}\r\n\r\n{body}", self.head, body.len());
        }
        let number = fresh();
        let number = format!("{number:012x}");
        let body = body.replace(NUMBER, &number);
        let head = &self.head;
        format!(
            "{head}Idempotency-Key: {number}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

impl Asked {
    pub fn requests(&self, operation: Operation, server: Server) -> &Requests {
        &self.requests[operation as usize][server as usize]
    }
}

/// Ids as our server writes them: the kind, and 128 bits by five in Crockford's letters.
fn type_id(kind: &str, uuid: &str) -> Result<String> {
    let bits: uuid::Uuid = uuid.parse()?;
    let bits = bits.as_u128();
    let letters = b"0123456789abcdefghjkmnpqrstvwxyz";
    let text = (0..26).rev().map(|place| {
        let five = usize::try_from((bits >> (5 * place)) & 31).unwrap_or(0);
        char::from(letters[five])
    });
    Ok(format!("{kind}_{}", text.collect::<String>()))
}

const OURS: [&str; 6] = [
    "query Issue($id: ID!) { answer: enterpriseIssue(id: $id) { id number title state createdAt body nature submittedAt \
     enterprise { id name street } officer { id postTitle patch } } }",
    "query Newest($state: IssueState!) { answer: enterpriseIssues(first: 50, filter: {state: {eq: $state}}) { nodes { \
     id number title state createdAt enterprise { id name } officer { id postTitle } } pageInfo { hasNextPage endCursor } } }",
    "query Tree($after: String) { answer: enterprises(first: 20, after: $after, orderBy: [{field: NAME, direction: ASC}]) { \
     nodes { id name issues(first: 5) { nodes { id number title state createdAt transitions(last: 3) { nodes { \
     seq kind toState createdAt } } } } } } }",
    "query Counts { answer: issueCountsByState { state count } }",
    "query Deep($after: String) { answer: enterpriseIssues(first: 50, after: $after) { nodes { \
     id number title state createdAt enterprise { id name } officer { id postTitle } } pageInfo { hasNextPage endCursor } } }",
    "mutation Create($input: CreateIssueInput!) { answer: createIssue(input: $input) { enterpriseIssue { \
     number title body state enterprise { id name } } userErrors { code } } }",
];

const POSTGRAPHILE: [&str; 6] = [
    "query Issue($id: UUID!) { answer: enterpriseIssueByRowId(rowId: $id) { id: rowId number title state createdAt body nature \
     submittedAt enterprise: enterpriseByDistrictIdAndEnterpriseId { id: rowId name street } \
     officer: serviceOfficerByDistrictIdAndOfficerId { id: rowId postTitle patch } } }",
    "query Newest($district: UUID!, $state: String!) { answer: allEnterpriseIssues(first: 50, \
     condition: {districtId: $district, state: $state}, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) { nodes { \
     id: rowId number title state createdAt enterprise: enterpriseByDistrictIdAndEnterpriseId { id: rowId name } \
     officer: serviceOfficerByDistrictIdAndOfficerId { id: rowId postTitle } } pageInfo { hasNextPage endCursor } } }",
    "query Tree($district: UUID!, $after: Cursor) { answer: allEnterprises(first: 20, after: $after, \
     condition: {districtId: $district}, orderBy: [NAME_ASC, ROW_ID_ASC]) { nodes { id: rowId name \
     issues: enterpriseIssuesByDistrictIdAndEnterpriseId(first: 5, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) { nodes { \
     id: rowId number title state createdAt transitions: issueTransitionsByDistrictIdAndIssueId(last: 3, orderBy: [SEQ_ASC]) { \
     nodes { seq kind toState createdAt } } } } } } }",
    "query Counts($district: UUID!) { answer: issueCountsByState(district: $district) { nodes { state count } } }",
    "query Deep($district: UUID!, $after: Cursor) { answer: allEnterpriseIssues(first: 50, after: $after, \
     condition: {districtId: $district}, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) { nodes { \
     id: rowId number title state createdAt enterprise: enterpriseByDistrictIdAndEnterpriseId { id: rowId name } \
     officer: serviceOfficerByDistrictIdAndOfficerId { id: rowId postTitle } } pageInfo { hasNextPage endCursor } } }",
    "mutation Create($issue: EnterpriseIssueInput!) { answer: createEnterpriseIssue(input: {enterpriseIssue: $issue}) { \
     enterpriseIssue { number title body state enterprise: enterpriseByDistrictIdAndEnterpriseId { id: rowId name } } } }",
];

/// Cursors of a list by places in it, for who gives them out by pages.
const OUR_PLACES: [&str; 2] = [
    "query($after: String) { answer: enterprises(first: 20, after: $after, orderBy: [{field: NAME, direction: ASC}]) { \
     pageInfo { endCursor } } }",
    "query($after: String) { answer: enterpriseIssues(first: 50, after: $after) { pageInfo { endCursor } } }",
];
const THEIR_PLACES: [&str; 2] = [
    "query($district: UUID!, $offset: Int!) { answer: allEnterprises(first: 1, offset: $offset, \
     condition: {districtId: $district}, orderBy: [NAME_ASC, ROW_ID_ASC]) { pageInfo { endCursor } } }",
    "query($district: UUID!, $offset: Int!) { answer: allEnterpriseIssues(first: 1, offset: $offset, \
     condition: {districtId: $district}, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) { pageInfo { endCursor } } }",
];

/// A server that is asked one thing after the other.
struct Conversation<'a> {
    setup: &'a Setup,
    server: Server,
    connection: Connection,
}

impl<'a> Conversation<'a> {
    fn with(setup: &'a Setup, server: Server) -> Result<Self> {
        let connection = Connection::open(&setup.servers[server as usize].address)?;
        Ok(Self {
            setup,
            server,
            connection,
        })
    }

    fn cursor(&mut self, query: &str, variables: &Value) -> Result<String> {
        let body = json!({"query": query, "variables": variables}).to_string();
        let requests = Requests {
            head: head(self.setup, self.server, Operation::One),
            bodies: vec![body],
            is_new: false,
        };
        let answer = self.connection.ask(&requests.request(0))?;
        let answer: Value = serde_json::from_str(&answer)?;
        let cursor = answer["data"]["answer"]["pageInfo"]["endCursor"].as_str();
        Ok(cursor.with_context(|| answer.to_string())?.to_owned())
    }

    /// Our cursors after every so many rows.
    fn ours(&mut self, list: usize, size: usize, depths: &[usize]) -> Result<Vec<String>> {
        let (mut cursors, mut after, mut depth) = (Vec::new(), Value::Null, 0);
        for wanted in depths {
            while depth < *wanted {
                after = self
                    .cursor(OUR_PLACES[list], &json!({"after": after}))?
                    .into();
                depth += size;
            }
            ensure!(depth == *wanted, "pages of {size} do not end at {wanted}");
            cursors.push(after.as_str().unwrap_or_default().to_owned());
        }
        Ok(cursors)
    }

    fn theirs(&mut self, list: usize, depths: &[usize]) -> Result<Vec<String>> {
        let district = self.setup.keys.district.clone();
        let cursors = depths.iter().map(|depth| {
            let variables = json!({"district": district, "offset": depth - 1});
            self.cursor(THEIR_PLACES[list], &variables)
        });
        cursors.collect()
    }
}

fn head(setup: &Setup, server: Server, operation: Operation) -> String {
    let address = &setup.servers[server as usize].address;
    let (path, more) = match server {
        Server::Limit => (operation.path(), String::new()),
        Server::Ours => (
            "/graphql",
            format!("Authorization: Bearer {}\r\n", setup.token),
        ),
        Server::PostGraphile => ("/graphql", String::new()),
    };
    format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\n{more}"
    )
}

/// The variables of every request of an operation to a server.
fn variables(
    setup: &Setup,
    operation: Operation,
    server: Server,
    cursors: &[Vec<String>; 2],
) -> Result<Vec<Value>> {
    let keys = &setup.keys;
    let after = |cursors: &[String]| -> Vec<Value> {
        let cursors = cursors.iter();
        cursors
            .map(|cursor| json!({"after": cursor, "district": keys.district}))
            .collect()
    };
    Ok(match (operation, server) {
        (Operation::One, Server::Ours) => {
            let ids = keys.issues.iter().map(|id| type_id("issue", id));
            ids.map(|id| Ok(json!({"id": id?})))
                .collect::<Result<_>>()?
        }
        (Operation::One, _) => keys.issues.iter().map(|id| json!({"id": id})).collect(),
        (Operation::Newest, _) => {
            let states = keys.states.iter();
            states
                .map(|state| json!({"state": state, "district": keys.district}))
                .collect()
        }
        (Operation::Tree, Server::Limit) => {
            let pages = keys.pages.iter();
            pages
                .map(|page| json!({"name": page.name, "id": page.id}))
                .collect()
        }
        (Operation::Deep, Server::Limit) => {
            let places = keys.places.iter();
            places
                .map(|place| json!({"createdAt": place.created_at, "id": place.id}))
                .collect()
        }
        (Operation::Tree, _) => after(&cursors[0]),
        (Operation::Deep, _) => after(&cursors[1]),
        (Operation::Counts, _) => vec![json!({"district": keys.district})],
        (Operation::Create, _) => {
            let enterprises = keys.enterprises.iter();
            let inputs = enterprises.map(|enterprise| input(keys, server, enterprise));
            inputs.collect::<Result<_>>()?
        }
    })
}

/// A new issue of an enterprise, as the server's own input.
fn input(keys: &Keys, server: Server, enterprise: &str) -> Result<Value> {
    Ok(match server {
        Server::Limit => json!({"enterprise": enterprise, "title": TITLE, "body": BODY}),
        Server::Ours => json!({"input": {
            "enterpriseId": type_id("enterprise", enterprise)?, "title": TITLE, "body": BODY,
            "nature": "HELP", "categoryId": type_id("category", &keys.category)?,
        }}),
        Server::PostGraphile => {
            let now = chrono::Utc::now();
            json!({"issue": {
                "rowId": format!("00000000-0000-4000-8000-{NUMBER}"), "number": format!("PG-{NUMBER}"),
                "districtId": keys.district, "enterpriseId": enterprise, "categoryId": keys.category,
                "title": TITLE, "body": BODY, "nature": "HELP", "channel": "PHONE", "visibility": "PAIRING",
                "isOnBehalf": true, "isConfidential": false, "state": "DRAFT", "escalationLevel": 0,
                "reopenCount": 0, "reworkCount": 0, "returnCount": 0, "extensionCount": 0,
                "isClosedUnrated": false, "isSynthetic": false, "version": 1, "createdAt": now, "updatedAt": now,
            }})
        }
    })
}

const TITLE: &str = "厂房电力增容与周边道路通行问题";
const BODY: &str = "我司因生产线扩建，原有供电容量不足，且周边道路限行影响货车进出，恳请协调供电与交管部门现场踏勘并给出方案。";

/// Everything that will be asked.
pub fn of(setup: &Setup) -> Result<Asked> {
    let pages: Vec<usize> = setup.keys.pages.iter().map(|page| page.depth).collect();
    let places: Vec<usize> = setup.keys.places.iter().map(|place| place.depth).collect();
    if pages.is_empty() || places.is_empty() || setup.keys.issues.is_empty() {
        bail!("there is nothing to ask for");
    }
    let mut ours = Conversation::with(setup, Server::Ours)?;
    let our_cursors = [ours.ours(0, 20, &pages)?, ours.ours(1, 50, &places)?];
    let mut theirs = Conversation::with(setup, Server::PostGraphile)?;
    let their_cursors = [theirs.theirs(0, &pages)?, theirs.theirs(1, &places)?];
    let mut all = Vec::new();
    for operation in Operation::ALL {
        let requests = |server: Server| -> Result<Requests> {
            let cursors = if server == Server::Ours {
                &our_cursors
            } else {
                &their_cursors
            };
            let variables = variables(setup, operation, server, cursors)?;
            let body = |variables: Value| match server {
                Server::Limit => variables.to_string(),
                Server::Ours => {
                    let mut variables = variables;
                    if let Some(map) = variables.as_object_mut() {
                        map.remove("district");
                    }
                    json!({"query": OURS[operation as usize], "variables": variables}).to_string()
                }
                Server::PostGraphile => {
                    json!({"query": POSTGRAPHILE[operation as usize], "variables": variables})
                        .to_string()
                }
            };
            Ok(Requests {
                head: head(setup, server, operation),
                bodies: variables.into_iter().map(body).collect(),
                is_new: operation == Operation::Create,
            })
        };
        let [limit, ours, theirs] = Server::ALL.map(requests);
        all.push([limit?, ours?, theirs?]);
    }
    Ok(Asked { requests: all })
}
