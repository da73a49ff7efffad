//! A job without a framework: for each test the same directories, a process, the same files.

#![expect(unsafe_code, reason = "fork, _exit and waitpid")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::names;

/// What a real job left: what is written again, byte for byte.
pub(crate) struct Template {
    /// Files of the job, by name.
    job_files: Vec<(PathBuf, Vec<u8>)>,
    status_log: Log,
    journal: Log,
    /// Directories of a test, below its own.
    dirs: Vec<PathBuf>,
    /// Files of a test, below its directory.
    files: Vec<(PathBuf, Vec<u8>)>,
    is_synced: bool,
}

/// A file that each test adds to.
struct Log {
    head: Vec<u8>,
    /// What is added before a test's process is started. Empty but where the journal is synchronised:
    /// else one call adds all of it.
    before: Vec<u8>,
    after: Vec<u8>,
    tail: Vec<u8>,
}

impl Template {
    /// Reads what a job in `jobdir` left. The test in its middle stands for each.
    pub(crate) fn read(jobdir: &Path, is_synced: bool) -> io::Result<Template> {
        let status_log = fs::read_to_string(jobdir.join("status.log"))?;
        let journal = fs::read_to_string(jobdir.join("journal.jsonl"))?;
        let runs = status_log
            .lines()
            .filter(|line| line.starts_with("\tSTART"))
            .count();
        let model = names::subdir(runs / 2);
        let status_log = Log::new(&status_log, "\t----\t", &format!("\t{model}\t"), false);
        let run = format!("\"run\":{},", runs / 2 + 1);
        let mut template = Template {
            job_files: Vec::new(),
            status_log,
            journal: Log::new(&journal, "\"run\":0,", &run, is_synced),
            dirs: Vec::new(),
            files: Vec::new(),
            is_synced,
        };
        for entry in fs::read_dir(jobdir)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_file() && name != "status.log" && name != "journal.jsonl" {
                template.job_files.push((name.into(), fs::read(path)?));
            }
        }
        template.read_test(&jobdir.join(model), Path::new(""))?;
        Ok(template)
    }

    fn read_test(&mut self, test: &Path, below: &Path) -> io::Result<()> {
        for entry in fs::read_dir(test.join(below))? {
            let path = below.join(entry?.file_name());
            if test.join(&path).is_dir() {
                self.dirs.push(path.clone());
                self.read_test(test, &path)?;
            } else {
                let bytes = fs::read(test.join(&path))?;
                self.files.push((path, bytes));
            }
        }
        Ok(())
    }

    /// Leaves a job of `runs` tests in `results`. Returns how many seconds the `last` of them took.
    pub(crate) fn run(
        mut self,
        results: &Path,
        tmp: &str,
        runs: usize,
        last: usize,
    ) -> io::Result<f64> {
        fs::create_dir(results)?;
        std::env::set_current_dir(results)?;
        let mut status_log = self.status_log.begin("status.log")?;
        let mut journal = self.journal.begin("journal.jsonl")?;
        for (name, bytes) in std::mem::take(&mut self.job_files) {
            fs::write(name, bytes)?;
        }
        let tmp = format!("{tmp}/floor");
        let mut start = Instant::now();
        for run in 0..runs {
            if run + last == runs {
                start = Instant::now();
            }
            self.run_test(&names::subdir(run), &tmp, &mut status_log, &mut journal)?;
        }
        let last_s = start.elapsed().as_secs_f64();
        status_log.write_all(&self.status_log.tail)?;
        journal.write_all(&self.journal.tail)?;
        Ok(last_s)
    }

    fn run_test(
        &self,
        subdir: &str,
        tmp: &str,
        status_log: &mut File,
        journal: &mut File,
    ) -> io::Result<()> {
        let subdir = Path::new(subdir);
        fs::create_dir(subdir)?;
        for dir in &self.dirs {
            fs::create_dir(subdir.join(dir))?;
        }
        fs::create_dir(tmp)?;
        if self.is_synced {
            journal.write_all(&self.journal.before)?;
            journal.sync_data()?;
        }
        run_nothing()?;
        for (name, bytes) in &self.files {
            fs::write(subdir.join(name), bytes)?;
        }
        fs::remove_dir(tmp)?;
        status_log.write_all(&self.status_log.after)?;
        journal.write_all(&self.journal.after)?;
        if self.is_synced {
            journal.sync_data()?;
        }
        Ok(())
    }
}

impl Log {
    /// Lines that have `job` are the job's, those that have `test` are what each test adds.
    fn new(text: &str, job: &str, test: &str, is_synced: bool) -> Log {
        let of = |mark: &str| {
            let lines = text.split_inclusive('\n');
            lines
                .filter(|line| line.contains(mark))
                .map(String::from)
                .collect::<Vec<_>>()
        };
        let (mut head, mut after) = (of(job), of(test));
        let tail = head.pop().unwrap_or_default();
        let before = match is_synced && !after.is_empty() {
            true => after.remove(0),
            false => String::new(),
        };
        Log {
            head: head.concat().into(),
            before: before.into(),
            after: after.concat().into(),
            tail: tail.into(),
        }
    }

    /// Makes the file, with what the job says at its beginning.
    fn begin(&mut self, name: &str) -> io::Result<File> {
        let mut file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(name)?;
        file.write_all(&std::mem::take(&mut self.head))?;
        Ok(file)
    }
}

/// Has a process begin and end.
fn run_nothing() -> io::Result<()> {
    // SAFETY: this process has one thread; the child does nothing but end.
    unsafe {
        match libc::fork() {
            -1 => Err(io::Error::last_os_error()),
            0 => libc::_exit(0),
            child => match libc::waitpid(child, std::ptr::null_mut(), 0) {
                -1 => Err(io::Error::last_os_error()),
                _ => Ok(()),
            },
        }
    }
}
