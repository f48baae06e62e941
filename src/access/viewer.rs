//! The viewer: a verified token weighed against the database, or kept from when it was and
//! confirmed by it in the same request. Every select takes one, so there is no select without a
//! visibility.

use std::sync::atomic::{AtomicU8, Ordering};

use entity::membership::MembershipRole;
use uuid::Uuid;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The user's row.
    pub user_id: Uuid,
    /// The user's district; nobody sees across districts.
    pub district_id: Uuid,
    /// What the user is, by token and database together.
    pub standing: Standing,
    /// The token's id (`jti`), for the audit.
    pub token_id: String,
    /// What the token was issued to.
    pub client: Client,
}

/// The rights that a kept viewer goes by: those of a revision of the district's (`rights_revision`).
/// Whether they still are is told by a statement of the request itself, beside what it answers.
#[derive(Debug)]
pub struct Rights {
    revision: i64,
    word: AtomicU8,
}

const UNTOLD: u8 = 0;
const THE_SAME: u8 = 1;
const CHANGED: u8 = 2;

impl Rights {
    /// The rights of a revision; nobody has told yet whether it is the last.
    #[must_use]
    pub const fn of(revision: i64) -> Self {
        Self {
            revision,
            word: AtomicU8::new(UNTOLD),
        }
    }

    /// Hears of what revision they are now. One word of a change outweighs all others.
    pub fn hear(&self, revision: i64) {
        let word = if revision == self.revision {
            THE_SAME
        } else {
            CHANGED
        };
        self.word.fetch_max(word, Ordering::Relaxed);
    }

    /// Their revision.
    #[must_use]
    pub const fn revision(&self) -> i64 {
        self.revision
    }

    /// Whether they are of this revision.
    #[must_use]
    pub const fn are_of(&self, revision: i64) -> bool {
        self.revision == revision
    }

    /// Hears that they are the same, whatever their revision.
    pub fn confirm(&self) {
        self.word.fetch_max(THE_SAME, Ordering::Relaxed);
    }

    /// Whether nobody has told.
    #[must_use]
    pub fn are_untold(&self) -> bool {
        self.word.load(Ordering::Relaxed) == UNTOLD
    }

    /// Whether they have changed.
    #[must_use]
    pub fn have_changed(&self) -> bool {
        self.word.load(Ordering::Relaxed) == CHANGED
    }
}

/// The application that somebody uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Its name, the `client_id` of the token.
    pub id: String,
    /// Whether it may send registered documents only.
    pub is_trusted_only: bool,
}

/// What a viewer is. The database decides; a token can only narrow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// District administrator (DA).
    Admin,
    /// District operator (DO).
    Operator,
    /// Sees the audit and nothing else.
    Auditor,
    /// Chief service officer (SO): a district user narrowed to a post's rows.
    Officer(Post),
    /// User of an enterprise that leads the alliance (L).
    Lead(Seat),
    /// User of any other active enterprise (M).
    Member(Seat),
}

impl Standing {
    /// How the audit names it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Admin => "DISTRICT ADMIN",
            Self::Operator => "DISTRICT",
            Self::Auditor => "DISTRICT AUDITOR",
            Self::Officer(_) => "DISTRICT OFFICER",
            Self::Lead(_) => "LEAD",
            Self::Member(_) => "MEMBER",
        }
    }
}

/// The post of an officer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The officer's row.
    pub officer_id: Uuid,
    /// The department of the post.
    pub department_id: Uuid,
    /// The enterprises of the active assignments.
    pub assigned: Vec<Uuid>,
}

/// The seat of an enterprise's user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// Its role in the alliance, where it has an active membership.
    pub alliance: Option<MembershipRole>,
    /// The pairings in force that it takes part in, on either side.
    pub pairings: Vec<Uuid>,
    /// For a lead: the members of its own 1+N pairing in force.
    pub members: Vec<Uuid>,
}

impl Viewer {
    /// Administrator or operator: the district side without an officer's narrowing.
    #[must_use]
    pub const fn is_district_staff(&self) -> bool {
        matches!(self.standing, Standing::Admin | Standing::Operator)
    }

    /// Administrator.
    #[must_use]
    pub const fn is_admin(&self) -> bool {
        matches!(self.standing, Standing::Admin)
    }

    /// Auditor.
    #[must_use]
    pub const fn is_auditor(&self) -> bool {
        matches!(self.standing, Standing::Auditor)
    }

    /// The post of an officer.
    #[must_use]
    pub const fn post(&self) -> Option<&Post> {
        match &self.standing {
            Standing::Officer(post) => Some(post),
            _ => None,
        }
    }

    /// The seat of an enterprise's user.
    #[must_use]
    pub const fn seat(&self) -> Option<&Seat> {
        match &self.standing {
            Standing::Lead(seat) | Standing::Member(seat) => Some(seat),
            _ => None,
        }
    }

    /// The seat of a lead's user.
    #[must_use]
    pub const fn lead_seat(&self) -> Option<&Seat> {
        match &self.standing {
            Standing::Lead(seat) => Some(seat),
            _ => None,
        }
    }

    /// Whether it is the viewer's own enterprise.
    #[must_use]
    pub fn owns(&self, enterprise: Uuid) -> bool {
        self.seat()
            .is_some_and(|seat| seat.enterprise_id == enterprise)
    }

    /// Whether the viewer serves the enterprise as its officer.
    #[must_use]
    pub fn serves(&self, enterprise: Uuid) -> bool {
        self.post()
            .is_some_and(|post| post.assigned.contains(&enterprise))
    }

    /// Whether the viewer leads the pairing that the enterprise is a member of.
    #[must_use]
    pub fn leads(&self, enterprise: Uuid) -> bool {
        self.lead_seat()
            .is_some_and(|seat| seat.members.contains(&enterprise))
    }

    /// Whether the viewer may see what the alliance shows to its own.
    #[must_use]
    pub fn is_in_alliance(&self) -> bool {
        self.seat().is_some_and(|seat| seat.alliance.is_some())
    }
}
