//! The floor: the least work that leaves the same behind, to hold the framework against. One program
//! with the flags of the suites, and none of their code.
//!
//! Nothing here may do more than it must, nor less than the tree needs: each line is a cost that the
//! framework is allowed.

mod job;
mod loops;
#[path = "../names.rs"]
mod names;
mod peak;

use std::io;

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["job", template, results, tmp, runs, last, sync] => {
            let template = job::Template::read(template.as_ref(), sync == "test")?;
            let last_s = template.run(results.as_ref(), tmp, number(runs), number(last))?;
            println!("{last_s}");
            Ok(())
        }
        ["calls", count] => {
            loops::calls(number(count));
            Ok(())
        }
        ["clock", seconds] => {
            println!("{}", loops::clock_reads(number(seconds)));
            Ok(())
        }
        ["peak", program, ref args @ ..] => {
            println!("{}", peak::peak(program, args)?);
            Ok(())
        }
        ["print", bytes] => loops::print(number(bytes)),
        _ => Err(io::Error::other("the benchmark calls this")),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    let Ok(number) = text.parse() else {
        panic!("`{text}` is not a number");
    };
    number
}
