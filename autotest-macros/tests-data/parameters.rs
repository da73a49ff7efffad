/// Sequential write speed.
fn write_speed(
    cx: &mut TestContext,
    dir: Option<PathBuf>,
    mb: u64,
    file: &Path,
    pause: Option<Duration>,
    args: Args,
) -> anyhow::Result<()> {
    measure(dir, mb, file)
}
const _: () = {
    use ::autotest::__private as __autotest;
    __autotest::record! {
        __AUTOTEST_RECORD_0[673usize + 1usize * ::core::module_path!() .len()]
        "{\"v\":1,\"name\":\"write_speed\",\"module\":\"", ::core::module_path!(),
        "\",\"file\":\"\",\"line\":0,\"doc\":\"Sequential write speed.\",\"attributes\":[\"disk\"],\"constraints\":[\"throughput > 50\",\"latency_ms <= 20\"],\"suites\":[\"bvt\",\"perf\"],\"timeout\":120,\"version\":1,\"catch_all\":[\"run_once\"],\"params\":[{\"name\":\"dir\",\"type\":\"Option<PathBuf>\",\"required\":false,\"doc\":\"Where to write.\",\"phases\":[\"run_once\"]},{\"name\":\"mb\",\"type\":\"u64\",\"required\":false,\"default\":\"64\",\"range\":\"1..=4096\",\"doc\":\"How much, in MiB.\",\"phases\":[\"run_once\"]},{\"name\":\"file\",\"type\":\"&Path\",\"required\":false,\"default\":\"cx.tmpdir().join(\\\"data\\\")\",\"phases\":[\"run_once\"]},{\"name\":\"pause\",\"type\":\"Option<Duration>\",\"required\":false,\"phases\":[\"run_once\"]}]}\n"
    }
    __autotest::submit! {
        __autotest::Registration { tests : & [{ fn __read_dir(name : & 'static
        __autotest::str, arg : & __autotest::Arg,) -> __autotest::Result < Option <
        PathBuf >, __autotest::ParamError > { __autotest::argument:: < Option < PathBuf >
        > (name, "Option<PathBuf>", arg) } fn __value_dir(binding : & __autotest::Binding
        < '_ >,) -> __autotest::TestResult < Option < PathBuf > > { match
        __autotest::given(binding, "dir", __read_dir) ? { __autotest::Some(value) =>
        __autotest::Ok(value), __autotest::None => __autotest::Ok(__autotest::None), } }
        fn __limits_mb(name : & 'static __autotest::str, value : & u64,) ->
        __autotest::Result < (), __autotest::ParamError > { __autotest::in_range(name,
        "u64", value, & (1..= 4096), "1..=4096") ?; __autotest::Ok(()) } fn
        __read_mb(name : & 'static __autotest::str, arg : & __autotest::Arg,) ->
        __autotest::Result < u64, __autotest::ParamError > { __autotest::within(name,
        __autotest::argument:: < u64 > (name, "u64", arg) ?, __limits_mb) } fn
        __value_mb(binding : & __autotest::Binding < '_ >,) -> __autotest::TestResult <
        u64 > { match __autotest::given(binding, "mb", __read_mb) ? {
        __autotest::Some(value) => __autotest::Ok(value), __autotest::None =>
        __autotest::Ok(__autotest::within("mb", { let value : u64 = 64; value },
        __limits_mb) ?), } } fn __read_file(name : & 'static __autotest::str, arg : &
        __autotest::Arg,) -> __autotest::Result < __autotest::PathBuf,
        __autotest::ParamError > { __autotest::argument:: < __autotest::PathBuf > (name,
        "&Path", arg) } fn __value_file(binding : & __autotest::Binding < '_ >,) ->
        __autotest::TestResult < __autotest::PathBuf > { match __autotest::given(binding,
        "file", __read_file) ? { __autotest::Some(value) => __autotest::Ok(value),
        __autotest::None => __autotest::Ok({ let cx = binding.context(); { let value :
        __autotest::PathBuf = cx.tmpdir().join("data"); value } }), } } fn
        __read_pause(name : & 'static __autotest::str, arg : & __autotest::Arg,) ->
        __autotest::Result < Option < Duration >, __autotest::ParamError > {
        __autotest::with(name, "Option<Duration>", arg, __autotest::duration)
        .map(__autotest::Some) } fn __value_pause(binding : & __autotest::Binding < '_
        >,) -> __autotest::TestResult < Option < Duration > > { match
        __autotest::given(binding, "pause", __read_pause) ? { __autotest::Some(value) =>
        __autotest::Ok(value), __autotest::None => __autotest::Ok(__autotest::None), } }
        fn __bind(binding : & mut __autotest::Binding < '_ >,) -> __autotest::TestResult
        < __autotest::Option < __autotest::Bound >> { __autotest::Ok(match binding.phase
        { __autotest::Phase::RunOnce =>
        __autotest::Some(__autotest::Bound::new((__value_dir(binding) ?,
        __value_mb(binding) ?, __value_file(binding) ?, __value_pause(binding) ?,
        __autotest::rest(& binding.args, & ["dir", "mb", "file", "pause"]),))), _ =>
        __autotest::None, }) } __autotest::TestDef { name : "write_speed", line : 0u32,
        call : __autotest::Call::Context({ fn __call(cx : & mut __autotest::TestContext)
        -> __autotest::TestResult { let bound = cx.bound:: < (Option < PathBuf >, u64,
        __autotest::PathBuf, Option < Duration >, __autotest::Args,) >
        (__autotest::Phase::RunOnce) ?; __autotest::conclude!(write_speed(cx,
        __autotest::Clone::clone(& bound.0), __autotest::Clone::clone(& bound.1), & bound
        .2, __autotest::Clone::clone(& bound.3), __autotest::Clone::clone(& bound.4))) }
        __call }), details : & __autotest::Details { doc : "Sequential write speed.",
        catch_all : __autotest::PhaseSet::of(& [__autotest::Phase::RunOnce]), params : &
        [__autotest::ParamDef { name : "dir", ty : "Option<PathBuf>", doc :
        "Where to write.", required : false, phases : __autotest::PhaseSet::of(&
        [__autotest::Phase::RunOnce]), check : | param, arg | __read_dir(param.name, arg)
        .map(| _ | ()), ..__autotest::ParamDef::DEFAULT }, __autotest::ParamDef { name :
        "mb", ty : "u64", doc : "How much, in MiB.", required : false, default :
        __autotest::Some("64"), range : __autotest::Some("1..=4096"), phases :
        __autotest::PhaseSet::of(& [__autotest::Phase::RunOnce]), check : | param, arg |
        __read_mb(param.name, arg).map(| _ | ()), ..__autotest::ParamDef::DEFAULT },
        __autotest::ParamDef { name : "file", ty : "&Path", required : false, default :
        __autotest::Some("cx.tmpdir().join(\"data\")"), phases :
        __autotest::PhaseSet::of(& [__autotest::Phase::RunOnce]), check : | param, arg |
        __read_file(param.name, arg).map(| _ | ()), ..__autotest::ParamDef::DEFAULT },
        __autotest::ParamDef { name : "pause", ty : "Option<Duration>", required : false,
        phases : __autotest::PhaseSet::of(& [__autotest::Phase::RunOnce]), check : |
        param, arg | __read_pause(param.name, arg).map(| _ | ()),
        ..__autotest::ParamDef::DEFAULT }], bind : __autotest::Some(__bind), meta : &
        __autotest::Metadata { attributes : & ["disk"], constraints : &
        ["throughput > 50", "latency_ms <= 20"], suites : & ["bvt", "perf"], timeout :
        __autotest::Some(__autotest::Duration::new(120u64, 0u32)), version :
        __autotest::Version::Int(1), ..__autotest::Metadata::DEFAULT }, module : &
        __autotest::Module { path : ::core::module_path!(), file : ::core::file!(), },
        ..__autotest::Details::DEFAULT } } },] }
    }
};
