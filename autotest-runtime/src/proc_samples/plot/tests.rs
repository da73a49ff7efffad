use std::time::UNIX_EPOCH;

use super::*;
use crate::proc_samples::Band;
use crate::proc_samples::moment::Moment;
use crate::proc_samples::series::Series;

/// The time at which the plot begins.
const BOOTED: Duration = Duration::from_secs(1000);

fn sampled(problems: &[&str]) -> Sampled {
    Sampled {
        samples: 20,
        missed: 1,
        elapsed: Duration::from_secs(2),
        cost: Duration::from_millis(5),
        problems: problems.iter().map(|text| (*text).to_owned()).collect(),
    }
}

fn panel() -> Panel {
    let mut series = Series::new();
    let planned = Duration::from_millis(100);
    let mut moment = Moment::first(UNIX_EPOCH, planned);
    for i in 1..=20_u32 {
        moment.advance(planned * i, UNIX_EPOCH, 0);
        series.push(&moment, [i as f32, 2.0]);
    }
    let layers = [("user", Color::Blue), ("system", Color::Orange)];
    Panel::stacked("Processors", Unit::Percent, &layers, &series).unwrap()
}

fn plot(bands: &[Band]) -> String {
    let sampled = sampled(&["cpu.csv was cut at 1 <byte>"]);
    let heading = Heading {
        title: "proc: <evil> & \"co\"",
        sampled: &sampled,
        interval: Duration::from_millis(100),
        started_at: UNIX_EPOCH,
    };
    let bands = Bands::new(bands, BOOTED, sampled.elapsed);
    svg(&heading, &[panel()], &bands)
}

fn band(row: usize, label: &str, from_ms: u64, to_ms: u64) -> Band {
    Band {
        row,
        label: label.to_owned(),
        from: BOOTED + Duration::from_millis(from_ms),
        to: Some(BOOTED + Duration::from_millis(to_ms)),
    }
}

#[test]
fn a_plot_is_told_in_words_too() {
    let svg = plot(&[]);
    let expected = "<title id=\"proc-title\">proc: &lt;evil&gt; &amp; &quot;co&quot;</title>\n\
        <desc id=\"proc-desc\">20 samples (1 missed) in 2 s, one every 100 ms, at the cost of 0.25 % of a processor. \
        Processors: user, max. 20 %; system, max. 2 %.</desc>\n";
    assert!(svg.contains(expected), "{svg}");
    assert!(svg.contains(">cpu.csv was cut at 1 &lt;byte&gt;</text>"));
}

#[test]
fn layers_are_drawn_from_the_top_and_begin_at_the_left() {
    let svg = plot(&[]);
    let system = svg.find("<title>system</title>").unwrap();
    let user = svg.find("<title>user</title>").unwrap();
    assert!(system < user);
    let areas = svg.matches("<path fill=").count();
    assert_eq!(areas, 2);
    // The areas begin at the lower left corner of the plot area, whose bottom is 120 below the top of the panel.
    let bottom = HEADING_HEIGHT + PROBLEM_HEIGHT + BANDS_GAP + 120.0;
    assert!(svg.contains(&format!("d=\"M92 {bottom:.1}L92.0 ")), "{svg}");
}

#[test]
fn a_band_is_shown_where_it_was_if_it_was() {
    let svg = plot(&[
        band(0, "run <1>", 500, 1500),
        Band {
            from: Duration::from_secs(1),
            to: Some(Duration::from_secs(2)),
            ..band(0, "before", 0, 0)
        },
        Band {
            to: None,
            ..band(0, "running", 1700, 0)
        },
        band(1, "a label for which there is no room at all", 1000, 1100),
        band(1, "after", 2500, 3000),
    ]);
    let shown = |text: &str| svg.contains(text);
    assert!(
        shown("<g><title>run &lt;1&gt;</title><rect class=\"b0\" x=\"363.0\""),
        "{svg}"
    );
    assert!(shown("width=\"542.0\""), "{svg}");
    assert!(shown(">run &lt;1&gt;</text></g>"));
    assert!(shown(
        "<g><title>a label for which there is no room at all</title>"
    ));
    assert!(shown(">a labe…</text>"), "{svg}");
    assert!(
        shown("<g><title>running</title><rect class=\"b1\" x=\"1013.4\""),
        "{svg}"
    );
    assert!(!shown("before") && !shown("after"));
}

#[test]
fn very_many_bands_are_one() {
    let bands: Vec<_> = (0..2000)
        .map(|i| band(0, &format!("iteration {i}"), i, i + 1))
        .collect();
    let svg = plot(&bands);
    assert_eq!(svg.matches("<g><title>").count(), 1);
    assert!(svg.contains("<g><title>iteration 0 to iteration 1999 (2000)</title>"));
}
