//! The page about a metric over many jobs.

use autotest_report::html::{
    MetricVerdict, Trend, TrendChange, TrendPoint, TrendSeries, trend_page,
};
use expect_test::expect;

use super::Read;

/// Six jobs on successive days, the last three of which take longer.
fn series() -> TrendSeries {
    let point = |(day, value): (u32, f64)| TrendPoint {
        t: f64::from(day) * 86_400.0,
        job: format!("job-{day} <i>"),
        build: format!("b{}", day / 3),
        commit: String::new(),
        kernel: "6.12".to_owned(),
        value,
    };
    TrendSeries {
        test: "net::up <b>".to_owned(),
        target: "board1".to_owned(),
        metric: "reply".to_owned(),
        unit: "ms".to_owned(),
        points: (0..)
            .zip([2.0, 2.5, 2.0, 3.0, 4.0, 3.0])
            .map(point)
            .collect(),
        changes: vec![TrendChange {
            index: 3,
            before: 2.0,
            after: 3.0,
            change: 0.5,
            p: 0.001,
            verdict: MetricVerdict::Regress,
        }],
    }
}

fn read(series: Vec<TrendSeries>) -> Read {
    let page = trend_page(&Trend {
        title: "Trend of reply".to_owned(),
        series,
    });
    Read::of(&page)
}

/// The text of each row of a table, its cells divided by bars.
fn rows(page: &Read, table: &str) -> String {
    let rows = page.elements(&format!("{table} tr")).into_iter();
    let row = |row: scraper::ElementRef<'_>| {
        let cells = row.child_elements();
        let cells = cells.map(|cell| cell.text().collect::<String>());
        cells.collect::<Vec<_>>().join(" | ") + "\n"
    };
    rows.map(row).collect()
}

#[test]
fn the_changes_of_all_series_come_first() {
    let page = read(vec![series()]);
    assert_eq!(
        page.texts("h1, h2"),
        [
            "Trend of reply",
            "Changes",
            "net::up <b> on board1: reply ms"
        ]
    );
    assert_eq!(page.texts("header p"), ["6 values in 1 series, 1 change"]);
    expect![[r#"
        Test | Target | First job | Day | Build | Before | After | Change | p | Verdict
        net::up <b> | board1 | job-3 <i> | 1970-01-04 | b1 | 2 ms | 3 ms | +50.0 % | 0.001 | regress
    "#]]
    .assert_eq(&rows(&page, "section:first-child table"));
    let links = page.attributes("section:first-child a", "href");
    assert_eq!(page.elements(&links[0]).len(), 1);
}

#[test]
fn a_series_has_its_jobs_as_a_table() {
    let page = read(vec![series()]);
    expect![[r#"
        Time | Job | Target | Build | Kernel | Median | Change
        1970-01-01 00:00:00 UTC | job-0 <i> | board1 | b0 | 6.12 | 2 ms | 
        1970-01-02 00:00:00 UTC | job-1 <i> | board1 | b0 | 6.12 | 2.5 ms | 
        1970-01-03 00:00:00 UTC | job-2 <i> | board1 | b0 | 6.12 | 2 ms | 
        1970-01-04 00:00:00 UTC | job-3 <i> | board1 | b1 | 6.12 | 3 ms | +50.0 % regress
        1970-01-05 00:00:00 UTC | job-4 <i> | board1 | b1 | 6.12 | 4 ms | 
        1970-01-06 00:00:00 UTC | job-5 <i> | board1 | b1 | 6.12 | 3 ms | 
    "#]]
    .assert_eq(&rows(&page, "details table"));
    let mut with_commits = series();
    with_commits.points[1].commit = "c0ffee".to_owned();
    let page = read(vec![with_commits]);
    expect!["Time | Job | Target | Build | Commit | Kernel | Median | Change"].assert_eq(
        rows(&page, "details thead")
            .lines()
            .next()
            .unwrap_or_default(),
    );
    assert!(rows(&page, "details table").contains(" | b0 | c0ffee | 6.12 | "));
}

#[test]
fn a_plot_has_a_dot_for_each_job_and_a_line_for_each_level_and_change() {
    let page = read(vec![series()]);
    let label = "reply of net::up <b> on board1: 6 jobs, 1 change";
    assert_eq!(page.attributes("svg", "aria-label"), [label]);
    expect![[r#"
        <path class="line" d="M8 192L180.8 146L353.6 192L526.4 100L699.2 8L872 100" opacity="0.45">
        </path>
        <line stroke="currentColor" stroke-width="1.6" x1="0" x2="440" y1="192" y2="192">
        </line>
        <line stroke="currentColor" stroke-width="1.6" x1="440" x2="880" y1="100" y2="100">
        </line>
        <line class="limit" x1="440" x2="440" y1="0" y2="200">
        </line>
        <text x="440" y="-3">+50.0&nbsp;%</text>
        <circle class="dot" cx="8" cy="192" r="2.4">
        <title>1970-01-01 00:00:00 UTC, job job-0 &lt;i&gt;, build b0: 2 ms</title>
        </circle>
        <circle class="dot" cx="180.8" cy="146" r="2.4">
        <title>1970-01-02 00:00:00 UTC, job job-1 &lt;i&gt;, build b0: 2.5 ms</title>
        </circle>
        <circle class="dot" cx="353.6" cy="192" r="2.4">
        <title>1970-01-03 00:00:00 UTC, job job-2 &lt;i&gt;, build b0: 2 ms</title>
        </circle>
        <circle class="dot" cx="526.4" cy="100" r="2.4">
        <title>1970-01-04 00:00:00 UTC, job job-3 &lt;i&gt;, build b1: 3 ms</title>
        </circle>
        <circle class="dot" cx="699.2" cy="8" r="2.4">
        <title>1970-01-05 00:00:00 UTC, job job-4 &lt;i&gt;, build b1: 4 ms</title>
        </circle>
        <circle class="dot" cx="872" cy="100" r="2.4">
        <title>1970-01-06 00:00:00 UTC, job job-5 &lt;i&gt;, build b1: 3 ms</title>
        </circle>
        <text x="0" y="212">1970-01-01</text>
        <text class="end" x="880" y="212">1970-01-06</text>"#]]
    .assert_eq(&page.elements("svg")[0].inner_html().replace("><", ">\n<"));
}

#[test]
fn a_level_ends_where_the_next_one_begins() {
    let mut twice = series();
    let mut next = twice.changes[0].clone();
    next.index = 5;
    twice.changes.push(next);
    let page = read(vec![twice]);
    let levels = |end| page.attributes("svg line[stroke]", end);
    let places = page.attributes("svg line.limit", "x1");
    assert_eq!(levels("x2")[..2], places[..]);
    assert_eq!(levels("x1")[1..], places[..]);
    assert_eq!(
        page.attributes("svg line.limit", "x1"),
        page.attributes("svg line.limit", "x2")
    );
    // The labels are on the side where there is room.
    assert_eq!(
        page.texts("svg text.end"),
        ["+50.0\u{a0}%", "+50.0\u{a0}%", "1970-01-06"][1..]
    );
}

#[test]
fn a_series_without_changes_or_with_one_job_is_shown_all_the_same() {
    let mut steady = series();
    steady.changes.clear();
    let mut short = steady.clone();
    short.points.truncate(1);
    let page = read(vec![steady, short]);
    assert_eq!(
        page.texts("main > section:first-child p"),
        ["No series changed its level."]
    );
    assert_eq!(page.elements("svg").len(), 1);
    assert_eq!(page.elements("svg line").len(), 0);
    assert_eq!(page.texts("summary"), ["6 jobs", "1 job"]);
    assert_eq!(page.texts("header p"), ["7 values in 2 series, 0 changes"]);
}

#[test]
fn a_long_series_has_no_dots() {
    let mut long = series();
    let point = long.points[0].clone();
    long.points = vec![point; 400];
    let dots = |series: &TrendSeries| read(vec![series.clone()]).elements("svg circle").len();
    assert_eq!(dots(&long), 400);
    long.points.push(long.points[0].clone());
    assert_eq!(dots(&long), 0);
}

#[test]
fn changes_that_name_no_point_are_no_trouble() {
    let mut wrong = series();
    wrong.unit = String::new();
    wrong.changes[0].index = 99;
    wrong.changes[0].verdict = MetricVerdict::Differ;
    let page = read(vec![wrong]);
    expect![[r#"
        net::up <b> | board1 |  |  |  | 2 | 3 | +50.0 % | 0.001 | differ
    "#]]
    .assert_eq(&rows(&page, "section:first-child tbody"));
    assert_eq!(page.elements(".tag.warn").len(), 1);
    assert_eq!(page.elements("h2 span").len(), 0);
}
