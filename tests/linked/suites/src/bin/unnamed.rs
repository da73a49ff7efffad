//! Links a library that `main!` does not name.

use storage_tests as _;

autotest::main!(net_tests);
