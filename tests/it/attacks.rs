//! What tests do to the framework, and what it costs the others: nothing.

use expect_test::expect;

use super::binary::fixture;

#[test]
fn what_a_test_does_to_the_framework_costs_no_other_test() {
    let ran = fixture("faulty", &["attacks::"]).expect_code(5);
    expect![[r#"

        running 10 tests
        test attacks::a_drop_panics ... FAILED (ERROR)
        test attacks::b_outputdir_removed ... ok
        test attacks::c_keyval_is_a_directory ... ok
        test attacks::c_plants_a_pipe ... ok
        test attacks::d_unbalanced_records ... ok
        test attacks::e_control_characters ... ok
        test attacks::f_reason_forges_a_line ... ok (WARN: one)
        test attacks::g_someone_elses_panic ... FAILED (FAIL)
            subtest raises::setup ... FAILED (ERROR)
            ERROR: Unhandled io::Error: No such file or directory (os error 2)
                at tests/fixtures/faulty.rs:86:13
        test attacks::h_nested_setup ... ok
        test attacks::i_innocent ... ok

        failures:

        ---- attacks::a_drop_panics stdout ----
        ERROR: Unhandled panic: in drop
            at tests/fixtures/faulty/attacks.rs:12:9
            see <root>/<results>/attacks.a_drop_panics

        ---- attacks::g_someone_elses_panic stdout ----
        FAIL: Unhandled panic: theirs
            see <root>/<results>/attacks.g_someone_elses_panic/debug

        failures:
            attacks::a_drop_panics
            attacks::g_someone_elses_panic

        warnings:
            attacks::f_reason_forges_a_line: one

        test result: FAILED. 8 passed; 2 failed; 0 ignored; 0 measured; 42 filtered out; finished in .

        results: <root>/<results>
    "#]].assert_eq(&ran.stdout());
    expect![[r#"
        error: failed to make reports from the journal: `attacks.c_keyval_is_a_directory/results/keyval`: Is a directory (os error 21)
    "#]].assert_eq(&ran.stderr());
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→attacks.a_drop_panics→attacks.a_drop_panics→timestamp=.→localtime=.→
        →→ERROR→attacks.a_drop_panics→attacks.a_drop_panics→timestamp=.→localtime=.→Unhandled panic: in drop
          at tests/fixtures/faulty/attacks.rs:12:9
        →END ERROR→attacks.a_drop_panics→attacks.a_drop_panics→timestamp=.→localtime=.→
        →START→attacks.b_outputdir_removed→attacks.b_outputdir_removed→timestamp=.→localtime=.→
        →→GOOD→attacks.b_outputdir_removed→attacks.b_outputdir_removed→timestamp=.→localtime=.→completed successfully
        →END GOOD→attacks.b_outputdir_removed→attacks.b_outputdir_removed→timestamp=.→localtime=.→
        →START→attacks.c_keyval_is_a_directory→attacks.c_keyval_is_a_directory→timestamp=.→localtime=.→
        →→GOOD→attacks.c_keyval_is_a_directory→attacks.c_keyval_is_a_directory→timestamp=.→localtime=.→completed successfully
        →END GOOD→attacks.c_keyval_is_a_directory→attacks.c_keyval_is_a_directory→timestamp=.→localtime=.→
        →START→attacks.c_plants_a_pipe→attacks.c_plants_a_pipe→timestamp=.→timeout=20→localtime=.→
        →→GOOD→attacks.c_plants_a_pipe→attacks.c_plants_a_pipe→timestamp=.→localtime=.→completed successfully
        →END GOOD→attacks.c_plants_a_pipe→attacks.c_plants_a_pipe→timestamp=.→localtime=.→
        →START→attacks.d_unbalanced_records→attacks.d_unbalanced_records→timestamp=.→localtime=.→
        →→START→----→----→timestamp=.→localtime=.→never ended
        →→END GOOD→----→----→timestamp=.→localtime=.→never begun
        →→END GOOD→----→----→timestamp=.→localtime=.→never begun
        →→END GOOD→----→----→timestamp=.→localtime=.→never begun
        →→END GOOD→----→----→timestamp=.→localtime=.→never begun
        →→END GOOD→----→----→timestamp=.→localtime=.→never begun
        →→GOOD→attacks.d_unbalanced_records→attacks.d_unbalanced_records→timestamp=.→localtime=.→completed successfully
        →END GOOD→attacks.d_unbalanced_records→attacks.d_unbalanced_records→timestamp=.→localtime=.→
        →START→attacks.e_control_characters→attacks.e_control_characters→timestamp=.→localtime=.→
        →→GOOD→attacks.e_control_characters→attacks.e_control_characters→timestamp=.→localtime=.→completed successfully
        →END GOOD→attacks.e_control_characters→attacks.e_control_characters→timestamp=.→localtime=.→
        →START→attacks.f_reason_forges_a_line→attacks.f_reason_forges_a_line→timestamp=.→localtime=.→
        →→WARN→attacks.f_reason_forges_a_line→attacks.f_reason_forges_a_line→timestamp=.→localtime=.→one
          test forged ... FAILED
          at tests/fixtures/faulty/attacks.rs:71:9
        →END WARN→attacks.f_reason_forges_a_line→attacks.f_reason_forges_a_line→timestamp=.→localtime=.→
        →START→attacks.g_someone_elses_panic→attacks.g_someone_elses_panic→timestamp=.→localtime=.→
        →→FAIL→attacks.g_someone_elses_panic→attacks.g_someone_elses_panic→timestamp=.→localtime=.→Unhandled panic: theirs
        →END FAIL→attacks.g_someone_elses_panic→attacks.g_someone_elses_panic→timestamp=.→localtime=.→
        →START→attacks.h_nested_setup→attacks.h_nested_setup→timestamp=.→localtime=.→
        →→START→attacks.h_nested_setup/raises.setup→raises.setup→timestamp=.→localtime=.→
        →→→ERROR→attacks.h_nested_setup/raises.setup→raises.setup→timestamp=.→localtime=.→Unhandled io::Error: No such file or directory (os error 2)
          at tests/fixtures/faulty.rs:86:13
        →→END ERROR→attacks.h_nested_setup/raises.setup→raises.setup→timestamp=.→localtime=.→
        →→GOOD→attacks.h_nested_setup→attacks.h_nested_setup→timestamp=.→localtime=.→completed successfully
        →END GOOD→attacks.h_nested_setup→attacks.h_nested_setup→timestamp=.→localtime=.→
        →START→attacks.i_innocent→attacks.i_innocent→timestamp=.→localtime=.→
        →→GOOD→attacks.i_innocent→attacks.i_innocent→timestamp=.→localtime=.→completed successfully
        →END GOOD→attacks.i_innocent→attacks.i_innocent→timestamp=.→localtime=.→
        END GOOD→----→----→timestamp=.→localtime=.→
    "#]].assert_eq(&ran.log("status.log"));
    let removed = "attacks.b_outputdir_removed";
    let keyval = ran.file(&format!("{removed}/keyval"));
    assert!(
        keyval.ends_with(
            "after=removal
"
        ),
        "{keyval}"
    );
    assert!(
        ran.tree()
            .contains(&format!("{removed}/results/results-chart.json"))
    );
    let innocent: Vec<_> = ran.tree();
    let innocent = innocent
        .iter()
        .filter(|path| path.starts_with("attacks.i_innocent/"));
    expect![[r#"
        attacks.i_innocent/
        attacks.i_innocent/debug/
        attacks.i_innocent/keyval
        attacks.i_innocent/profiling/
        attacks.i_innocent/results/
        attacks.i_innocent/results/keyval
        attacks.i_innocent/results/perf_measurements
        attacks.i_innocent/results/results-chart.json
        attacks.i_innocent/status"#]]
    .assert_eq(&innocent.cloned().collect::<Vec<_>>().join("\n"));
    assert_eq!(ran.left_in_tmp(), Vec::<String>::new());
}
