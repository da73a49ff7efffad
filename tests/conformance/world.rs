//! The directories of one case, and what a run leaves in them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use autotest::Places;
use serde_json::{Map, Value as Json, json};

use crate::scenario::{PriorSrc, Scenario};

/// A temporary root that looks like the original's.
pub(crate) struct World {
    /// Removes it.
    _temporary: tempfile::TempDir,
    pub(crate) root: PathBuf,
    pub(crate) places: Places,
}

impl World {
    /// Makes the directories that a job makes before it runs the test.
    pub(crate) fn create(scenario: &Scenario) -> io::Result<World> {
        let temporary = tempfile::tempdir()?;
        let root = temporary.path().canonicalize()?;
        let places = places(&root, scenario);
        for dir in [&places.jobdir, &places.tmp, &places.bindir] {
            fs::create_dir_all(dir)?;
        }
        if scenario.outputdir_exists {
            fs::create_dir_all(&places.outputdir)?;
        }
        for name in &scenario.outputdir_has {
            fs::create_dir_all(places.outputdir.join(name))?;
        }
        if let Some(prior) = &scenario.prior_src {
            install(&places.bindir.join("src"), prior)?;
        }
        Ok(World {
            _temporary: temporary,
            root,
            places,
        })
    }
}

fn places(root: &Path, scenario: &Scenario) -> Places {
    let auto = root.join("auto");
    let jobdir = root.join("results/default");
    let bindir = auto
        .join(tests(scenario))
        .join(scenario.url.replace(':', "/"));
    Places {
        outputdir: jobdir.join(scenario.subdir()),
        jobdir,
        tmp: auto.join("tmp"),
        srcdir: bindir.join("src"),
        bindir,
        setup_lock: auto.join("tmp/.testlock"),
        is_setup_locked: Default::default(),
        tagged_testname: scenario.tagged_testname(),
        tmp_prefix: String::new(),
    }
}

/// Tests of the site come before others.
fn tests(scenario: &Scenario) -> &'static str {
    let in_site = scenario
        .installed_in
        .iter()
        .any(|place| place == "site_testdir");
    if scenario.job.site_testdir && in_site {
        "site_tests"
    } else {
        "tests"
    }
}

fn install(srcdir: &Path, prior: &PriorSrc) -> io::Result<()> {
    fs::create_dir_all(srcdir)?;
    for (name, text) in &prior.files {
        fs::write(srcdir.join(name), text)?;
    }
    match &prior.version {
        Some(version) => fs::write(srcdir.join(".version"), pickled(version)),
        None => Ok(()),
    }
}

/// Python 2's pickle of a number or a text.
fn pickled(version: &Json) -> String {
    match version {
        Json::Number(number) if number.is_f64() => format!("F{number}\n."),
        Json::Bool(truth) => format!("I0{}\n.", u8::from(*truth)),
        Json::String(text) => format!("S'{text}'\np0\n."),
        other => format!("I{other}\n."),
    }
}

/// The reverse, for what a run leaves.
fn unpickled(text: &str) -> Json {
    let (kind, rest) = text.lines().next().unwrap_or_default().split_at(1);
    match kind {
        "I" => rest.parse::<i64>().map_or(Json::Null, Json::from),
        "F" => rest.parse::<f64>().map_or(Json::Null, Json::from),
        _ => Json::from(rest.trim_matches('\'')),
    }
}

/// All directories below `dir`, as paths from there.
pub(crate) fn directories(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    walk(dir, &mut |path, is_dir| {
        if is_dir {
            found.push(below(dir, path));
        }
    });
    found.sort();
    found
}

/// All files below `dir`, as paths from there.
fn files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    walk(dir, &mut |path, is_dir| {
        if !is_dir {
            found.push(below(dir, path));
        }
    });
    found.sort();
    found
}

fn below(dir: &Path, path: &Path) -> String {
    path.strip_prefix(dir)
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}

fn walk(dir: &Path, visit: &mut dyn FnMut(&Path, bool)) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_dir = path.is_dir();
        visit(&path, is_dir);
        if is_dir {
            walk(&path, visit);
        }
    }
}

impl World {
    /// The keyval and perf files of the run, by their path below the job's directory.
    pub(crate) fn result_files(&self, record_raw: bool) -> Map<String, Json> {
        let chart = record_raw.then_some("results/results-chart.json");
        let names = ["keyval", "results/keyval", "results/perf_measurements"]
            .into_iter()
            .chain(chart);
        names.filter_map(|name| self.result_file(name)).collect()
    }

    /// The chart, parsed.
    pub(crate) fn result_json_files(&self) -> Map<String, Json> {
        let (name, text) = match self.result_file("results/results-chart.json") {
            Some((name, Json::String(text))) => (name, text),
            _ => return Map::new(),
        };
        let chart = serde_json::from_str(&text).unwrap_or_else(|error| json!(error.to_string()));
        Map::from_iter([(name, chart)])
    }

    fn result_file(&self, name: &str) -> Option<(String, Json)> {
        let path = self.places.outputdir.join(name);
        let text = fs::read_to_string(&path).ok()?;
        Some((below(&self.places.jobdir, &path), text.into()))
    }

    /// The installed `src`, if there is one.
    pub(crate) fn src(&self) -> Map<String, Json> {
        let srcdir = self.places.bindir.join("src");
        if !srcdir.is_dir() {
            return Map::new();
        }
        let version = fs::read_to_string(srcdir.join(".version"));
        let version = version.map_or(Json::Null, |text| unpickled(&text));
        let names: Vec<_> = files(&srcdir)
            .into_iter()
            .filter(|name| name != ".version")
            .collect();
        let key = srcdir.to_string_lossy().into_owned();
        Map::from_iter([(key, json!({ "version": version, "files": names }))])
    }
}
