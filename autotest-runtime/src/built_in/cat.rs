//! The original's `catprofile`: copies files periodically.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use autotest_core::{TestError, TestResult};

use super::sampler::{Sampler, asctime};
use crate::profilers::ProfilerContext;

/// The separator between two samples.
const END: &str = "=========================";

#[derive(Debug, Default)]
pub(super) struct Cat {
    files: Vec<PathBuf>,
    outfile: String,
    interval: Duration,
    sampler: Option<Sampler>,
}

/// Copies files again and again, by default /proc/meminfo and /proc/slabinfo every second.
///
/// Each sample is the time, and the content of each file after a line with its name.
#[autotest_macros::profiler(name = "cat")]
impl Cat {
    fn initialize(
        &mut self,
        /// The files, as a JSON list.
        #[param(default = vec![PathBuf::from("/proc/meminfo"), PathBuf::from("/proc/slabinfo")])]
        filenames: Vec<PathBuf>,
        /// The file in `profiling`.
        #[param(default = "monitor")]
        outfile: String,
        /// The time between two samples.
        #[param(default = "1s")]
        interval: Duration,
    ) -> TestResult {
        super::check_file_name("outfile", &outfile)?;
        if filenames.iter().all(|file| File::open(file).is_err()) {
            let names: Vec<_> = filenames
                .iter()
                .map(|file| format!("`{}`", file.display()))
                .collect();
            let names = names.join(", ");
            let reason =
                format!("cannot read any of {names}: run as root, or choose other `filenames`");
            return Err(TestError::error(reason).into());
        }
        (self.files, self.outfile, self.interval) = (filenames, outfile, interval);
        Ok(())
    }

    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let mut out = File::create(cx.profdir().join(&self.outfile))?;
        let files = self.files.clone();
        let sampler = Sampler::start(self.interval, move |_| out.write_all(&sample(&files)?))?;
        self.sampler = Some(sampler);
        Ok(())
    }

    fn stop(&mut self) -> TestResult {
        Ok(self.sampler.take().map_or(Ok(()), Sampler::stop)?)
    }
}

fn sample(files: &[PathBuf]) -> io::Result<Vec<u8>> {
    let mut sample = Vec::new();
    writeln!(sample, "{}", asctime())?;
    for file in files {
        writeln!(sample, "----- {} -----", file.display())?;
        match fs::read(file) {
            Ok(content) => sample.extend(content),
            Err(error) => writeln!(sample, "(failed to read it: {error})")?,
        }
    }
    writeln!(sample, "\n{END}")?;
    Ok(sample)
}
