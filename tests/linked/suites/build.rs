//! Passes arguments to the linker of the suites alone, so that nothing else is built anew for another linker.

fn main() {
    println!("cargo::rerun-if-env-changed=AUTOTEST_LINK_ARGS");
    let args = std::env::var("AUTOTEST_LINK_ARGS").unwrap_or_default();
    for arg in args.split_whitespace() {
        println!("cargo::rustc-link-arg-bins={arg}");
    }
}
