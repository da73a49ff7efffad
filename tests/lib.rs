//! Tests of the autotest framework from outside: `conformance` with the original, wrong uses of the
//! macros (`ui`), their expansions, and test binaries that are run (`it`). As a library this package
//! holds nothing but the README and the guides, whose code is thereby compiled.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![cfg_attr(doctest, doc = include_str!("../docs/jobs.md"))]
#![cfg_attr(doctest, doc = include_str!("../docs/packages.md"))]
#![cfg_attr(doctest, doc = include_str!("../docs/writing-tests.md"))]
