//! `new`: makes a test crate, alone or with a workspace that has a suite.

mod framework;
mod name;
mod surroundings;
mod template;

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::cli;
use crate::config::problem_of_name;
use framework::Framework;
use surroundings::{Membership, Surroundings};

/// An error of `new`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NewError {
    #[error("`{0}` cannot be the name of a crate of tests: {1}")]
    Name(String, String),
    #[error("`{0}` cannot be the name of a suite: {1}")]
    Suite(String, &'static str),
    #[error("`{0}` exists and is not empty; choose another name, or remove it")]
    NotEmpty(PathBuf),
    #[error("there is no crate `autotest-runtime` in `{0}`; name the directory of its Cargo.toml")]
    NoFramework(PathBuf),
    #[error("failed to read `{0}`: {1}")]
    Manifest(PathBuf, String),
    #[error("`{0}` already configures a suite `{1}`; choose another name")]
    SuiteExists(PathBuf, String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl NewError {
    /// Whether the command line is wrong.
    pub(crate) fn is_usage(&self) -> bool {
        match self {
            NewError::Name(..)
            | NewError::Suite(..)
            | NewError::NotEmpty(_)
            | NewError::NoFramework(_)
            | NewError::SuiteExists(..) => true,
            NewError::Manifest(..) | NewError::Io(_) => false,
        }
    }
}

/// Makes the crate. Returns a message that says what was made, and what to do next.
///
/// # Errors
/// If the name or the place is not usable, or a file cannot be written. Then nothing is left behind.
pub(crate) fn run(args: &cli::New) -> Result<String, NewError> {
    let dir = without_dots(&std::path::absolute(&args.dir)?);
    let name = name::of(&dir)?;
    if args.suite
        && let Some(problem) = problem_of_name(&name)
    {
        return Err(NewError::Suite(name, problem));
    }
    if !is_free(&dir)? {
        return Err(NewError::NotEmpty(args.dir.clone()));
    }
    let parent = dir.parent().unwrap_or(Path::new("/"));
    let around = Surroundings::of(parent)?;
    let membership = around.membership_of(&dir, args.suite.then_some(&name))?;
    let framework = Framework::choose(&args.framework, &membership, &dir)?;
    let plan = Plan {
        name,
        suite: args.suite,
        membership,
        framework,
    };
    plan.write(&dir)?;
    Ok(plan.told(&args.dir))
}

/// Resolves `..` as a shell does: `a/../b` is `b`.
fn without_dots(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(normal.pop()),
            part => normal.push(part),
        }
    }
    normal
}

/// Whether the path does not exist, or is an empty directory.
fn is_free(dir: &Path) -> io::Result<bool> {
    match fs_err::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(error),
    }
}

/// The crate or suite to make.
struct Plan {
    name: String,
    suite: bool,
    membership: Membership,
    framework: Framework,
}

impl Plan {
    /// Writes all files into a temporary directory first, so that nothing is left in `dir` if one cannot be written.
    fn write(&self, dir: &Path) -> Result<(), NewError> {
        let parent = dir.parent().unwrap_or(Path::new("/"));
        fs_err::create_dir_all(parent)?;
        let staged = tempfile::Builder::new()
            .prefix(".autotest-new-")
            .tempdir_in(parent)?;
        let staged_crate = staged.path().join("crate");
        for (path, text) in self.files() {
            let path = staged_crate.join(path);
            fs_err::create_dir_all(path.parent().unwrap_or(&staged_crate))?;
            fs_err::write(&path, text)?;
        }
        // This replaces an empty directory, too.
        fs_err::rename(&staged_crate, dir)?;
        self.membership.join(&self.name, self.suite)?;
        Ok(())
    }

    fn files(&self) -> Vec<(PathBuf, String)> {
        match (self.suite, self.membership.is_member()) {
            (false, _) => template::test_crate(&self.name, "", &self.framework, &self.membership),
            (true, true) => {
                let suite = self.membership.suite_table(&self.name);
                template::test_crate(&self.name, &suite, &self.framework, &self.membership)
            }
            (true, false) => template::workspace(&self.name, &self.framework),
        }
    }

    fn told(&self, path: &Path) -> String {
        let what = match self.suite {
            true => "suite",
            false => "test crate",
        };
        let mut text = format!("created the {what} `{}`", self.name);
        if let Some(root) = self.membership.root() {
            text += &format!(" in the workspace {}", root.display());
        }
        text += &format!("\nframework: {}\n\nnext:\n", self.framework);
        text += &format!("  cd {} && cargo test\n", path.display());
        if self.suite {
            text += &format!("  cargo autotest build {}\n", self.name);
        }
        text
    }
}
