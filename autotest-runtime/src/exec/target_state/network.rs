//! The network: interfaces, addresses, routes.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::items::Items;
use super::kernel_file::{self, if_any};
use super::rows::Reading;
use crate::exec::unix::Interface;

/// Interfaces, and whether each is up.
pub(super) fn interfaces(reading: &Reading<'_>) -> io::Result<Items> {
    let state = |is_up| if is_up { "up" } else { "down" }.to_owned();
    let all = listed(reading)?.iter();
    Ok(all.map(|it| (it.name.clone(), state(it.is_up))).collect())
}

/// Addresses of this target, each with its interface.
pub(super) fn addresses(reading: &Reading<'_>) -> io::Result<Items> {
    let all = listed(reading)?.iter();
    let addresses = all.filter_map(|it| Some((it.address?.to_string(), it.name.clone())));
    Ok(addresses.collect())
}

fn listed<'r>(reading: &'r Reading<'_>) -> io::Result<&'r [Interface]> {
    let interfaces = reading.interfaces.as_deref();
    interfaces.map_err(|error| error.kind().into())
}

/// Routes, except the kernel's own local ones, without counters.
pub(super) fn routes(_: &Reading<'_>) -> io::Result<Items> {
    let v4 = kernel_file::text("/proc/net/route")?;
    let mut all: Items = v4.lines().skip(1).filter_map(route_v4).collect();
    let v6 = if_any(kernel_file::text("/proc/net/ipv6_route"))?;
    all.extend(v6.unwrap_or_default().lines().filter_map(route_v6));
    Ok(all)
}

/// Parses a line such as `eth0 00000000 0100000A 0003 0 0 100 00000000 …`, with addresses in the machine's byte order.
fn route_v4(line: &str) -> Option<(String, String)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [interface, to, via, _, _, _, metric, mask, ..] = words.as_slice() else {
        return None;
    };
    let number = |text: &str| u32::from_str_radix(text, 16).ok().map(u32::to_be);
    let (to, via, mask) = (number(to)?, number(via)?, number(mask)?);
    let via = match via {
        0 => String::new(),
        via => format!(" via {}", Ipv4Addr::from(via)),
    };
    let (to, bits) = (Ipv4Addr::from(to), mask.count_ones());
    Some((
        format!("{to}/{bits}{via} dev {interface} metric {metric}"),
        String::new(),
    ))
}

/// Parses a line of destination and prefix, source and prefix, next hop, metric, counters, flags, and interface.
fn route_v6(line: &str) -> Option<(String, String)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [to, bits, _, _, via, metric, _, _, _, interface] = words.as_slice() else {
        return None;
    };
    if *interface == "lo" {
        return None;
    }
    let number = |text: &str| u128::from_str_radix(text, 16).ok();
    let bits = u8::from_str_radix(bits, 16).ok()?;
    let via = match number(via)? {
        0 => String::new(),
        via => format!(" via {}", Ipv6Addr::from(via)),
    };
    let (to, metric) = (
        Ipv6Addr::from(number(to)?),
        u32::from_str_radix(metric, 16).ok()?,
    );
    Some((
        format!("{to}/{bits}{via} dev {interface} metric {metric}"),
        String::new(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_lines_are_read() {
        let key = |found: Option<(String, String)>| found.map(|(key, _)| key);
        if cfg!(target_endian = "little") {
            let route = "eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0";
            let expected = "0.0.0.0/0 via 10.0.0.1 dev eth0 metric 100";
            assert_eq!(key(route_v4(route)).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_route_of_version_6_has_no_counters() {
        let line = "fd00000000000000000000000000000 40 00000000000000000000000000000000 00 \
                    00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0";
        let found = route_v6(line).map(|(key, _)| key);
        assert_eq!(found.as_deref(), Some("fd0::/64 dev eth0 metric 256"));
        assert_eq!(route_v6(&line.replace("eth0", "lo")), None);
    }
}
