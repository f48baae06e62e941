//! Who is at the other end: the peer, or whom a trusted proxy forwards.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::config::Network;

/// The address at the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// The client's address. `X-Forwarded-For` counts as far back as the proxies in it are trusted:
/// what stands before the last stranger, anyone may have written.
pub(super) fn address(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    proxies: &[Network],
) -> Option<IpAddr> {
    let trusted = |address: IpAddr| proxies.iter().any(|network| network.contains(address));
    let mut client = peer?.to_canonical();
    let chain: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .collect();
    for hop in chain.into_iter().rev() {
        if !trusted(client) {
            break;
        }
        match hop.parse::<IpAddr>() {
            Ok(address) => client = address.to_canonical(),
            Err(_malformed) => break,
        }
    }
    Some(client)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(peer: &str, forwarded: &[&'static str]) -> String {
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(value));
        }
        let peer = peer.parse().unwrap();
        address(Some(peer), &headers, &proxies).unwrap().to_string()
    }

    #[test]
    fn only_a_trusted_proxy_speaks_for_others() {
        assert_eq!(of("9.9.9.9", &["1.1.1.1"]), "9.9.9.9");
        assert_eq!(of("10.0.0.1", &["1.1.1.1"]), "1.1.1.1");
        assert_eq!(of("::ffff:10.0.0.1", &["1.1.1.1"]), "1.1.1.1");
        assert_eq!(of("10.0.0.1", &["6.6.6.6, 1.1.1.1, 10.0.0.2"]), "1.1.1.1");
        assert_eq!(of("10.0.0.1", &["6.6.6.6", "1.1.1.1"]), "1.1.1.1");
        assert_eq!(of("10.0.0.1", &["1.1.1.1, nonsense"]), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &[]), "10.0.0.1");
    }
}
