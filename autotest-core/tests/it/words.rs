//! What messages are made of: suggestions, excerpts, lengths of time; and sets of phases.

use std::time::Duration;

use autotest_core::{
    Phase, PhaseSet, any_of, distance, duration, excerpt, excerpt_around, excerpt_ends,
    is_legal_tag, nearest, nearest_few,
};

#[track_caller]
fn check_distance(a: &str, b: &str, expected: usize) {
    assert_eq!(distance(a, b), expected);
    assert_eq!(distance(b, a), expected);
}

#[test]
fn a_slip_of_the_finger_is_one_letter() {
    check_distance("iterations", "iterations", 0);
    check_distance("Iterations", "iTERATIONS", 0);
    check_distance("iterations", "iteration", 1);
    check_distance("iterations", "iteratiions", 1);
    check_distance("iterations", "iteratoins", 1);
    check_distance("iterations", "iteratians", 1);
    check_distance("ab", "ba", 1);
    check_distance("abcd", "badc", 2);
    check_distance("kitten", "sitting", 3);
    check_distance("", "abc", 3);
    check_distance("abc", "xyz", 3);
    check_distance("ca", "abc", 3);
}

#[test]
fn the_nearest_name_is_within_a_third_of_its_letters() {
    let names = ["tag", "timeout", "iterations", "test_length"];
    assert_eq!(nearest("timeuot", names), Some("timeout"));
    assert_eq!(nearest("tog", names), Some("tag"));
    assert_eq!(nearest("tog", ["toxx", "tagg"]), None);
    assert_eq!(
        nearest("timeout", ["tomiuet", "timeouts"]),
        Some("timeouts")
    );
    // At most four letters of a long name.
    assert_eq!(
        nearest("abcdefghijklmnopqr", ["abcdefghijklmn"]),
        Some("abcdefghijklmn")
    );
    assert_eq!(nearest("abcdefghijklmnopqr", ["abcdefghijklm"]), None);
    // Of two that are as near, the first by name.
    assert_eq!(nearest("tig", ["tug", "tag"]), Some("tag"));
    assert_eq!(nearest("x", []), None);
}

#[test]
fn the_nearest_few_are_the_most_similar_first() {
    let names = ["timeouts", "timeout", "time", "timeout_s", "tag"];
    assert_eq!(
        nearest_few("timeout", names),
        ["timeout", "timeouts", "timeout_s"]
    );
    assert_eq!(
        nearest_few("time", ["timeout", "dime"]),
        ["dime", "timeout"]
    );
    assert_eq!(nearest_few("TIMEOUT_SECS", ["timeout"]), ["timeout"]);
    // Three letters in common tell nothing.
    assert_eq!(nearest_few("retries", ["ret", "tri"]), [""; 0]);
    assert_eq!(nearest_few("abcdxxxxxx", ["abcd"]), ["abcd"]);
    assert_eq!(nearest_few("abcxxxxxxx", ["abc"]), [""; 0]);
    assert_eq!(
        nearest_few("sortof", ["sort", "sorted"]),
        ["sort", "sorted"]
    );
}

#[test]
fn alternatives_are_joined_as_people_say_them() {
    assert_eq!(any_of(&[]), "");
    assert_eq!(any_of(&["a"]), "`a`");
    assert_eq!(any_of(&["a", "b"]), "`a` or `b`");
    assert_eq!(any_of(&["a", "b", "c"]), "`a`, `b` or `c`");
}

#[test]
fn a_length_of_time_has_a_unit_or_is_in_seconds() {
    for (text, millis) in [
        ("90", 90_000),
        ("1.5", 1500),
        ("250ms", 250),
        ("1.5s", 1500),
        ("2m", 120_000),
        (" 1 h ", 3_600_000),
        ("2d", 172_800_000),
        ("0", 0),
    ] {
        assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
    }
    for text in ["", "soon", "-1", "1w", "s", "nan", "inf", "1e30d"] {
        let error = duration(text).unwrap_err();
        assert_eq!(
            error,
            "expected a length of time such as `90`, `1.5s`, `2m` or `1h`"
        );
    }
}

#[test]
fn an_excerpt_shows_the_beginning_and_the_length() {
    let whole = "x".repeat(100);
    assert_eq!(excerpt(&whole), whole);
    let long = format!("{whole}y");
    assert_eq!(excerpt(&long), format!("{whole} [cut: 101 bytes in all]"));
    // No letter is cut in two.
    let letters = format!("x{}", "é".repeat(60));
    assert_eq!(
        excerpt(&letters),
        format!("x{} [cut: 121 bytes in all]", "é".repeat(49))
    );
}

#[test]
fn an_excerpt_of_both_ends_has_a_hundred_bytes_of_each() {
    let whole = "x".repeat(200);
    assert_eq!(excerpt_ends(&whole), whole);
    let long = format!("{}!{}", "a".repeat(100), "z".repeat(100));
    let expected = format!(
        "{} [cut: 201 bytes in all] {}",
        "a".repeat(100),
        "z".repeat(100)
    );
    assert_eq!(excerpt_ends(&long), expected);
    let letters = "é".repeat(101) + "z";
    let expected = format!(
        "{} [cut: 203 bytes in all] {}z",
        "é".repeat(50),
        "é".repeat(50)
    );
    assert_eq!(excerpt_ends(&letters), expected);
}

#[test]
fn an_excerpt_around_a_place_says_where_it_is() {
    assert_eq!(excerpt_around("x > > 1", 4), ("x > > 1".to_owned(), 4));
    let (a, z) = ("a".repeat(100), "z".repeat(100));
    assert_eq!(
        excerpt_around(&format!("{a}{z}"), 100),
        (format!("{a}{z}"), 100)
    );
    let long = format!("b{a}{z}y");
    assert_eq!(
        excerpt_around(&long, 101),
        (format!("[cut] {a}{z} [cut]"), 106)
    );
    assert_eq!(
        excerpt_around(&long, 100),
        (format!("b{a}{} [cut]", "z".repeat(99)), 100)
    );
}

#[test]
fn phases_have_names() {
    for phase in Phase::ALL {
        assert_eq!(Phase::named(phase.name()), Some(*phase));
        assert_eq!(phase.to_string(), phase.name());
    }
    assert_eq!(Phase::named("run"), None);
    let body = PhaseSet::of(Phase::ALL)
        .iter()
        .filter(|phase| phase.is_test_body());
    assert_eq!(body.count(), 7);
}

#[test]
fn a_set_of_phases_has_each_once_in_their_order() {
    let set = PhaseSet::of(&[Phase::Cleanup, Phase::Setup, Phase::Setup]);
    assert_eq!(
        set.iter().collect::<Vec<_>>(),
        [Phase::Setup, Phase::Cleanup]
    );
    assert_eq!(
        PhaseSet::EMPTY
            .with(Phase::Cleanup)
            .with(Phase::Setup)
            .with(Phase::Setup),
        set
    );
    assert!(set.contains(Phase::Setup) && !set.contains(Phase::Initialize));
    assert!(set.intersects(PhaseSet::of(&[Phase::Warmup, Phase::Cleanup])));
    assert!(!set.intersects(PhaseSet::of(&[Phase::Warmup])));
    assert!(PhaseSet::EMPTY.is_empty() && !set.is_empty());
    assert_eq!(format!("{set:?}"), "{Setup, Cleanup}");
}

#[test]
fn a_tag_is_a_part_of_a_name() {
    for tag in ["v6", "a b", "é", "..."] {
        assert!(is_legal_tag(tag), "{tag}");
    }
    for tag in ["", "a/b", "a\nb", "\u{7f}"] {
        assert!(!is_legal_tag(tag), "{tag:?}");
    }
}
