//! Cleaning of the text people send: what is stored looks like what was meant.
//!
//! Composed form (NFC), no surrounding blanks, and none of the characters that hide,
//! reorder or break text. Nothing is escaped for a frontend here; text is stored as it
//! is read.

use unicode_normalization::UnicodeNormalization;

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing is left after trimming.
    #[error("the text is empty")]
    Empty,
    /// More characters than allowed.
    #[error("the text has more than {max} characters")]
    TooLong {
        /// The allowed number of characters.
        max: usize,
    },
    /// A control, direction or invisible character.
    #[error("the text holds a control, direction or invisible character")]
    Forbidden,
}

/// Cleans a text of one line, such as a name or a title.
///
/// # Errors
/// [`TextFault`]; a line break or a tab inside is [`TextFault::Forbidden`].
pub fn line(text: &str, max: usize) -> Result<String, TextFault> {
    let composed: String = text.trim().nfc().collect();
    checked(composed, max, is_forbidden)
}

/// Cleans a text of several lines. Line breaks of any system become `\n`.
///
/// # Errors
/// [`TextFault`]; line breaks and tabs are allowed.
pub fn block(text: &str, max: usize) -> Result<String, TextFault> {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let composed: String = unified.trim().nfc().collect();
    checked(composed, max, |character| {
        !matches!(character, '\n' | '\t') && is_forbidden(character)
    })
}

/// The pattern that finds `text` anywhere, for `LIKE ... ESCAPE '\'`: the wildcards a
/// user types are searched for, not obeyed.
#[must_use]
pub fn like_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

fn checked(text: String, max: usize, forbidden: fn(char) -> bool) -> Result<String, TextFault> {
    if text.is_empty() {
        Err(TextFault::Empty)
    } else if text.chars().any(forbidden) {
        Err(TextFault::Forbidden)
    } else if text.chars().count() > max {
        Err(TextFault::TooLong { max })
    } else {
        Ok(text)
    }
}

/// Variation selectors stay allowed: emoji and rare Chinese characters need them.
fn is_forbidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00AD}' // soft hyphen
            | '\u{034F}' // grapheme joiner
            | '\u{061C}' | '\u{200E}' | '\u{200F}' // direction marks
            | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' // Hangul fillers
            | '\u{180E}' | '\u{200B}'..='\u{200D}' | '\u{FEFF}' // zero width
            | '\u{2028}' | '\u{2029}' // line and paragraph separators
            | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // direction overrides
            | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' // invisible operators
            | '\u{FFF9}'..='\u{FFFB}' // annotations
            | '\u{FFFE}' | '\u{FFFF}' // noncharacters
            | '\u{E0000}'..='\u{E007F}' // tags
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_and_composed() {
        assert_eq!(line("  立白集团\u{3000}\n", 10), Ok("立白集团".to_owned()));
        assert_eq!(line("Cafe\u{301}", 4), Ok("Caf\u{e9}".to_owned()));
        assert_eq!(
            line("Cafe\u{301}", 10),
            line("Caf\u{e9}", 10),
            "two spellings of one name are one name"
        );
    }

    #[test]
    fn blank_text_is_empty() {
        for text in ["", "   ", "\u{3000}\t\n"] {
            assert_eq!(line(text, 10), Err(TextFault::Empty));
            assert_eq!(block(text, 10), Err(TextFault::Empty));
        }
    }

    #[test]
    fn the_length_counts_characters_after_cleaning() {
        assert_eq!(line("广州国际医药港", 7), Ok("广州国际医药港".to_owned()));
        assert_eq!(
            line("广州国际医药港", 6),
            Err(TextFault::TooLong { max: 6 })
        );
        assert_eq!(line(" e\u{301} ", 1), Ok("\u{e9}".to_owned()));
    }

    #[test]
    fn hiding_and_reordering_characters_are_refused() {
        for bad in [
            '\0',
            '\u{7}',
            '\u{1b}',
            '\u{7f}',
            '\u{9b}',
            '\u{ad}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{3164}',
            '\u{feff}',
            '\u{ffff}',
            '\u{e0041}',
        ] {
            let text = format!("立{bad}白");
            assert_eq!(line(&text, 10), Err(TextFault::Forbidden), "{bad:?}");
            assert_eq!(block(&text, 10), Err(TextFault::Forbidden), "{bad:?}");
        }
        assert_eq!(line("\u{feff}立白", 10), Err(TextFault::Forbidden));
    }

    #[test]
    fn only_a_block_has_lines() {
        assert_eq!(line("一\n二", 10), Err(TextFault::Forbidden));
        assert_eq!(line("一\t二", 10), Err(TextFault::Forbidden));
        assert_eq!(
            block("\r\n一\r\n\t二\r三\n", 10),
            Ok("一\n\t二\n三".to_owned())
        );
    }

    #[test]
    fn ordinary_writing_passes() {
        for text in [
            "㐂𠮷 ＡＢ，（）",
            "❤\u{fe0f} 100%",
            "葛\u{e0100}城",
            "O'Neil <b>",
        ] {
            assert_eq!(line(text, 20), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_like_pattern_obeys_no_wildcard_of_the_user() {
        assert_eq!(like_pattern("立白"), "%立白%");
        assert_eq!(like_pattern(r"100%_a\b"), r"%100\%\_a\\b%");
        assert_eq!(like_pattern(""), "%%");
    }
}
