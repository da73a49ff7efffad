//! What the target makes of addresses.

use std::net::IpAddr;

use autotest::prelude::*;

/// Addresses are what a table of the lab says they are.
#[autotest(suites("bvt"), data("addresses.csv"))]
fn are_as_in_the_table(cx: &mut TestContext) -> TestResult {
    let table = fs::read_to_string(cx.bindir().join("addresses.csv"))?;
    for line in table.lines().skip(1) {
        cx.check(|_| {
            let Some((address, kind)) = line.split_once(',') else {
                fail!("`{line}` has no comma");
            };
            ensure_eq!(self::kind(address.parse()?), kind, "{address}");
            Ok(())
        });
    }
    Ok(())
}

fn kind(address: IpAddr) -> &'static str {
    match address {
        address if address.is_loopback() => "loopback",
        address if address.is_multicast() => "multicast",
        IpAddr::V4(address) if address.is_private() => "private",
        _ => "other",
    }
}
