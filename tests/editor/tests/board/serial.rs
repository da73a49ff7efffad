//! A suite in a file of its own.

autotest::suite_file! {
    #![suite(suites("serial"))]

    use autotest::prelude::*;

    #[autotest]
    fn echoes() {}

    #[autotest]
    fn echoes_twice() {}
}
