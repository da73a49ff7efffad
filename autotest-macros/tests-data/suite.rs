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
        const __AUTOTEST_HERE: &__autotest::Details = &__autotest::Details {
            meta: &__autotest::Metadata {
                suites: &["net"],
                timeout: __autotest::Some(__autotest::Duration::new(10u64, 0u32)),
                ..__autotest::Metadata::DEFAULT
            },
            module: &__autotest::Module {
                path: ::core::module_path!(),
                file: ::core::file!(),
            },
            ..__autotest::Details::DEFAULT
        };
        __autotest::record! {
            __AUTOTEST_RECORD_0[83usize + 1usize * ::core::module_path!() .len()]
            "{\"v\":1,\"name\":\"ping\",\"module\":\"", ::core::module_path!(),
            "\",\"file\":\"\",\"line\":0,\"suites\":[\"net\"],\"timeout\":10}\n"
        }
        #[cfg(target_os = "linux")]
        __autotest::record! {
            __AUTOTEST_RECORD_1[133usize + 1usize * ::core::module_path!() .len()]
            "{\"v\":1,\"name\":\"connect\",\"module\":\"", ::core::module_path!(),
            "\",\"file\":\"\",\"line\":0,\"ignore\":\"needs a \\\"lab\\\"\",\"retries\":2,\"suites\":[\"net\",\"smoke\"],\"timeout\":10}\n"
        }
        __autotest::submit! {
            __autotest::Registration { tests : & [__autotest::TestDef { name : "ping",
            line : 0u32, call : __autotest::Call::Plain(ping), details : __AUTOTEST_HERE
            }, #[cfg(target_os = "linux")] __autotest::TestDef { name : "connect", line :
            0u32, call : __autotest::Call::UnitContext(connect), details : &
            __autotest::Details { meta : & __autotest::Metadata { ignore :
            __autotest::Some("needs a \"lab\""), retries : __autotest::Some(2u32), suites
            : & ["net", "smoke"], timeout :
            __autotest::Some(__autotest::Duration::new(10u64, 0u32)),
            ..__autotest::Metadata::DEFAULT }, .. * __AUTOTEST_HERE } },] }
        }
    };
}
