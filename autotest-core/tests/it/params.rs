//! Which arguments a phase receives, which a test knows, and what is wrong with them.

use std::ops::RangeInclusive;

use autotest_core::params::{check, is_known, pick, pick_execute};
use autotest_core::{
    Arg, Args, CaseDef, Details, Known, ParamDef, ParamError, Phase, PhaseSet, TestDef, Value,
    in_choices, in_range,
};
use serde_json::json;

struct Declared {
    phases: &'static [Phase],
    params: &'static [(&'static str, &'static [Phase])],
    catch_all: &'static [Phase],
}

impl Declared {
    fn def(&self) -> &'static TestDef {
        let params = self.params.iter().map(|(name, phases)| ParamDef {
            name,
            ty: "u32",
            phases: PhaseSet::of(phases),
            ..ParamDef::DEFAULT
        });
        let params: Vec<_> = params.collect();
        def(Details {
            phases: PhaseSet::of(self.phases),
            catch_all: PhaseSet::of(self.catch_all),
            params: params.leak(),
            ..Details::DEFAULT
        })
    }
}

fn def(details: Details) -> &'static TestDef {
    Box::leak(Box::new(TestDef {
        details: Box::leak(Box::new(details)),
        ..TestDef::DEFAULT
    }))
}

/// One argument of each sort.
fn given() -> Args {
    ["declared", "iterations", "other", "run_cleanup"]
        .into_iter()
        .fold(Args::new(), |args, name| args.with(name, 1))
}

fn names(args: &Args) -> Vec<&str> {
    args.iter().map(|(name, _)| name).collect()
}

const DECLARES: Declared = Declared {
    phases: &[Phase::Setup, Phase::RunOnce],
    params: &[
        ("declared", &[Phase::Setup, Phase::RunOnce]),
        ("iterations", &[Phase::Setup, Phase::RunOnce]),
    ],
    catch_all: &[],
};

const TAKES_ALL: Declared = Declared {
    phases: &[Phase::Setup, Phase::RunOnce],
    params: &[],
    catch_all: &[Phase::Setup, Phase::RunOnce],
};

#[test]
fn a_phase_is_given_what_it_declares() {
    let def = DECLARES.def();
    assert_eq!(
        names(&pick(def, Phase::Setup, &given())),
        ["declared", "iterations"]
    );
    // The framework's own are not bound inside of the loop.
    assert_eq!(names(&pick(def, Phase::RunOnce, &given())), ["declared"]);
    assert_eq!(names(&pick(def, Phase::Warmup, &given())), [""; 0]);
}

#[test]
fn a_phase_that_takes_all_is_given_all_that_is_not_the_frameworks() {
    let def = TAKES_ALL.def();
    let all = ["declared", "iterations", "other"];
    assert_eq!(names(&pick(def, Phase::Setup, &given())), all);
    assert_eq!(
        names(&pick(def, Phase::RunOnce, &given())),
        ["declared", "other"]
    );
    assert_eq!(names(&pick(def, Phase::Cleanup, &given())), [""; 0]);
}

#[test]
fn an_own_execute_is_given_what_it_and_run_once_declare() {
    let execute = |params, catch_all| {
        let declared = Declared {
            phases: &[Phase::Execute, Phase::RunOnce],
            params,
            catch_all,
        };
        let picked = pick_execute(declared.def(), &given());
        names(&picked).join(" ")
    };
    assert_eq!(execute(&[], &[]), "");
    assert_eq!(execute(&[("declared", &[Phase::Execute])], &[]), "declared");
    assert_eq!(execute(&[("declared", &[Phase::RunOnce])], &[]), "declared");
    assert_eq!(execute(&[("declared", &[Phase::Setup])], &[]), "");
    // One that it takes from its `run_once` may be the framework's, and those that are taken out never are.
    assert_eq!(
        execute(&[("iterations", &[Phase::RunOnce])], &[]),
        "iterations"
    );
    assert_eq!(execute(&[("run_cleanup", &[Phase::RunOnce])], &[]), "");
    assert_eq!(execute(&[], &[Phase::RunOnce]), "declared iterations other");
    assert_eq!(execute(&[], &[Phase::Execute]), "");
}

#[test]
fn an_execute_without_run_once_is_given_what_any_phase_would_be() {
    let declared = Declared {
        phases: &[Phase::Execute],
        params: &[],
        catch_all: &[Phase::Execute],
    };
    let picked = pick_execute(declared.def(), &given());
    assert_eq!(names(&picked), ["declared", "iterations", "other"]);
}

/// Whether the test knows `declared`, `iterations`, `other` and `run_cleanup`.
fn known(declared: &Declared, known: Known) -> [bool; 4] {
    let def = declared.def();
    ["declared", "iterations", "other", "run_cleanup"].map(|name| is_known(def, name, known))
}

#[test]
fn a_test_knows_what_its_phases_declare() {
    const DECLARED: Declared = Declared {
        phases: &[Phase::RunOnce],
        params: &[("declared", &[Phase::RunOnce])],
        catch_all: &[],
    };
    assert_eq!(known(&DECLARED, Known::Declared), [true, true, false, true]);
    assert_eq!(known(&DECLARED, Known::Lenient), [true; 4]);
    assert_eq!(known(&DECLARED, Known::Original), [true; 4]);
    assert_eq!(known(&TAKES_ALL, Known::Declared), [true; 4]);
    // Its own `execute` takes the framework's only if it says so.
    let own = |params| Declared {
        phases: &[Phase::Execute, Phase::RunOnce],
        params,
        catch_all: &[],
    };
    let of_run_once = own(&[("declared", &[Phase::RunOnce])]);
    assert_eq!(
        known(&of_run_once, Known::Declared),
        [true, false, false, true]
    );
    assert_eq!(
        known(&of_run_once, Known::Lenient),
        [true, false, false, true]
    );
    // The original looked at `initialize`, `setup`, `execute` and `cleanup` alone.
    assert_eq!(
        known(&of_run_once, Known::Original),
        [false, false, false, true]
    );
    let of_execute = own(&[("declared", &[Phase::Execute])]);
    assert_eq!(
        known(&of_execute, Known::Original),
        [true, false, false, true]
    );
    // What a phase declares that the test has not is nobody's.
    let of_none = own(&[("declared", &[Phase::Cleanup])]);
    assert_eq!(
        known(&of_none, Known::Declared),
        [false, false, false, true]
    );
}

#[test]
fn an_unknown_argument_comes_with_advice() {
    let unknown = |declared: &Declared, name: &str| {
        let args = Args::new().with(name, 1);
        check(declared.def(), &args, Known::Declared).unwrap_err()
    };
    let error = unknown(&DECLARES, "declarde");
    assert_eq!(error.to_string(), "Unknown parameter: declarde");
    assert_eq!(
        error.advice(),
        "did you mean `declared`? it takes `declared` (setup, run_once), `iterations` (setup, run_once)"
    );
    let none = Declared {
        phases: &[Phase::RunOnce],
        params: &[],
        catch_all: &[],
    };
    let error = unknown(&none, "iteratoins");
    assert_eq!(
        error.advice(),
        "did you mean `iterations`? the test takes no parameters"
    );
    assert_eq!(
        unknown(&none, "colour").advice(),
        "the test takes no parameters"
    );
    // One that a phase declares which the test has not is not suggested for itself.
    let absent = Declared {
        phases: &[Phase::RunOnce],
        params: &[("declared", &[Phase::Cleanup])],
        catch_all: &[],
    };
    assert_eq!(unknown(&absent, "declared").nearest, None);
    assert_eq!(check(DECLARES.def(), &Args::new(), Known::Declared), Ok(()));
}

#[test]
fn the_framework_suggests_its_own_only_where_it_takes_them() {
    let own_execute = Declared {
        phases: &[Phase::Execute],
        params: &[],
        catch_all: &[],
    };
    let args = Args::new().with("iteratoins", 1);
    let error = check(own_execute.def(), &args, Known::Declared).unwrap_err();
    assert_eq!(error.nearest, None);
}

fn refuses(param: &ParamDef, arg: &Arg) -> Result<(), ParamError> {
    match arg.value() {
        Value::Int(_) => Ok(()),
        _ => Err(ParamError::missing(param.name, "whole number")),
    }
}

#[test]
fn values_are_checked_before_the_run() {
    static CASE: CaseDef = CaseDef {
        name: "small",
        index: 1,
        args: &[("of_case", "1")],
    };
    let param = |name, required| ParamDef {
        name,
        ty: "u32",
        required,
        check: refuses,
        ..ParamDef::DEFAULT
    };
    let params = vec![
        param("given", true),
        param("wrong", false),
        param("missing", true),
        param("optional", false),
        param("of_case", true),
    ];
    let def = def(Details {
        params: params.leak(),
        case: Some(&CASE),
        ..Details::DEFAULT
    });
    let args = Args::new().with("given", 1).with("wrong", "one");
    let errors = def.check_values(&args);
    assert_eq!(
        errors,
        [
            ParamError::missing("wrong", "whole number"),
            ParamError::missing("missing", "u32"),
        ]
    );
    let case = def.case_arguments();
    assert_eq!(case.arg("of_case"), Some(&Arg::Text("1".to_owned())));
    assert_eq!(case.len(), 1);
}

#[test]
fn arguments_are_found_changed_and_taken_out() {
    let mut args = Args::new().with("mb", 64).with("disk", "sda");
    assert_eq!((args.len(), args.is_empty()), (2, false));
    assert!(Args::new().is_empty());
    assert_eq!(args.get::<u64>("mb"), Ok(Some(64)));
    assert_eq!(args.get::<u64>("gb"), Ok(None));
    assert!(args.get::<u64>("disk").is_err());
    assert_eq!(args.remove("mb"), Some(Arg::Json(json!(64))));
    assert_eq!(args.remove("mb"), None);
    assert_eq!(names(&args), ["disk"]);
    args.extend(Args::new().with("disk", "sdb").with("mb", 1));
    assert_eq!(args, Args::new().with("disk", "sdb").with("mb", 1));
}

#[test]
fn an_argument_is_shown_as_it_was_given() {
    assert_eq!(Arg::Text("a b".to_owned()).to_string(), "a b");
    assert_eq!(
        Arg::Json(json!({"a": [1, "b"]})).to_string(),
        r#"{"a":[1,"b"]}"#
    );
}

#[test]
fn a_value_is_within_its_range_and_among_its_choices() {
    const RANGE: RangeInclusive<u32> = 1..=8;
    assert_eq!(in_range("n", "u32", &8, &RANGE, "1..=8"), Ok(()));
    let error = in_range("n", "u32", &9, &RANGE, "1..=8").unwrap_err();
    assert_eq!(
        error.to_string(),
        "parameter `n` (`u32`) must be in `1..=8`, not `9`"
    );
    assert_eq!(in_choices("n", "u32", &4, &[2, 4], "[2, 4]"), Ok(()));
    let error = in_choices("n", "u32", &3, &[2, 4], "[2, 4]").unwrap_err();
    assert_eq!(
        error.to_string(),
        "parameter `n` (`u32`) must be one of [2, 4], not `3`"
    );
}
