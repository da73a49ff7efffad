use net_tests as _;
use storage_tests as _;
fn main() -> ::autotest::__private::ExitCode {
    ::autotest::main_of_suite(
        &::autotest::__private::Main {
            module: ::core::module_path!(),
            crates: &["net_tests", "storage_tests"],
            suite: ::core::option::Option::Some("bvt"),
            attr: ::core::option::Option::Some("!\"no test\""),
        },
    )
}
const _: () = {
    use ::autotest::__private as __autotest;
    __autotest::record! {
        __AUTOTEST_RECORD_0[93usize + 1usize * ::core::module_path!() .len()]
        "{\"v\":1,\"main\":\"", ::core::module_path!(),
        "\",\"suite\":\"bvt\",\"attr\":\"!\\\"no test\\\"\",\"crates\":[\"net_tests\",\"storage_tests\"]}\n"
    }
};
/// Compiled only if libtest's harness runs this file; that harness does not know `#[autotest]`.
#[cfg(test)]
#[::autotest::__private::libtest]
fn harness_is_false() {
    ::core::panic!(
        "libtest's harness runs this file, but not its `#[autotest]` tests: add `harness = false` \
                 below its `[[test]]`, `[[bin]]` or `[[example]]` in Cargo.toml"
    );
}
