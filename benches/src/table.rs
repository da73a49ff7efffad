//! The figures as text, for a terminal of 120 columns.

use std::fmt::Write;

use crate::results::{Outcome, Results};
use crate::row::{Bar, Compared, Figure, Line, Spread, Unit, Verdict};

const COLUMNS: [&str; 6] = [
    "work",
    "ours",
    "floor or peer",
    "ratio (min–max)",
    "bar",
    "verdict",
];

/// So wide is the text of a reason or a note.
const WIDTH: usize = 118;

/// The whole report.
pub(crate) fn render(results: &Results) -> String {
    let mut notes: Vec<&str> = Vec::new();
    let mut cells: Vec<[String; 6]> = vec![COLUMNS.map(String::from)];
    let mut left_out = Vec::new();
    for row in &results.rows {
        match &row.outcome {
            Outcome::Measured(lines) => {
                cells.extend(lines.iter().map(|line| cells_of(line, &mut notes)));
            }
            Outcome::LeftOut(reason) => left_out.push(format!("{}: {reason}", row.name)),
        }
    }
    let mut text = format!("{}\n\n{}", results.machine, layout(&cells));
    for (number, note) in notes.iter().enumerate() {
        let indent = format!("{:>4} ", format!("[{}]", number + 1));
        text += &wrapped(&indent, note, number == 0);
    }
    for (place, reason) in left_out.iter().enumerate() {
        text += &wrapped("  not measured: ", reason, place == 0);
    }
    text
}

fn cells_of<'a>(line: &'a Line, notes: &mut Vec<&'a str>) -> [String; 6] {
    let mut work = line.work.clone();
    for note in &line.notes {
        let known = notes.iter().position(|known| known == note);
        let number = known.unwrap_or_else(|| {
            notes.push(note);
            notes.len() - 1
        });
        let _ = write!(work, " [{}]", number + 1);
    }
    let against = line.against.as_ref();
    let against = against.map(|(name, figure)| format!("{} {name}", shown(*figure)));
    [
        work,
        shown(line.ours),
        against.unwrap_or_default(),
        compared(line.compared),
        bar(line),
        verdict(line.verdict()).to_owned(),
    ]
}

/// Columns as wide as they need; the ruler stands below the titles.
fn layout(cells: &[[String; 6]]) -> String {
    let width = |column: usize| {
        let widths = cells.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut text = String::new();
    for (place, row) in cells.iter().enumerate() {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            // Figures stand right, so that one can compare them.
            let _ = match column {
                1 => write!(line, "{cell:>width$}  "),
                _ => write!(line, "{cell:<width$}  "),
            };
        }
        let _ = writeln!(text, "{}", line.trim_end());
        if place == 0 {
            let ruler = widths.map(|width| "-".repeat(width)).join("  ");
            let _ = writeln!(text, "{ruler}");
        }
    }
    text
}

/// A paragraph whose further lines stand below its first one.
fn wrapped(indent: &str, text: &str, is_first: bool) -> String {
    let mut lines = vec![indent.to_owned()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is one from the beginning");
        if line.chars().count() + word.chars().count() > WIDTH {
            lines.push(format!("{}{word} ", " ".repeat(indent.chars().count())));
        } else {
            let _ = write!(line, "{word} ");
        }
    }
    let before = if is_first { "\n" } else { "" };
    let lines: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
    format!("{before}{}\n", lines.join("\n"))
}

fn shown(figure: Figure) -> String {
    let value = figure.value;
    match figure.unit {
        Unit::Seconds if value < 1e-6 => format!("{:.2} ns", value * 1e9),
        Unit::Seconds if value < 1e-3 => format!("{:.1} µs", value * 1e6),
        Unit::Seconds if value < 1.0 => format!("{:.2} ms", value * 1e3),
        Unit::Seconds => format!("{value:.2} s"),
        Unit::Bytes if value < 1e7 => format!("{} B", grouped(value)),
        Unit::Bytes => format!("{:.1} MB", value / 1e6),
        Unit::PerSecond => format!("{}/s", grouped(value)),
        Unit::Instructions => grouped(value),
    }
}

fn compared(compared: Compared) -> String {
    match compared {
        Compared::Ratio(Spread { median, min, max }) => {
            let decimals = if median < 0.1 { 3 } else { 2 };
            match min == max {
                true => format!("{median:.decimals$}"),
                false => format!("{median:.decimals$} ({min:.decimals$}–{max:.decimals$})"),
            }
        }
        Compared::MoreBytes(bytes) => format!("{} B more", grouped(bytes)),
        Compared::Nothing => String::new(),
    }
}

fn bar(line: &Line) -> String {
    match line.bar {
        Bar::Ratio(ratio) => format!("{ratio}"),
        Bar::MoreBytes(bytes) => format!("{} B", grouped(bytes)),
        Bar::AtMost(value) => shown(line.ours.unit.of(value)),
        Bar::None => String::new(),
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::NotMet => "not met",
        Verdict::Reported => "reported",
    }
}

/// A whole number with its thousands apart.
fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 {
        format!("-{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Measured;

    fn results() -> Results {
        let line = |work: &str, median, bar| Line {
            work: work.into(),
            ours: Unit::Seconds.of(0.000_5),
            against: Some(("floor".into(), Unit::Seconds.of(0.000_312_5))),
            compared: Compared::Ratio(Spread {
                median,
                min: 1.5,
                max: 1.75,
            }),
            bar,
            notes: vec!["both".into()],
        };
        let measured = Outcome::Measured(vec![
            line("a", 1.6, Bar::Ratio(1.6)),
            line("b", 1.7, Bar::Ratio(1.6)).note("only b"),
            line("c", 1.7, Bar::None),
        ]);
        Results {
            machine: "a machine".into(),
            is_quick: false,
            rows: vec![
                Measured::new("isolated", measured),
                Measured::new("disk", Outcome::LeftOut("it is full".into())),
            ],
        }
    }

    #[test]
    fn a_table_has_rows_then_notes_then_what_is_missing() {
        let text = render(&results());
        let expected = [
            "a machine",
            "",
            "work           ours  floor or peer   ratio (min–max)   bar  verdict",
            "---------  --------  --------------  ----------------  ---  --------",
            "a [1]      500.0 µs  312.5 µs floor  1.60 (1.50–1.75)  1.6  met",
            "b [1] [2]  500.0 µs  312.5 µs floor  1.70 (1.50–1.75)  1.6  not met",
            "c [1]      500.0 µs  312.5 µs floor  1.70 (1.50–1.75)       reported",
            "",
            " [1] both",
            " [2] only b",
            "",
            "  not measured: disk: it is full",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!(grouped(0.0), "0");
        assert_eq!(grouped(999.0), "999");
        assert_eq!(grouped(-1234567.0), "-1,234,567");
    }

    #[test]
    fn a_figure_has_the_unit_that_suits_it() {
        assert_eq!(shown(Unit::Seconds.of(14.2e-9)), "14.20 ns");
        assert_eq!(shown(Unit::Seconds.of(0.25)), "250.00 ms");
        assert_eq!(shown(Unit::Bytes.of(2e6)), "2,000,000 B");
    }

    #[test]
    fn a_long_note_is_wrapped_below_itself() {
        let text = wrapped(" [1] ", &"word ".repeat(40), false);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].chars().count() <= WIDTH);
        assert!(lines[1].starts_with("     word"));
    }
}
