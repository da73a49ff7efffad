//! The only suite of a document: the elements and attributes for a job and its cases, and their order.
//!
//! The groups and branches around a case are in its `classname`, behind the name of the job. Jenkins and GitLab
//! read that; they accept suites in suites, but flatten them
//! (<https://github.com/jenkinsci/junit-plugin/blob/master/src/main/java/hudson/tasks/junit/SuiteResult.java>,
//! <https://gitlab.com/gitlab-org/gitlab/-/blob/master/lib/gitlab/ci/parsers/test/junit.rb>).
//!
//! This module must not decide the result of a case.

use std::time::Duration;

use super::xml::{Tag, Xml};
use crate::localtime::LocalTime;

/// A suite under construction.
#[derive(Debug)]
pub(super) struct Suite {
    pub(super) label: String,
    pub(super) hostname: Option<String>,
    /// The start time, in seconds since 1970.
    pub(super) start: Option<f64>,
    /// The end time, in seconds since 1970.
    pub(super) end: Option<f64>,
    pub(super) properties: Vec<Property>,
    cases: Xml,
    counts: Counts,
}

/// A name and a value.
pub(super) type Property = (String, String);

/// A test case.
#[derive(Default)]
pub(super) struct Case<'a> {
    pub(super) name: &'a str,
    /// The groups and branches around it, in one text; empty if there are none.
    pub(super) place: &'a str,
    pub(super) start: Option<f64>,
    pub(super) elapsed_s: Option<f64>,
    pub(super) properties: Vec<Property>,
    pub(super) trouble: Option<Trouble>,
    pub(super) stdout: Option<String>,
    pub(super) stderr: Option<String>,
}

/// Why a case did not succeed.
pub(super) struct Trouble {
    pub(super) kind: TroubleKind,
    pub(super) message: Option<String>,
    pub(super) ty: Option<&'static str>,
    pub(super) text: Option<String>,
}

#[derive(Clone, Copy)]
pub(super) enum TroubleKind {
    Skipped,
    Failure,
    Error,
}

#[derive(Debug, Default)]
struct Counts {
    tests: usize,
    skipped: usize,
    failures: usize,
    errors: usize,
}

impl Suite {
    pub(super) fn new() -> Suite {
        Suite {
            label: "tests".to_owned(),
            hostname: None,
            start: None,
            end: None,
            properties: Vec::new(),
            cases: Xml::at(2),
            counts: Counts::default(),
        }
    }

    pub(super) fn property(&mut self, name: &str, value: &str) {
        self.properties.push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn add(&mut self, case: Case<'_>) {
        self.counts.tests += 1;
        match case.trouble.as_ref().map(|trouble| trouble.kind) {
            None => {}
            Some(TroubleKind::Skipped) => self.counts.skipped += 1,
            Some(TroubleKind::Failure) => self.counts.failures += 1,
            Some(TroubleKind::Error) => self.counts.errors += 1,
        }
        case.add_to(&mut self.cases, &self.label);
    }

    pub(super) fn into_document(self) -> String {
        let mut xml = Xml::at(0);
        xml.open(self.tag("testsuites", ["tests", "skipped", "failures", "errors"]));
        let tag = self.tag("testsuite", ["tests", "skipped", "errors", "failures"]);
        let tag = tag.with_some("hostname", self.hostname.as_deref());
        if self.properties.is_empty() && self.counts.tests == 0 {
            xml.empty(tag);
        } else {
            xml.open(tag);
            add_properties(&mut xml, &self.properties);
            xml.add(self.cases);
            xml.close("testsuite");
        }
        xml.close("testsuites");
        let text = xml.into_text();
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}")
    }

    /// The tag of an element for all cases.
    fn tag(&self, name: &str, counts: [&str; 4]) -> Tag {
        let mut tag = Tag::new(name).with("name", &self.label);
        for name in counts {
            let count = match name {
                "tests" => self.counts.tests,
                "skipped" => self.counts.skipped,
                "failures" => self.counts.failures,
                _ => self.counts.errors,
            };
            tag = tag.with(name, &count.to_string());
        }
        let time = self.end.zip(self.start).map(|(end, start)| end - start);
        timed(tag, self.start, time)
    }
}

impl Case<'_> {
    fn add_to(self, xml: &mut Xml, label: &str) {
        let class = match self.place {
            "" => label,
            place => &format!("{label}.{place}"),
        };
        let tag = Tag::new("testcase")
            .with("name", self.name)
            .with("classname", class);
        let tag = timed(tag, self.start, self.elapsed_s);
        let is_silent = self.stdout.is_none() && self.stderr.is_none();
        if self.properties.is_empty() && self.trouble.is_none() && is_silent {
            return xml.empty(tag);
        }
        xml.open(tag);
        add_properties(xml, &self.properties);
        if let Some(trouble) = self.trouble {
            trouble.add_to(xml);
        }
        for (name, output) in [("system-out", self.stdout), ("system-err", self.stderr)] {
            if let Some(output) = output {
                xml.text(name, Tag::new(name), &output);
            }
        }
        xml.close("testcase");
    }
}

impl Trouble {
    fn add_to(self, xml: &mut Xml) {
        let name = match self.kind {
            TroubleKind::Skipped => "skipped",
            TroubleKind::Failure => "failure",
            TroubleKind::Error => "error",
        };
        let tag = Tag::new(name)
            .with_some("message", self.message.as_deref())
            .with_some("type", self.ty);
        match self.text {
            Some(text) => xml.text(name, tag, &text),
            None => xml.empty(tag),
        }
    }
}

fn add_properties(xml: &mut Xml, properties: &[Property]) {
    if properties.is_empty() {
        return;
    }
    xml.open(Tag::new("properties"));
    for (name, value) in properties {
        let tag = Tag::new("property").with("name", name);
        xml.empty(tag.with("value", value));
    }
    xml.close("properties");
}

/// Adds the start time and the duration, unless they are invalid.
fn timed(tag: Tag, start: Option<f64>, elapsed_s: Option<f64>) -> Tag {
    let timestamp = start.map(timestamp);
    let time = elapsed_s.and_then(|elapsed_s| Duration::try_from_secs_f64(elapsed_s).ok());
    let time = time.map(|time| format!("{:.3}", time.as_secs_f64()));
    tag.with_some("timestamp", timestamp.as_deref())
        .with_some("time", time.as_deref())
}

fn timestamp(t: f64) -> String {
    let millis = (t * 1000.0) as i64;
    LocalTime::utc(millis.div_euclid(1000)).in_xml(millis.rem_euclid(1000))
}
