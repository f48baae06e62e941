//! Made-up social credit codes with valid checks (GB 32100-2015): the real codes of the named
//! enterprises are unknown to us, and a made-up one says FAKE where the organisation code is.

/// The 31 characters of a code, in the order of their values.
const CHARSET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights of the organisation code's eight characters.
const ORGANISATION: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// The check character of an organisation code (position 17).
fn organisation_check(code: &str) -> char {
    let sum: u32 = code
        .chars()
        .zip(ORGANISATION)
        .map(|(c, weight)| c.to_digit(36).unwrap_or(0) * weight)
        .sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

/// The check character of a whole code (position 18).
fn check_character(code: &str) -> char {
    let mut weight = 1;
    let mut sum = 0;
    for c in code.chars() {
        sum += CHARSET.chars().position(|other| other == c).unwrap_or(0) * weight;
        weight = weight * 3 % 31;
    }
    let value = (31 - sum % 31) % 31;
    CHARSET.chars().nth(value).unwrap_or('0')
}

/// The made-up code number `serial` of a region.
pub(super) fn synthetic(region: &str, serial: usize) -> String {
    let organisation = format!("FAKE{serial:04}");
    let mut code = format!("91{region}{organisation}");
    code.push(organisation_check(&organisation));
    code.push(check_character(&code));
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checks_are_those_of_the_standard() {
        assert_eq!(synthetic("440103", 1), "91440103FAKE00013J");
        assert_eq!(synthetic("440103", 2), "91440103FAKE00021D");
        assert_eq!(synthetic("440103", 31), "91440103FAKE00312G");
        // Real ones, of python-stdnum's and Hutool's tests.
        assert_eq!(organisation_check("60003734"), '1');
        assert_eq!(check_character("91110000600037341"), 'L');
        assert_eq!(check_character("91310115591693856"), 'A');
    }
}
