//! Tests in another library, among them a site's own version of one.

use autotest::prelude::*;

/// In all suites, since it names none.
#[autotest]
fn mounts() {}

/// Replaces that of `net-tests`.
#[autotest(site, name = "net::link")]
fn link() {}
