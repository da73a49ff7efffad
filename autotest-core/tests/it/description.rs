//! The canonical form of a description.

use std::time::Duration;

use autotest_core::id::{IdOf, Identified, refused};
use autotest_core::{
    CaseDef, DescribedExpect, DescribedKind, DescribedParam, DescribedVersion, Description,
    Details, Expect, LeakPolicy, Metadata, Module, ParamDef, Phase, PhaseSet, TestDef, Version,
};

const HERE: Module = Module {
    path: "board::net",
    file: "src/net.rs",
};

fn test(details: Details) -> TestDef {
    TestDef {
        name: "ping",
        line: 3,
        details: Box::leak(Box::new(details)),
        ..TestDef::DEFAULT
    }
}

/// A definition becomes this JSON, which becomes the same description again.
#[track_caller]
fn check(kind: DescribedKind, def: &TestDef, expected: &str) {
    let description = Description::new(kind, "net::ping", def);
    let json = serde_json::to_string(&description).unwrap();
    assert_eq!(json, expected);
    let read: Description = serde_json::from_str(&json).unwrap();
    assert_eq!(read, description);
}

#[test]
fn a_test_without_properties_is_short() {
    let plain = test(Details {
        module: &HERE,
        ..Details::DEFAULT
    });
    check(
        DescribedKind::Test,
        &plain,
        r#"{"v":1,"id":"net::ping","name":"ping","module":"board::net","file":"src/net.rs","line":3,"phases":["run_once"]}"#,
    );
}

#[test]
fn every_property_has_its_key() {
    const META: Metadata = Metadata {
        author: "who",
        version: Version::Text("1.2"),
        suites: &["a"],
        attributes: &["b"],
        time: "SHORT",
        test_class: "kernel",
        test_category: "stress",
        dependencies: &["wifi"],
        retries: Some(0),
        timeout: Some(Duration::from_millis(1500)),
        iterations: Some(3),
        constraints: &["ms < 5"],
        profilers: &["vmstat"],
        data: &["small.bin"],
        network_destabilizing: true,
        preserve_srcdir: true,
        postprocess_profiled_run: true,
        ignore: Some(""),
        expect: Expect::Fail,
        needs: &["root"],
        site: true,
        ..Metadata::DEFAULT
    };
    const MB: ParamDef = ParamDef {
        name: "mb",
        ty: "u64",
        doc: "How much.",
        required: false,
        default: Some("64"),
        range: Some("1..=9"),
        choices: &["2", "4"],
        secret: true,
        with: Some("kilo"),
        phases: PhaseSet::of(&[Phase::Cleanup, Phase::Setup]),
        ..ParamDef::DEFAULT
    };
    let whole = test(Details {
        renamed: Some("item"),
        case: Some(&CaseDef {
            name: "small",
            index: 1,
            args: &[("mb", "2"), ("disk", "\"sda\"")],
        }),
        module: &HERE,
        doc: "Pings.\n\nTwice.",
        meta: &META,
        params: &[MB],
        phases: PhaseSet::of(&[Phase::Cleanup, Phase::Setup]),
        catch_all: PhaseSet::of(&[Phase::Setup]),
        bind: None,
    });
    check(
        DescribedKind::Control,
        &whole,
        concat!(
            r#"{"v":1,"kind":"control","id":"net::ping","name":"ping","verbatim":true,"module":"board::net","#,
            r#""case":"small","file":"src/net.rs","line":3,"doc":"Pings.\n\nTwice.","#,
            r#""args":{"disk":"\"sda\"","mb":"2"},"author":"who","version":"1.2","suites":["a"],"#,
            r#""attributes":["b"],"time":"SHORT","test_class":"kernel","test_category":"stress","#,
            r#""dependencies":["wifi"],"retries":0,"timeout":1.5,"iterations":3,"constraints":["ms < 5"],"#,
            r#""profilers":["vmstat"],"data":["small.bin"],"network_destabilizing":true,"preserve_srcdir":true,"#,
            r#""postprocess_profiled_run":true,"ignore":"","expect":"fail","needs":["root"],"site":true,"#,
            r#""phases":["setup","cleanup"],"catch_all":["setup"],"params":[{"name":"mb","type":"u64","#,
            r#""required":false,"default":"64","range":"1..=9","choices":["2","4"],"secret":true,"with":"kilo","#,
            r#""doc":"How much.","phases":["setup","cleanup"]}]}"#,
        ),
    );
}

#[test]
fn versions_keep_their_types() {
    for (version, json) in [
        (Version::Int(0), ""),
        (Version::Int(7), "\"version\":7,"),
        (Version::Float(1.0), "\"version\":1.0,"),
        (Version::Text("7"), "\"version\":\"7\","),
    ] {
        let meta = Box::leak(Box::new(Metadata {
            version,
            ..Metadata::DEFAULT
        }));
        let def = test(Details {
            meta,
            ..Details::DEFAULT
        });
        check(
            DescribedKind::Test,
            &def,
            &format!(
                r#"{{"v":1,"id":"net::ping","name":"ping","module":"","line":3,{json}"phases":["run_once"]}}"#
            ),
        );
    }
}

#[test]
fn only_the_known_format_is_read() {
    let read = |json| serde_json::from_str::<Description>(json).unwrap_err();
    let error = read(r#"{"v":2,"name":"a","module":"b"}"#).to_string();
    assert_eq!(error, "its format has version 2, not 1 at line 1 column 6");
    let error = read(r#"{"name":"a","module":"b"}"#).to_string();
    assert_eq!(error, "missing field `v` at line 1 column 25");
}

#[test]
fn a_description_is_selected_like_its_test() {
    let description = Description {
        id: "net::ping".to_owned(),
        attributes: vec!["disk".to_owned()],
        suites: vec!["bvt".to_owned()],
        dependencies: vec!["wifi".to_owned()],
        ..Description::default()
    };
    assert_eq!(
        description.selectable_attributes(),
        ["disk", "suite:bvt", "dep:wifi", "name:net::ping"]
    );
}

#[test]
fn descriptions_that_collide_are_told_with_their_places() {
    let at = |id: &str, line| Description {
        id: id.to_owned(),
        file: "src/net.rs".to_owned(),
        line,
        ..Description::default()
    };
    assert_eq!(at("a", 3).place(), ("src/net.rs", 3));
    assert_eq!(refused(&[at("a", 1), at("b", 2)]), [""; 0]);
    let errors = refused(&[at("a", 1), at("a", 2), at("status", 3)]);
    assert_eq!(errors.len(), 2);
    assert_eq!(
        errors[1],
        "two tests are called `a`: at src/net.rs:1 and at src/net.rs:2; rename one"
    );
    let errors = refused(&[at("a.b", 1), at("a::b", 2)]);
    assert_eq!(
        errors,
        [
            "the tests `a.b` at src/net.rs:1 and `a::b` at src/net.rs:2 share the directory `a.b`; rename one"
        ]
    );
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A description with everything that a text tells.
fn whole() -> Description {
    let param = DescribedParam {
        name: "mb".to_owned(),
        ty: "u64".to_owned(),
        phases: vec![Phase::Setup, Phase::RunOnce],
        ..DescribedParam::default()
    };
    Description {
        id: "net::ping".to_owned(),
        file: "src/net.rs".to_owned(),
        line: 3,
        doc: "Pings.\n\nTwice.".to_owned(),
        args: [("disk".to_owned(), "\"sda\"".to_owned())]
            .into_iter()
            .collect(),
        author: "who".to_owned(),
        version: DescribedVersion::Text("1.2".to_owned()),
        suites: texts(&["a", "b"]),
        attributes: texts(&["c"]),
        time: "SHORT".to_owned(),
        test_class: "kernel".to_owned(),
        test_category: "stress".to_owned(),
        dependencies: texts(&["wifi"]),
        retries: Some(2),
        timeout_s: Some(1.5),
        iterations: Some(3),
        constraints: texts(&["ms < 5", "mb > 1"]),
        profilers: texts(&["vmstat"]),
        data: texts(&["small.bin"]),
        network_destabilizing: true,
        preserve_srcdir: true,
        postprocess_profiled_run: true,
        ignore: Some("takes long".to_owned()),
        expect: DescribedExpect::Fail,
        leaks: Some(LeakPolicy::Warn),
        #[cfg(feature = "sysinfo")]
        sysinfo: Vec::new(),
        needs: texts(&["root", "cmd(\"fio\")"]),
        replaces: "site/net.rs:9".to_owned(),
        phases: vec![Phase::Setup, Phase::RunOnce],
        catch_all: vec![Phase::Cleanup],
        params: vec![
            DescribedParam {
                default: Some("64".to_owned()),
                range: Some("1..=9".to_owned()),
                choices: texts(&["2", "4"]),
                secret: true,
                doc: "How much,\nin MiB.".to_owned(),
                ..param.clone()
            },
            DescribedParam {
                name: "disk".to_owned(),
                required: true,
                ..param.clone()
            },
            DescribedParam {
                name: "to".to_owned(),
                required: true,
                ..param.clone()
            },
            DescribedParam {
                name: "at".to_owned(),
                ..param
            },
        ],
        ..Description::default()
    }
}

#[test]
fn a_text_tells_everything_that_is_set() {
    let expected = r#"net::ping
    Pings.

    Twice.

at src/net.rs:3
the site's version: it replaces that at site/net.rs:9
phases: setup, run_once
author: who
version: 1.2
suites: a, b
attributes: c
time: SHORT
test class: kernel
test category: stress
dependencies: wifi
needs: root, cmd("fio")
retries: 2
timeout: 1.5s
iterations: 3
constraints: ms < 5; mb > 1
profilers: vmstat
data files: small.bin
leaks: warn
network destabilizing: yes
preserve srcdir: yes
postprocess profiled run: yes
ignored: takes long
expected to fail: yes

parameters:
  mb: u64 = 64, secret, in 1..=9, one of 2, 4
      How much,
      in MiB.
      declared by setup, run_once
  disk: u64 = "sda" (this case)
      declared by setup, run_once
  to: u64 (required)
      declared by setup, run_once
  at: u64 (optional)
      declared by setup, run_once

any other argument is accepted, by cleanup
"#;
    assert_eq!(whole().text(), expected);
}

#[test]
fn the_text_of_a_control_function_has_no_phases() {
    let control = Description {
        kind: DescribedKind::Control,
        id: "nightly".to_owned(),
        file: "src/jobs.rs".to_owned(),
        line: 5,
        ignore: Some(String::new()),
        phases: vec![Phase::Execute],
        params: whole().params[3..].to_vec(),
        ..Description::default()
    };
    let expected = "nightly

at src/jobs.rs:5
a control function: `--control` calls it
ignored: yes

parameters:
  at: u64 (optional)
";
    assert_eq!(control.text(), expected);
}

#[test]
fn a_short_text_has_the_phases_and_the_version() {
    for (version, shown) in [
        (DescribedVersion::Int(7), "7"),
        (DescribedVersion::Float(1.0), "1.0"),
    ] {
        let plain = Description {
            id: "a".to_owned(),
            file: "a.rs".to_owned(),
            version,
            phases: vec![Phase::RunOnce],
            ..Description::default()
        };
        let expected = format!("a\n\nat a.rs:0\nphases: run_once\nversion: {shown}\n");
        assert_eq!(plain.text(), expected);
    }
}

#[test]
fn a_record_without_phases_has_that_of_a_function() {
    let read: Description = serde_json::from_str(r#"{"v":1,"name":"a","module":"b"}"#).unwrap();
    assert_eq!(read.phases, [Phase::RunOnce]);
}

#[test]
fn the_pieces_of_an_id_depend_on_the_main_crate() {
    let id = |module, name, is_verbatim, case| IdOf {
        module,
        name,
        is_verbatim,
        case,
    };
    for (of, main_crate, expected) in [
        (
            id("board::net", "ping", false, "v6"),
            "board",
            "net::ping::v6",
        ),
        (id("board", "ping", false, ""), "board", "ping"),
        (
            id("boards::net", "ping", false, ""),
            "board",
            "boards::net::ping",
        ),
        (id("other", "ping", false, ""), "board", "other::ping"),
        (
            id("board::net", "net.ping", true, "v6"),
            "board",
            "net.ping::v6",
        ),
    ] {
        assert_eq!(of.pieces(main_crate).concat(), expected);
    }
}
