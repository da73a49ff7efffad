//! What each report makes of a journal.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::rc::Rc;

use autotest_report::{
    Html, JobFiles, JsonEvents, Junit, JunitPlace, KeyvalFiles, Ktap, Lava, LibtestJson, Logfile,
    PerfFiles, Replay, Report, ShowOptions, StatusLog, Style, Tap, TapFiles, TapVersion, Terminal,
    Tree,
};

use crate::page;

/// The text of each report, by the name of its file in `expected`.
pub(crate) type Outputs = BTreeMap<&'static str, String>;

/// What the reports made of a journal, byte for byte.
pub(crate) struct Replayed {
    pub(crate) outputs: Outputs,
    jobdirs: BTreeMap<&'static str, String>,
}

impl Replayed {
    /// The outputs without what differs from run to run.
    pub(crate) fn normal(&self) -> Outputs {
        let normal = |(name, output): (&&'static str, &String)| {
            let output = output.replace(&self.jobdirs[name], "<jobdir>");
            match *name {
                "report.html" => (*name, page::normal(&output)),
                name => (name, output),
            }
        };
        self.outputs.iter().map(normal).collect()
    }
}

/// Makes a report.
type Make = fn(&Place) -> Box<dyn Report>;

/// Where a report finds and puts things.
struct Place {
    jobdir: std::path::PathBuf,
    tree: Tree,
    journal: File,
    out: Shared,
}

/// Reports of the results tree.
const FILES: &[(&str, Make)] = &[
    ("status_log.txt", |place| {
        Box::new(StatusLog::new(&place.tree))
    }),
    ("keyval_files.txt", |place| {
        Box::new(KeyvalFiles::new(&place.tree))
    }),
    ("perf_files.txt", |place| {
        Box::new(PerfFiles::new(&place.tree))
    }),
    ("job_files.txt", |place| {
        Box::new(JobFiles::new(&place.tree))
    }),
    ("tap_files.txt", |place| {
        Box::new(TapFiles::new(&place.tree, place.journal()))
    }),
    ("report.html", |place| {
        Box::new(Html::new(place.journal(), &place.jobdir, &place.tree))
    }),
    ("tap_in_tree.txt", |place| {
        Box::new(Tap::new(place.tree.append_to("tap"), None))
    }),
];

/// Reports of standard output.
const STREAMS: &[(&str, Make)] = &[
    ("pretty.txt", |place| terminal(place, Style::Pretty, false)),
    ("pretty_with_output.txt", |place| {
        terminal(place, Style::Pretty, true)
    }),
    ("terse.txt", |place| terminal(place, Style::Terse, false)),
    ("tap.txt", |place| {
        Box::new(Tap::new(place.out(), Some(&place.jobdir)))
    }),
    ("tap14.txt", |place| {
        let (version, jobdir) = (TapVersion::V14, Some(place.jobdir.as_path()));
        Box::new(Tap::in_dialect(place.out(), version, jobdir))
    }),
    ("ktap.txt", |place| {
        Box::new(Ktap::new(place.out(), Some(&place.jobdir)))
    }),
    ("lava.txt", |place| Box::new(Lava::new(place.out()))),
    ("libtest.jsonl", |place| {
        Box::new(LibtestJson::new(place.out(), &place.jobdir, true))
    }),
    ("json_events.jsonl", |place| {
        Box::new(JsonEvents::new(place.out()))
    }),
    ("logfile.txt", |place| Box::new(Logfile::new(place.out()))),
    ("junit.xml", |place| {
        let out = JunitPlace::Stream(Box::new(place.out()));
        Box::new(Junit::new(place.journal(), &place.jobdir, out))
    }),
];

fn terminal(place: &Place, style: Style, output: bool) -> Box<dyn Report> {
    let shown = ShowOptions {
        style,
        output,
        ..ShowOptions::default()
    };
    Box::new(Terminal::new(place.out(), &place.jobdir, shown))
}

/// All of them, each in a directory of its own.
pub(crate) fn outputs(case: &Path) -> Replayed {
    let mut replayed = Replayed {
        outputs: BTreeMap::new(),
        jobdirs: BTreeMap::new(),
    };
    let stream = |place: &Place| String::from_utf8(place.out.0.borrow().clone()).unwrap();
    for (name, make) in FILES {
        replay(case, (name, *make), files_in, &mut replayed);
    }
    for (name, make) in STREAMS {
        replay(case, (name, *make), stream, &mut replayed);
    }
    replayed
}

fn replay(
    case: &Path,
    (name, make): (&'static str, Make),
    output: impl Fn(&Place) -> String,
    replayed: &mut Replayed,
) {
    let home = tempfile::tempdir().unwrap();
    let jobdir = home.path().join("job");
    copy(&case.join("printed"), &jobdir);
    let journal = || File::open(case.join("events.jsonl")).unwrap();
    let place = Place {
        tree: Tree::open(&jobdir).unwrap(),
        journal: journal(),
        jobdir,
        out: Shared::default(),
    };
    let mut report = make(&place);
    for record in Replay::new(journal()).unwrap() {
        report.record(&record).unwrap();
    }
    report.finish().unwrap();
    drop(report);
    let output = match name {
        "report.html" => fs::read_to_string(place.jobdir.join(name)).unwrap(),
        _ => output(&place),
    };
    replayed.outputs.insert(name, output);
    let jobdir = place.jobdir.to_str().unwrap();
    replayed.jobdirs.insert(name, jobdir.to_owned());
}

impl Place {
    fn out(&self) -> Shared {
        self.out.clone()
    }

    fn journal(&self) -> File {
        self.journal.try_clone().unwrap()
    }
}

/// A writer that can be read while a report has it.
#[derive(Clone, Debug, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The files that a report made, one behind the other.
fn files_in(place: &Place) -> String {
    let mut paths = Vec::new();
    walk(&place.jobdir, "", &mut paths);
    paths.sort();
    paths.retain(|path| !path.ends_with("debug/stdout") && !path.ends_with("debug/stderr"));
    let file = |path: &String| {
        let bytes = fs::read(place.jobdir.join(path)).unwrap();
        let text = match path.as_str() {
            "tap.tar.gz" => listing(&bytes),
            _ => String::from_utf8(bytes).unwrap(),
        };
        format!("==> {path}\n{text}\n")
    };
    paths.iter().map(file).collect()
}

/// The members of an archive; how they are compressed is not ours to promise.
fn listing(bytes: &[u8]) -> String {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let member = |entry: io::Result<tar::Entry<'_, _>>| {
        let mut entry: tar::Entry<'_, flate2::read::GzDecoder<&[u8]>> = entry.unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        let header = entry.header();
        let (mode, uid, mtime) = (header.mode(), header.uid(), header.mtime());
        let (mode, uid, mtime) = (mode.unwrap(), uid.unwrap(), mtime.unwrap());
        let path = entry.path().unwrap().display().to_string();
        format!("{mode:o} {uid} {mtime} {} {path}\n", text.len())
    };
    archive.entries().unwrap().map(member).collect()
}

fn walk(dir: &Path, prefix: &str, paths: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &format!("{name}/"), paths);
        } else {
            paths.push(name);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let Ok(entries) = fs::read_dir(from) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(path, to).unwrap();
        }
    }
}
