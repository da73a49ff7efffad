mod net {
    autotest::suite_file! {
        #![suite(suites("net"), expect = "fail")]

        #[autotest]
        #[test]
        fn ping() {}
    }
}

fn main() {}
