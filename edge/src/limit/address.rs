//! Who asks: the address at the other end, or the one that our proxies saw.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;

/// One household has a /64 of IPv6, and could take a fresh address for each request.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Who asks, behind so many proxies of ours: each adds the address it was called from to the right
/// of `X-Forwarded-For`; what stands further left was written by the client and is not believed.
pub(crate) fn client_address(headers: &HeaderMap, peer: IpAddr, trusted_proxies: usize) -> IpAddr {
    let Some(from_right) = trusted_proxies.checked_sub(1) else {
        return peer;
    };
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let client = hops.iter().rev().nth(from_right).or(hops.first());
    client.and_then(|text| text.parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client(forwarded: &str, trusted_proxies: usize) -> IpAddr {
        let headers = HeaderMap::from_iter([(
            "x-forwarded-for".parse().unwrap(),
            forwarded.parse().unwrap(),
        )]);
        client_address(&headers, PEER, trusted_proxies)
    }

    #[test]
    fn without_proxies_the_header_is_not_believed() {
        assert_eq!(client("1.2.3.4", 0), PEER);
    }

    #[test]
    fn behind_proxies_only_what_they_wrote_is_believed() {
        assert_eq!(client("6.6.6.6, 1.2.3.4", 1), address("1.2.3.4"));
        assert_eq!(client("6.6.6.6, 1.2.3.4, 10.0.0.9", 2), address("1.2.3.4"));
        assert_eq!(client("1.2.3.4", 2), address("1.2.3.4"), "a proxy was left out");
        assert_eq!(client("6.6.6.6, nonsense", 1), PEER);
        assert_eq!(client_address(&HeaderMap::new(), PEER, 1), PEER);
    }
}
