//! Packages with random mistakes: whatever is wrong, there is a whole directory or none.

use autotest_package::Limits;

use super::archive::{Archive, Target, compress, manifest, pax, suite, unpack};

/// The same numbers every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

fn archives() -> [Vec<u8>; 2] {
    let plain = Archive::default()
        .extended(b'x', &pax("path", "some/where"))
        .file("a", b"contents")
        .link(b'2', "some/link", "where")
        .extended(b'L', b"a/long/name\0")
        .link(b'1', "hard", "some/where")
        .end();
    let suite = suite(&manifest(&[("data", b"contents")]))
        .file("data", b"contents")
        .end();
    [plain.0, suite.0]
}

#[test]
fn mistakes_in_the_archive() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let limits = Limits::default().with_bytes(1 << 20);
    for archive in archives() {
        for _ in 0..500 {
            let mut archive = archive.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(archive.len());
                archive[at] = random.below(256) as u8;
            }
            with_right_checksums(&mut archive);
            check(&compress(&archive), limits.clone());
        }
    }
}

#[test]
fn mistakes_in_the_compressed_data() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let limits = Limits::default().with_bytes(1 << 20);
    for archive in archives() {
        let package = compress(&archive);
        for _ in 0..500 {
            let mut package = package.clone();
            let at = random.below(package.len());
            package[at] = random.below(256) as u8;
            check(&package, limits.clone());
        }
    }
}

/// A wrong checksum would hide the other mistakes of a header.
fn with_right_checksums(archive: &mut [u8]) {
    for block in archive.chunks_exact_mut(512) {
        if &block[257..262] == b"ustar" {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
}

fn check(package: &[u8], limits: Limits) {
    let target = Target::new();
    match unpack(package, limits, &target) {
        Ok(()) => assert_eq!(target.names(), ["package", "there"]),
        Err(_) => assert_eq!(target.names(), ["there"]),
    }
}
