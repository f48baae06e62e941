//! A look at a document before the parser sees it. The parser recurses into nested values without
//! a bound of its own: a few kilobytes of brackets would overflow its stack and end the process.

/// The deepest nesting of brackets.
pub(super) const DEEPEST: usize = 64;
/// The most tokens.
pub(super) const MOST_TOKENS: usize = 2000;

/// Whether a document is small and flat enough to be parsed.
#[must_use]
pub fn is_bearable(document: &str) -> bool {
    let bytes = document.as_bytes();
    let (mut place, mut depth, mut tokens) = (0, 0_usize, 0_usize);
    while let Some(byte) = bytes.get(place) {
        let rest = bytes.get(place..).unwrap_or_default();
        let length = match byte {
            b'#' => rest
                .iter()
                .take_while(|byte| !matches!(byte, b'\n' | b'\r'))
                .count(),
            b'"' => {
                tokens += 1;
                string(rest)
            }
            b'{' | b'[' | b'(' => {
                depth += 1;
                tokens += 1;
                1
            }
            b'}' | b']' | b')' => {
                depth = depth.saturating_sub(1);
                tokens += 1;
                1
            }
            b' ' | b'\t' | b'\n' | b'\r' | b',' => 1,
            byte if is_word(*byte) => {
                tokens += 1;
                rest.iter().take_while(|byte| is_word(**byte)).count()
            }
            _ => {
                tokens += 1;
                1
            }
        };
        if depth > DEEPEST || tokens > MOST_TOKENS {
            return false;
        }
        place += length.max(1);
    }
    true
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || byte >= 0x80
}

/// The length of the string that `rest` begins with, to its end or the document's.
fn string(rest: &[u8]) -> usize {
    let block = rest.starts_with(b"\"\"\"");
    let quote: &[u8] = if block { b"\"\"\"" } else { b"\"" };
    let mut place = quote.len();
    while let Some(tail) = rest.get(place..).filter(|tail| !tail.is_empty()) {
        if block && tail.starts_with(b"\\\"\"\"") {
            place += 4;
        } else if tail.starts_with(quote) {
            return place + quote.len();
        } else if !block && tail.starts_with(b"\\") {
            place += 2;
        } else if !block && matches!(tail.first(), Some(b'\n' | b'\r')) {
            // Unterminated: what follows is counted as it stands.
            return place;
        } else {
            place += 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_bounded_wherever_it_hides() {
        let nested = |depth: usize| format!("{{a(x:{}{})}}", "[".repeat(depth), "]".repeat(depth));
        assert!(is_bearable(&nested(62)));
        assert!(!is_bearable(&nested(63)));
        assert!(!is_bearable(&format!("{{a(s:\"\n{}", nested(200))));
        assert!(!is_bearable(&format!(
            "\"\"\"x\\\"\"\"y\"\"\"{}",
            nested(200)
        )));
    }

    #[test]
    fn brackets_in_strings_and_comments_are_text() {
        let text = "[".repeat(500);
        assert!(is_bearable(&format!(
            "{{a(s:\"{text}\", b:\"\"\"{text}\"\"\") # {text}\n}}"
        )));
        assert!(is_bearable(&format!("{{a(s:\"\\\"{text}\")}}")));
    }

    #[test]
    fn tokens_are_bounded() {
        assert!(is_bearable(&format!("{{{}}}", "a ".repeat(1990))));
        assert!(!is_bearable(&format!("{{{}}}", "a ".repeat(2000))));
    }
}
