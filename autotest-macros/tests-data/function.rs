/// The device node is there.
fn node_exists() -> TestResult {
    ensure!(Path::new("/dev/null").exists());
    Ok(())
}
const _: () = {
    use ::autotest::__private as __autotest;
    __autotest::record! {
        __AUTOTEST_RECORD_0 : "{\"v\":1,\"name\":\"node_exists\",\"module\":\"",
        ::core::module_path!(),
        "\",\"file\":\"\",\"line\":0,\"doc\":\"The device node is there.\"}\n"
    }
    __autotest::submit! {
        __autotest::Registration { tests : & [__autotest::TestDef { name : "node_exists",
        line : 0u32, call : __autotest::Call::Plain(node_exists), details : &
        __autotest::Details { doc : "The device node is there.", module : &
        __autotest::Module { path : ::core::module_path!(), file : ::core::file!(), },
        ..__autotest::Details::DEFAULT } },] }
    }
};
