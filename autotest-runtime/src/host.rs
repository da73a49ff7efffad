//! The target of a test: directories, versioned setup, logs, caches.
//!
//! This module follows the original's rules for directories and modes. `autotest_core::lifecycle` decides
//! what runs when.

mod installed;

use std::cell::Cell;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use autotest_core::name::MAX_FILE_NAME_BYTES;
use autotest_core::{
    Directories, Failure, Host, PanicReport, ProfilerStep, RunResult, Subtest, TestError,
    TestResult, Version,
};

use crate::logging;
use crate::panics;
use installed::InstalledVersion;

/// The number of random letters at the beginning of a temporary directory's name, if it has no other prefix.
const TMP_RANDOM_CHARS: usize = 6;

/// The paths for the directories of one run; all absolute.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Places {
    /// `<results>/<job>`.
    pub jobdir: PathBuf,
    /// The output directory, which must exist.
    pub outputdir: PathBuf,
    /// The parent of temporary directories.
    pub tmp: PathBuf,
    /// The prefix of the temporary directory's name; random letters if it is empty.
    pub tmp_prefix: String,
    /// The directory of the test's files, created by the first setup.
    pub bindir: PathBuf,
    /// The lock file that serialises setups.
    pub setup_lock: PathBuf,
    /// Whether a run of this job holds that lock: the setup of a subtest must not wait for its parent.
    #[serde(skip)]
    pub is_setup_locked: Rc<Cell<bool>>,
    /// The name of the run, used for its logs and its temporary directory.
    pub tagged_testname: String,
}

impl Places {
    /// Creates the run's directories below its output directory, and a temporary directory.
    ///
    /// # Errors
    /// If one cannot be created, or exists already.
    pub fn create(&self) -> TestResult<Directories> {
        for name in ["results", "profiling", "debug"] {
            let path = self.outputdir.join(name);
            fs::create_dir(&path).map_err(|error| os_error(&error, &path))?;
        }
        Ok(self.made(self.create_tmpdir()?))
    }

    /// Creates the temporary directory, with mode 0700 as mkdtemp does; [`Host::open_to_others`] opens it.
    fn create_tmpdir(&self) -> TestResult<PathBuf> {
        let made = tempfile::Builder::new()
            .prefix(&self.tmp_prefix)
            .rand_bytes(if self.tmp_prefix.is_empty() {
                TMP_RANDOM_CHARS
            } else {
                0
            })
            .suffix(&self.tmp_suffix())
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(&self.tmp);
        let dir = made.map_err(|error| os_error(&error, &self.tmp))?;
        Ok(dir.keep())
    }

    /// The path of the temporary directory of a run with a `tmp_prefix`.
    pub(crate) fn tmpdir(&self) -> PathBuf {
        let (prefix, suffix) = (&self.tmp_prefix, self.tmp_suffix());
        self.tmp.join(format!("{prefix}{suffix}"))
    }

    /// The end of the temporary directory's name. A long name is cut, since the prefix is unique.
    fn tmp_suffix(&self) -> String {
        let before = self.tmp_prefix.len().max(TMP_RANDOM_CHARS) + "_".len();
        let mut end = MAX_FILE_NAME_BYTES.saturating_sub(before);
        end = end.min(self.tagged_testname.len());
        while !self.tagged_testname.is_char_boundary(end) {
            end -= 1;
        }
        format!("_{}", &self.tagged_testname[..end])
    }

    /// The run's directories, which exist already.
    pub(crate) fn made(&self, tmpdir: PathBuf) -> Directories {
        let below = |name| self.outputdir.join(name);
        Directories {
            resultsdir: below("results"),
            profdir: below("profiling"),
            debugdir: below("debug"),
            tmpdir,
            jobdir: self.jobdir.clone(),
            outputdir: self.outputdir.clone(),
            bindir: self.bindir.clone(),
            srcdir: self.bindir.join("src"),
        }
    }
}

/// Runs a subtest and waits for its end.
type Subtests = Box<dyn FnMut(Subtest) -> Result<RunResult, TestError>>;

/// The [`Host`] of one run on this machine.
pub struct TargetHost {
    places: Places,
    directories: Directories,
    are_directories_made: bool,
    cwd_before: Option<PathBuf>,
    setup_lock: Option<File>,
    subtests: Subtests,
}

impl std::fmt::Debug for TargetHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TargetHost")
            .field("places", &self.places)
            .finish_non_exhaustive()
    }
}

impl TargetHost {
    /// A host that calls `subtests` to run a subtest.
    pub fn new(
        places: Places,
        subtests: impl FnMut(Subtest) -> Result<RunResult, TestError> + 'static,
    ) -> TargetHost {
        let subtests = Box::new(subtests);
        let directories = Directories::default();
        TargetHost {
            places,
            directories,
            are_directories_made: false,
            cwd_before: None,
            setup_lock: None,
            subtests,
        }
    }

    /// Uses directories that exist already.
    #[must_use]
    pub(crate) fn within(mut self, directories: Directories) -> TargetHost {
        self.directories = directories;
        self.are_directories_made = true;
        self
    }

    fn version_file(&self) -> PathBuf {
        self.directories.srcdir.join(".version")
    }
}

impl Host for TargetHost {
    fn create_directories(&mut self) -> TestResult<Directories> {
        if !self.are_directories_made {
            self.directories = self.places.create()?;
        }
        Ok(self.directories.clone())
    }

    fn remove_tmpdir(&mut self) {
        let _ = remove_dir(&self.directories.tmpdir);
    }

    fn enter_outputdir(&mut self) -> TestResult {
        if self.cwd_before.is_none() {
            self.cwd_before = std::env::current_dir().ok();
        }
        Ok(std::env::set_current_dir(&self.directories.outputdir)?)
    }

    fn leave_outputdir(&mut self) {
        if let Some(before) = &self.cwd_before
            && let Err(error) = std::env::set_current_dir(before)
        {
            log::warn!("failed to return to `{}`: {error}", before.display());
        }
    }

    fn open_to_others(&mut self) -> TestResult {
        make_writable_to_others(&self.directories.tmpdir)?;
        Ok(make_writable_to_others(&self.directories.resultsdir)?)
    }

    fn tee_logs(&mut self) -> TestResult {
        logging::push(
            self.directories.debugdir.clone(),
            self.places.tagged_testname.clone(),
        );
        Ok(())
    }

    fn restore_logs(&mut self) {
        logging::pop();
    }

    fn has_srcdir(&mut self) -> bool {
        self.directories.srcdir.is_dir()
    }

    fn lock_setup(&mut self) -> TestResult {
        let Places {
            setup_lock, bindir, ..
        } = &self.places;
        let dir = setup_lock.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(dir).map_err(|error| os_error(&error, dir))?;
        fs::create_dir_all(bindir).map_err(|error| os_error(&error, bindir))?;
        if !self.places.is_setup_locked.get() {
            let mut options = OpenOptions::new();
            options.create(true).write(true).truncate(false);
            let file = options
                .open(setup_lock)
                .map_err(|error| os_error(&error, setup_lock))?;
            file.lock()?;
            self.places.is_setup_locked.set(true);
            self.setup_lock = Some(file);
        }
        Ok(())
    }

    fn unlock_setup(&mut self) {
        // Closing the file releases the lock.
        if self.setup_lock.take().is_some() {
            self.places.is_setup_locked.set(false);
        }
    }

    fn is_installed(&mut self, version: Version) -> TestResult<bool> {
        match fs::read_to_string(self.version_file()) {
            Ok(text) => Ok(InstalledVersion::parse(&text).is_some_and(|v| v.equals(version))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn remove_srcdir(&mut self) -> TestResult {
        Ok(remove_dir(&self.directories.srcdir)?)
    }

    fn record_installed(&mut self, version: Version) -> TestResult {
        if !self.directories.srcdir.is_dir() {
            return Ok(());
        }
        let mut file = tempfile::NamedTempFile::new_in(self.directories.srcdir.as_path())?;
        file.write_all(InstalledVersion::of(version).render().as_bytes())?;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(0o644))?;
        file.persist(self.version_file().as_path())
            .map_err(|error| error.error)?;
        Ok(())
    }

    fn drop_caches(&mut self) {
        drop_caches();
    }

    fn take_panic(&mut self) -> Option<PanicReport> {
        panics::take()
    }

    fn has_profilers(&mut self) -> bool {
        false
    }

    fn are_profilers_active(&mut self) -> bool {
        false
    }

    fn profile(&mut self, _step: ProfilerStep, _iteration: u64) -> TestResult {
        Ok(())
    }

    fn read_file(&mut self, path: &Path) -> io::Result<String> {
        fs::read_to_string(path)
    }

    fn write_file(&mut self, path: &Path, text: &str) -> io::Result<()> {
        crate::fs::overwrite(path, text)
    }

    fn run_subtest(&mut self, subtest: Subtest) -> Result<RunResult, TestError> {
        (self.subtests)(subtest)
    }
}

/// The failure for an error of the operating system, with the path and, as in the original, the class
/// `OSError`.
fn os_error(error: &io::Error, path: &Path) -> Failure {
    Failure::foreign(
        "OSError",
        format!("failed to create `{}`: {error}", path.display()),
    )
}

/// Removes a directory and its content. Most directories are empty, so `remove_dir` is tried first.
///
/// # Errors
/// If something cannot be removed. A missing directory is not an error.
pub(crate) fn remove_dir(directory: &Path) -> io::Result<()> {
    let removed = match fs::remove_dir(directory) {
        Err(error) if error.kind() != ErrorKind::NotFound => fs::remove_dir_all(directory),
        removed => removed,
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Adds o+rwx: programs of other users write results there, too.
fn make_writable_to_others(directory: &Path) -> io::Result<()> {
    let mode = fs::metadata(directory)?.permissions().mode();
    fs::set_permissions(directory, fs::Permissions::from_mode(mode | 0o007))
}

/// Writes dirty pages back and drops the kernel's caches. Without permission to drop them, only logs that.
#[expect(unsafe_code, reason = "sync(2) has no other name")]
fn drop_caches() {
    // SAFETY: sync takes nothing and always succeeds.
    unsafe { libc::sync() };
    if let Err(error) = fs::write("/proc/sys/vm/drop_caches", "3\n") {
        log::debug!("failed to drop caches: {error}");
    }
}
