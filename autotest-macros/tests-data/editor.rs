mod tcp {
    #[cfg_attr(test, ::core::prelude::v1::test)]
    /// Shown where it stands.
    fn ping() -> TestResult {
        Ok(())
    }
    #[cfg(target_os = "linux")]
    impl Socket {
        fn run_once() {}
    }
    #[cfg(target_os = "linux")]
    #[cfg(test)]
    #[allow(dead_code, non_snake_case)]
    impl Socket {
        #[::core::prelude::v1::test]
        fn Socket() {}
    }
    const _: () = {
        use autotest as _;
    };
    const _: () = {
        use ::autotest::__private as __autotest;
        const __AUTOTEST_HERE: &__autotest::Details = &__autotest::Details {
            module: &__autotest::Module {
                path: ::core::module_path!(),
                file: ::core::file!(),
            },
            ..__autotest::Details::DEFAULT
        };
        #[cfg(target_os = "linux")]
        impl __autotest::Phases for Socket {
            fn call(
                &mut self,
                phase: __autotest::Phase,
                _: &mut __autotest::TestContext,
            ) -> __autotest::TestResult {
                match phase {
                    __autotest::Phase::RunOnce => {
                        Self::run_once();
                        __autotest::Ok(())
                    }
                    _ => __autotest::Ok(()),
                }
            }
        }
        __autotest::record! {
            __AUTOTEST_RECORD_0[84usize + 1usize * ::core::module_path!() .len()]
            "{\"v\":1,\"name\":\"ping\",\"module\":\"", ::core::module_path!(),
            "\",\"file\":\"\",\"line\":0,\"doc\":\"Shown where it stands.\"}\n"
        }
        #[cfg(target_os = "linux")]
        __autotest::record! {
            __AUTOTEST_RECORD_1[77usize + 1usize * ::core::module_path!() .len()]
            "{\"v\":1,\"name\":\"Socket\",\"module\":\"", ::core::module_path!(),
            "\",\"file\":\"\",\"line\":0,\"phases\":[\"run_once\"]}\n"
        }
        __autotest::submit! {
            __autotest::Registration { tests : & [__autotest::TestDef { name : "ping",
            line : 0u32, call : __autotest::Call::Plain(ping), details : &
            __autotest::Details { doc : "Shown where it stands.", .. * __AUTOTEST_HERE }
            }, #[cfg(target_os = "linux")] __autotest::TestDef { name : "Socket", line :
            0u32, call : __autotest::Call::Phases(__autotest::by_default:: < Socket >),
            details : & __autotest::Details { phases : __autotest::PhaseSet::of(&
            [__autotest::Phase::RunOnce]), .. * __AUTOTEST_HERE } },] }
        }
    };
}
