//! Archives byte by byte, also those that no program would write.

use std::fs;
use std::io::Write;
use std::path::Path;

use autotest_package::{Limits, Manifest, Package, Sha256Sum};
use bzip2::Compression;
use bzip2::write::BzEncoder;
use tempfile::TempDir;

/// A header whose fields are what the test says.
pub(crate) struct Header<'a> {
    pub(crate) path: &'a [u8],
    pub(crate) kind: u8,
    pub(crate) size: u64,
    pub(crate) mode: u32,
    pub(crate) link: &'a [u8],
}

/// The header of a file.
pub(crate) fn file(path: &str, size: usize) -> Header<'_> {
    Header {
        path: path.as_bytes(),
        kind: b'0',
        size: size as u64,
        mode: 0o644,
        link: b"",
    }
}

/// An archive that is not compressed yet.
#[derive(Default, Clone)]
pub(crate) struct Archive(pub(crate) Vec<u8>);

impl Archive {
    pub(crate) fn header(mut self, header: &Header<'_>) -> Archive {
        let mut block = [0; 512];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, header.path);
        put(100, format!("{:07o}\0", header.mode).as_bytes());
        put(108, b"0000000\0");
        put(116, b"0000000\0");
        put(124, format!("{:011o}\0", header.size).as_bytes());
        put(136, b"00000000000\0");
        put(148, b"        ");
        put(156, &[header.kind]);
        put(157, header.link);
        put(257, b"ustar\x0000");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend(block);
        self
    }

    pub(crate) fn contents(mut self, contents: &[u8]) -> Archive {
        self.0.extend(contents);
        let padded = self.0.len().next_multiple_of(512);
        self.0.resize(padded, 0);
        self
    }

    pub(crate) fn file(self, path: &str, contents: &[u8]) -> Archive {
        self.header(&file(path, contents.len())).contents(contents)
    }

    pub(crate) fn link(self, kind: u8, path: &str, target: &str) -> Archive {
        self.entry(kind, path, target, 0o777)
    }

    pub(crate) fn entry(self, kind: u8, path: &str, link: &str, mode: u32) -> Archive {
        self.header(&Header {
            path: path.as_bytes(),
            kind,
            size: 0,
            mode,
            link: link.as_bytes(),
        })
    }

    /// An extended header.
    pub(crate) fn extended(self, kind: u8, contents: &[u8]) -> Archive {
        let header = Header {
            kind,
            ..file("extended", contents.len())
        };
        self.header(&header).contents(contents)
    }

    /// Two blocks of zeros.
    pub(crate) fn end(mut self) -> Archive {
        self.0.extend([0; 1024]);
        self
    }

    /// The archive with its end, compressed.
    pub(crate) fn pack(self) -> Vec<u8> {
        compress(&self.end().0)
    }
}

pub(crate) fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = BzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The record of pax with this key and value.
pub(crate) fn pax(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    let length = (rest.len()..).find(|length| length.to_string().len() + rest.len() == *length);
    format!("{}{rest}", length.unwrap()).into_bytes()
}

/// The header of an executable for this machine, whatever it is.
pub(crate) fn native_executable() -> Vec<u8> {
    fs::read("/proc/self/exe").unwrap()[..64].to_vec()
}

/// The manifest of a suite `bvt` with an executable and these files.
pub(crate) fn manifest(files: &[(&str, &[u8])]) -> serde_json::Value {
    let executable = native_executable();
    let all = std::iter::once(("bvt", executable.as_slice())).chain(files.iter().copied());
    let files: Vec<_> = all
        .map(|(path, contents)| {
            serde_json::json!({
                "path": path,
                "size": contents.len(),
                "sha256": Sha256Sum::of(contents).unwrap(),
                "mode": if path == "bvt" { "0755" } else { "0644" },
            })
        })
        .collect();
    serde_json::json!({
        "v": 1, "suite": "bvt", "version": "1.2.0", "target": "x86_64-unknown-linux-musl",
        "executable": "bvt", "files": files,
    })
}

/// The beginning of a suite's package: manifest and executable.
pub(crate) fn suite(manifest: &serde_json::Value) -> Archive {
    let executable = native_executable();
    let header = Header {
        mode: 0o755,
        ..file("bvt", executable.len())
    };
    Archive::default()
        .file(Manifest::ENTRY, &serde_json::to_vec(manifest).unwrap())
        .header(&header)
        .contents(&executable)
}

/// A directory for packages, in which there is something already.
pub(crate) struct Target(TempDir);

impl Target {
    pub(crate) fn new() -> Target {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("there"), "as before").unwrap();
        Target(dir)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The names in the directory.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// Unpacks into `DIR/package`.
pub(crate) fn unpack(
    package: &[u8],
    limits: Limits,
    target: &Target,
) -> Result<(), autotest_package::Error> {
    let into = target.path().join("package");
    let native = autotest_package::Architecture::native();
    let staged = Package::open(package, limits)?.stage(target.path(), native)?;
    staged.commit(&into).map(drop)
}

/// The package is refused with this message, and nothing of it is left.
#[track_caller]
pub(crate) fn check(package: &[u8], message: &str) {
    check_within(Limits::default(), package, message);
}

#[track_caller]
pub(crate) fn check_within(limits: Limits, package: &[u8], message: &str) {
    let target = Target::new();
    let error = unpack(package, limits, &target).unwrap_err();
    assert_eq!(error.to_string(), message);
    assert_eq!(target.names(), ["there"]);
    let there = fs::read_to_string(target.path().join("there")).unwrap();
    assert_eq!(there, "as before");
}
