fn copy(cx: &mut TestContext, mb: u64, dir: Option<PathBuf>) -> TestResult {
    cx.assert_(mb > 0, "")
}
const _: () = {
    use ::autotest::__private as __autotest;
    const __AUTOTEST_0: __autotest::TestDef = {
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
                    match binding.case_index {
                        1usize => {
                            __autotest::Ok({
                                let value: u64 = 1;
                                value
                            })
                        }
                        2usize => {
                            __autotest::Ok({
                                let value: u64 = 1024;
                                value
                            })
                        }
                        _ => __autotest::missing("mb", "u64"),
                    }
                }
            }
        }
        fn __read_dir(
            name: &'static __autotest::str,
            arg: &__autotest::Arg,
        ) -> __autotest::Result<Option<PathBuf>, __autotest::ParamError> {
            __autotest::argument::<Option<PathBuf>>(name, "Option<PathBuf>", arg)
        }
        fn __value_dir(
            binding: &__autotest::Binding<'_>,
        ) -> __autotest::TestResult<Option<PathBuf>> {
            match __autotest::given(binding, "dir", __read_dir)? {
                __autotest::Some(value) => __autotest::Ok(value),
                __autotest::None => {
                    match binding.case_index {
                        2usize => {
                            __autotest::Ok(
                                __autotest::Some(__autotest::literal("/large")),
                            )
                        }
                        _ => __autotest::Ok(__autotest::None),
                    }
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
                                __value_mb(binding)?,
                                __value_dir(binding)?,
                            )),
                        )
                    }
                    _ => __autotest::None,
                },
            )
        }
        __autotest::TestDef {
            name: "copy",
            line: 0u32,
            call: __autotest::Call::Context({
                fn __call(cx: &mut __autotest::TestContext) -> __autotest::TestResult {
                    let bound = cx
                        .bound::<(u64, Option<PathBuf>)>(__autotest::Phase::RunOnce)?;
                    copy(
                        cx,
                        __autotest::Clone::clone(&bound.0),
                        __autotest::Clone::clone(&bound.1),
                    )
                }
                __call
            }),
            details: &__autotest::Details {
                params: &[
                    __autotest::ParamDef {
                        name: "mb",
                        ty: "u64",
                        phases: __autotest::PhaseSet::of(&[__autotest::Phase::RunOnce]),
                        check: |param, arg| __read_mb(param.name, arg).map(|_| ()),
                        ..__autotest::ParamDef::DEFAULT
                    },
                    __autotest::ParamDef {
                        name: "dir",
                        ty: "Option<PathBuf>",
                        required: false,
                        phases: __autotest::PhaseSet::of(&[__autotest::Phase::RunOnce]),
                        check: |param, arg| __read_dir(param.name, arg).map(|_| ()),
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
        __AUTOTEST_RECORD_0[504usize + 2usize * ::core::module_path!() .len()]
        "{\"v\":1,\"name\":\"copy\",\"module\":\"", ::core::module_path!(),
        "\",\"case\":\"small\",\"file\":\"\",\"line\":0,\"args\":{\"mb\":\"1\"},\"params\":[{\"name\":\"mb\",\"type\":\"u64\",\"required\":true,\"phases\":[\"run_once\"]},{\"name\":\"dir\",\"type\":\"Option<PathBuf>\",\"required\":false,\"phases\":[\"run_once\"]}]}\n{\"v\":1,\"name\":\"copy\",\"module\":\"",
        ::core::module_path!(),
        "\",\"case\":\"large\",\"file\":\"\",\"line\":0,\"args\":{\"mb\":\"1024\",\"dir\":\"\\\"/large\\\"\"},\"params\":[{\"name\":\"mb\",\"type\":\"u64\",\"required\":true,\"phases\":[\"run_once\"]},{\"name\":\"dir\",\"type\":\"Option<PathBuf>\",\"required\":false,\"phases\":[\"run_once\"]}]}\n"
    }
    __autotest::submit! {
        __autotest::Registration { tests : & [__autotest::TestDef { details : &
        __autotest::Details { case : __autotest::Some(& __autotest::CaseDef { name :
        "small", index : 1usize, args : & [("mb", "1")], }), .. * __AUTOTEST_0.details },
        ..__AUTOTEST_0 }, __autotest::TestDef { details : & __autotest::Details { case :
        __autotest::Some(& __autotest::CaseDef { name : "large", index : 2usize, args : &
        [("mb", "1024"), ("dir", "\"/large\"")], }), .. * __AUTOTEST_0.details },
        ..__AUTOTEST_0 },] }
    }
};
