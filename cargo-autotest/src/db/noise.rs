//! Estimates the noise between jobs, from the jobs in a database that are not compared.

use std::collections::BTreeMap;

use super::measured::{Job, Samples};
use crate::stats::JobNoise;

/// The noise in the samples of other jobs, grouped by build.
///
/// If each build was tested only once or twice, all jobs are one group: differences between builds make the noise look
/// greater than it is, never smaller. If even that is too little data, the result is the estimate by build.
pub(crate) fn noise(samples: &Samples, others: &[&Job]) -> Option<JobNoise> {
    let builds: BTreeMap<i64, &str> = others
        .iter()
        .map(|job| (job.id, job.build.as_str()))
        .collect();
    let mut groups: BTreeMap<&str, Vec<Vec<f64>>> = BTreeMap::new();
    for (job, values) in &samples.of_jobs {
        if let Some(build) = builds.get(job) {
            groups.entry(build).or_default().push(values.clone());
        }
    }
    let by_build = JobNoise::of(groups.values().map(Vec::as_slice));
    if by_build.is_some_and(JobNoise::is_well_known) {
        return by_build;
    }
    let all = groups.into_values().flatten().collect::<Vec<_>>();
    JobNoise::of([all.as_slice()])
        .filter(|noise| noise.is_well_known())
        .or(by_build)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The noise of jobs with these builds and values.
    fn noise_of(jobs: &[(&str, f64)]) -> Option<JobNoise> {
        let indices = 0_i64..;
        let known: Vec<Job> = jobs
            .iter()
            .zip(indices)
            .map(|((build, _), id)| Job {
                id,
                build: (*build).to_owned(),
                ..Job::default()
            })
            .collect();
        let values = jobs.iter().map(|(_, value)| vec![*value]);
        let samples = Samples {
            // The last job is one of those compared.
            of_jobs: (0..).zip(values).chain([(99, vec![1e6])]).collect(),
            ..Samples::default()
        };
        noise(&samples, &known.iter().collect::<Vec<_>>())
    }

    #[test]
    fn jobs_are_grouped_by_build_if_that_tells_enough() {
        let one = [1.0, 1.1].repeat(5);
        let jobs: Vec<_> = one
            .iter()
            .map(|value| ("one", *value))
            .chain(one.iter().map(|value| ("other", 5.0 * value)))
            .collect();
        let noise = noise_of(&jobs).unwrap();
        assert_eq!((noise.jobs, noise.freedom), (20, 18));
        assert!((noise.deviation - 0.05).abs() < 0.002, "{noise:?}");
    }

    #[test]
    fn builds_that_were_tested_once_are_one_group() {
        let builds = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        let jobs: Vec<_> = builds.into_iter().zip([1.0, 1.1].repeat(5)).collect();
        let noise = noise_of(&jobs).unwrap();
        assert_eq!((noise.jobs, noise.freedom), (9, 8));
        assert_eq!(noise_of(&jobs[..8]), None);
    }

    #[test]
    fn a_noise_that_is_hardly_known_is_that_of_the_build() {
        let jobs: Vec<_> = [1.0, 1.1, 1.0, 1.1, 1.0].map(|value| ("a", value)).to_vec();
        assert_eq!(noise_of(&jobs).unwrap().freedom, 4);
        assert_eq!(noise_of(&jobs[..4]), None);
    }
}
