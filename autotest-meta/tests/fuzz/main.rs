//! Damaged files, made at random from good ones: none crashes the reader, or makes it take much memory.
//!
//! `AUTOTEST_FUZZ=1000000` reads that many instead of a few thousand, `AUTOTEST_FUZZ_SEED=7` others. A failure
//! names the seed of its file.

#[path = "../it/made.rs"]
mod made;

mod memory;
mod mutate;

use std::io::Cursor;

use autotest_meta::{Problem, Suite};
use object::{Architecture, Endianness};

use mutate::{Random, mutated};

/// The most memory that reading a file may take: a record of 30 bytes becomes a description of 700.
fn allowed(file: &[u8]) -> usize {
    16 * file.len() + (64 << 10)
}

#[test]
fn no_damaged_file_crashes_the_reader_or_takes_much_memory() {
    let count = number("AUTOTEST_FUZZ", 20_000);
    let seed = number("AUTOTEST_FUZZ_SEED", 1);
    let originals = originals();
    let mut told = [0_usize; 3];
    let mut most = 0.0_f64;
    for seed in seed..seed + count {
        let file = mutated(&originals, &mut Random::new(seed));
        memory::begin();
        let whole = Suite::of_bytes(&file);
        let piecemeal = Suite::of_reader(Cursor::new(&file));
        let (peak, allowed) = (memory::peak(), allowed(&file));
        most = most.max(peak as f64 / allowed as f64);
        let len = file.len();
        assert!(
            peak <= allowed,
            "AUTOTEST_FUZZ_SEED={seed}: {len} bytes took {peak} bytes"
        );
        told[kind(&whole)] += 1;
        assert_eq!(shown(whole), shown(piecemeal), "AUTOTEST_FUZZ_SEED={seed}");
    }
    let [read, records, files] = told;
    println!(
        "{count} files: {read} were read, {records} had damaged records, {files} were refused before; memory at \
         most {:.0} % of what is allowed",
        most * 100.0
    );
    assert!(
        !told.contains(&0),
        "the files are damaged too much, or too little"
    );
}

/// How far the reader came.
fn kind(suite: &Result<Suite, Problem>) -> usize {
    match suite {
        Ok(_) => 0,
        Err(
            Problem::Record { .. } | Problem::Version(_) | Problem::Attr(_) | Problem::Names(_),
        ) => 1,
        Err(
            Problem::Io(_)
            | Problem::Package(_)
            | Problem::NotAFile
            | Problem::NotElf
            | Problem::Damaged(_)
            | Problem::NoSection
            | Problem::TooLarge,
        ) => 2,
    }
}

fn shown(suite: Result<Suite, Problem>) -> Result<Suite, String> {
    suite.map_err(|error| error.to_string())
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

const TEXT: &str = r#"{"v":1,"main":"bench","suite":"bvt","attr":"suite:bvt || !slow","crates":["net"]}
{"v":1,"name":"ping","module":"bench::net","file":"net.rs","line":3,"doc":"Pings.\n\u00e4"}
{"v":1,"name":"Disk","module":"bench","file":"d.rs","line":9,"timeout":1.5,"version":"1.2","suites":["bvt"],"phases":["run_once","setup"],"params":[{"name":"mb","type":"u64","required":false,"default":"64","range":"1..=9","phases":["run_once"],"at":2}]}
{"v":1,"name":"Disk","module":"bench","phases":["initialize"],"catch_all":["initialize"],"params":[{"name":"mb","type":"u64","required":true,"phases":["initialize"],"at":2},{"name":"dir","type":"&str","required":true,"choices":["\"a\""],"phases":["initialize"],"at":0}]}
{"v":1,"name":"net.copy","module":"disk","verbatim":true,"case":"small","file":"c.rs","line":7,"args":{"mb":"1"},"site":true,"needs":["root"]}
{"v":1,"kind":"control","name":"nightly","module":"bench","file":"j.rs","line":2,"phases":["execute"]}
{"v":1,"kind":"hook","name":"notes","module":"bench","file":"j.rs","line":1,"phases":[]}
"#;

fn originals() -> Vec<Vec<u8>> {
    let wide = made::elf(Architecture::X86_64, Endianness::Little, TEXT);
    let narrow = made::elf(Architecture::PowerPc, Endianness::Big, TEXT);
    let parts = [("autotest_meta", TEXT), ("autotest_meta", "\0\0")];
    let several = made::sections(Architecture::Arm, Endianness::Little, &parts);
    let library = made::archive(&[
        ("lib.rmeta", b"rust"),
        ("one.o", &narrow),
        ("two.o", &several),
    ]);
    vec![wide, narrow, several, library]
}
