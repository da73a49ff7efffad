//! The page for people: what it shows of a run, and what it reads of its files.

mod content;
mod files;
mod jobs;
mod trend;

use autotest_core::{Args, Declared, Event, TestStart};
use autotest_report::Html;
use scraper::{ElementRef, Selector};

use crate::job::Job;
use crate::tree::Home;

/// A page as a browser reads it.
struct Read(scraper::Html);

impl Read {
    fn of(page: &str) -> Read {
        Read(scraper::Html::parse_document(page))
    }

    fn elements(&self, selector: &str) -> Vec<ElementRef<'_>> {
        self.0.select(&Selector::parse(selector).unwrap()).collect()
    }

    /// The text of each element.
    fn texts(&self, selector: &str) -> Vec<String> {
        let elements = self.elements(selector).into_iter();
        elements.map(|element| element.text().collect()).collect()
    }

    fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let elements = self.elements(selector).into_iter();
        elements
            .map(|element| element.attr(name).unwrap_or("none").to_owned())
            .collect()
    }
}

/// The page that is in the directory of a job.
fn page(home: &Home, job: &Job) -> Read {
    job.report_to(&mut Html::new(job.journal(), &home.jobdir(), &home.tree()));
    Read::of(&home.read("report.html"))
}

/// Begins the run 1 of `a`.
fn start(job: &mut Job, args: Args, declared: Declared) {
    let start = TestStart {
        test: "a".to_owned(),
        subdir: "a".to_owned(),
        operation: "a".to_owned(),
        args,
        declared: Some(Box::new(declared)),
        ..TestStart::default()
    };
    job.send(1, Event::TestStart(start));
}

/// A job whose only run passed.
fn passed() -> Job {
    let mut job = Job::of(&["a"]);
    job.start(1, "a").pass(1).end_job();
    job
}
