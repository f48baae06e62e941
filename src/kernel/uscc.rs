//! The unified social credit code (统一社会信用代码) of GB 32100-2015: 18 characters by
//! which every enterprise in China is known.
//!
//! Layout: 1 registration department, 2 kind, 3 to 8 region (digits), 9 to 17
//! organisation code, 18 check character.

use std::fmt;

/// The 31 characters of the standard, in the order of their values. I, O, S, V and Z
/// are left out because they are misread.
const CHARSET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const MODULUS: usize = 31;
const LENGTH: usize = 18;

/// A normalised unified social credit code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uscc(String);

/// Why a text is not a unified social credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// Not 18 characters.
    #[error("a unified social credit code has 18 characters")]
    Length,
    /// The character at this position, counted from 1, cannot stand there.
    #[error("character {0} cannot stand in a unified social credit code")]
    Character(usize),
    /// The last character does not belong to the 17 before it.
    #[error("the check character does not match the other 17")]
    CheckCharacter,
}

impl Uscc {
    /// Reads a code as people type it: surrounding blanks, full-width and lower-case
    /// characters are forgiven. An O is never read as 0: a guess about an identity is
    /// worse than a question.
    ///
    /// # Errors
    /// [`UsccError`] says which rule is broken, the first in the order length,
    /// characters, check character.
    pub fn parse(text: &str) -> Result<Self, UsccError> {
        let code = Self::without_check(text)?;
        let matches = check_character(&code.0) == code.0.chars().next_back();
        if matches {
            Ok(code)
        } else {
            Err(UsccError::CheckCharacter)
        }
    }

    /// Like [`Uscc::parse`] without the check arithmetic: some codes of the pilot years
    /// fail it and are real all the same. Only for a waiver by the district.
    ///
    /// # Errors
    /// [`UsccError::Length`] or [`UsccError::Character`].
    pub fn without_check(text: &str) -> Result<Self, UsccError> {
        let code: String = text.trim().chars().map(normalise).collect();
        if code.chars().count() != LENGTH {
            return Err(UsccError::Length);
        }
        for (position, character) in (1..).zip(code.chars()) {
            let fits = match position {
                3..=8 => character.is_ascii_digit(),
                _ => CHARSET.contains(character),
            };
            if !fits {
                return Err(UsccError::Character(position));
            }
        }
        Ok(Self(code))
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 18 characters as an owned string.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The check character of a code's first 17 characters; what follows them is not
/// looked at. `None` when there are fewer, or one is outside the charset.
#[must_use]
pub fn check_character(first17: &str) -> Option<char> {
    let mut weight = 1;
    let mut sum = 0;
    let mut characters = first17.chars();
    for _ in 1..LENGTH {
        sum += value(characters.next()?)? * weight;
        weight = weight * 3 % MODULUS;
    }
    CHARSET.chars().nth((MODULUS - sum % MODULUS) % MODULUS)
}

fn value(character: char) -> Option<usize> {
    CHARSET.chars().position(|known| known == character)
}

fn normalise(character: char) -> char {
    // Full-width forms of ASCII lie at a fixed distance from it.
    let half = match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0),
        _ => None,
    };
    half.unwrap_or(character).to_ascii_uppercase()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const VALID: [&str; 3] = [
        "91110000600037341L",
        "91310115591693856A",
        "91350100M000100Y43",
    ];

    #[test]
    fn known_codes_pass() {
        for code in VALID {
            assert_eq!(Uscc::parse(code).unwrap().as_str(), code);
            assert_eq!(check_character(&code[..17]), code.chars().last());
        }
    }

    #[test]
    fn a_wrong_last_character_fails_by_what_is_wrong_with_it() {
        assert_eq!(
            Uscc::parse("91350100M000100Y4Z"),
            Err(UsccError::Character(18)),
            "Z is outside the charset"
        );
        assert_eq!(
            Uscc::parse("91350100M000100Y44"),
            Err(UsccError::CheckCharacter)
        );
    }

    #[test]
    fn every_single_wrong_character_is_noticed() {
        for code in VALID {
            for position in 0..LENGTH {
                for other in CHARSET.chars() {
                    let changed: String = code
                        .chars()
                        .enumerate()
                        .map(|(i, c)| if i == position { other } else { c })
                        .collect();
                    assert_eq!(Uscc::parse(&changed).is_ok(), changed == code, "{changed}");
                }
            }
        }
    }

    #[test]
    fn typing_habits_are_forgiven() {
        for text in [
            "  91350100m000100y43\n",
            "\u{3000}９１３５０１００Ｍ０００１００ｙ４３\u{3000}",
        ] {
            assert_eq!(Uscc::parse(text).unwrap().as_str(), "91350100M000100Y43");
        }
    }

    #[test]
    fn an_o_stays_an_o() {
        assert_eq!(
            Uscc::parse("9135O100M000100Y43"),
            Err(UsccError::Character(5))
        );
        assert_eq!(
            Uscc::parse("91350100MO00100Y43"),
            Err(UsccError::Character(10))
        );
    }

    #[test]
    fn the_length_counts_characters() {
        for text in ["", " ", "91350100M000100Y4", "91350100M000100Y433", "荔湾"] {
            assert_eq!(Uscc::parse(text), Err(UsccError::Length), "{text}");
        }
        assert_eq!(
            Uscc::parse("91350100M000100Y4湾"),
            Err(UsccError::Character(18))
        );
        assert_eq!(
            Uscc::parse("91350100M0 0100Y43"),
            Err(UsccError::Character(11))
        );
    }

    #[test]
    fn the_region_is_digits_even_where_the_charset_has_letters() {
        assert_eq!(
            Uscc::parse("913A0100M000100Y43"),
            Err(UsccError::Character(4))
        );
        // A farmers' cooperative: letters are fine in the first two places.
        let head = "N2440103MA5AAAAA0";
        let code = format!("{head}{}", check_character(head).unwrap());
        assert!(Uscc::parse(&code).is_ok());
    }

    #[test]
    fn the_waiver_skips_the_arithmetic_and_nothing_else() {
        assert_eq!(
            Uscc::without_check(" 91350100m000100y44").unwrap().as_str(),
            "91350100M000100Y44"
        );
        assert_eq!(
            Uscc::without_check("91350100M000100Y4Z"),
            Err(UsccError::Character(18))
        );
        assert_eq!(Uscc::without_check("91"), Err(UsccError::Length));
    }

    #[test]
    fn there_is_no_check_character_without_17_good_ones() {
        assert_eq!(check_character("9135"), None);
        assert_eq!(check_character("91350100M000100Z4"), None);
        assert_eq!(check_character(""), None);
    }
}
