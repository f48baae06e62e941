//! Personal data of contacts: the one spelling of a mobile number, and what is shown of a value to
//! those who need not know it.

/// Reads a mobile number of the mainland, as people write it: blanks, hyphens, full-width digits
/// and the country code are dropped. None where it is no such number.
#[must_use]
pub fn mobile(text: &str) -> Option<String> {
    let digits: Option<String> = text
        .trim()
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-' | '\u{3000}'))
        .map(|letter| match letter {
            '0'..='9' | '+' => Some(letter),
            '\u{ff0b}' => Some('+'),
            '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(letter).checked_sub(0xff10)?, 10),
            _ => None,
        })
        .collect();
    let digits = digits?;
    let number = ["+86", "0086", "86"]
        .iter()
        .find_map(|code| digits.strip_prefix(code).filter(|rest| rest.len() == 11))
        .unwrap_or(&digits);
    let is_mobile = number.len() == 11
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(number.as_bytes(), [b'1', b'3'..=b'9', ..]);
    is_mobile.then(|| number.to_owned())
}

/// Whether a text can be an address of electronic mail: one `@`, something before it, a domain
/// with a dot after it, all of it ASCII.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic());
    is_word(local)
        && is_word(domain)
        && !domain.contains('@')
        && domain.split('.').count() >= 2
        && domain.split('.').all(|label| !label.is_empty())
}

/// A name with all but its first character masked: 张*.
#[must_use]
pub fn masked_name(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter();
    let rest = letters.count().clamp(1, 8);
    first.chain(std::iter::repeat_n('*', rest)).collect()
}

/// A mobile number with its middle masked: 138****8000.
#[must_use]
pub fn masked_mobile(mobile: &str) -> String {
    let mask = |(place, digit)| match place {
        3..=6 => '*',
        _ => digit,
    };
    mobile.chars().enumerate().map(mask).collect()
}

/// An address with its local part masked but for the first character: z***@example.com.
#[must_use]
pub fn masked_email(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}***@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_spelling() {
        for text in [
            "13800000001",
            " 138 0000 0001 ",
            "138-0000-0001",
            "+8613800000001",
            "+86 138-0000-0001",
            "008613800000001",
            "8613800000001",
            "１３８００００\u{3000}０００１",
        ] {
            assert_eq!(mobile(text).as_deref(), Some("13800000001"), "{text}");
        }
        for text in [
            "",
            "1380000000",
            "138000000011",
            "12800000001",
            "23800000001",
            "020-81234567",
            "+8513800000001",
            "1380000000a",
            "13800000001;",
            "1380000+001",
        ] {
            assert_eq!(mobile(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_has_one_at_and_a_domain() {
        for good in ["a@example.com", "zhang.san+x@mail.example.cn"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@example.com",
            "a@",
            "a@b",
            "a@@example.com",
            "a@.com",
            "a b@example.com",
            "张@example.com",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn masks_show_little() {
        assert_eq!(masked_name("张三"), "张*");
        assert_eq!(masked_name("欧阳娜娜"), "欧***");
        assert_eq!(masked_name("张"), "张*");
        assert_eq!(masked_mobile("13800138000"), "138****8000");
        assert_eq!(masked_email("zhangsan@example.com"), "z***@example.com");
        assert_eq!(masked_email("z@example.com"), "z***@example.com");
    }
}
