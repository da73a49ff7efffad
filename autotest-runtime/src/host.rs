//! The target side of a test: directories, versioned setup, logs, caches.
//!
//! This module follows the original's rules for directories and modes. `autotest_core::lifecycle` decides the order in
//! which they apply.

mod installed;
mod places;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use autotest_core::{
    Directories, Failure, Host, PanicReport, ProfilerStep, RunResult, Subtest, TestError,
    TestResult, Version,
};

use crate::caches;
use crate::logging;
use crate::panics;
use installed::InstalledVersion;

pub use places::Places;

/// Runs a subtest and waits until it ends.
type Subtests = Box<dyn FnMut(Subtest) -> Result<RunResult, TestError>>;

/// Makes the run's profilers perform a step. Returns whether they are active afterwards.
#[cfg(feature = "profilers")]
pub(crate) type Profile = Box<dyn FnMut(ProfilerStep, u64) -> Result<bool, TestError>>;

/// The profilers of a run.
#[cfg(feature = "profilers")]
struct Profilers {
    ask: Profile,
    are_active: bool,
}

/// The [`Host`] of one run on this machine.
pub struct TargetHost {
    places: Places,
    directories: Directories,
    are_directories_made: bool,
    cwd_before: Option<PathBuf>,
    setup_lock: Option<File>,
    subtests: Subtests,
    /// Collects sysinfo.
    #[cfg(feature = "sysinfo")]
    collect: Option<Collect>,
    /// `None` if the run has no profilers.
    #[cfg(feature = "profilers")]
    profilers: Option<Profilers>,
}

/// Has the supervisor collect a step's sysinfo, and waits until the test may continue.
#[cfg(feature = "sysinfo")]
type Collect = Box<dyn FnMut(autotest_core::SysinfoStep)>;

impl std::fmt::Debug for TargetHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TargetHost")
            .field("places", &self.places)
            .finish_non_exhaustive()
    }
}

impl TargetHost {
    /// A host that runs subtests through `subtests`.
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
            #[cfg(feature = "sysinfo")]
            collect: None,
            #[cfg(feature = "profilers")]
            profilers: None,
        }
    }

    /// Uses `collect` to collect sysinfo.
    #[cfg(feature = "sysinfo")]
    #[must_use]
    pub(crate) fn collecting(mut self, collect: Option<Collect>) -> TargetHost {
        self.collect = collect;
        self
    }

    /// Uses existing directories.
    #[must_use]
    pub(crate) fn within(mut self, directories: Directories) -> TargetHost {
        self.directories = directories;
        self.are_directories_made = true;
        self
    }

    /// Uses `ask` for each step of the run's profilers.
    #[cfg(feature = "profilers")]
    #[must_use]
    pub(crate) fn profiled(mut self, ask: Profile) -> TargetHost {
        self.profilers = Some(Profilers {
            ask,
            are_active: false,
        });
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
            setup_lock, srcdir, ..
        } = &self.places;
        let own = srcdir.parent().unwrap_or(srcdir);
        let dir = setup_lock.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(dir).map_err(|error| os_error(&error, dir))?;
        fs::create_dir_all(own).map_err(|error| os_error(&error, own))?;
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
        caches::drop_caches();
    }

    #[cfg(feature = "sysinfo")]
    fn collect_sysinfo(&mut self, step: autotest_core::SysinfoStep) {
        if let Some(collect) = &mut self.collect {
            collect(step);
        }
    }

    fn take_panic(&mut self) -> Option<PanicReport> {
        panics::take()
    }

    #[cfg(feature = "profilers")]
    fn has_profilers(&mut self) -> bool {
        self.profilers.is_some()
    }

    #[cfg(feature = "profilers")]
    fn are_profilers_active(&mut self) -> bool {
        self.profilers.as_ref().is_some_and(|it| it.are_active)
    }

    #[cfg(feature = "profilers")]
    fn profile(&mut self, step: ProfilerStep, iteration: u64) -> TestResult {
        if let Some(profilers) = &mut self.profilers {
            profilers.are_active = (profilers.ask)(step, iteration)?;
        }
        Ok(())
    }

    #[cfg(not(feature = "profilers"))]
    fn has_profilers(&mut self) -> bool {
        false
    }

    #[cfg(not(feature = "profilers"))]
    fn are_profilers_active(&mut self) -> bool {
        false
    }

    #[cfg(not(feature = "profilers"))]
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

/// The failure for an error while creating `path`, with the class `OSError` as in the original.
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

/// Adds o+rwx, since programs of other users write results there, too.
fn make_writable_to_others(directory: &Path) -> io::Result<()> {
    let mode = fs::metadata(directory)?.permissions().mode();
    fs::set_permissions(directory, fs::Permissions::from_mode(mode | 0o007))
}
