//! Pairings (结对共建): one lead with its members (1+N), or a state-owned with a private
//! enterprise; and what the enterprises of a pairing do together.

use async_graphql::{Enum, ID, InputObject};
use entity::pairing::{PairingKind, PairingStatus};
use entity::pairing_interaction::{AmountBand, DealType, InteractionType};
use entity::pairing_member::PairingMemberStatus;

use crate::domain::scalar::Date;

pub mod commands;
pub mod narrowing;
pub mod policy;
pub mod queries;
pub mod rules;

pub use narrowing::{
    InteractionFilter, InteractionOrderField, InteractionTypeFilter, PairingFilter,
    PairingKindFilter, PairingMemberFilter, PairingMemberOrderField, PairingMemberStatusFilter,
    PairingOrderField, PairingStatusFilter,
};

/// The six modes of co-building (六共模式). The order is the order of the bits in the table: new
/// values go at the end, and none is ever moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, sea_orm::EnumIter)]
pub enum CoBuildMode {
    /// Party organisations built together (组织共建).
    OrgBuilding,
    /// Venues shared (阵地共享).
    VenueSharing,
    /// Activities held together (活动共办).
    JointActivity,
    /// Party members trained together (党员共训).
    JointTraining,
    /// Problems solved together (难题共解).
    JointProblemSolving,
    /// Cooperation to mutual benefit (合作共赢); needs a deal.
    WinWin,
}

/// The six kinds of mutual aid (六互). The order is the order of the bits in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, sea_orm::EnumIter)]
pub enum MutualAidType {
    /// Aid in party building (党建互助).
    PartyAid,
    /// Help in difficulty (困难互帮).
    DifficultyAid,
    /// Growth together (发展互促).
    GrowthAid,
    /// Resources exchanged (资源互通).
    ResourceFlow,
    /// Information linked (信息互联).
    InfoLink,
    /// Strengths that complement each other (优势互补).
    StrengthComplement,
}

/// The bits of a list of values, in the order of their enum.
#[must_use]
pub fn to_bits<E: sea_orm::Iterable + PartialEq>(values: &[E]) -> i32 {
    let mut bits = 0;
    for (place, known) in E::iter().enumerate() {
        if values.contains(&known) {
            bits |= 1 << place;
        }
    }
    bits
}

/// The values of bits, in the order of their enum.
#[must_use]
pub fn from_bits<E: sea_orm::Iterable>(bits: i32) -> Vec<E> {
    E::iter()
        .enumerate()
        .filter(|(place, _)| bits & (1 << place) != 0)
        .map(|(_, value)| value)
        .collect()
}

/// What can be done to a pairing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, sea_orm::EnumIter)]
pub enum PairingAction {
    /// Bring it into force (`activatePairing`).
    Activate,
    /// Add a member (`addPairingMember`).
    AddMember,
    /// Remove a member (`removePairingMember`).
    RemoveMember,
    /// Record an interaction (`recordInteraction`).
    RecordInteraction,
    /// End it (`endPairing`).
    End,
}

/// A pairing to be.
#[derive(Clone, Debug, InputObject)]
pub struct ProposePairingInput {
    /// Its kind; a lead's users propose `ONE_PLUS_N` only.
    pub kind: PairingKind,
    /// The lead, or the state-owned side; a lead's users name their own enterprise.
    pub lead_id: ID,
    /// The members, or the private side; at most what the policy allows.
    pub member_ids: Vec<ID>,
    /// The name, at most 120 characters.
    pub name: String,
    /// What it is to achieve, at most 2,000 characters.
    pub goals: Option<String>,
}

/// Bringing a pairing into force.
#[derive(Clone, Debug, InputObject)]
pub struct ActivatePairingInput {
    /// The pairing.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The day it comes into force, from 2000-01-01 to today; today where absent.
    pub starts_on: Option<Date>,
}

/// One more member.
#[derive(Clone, Debug, InputObject)]
pub struct AddPairingMemberInput {
    /// The pairing.
    pub id: ID,
    /// The version of the pairing that the change was made on.
    pub expected_version: i32,
    /// The enterprise to add.
    pub enterprise_id: ID,
}

/// One member less.
#[derive(Clone, Debug, InputObject)]
pub struct RemovePairingMemberInput {
    /// The pairing.
    pub id: ID,
    /// The version of the pairing that the change was made on.
    pub expected_version: i32,
    /// The enterprise to remove.
    pub enterprise_id: ID,
}

/// The end of a pairing.
#[derive(Clone, Debug, InputObject)]
pub struct EndPairingInput {
    /// The pairing.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The day it ends: not before anything of it, not after today; today where absent.
    pub ends_on: Option<Date>,
    /// Why, at most 500 characters.
    pub reason: String,
}

/// A cooperation deal (合作共赢).
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CooperationDealInput {
    /// What it is about.
    #[graphql(name = "type")]
    pub deal_type: DealType,
    /// The band of its amount; exact amounts are not kept.
    pub amount_band: AmountBand,
}

/// Something the enterprises of a pairing did together.
#[derive(Clone, Debug, InputObject)]
pub struct RecordInteractionInput {
    /// The pairing, in force.
    pub pairing_id: ID,
    /// What it was.
    #[graphql(name = "type")]
    pub interaction_type: InteractionType,
    /// The day, from the pairing's start to today.
    pub held_on: Date,
    /// The title, at most 200 characters.
    pub title: String,
    /// What came of it, at most 2,000 characters.
    pub summary: Option<String>,
    /// The modes of co-building (六共) it served: one to six, each once. `WIN_WIN` needs a deal.
    pub modes: Vec<CoBuildMode>,
    /// The kinds of mutual aid (六互) in it, each once.
    #[graphql(default)]
    pub aids: Vec<MutualAidType>,
    /// People who took part, from 0 to 100,000.
    pub participant_count: Option<i32>,
    /// The cooperation deal; with mode `WIN_WIN` only.
    pub deal: Option<CooperationDealInput>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::Iterable;

    #[test]
    fn bits_keep_the_order_of_the_tables() {
        assert_eq!(to_bits(&[CoBuildMode::OrgBuilding]), 1);
        assert_eq!(to_bits(&[CoBuildMode::WinWin]), 32, "the table's CHECK");
        assert_eq!(to_bits(&[MutualAidType::StrengthComplement]), 32);
        assert_eq!(to_bits::<MutualAidType>(&[]), 0);
        let both = [CoBuildMode::JointTraining, CoBuildMode::VenueSharing];
        assert_eq!(
            from_bits::<CoBuildMode>(to_bits(&both)),
            [CoBuildMode::VenueSharing, CoBuildMode::JointTraining]
        );
    }

    #[test]
    fn there_are_six_of_each() {
        assert_eq!(CoBuildMode::iter().count(), 6);
        assert_eq!(MutualAidType::iter().count(), 6);
        assert_eq!(from_bits::<CoBuildMode>(63).len(), 6);
        assert_eq!(from_bits::<MutualAidType>(0), []);
    }
}
