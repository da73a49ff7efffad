//! Bazel, as Debian has it: version 4.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{VERDICTS, install_suite, printed, recipe, runs, verdicts};

/// Where Debian has repositories that Bazel would fetch.
const REPOSITORIES: &str = "/usr/share/bazel/rules";

/// The rules that Bazel's own C++ toolchain loads; those in Debian are for another version.
const CC_RULES: &[&str] = &[
    "cc_binary",
    "cc_import",
    "cc_library",
    "cc_proto_library",
    "cc_test",
    "cc_toolchain",
    "cc_toolchain_suite",
    "fdo_prefetch_hints",
    "fdo_profile",
    "objc_import",
    "objc_library",
];

/// The exit codes of `bazel test`.
const PASSED: i32 = 0;
const FAILED: i32 = 3;

/// A workspace with the recipe and the suite.
struct Workspace(tempfile::TempDir);

impl Workspace {
    /// `None`, with the reason printed, where Bazel cannot run.
    fn new() -> Option<Workspace> {
        if !runs("Bazel", &["bazel"]) {
            return None;
        }
        let workspace = Workspace(tempfile::tempdir().unwrap());
        let build = recipe("bazel/BUILD.bazel");
        fs::copy(build, workspace.path("BUILD.bazel")).unwrap();
        fs::write(workspace.path("WORKSPACE"), "").unwrap();
        install_suite(workspace.0.path());
        workspace.replace_repositories();
        Some(workspace)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Nothing is fetched: a test of a shell script needs none of it.
    fn replace_repositories(&self) {
        let coverage = "filegroup(name = \"coverage_report_generator\", visibility = [\"//visibility:public\"])\n";
        self.write("repositories/coverage/BUILD", coverage);
        self.write("repositories/coverage/WORKSPACE", "");
        let native = |rule| format!("{rule} = getattr(native, \"{rule}\", None)\n");
        let rules: String = CC_RULES.iter().map(native).collect();
        self.write("repositories/cc/cc/defs.bzl", &rules);
        self.write("repositories/cc/cc/BUILD", "");
        self.write("repositories/cc/WORKSPACE", "");
        let mut rc = String::new();
        for (name, path) in [
            ("remote_coverage_tools", self.path("repositories/coverage")),
            ("rules_cc", self.path("repositories/cc")),
            ("rules_java", Path::new(REPOSITORIES).join("java")),
            ("rules_proto", Path::new(REPOSITORIES).join("proto")),
        ] {
            rc += &format!("common --override_repository={name}={}\n", path.display());
        }
        self.write(".bazelrc", &rc);
        self.write(".bazelignore", "repositories\n");
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What `bazel test` prints with these flags, which ends with `code`.
    fn test(&self, flags: &[&str], code: i32) -> String {
        let mut bazel = Command::new("bazel");
        // Without a server that would outlive the test.
        let root = self.path("root").display().to_string();
        bazel.args(["--batch", &format!("--output_user_root={root}")]);
        bazel.args(["test", "//:bvt_test", "--test_output=all"]);
        printed(bazel.args(flags).current_dir(self.0.path()), code)
    }

    /// Where Bazel has what a shard left; the test itself if there are no shards.
    fn log_of(&self, shard: &str) -> PathBuf {
        self.path("bazel-testlogs/bvt_test").join(shard)
    }

    /// The verdicts of a shard's only job.
    fn verdicts_of(&self, shard: &str) -> Vec<String> {
        let jobs = self.log_of(shard).join("test.outputs/bvt");
        let mut jobs = fs::read_dir(jobs).unwrap().map(|job| job.unwrap().path());
        let job = jobs.next().unwrap();
        assert_eq!(jobs.next(), None);
        verdicts(&job)
    }
}

#[test]
fn each_shard_is_a_job_in_its_outputs_and_the_flags_of_bazel_reach_it() {
    let Some(workspace) = Workspace::new() else {
        return;
    };
    workspace.test(&[], FAILED);
    let shards = ["shard_1_of_3", "shard_2_of_3", "shard_3_of_3"];
    let mut all: Vec<_> = shards
        .iter()
        .flat_map(|shard| workspace.verdicts_of(shard))
        .collect();
    all.sort();
    assert_eq!(all, VERDICTS);
    for shard in shards {
        let junit = fs::read_to_string(workspace.log_of(shard).join("test.xml")).unwrap();
        assert!(junit.contains("<testsuite name=\"bvt\""), "{junit}");
    }
    let printed = workspace.test(&["--test_filter=quick"], PASSED);
    assert_eq!(printed.matches("test quick::").count(), 6, "{printed}");
    let first = [
        "--test_sharding_strategy=disabled",
        "--test_runner_fail_fast",
    ];
    let printed = workspace.test(&[&first[..], &["--test_filter=ends"]].concat(), FAILED);
    assert!(printed.contains("test ends::crash ... FAILED"), "{printed}");
    assert!(!printed.contains("test ends::fail ... FAILED"), "{printed}");
}

/// The suite is quicker than Bazel, which would kill it without reports.
#[test]
fn a_timeout_of_bazel_ends_the_job_with_its_reports() {
    let Some(workspace) = Workspace::new() else {
        return;
    };
    let param = format!(
        "--test_arg=--param=file={}",
        workspace.path("never").display()
    );
    let flags = [
        "--test_sharding_strategy=disabled",
        "--test_timeout=5",
        "--test_filter=waits",
        "--test_arg=--ignored",
        &param,
    ];
    let printed = workspace.test(&flags, FAILED);
    assert!(printed.contains("test waits ... FAILED"), "{printed}");
    assert!(!printed.contains("TIMEOUT: //:bvt_test"), "{printed}");
    assert_eq!(workspace.verdicts_of(""), ["waits ERROR"]);
}
