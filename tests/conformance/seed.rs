//! The versions of the original, and where they disagree.

use serde::Deserialize;

/// One of the five texts of the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Seed(&'static Features);

/// What a seed has and the others may not have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Features {
    /// As the corpus calls it.
    id: &'static str,
    /// `job.fast` is honoured.
    pub(crate) fast: bool,
    /// `job.test_retry` is honoured.
    pub(crate) retry: bool,
    /// `network_destabilizing` is honoured.
    pub(crate) network: bool,
    /// Where perf values go.
    pub(crate) perf: PerfFile,
    /// `output_perf_value` takes `replace_existing_values`.
    pub(crate) replaces_perf: bool,
    /// After-iteration hooks run last in, first out.
    pub(crate) last_hook_first: bool,
    /// `test.success` exists.
    pub(crate) success: bool,
    /// resultsdir and tmpdir get o+rwx.
    pub(crate) opens_to_others: bool,
    /// `runsubtest` returns the result.
    pub(crate) subtest_result: bool,
}

/// The file of perf values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PerfFile {
    /// `results-chart.json`.
    Chart,
    /// `perf_measurements`.
    Lines,
    /// `output_perf_value` does not exist.
    None,
}

const FEATURES_001: Features = Features {
    id: "001",
    fast: false,
    retry: true,
    network: true,
    perf: PerfFile::Chart,
    replaces_perf: false,
    last_hook_first: true,
    success: true,
    opens_to_others: true,
    subtest_result: true,
};

/// The corpus's README, "Where the seeds disagree".
static FEATURES: [Features; 5] = [
    Features {
        id: "000",
        fast: true,
        retry: false,
        network: false,
        replaces_perf: true,
        ..FEATURES_001
    },
    FEATURES_001,
    Features {
        id: "002",
        perf: PerfFile::Lines,
        ..FEATURES_001
    },
    Features {
        id: "003",
        retry: false,
        perf: PerfFile::None,
        last_hook_first: false,
        success: false,
        opens_to_others: false,
        subtest_result: false,
        ..FEATURES_001
    },
    Features {
        id: "004",
        ..FEATURES_001
    },
];

impl TryFrom<String> for Seed {
    type Error = String;

    fn try_from(id: String) -> Result<Seed, String> {
        let features = FEATURES.iter().find(|features| features.id == id);
        features
            .map(Seed)
            .ok_or_else(|| format!("no seed is called `{id}`"))
    }
}

impl std::ops::Deref for Seed {
    type Target = Features;

    fn deref(&self) -> &Features {
        self.0
    }
}
