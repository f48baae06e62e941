//! Which of the two media types answers a request (`Accept`, RFC 9110, 12.5.1).

use axum::http::{HeaderMap, HeaderValue, header};

/// The media types of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`: what clients get that do not ask for anything else.
    #[default]
    Json,
    /// `application/graphql-response+json`: the status tells whether the request was executed.
    GraphqlResponse,
}

impl Media {
    pub(super) const fn header(self) -> HeaderValue {
        match self {
            Self::Json => HeaderValue::from_static("application/json; charset=utf-8"),
            Self::GraphqlResponse => {
                HeaderValue::from_static("application/graphql-response+json; charset=utf-8")
            }
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GraphqlResponse => "application/graphql-response+json",
        }
    }
}

/// An element of a weighted list, with its weight in thousandths. Nonsense weighs nothing.
pub(super) fn weighed(element: &str) -> (&str, u16) {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let quality = parts.find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    (name, quality.map_or(1000, thousandths))
}

fn thousandths(quality: &str) -> u16 {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match (whole, digits) {
        ("1", true) if fraction.bytes().all(|byte| byte == b'0') => 1000,
        ("0", true) => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

/// The media type that the caller likes best; none where it takes neither.
pub(super) fn media(headers: &HeaderMap) -> Option<Media> {
    let mut given = headers.get_all(header::ACCEPT).iter().peekable();
    if given.peek().is_none() {
        return Some(Media::Json);
    }
    let ranges: Vec<(String, u16)> = given
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(weighed)
        .filter(|(range, _)| !range.is_empty())
        .map(|(range, weight)| (range.to_ascii_lowercase(), weight))
        .collect();
    if ranges.is_empty() {
        return Some(Media::Json);
    }
    // The most specific range that matches decides; a tie goes to the type that was named.
    let liking = |media: Media| {
        let matching = |pattern: &str| ranges.iter().find(|(range, _)| range == pattern);
        let (range, specificity) = match (matching(media.name()), matching("application/*")) {
            (Some(range), _) => (Some(range), 2),
            (None, Some(range)) => (Some(range), 1),
            (None, None) => (matching("*/*"), 0),
        };
        range.map_or((0, 0), |(_, weight)| (*weight, specificity))
    };
    let (json, graphql) = (liking(Media::Json), liking(Media::GraphqlResponse));
    match (json.0, graphql.0) {
        (0, 0) => None,
        _ if graphql.0 > json.0 => Some(Media::GraphqlResponse),
        _ if graphql.0 == json.0 && graphql.1 == 2 => Some(Media::GraphqlResponse),
        _ => Some(Media::Json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accept: &'static str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        media(&headers)
    }

    #[test]
    fn the_caller_decides_and_json_is_the_default() {
        let json = Some(Media::Json);
        let graphql = Some(Media::GraphqlResponse);
        assert_eq!(media(&HeaderMap::new()), json);
        for (accept, expected) in [
            ("*/*", json),
            ("", json),
            ("application/*", json),
            ("application/json", json),
            ("application/json; charset=utf-8", json),
            ("application/graphql-response+json", graphql),
            ("APPLICATION/GraphQL-Response+JSON", graphql),
            (
                "application/graphql-response+json, application/json;q=0.9",
                graphql,
            ),
            (
                "application/json, application/graphql-response+json",
                graphql,
            ),
            (
                "application/json, application/graphql-response+json;q=0.5",
                json,
            ),
            ("application/graphql-response+json, */*", graphql),
            ("application/json;q=0.2, */*;q=0.1", json),
            ("application/json;q=0, */*", graphql),
            ("text/html, application/xhtml+xml, */*;q=0.8", json),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json;q=0.000", None),
            ("application/json;q=2", None),
            ("text/event-stream", None),
        ] {
            assert_eq!(of(accept), expected, "{accept}");
        }
    }
}
