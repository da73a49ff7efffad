/// The interrupts of each processor.
impl DiskStats {
    fn initialize(
        &mut self,
        cx: &mut ProfilerContext,
        interval: Duration,
    ) -> TestResult {
        self.open(cx, interval)
    }
    #[cfg(unix)]
    fn setup(&mut self, disk: &str) -> anyhow::Result<()> {
        self.build(disk)
    }
    fn start(&self) {}
    fn report(&mut self, cx: &mut ProfilerContext) -> TestResult {
        self.write(cx.profdir())
    }
    fn open(&mut self) {}
}
const _: () = {
    use ::autotest::__private as __autotest;
    __autotest::record! {
        __AUTOTEST_RECORD_0[431usize + 1usize * ::core::module_path!() .len()]
        "{\"v\":1,\"kind\":\"profiler\",\"name\":\"disk_stats\",\"module\":\"",
        ::core::module_path!(),
        "\",\"file\":\"\",\"line\":0,\"doc\":\"The interrupts of each processor.\",\"author\":\"who\",\"timeout\":1800,\"version\":2,\"phases\":[\"initialize\",\"setup\",\"execute\"],\"params\":[{\"name\":\"interval\",\"type\":\"Duration\",\"required\":false,\"default\":\"\\\"1s\\\"\",\"doc\":\"How often.\",\"phases\":[\"initialize\"],\"at\":0},{\"name\":\"disk\",\"type\":\"&str\",\"required\":false,\"default\":\"\\\"sda\\\"\",\"phases\":[\"setup\"],\"at\":1}]}\n"
    }
    fn __read_interval(
        name: &'static __autotest::str,
        arg: &__autotest::Arg,
    ) -> __autotest::Result<Duration, __autotest::ParamError> {
        __autotest::with(name, "Duration", arg, __autotest::duration)
    }
    fn __value_interval(
        binding: &__autotest::Binding<'_>,
    ) -> __autotest::TestResult<Duration> {
        match __autotest::given(binding, "interval", __read_interval)? {
            __autotest::Some(value) => __autotest::Ok(value),
            __autotest::None => {
                __autotest::Ok(__read_interval("interval", &__autotest::text("1s"))?)
            }
        }
    }
    #[cfg(any(all(unix)))]
    fn __read_disk(
        name: &'static __autotest::str,
        arg: &__autotest::Arg,
    ) -> __autotest::Result<__autotest::String, __autotest::ParamError> {
        __autotest::argument::<__autotest::String>(name, "&str", arg)
    }
    #[cfg(any(all(unix)))]
    fn __value_disk(
        binding: &__autotest::Binding<'_>,
    ) -> __autotest::TestResult<__autotest::String> {
        match __autotest::given(binding, "disk", __read_disk)? {
            __autotest::Some(value) => __autotest::Ok(value),
            __autotest::None => __autotest::Ok(__autotest::literal("sda")),
        }
    }
    fn __bind(
        binding: &mut __autotest::Binding<'_>,
    ) -> __autotest::TestResult<__autotest::Option<__autotest::Bound>> {
        __autotest::Ok(
            match binding.phase {
                __autotest::Phase::Initialize => {
                    __autotest::Some(
                        __autotest::Bound::new((__value_interval(binding)?,)),
                    )
                }
                #[cfg(unix)]
                __autotest::Phase::Setup => {
                    __autotest::Some(__autotest::Bound::new((__value_disk(binding)?,)))
                }
                _ => __autotest::None,
            },
        )
    }
    impl __autotest::Profiler for DiskStats {
        fn initialize(
            &mut self,
            cx: &mut __autotest::ProfilerContext,
            args: &__autotest::Args,
        ) -> __autotest::TestResult {
            let bound = __autotest::bound_in::<
                (Duration,),
            >(__bind, __autotest::Phase::Initialize, args)?;
            Self::initialize(self, cx, __autotest::Clone::clone(&bound.0))
        }
        #[cfg(unix)]
        fn has_setup(&self) -> bool {
            true
        }
        #[cfg(unix)]
        fn setup(
            &mut self,
            _: &mut __autotest::ProfilerContext,
            args: &__autotest::Args,
        ) -> __autotest::TestResult {
            let bound = __autotest::bound_in::<
                (__autotest::String,),
            >(__bind, __autotest::Phase::Setup, args)?;
            __autotest::conclude!(Self::setup(self, & bound.0))
        }
        fn start(
            &mut self,
            _: &mut __autotest::ProfilerContext,
        ) -> __autotest::TestResult {
            Self::start(self);
            __autotest::Ok(())
        }
        fn report(
            &mut self,
            cx: &mut __autotest::ProfilerContext,
        ) -> __autotest::TestResult {
            Self::report(self, cx)
        }
    }
    impl __autotest::DefinedProfiler for DiskStats {
        const DEF: __autotest::ProfilerDef = __autotest::ProfilerDef {
            def: __autotest::TestDef {
                name: "disk_stats",
                line: 0u32,
                details: &__autotest::Details {
                    doc: "The interrupts of each processor.",
                    phases: __autotest::PhaseSet::of(
                        &[
                            __autotest::Phase::Initialize,
                            #[cfg(unix)]
                            __autotest::Phase::Setup,
                            __autotest::Phase::Execute,
                        ],
                    ),
                    params: &[
                        __autotest::ParamDef {
                            name: "interval",
                            ty: "Duration",
                            doc: "How often.",
                            required: false,
                            default: __autotest::Some("\"1s\""),
                            phases: __autotest::PhaseSet::of(
                                &[__autotest::Phase::Initialize],
                            ),
                            check: |param, arg| {
                                __read_interval(param.name, arg).map(|_| ())
                            },
                            ..__autotest::ParamDef::DEFAULT
                        },
                        #[cfg(any(all(unix)))]
                        __autotest::ParamDef {
                            name: "disk",
                            ty: "&str",
                            required: false,
                            default: __autotest::Some("\"sda\""),
                            phases: __autotest::PhaseSet::of(
                                &[#[cfg(unix)] __autotest::Phase::Setup],
                            ),
                            check: |param, arg| __read_disk(param.name, arg).map(|_| ()),
                            ..__autotest::ParamDef::DEFAULT
                        },
                    ],
                    meta: &__autotest::Metadata {
                        author: "who",
                        timeout: __autotest::Some(
                            __autotest::Duration::new(1800u64, 0u32),
                        ),
                        version: __autotest::Version::Int(2),
                        ..__autotest::Metadata::DEFAULT
                    },
                    module: &__autotest::Module {
                        path: ::core::module_path!(),
                        file: ::core::file!(),
                    },
                    ..__autotest::Details::DEFAULT
                },
                ..__autotest::TestDef::DEFAULT
            },
            new: || __autotest::Ok(
                __autotest::Box::new(<DiskStats as ::core::default::Default>::default()),
            ),
        };
    }
    __autotest::submit! {
        < DiskStats as __autotest::DefinedProfiler > ::DEF
    }
};
