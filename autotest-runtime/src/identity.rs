//! Who runs a job, and where.

/// The host's name.
#[expect(unsafe_code, reason = "gethostname(2) has no other name")]
pub(crate) fn hostname() -> String {
    let mut name = [0_u8; 256];
    // SAFETY: gethostname writes at most the given length, which is one less than the array's, so
    // that the last byte stays 0.
    unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) };
    let end = name.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&name[..end.unwrap_or(0)]).into_owned()
}

/// The user's name as the environment knows it, else the user's number.
#[expect(unsafe_code, reason = "geteuid(2) has no other name")]
pub(crate) fn user() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|user| !user.is_empty());
    named("USER")
        .or_else(|| named("LOGNAME"))
        .unwrap_or_else(|| {
            // SAFETY: geteuid takes nothing and always succeeds.
            unsafe { libc::geteuid() }.to_string()
        })
}
