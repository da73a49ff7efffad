//! The paths of a run's directories.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::rc::Rc;

use autotest_core::name::MAX_FILE_NAME_BYTES;
use autotest_core::{Directories, TestResult};

use super::os_error;

/// The number of random letters at the beginning of a temporary directory's name, if no other prefix is set.
const TMP_RANDOM_CHARS: usize = 6;

/// The paths of the directories of one run; all absolute.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Places {
    /// `<results>/<job>`.
    pub jobdir: PathBuf,
    /// The output directory, which must exist.
    pub outputdir: PathBuf,
    /// The directory for temporary directories.
    pub tmp: PathBuf,
    /// The prefix of the temporary directory's name; random letters if it is empty.
    pub tmp_prefix: String,
    /// The directory of the test's data files; the parent of `srcdir` if it has none.
    pub bindir: PathBuf,
    /// The directory that setup fills.
    pub srcdir: PathBuf,
    /// The lock file that serialises setups.
    pub setup_lock: PathBuf,
    /// `true` if a run of this job holds that lock: the setup of a subtest must not wait for its parent.
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

    /// The path of the temporary directory of a run whose `tmp_prefix` is set.
    pub(crate) fn tmpdir(&self) -> PathBuf {
        let (prefix, suffix) = (&self.tmp_prefix, self.tmp_suffix());
        self.tmp.join(format!("{prefix}{suffix}"))
    }

    /// The end of the temporary directory's name. A long name is cut; the prefix already makes it unique.
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
            srcdir: self.srcdir.clone(),
        }
    }
}
