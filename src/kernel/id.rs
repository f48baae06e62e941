//! Ids: UUIDv7 inside, `TypeID` (prefix and base32 of the UUID) at the border. One prefix table.

use sea_orm::Iterable;
use uuid::Uuid;

/// Everything that has an id at the border, and therefore a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::EnumIter)]
pub enum Kind {
    /// District.
    District,
    /// A version of a district's policy.
    Policy,
    /// Department.
    Department,
    /// Enterprise.
    Enterprise,
    /// Membership in the alliance.
    Membership,
    /// Pairing.
    Pairing,
    /// Membership in a pairing.
    PairingMember,
    /// Interaction of a pairing.
    Interaction,
    /// Chief service officer.
    Officer,
    /// Assignment of an officer.
    Assignment,
    /// Visit.
    Visit,
    /// Participant of a visit.
    Participant,
    /// Enterprise issue.
    Issue,
    /// Category of issues.
    Category,
    /// Department that helps with an issue.
    CoDepartment,
    /// Transition of an issue.
    Transition,
    /// Entry on an issue.
    Progress,
    /// Rating of an issue.
    Rating,
    /// Request for more time.
    Extension,
    /// Call back to an enterprise.
    Callback,
    /// Appeal against a refusal.
    Appeal,
    /// Common problem of several enterprises.
    Cluster,
    /// Clock of an issue.
    Clock,
    /// What a clock gives.
    ClockRule,
    /// What was pressed for on an issue.
    Supervision,
    /// Joint meeting.
    Meeting,
    /// Contact of an enterprise or of an issue.
    Contact,
    /// Attachment of an issue or a visit.
    Attachment,
    /// Offer of help on an issue.
    HelpOffer,
    /// Link of the supply chain.
    SupplyLink,
    /// User.
    User,
}

impl Kind {
    /// The prefix of its ids; also how the audit and the events name it.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Policy => "policy",
            Self::Department => "department",
            Self::Enterprise => "enterprise",
            Self::Membership => "membership",
            Self::Pairing => "pairing",
            Self::PairingMember => "pairing_member",
            Self::Interaction => "interaction",
            Self::Officer => "officer",
            Self::Assignment => "assignment",
            Self::Visit => "visit",
            Self::Participant => "participant",
            Self::Issue => "issue",
            Self::Category => "category",
            Self::CoDepartment => "co_department",
            Self::Transition => "transition",
            Self::Progress => "progress",
            Self::Rating => "rating",
            Self::Extension => "extension",
            Self::Callback => "callback",
            Self::Appeal => "appeal",
            Self::Cluster => "cluster",
            Self::Clock => "clock",
            Self::ClockRule => "clock_rule",
            Self::Supervision => "supervision",
            Self::Meeting => "joint_meeting",
            Self::Contact => "contact",
            Self::Attachment => "attachment",
            Self::HelpOffer => "help_offer",
            Self::SupplyLink => "supply_link",
            Self::User => "user",
        }
    }

    /// The kind that a prefix names.
    #[must_use]
    pub fn of_prefix(prefix: &str) -> Option<Self> {
        Self::iter().find(|kind| kind.prefix() == prefix)
    }
}

/// Crockford's base32 in lower case, as the `TypeID` specification (v0.3) uses it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The `TypeID` of a row.
#[must_use]
pub fn encode(kind: Kind, id: Uuid) -> String {
    spell(kind.prefix(), id)
}

/// The row id in a `TypeID`; none where it is malformed or of another kind. Strict, so that an
/// id has exactly one spelling.
#[must_use]
pub fn decode(kind: Kind, text: &str) -> Option<Uuid> {
    read(kind.prefix(), text)
}

/// The prefix of the ids of what happened. An event is told, not asked for: it is no kind.
const EVENT: &str = "event";

/// The `TypeID` of an event.
#[must_use]
pub fn encode_event(id: Uuid) -> String {
    spell(EVENT, id)
}

/// The id in the `TypeID` of an event; none where it is malformed.
#[must_use]
pub fn decode_event(text: &str) -> Option<Uuid> {
    read(EVENT, text)
}

fn spell(prefix: &str, id: Uuid) -> String {
    let bits = id.as_u128();
    let mut text = String::with_capacity(prefix.len() + 27);
    text.push_str(prefix);
    text.push('_');
    for group in (0..26).rev() {
        let digit = usize::try_from((bits >> (group * 5)) & 31).unwrap_or(0);
        text.push(ALPHABET.get(digit).map_or('0', |byte| char::from(*byte)));
    }
    text
}

fn read(prefix: &str, text: &str) -> Option<Uuid> {
    let suffix = text.strip_prefix(prefix)?.strip_prefix('_')?;
    let mut bits: u128 = 0;
    if suffix.len() != 26 || suffix.as_bytes().first()? > &b'7' {
        return None;
    }
    for byte in suffix.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        bits = (bits << 5) | u128::try_from(digit).ok()?;
    }
    Some(Uuid::from_u128(bits))
}

/// The kind and the row id in a `TypeID` of any kind.
#[must_use]
pub fn decode_any(text: &str) -> Option<(Kind, Uuid)> {
    Kind::iter().find_map(|kind| Some((kind, decode(kind, text)?)))
}

/// Where new ids come from.
pub trait Ids: Send + Sync {
    /// A new id, greater than those before it in this process.
    fn next(&self) -> Uuid;
}

/// UUIDv7 (RFC 9562) of the real time.
pub struct RandomIds;

impl Ids for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "the one home of new ids")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_example_both_ways() {
        let id: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let text = encode(Kind::Enterprise, id);
        assert_eq!(text, "enterprise_01h455vb4pex5vsknk084sn02q");
        assert_eq!(decode(Kind::Enterprise, &text), Some(id));
    }

    #[test]
    fn another_kind_or_spelling_is_no_id() {
        let good = "enterprise_01h455vb4pex5vsknk084sn02q";
        assert_eq!(decode(Kind::Pairing, good), None);
        for bad in [
            "",
            "enterprise",
            "enterprise_",
            "enterprise_01H455VB4PEX5VSKNK084SN02Q",
            "enterprise_81h455vb4pex5vsknk084sn02q",
            "enterprise_01h455vb4pex5vsknk084sn02",
            "enterprise_01h455vb4pex5vsknk084sn02qq",
            "enterprise_01h455vb4pex5vsknk084sn02\u{e9}",
            "enterprise_01h455vb4pex5vsknk084sn0iq",
        ] {
            assert_eq!(decode(Kind::Enterprise, bad), None, "{bad:?}");
        }
        assert_eq!(
            decode(Kind::Pairing, "pairing_member_01h455vb4pex5vsknk084sn02q"),
            None
        );
    }

    #[test]
    fn an_event_has_ids_that_are_no_kinds() {
        let id = Uuid::from_u128(7);
        let text = encode_event(id);
        assert_eq!(decode_event(&text), Some(id));
        assert_eq!(decode_any(&text), None);
        assert_eq!(decode_event(&encode(Kind::Issue, id)), None);
    }

    #[test]
    fn every_kind_reads_its_own_ids_only() {
        let id = Uuid::from_u128(u128::MAX);
        for kind in Kind::iter() {
            for other in Kind::iter() {
                let read = decode(other, &encode(kind, id));
                assert_eq!(read, (kind == other).then_some(id), "{kind:?} {other:?}");
            }
        }
    }
}
