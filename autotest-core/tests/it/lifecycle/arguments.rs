//! Arguments of a run: those that the lifecycle takes for itself, those that phases are given, and what the
//! test's keyval says of them.

use autotest_core::lifecycle::check_arguments;
use autotest_core::{
    Arg, Args, Binding, Bound, Call, CaseDef, Event, ExecuteArgs, Metadata, ParamDef, Phase,
    PhaseSet, TestContext, TestResult, Value, Version,
};
use serde_json::json;

use super::stage::{Ended, Stage, fail};

#[track_caller]
fn check_parsed(args: Args, expected: ExecuteArgs) {
    assert_eq!(ExecuteArgs::parse(&args), Ok(expected));
}

fn text(name: &str, text: &str) -> Args {
    let arg = Arg::Text(text.to_owned());
    [(name.to_owned(), arg)].into_iter().collect()
}

#[test]
fn the_default_execute_reads_its_arguments() {
    check_parsed(Args::new(), ExecuteArgs::default());
    check_parsed(
        Args::new()
            .with("iterations", 3)
            .with("test_length", 1.5)
            .with("profile_only", true)
            .with("postprocess_profiled_run", false)
            .with("constraints", json!(["a > 1", "b > 2"]))
            .with("other", "whatever"),
        ExecuteArgs {
            iterations: Some(3),
            test_length: Some(1.5),
            profile_only: Some(true),
            postprocess_profiled_run: Some(false),
            constraints: vec!["a > 1".to_owned(), "b > 2".to_owned()],
        },
    );
    check_parsed(
        Args::new()
            .with("iterations", true)
            .with("test_length", 2)
            .with("profile_only", json!([]))
            .with("postprocess_profiled_run", json!({"a": 1}))
            .with("constraints", "a > 1"),
        ExecuteArgs {
            iterations: Some(1),
            test_length: Some(2.0),
            profile_only: Some(false),
            postprocess_profiled_run: Some(true),
            constraints: vec!["a > 1".to_owned()],
        },
    );
    // As good as not given.
    check_parsed(
        Args::new()
            .with("iterations", json!(null))
            .with("test_length", 0.0)
            .with("profile_only", json!(null))
            .with("constraints", json!(null)),
        ExecuteArgs::default(),
    );
}

#[test]
fn a_text_says_yes_or_no_in_words() {
    let profile_only = |word: &str| ExecuteArgs::parse(&text("profile_only", word));
    for (word, expected) in [
        ("true", true),
        ("True", true),
        ("false", false),
        ("FALSE", false),
    ] {
        assert_eq!(
            profile_only(word).unwrap().profile_only,
            Some(expected),
            "{word}"
        );
    }
    let error = profile_only("yes").unwrap_err().to_string();
    assert_eq!(
        error,
        "parameter `profile_only` takes a value of type `true or false`, not `yes`: it is 'yes'"
    );
    // In JSON, a text is as true as Python takes it.
    check_parsed(
        Args::new().with("profile_only", "false"),
        ExecuteArgs {
            profile_only: Some(true),
            ..ExecuteArgs::default()
        },
    );
}

#[test]
fn an_argument_of_another_type_is_refused() {
    let refused = |name: &str, value: serde_json::Value| {
        let error = ExecuteArgs::parse(&Args::new().with(name, value)).unwrap_err();
        let error = error.to_string();
        let prefix = format!("parameter `{name}` takes a value of type ");
        error.strip_prefix(&prefix).unwrap().to_owned()
    };
    assert_eq!(
        refused("iterations", json!(1.5)),
        "`whole number`, not `1.5`: it is 1.5"
    );
    assert_eq!(
        refused("iterations", json!(u64::MAX)),
        "`whole number`, not `18446744073709551615`: it is 18446744073709551615"
    );
    assert_eq!(
        refused("test_length", json!("long")),
        "`number of seconds`, not `\"long\"`: it is 'long'"
    );
    assert_eq!(
        refused("constraints", json!(["a > 1", 2])),
        "`list of texts`, not `[\"a > 1\",2]`: it is ['a > 1', 2]"
    );
    assert_eq!(
        refused("constraints", json!(7)),
        "`list of texts`, not `7`: it is 7"
    );
}

/// What is wrong with the arguments that the framework takes, one line each.
fn mistakes(args: &Args) -> Vec<String> {
    let errors = check_arguments(args);
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn all_mistakes_in_the_frameworks_arguments_are_found_at_once() {
    let good = Args::new()
        .with("run_cleanup", false)
        .with("test_attributes", json!({"a": 1}))
        .with("constraints", "a > 1");
    assert_eq!(mistakes(&good), [""; 0]);
    let bad = text("run_cleanup", "perhaps")
        .with("constraints", json!(["a > 1", "a >"]))
        .with("test_attributes", json!([1]))
        .with("not good", 1);
    let found = mistakes(&bad);
    let begins = [
        "parameter `run_cleanup` takes a value of type `true or false`, not `perhaps`",
        "constraint `a >` does not parse: ",
        "parameter `test_attributes` takes a value of type `object`, not `[1]`",
        "`not good` cannot be a parameter: Invalid key: not good",
    ];
    assert_eq!(found.len(), begins.len(), "{found:#?}");
    for (mistake, begin) in found.iter().zip(begins) {
        assert!(mistake.starts_with(begin), "{mistake}");
    }
    let unreadable = mistakes(&Args::new().with("iterations", "many"));
    assert_eq!(unreadable.len(), 1, "{unreadable:?}");
}

/// The first keyval that a test wrote: the one about itself.
fn keyval(ended: &Ended) -> Vec<(String, String)> {
    let first = ended.events().iter().find_map(|event| match event {
        Event::Keyval(pairs) => Some(pairs),
        _ => None,
    });
    let pairs = first.unwrap().iter();
    pairs
        .map(|(key, value)| (key.clone(), value.repr()))
        .collect()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn the_keyval_has_attributes_version_and_arguments() {
    const META: &Metadata = &Metadata {
        version: Version::Text("1.2"),
        ..Metadata::DEFAULT
    };
    static CASE: CaseDef = CaseDef {
        name: "small",
        index: 1,
        args: &[("mb", "64")],
    };
    let args = Args::new()
        .with("iterations", 2)
        .with("run_cleanup", true)
        .with("test_attributes", json!({"board": "x1"}));
    let ended = Stage::with(&[Phase::RunOnce])
        .meta(META)
        .details(|details| details.case = Some(&CASE))
        .args(args)
        .run();
    let expected = [
        ("board", "'x1'"),
        ("version", "'1.2'"),
        ("param-mb", "'64'"),
        ("param-iterations", "'2'"),
    ];
    assert_eq!(keyval(&ended), owned(&expected));
    ended.expect_pass();
}

#[test]
fn the_keyval_has_no_secrets() {
    const PARAMS: &[ParamDef] = &[
        ParamDef {
            name: "pin",
            secret: true,
            required: false,
            phases: PhaseSet::of(&[Phase::RunOnce]),
            ..ParamDef::DEFAULT
        },
        ParamDef {
            name: "mb",
            required: false,
            phases: PhaseSet::of(&[Phase::RunOnce]),
            ..ParamDef::DEFAULT
        },
    ];
    let run = |args: Args| {
        let stage = Stage::with(&[Phase::RunOnce]).details(|details| details.params = PARAMS);
        let ended = stage.args(args).run();
        let keyval = keyval(&ended);
        ended.expect_pass();
        keyval
    };
    let args = Args::new().with("pin", "1234").with("mb", 4);
    // One is declared as secret, and one was given as such.
    let expected = owned(&[("version", "0"), ("param-mb", "'4'")]);
    assert_eq!(run(args.clone()), expected);
    let expected = owned(&[("version", "0")]);
    assert_eq!(run(args.sealed(&|name| name == "mb")), expected);
}

#[test]
fn a_version_is_a_number_or_a_text() {
    assert_eq!(Value::from(Version::Int(3)), Value::from(3));
    assert_eq!(Value::from(Version::Float(1.5)), Value::Float(1.5));
    assert_eq!(Value::from(Version::Text("1.5")), Value::from("1.5"));
}

#[test]
fn attributes_that_are_no_object_are_refused() {
    Stage::with(&[Phase::RunOnce])
        .args(Args::new().with("test_attributes", json!([1])))
        .run()
        .expect_trace("tee restore leave remove_tmp")
        .expect_verdict(
            "ERROR: Unhandled ValueError: `test_attributes` must be an object, not [1]",
        );
}

const PARAMS: &[ParamDef] = &[ParamDef {
    name: "mb",
    phases: PhaseSet::of(&[Phase::RunOnce, Phase::Cleanup]),
    ..ParamDef::DEFAULT
}];

thread_local! {
    static BOUND: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
}

fn bind(binding: &mut Binding<'_>) -> TestResult<Option<Bound>> {
    let phase = binding.phase;
    let note = format!(
        "{phase} {} {}",
        binding.case_index,
        binding.args.iter().count()
    );
    BOUND.with_borrow_mut(|bound| bound.push(note));
    Ok(Some(Bound::new(phase)))
}

fn read_bound(cx: &mut TestContext) -> TestResult {
    assert_eq!(*cx.bound::<Phase>(Phase::RunOnce)?, Phase::RunOnce);
    assert!(cx.bound::<u8>(Phase::RunOnce).is_err());
    assert!(cx.bound::<Phase>(Phase::Cleanup).is_err());
    Ok(())
}

/// The second case, so that its index is not that of no case.
static SECOND_CASE: CaseDef = CaseDef {
    name: "large",
    index: 2,
    args: &[],
};

#[test]
fn the_values_of_a_phase_are_made_once_a_run() {
    BOUND.take();
    Stage::with(&[Phase::Warmup, Phase::RunOnce, Phase::Cleanup])
        .details(|details| {
            details.params = PARAMS;
            details.bind = Some(bind);
            details.case = Some(&SECOND_CASE);
        })
        .args(Args::new().with("iterations", 3).with("mb", 64))
        .step(Phase::RunOnce, read_bound)
        .run()
        .expect_pass();
    // A phase outside of the loop is given what it declares; `iterations` it does not.
    assert_eq!(BOUND.take(), ["warmup 2 0", "run_once 2 1", "cleanup 2 1"]);
}

#[test]
fn a_test_without_a_case_has_the_index_0() {
    BOUND.take();
    Stage::with(&[Phase::RunOnce])
        .details(|details| details.bind = Some(bind))
        .run()
        .expect_pass();
    assert_eq!(BOUND.take(), ["run_once 0 0"]);
}

#[test]
fn an_own_execute_is_given_what_it_and_run_once_declare() {
    BOUND.take();
    const EXECUTE: &[ParamDef] = &[ParamDef {
        name: "iterations",
        phases: PhaseSet::of(&[Phase::Execute]),
        ..ParamDef::DEFAULT
    }];
    let run = |phases: &[Phase], params| {
        Stage::with(phases)
            .details(|details| {
                details.params = params;
                details.bind = Some(bind);
            })
            .args(Args::new().with("iterations", 3))
            .run()
            .expect_pass();
        BOUND.take()
    };
    assert_eq!(run(&[Phase::Execute], EXECUTE), ["execute 0 1"]);
    // What a `run_once` declares, it is given, too, and may hand on.
    const RUN_ONCE: &[ParamDef] = &[ParamDef {
        phases: PhaseSet::of(&[Phase::RunOnce]),
        ..EXECUTE[0]
    }];
    assert_eq!(
        run(&[Phase::Execute, Phase::RunOnce], RUN_ONCE),
        ["execute 0 1"]
    );
}

#[test]
fn a_phase_without_bound_values_says_so() {
    Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, |cx| {
            cx.bound::<u8>(Phase::RunOnce).map(drop)
        })
        .run()
        .expect_verdict("FAIL: Unhandled ParameterError: `run_once` is not bound");
}

#[test]
fn a_free_function_is_called_as_it_is_declared() {
    thread_local! {
        static CALLED: std::cell::RefCell<Vec<&'static str>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    let call = |code: Call| Stage::with(&[Phase::RunOnce]).code(code).run();
    call(Call::Unit(|| {
        CALLED.with_borrow_mut(|called| called.push("unit"))
    }))
    .expect_pass();
    call(Call::UnitContext(|cx| {
        assert_eq!(cx.test_name(), "net::ping");
        CALLED.with_borrow_mut(|called| called.push("unit with context"));
    }))
    .expect_pass();
    call(Call::Plain(|| fail("plain"))).expect_verdict("FAIL: plain");
    call(Call::Context(|cx| fail(cx.tagged_testname()))).expect_verdict("FAIL: net.ping.v6");
    assert_eq!(CALLED.take(), ["unit", "unit with context"]);
}
