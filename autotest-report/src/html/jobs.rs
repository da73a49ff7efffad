//! The jobs of a page: where and how they ran, and their content besides runs.

use autotest_core::GroupKind;
use maud::{Markup, html};

use super::words::{count, line, lines, moment, seconds};
use super::{HtmlJob, Page, again};
use crate::digest::{GroupDigest, JobDigest, RebootDigest};

/// The maximum number of jobs described individually.
const MAX_JOBS: usize = 100;
/// The maximum number of names in a list.
const MAX_NAMES: usize = 500;

/// Target and time.
pub(super) fn in_a_line(jobs: &[HtmlJob<'_>]) -> Markup {
    let start_t = jobs
        .iter()
        .map(|job| job.digest.job.started_t)
        .fold(f64::INFINITY, f64::min);
    let end_t = jobs
        .iter()
        .map(|job| job.digest.job.ended_t)
        .fold(0.0, f64::max);
    html! {
        @match jobs {
            [] => "No job",
            [job, rest @ ..] => {
                @let first = &job.digest.job;
                @if rest.iter().all(|job| job.digest.job.hostname == first.hostname) {
                    b { (line(&first.hostname)) } " "
                    (line(&first.kernel)) " " (line(&first.machine)) " · "
                } @else {
                    b { "several targets" } " · "
                }
                @if jobs.len() > 1 { (count(jobs.len(), "job")) " · " }
                (moment(start_t)) " · " (seconds(end_t - start_t))
            }
        }
    }
}

/// The last section of the page.
pub(super) fn section(page: &Page<'_>) -> Markup {
    let left_out = page.jobs.len().saturating_sub(MAX_JOBS);
    html! {
        section aria-labelledby="target" {
            h2 id="target" tabindex="-1" { "Target and job" }
            @if let [job] = page.jobs { (described(job)) } @else {
                @for job in page.jobs.iter().take(MAX_JOBS) {
                    details.job {
                        summary {
                            (line(&job.digest.job.label)) " on " (line(&job.digest.job.hostname)) " "
                            span.muted { (moment(job.digest.job.started_t)) }
                        }
                        .body { (described(job)) }
                    }
                }
            }
            @if left_out > 0 { p.muted { "and " (count(left_out, "more job")) } }
        }
    }
}

fn described(job: &HtmlJob<'_>) -> Markup {
    let digest = &job.digest.job;
    html! {
        dl {
            (target(digest))
            (how(digest))
        }
        p.again { "Run again: " code { (again::job_command(digest)) } }
        (names("Planned, but never run", job.digest.not_run.iter().map(|name| (name.as_str(), ""))))
        (names("Ignored", digest.ignored.iter().map(|(name, why)| (name.as_str(), why.as_str()))))
        (groups(&job.digest.groups))
        (reboots(&digest.reboots))
        (status_lines(digest))
    }
}

fn target(job: &JobDigest) -> Markup {
    let cpus = (job.cpu_count > 0).then(|| count(job.cpu_count, "processor"));
    html! {
        (fact("Target", &job.hostname))
        (fact("Kernel", &job.kernel))
        (fact("Architecture", &[Some(job.machine.clone()), cpus].into_iter().flatten().collect::<Vec<_>>().join(", ")))
        (fact("User", &job.user))
    }
}

fn how(job: &JobDigest) -> Markup {
    let control = job.control.as_ref().map(|control| control.name.clone());
    let seed = job.shuffle_seed.map(|seed| seed.to_string());
    let filtered_out = (job.filtered_out > 0).then(|| count(job.filtered_out, "test"));
    html! {
        (fact("Began", &moment(job.started_t)))
        (fact("Took", &seconds(job.elapsed_s())))
        (fact("Build", &job.build_id))
        (fact("Commit", &job.commit))
        (fact("Control", &control.unwrap_or_default()))
        (fact("Shard", job.shard.as_deref().unwrap_or_default()))
        (fact("Seed of the order", &seed.unwrap_or_default()))
        (fact("Not selected", &filtered_out.unwrap_or_default()))
        (fact("WARN is", if job.is_strict { "a failure" } else { "" }))
        @for t in &job.resumed { (fact("Resumed", &moment(*t))) }
        (fact("Id", &job.id))
        (fact("Rerun of", &job.rerun_of))
    }
}

/// A fact, unless it is not known.
fn fact(name: &str, text: &str) -> Markup {
    html! { @if !text.is_empty() { div { dt { (name) } dd { (line(text)) } } } }
}

fn names<'n>(title: &str, names: impl ExactSizeIterator<Item = (&'n str, &'n str)>) -> Markup {
    let length = names.len();
    html! {
        @if length > 0 {
            h3 { (title) " " span.count { (length) } }
            ul.names {
                @for (name, why) in names.take(MAX_NAMES) {
                    li { code { (line(name)) } @if !why.is_empty() { " " span.muted { (line(why)) } } }
                }
            }
            @if length > MAX_NAMES { p.muted { "and " (length - MAX_NAMES) " more" } }
        }
    }
}

fn groups(groups: &[GroupDigest]) -> Markup {
    html! {
        @if !groups.is_empty() {
            h3 { "Groups and branches" }
            ul.names {
                @for group in groups.iter().take(MAX_NAMES) {
                    li {
                        @match group.kind { GroupKind::Group => "group ", GroupKind::Branch => "branch " }
                        code { (line(&group.name)) } " "
                        @match group.ended_t {
                            Some(t) => span.muted { (seconds(t - group.started_t)) },
                            None => span.problem { "did not end" },
                        }
                        @if !group.reason.is_empty() { " " span.problem { (line(&group.reason)) } }
                    }
                }
            }
        }
    }
}

fn reboots(reboots: &[RebootDigest]) -> Markup {
    html! {
        @if !reboots.is_empty() {
            h3 { "Reboots" }
            ul {
                @for reboot in reboots.iter().take(MAX_NAMES) {
                    li {
                        (moment(reboot.started_t)) ", "
                        @match reboot.ended_t {
                            Some(t) => { "back after " (seconds(t - reboot.started_t)) ", kernel " (line(&reboot.target.kernel)) },
                            None => "not back",
                        }
                        @for problem in &reboot.problems { p.problem { (line(problem)) } }
                    }
                }
            }
        }
    }
}

fn status_lines(job: &JobDigest) -> Markup {
    html! {
        @if !job.status_lines.is_empty() {
            h3 { "Status log" }
            ul.status {
                @for entry in job.status_lines.iter().take(MAX_NAMES) {
                    li { span.tag.skip { (entry.value.code) } " " (lines(&entry.value.message)) }
                }
            }
        }
    }
}
