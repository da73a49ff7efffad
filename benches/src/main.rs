//! What autotest costs, as ratios to a floor or to a peer, measured side by side in one run.
//!
//! It drives everything from outside: command lines, results trees, processes. It must not call into
//! the framework, nor fail because something is slow.

mod args;
mod bench;
mod callgrind;
mod generate;
mod job;
mod journal;
mod machine;
mod names;
mod process;
mod results;
mod rounds;
mod row;
mod rows;
mod strace;
mod table;
mod workshop;

use std::process::ExitCode;
use std::time::Instant;

use args::{Choice, Request};
use bench::Bench;
use results::{Measured, Outcome, Results};
use row::{LeftOut, Row};
use rows::ROWS;
use workshop::Workshop;

fn main() -> ExitCode {
    let names: Vec<_> = ROWS.iter().map(|row| row.name).collect();
    let measured = match args::parse(std::env::args_os().skip(1), &names) {
        Ok(Request::Measure(choice)) => measure(choice),
        Ok(Request::Help) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Request::List) => {
            for row in ROWS {
                println!("{:<18} {}", row.name, row.about);
            }
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    match measured {
        Ok(code) => code,
        Err(LeftOut(reason)) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the chosen rows, prints the table and writes the file.
fn measure(choice: Choice) -> Result<ExitCode, LeftOut> {
    let workshop = Workshop::open()?;
    let machine = machine::describe(workshop.root());
    let file = choice
        .json
        .unwrap_or_else(|| workshop.dir().join("results.json"));
    let bench = Bench::new(workshop, choice.is_quick, choice.tmpfs);
    let is_chosen = |row: &&Row| match choice.only.is_empty() {
        true => row.is_quick || !choice.is_quick,
        false => choice.only.iter().any(|name| name == row.name),
    };
    let rows = ROWS
        .iter()
        .filter(is_chosen)
        .map(|row| measure_row(&bench, row));
    let results = Results {
        machine,
        is_quick: choice.is_quick,
        rows: rows.collect(),
    };
    println!("{}", table::render(&results));
    results.write(&file)?;
    println!("figures: {}", file.display());
    Ok(match results.are_whole() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn measure_row(bench: &Bench, row: &Row) -> Measured {
    eprintln!("{}", row.name);
    let start = Instant::now();
    let outcome = match (row.measure)(bench) {
        Ok(lines) => Outcome::Measured(lines),
        Err(LeftOut(reason)) => Outcome::LeftOut(reason),
    };
    eprintln!("  {:.1} s", start.elapsed().as_secs_f64());
    Measured::new(row.name, outcome)
}
