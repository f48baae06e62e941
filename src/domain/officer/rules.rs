//! The rules on a post that hold whoever acts: pure, and asked by the commands of every concept
//! that builds on officers.

use entity::service_officer::{Model, OfficerStatus};

use crate::domain::input::line;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};

/// Passes if the post serves.
///
/// # Errors
/// `INVALID_STATE` at the field.
pub fn check_serves(officer: &Model, field: &str) -> Result<()> {
    if officer.status == OfficerStatus::Active {
        return Ok(());
    }
    let error = UserError::at(Code::InvalidState, field)
        .saying("该服务官岗位已停用", "The post no longer serves.")
        .with("state", "RETIRED");
    Err(Error::user(error))
}

/// An office telephone. The record is of a post, so a person's mobile has no place in it.
pub fn office_phone(faults: &mut Faults, text: &str) -> String {
    let phone = line(faults, "officePhone", text, 32);
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let national = digits.strip_prefix("86").unwrap_or(&digits);
    if is_mobile(&digits) || is_mobile(national) {
        faults.add(UserError::at(Code::Invalid, "officePhone").saying(
            "请填写办公电话，不登记个人手机号",
            "Give the office's telephone; a personal mobile is not recorded.",
        ));
    } else if !phone.is_empty() && (digits.len() < 3 || !phone.chars().all(is_of_a_phone)) {
        faults.add(UserError::at(Code::Invalid, "officePhone").saying(
            "电话号码格式不正确",
            "A telephone number holds digits, blanks, + - ( ) and 转 for an extension.",
        ));
    }
    phone
}

fn is_of_a_phone(character: char) -> bool {
    character.is_ascii_digit() || matches!(character, ' ' | '+' | '-' | '(' | ')' | '转')
}

/// A mobile number of mainland China: eleven digits, of which the first two are 13 to 19.
fn is_mobile(digits: &str) -> bool {
    let mut first = digits.bytes();
    digits.len() == 11
        && first.next() == Some(b'1')
        && first.next().is_some_and(|second| second >= b'3')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_good(text: &str) -> bool {
        let mut faults = Faults::default();
        office_phone(&mut faults, text);
        faults.check().is_ok()
    }

    #[test]
    fn an_office_has_a_telephone_and_a_person_a_mobile() {
        for good in [
            "020-81550001",
            "+86 20 8155 0001",
            "81550001转12",
            "12345",
            "(020)81550001",
        ] {
            assert!(is_good(good), "{good}");
        }
        for bad in [
            "13800000001",
            "138 0000 0001",
            "+86-138-0000-0001",
            "8613800000001",
            "12",
            "分机一",
            "020-8155x",
            "020-8155\u{202e}",
        ] {
            assert!(!is_good(bad), "{bad}");
        }
    }
}
