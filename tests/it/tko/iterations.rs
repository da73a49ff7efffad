//! `results/keyval`: what each iteration measured (formats §12.5).

use std::collections::BTreeMap;

use super::keyvals::is_key;

/// One iteration.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Iteration {
    pub(super) attr: BTreeMap<String, String>,
    pub(super) perf: BTreeMap<String, f64>,
}

/// All of them, and the lines that were passed over with a warning.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Iterations {
    pub(super) iterations: Vec<Iteration>,
    pub(super) skipped: Vec<String>,
}

/// Each blank line ends an iteration, and so does the end of a file that has begun one.
pub(super) fn parse(text: &str) -> Iterations {
    let mut all = Iterations::default();
    let mut now = Iteration::default();
    let lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
    for line in lines.filter(|_| !text.is_empty()) {
        if line.trim().is_empty() {
            all.iterations.push(std::mem::take(&mut now));
        } else if add(&mut now, line).is_none() {
            all.skipped.push(line.to_owned());
        }
    }
    if now != Iteration::default() {
        all.iterations.push(now);
    }
    all
}

fn add(now: &mut Iteration, line: &str) -> Option<()> {
    let (key, value) = line.split_once('=')?;
    if let Some(key) = key.strip_suffix("{attr}") {
        is_key(key).then(|| now.attr.insert(key.to_owned(), value.to_owned()))?;
        return Some(());
    }
    let key = key.strip_suffix("{perf}").unwrap_or(key);
    if !is_key(key) {
        return None;
    }
    let number = |text: &str| text.trim().parse::<f64>().ok();
    match value.split_once("+-") {
        Some((mean, deviation)) => {
            let (mean, deviation) = (number(mean)?, number(deviation)?);
            now.perf.insert(key.to_owned(), mean);
            now.perf.insert(format!("{key}_dev"), deviation);
        }
        None => drop(now.perf.insert(key.to_owned(), number(value)?)),
    }
    Some(())
}

#[test]
fn blank_lines_end_iterations() {
    let text = "host{attr}=h\nrate{perf}=1.5\n\n\nb=2+-0.5\nbad\nrate{perf}=fast\n";
    let Iterations {
        iterations,
        skipped,
    } = parse(text);
    assert_eq!(iterations.len(), 3);
    assert_eq!(iterations[0].attr["host"], "h");
    assert_eq!(iterations[0].perf["rate"], 1.5);
    assert_eq!(iterations[1], Iteration::default());
    assert_eq!(
        (iterations[2].perf["b"], iterations[2].perf["b_dev"]),
        (2.0, 0.5)
    );
    assert_eq!(skipped, ["bad", "rate{perf}=fast"]);
    assert_eq!(parse(""), Iterations::default());
}
