//! What callers say of a contact, read and checked. A fault never repeats what was sent.

use super::ContactInput;
use crate::domain::input::{line, line_opt};
use crate::kernel::error::{Code, Faults, UserError};
use crate::kernel::personal;

/// A contact as it was told.
pub struct Details {
    pub(super) name: String,
    pub(super) mobile: String,
    pub(super) email: Option<String>,
    pub(super) post_title: Option<String>,
}

/// Reads a contact; its faults are at the fields themselves.
pub fn read(faults: &mut Faults, input: &ContactInput) -> Details {
    Details {
        name: name(faults, &input.name),
        mobile: mobile(faults, &input.mobile),
        email: email(faults, input.email.as_deref()),
        post_title: line_opt(faults, "postTitle", input.post_title.as_deref(), 120),
    }
}

/// Reads a contact within another input, where there is one.
pub fn read_under(
    faults: &mut Faults,
    field: &str,
    input: Option<&ContactInput>,
) -> Option<Details> {
    let mut own = Faults::default();
    let details = input.map(|input| read(&mut own, input));
    faults.add_under(own, &[field]);
    details
}

pub(super) fn name(faults: &mut Faults, text: &str) -> String {
    line(faults, "name", text, 60)
}

pub(super) fn mobile(faults: &mut Faults, text: &str) -> String {
    let number = personal::mobile(text).ok_or_else(|| {
        UserError::at(Code::Invalid, "mobile").saying(
            "须为中国大陆 11 位手机号码",
            "A mobile number of the Chinese mainland, 11 digits.",
        )
    });
    faults.keep(number).unwrap_or_default()
}

pub(super) fn email(faults: &mut Faults, text: Option<&str>) -> Option<String> {
    let email = line_opt(faults, "email", text, 120)?;
    // An empty text is a fault that is kept already.
    if !email.is_empty() && !personal::is_email(&email) {
        faults.add(
            UserError::at(Code::Invalid, "email")
                .saying("电子邮箱格式不正确", "Not an address of electronic mail."),
        );
    }
    Some(email)
}
