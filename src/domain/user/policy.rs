//! Who may read and change users.

use entity::user_account::{UserRole, UserStatus};
use uuid::Uuid;

use crate::access::viewer::{Standing, Viewer};
use crate::kernel::error::{Code, UserError};

/// Whether the viewer reads what a user is, not only the function it is shown by. `enterprise`
/// is the user's.
#[must_use]
pub fn may_read(viewer: &Viewer, user: Uuid, enterprise: Option<Uuid>) -> bool {
    if viewer.user_id == user {
        return true;
    }
    match &viewer.standing {
        Standing::Admin => true,
        Standing::Operator | Standing::Officer(_) | Standing::Auditor => false,
        Standing::Lead(seat) | Standing::Member(seat) => enterprise == Some(seat.enterprise_id),
    }
}

/// Whether the viewer reads how the user signs in.
#[must_use]
pub fn may_read_login(viewer: &Viewer, user: Uuid) -> bool {
    viewer.is_admin() || viewer.user_id == user
}

/// Whether the role may create and change users.
#[must_use]
pub const fn may_manage(viewer: &Viewer) -> bool {
    viewer.is_admin()
}

/// What is wrong with a user's role and what comes with it: the rules that the tables hold too,
/// and that an auditor holds no other function.
#[must_use]
pub fn faults(user: Grants) -> Vec<UserError> {
    let mut faults = Vec::new();
    if user.role == UserRole::District {
        if user.has_enterprise {
            faults.push(UserError::at(Code::Invalid, "enterpriseId").saying(
                "区级用户不属于任何企业",
                "A DISTRICT user belongs to no enterprise.",
            ));
        }
    } else {
        if !user.has_enterprise {
            faults.push(UserError::at(Code::Required, "enterpriseId"));
        }
        for (field, has) in [
            ("officerId", user.has_post),
            ("isAdmin", user.is_admin),
            ("isAuditor", user.is_auditor),
        ] {
            if has {
                faults.push(
                    UserError::at(Code::Invalid, field)
                        .saying("仅限区级用户", "For DISTRICT users only."),
                );
            }
        }
    }
    if user.is_auditor && (user.is_admin || user.has_post) {
        faults.push(UserError::at(Code::Invalid, "isAuditor").saying(
            "审计员不得兼任管理员或首席服务官",
            "An auditor is no administrator and holds no officer's post.",
        ));
    }
    faults
}

/// What a user is given.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "four independent things that a user has or has not"
)]
pub struct Grants {
    /// The role.
    pub role: UserRole,
    /// Whether it belongs to an enterprise.
    pub has_enterprise: bool,
    /// Whether it holds an officer's post.
    pub has_post: bool,
    /// Whether it administers.
    pub is_admin: bool,
    /// Whether it audits.
    pub is_auditor: bool,
}

impl Grants {
    /// The function that a user is shown by where no other name is given.
    #[must_use]
    pub const fn function(&self) -> &'static str {
        match self.role {
            UserRole::Lead => "牵头企业经办",
            UserRole::Member => "企业经办",
            UserRole::District if self.is_admin => "区级管理员",
            UserRole::District if self.is_auditor => "审计员",
            UserRole::District if self.has_post => "首席服务官",
            UserRole::District => "区级经办",
        }
    }
}

/// Whether an administrator's change of the own account would end the administration: nobody
/// locks themselves out, so a district always keeps an administrator.
#[must_use]
pub fn locks_out(viewer: &Viewer, user: Uuid, is_admin: bool, status: UserStatus) -> bool {
    viewer.user_id == user && (!is_admin || status != UserStatus::Active)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::viewer::Seat;

    fn grants(role: UserRole) -> Grants {
        Grants {
            role,
            has_enterprise: role != UserRole::District,
            has_post: false,
            is_admin: false,
            is_auditor: false,
        }
    }

    fn fields(user: Grants) -> Vec<String> {
        let last = |error: UserError| error.path.last().cloned().unwrap_or_default();
        faults(user).into_iter().map(last).collect()
    }

    #[test]
    fn a_role_comes_with_what_it_needs() {
        for role in [UserRole::District, UserRole::Lead, UserRole::Member] {
            assert!(fields(grants(role)).is_empty());
            let turned = Grants {
                has_enterprise: role == UserRole::District,
                ..grants(role)
            };
            assert_eq!(fields(turned), ["enterpriseId"]);
        }
    }

    #[test]
    fn only_the_district_side_has_functions_and_an_auditor_has_no_other() {
        let all = Grants {
            has_post: true,
            is_admin: true,
            is_auditor: true,
            ..grants(UserRole::Member)
        };
        assert_eq!(
            fields(all),
            ["officerId", "isAdmin", "isAuditor", "isAuditor"]
        );
        for (has_post, is_admin) in [(true, false), (false, true)] {
            let district = Grants {
                has_post,
                is_admin,
                ..grants(UserRole::District)
            };
            assert!(fields(district).is_empty());
            let auditor = Grants {
                is_auditor: true,
                ..district
            };
            assert_eq!(fields(auditor), ["isAuditor"]);
        }
    }

    fn viewer(standing: Standing) -> Viewer {
        Viewer {
            user_id: Uuid::from_u128(1),
            district_id: Uuid::from_u128(2),
            standing,
            token_id: String::new(),
            client: crate::access::viewer::Client::default(),
        }
    }

    #[test]
    fn an_administrator_cannot_lock_themselves_out() {
        let admin = viewer(Standing::Admin);
        let (own, other) = (admin.user_id, Uuid::from_u128(9));
        assert!(!locks_out(&admin, own, true, UserStatus::Active));
        assert!(locks_out(&admin, own, false, UserStatus::Active));
        assert!(locks_out(&admin, own, true, UserStatus::Disabled));
        assert!(!locks_out(&admin, other, false, UserStatus::Disabled));
    }

    #[test]
    fn who_reads_what_a_user_is() {
        let seat = Seat {
            enterprise_id: Uuid::from_u128(5),
            alliance: None,
            pairings: Vec::new(),
            members: vec![Uuid::from_u128(6)],
        };
        let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(9));
        let member = viewer(Standing::Lead(seat));
        assert!(may_read(&member, own, None));
        assert!(may_read(&member, other, Some(Uuid::from_u128(5))));
        assert!(!may_read(&member, other, Some(Uuid::from_u128(6))));
        assert!(!may_read(&member, other, None));
        let auditor = viewer(Standing::Auditor);
        assert!(may_read(&auditor, own, None));
        assert!(!may_read(&auditor, other, None));
        assert!(!may_read(&viewer(Standing::Operator), other, None));
        assert!(may_read(&viewer(Standing::Admin), other, None));
        assert!(!may_read_login(&viewer(Standing::Operator), other));
        assert!(may_read_login(&viewer(Standing::Admin), other));
    }
}
