/// The nightly job.
fn nightly(job: &mut Job, rounds: u32) -> JobResult {
    job.run_test("net::ping").run().map(drop)
}
const _: () = {
    use ::autotest::__private as __autotest;
    fn __read_rounds(
        name: &'static __autotest::str,
        arg: &__autotest::Arg,
    ) -> __autotest::Result<u32, __autotest::ParamError> {
        __autotest::argument::<u32>(name, "u32", arg)
    }
    fn __value_rounds(binding: &__autotest::Binding<'_>) -> __autotest::TestResult<u32> {
        match __autotest::given(binding, "rounds", __read_rounds)? {
            __autotest::Some(value) => __autotest::Ok(value),
            __autotest::None => {
                __autotest::Ok({
                    let value: u32 = 3;
                    value
                })
            }
        }
    }
    fn __bind(
        binding: &mut __autotest::Binding<'_>,
    ) -> __autotest::TestResult<__autotest::Option<__autotest::Bound>> {
        __autotest::Ok(
            match binding.phase {
                __autotest::Phase::Execute => {
                    __autotest::Some(__autotest::Bound::new((__value_rounds(binding)?,)))
                }
                _ => __autotest::None,
            },
        )
    }
    fn __run(
        job: &mut __autotest::Job,
        args: &__autotest::Args,
    ) -> __autotest::TestResult {
        let bound = __autotest::bound::<(u32,)>(__bind, args)?;
        nightly(job, __autotest::Clone::clone(&bound.0))
    }
    __autotest::record! {
        __AUTOTEST_RECORD_0[248usize + 1usize * ::core::module_path!() .len()]
        "{\"v\":1,\"kind\":\"control\",\"name\":\"nightly\",\"module\":\"",
        ::core::module_path!(),
        "\",\"file\":\"\",\"line\":0,\"doc\":\"The nightly job.\",\"suites\":[\"nightly\"],\"time\":\"LONG\",\"phases\":[\"execute\"],\"params\":[{\"name\":\"rounds\",\"type\":\"u32\",\"required\":false,\"default\":\"3\",\"phases\":[\"execute\"]}]}\n"
    }
    __autotest::submit! {
        __autotest::ControlDef { def : __autotest::TestDef { name : "nightly", line :
        0u32, details : & __autotest::Details { doc : "The nightly job.", params : &
        [__autotest::ParamDef { name : "rounds", ty : "u32", required : false, default :
        __autotest::Some("3"), phases : __autotest::PhaseSet::of(&
        [__autotest::Phase::Execute]), check : | param, arg | __read_rounds(param.name,
        arg).map(| _ | ()), ..__autotest::ParamDef::DEFAULT }], bind :
        __autotest::Some(__bind), meta : & __autotest::Metadata { suites : & ["nightly"],
        time : "LONG", ..__autotest::Metadata::DEFAULT }, phases :
        __autotest::PhaseSet::of(& [__autotest::Phase::Execute]), module : &
        __autotest::Module { path : ::core::module_path!(), file : ::core::file!(), },
        ..__autotest::Details::DEFAULT }, ..__autotest::TestDef::DEFAULT }, run : __run,
        }
    }
};
