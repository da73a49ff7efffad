//! Avocado, whose runners `exec-test` and `tap` execute a binary
//! (<https://avocado-framework.readthedocs.io/en/latest/guides/writer/chapters/basics.html>).

use super::{Engine, Variables};

const MARK: &str = "AVOCADO_VERSION";
/// The variable with the directory of the test in the job's results.
const OUTPUT_DIR: &str = "AVOCADO_TEST_OUTPUTDIR";

pub(super) fn read(engine: &mut Engine, variables: Variables<'_>) {
    if variables.get(MARK).is_some() {
        engine.outputs = engine.outputs.take().or(variables.path(OUTPUT_DIR));
        // At a time limit, Avocado kills its runner, but nothing that the runner started (`terminate_task` in
        // <https://github.com/avocado-framework/avocado/blob/master/avocado/plugins/spawners/process.py>).
        engine.ends_with_parent = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_of_avocado_has_its_directory_and_ends_with_its_runner() {
        let read = |set: &[(&str, &str)]| {
            let engine = Variables::these(set, Engine::read).unwrap();
            (engine.outputs, engine.ends_with_parent)
        };
        let dir = (OUTPUT_DIR, "/jobs/1/test-results/1-bvt");
        assert_eq!(read(&[(MARK, "113.0"), dir]), (Some(dir.1.into()), true));
        assert_eq!(read(&[dir]), (None, false));
        assert_eq!(read(&[(MARK, "113.0")]), (None, true));
    }
}
