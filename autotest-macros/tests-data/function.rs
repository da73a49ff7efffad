/// The device node is there.
fn node_exists() -> TestResult {
    ensure!(Path::new("/dev/null").exists());
    Ok(())
}
const _: () = {
    use ::autotest::__private as __autotest;
    const __AUTOTEST_HERE: __autotest::TestDef = __autotest::TestDef {
        module_path: ::core::module_path!(),
        file: ::core::file!(),
        ..__autotest::TestDef::DEFAULT
    };
    static __AUTOTEST_TESTS: &[__autotest::TestDef] = &[
        __autotest::TestDef {
            name: "node_exists",
            line: 0u32,
            doc: "The device node is there.",
            call: __autotest::Call::Plain(node_exists),
            ..__AUTOTEST_HERE
        },
    ];
    __autotest::record! {
        __AUTOTEST_RECORD_0 : "{\"v\":1,\"name\":\"node_exists\",\"module\":\"",
        ::core::module_path!(),
        "\",\"file\":\"\",\"line\":0,\"doc\":\"The device node is there.\"}\n"
    }
    __autotest::submit! {
        __autotest::Registration { tests : __AUTOTEST_TESTS, module_path :
        ::core::module_path!(), file : ::core::file!(), line : 0u32, }
    }
};
