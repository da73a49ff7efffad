//! Secret arguments: who sees their values, and who does not.

use autotest_core::{
    Arg, Args, Binding, Details, ParamDef, ParamError, Phase, TestDef, Value, decode, in_choices,
    in_range, with,
};
use serde_json::json;

fn sealed() -> Args {
    let args = Args::new().with("mb", 64).with("token", json!("s3cret"));
    args.sealed(&|name| name == "token")
}

fn token(text: &str) -> Arg {
    Arg::Text(text.to_owned()).into_secret()
}

#[test]
fn a_secret_is_read_but_not_shown() {
    let args = sealed();
    assert_eq!(args.get::<String>("token"), Ok(Some("s3cret".to_owned())));
    assert_eq!(args.get::<u64>("mb"), Ok(Some(64)));
    let arg = args.arg("token").unwrap();
    assert!(arg.is_secret() && !args.arg("mb").unwrap().is_secret());
    assert_eq!(arg.to_string(), "(secret)");
    assert_eq!(arg.value(), Value::from("(secret)"));
    assert_eq!(format!("{arg:?}"), "Secret((secret))");
    let whole = format!("{args:?}{}", serde_json::to_string(&args).unwrap());
    assert!(!whole.contains("s3cret"), "{whole}");
}

#[test]
fn a_secret_stays_one() {
    let once = token("a");
    assert_eq!(once.clone().into_secret(), once);
    assert_ne!(once, token("b"));
}

#[test]
fn a_text_that_is_secret_is_read_like_any_other() {
    assert_eq!(decode::<u64>("n", "u64", &token("64")), Ok(64));
    assert_eq!(
        decode::<String>("n", "String", &token("64")),
        Ok("64".to_owned())
    );
    let doubled = |text: &str| Ok::<_, String>(text.repeat(2));
    assert_eq!(
        with("n", "String", &token("ab"), doubled),
        Ok("abab".to_owned())
    );
    let json = Arg::Json(json!({"a": 1})).into_secret();
    assert_eq!(
        with("n", "String", &json, doubled),
        Ok(r#"{"a":1}{"a":1}"#.to_owned())
    );
}

#[test]
fn what_was_recorded_has_no_value() {
    let recorded = serde_json::to_string(&sealed()).unwrap();
    assert_eq!(recorded, r#"{"mb":{"json":64},"token":{"secret":true}}"#);
    let read: Args = serde_json::from_str(&recorded).unwrap();
    assert_eq!(read, sealed().without_secrets());
    assert_ne!(read, sealed());
    assert_eq!(read.unknown_secret(), Some("token"));
    assert_eq!(sealed().unknown_secret(), None);
    assert_eq!(
        read.get::<String>("token").unwrap_err().to_string(),
        "parameter `token` (`alloc::string::String`) is secret, so its value is not on record: give it again, \
         with `--param token=…`"
    );
}

#[test]
fn secrets_are_sent_apart_and_put_back() {
    let secrets = sealed().secrets();
    let text = Arg::Text("s3cret".to_owned());
    assert_eq!(secrets, [("token".to_owned(), text)].into_iter().collect());
    let recorded = sealed().without_secrets();
    assert_eq!(recorded.with_secrets(&secrets), sealed());
    assert_eq!(recorded.secrets(), Args::new());
    // Only what is secret gets a value.
    let others = Args::new().with("mb", 1).with("more", 2);
    assert_eq!(recorded.with_secrets(&others), recorded);
}

#[track_caller]
fn check_hidden(error: ParamError, expected: &str) {
    assert_eq!(error.parameter(), Some("n"));
    let hidden = error.hidden();
    assert_eq!(hidden.to_string(), expected);
    assert_eq!(hidden.clone().hidden(), hidden);
}

#[test]
fn the_error_of_a_secret_has_no_value() {
    let given = Arg::Text("s3cret".to_owned());
    let error = decode::<u64>("n", "u64", &given).unwrap_err();
    assert!(error.to_string().contains("s3cret"));
    let expected =
        "parameter `n` takes a value of type `u64`, not `(secret)`: the value is not shown";
    let of_secret = decode::<u64>("n", "u64", &token("s3cret")).unwrap_err();
    assert_eq!(of_secret.to_string(), expected);
    check_hidden(error, expected);
    let refuse = |text: &str| Err::<(), _>(text.to_owned());
    let of_reader = with("n", "u64", &token("s3cret"), refuse).unwrap_err();
    assert_eq!(of_reader.to_string(), expected);
    check_hidden(
        in_range("n", "u64", &77, &(1..=8), "1..=8").unwrap_err(),
        "parameter `n` (`u64`) must be in `1..=8`, not `(secret)`",
    );
    check_hidden(
        in_choices("n", "u64", &77, &[1], "1").unwrap_err(),
        "parameter `n` (`u64`) must be one of 1, not `(secret)`",
    );
    check_hidden(
        ParamError::missing("n", "u64"),
        "parameter `n` (`u64`) has no default: give it with `--param n=…`",
    );
}

#[test]
fn an_error_names_its_parameter() {
    let name = ParamError::Name {
        name: "a b".to_owned(),
        cause: "a blank".to_owned(),
    };
    assert_eq!(name.parameter(), Some("a b"));
    let constraint = ParamError::Constraint {
        text: "a >".to_owned(),
        cause: "ends".to_owned(),
    };
    assert_eq!(constraint.parameter(), None);
}

fn at_most_9(param: &ParamDef, arg: &Arg) -> Result<(), ParamError> {
    let name = param.name;
    in_range(
        name,
        "u64",
        &decode::<u64>(name, "u64", arg)?,
        &(..=9),
        "..=9",
    )
}

fn def(secret: bool) -> TestDef {
    let param = ParamDef {
        name: "pin",
        secret,
        check: at_most_9,
        ..ParamDef::DEFAULT
    };
    TestDef {
        details: Box::leak(Box::new(Details {
            params: vec![param].leak(),
            ..Details::DEFAULT
        })),
        ..TestDef::DEFAULT
    }
}

#[test]
fn a_check_hides_what_is_declared_or_given_as_secret() {
    let errors = |secret, args: &Args| {
        let errors = def(secret).check_values(args);
        errors.iter().map(ParamError::to_string).collect::<String>()
    };
    let shown = |given| format!("parameter `pin` (`u64`) must be in `..=9`, not `{given}`");
    let open = Args::new().with("pin", 77);
    let sealed = open.sealed(&|_| true);
    assert_eq!(errors(false, &open), shown("77"));
    assert_eq!(errors(true, &open), shown("(secret)"));
    assert_eq!(errors(false, &sealed), shown("(secret)"));
    assert_eq!(errors(true, &sealed), shown("(secret)"));
    assert_eq!(errors(false, &Args::new().with("pin", 9)), "");
    assert!(def(true).has_secret("pin") && !def(true).has_secret("mb"));
    assert!(!def(false).has_secret("pin"));
}

#[test]
fn a_case_has_one_value_of_each_parameter() {
    let positions = |case_index| {
        let binding = Binding {
            phase: Phase::RunOnce,
            args: Args::new(),
            case_index,
            context: None,
        };
        // Two cases, times three values, times two.
        [(6, 2), (2, 3), (1, 2)].map(|(stride, count)| binding.position(stride, count))
    };
    let all: Vec<_> = (1..=12).map(positions).collect();
    let expected = (0..2).flat_map(|a| (0..3).flat_map(move |b| (0..2).map(move |c| [a, b, c])));
    assert_eq!(all, expected.collect::<Vec<_>>());
    assert_eq!(positions(0), [0, 0, 0]);
}
