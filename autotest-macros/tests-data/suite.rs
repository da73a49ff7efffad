/// TCP.
pub mod tcp {
    use super::*;
    fn ping() -> TestResult {
        Ok(())
    }
    const PORT: u16 = 7;
    #[cfg(target_os = "linux")]
    fn connect(cx: &mut TestContext) {
        cx.connect(PORT)
    }
    #[test]
    fn not_ours() {}
    const _: () = {
        use autotest as _;
    };
    const _: () = {
        use renamed::__private as __autotest;
        const __AUTOTEST_HERE: __autotest::TestDef = __autotest::TestDef {
            module_path: ::core::module_path!(),
            file: ::core::file!(),
            ..__autotest::TestDef::DEFAULT
        };
        static __AUTOTEST_TESTS: &[__autotest::TestDef] = &[
            __autotest::TestDef {
                name: "ping",
                line: 0u32,
                suites: &["net"],
                timeout: __autotest::Some(__autotest::Duration::new(10u64, 0u32)),
                call: __autotest::Call::Plain(ping),
                ..__AUTOTEST_HERE
            },
            #[cfg(target_os = "linux")]
            __autotest::TestDef {
                name: "connect",
                line: 0u32,
                ignore: __autotest::Some("needs a \"lab\""),
                retries: __autotest::Some(2u32),
                suites: &["net", "smoke"],
                timeout: __autotest::Some(__autotest::Duration::new(10u64, 0u32)),
                call: __autotest::Call::UnitContext(connect),
                ..__AUTOTEST_HERE
            },
        ];
        __autotest::record! {
            "{\"v\":1,\"name\":\"ping\",\"module\":\"", ::core::module_path!(),
            "\",\"file\":\"\",\"line\":0,\"suites\":[\"net\"],\"timeout\":10}\n"
        }
        #[cfg(target_os = "linux")]
        __autotest::record! {
            "{\"v\":1,\"name\":\"connect\",\"module\":\"", ::core::module_path!(),
            "\",\"file\":\"\",\"line\":0,\"ignore\":\"needs a \\\"lab\\\"\",\"retries\":2,\"suites\":[\"net\",\"smoke\"],\"timeout\":10}\n"
        }
        __autotest::submit! {
            __autotest::Registration::of(__AUTOTEST_TESTS, 0u32)
        }
    };
}
