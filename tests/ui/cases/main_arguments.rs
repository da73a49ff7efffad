autotest::main!(
    no_such_tests,
    suit = "bvt",
    suite = "b v t",
    attr = "slow",
    attr = "fast",
    attr = "slow || && fast",
    "net_tests",
    no_such_tests,
);
