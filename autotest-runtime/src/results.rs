//! Chooses the directory for a job's results.
//!
//! Under cargo, results go to `target/autotest/<binary>/<time>`, with a link `latest`; elsewhere to
//! `./autotest-results/<binary>/<time>`. `AUTOTEST_RESULTS` names another base, `--results` the directory itself. The
//! files of `setup`, which outlive the job, are below the base or in an engine's temporary directory. An engine's
//! directory for outputs is used as the base. If a runner starts a process for each test, all of its jobs share a
//! directory.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use autotest_report::LocalTime;

/// The directories of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResultsTree {
    /// `<results>/<job>`.
    pub(crate) jobdir: PathBuf,
    /// The files of `setup`, which outlive the job.
    pub(crate) installed: PathBuf,
}

/// A results directory that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResultsError {
    #[error("the results directory `{0}` is not empty: name another one, or remove it")]
    NotEmpty(PathBuf),
    #[error("`{0}` is a file: name a directory for the results")]
    IsFile(PathBuf),
    #[error(
        "failed to create the results directory `{path}`: {error}; name another with `--results`"
    )]
    Create { path: PathBuf, error: io::Error },
}

/// Everything that determines where results go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    /// `--results`.
    pub(crate) given: Option<PathBuf>,
    /// `AUTOTEST_RESULTS`.
    pub(crate) base: Option<PathBuf>,
    /// The name of the binary's suite.
    pub(crate) suite: Option<&'static str>,
    /// The path of the running binary.
    pub(crate) program: PathBuf,
    /// `true` if cargo started this process.
    pub(crate) under_cargo: bool,
    /// Set if a runner starts a job for each test.
    pub(crate) member: Option<Member>,
    /// The engine's directory for outputs, all of which it keeps.
    pub(crate) outputs: Option<PathBuf>,
    /// The engine's directory for temporary files.
    pub(crate) tmp: Option<PathBuf>,
}

/// The place of a job whose runner starts a job for each test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// The directory of all the runner's jobs.
    group: String,
    /// The directory of this job within that.
    name: String,
}

/// The longest name, in bytes; every file system accepts it with a number appended.
const MAX_NAME_BYTES: usize = 240;

impl Member {
    /// `attempt` counts from 1.
    pub(crate) fn new(group: String, test: &str, attempt: u32) -> Member {
        let mut name = test.to_owned();
        if attempt > 1 {
            name.push_str(&format!(".attempt-{attempt}"));
        }
        Member { group, name }
    }
}

impl Place {
    /// Reads the environment.
    pub(crate) fn from_env(given: Option<PathBuf>) -> Place {
        Place {
            given,
            base: std::env::var_os("AUTOTEST_RESULTS")
                .filter(|base| !base.is_empty())
                .map(PathBuf::from),
            program: std::env::current_exe()
                .ok()
                .or_else(|| std::env::args_os().next().map(PathBuf::from))
                .unwrap_or_default(),
            under_cargo: is_under_cargo(),
            ..Place::default()
        }
    }

    /// The name of the suite, or of the binary, without the hash that cargo adds.
    pub(crate) fn binary(&self) -> String {
        if let Some(suite) = self.suite {
            return suite.to_owned();
        }
        let name = self
            .program
            .file_stem()
            .unwrap_or(OsStr::new("tests"))
            .to_string_lossy();
        match name.rsplit_once('-') {
            Some((name, hash)) if is_cargo_hash(hash) => name.to_owned(),
            _ => name.into_owned(),
        }
    }

    /// The directory of all jobs of this binary.
    fn home(&self) -> PathBuf {
        let target = self
            .program
            .ancestors()
            .find(|dir| dir.join("CACHEDIR.TAG").is_file());
        let base = match (self.base.as_ref().or(self.outputs.as_ref()), target) {
            (Some(base), _) => base.clone(),
            (None, Some(target)) if self.under_cargo => target.join("autotest"),
            (None, _) => PathBuf::from("autotest-results"),
        };
        base.join(self.binary())
    }

    /// Creates the job's directory, or nothing if the given one cannot be used.
    pub(crate) fn create(&self) -> Result<ResultsTree, ResultsError> {
        let home = self.home();
        let member = self.member.as_ref();
        let member = member.filter(|member| member.name.len() <= MAX_NAME_BYTES);
        let (jobdir, latest) = match (&self.given, member) {
            (Some(given), _) => (create_given(given)?, None),
            (None, Some(Member { group, name })) => {
                let created = create_next(&home.join(group), name)?;
                (home.join(group).join(created), Some(group.clone()))
            }
            (None, None) => {
                let created = create_next(&home, &time_name())?;
                (home.join(&created), Some(created))
            }
        };
        if let Some(latest) = latest.filter(|_| !self.is_for_engine()) {
            link_latest(&home, &latest);
        }
        Ok(ResultsTree {
            jobdir: absolute(&jobdir)?,
            installed: absolute(&self.installed(&home))?,
        })
    }

    /// `true` if results go to an engine's directory for outputs. The engine would follow the link `latest` and pack
    /// the job twice.
    fn is_for_engine(&self) -> bool {
        self.base.is_none() && self.outputs.is_some()
    }

    fn installed(&self, home: &Path) -> PathBuf {
        match &self.tmp {
            Some(tmp) if self.is_for_engine() => tmp.join("installed").join(self.binary()),
            _ => home.join("installed"),
        }
    }
}

/// `true` if cargo started this process, which means that its user is developing tests.
pub(crate) fn is_under_cargo() -> bool {
    std::env::var_os("CARGO_MANIFEST_DIR").is_some()
}

/// The directory of an existing job that the user named, possibly by the link `latest`.
pub(crate) fn of_job(named: &Path) -> PathBuf {
    fs::canonicalize(named).unwrap_or_else(|_| named.to_owned())
}

fn is_cargo_hash(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn absolute(path: &Path) -> Result<PathBuf, ResultsError> {
    std::path::absolute(path).map_err(|error| ResultsError::Create {
        path: path.to_owned(),
        error,
    })
}

fn create_given(given: &Path) -> Result<PathBuf, ResultsError> {
    let has_content = fs::read_dir(given).map(|mut entries| entries.next().is_some());
    match has_content {
        Ok(true) => Err(ResultsError::NotEmpty(given.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(ResultsError::IsFile(given.to_owned()))
        }
        Ok(false) | Err(_) => {
            let path = given.to_owned();
            fs::create_dir_all(given).map_err(|error| ResultsError::Create { path, error })?;
            check_writable(given)
        }
    }
}

/// Checks that files can be created in a directory, so that the job does not fail later.
fn check_writable(dir: &Path) -> Result<PathBuf, ResultsError> {
    match tempfile::tempfile_in(dir) {
        Ok(_) => Ok(dir.to_owned()),
        Err(error) => Err(ResultsError::Create {
            path: dir.to_owned(),
            error,
        }),
    }
}

/// Creates a directory called `name`, or `name.2` and so on if that exists. Returns its name.
fn create_next(home: &Path, name: &str) -> Result<String, ResultsError> {
    let failed = |error| ResultsError::Create {
        path: home.to_owned(),
        error,
    };
    fs::create_dir_all(home).map_err(failed)?;
    let mut tried = 1;
    loop {
        let name = match tried {
            1 => name.to_owned(),
            _ => format!("{name}.{tried}"),
        };
        match fs::create_dir(home.join(&name)) {
            Ok(()) => return Ok(name),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => tried += 1,
            Err(error) => return Err(failed(error)),
        }
    }
}

fn time_name() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0));
    LocalTime::at(now).in_file_name()
}

/// Updates the link `latest` by a rename, so that it is never missing. An error is ignored: the link is only a
/// convenience.
fn link_latest(home: &Path, name: &str) {
    let temporary = home.join(format!(".latest.{}", std::process::id()));
    let linked = std::os::unix::fs::symlink(name, &temporary)
        .and_then(|()| fs::rename(&temporary, home.join("latest")));
    if linked.is_err() {
        let _ = fs::remove_file(&temporary);
    }
}
