//! Joins the records of each test, since a conditional phase has its own record.

use std::collections::HashMap;

use autotest_core::{DescribedKind, DescribedParam, Description};

use crate::error::Problem;

/// Adds the records of conditional phases, each with its offset, to those of their tests.
pub(crate) fn join(
    tests: &mut [Description],
    parts: Vec<(usize, Description)>,
) -> Result<(), Problem> {
    if !parts.is_empty() {
        let mut places = HashMap::new();
        for (place, test) in tests.iter().enumerate() {
            places.entry(key(test)).or_insert(place);
        }
        let of_parts = parts
            .iter()
            .map(|(_, part)| places.get(&key(part)).copied());
        let of_parts: Vec<Option<usize>> = of_parts.collect();
        for ((offset, part), place) in parts.into_iter().zip(of_parts) {
            let place = place.ok_or_else(|| lone(offset, &part))?;
            add(&mut tests[place], part);
        }
    }
    tests.iter_mut().for_each(put_in_order);
    Ok(())
}

/// The key that the records of one test have in common.
fn key(record: &Description) -> (DescribedKind, String, String, String) {
    let Description {
        kind,
        module,
        name,
        case,
        ..
    } = record;
    (*kind, module.clone(), name.clone(), case.clone())
}

/// Whether it is the record of a conditional phase, which has no line number, unlike that of a test.
pub(crate) fn is_part(record: &Description) -> bool {
    record.line == 0
}

fn lone(offset: usize, record: &Description) -> Problem {
    let name = autotest_core::excerpt(&record.name);
    let cause = format!("it is of a phase of `{name}`, which has no record itself");
    Problem::Record { offset, cause }
}

fn add(whole: &mut Description, part: Description) {
    whole.phases.extend(part.phases);
    whole.catch_all.extend(part.catch_all);
    whole.params.extend(part.params);
}

/// Sorts the phases in the order of the lifecycle and the parameters in that of the source, and removes duplicates.
fn put_in_order(test: &mut Description) {
    for phases in [&mut test.phases, &mut test.catch_all] {
        phases.sort_unstable();
        phases.dedup();
    }
    test.params.sort_by_key(|param| param.at);
    test.params.dedup_by(|next, kept| {
        let is_same = next.name == kept.name;
        if is_same {
            kept.phases.append(&mut next.phases);
        }
        is_same
    });
    for DescribedParam { at, phases, .. } in &mut test.params {
        *at = 0;
        phases.sort_unstable();
        phases.dedup();
    }
}
