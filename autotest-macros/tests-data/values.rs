fn write(fs: &str, mb: u64, mode: Mode, token: u64) -> TestResult {
    write_all(fs, mb, mode, token)
}
const _: () = {
    use ::autotest::__private as __autotest;
    const __AUTOTEST_0: __autotest::TestDef = {
        fn __read_fs(
            name: &'static __autotest::str,
            arg: &__autotest::Arg,
        ) -> __autotest::Result<__autotest::String, __autotest::ParamError> {
            __autotest::argument::<__autotest::String>(name, "&str", arg)
        }
        fn __value_fs(
            binding: &__autotest::Binding<'_>,
        ) -> __autotest::TestResult<__autotest::String> {
            match __autotest::given(binding, "fs", __read_fs)? {
                __autotest::Some(value) => __autotest::Ok(value),
                __autotest::None => {
                    match binding.position(4usize, 2usize) {
                        0usize => __autotest::Ok(__autotest::literal("ext4")),
                        1usize => __autotest::Ok(__autotest::literal("xfs")),
                        _ => __autotest::missing("fs", "&str"),
                    }
                }
            }
        }
        fn __read_mb(
            name: &'static __autotest::str,
            arg: &__autotest::Arg,
        ) -> __autotest::Result<u64, __autotest::ParamError> {
            __autotest::argument::<u64>(name, "u64", arg)
        }
        fn __value_mb(binding: &__autotest::Binding<'_>) -> __autotest::TestResult<u64> {
            match __autotest::given(binding, "mb", __read_mb)? {
                __autotest::Some(value) => __autotest::Ok(value),
                __autotest::None => {
                    match binding.position(2usize, 2usize) {
                        0usize => {
                            __autotest::Ok({
                                let value: u64 = 1;
                                value
                            })
                        }
                        _ => {
                            __autotest::Ok({
                                let value: u64 = 4;
                                value
                            })
                        }
                    }
                }
            }
        }
        fn __read_mode(
            name: &'static __autotest::str,
            arg: &__autotest::Arg,
        ) -> __autotest::Result<Mode, __autotest::ParamError> {
            __autotest::argument::<Mode>(name, "Mode", arg)
        }
        fn __value_mode(
            binding: &__autotest::Binding<'_>,
        ) -> __autotest::TestResult<Mode> {
            match __autotest::given(binding, "mode", __read_mode)? {
                __autotest::Some(value) => __autotest::Ok(value),
                __autotest::None => {
                    match binding.position(1usize, 2usize) {
                        0usize => {
                            __autotest::Ok({
                                let value: Mode = Mode::Fast;
                                value
                            })
                        }
                        _ => {
                            __autotest::Ok({
                                let value: Mode = Mode::Slow;
                                value
                            })
                        }
                    }
                }
            }
        }
        fn __limits_token(
            name: &'static __autotest::str,
            value: &u64,
        ) -> __autotest::Result<(), __autotest::ParamError> {
            __autotest::in_range(name, "u64", value, &(1..=9), "1..=9")?;
            __autotest::Ok(())
        }
        fn __read_token(
            name: &'static __autotest::str,
            arg: &__autotest::Arg,
        ) -> __autotest::Result<u64, __autotest::ParamError> {
            __autotest::hidden(
                __autotest::within(
                    name,
                    __autotest::hidden(__autotest::argument::<u64>(name, "u64", arg))?,
                    __limits_token,
                ),
            )
        }
        fn __value_token(
            binding: &__autotest::Binding<'_>,
        ) -> __autotest::TestResult<u64> {
            match __autotest::given(binding, "token", __read_token)? {
                __autotest::Some(value) => __autotest::Ok(value),
                __autotest::None => {
                    __autotest::Ok(
                        __autotest::hidden(
                            __autotest::within(
                                "token",
                                {
                                    let value: u64 = 7;
                                    value
                                },
                                __limits_token,
                            ),
                        )?,
                    )
                }
            }
        }
        fn __bind(
            binding: &mut __autotest::Binding<'_>,
        ) -> __autotest::TestResult<__autotest::Option<__autotest::Bound>> {
            __autotest::Ok(
                match binding.phase {
                    __autotest::Phase::RunOnce => {
                        __autotest::Some(
                            __autotest::Bound::new((
                                __value_fs(binding)?,
                                __value_mb(binding)?,
                                __value_mode(binding)?,
                                __value_token(binding)?,
                            )),
                        )
                    }
                    _ => __autotest::None,
                },
            )
        }
        __autotest::TestDef {
            name: "write",
            line: 0u32,
            call: __autotest::Call::Context({
                fn __call(cx: &mut __autotest::TestContext) -> __autotest::TestResult {
                    let bound = cx
                        .bound::<
                            (__autotest::String, u64, Mode, u64),
                        >(__autotest::Phase::RunOnce)?;
                    write(
                        &bound.0,
                        __autotest::Clone::clone(&bound.1),
                        __autotest::Clone::clone(&bound.2),
                        __autotest::Clone::clone(&bound.3),
                    )
                }
                __call
            }),
            details: &__autotest::Details {
                params: &[
                    __autotest::ParamDef {
                        name: "fs",
                        ty: "&str",
                        phases: __autotest::PhaseSet::of(&[__autotest::Phase::RunOnce]),
                        check: |param, arg| __read_fs(param.name, arg).map(|_| ()),
                        ..__autotest::ParamDef::DEFAULT
                    },
                    __autotest::ParamDef {
                        name: "mb",
                        ty: "u64",
                        required: false,
                        phases: __autotest::PhaseSet::of(&[__autotest::Phase::RunOnce]),
                        check: |param, arg| __read_mb(param.name, arg).map(|_| ()),
                        ..__autotest::ParamDef::DEFAULT
                    },
                    __autotest::ParamDef {
                        name: "mode",
                        ty: "Mode",
                        required: false,
                        phases: __autotest::PhaseSet::of(&[__autotest::Phase::RunOnce]),
                        check: |param, arg| __read_mode(param.name, arg).map(|_| ()),
                        ..__autotest::ParamDef::DEFAULT
                    },
                    __autotest::ParamDef {
                        name: "token",
                        ty: "u64",
                        required: false,
                        default: __autotest::Some("(secret)"),
                        range: __autotest::Some("1..=9"),
                        secret: true,
                        phases: __autotest::PhaseSet::of(&[__autotest::Phase::RunOnce]),
                        check: |param, arg| __read_token(param.name, arg).map(|_| ()),
                        ..__autotest::ParamDef::DEFAULT
                    },
                ],
                bind: __autotest::Some(__bind),
                module: &__autotest::Module {
                    path: ::core::module_path!(),
                    file: ::core::file!(),
                },
                ..__autotest::Details::DEFAULT
            },
        }
    };
    __autotest::record! {
        __AUTOTEST_RECORD_0[3760usize + 8usize * ::core::module_path!() .len()]
        "{\"v\":1,\"name\":\"write\",\"module\":\"", ::core::module_path!(),
        "\",\"case\":\"ext4::mb_1::mode_Fast\",\"file\":\"\",\"line\":0,\"args\":{\"fs\":\"\\\"ext4\\\"\",\"mb\":\"1\",\"mode\":\"Mode::Fast\"},\"params\":[{\"name\":\"fs\",\"type\":\"&str\",\"required\":true,\"phases\":[\"run_once\"]},{\"name\":\"mb\",\"type\":\"u64\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"mode\",\"type\":\"Mode\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"token\",\"type\":\"u64\",\"required\":false,\"default\":\"(secret)\",\"range\":\"1..=9\",\"secret\":true,\"phases\":[\"run_once\"]}]}\n{\"v\":1,\"name\":\"write\",\"module\":\"",
        ::core::module_path!(),
        "\",\"case\":\"ext4::mb_1::mode_Slow\",\"file\":\"\",\"line\":0,\"args\":{\"fs\":\"\\\"ext4\\\"\",\"mb\":\"1\",\"mode\":\"Mode::Slow\"},\"params\":[{\"name\":\"fs\",\"type\":\"&str\",\"required\":true,\"phases\":[\"run_once\"]},{\"name\":\"mb\",\"type\":\"u64\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"mode\",\"type\":\"Mode\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"token\",\"type\":\"u64\",\"required\":false,\"default\":\"(secret)\",\"range\":\"1..=9\",\"secret\":true,\"phases\":[\"run_once\"]}]}\n{\"v\":1,\"name\":\"write\",\"module\":\"",
        ::core::module_path!(),
        "\",\"case\":\"ext4::mb_4::mode_Fast\",\"file\":\"\",\"line\":0,\"args\":{\"fs\":\"\\\"ext4\\\"\",\"mb\":\"4\",\"mode\":\"Mode::Fast\"},\"params\":[{\"name\":\"fs\",\"type\":\"&str\",\"required\":true,\"phases\":[\"run_once\"]},{\"name\":\"mb\",\"type\":\"u64\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"mode\",\"type\":\"Mode\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"token\",\"type\":\"u64\",\"required\":false,\"default\":\"(secret)\",\"range\":\"1..=9\",\"secret\":true,\"phases\":[\"run_once\"]}]}\n{\"v\":1,\"name\":\"write\",\"module\":\"",
        ::core::module_path!(),
        "\",\"case\":\"ext4::mb_4::mode_Slow\",\"file\":\"\",\"line\":0,\"args\":{\"fs\":\"\\\"ext4\\\"\",\"mb\":\"4\",\"mode\":\"Mode::Slow\"},\"params\":[{\"name\":\"fs\",\"type\":\"&str\",\"required\":true,\"phases\":[\"run_once\"]},{\"name\":\"mb\",\"type\":\"u64\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"mode\",\"type\":\"Mode\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"token\",\"type\":\"u64\",\"required\":false,\"default\":\"(secret)\",\"range\":\"1..=9\",\"secret\":true,\"phases\":[\"run_once\"]}]}\n{\"v\":1,\"name\":\"write\",\"module\":\"",
        ::core::module_path!(),
        "\",\"case\":\"xfs::mb_1::mode_Fast\",\"file\":\"\",\"line\":0,\"args\":{\"fs\":\"\\\"xfs\\\"\",\"mb\":\"1\",\"mode\":\"Mode::Fast\"},\"params\":[{\"name\":\"fs\",\"type\":\"&str\",\"required\":true,\"phases\":[\"run_once\"]},{\"name\":\"mb\",\"type\":\"u64\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"mode\",\"type\":\"Mode\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"token\",\"type\":\"u64\",\"required\":false,\"default\":\"(secret)\",\"range\":\"1..=9\",\"secret\":true,\"phases\":[\"run_once\"]}]}\n{\"v\":1,\"name\":\"write\",\"module\":\"",
        ::core::module_path!(),
        "\",\"case\":\"xfs::mb_1::mode_Slow\",\"file\":\"\",\"line\":0,\"args\":{\"fs\":\"\\\"xfs\\\"\",\"mb\":\"1\",\"mode\":\"Mode::Slow\"},\"params\":[{\"name\":\"fs\",\"type\":\"&str\",\"required\":true,\"phases\":[\"run_once\"]},{\"name\":\"mb\",\"type\":\"u64\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"mode\",\"type\":\"Mode\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"token\",\"type\":\"u64\",\"required\":false,\"default\":\"(secret)\",\"range\":\"1..=9\",\"secret\":true,\"phases\":[\"run_once\"]}]}\n{\"v\":1,\"name\":\"write\",\"module\":\"",
        ::core::module_path!(),
        "\",\"case\":\"xfs::mb_4::mode_Fast\",\"file\":\"\",\"line\":0,\"args\":{\"fs\":\"\\\"xfs\\\"\",\"mb\":\"4\",\"mode\":\"Mode::Fast\"},\"params\":[{\"name\":\"fs\",\"type\":\"&str\",\"required\":true,\"phases\":[\"run_once\"]},{\"name\":\"mb\",\"type\":\"u64\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"mode\",\"type\":\"Mode\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"token\",\"type\":\"u64\",\"required\":false,\"default\":\"(secret)\",\"range\":\"1..=9\",\"secret\":true,\"phases\":[\"run_once\"]}]}\n{\"v\":1,\"name\":\"write\",\"module\":\"",
        ::core::module_path!(),
        "\",\"case\":\"xfs::mb_4::mode_Slow\",\"file\":\"\",\"line\":0,\"args\":{\"fs\":\"\\\"xfs\\\"\",\"mb\":\"4\",\"mode\":\"Mode::Slow\"},\"params\":[{\"name\":\"fs\",\"type\":\"&str\",\"required\":true,\"phases\":[\"run_once\"]},{\"name\":\"mb\",\"type\":\"u64\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"mode\",\"type\":\"Mode\",\"required\":false,\"phases\":[\"run_once\"]},{\"name\":\"token\",\"type\":\"u64\",\"required\":false,\"default\":\"(secret)\",\"range\":\"1..=9\",\"secret\":true,\"phases\":[\"run_once\"]}]}\n"
    }
    __autotest::submit! {
        __autotest::Registration { tests : & [__autotest::TestDef { details : &
        __autotest::Details { case : __autotest::Some(& __autotest::CaseDef { name :
        "ext4::mb_1::mode_Fast", index : 1usize, args : & [("fs", "\"ext4\""), ("mb",
        "1"), ("mode", "Mode::Fast")], }), .. * __AUTOTEST_0.details }, ..__AUTOTEST_0 },
        __autotest::TestDef { details : & __autotest::Details { case : __autotest::Some(&
        __autotest::CaseDef { name : "ext4::mb_1::mode_Slow", index : 2usize, args : &
        [("fs", "\"ext4\""), ("mb", "1"), ("mode", "Mode::Slow")], }), .. * __AUTOTEST_0
        .details }, ..__AUTOTEST_0 }, __autotest::TestDef { details : &
        __autotest::Details { case : __autotest::Some(& __autotest::CaseDef { name :
        "ext4::mb_4::mode_Fast", index : 3usize, args : & [("fs", "\"ext4\""), ("mb",
        "4"), ("mode", "Mode::Fast")], }), .. * __AUTOTEST_0.details }, ..__AUTOTEST_0 },
        __autotest::TestDef { details : & __autotest::Details { case : __autotest::Some(&
        __autotest::CaseDef { name : "ext4::mb_4::mode_Slow", index : 4usize, args : &
        [("fs", "\"ext4\""), ("mb", "4"), ("mode", "Mode::Slow")], }), .. * __AUTOTEST_0
        .details }, ..__AUTOTEST_0 }, __autotest::TestDef { details : &
        __autotest::Details { case : __autotest::Some(& __autotest::CaseDef { name :
        "xfs::mb_1::mode_Fast", index : 5usize, args : & [("fs", "\"xfs\""), ("mb", "1"),
        ("mode", "Mode::Fast")], }), .. * __AUTOTEST_0.details }, ..__AUTOTEST_0 },
        __autotest::TestDef { details : & __autotest::Details { case : __autotest::Some(&
        __autotest::CaseDef { name : "xfs::mb_1::mode_Slow", index : 6usize, args : &
        [("fs", "\"xfs\""), ("mb", "1"), ("mode", "Mode::Slow")], }), .. * __AUTOTEST_0
        .details }, ..__AUTOTEST_0 }, __autotest::TestDef { details : &
        __autotest::Details { case : __autotest::Some(& __autotest::CaseDef { name :
        "xfs::mb_4::mode_Fast", index : 7usize, args : & [("fs", "\"xfs\""), ("mb", "4"),
        ("mode", "Mode::Fast")], }), .. * __AUTOTEST_0.details }, ..__AUTOTEST_0 },
        __autotest::TestDef { details : & __autotest::Details { case : __autotest::Some(&
        __autotest::CaseDef { name : "xfs::mb_4::mode_Slow", index : 8usize, args : &
        [("fs", "\"xfs\""), ("mb", "4"), ("mode", "Mode::Slow")], }), .. * __AUTOTEST_0
        .details }, ..__AUTOTEST_0 },] }
    }
};
