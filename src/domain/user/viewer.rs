//! From a verified token to a viewer: one statement. It also tells of what revision the rights are
//! that the viewer rests on, for whoever keeps it.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{DbBackend, QueryResult, Statement};
use uuid::Uuid;

use crate::access::token::{ClaimedRole, Claims, Perm};
use crate::access::viewer::{Client, Post, Seat, Standing, Viewer};
use crate::kernel::error::{Error, Result};
use crate::store::Db;
use entity::api_client::ClientMode;
use entity::membership::MembershipRole;
use entity::user_account::UserRole;

/// The users with everything that their standing rests on, and how their applications may ask.
/// The joins exclude each other, so a user's rows are as many as the officer's assignments or the
/// pairings' members, and at least one.
macro_rules! users {
    ($from:literal, $token:literal, $client:literal, $which:literal) => {
        concat!(
            "SELECT u.id, u.district_id, u.role, u.is_admin, u.is_auditor, u.officer_id, \
             u.enterprise_id, o.department_id, m.role AS alliance, a.enterprise_id AS assigned, \
             p.id AS pairing, p.lead_id, p.kind, pm.enterprise_id AS member, \
             (SELECT r.revision FROM rights_revision r WHERE r.district_id = u.district_id) AS rights, \
             (SELECT c.mode FROM api_client c WHERE c.id = ",
            $client,
            ") AS client_mode, CAST(",
            $token,
            " AS bigint) AS token FROM ",
            $from,
            " JOIN district d ON d.id = u.district_id AND d.is_active \
             LEFT JOIN enterprise e ON e.id = u.enterprise_id \
             LEFT JOIN service_officer o ON o.id = u.officer_id AND o.status = 'ACTIVE' \
             LEFT JOIN officer_assignment a ON a.officer_id = o.id AND a.status = 'ACTIVE' \
             LEFT JOIN membership m ON m.enterprise_id = e.id AND m.status = 'ACTIVE' \
             LEFT JOIN pairing p ON p.status IN ('ACTIVE', 'UNDER_STRENGTH') \
             AND m.id IS NOT NULL AND p.id IN \
             (SELECT l.id FROM pairing l WHERE l.lead_id = e.id UNION ALL SELECT x.pairing_id \
             FROM pairing_member x WHERE x.enterprise_id = e.id AND x.status = 'ACTIVE') \
             LEFT JOIN pairing_member pm ON pm.pairing_id = p.id AND pm.status = 'ACTIVE' \
             WHERE u.status = 'ACTIVE' AND (e.id IS NULL OR e.status = 'ACTIVE') AND ",
            $which
        )
    };
}

/// One user of the district's side: what only an enterprise's has is not asked for.
const OFFICIAL: &str = "\
    SELECT u.id, u.district_id, u.role, u.is_admin, u.is_auditor, u.officer_id, \
    o.department_id, a.enterprise_id AS assigned, \
    (SELECT r.revision FROM rights_revision r WHERE r.district_id = u.district_id) AS rights, \
    (SELECT c.mode FROM api_client c WHERE c.id = $3) AS client_mode FROM user_account u \
    JOIN district d ON d.id = u.district_id AND d.is_active \
    LEFT JOIN service_officer o ON o.id = u.officer_id AND o.status = 'ACTIVE' \
    LEFT JOIN officer_assignment a ON a.officer_id = o.id AND a.status = 'ACTIVE' \
    WHERE u.status = 'ACTIVE' AND u.issuer = $1 AND u.subject = $2";
const ONE: &str = users!(
    "user_account u",
    "0",
    "$3",
    "u.issuer = $1 AND u.subject = $2"
);
const MANY_POSTGRES: &str = users!(
    "(SELECT a ->> 0 AS issuer, a ->> 1 AS subject, a ->> 2 AS client, n - 1 AS n \
     FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS list(a, n)) t CROSS JOIN user_account u",
    "t.n",
    "t.client",
    "u.issuer = t.issuer AND u.subject = t.subject"
);
const MANY_SQLITE: &str = users!(
    "(SELECT value ->> 0 AS issuer, value ->> 1 AS subject, value ->> 2 AS client, key AS n \
     FROM json_each($1)) t CROSS JOIN user_account u",
    "t.n",
    "t.client",
    "u.issuer = t.issuer AND u.subject = t.subject"
);

/// Weighs a token against the database, and tells the revision of the rights beside it. The token
/// can narrow what the database grants, never widen it.
///
/// # Errors
/// `Unauthenticated` for no such user, a disabled one, or one of a deactivated enterprise; or
/// when the database fails.
pub async fn viewer(db: &Db, claims: &Claims) -> Result<(Viewer, i64)> {
    // Service accounts, which carry no role, have no rows yet.
    let claimed = claims.role.ok_or(Error::Unauthenticated)?;
    let sql = match claimed {
        ClaimedRole::District => OFFICIAL,
        ClaimedRole::Lead | ClaimedRole::Member => ONE,
    };
    let login = [&claims.iss, &claims.sub, &claims.client_id];
    let values = login.map(|text| text.as_str().into());
    let rows = db
        .all(Statement::from_sql_and_values(db.backend(), sql, values))
        .await?;
    let viewer = weigh(claims, &rows.iter().collect::<Vec<_>>())?;
    let first = rows.first().ok_or(Error::Unauthenticated)?;
    Ok((viewer, first.try_get("", "rights")?))
}

/// The same for many tokens, in one statement.
///
/// # Errors
/// When the database fails; each token has its own answer.
pub async fn viewers(db: &Db, tokens: &[Arc<Claims>]) -> Result<Vec<Result<Viewer>>> {
    let logins = tokens
        .iter()
        .map(|claims| [&claims.iss, &claims.sub, &claims.client_id]);
    let logins = serde_json::json!(logins.collect::<Vec<_>>()).to_string();
    let sql = match db.backend() {
        DbBackend::Postgres => MANY_POSTGRES,
        _ => MANY_SQLITE,
    };
    let statement = Statement::from_sql_and_values(db.backend(), sql, [logins.into()]);
    let rows = db.all(statement).await?;
    let mut of_token: HashMap<i64, Vec<&QueryResult>> = HashMap::new();
    for row in &rows {
        of_token
            .entry(row.try_get("", "token")?)
            .or_default()
            .push(row);
    }
    let answers = tokens.iter().zip(0..).map(|(claims, number)| {
        let rows = of_token.get(&number);
        weigh(claims, rows.map_or(&[], Vec::as_slice))
    });
    Ok(answers.collect())
}

fn weigh(claims: &Claims, rows: &[&QueryResult]) -> Result<Viewer> {
    let claimed = claims.role.ok_or(Error::Unauthenticated)?;
    let first = *rows.first().ok_or(Error::Unauthenticated)?;
    let mode: Option<ClientMode> = first.try_get("", "client_mode")?;
    Ok(Viewer {
        user_id: first.try_get("", "id")?,
        district_id: first.try_get("", "district_id")?,
        standing: standing(claims, claimed, first, rows)?,
        token_id: claims.jti.clone(),
        client: Client {
            id: claims.client_id.clone(),
            is_trusted_only: mode == Some(ClientMode::TrustedOnly),
        },
    })
}

fn standing(
    claims: &Claims,
    claimed: ClaimedRole,
    first: &QueryResult,
    rows: &[&QueryResult],
) -> Result<Standing> {
    let role: UserRole = first.try_get("", "role")?;
    let is_district = role == UserRole::District;
    if is_district != (claimed == ClaimedRole::District) {
        return Err(Error::Unauthenticated);
    }
    if is_district {
        return district(claims, first, rows);
    }
    let enterprise: Uuid = first.try_get("", "enterprise_id")?;
    let alliance: Option<MembershipRole> = first.try_get("", "alliance")?;
    let leads = role == UserRole::Lead
        && claimed == ClaimedRole::Lead
        && alliance == Some(MembershipRole::Lead);
    let mut seat = Seat {
        enterprise_id: enterprise,
        alliance,
        pairings: Vec::new(),
        members: Vec::new(),
    };
    for row in rows {
        let pairing: Option<Uuid> = row.try_get("", "pairing")?;
        let Some(pairing) = pairing else { continue };
        if !seat.pairings.contains(&pairing) {
            seat.pairings.push(pairing);
        }
        let lead: Uuid = row.try_get("", "lead_id")?;
        let kind: String = row.try_get("", "kind")?;
        let member: Option<Uuid> = row.try_get("", "member")?;
        if leads && lead == enterprise && kind == "ONE_PLUS_N" {
            seat.members.extend(member);
        }
    }
    Ok(if leads {
        Standing::Lead(seat)
    } else {
        Standing::Member(seat)
    })
}

fn district(claims: &Claims, first: &QueryResult, rows: &[&QueryResult]) -> Result<Standing> {
    let is_auditor: bool = first.try_get("", "is_auditor")?;
    let is_admin: bool = first.try_get("", "is_admin")?;
    // Either word on auditing narrows: an auditor sees the audit and nothing else.
    if is_auditor || claims.perms.contains(&Perm::Auditor) {
        return Ok(Standing::Auditor);
    }
    if is_admin && claims.perms.contains(&Perm::Admin) {
        return Ok(Standing::Admin);
    }
    let post: Option<Uuid> = first.try_get("", "officer_id")?;
    let Some(officer_id) = post else {
        return Ok(Standing::Operator);
    };
    // A retired post serves nobody: what is left of its user is nothing.
    let department: Option<Uuid> = first.try_get("", "department_id")?;
    let department_id = department.ok_or(Error::Unauthenticated)?;
    let mut assigned = Vec::new();
    for row in rows {
        assigned.extend(row.try_get::<Option<Uuid>>("", "assigned")?);
    }
    Ok(Standing::Officer(Post {
        officer_id,
        department_id,
        assigned,
    }))
}
