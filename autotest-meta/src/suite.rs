//! A suite: the tests of a binary, with the same ids and the same selection as in the binary.

use std::fs::{self, File};
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use autotest_core::attr::Expr;
use autotest_core::id::{IdOf, refused};
use autotest_core::{DescribedKind, Description};
use autotest_package::{Limits, Package};

use crate::elf::Section;
use crate::error::{MetaError, Problem};
use crate::join::join;
use crate::records::{Main, Records};
use crate::site;

/// The maximum size of an executable in a package, in bytes. Unlike an executable file, it is read as a whole.
pub const MAX_EXECUTABLE_BYTES: u64 = 512 << 20;

/// The maximum length of the expression of a `main!`.
const MAX_ATTR_BYTES: usize = 4096;

/// The tests of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suite {
    /// The architecture, as at the beginning of target triples: `x86_64`, `aarch64`, `arm`.
    pub architecture: String,
    /// The crate with `main!`; `None` for a library.
    pub main: Option<String>,
    /// The name of the suite, if `main!` gives one.
    pub suite: Option<String>,
    /// The attribute expression that selects its tests, if `main!` gives one.
    pub attr: Option<String>,
    /// The crates that `main!` names.
    pub crates: Vec<String>,
    /// The tests, sorted by id.
    pub tests: Vec<Description>,
    /// The control functions, sorted by id.
    pub controls: Vec<Description>,
    /// The hooks, sorted by name.
    pub hooks: Vec<Description>,
    /// The profilers, sorted by name.
    pub profilers: Vec<Description>,
}

impl Suite {
    /// Reads the tests of a package, an executable, a library or an object file.
    ///
    /// # Errors
    /// If it cannot be read, or is not such a file.
    pub fn of_file(path: &Path) -> Result<Suite, MetaError> {
        open(path)
            .and_then(|mut file| match is_package(&mut file)? {
                true => Suite::of_package(file),
                false => Suite::of_reader(file),
            })
            .map_err(in_file(path))
    }

    /// Reads all tests of a library for [`Suite::joined`], including those that a site's version replaces. A library
    /// may have none.
    ///
    /// # Errors
    /// If it cannot be read, or is not such a file.
    pub fn of_library(path: &Path) -> Result<Suite, MetaError> {
        let read = open(path).and_then(|file| Section::of_reader(file, Suite::unselected));
        match read {
            Err(Problem::NoSection) => Ok(Suite::default()),
            read => read.map_err(in_file(path)),
        }
    }

    /// The suite that an executable of some libraries has whose `main!` gives it this name and attribute expression.
    ///
    /// # Errors
    /// If the expression does not parse, or names collide.
    pub fn joined(libraries: Vec<Suite>, name: &str, attr: Option<&str>) -> Result<Suite, Problem> {
        let mut whole = Suite {
            suite: Some(name.to_owned()),
            attr: attr.map(str::to_owned),
            ..Suite::default()
        };
        for library in libraries {
            whole.tests.extend(library.tests);
            whole.controls.extend(library.controls);
            whole.hooks.extend(library.hooks);
            whole.profilers.extend(library.profilers);
        }
        let Suite {
            tests,
            controls,
            hooks,
            profilers,
            ..
        } = &mut whole;
        for list in [tests, controls, hooks, profilers] {
            list.sort_unstable_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        }
        whole.select()?;
        Ok(whole)
    }

    /// Reads the tests of the executable in a package (`.tar.bz2`), which is checked as far as it is read.
    ///
    /// # Errors
    /// If it is not a suite's package, or anything in it is wrong.
    pub fn of_package<R: Read>(package: R) -> Result<Suite, Problem> {
        let package = Package::open(BufReader::new(package), Limits::default())?;
        let executable = package.read_executable(MAX_EXECUTABLE_BYTES)?;
        Suite::of_bytes(&executable)
    }

    /// Reads the tests of an executable, a library or an object file. Only the necessary parts are read.
    ///
    /// # Errors
    /// If it cannot be read, or is not such a file.
    pub fn of_reader<R: Read + Seek>(file: R) -> Result<Suite, Problem> {
        Section::of_reader(file, Suite::of_section)
    }

    /// Reads the tests from the content of such a file.
    ///
    /// # Errors
    /// If it is not such a file.
    pub fn of_bytes(bytes: &[u8]) -> Result<Suite, Problem> {
        Suite::of_section(&Section::of_bytes(bytes)?)
    }

    /// The test with this id.
    pub fn test(&self, id: &str) -> Option<&Description> {
        let found = self.tests.binary_search_by(|test| test.id.as_str().cmp(id));
        found.ok().map(|at| &self.tests[at])
    }

    fn of_section(section: &Section<'_>) -> Result<Suite, Problem> {
        let mut suite = Suite::unselected(section)?;
        suite.select()?;
        Ok(suite)
    }

    /// All tests of a section, also those that the executable leaves out.
    fn unselected(section: &Section<'_>) -> Result<Suite, Problem> {
        let Records { main, whole, parts } = Records::parse(&section.text)?;
        let mut suite = Suite {
            architecture: section
                .architecture
                .map(|it| it.to_string())
                .unwrap_or_default(),
            tests: whole,
            ..Suite::default()
        };
        if let Some(Main {
            main,
            suite: name,
            attr,
            crates,
            ..
        }) = main
        {
            suite.main = Some(main.split("::").next().unwrap_or_default().to_owned());
            (suite.suite, suite.attr, suite.crates) = (name, attr, crates);
        }
        join(&mut suite.tests, parts)?;
        suite.assign_ids();
        Ok(suite)
    }

    /// Assigns the ids, and moves control functions, hooks and profilers into their own lists.
    fn assign_ids(&mut self) {
        for description in &mut self.tests {
            description.id = id(description, self.main.as_deref());
        }
        self.tests
            .sort_unstable_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        let mut of_kind = |kind| {
            let found = self.tests.extract_if(.., |it| it.kind == kind);
            found.collect()
        };
        self.controls = of_kind(DescribedKind::Control);
        self.hooks = of_kind(DescribedKind::Hook);
        self.profilers = of_kind(DescribedKind::Profiler);
    }

    /// Keeps the tests that the executable has, by the same steps as its registry.
    fn select(&mut self) -> Result<(), Problem> {
        if let Some(name) = &self.suite {
            self.tests
                .retain(|test| test.suites.is_empty() || test.suites.contains(name));
        }
        self.tests = site::replaced(std::mem::take(&mut self.tests));
        let errors = refused(&self.tests);
        if !errors.is_empty() {
            return Err(Problem::Names(errors));
        }
        if let Some(text) = &self.attr {
            if text.len() > MAX_ATTR_BYTES {
                return Err(Problem::TooLarge);
            }
            let expr = Expr::parse(text).map_err(Problem::Attr)?;
            self.tests
                .retain(|test| expr.holds(&test.selectable_attributes()));
        }
        Ok(())
    }
}

fn in_file(path: &Path) -> impl FnOnce(Problem) -> MetaError {
    |problem| MetaError {
        path: path.to_owned(),
        problem: Box::new(problem),
    }
}

fn open(path: &Path) -> Result<File, Problem> {
    // Opening a pipe would wait for its writer.
    match fs::metadata(path)?.is_file() {
        true => Ok(File::open(path)?),
        false => Err(Problem::NotAFile),
    }
}

/// Whether the file is compressed, as packages are. Afterwards it is at its beginning again.
fn is_package(file: &mut File) -> Result<bool, Problem> {
    let mut magic = Vec::new();
    file.by_ref().take(3).read_to_end(&mut magic)?;
    file.rewind()?;
    Ok(magic == b"BZh")
}

fn id(description: &Description, main: Option<&str>) -> String {
    let id = IdOf {
        module: &description.module,
        name: &description.name,
        is_verbatim: description.verbatim || is_named_alone(description.kind),
        case: &description.case,
    };
    // A library has no `main!`. No crate has this name.
    let of_library = "\0";
    id.pieces(main.unwrap_or(of_library)).concat()
}

/// Whether jobs name items of this kind without their module.
fn is_named_alone(kind: DescribedKind) -> bool {
    match kind {
        DescribedKind::Hook | DescribedKind::Profiler => true,
        DescribedKind::Test | DescribedKind::Control => false,
    }
}

pub(crate) fn sort_key(description: &Description) -> (&str, &str, u32) {
    (&description.id, &description.file, description.line)
}
