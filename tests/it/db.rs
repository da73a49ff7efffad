//! `cargo autotest db`, run from outside, on SQLite and on PostgreSQL.

mod answers;
mod bad_input;
mod compare;
mod content;
mod import;
mod interrupted;
mod jobs;
mod merged;
mod permissions;
mod scale;
mod server;
mod since;
mod trend;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::host_tool::{Ran, run, tool};
use jobs::Job;
use server::Server;

/// Every table and view.
const RELATIONS: [&str; 24] = [
    "targets",
    "kernels",
    "jobs",
    "left_out",
    "runs",
    "declared",
    "keyvals",
    "iterations",
    "samples",
    "events",
    "attempts",
    "measurements",
    "tko_machines",
    "tko_kernels",
    "tko_status",
    "tko_jobs",
    "tko_tests",
    "tko_job_keyvals",
    "tko_test_attributes",
    "tko_iteration_attributes",
    "tko_iteration_result",
    "tko_iteration_perf_value",
    "tko_test_view_2",
    "tko_perf_view_2",
];

/// An empty database and a directory for jobs.
struct Database {
    dir: PathBuf,
    place: Place,
}

enum Place {
    Sqlite(PathBuf),
    Postgres(Server),
}

/// Runs a test on each database that this machine has. What it returns must not differ.
#[track_caller]
fn on_each<T: PartialEq + std::fmt::Debug>(test: impl Fn(&mut Database) -> T) -> T {
    let (_dir, dir) = super::host_tool::empty();
    let on_sqlite = test(&mut Database {
        place: Place::Sqlite(dir.join("results.sqlite")),
        dir,
    });
    let Some(server) = Server::start() else {
        return on_sqlite;
    };
    let (_dir, dir) = super::host_tool::empty();
    let on_postgres = test(&mut Database {
        place: Place::Postgres(server),
        dir,
    });
    assert_eq!(on_sqlite, on_postgres);
    on_sqlite
}

impl Database {
    /// An SQLite database for the same directory.
    fn another(other: &Database) -> Database {
        Database {
            dir: other.dir.clone(),
            place: Place::Sqlite(other.dir.join("another.sqlite")),
        }
    }

    fn is_sqlite(&self) -> bool {
        matches!(self.place, Place::Sqlite(_))
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = tool(&self.dir);
        command.arg("db").args(args).env_remove("PGPASSWORD");
        match &self.place {
            Place::Sqlite(path) => command.arg("--db").arg(path),
            Place::Postgres(server) => command.arg("--db").arg(server.url()),
        };
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        let ran = run(&mut self.command(args), &self.dir);
        for text in [&ran.stdout, &ran.stderr] {
            assert!(!text.contains(server::PASSWORD), "{text}");
        }
        ran
    }

    /// What a command prints, without the name of the database.
    #[track_caller]
    fn prints(&self, args: &[&str]) -> String {
        let ran = self.run(args).expect_code(0);
        assert_eq!(ran.stderr, "");
        self.without_name(&ran.stdout)
    }

    /// The message of a command that fails, without the name of the database.
    #[track_caller]
    fn fails(&self, args: &[&str], code: i32) -> String {
        let ran = self.run(args).expect_code(code);
        assert_eq!(ran.stdout, "");
        self.without_name(&ran.stderr)
    }

    fn without_name(&self, text: &str) -> String {
        text.replace(&format!("`{}`", self.name()), "[DB]")
    }

    fn name(&self) -> String {
        match &self.place {
            Place::Sqlite(path) => path
                .display()
                .to_string()
                .replace(&self.dir.display().to_string(), "[DIR]"),
            Place::Postgres(server) => server.name(),
        }
    }

    /// Makes the database one of the first version, which had no views of TKO.
    fn make_old(&self) {
        for view in RELATIONS
            .iter()
            .rev()
            .filter(|name| name.starts_with("tko_"))
        {
            self.execute(&format!("DROP VIEW {view}"));
        }
        self.execute("UPDATE autotest_schema SET version = 1");
    }

    /// Executes statements as another program does.
    fn execute(&self, sql: &str) {
        match &self.place {
            Place::Sqlite(path) => {
                let database = rusqlite::Connection::open(path).unwrap();
                database.execute_batch(sql).unwrap();
            }
            Place::Postgres(server) => server.client().unwrap().batch_execute(sql).unwrap(),
        }
    }

    /// The jobs that can be seen by now; 0 if there are no tables.
    fn count_jobs(&self) -> i64 {
        let sql = "SELECT COUNT(*) FROM jobs";
        match &self.place {
            Place::Sqlite(path) => {
                let database = rusqlite::Connection::open(path).unwrap();
                database.query_row(sql, (), |row| row.get(0)).unwrap_or(0)
            }
            Place::Postgres(server) => {
                let row = server
                    .client()
                    .and_then(|mut client| client.query_one(sql, &[]));
                row.map_or(0, |row| row.get(0))
            }
        }
    }

    /// All rows of all tables and views, as lines of JSON.
    #[track_caller]
    fn dump(&self) -> String {
        let relations = RELATIONS.iter();
        let dumps = relations.map(|relation| {
            let sql = format!("SELECT * FROM {relation}");
            let rows = self.prints(&["query", &sql, "--format", "json"]);
            let mut rows: Vec<&str> = rows.lines().collect();
            rows.sort_unstable();
            format!("{relation}\n{}\n", rows.join("\n"))
        });
        dumps
            .collect::<String>()
            .replace(&self.dir.display().to_string(), "[DIR]")
    }

    /// The dump without the numbers that depend on the order of imports.
    #[track_caller]
    fn content(&self) -> String {
        let sql = "SELECT job, hostname, jobs.status, COUNT(runs.id) AS runs FROM jobs \
            JOIN targets ON targets.id = jobs.target_id LEFT JOIN runs ON runs.job_id = jobs.id \
            GROUP BY job, hostname, jobs.status ORDER BY job";
        let mut content = self.prints(&["query", sql]);
        for relation in ["runs", "keyvals", "samples", "events", "tko_perf_view_2"] {
            let sql = format!("SELECT COUNT(*) AS {relation} FROM {relation}");
            content += &self.prints(&["query", &sql]);
        }
        content
    }

    /// A directory of jobs.
    fn write(&self, name: &str, jobs: &[Job]) -> String {
        for job in jobs {
            job.write(&self.dir.join(name).join(&job.id));
        }
        name.to_owned()
    }
}

/// A copy of a file with a part replaced.
fn copy_with(from: &Path, to: &Path, what: &str, with: &str) {
    let text = fs::read_to_string(from).unwrap();
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::write(to, text.replace(what, with)).unwrap();
}
