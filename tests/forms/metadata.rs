//! What a definition says of a test.

use std::time::Duration;

use autotest::prelude::*;
use autotest_core::{Call, Expect, Metadata, Version};

use crate::bench::def;

/// Says everything.
///
///   Indented, and "quoted".
#[autotest(
    name = "meta::all",
    author = "who",
    version = "1.2",
    suites("a", "b"),
    attributes("c"),
    time = "short",
    test_class = "kernel",
    test_category = "stress",
    dependencies("wifi"),
    retries = 2,
    timeout = "1.5s",
    iterations = 3,
    constraints("ms < 5"),
    profilers("vmstat", "iostat"),
    data("small.bin"),
    needs(root, cmd("fio", "iperf3"), kernel(">= 5.10")),
    site,
    network_destabilizing,
    preserve_srcdir = true,
    postprocess_profiled_run,
    ignore = "takes long",
    expect = "fail"
)]
fn all_options() -> TestResult {
    fail!("expected")
}

#[test]
fn every_option_is_a_field() {
    let def = def("meta::all");
    assert_eq!(def.renamed, Some("all_options"));
    assert_eq!(def.doc, "Says everything.\n\n  Indented, and \"quoted\".");
    assert!(matches!(def.meta.version, Version::Text("1.2")));
    assert_eq!((def.meta.author, def.meta.time), ("who", "SHORT"));
    assert_eq!(
        (def.meta.test_class, def.meta.test_category),
        ("kernel", "stress")
    );
    assert_eq!(
        (def.meta.suites, def.meta.attributes),
        (&["a", "b"][..], &["c"][..])
    );
    assert_eq!(
        (def.meta.dependencies, def.meta.data),
        (&["wifi"][..], &["small.bin"][..])
    );
    assert_eq!((def.meta.retries, def.meta.iterations), (Some(2), Some(3)));
    assert_eq!(def.meta.timeout, Some(Duration::from_millis(1500)));
    assert_eq!(
        (def.meta.constraints, def.meta.profilers),
        (&["ms < 5"][..], &["vmstat", "iostat"][..])
    );
    assert_eq!(
        def.meta.needs,
        [
            "root",
            r#"cmd("fio")"#,
            r#"cmd("iperf3")"#,
            r#"kernel(">= 5.10")"#
        ]
    );
    assert!(
        def.meta.site
            && def.meta.network_destabilizing
            && def.meta.preserve_srcdir
            && def.meta.postprocess_profiled_run
    );
    assert_eq!(
        (def.meta.ignore, def.meta.expect),
        (Some("takes long"), Expect::Fail)
    );
    assert!(matches!(def.call, Call::Plain(_)));
}

#[autotest(version = 1.5, ignore)]
fn few_options(cx: &mut TestContext) {
    cx.tmpdir();
}

#[test]
fn what_is_not_said_is_the_default() {
    let def = def("few_options");
    assert!(matches!(def.meta.version, Version::Float(1.5)));
    assert_eq!(
        (def.meta.ignore, def.doc, def.meta.author),
        (Some(""), "", "")
    );
    assert_eq!(
        (def.meta.timeout, def.meta.retries),
        (Metadata::DEFAULT.timeout, None)
    );
    assert_eq!(def.phases.iter().collect::<Vec<_>>(), [Phase::RunOnce]);
    assert!(matches!(def.call, Call::UnitContext(_)));
}

#[autotest]
fn described(
    /// How much,
    /// in MiB.
    #[param(default = 64, range = 1..=4096)]
    mb: u64,
    #[param(doc = "Where.", choices("sda", "sdb"))] disk: Option<&str>,
) {
    let _ = (mb, disk);
}

#[test]
fn parameters_are_described_as_written() {
    let [mb, disk] = def("described").params else {
        panic!("two parameters")
    };
    assert_eq!(
        (mb.name, mb.ty, mb.doc),
        ("mb", "u64", "How much,\nin MiB.")
    );
    assert_eq!(
        (mb.required, mb.default, mb.range),
        (false, Some("64"), Some("1..=4096"))
    );
    assert_eq!(
        (disk.name, disk.ty, disk.doc),
        ("disk", "Option<&str>", "Where.")
    );
    assert_eq!((disk.required, disk.default), (false, None));
    assert_eq!(disk.choices, ["\"sda\"", "\"sdb\""]);
}

#[test]
fn a_parameter_checks_its_arguments() {
    let param = def("described").params[0];
    let check = |text: &str| (param.check)(&param, &autotest::Arg::Text(text.to_owned()));
    assert!(check("64").is_ok());
    assert!(check("0").is_err());
    assert!(check("many").is_err());
}
