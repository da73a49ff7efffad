impl Dbench {
    const CLIENTS: u32 = 8;
    fn new(cx: &mut TestContext) -> Result<Self, Error> {
        Dbench::open(cx.bindir())
    }
    #[cfg(unix)]
    fn setup(&mut self, cx: &mut TestContext, disk: String) {
        self.build(cx, disk)
    }
    async fn run_once(&self, nprocs: u32) -> TestResult {
        self.go(nprocs).await
    }
    fn cleanup() {}
    fn helper(&self, (a, b): (u8, u8)) -> u8 {
        a + b
    }
}
const _: () = {
    use ::autotest::__private as __autotest;
    impl __autotest::Phases for Dbench {
        fn call(
            &mut self,
            phase: __autotest::Phase,
            cx: &mut __autotest::TestContext,
        ) -> __autotest::TestResult {
            match phase {
                #[cfg(unix)]
                __autotest::Phase::Setup => {
                    let bound = cx.bound::<(String,)>(__autotest::Phase::Setup)?;
                    Self::setup(self, cx, __autotest::Clone::clone(&bound.0));
                    __autotest::Ok(())
                }
                __autotest::Phase::RunOnce => {
                    let bound = cx.bound::<(u32,)>(__autotest::Phase::RunOnce)?;
                    run(Self::run_once(self, __autotest::Clone::clone(&bound.0)))
                }
                __autotest::Phase::Cleanup => {
                    Self::cleanup();
                    __autotest::Ok(())
                }
                _ => __autotest::Ok(()),
            }
        }
    }
    __autotest::record! {
        __AUTOTEST_RECORD_0[238usize + 1usize * ::core::module_path!() .len()]
        "{\"v\":1,\"name\":\"Dbench\",\"module\":\"", ::core::module_path!(),
        "\",\"file\":\"\",\"line\":0,\"preserve_srcdir\":true,\"version\":3,\"phases\":[\"run_once\",\"cleanup\"],\"params\":[{\"name\":\"nprocs\",\"type\":\"u32\",\"required\":false,\"default\":\"Dbench::CLIENTS\",\"phases\":[\"run_once\"],\"at\":1}]}\n"
    }
    #[cfg(unix)]
    __autotest::record! {
        __AUTOTEST_RECORD_1[161usize + 1usize * ::core::module_path!() .len()]
        "{\"v\":1,\"name\":\"Dbench\",\"module\":\"", ::core::module_path!(),
        "\",\"phases\":[\"setup\"],\"params\":[{\"name\":\"disk\",\"type\":\"String\",\"required\":false,\"default\":\"\\\"sda\\\"\",\"phases\":[\"setup\"],\"at\":0}]}\n"
    }
    __autotest::submit! {
        __autotest::Registration { tests : & [{ #[cfg(any(all(unix)))] fn
        __read_disk(name : & 'static __autotest::str, arg : & __autotest::Arg,) ->
        __autotest::Result < String, __autotest::ParamError > { __autotest::argument:: <
        String > (name, "String", arg) } #[cfg(any(all(unix)))] fn __value_disk(binding :
        & __autotest::Binding < '_ >,) -> __autotest::TestResult < String > { match
        __autotest::given(binding, "disk", __read_disk) ? { __autotest::Some(value) =>
        __autotest::Ok(value), __autotest::None =>
        __autotest::Ok(__autotest::literal("sda")), } } fn __read_nprocs(name : & 'static
        __autotest::str, arg : & __autotest::Arg,) -> __autotest::Result < u32,
        __autotest::ParamError > { __autotest::argument:: < u32 > (name, "u32", arg) } fn
        __value_nprocs(binding : & __autotest::Binding < '_ >,) -> __autotest::TestResult
        < u32 > { match __autotest::given(binding, "nprocs", __read_nprocs) ? {
        __autotest::Some(value) => __autotest::Ok(value), __autotest::None =>
        __autotest::Ok({ let value : u32 = Dbench::CLIENTS; value }), } } fn
        __bind(binding : & mut __autotest::Binding < '_ >,) -> __autotest::TestResult <
        __autotest::Option < __autotest::Bound >> { __autotest::Ok(match binding.phase {
        #[cfg(unix)] __autotest::Phase::Setup =>
        __autotest::Some(__autotest::Bound::new((__value_disk(binding) ?,))),
        __autotest::Phase::RunOnce =>
        __autotest::Some(__autotest::Bound::new((__value_nprocs(binding) ?,))), _ =>
        __autotest::None, }) } __autotest::TestDef { name : "Dbench", line : 0u32, call :
        __autotest::Call::Phases(| cx | __autotest::Ok(__autotest::Box::new({ let made :
        Dbench = __autotest::conclude!(< Dbench > ::new(cx)) ?; made }))), details : &
        __autotest::Details { phases : __autotest::PhaseSet::of(& [#[cfg(unix)]
        __autotest::Phase::Setup, __autotest::Phase::RunOnce,
        __autotest::Phase::Cleanup]), params : & [#[cfg(any(all(unix)))]
        __autotest::ParamDef { name : "disk", ty : "String", required : false, default :
        __autotest::Some("\"sda\""), phases : __autotest::PhaseSet::of(& [#[cfg(unix)]
        __autotest::Phase::Setup]), check : | param, arg | __read_disk(param.name, arg)
        .map(| _ | ()), ..__autotest::ParamDef::DEFAULT }, __autotest::ParamDef { name :
        "nprocs", ty : "u32", required : false, default :
        __autotest::Some("Dbench::CLIENTS"), phases : __autotest::PhaseSet::of(&
        [__autotest::Phase::RunOnce]), check : | param, arg | __read_nprocs(param.name,
        arg).map(| _ | ()), ..__autotest::ParamDef::DEFAULT }], bind :
        __autotest::Some(__bind), meta : & __autotest::Metadata { preserve_srcdir : true,
        version : __autotest::Version::Int(3), ..__autotest::Metadata::DEFAULT }, module
        : & __autotest::Module { path : ::core::module_path!(), file : ::core::file!(),
        }, ..__autotest::Details::DEFAULT } } },] }
    }
};
