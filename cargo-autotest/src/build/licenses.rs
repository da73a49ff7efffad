//! The licences of everything that is linked into the executable: the packages of the graph, and Rust's standard
//! library.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, Node, Package, PackageId, TargetKind};

use super::target::Toolchain;
use crate::workspace::directory;

/// Prefixes of the names of licence files, in upper case.
const NAMES: &[&str] = &[
    "LICENSE",
    "LICENCE",
    "COPYING",
    "COPYRIGHT",
    "NOTICE",
    "UNLICENSE",
    "PATENTS",
];

/// The file beside the licences that lists all packages.
pub(super) const LIST: &str = "packages.txt";

/// Licence files, by their paths below `licenses`, and the list of packages.
#[derive(Debug)]
pub(super) struct Licenses {
    pub(super) files: BTreeMap<String, PathBuf>,
    pub(super) list: String,
}

/// Collects the licences of the packages that a graph's root is linked with.
///
/// # Errors
/// If a directory cannot be read.
pub(super) fn collect(graph: &Metadata, toolchain: &Toolchain) -> io::Result<Licenses> {
    let mut licenses = Licenses {
        files: BTreeMap::new(),
        list: "# What the executable is made of: package, version, licence, licence files.\n"
            .to_owned(),
    };
    let mut packages: Vec<&Package> = linked(graph);
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    for package in packages {
        licenses.add(package)?;
    }
    licenses.add_standard_library(toolchain);
    Ok(licenses)
}

impl Licenses {
    fn add(&mut self, package: &Package) -> io::Result<()> {
        let files = files_of(package)?;
        let license = package.license.as_deref();
        let _ = write!(
            self.list,
            "{} {} {}:",
            package.name,
            package.version,
            license.unwrap_or("(no licence given)")
        );
        for file in files {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let path = format!("{}-{}/{name}", package.name, package.version);
            let _ = write!(self.list, " {path}");
            self.files.insert(path, file);
        }
        self.list.push('\n');
        Ok(())
    }

    fn add_standard_library(&mut self, toolchain: &Toolchain) {
        let name = "COPYRIGHT-library.html";
        let path = format!("rust-{}/{name}", toolchain.version);
        let _ = write!(
            self.list,
            "rust {} MIT OR Apache-2.0, and those of its parts:",
            toolchain.version
        );
        let file = toolchain.sysroot.join("share/doc/rust").join(name);
        if file.is_file() {
            let _ = write!(self.list, " {path}");
            self.files.insert(path, file);
        }
        self.list.push('\n');
    }
}

/// The packages whose code is linked into the executable, without the root, build dependencies, procedural macros and
/// packages for other targets.
fn linked(graph: &Metadata) -> Vec<&Package> {
    let Some(resolve) = &graph.resolve else {
        return Vec::new();
    };
    let nodes: BTreeMap<&PackageId, &Node> =
        resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let mut seen = BTreeSet::new();
    let mut open: Vec<&PackageId> = resolve.root.iter().collect();
    while let Some(id) = open.pop() {
        if !seen.insert(id) || is_proc_macro(&graph[id]) {
            continue;
        }
        let dependencies = nodes.get(id).into_iter().flat_map(|node| &node.deps);
        let linked = dependencies.filter(|dependency| {
            let mut kinds = dependency.dep_kinds.iter();
            kinds.any(|kind| kind.kind == DependencyKind::Normal)
        });
        open.extend(linked.map(|dependency| &dependency.pkg));
    }
    let packages = seen
        .into_iter()
        .filter(|id| resolve.root.as_ref() != Some(id));
    packages
        .map(|id| &graph[id])
        .filter(|package| !is_proc_macro(package))
        .collect()
}

fn is_proc_macro(package: &Package) -> bool {
    let mut kinds = package.targets.iter().flat_map(|target| &target.kind);
    kinds.any(|kind| *kind == TargetKind::ProcMacro)
}

/// The licence files of a package. A local package without any has those of the nearest directory above it, up to its
/// workspace.
fn files_of(package: &Package) -> io::Result<Vec<PathBuf>> {
    let dir = directory(package);
    let mut files = files_in(&dir)?;
    if let Some(named) = &package.license_file {
        let named = dir.join(named);
        if named.is_file() && !files.contains(&named) {
            files.push(named);
        }
    }
    if !files.is_empty() || package.source.is_some() {
        return Ok(files);
    }
    for dir in dir.ancestors() {
        files = files_in(dir)?;
        if !files.is_empty() || is_workspace(dir) {
            break;
        }
    }
    Ok(files)
}

fn files_in(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(dir)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_uppercase();
        if NAMES.iter().any(|begin| name.starts_with(begin)) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn is_workspace(dir: &Path) -> bool {
    let manifest = fs_err::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
    manifest
        .lines()
        .any(|line| line.trim_start().starts_with("[workspace"))
}
