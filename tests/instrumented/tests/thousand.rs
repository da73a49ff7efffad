//! As many tests as a large suite has.

use autotest::prelude::*;

macro_rules! tens {
    ($($module:ident)*) => {
        $(mod $module {
            use super::*;
            tens! { @tests t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 }
        })*
    };
    (@tests $($test:ident)*) => {
        $(mod $test {
            use super::*;
            tens! { @leaves a b c d e f g h i j }
        })*
    };
    (@leaves $($test:ident)*) => {
        $(#[autotest]
        fn $test() {
            counted::thousand::each();
        })*
    };
}

tens! { m0 m1 m2 m3 m4 m5 m6 m7 m8 m9 }

autotest::main!();
