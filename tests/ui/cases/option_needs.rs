use autotest::prelude::*;

#[autotest(needs(rot, cmd, kernel("5.10"), mem("2 Gib"), root("0"), cmd("a\"b")))]
fn ping() {}

#[autotest(needs = "root", data("/etc/passwd", "../key", "blobs//small.bin"))]
fn pong() {}

fn main() {}
