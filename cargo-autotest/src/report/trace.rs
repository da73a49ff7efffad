//! `--trace`: puts the jobs on a time line, in the Trace Event Format, which Perfetto and browsers open
//! (<https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>).
//!
//! A target is a process. Runs that overlap have a thread each, and a run contains its subtests, phases and
//! iterations. Times are in microseconds since the first job began.

mod lanes;
mod run;

use autotest_report::Digest;
use autotest_report::digest::RebootDigest;
use serde_json::{Map, Value, json};

use lanes::Lanes;

/// Makes the document.
pub(super) fn document(digests: &[Digest]) -> Vec<u8> {
    let starts = digests.iter().map(|digest| digest.job.started_t);
    let origin_t = starts.reduce(f64::min).unwrap_or(0.0);
    let mut events = Vec::new();
    for (at, (host, jobs)) in targets(digests).into_iter().enumerate() {
        let (pid, events) = (at + 1, &mut events);
        let mut trace = Trace {
            events,
            pid,
            origin_t,
            job_lane: 0,
        };
        trace.target(host, &jobs);
    }
    let document = json!({ "displayTimeUnit": "ms", "traceEvents": events });
    let mut bytes = document.to_string().into_bytes();
    bytes.push(b'\n');
    bytes
}

/// The targets with their jobs, in the order of their first jobs.
fn targets(digests: &[Digest]) -> Vec<(&str, Vec<&Digest>)> {
    let mut targets: Vec<(&str, Vec<&Digest>)> = Vec::new();
    for digest in digests {
        let host = digest.job.hostname.as_str();
        match targets.iter_mut().find(|(known, _)| *known == host) {
            Some((_, jobs)) => jobs.push(digest),
            None => targets.push((host, vec![digest])),
        }
    }
    targets
}

/// The events of one target.
struct Trace<'e> {
    events: &'e mut Vec<Value>,
    pid: usize,
    origin_t: f64,
    /// The thread of events that belong to a whole job.
    job_lane: usize,
}

/// A time span on a lane.
#[derive(Clone, Copy)]
struct Span {
    lane: usize,
    from_t: f64,
    to_t: f64,
}

impl Span {
    /// A span within this one. A slice that ended after the one around it would not be nested in it.
    fn clamped(self, from_t: f64, to_t: f64) -> Span {
        let (from_t, to_t) = (self.nearest(from_t), self.nearest(to_t));
        Span {
            from_t,
            to_t: to_t.max(from_t),
            ..self
        }
    }

    /// The time in this span that is nearest to `t`.
    fn nearest(self, t: f64) -> f64 {
        t.min(self.to_t).max(self.from_t)
    }
}

impl Trace<'_> {
    /// Adds a target: a thread for each job, since jobs may overlap, and then the threads of runs.
    fn target(&mut self, host: &str, jobs: &[&Digest]) {
        let mut lanes = Lanes::after(jobs.len());
        self.name("process_name", 0, host);
        for (lane, digest) in jobs.iter().enumerate() {
            self.job_lane = lane;
            self.name("thread_name", lane, &format!("job {}", digest.job.label));
            self.job(digest, &mut lanes);
        }
        for (at, lane) in lanes.all().enumerate() {
            self.name("thread_name", lane, &format!("slot {}", at + 1));
        }
    }

    fn job(&mut self, digest: &Digest, lanes: &mut Lanes) {
        let job = &digest.job;
        let whole = Span {
            lane: self.job_lane,
            from_t: job.started_t,
            to_t: job.ended_t,
        };
        let args = json!({
            "build": job.build_id,
            "kernel": job.kernel,
            "machine": job.machine,
            "reason": job.reason,
            "status": job.status.name(),
        });
        self.slice("job", &job.label, whole, args);
        for reboot in &job.reboots {
            self.reboot(reboot, job.ended_t);
        }
        for line in &job.status_lines {
            let text = format!("{}: {}", line.value.code, line.value.message);
            self.instant("status", &text, self.job_lane, line.t);
        }
        for (index, run) in digest.runs.iter().enumerate() {
            if run.parent.is_none() {
                let (from_t, to_t) = (run.started_t, run.started_t + run.elapsed_s);
                let lane = lanes.take(from_t, to_t);
                run::add(self, digest, index, Span { lane, from_t, to_t });
            }
        }
    }

    fn reboot(&mut self, reboot: &RebootDigest, otherwise_t: f64) {
        let to_t = reboot.ended_t.unwrap_or(otherwise_t);
        let span = Span {
            lane: self.job_lane,
            from_t: reboot.started_t,
            to_t,
        };
        self.slice(
            "reboot",
            "reboot",
            span,
            json!({ "problems": reboot.problems }),
        );
    }

    fn name(&mut self, what: &str, lane: usize, name: &str) {
        self.event("M", what, lane, None, [("args", json!({ "name": name }))]);
    }

    fn slice(&mut self, category: &str, name: &str, span: Span, args: Value) {
        let from_us = self.microseconds(span.from_t);
        let duration_us = self.microseconds(span.to_t).saturating_sub(from_us);
        let more = [
            ("cat", json!(category)),
            ("dur", json!(duration_us)),
            ("args", args),
        ];
        self.event("X", name, span.lane, Some(span.from_t), more);
    }

    fn instant(&mut self, category: &str, name: &str, lane: usize, t: f64) {
        let more = [("cat", json!(category)), ("s", json!("t"))];
        self.event("i", name, lane, Some(t), more);
    }

    /// Adds the value of a metric at a time.
    fn counter(&mut self, name: &str, series: &str, value: f64, t: f64) {
        let more = [("args", json!({ series: value }))];
        self.event("C", name, self.job_lane, Some(t), more);
    }

    fn event<const N: usize>(
        &mut self,
        phase: &str,
        name: &str,
        lane: usize,
        t: Option<f64>,
        more: [(&str, Value); N],
    ) {
        let mut event = Map::new();
        event.insert("ph".to_owned(), json!(phase));
        event.insert("name".to_owned(), json!(name));
        event.insert("pid".to_owned(), json!(self.pid));
        event.insert("tid".to_owned(), json!(lane));
        if let Some(t) = t {
            event.insert("ts".to_owned(), json!(self.microseconds(t)));
        }
        event.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
        self.events.push(Value::Object(event));
    }

    fn microseconds(&self, t: f64) -> u64 {
        // The conversion saturates.
        ((t - self.origin_t) * 1e6).round() as u64
    }
}
