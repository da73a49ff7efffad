//! Network interfaces and their addresses.

use std::ffi::CStr;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ptr;

/// An interface, or one of its addresses.
#[derive(Debug)]
pub(in crate::exec) struct Interface {
    pub(in crate::exec) name: String,
    pub(in crate::exec) is_up: bool,
    pub(in crate::exec) address: Option<IpAddr>,
}

/// All interfaces of this network namespace, with further entries for their addresses.
pub(in crate::exec) fn interfaces() -> io::Result<Vec<Interface>> {
    let mut first = ptr::null_mut();
    // SAFETY: getifaddrs stores a list in the pointer, or fails.
    if unsafe { libc::getifaddrs(&mut first) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let mut found = Vec::new();
    let mut next = first;
    // SAFETY: the entries form a list that ends with null, and are valid until freeifaddrs.
    while let Some(entry) = unsafe { next.as_ref() } {
        // SAFETY: each entry has a name.
        let name = unsafe { CStr::from_ptr(entry.ifa_name) };
        found.push(Interface {
            name: name.to_string_lossy().into_owned(),
            is_up: entry.ifa_flags & libc::IFF_UP as libc::c_uint != 0,
            // SAFETY: the address is that of the entry.
            address: unsafe { address(entry.ifa_addr) },
        });
        next = entry.ifa_next;
    }
    // SAFETY: the list is freed once, and nothing refers to it afterwards.
    unsafe { libc::freeifaddrs(first) };
    Ok(found)
}

/// # Safety
/// `address` must be null, or point to an address of the size of its family.
unsafe fn address(address: *const libc::sockaddr) -> Option<IpAddr> {
    // SAFETY: every address begins with its family.
    let family = unsafe { address.as_ref() }?.sa_family;
    match i32::from(family) {
        libc::AF_INET => {
            // SAFETY: by its family, it is an IPv4 address; the copy needs no alignment.
            let v4: libc::sockaddr_in = unsafe { ptr::read_unaligned(address.cast()) };
            Some(Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: by its family, it is an IPv6 address; the copy needs no alignment.
            let v6: libc::sockaddr_in6 = unsafe { ptr::read_unaligned(address.cast()) };
            Some(Ipv6Addr::from(v6.sin6_addr.s6_addr).into())
        }
        _ => None,
    }
}
