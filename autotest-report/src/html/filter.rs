//! The filter of the table. A browser without scripts shows all rows and no filter.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::entries::Entries;
use super::verdict::Shown;
use super::words::line;

/// The maximum number of suites or attributes to choose from.
const MAX_CHOICES: usize = 200;

pub(super) fn form(entries: &Entries<'_>) -> Markup {
    let runs = || entries.rows.iter().map(|entry| entry.run);
    let suites = choices(runs().flat_map(|run| &run.declared.suites));
    let attributes = choices(runs().flat_map(|run| &run.declared.attributes));
    html! {
        form.filter id="filter" role="search" aria-label="Tests" hidden {
            label { "Text" input id="ft" type="search" placeholder="name, reason, output"; }
            label { "Verdict" (select("fv", &verdicts(entries))) }
            @if !suites.is_empty() { label { "Suite" (select("fs", &suites)) } }
            @if !attributes.is_empty() { label { "Attribute" (select("fa", &attributes)) } }
            span.grow {}
            output id="shown" for="ft fv fs fa" {}
            button id="open" type="button" { "Open all shown" }
            button id="close" type="button" { "Close all" }
        }
    }
}

fn verdicts(entries: &Entries<'_>) -> Vec<String> {
    let there = |shown: &Shown| entries.rows.iter().any(|entry| entry.shown == *shown);
    let verdicts = Shown::ALL.into_iter().filter(there);
    verdicts.map(|shown| shown.word().to_owned()).collect()
}

fn choices<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    let all: BTreeSet<_> = all.map(|word| line(word)).collect();
    all.into_iter().take(MAX_CHOICES).collect()
}

fn select(id: &str, choices: &[String]) -> Markup {
    html! {
        select id=(id) {
            option value="" { "all" }
            @if id == "fv" { option value="!" { "all but pass" } }
            @for choice in choices { option { (choice) } }
        }
    }
}
