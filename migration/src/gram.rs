//! How the titles of issues are cut so that similar ones are found: the one word on it, for the
//! migration that fills the table and for the server that writes it. Both databases get the same
//! pieces, since neither cuts. Whoever changes it fills the table anew by a migration.

use std::collections::BTreeSet;

/// The most characters of a text that are looked at; as many as a title has.
const MOST: usize = 200;

/// The pieces of two characters of a text, each once. Letters and digits alone count, in half
/// width and lower case: spelling, blanks, punctuation and signs make no difference. A text of one
/// character is a piece by itself; a text without any has none.
#[must_use]
pub fn grams(text: &str) -> BTreeSet<String> {
    let letters: Vec<char> = text
        .chars()
        .map(half_width)
        .filter(|letter| letter.is_alphanumeric())
        .map(lower)
        .take(MOST)
        .collect();
    if let [only] = letters.as_slice() {
        return BTreeSet::from([only.to_string()]);
    }
    letters
        .windows(2)
        .map(|pair| pair.iter().collect())
        .collect()
}

/// The half-width form of a full-width letter.
fn half_width(letter: char) -> char {
    match letter {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
        other => other,
    }
}

/// The lower case of a letter, where that is one letter.
fn lower(letter: char) -> char {
    let mut lowered = letter.to_lowercase();
    match (lowered.next(), lowered.next()) {
        (Some(lowered), None) => lowered,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::grams;

    fn cut(text: &str) -> Vec<String> {
        grams(text).into_iter().collect()
    }

    #[test]
    fn a_text_is_cut_in_pairs_each_once() {
        assert_eq!(cut("用电用电"), ["用电", "电用"]);
        assert_eq!(cut("厂"), ["厂"]);
        assert_eq!(cut(""), [""; 0]);
    }

    #[test]
    fn width_case_blanks_and_signs_make_no_difference() {
        for text in [
            "ＬＥＤ照明",
            "led 照明",
            "Led，照明！",
            "l\u{3000}ed\n照😀明",
        ] {
            assert_eq!(cut(text), cut("LED照明"), "{text}");
        }
        assert_eq!(cut("，。！ 😀\u{fe0f}"), [""; 0]);
    }

    #[test]
    fn letters_outside_the_basic_plane_and_those_that_grow_in_lower_case_are_letters() {
        assert_eq!(cut("𠮷野家"), ["野家", "𠮷野"]);
        assert_eq!(cut("İİ"), ["İİ"]);
    }

    #[test]
    fn a_long_text_counts_to_the_length_of_a_title() {
        let long: String = ('\u{4e00}'..).take(10_000).collect();
        assert_eq!(grams(&long).len(), 199);
    }
}
