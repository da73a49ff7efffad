//! `results-chart.json`: the combination table, the bytes, and that folding is linear and lossless.

use autotest_core::Value;
use autotest_core::perf::{Chart, Metric, PerfRequest, PerfValue};
use proptest::prelude::*;

fn value(description: &str, value: impl Into<Value>) -> PerfRequest {
    PerfRequest::new(description, value)
}

fn replacing(description: &str, new: impl Into<Value>) -> PerfRequest {
    PerfRequest {
        replace_existing_values: true,
        ..value(description, new)
    }
}

fn on_graph(graph: &str, request: PerfRequest) -> PerfRequest {
    PerfRequest {
        graph: Some(graph.to_owned()),
        ..request
    }
}

fn chart<const N: usize>(requests: [PerfRequest; N]) -> Chart {
    let mut chart = Chart::default();
    for request in requests {
        chart.add(&request.check().unwrap());
    }
    chart
}

#[track_caller]
fn check<const N: usize>(requests: [PerfRequest; N], expected: &str) {
    assert_eq!(chart(requests).render(), expected);
}

/// One metric `A` whose numbers are checked in their file form, the lists on one line.
#[track_caller]
fn check_numbers<const N: usize>(requests: [PerfRequest; N], expected: &str) {
    let text = chart(requests).render().replace([' ', '\n'], "");
    let numbers = match expected.strip_prefix('[') {
        Some(_) => format!(r#""values":{expected},"type":"list_of_scalar_values""#),
        None => format!(r#""type":"scalar","value":{expected}"#),
    };
    assert_eq!(
        text,
        format!(
            r#"{{"A":{{"summary":{{"units":null,{numbers},"improvement_direction":"down"}}}}}}"#
        )
    );
}

const SCALAR: &str = "{\n  \"Test\": {\n    \"summary\": {\n      \"units\": \"ms\", \n      \"type\": \"scalar\", \n      \
    \"value\": 1.0, \n      \"improvement_direction\": \"up\"\n    }\n  }\n}";

const LIST: &str = "{\n  \"A\": {\n    \"summary\": {\n      \"units\": null, \n      \"values\": [\n        1.0, \n        \
    2.5\n      ], \n      \"type\": \"list_of_scalar_values\", \n      \"improvement_direction\": \"down\"\n    }\n  }\n}";

const EMPTY_LIST: &str = "{\n  \"A\": {\n    \"summary\": {\n      \"units\": null, \n      \"values\": [], \n      \"type\": \
    \"list_of_scalar_values\", \n      \"improvement_direction\": \"down\"\n    }\n  }\n}";

const GRAPH: &str = "{\n  \"My Graph!\": {\n    \"x\": {\n      \"units\": null, \n      \"type\": \"scalar\", \n      \
    \"value\": 4.0, \n      \"improvement_direction\": \"up\"\n    }, \n    \"lat_a_b\": {\n      \"units\": \"m_s\", \n      \
    \"type\": \"scalar\", \n      \"value\": 3.0, \n      \"improvement_direction\": \"down\"\n    }\n  }, \n  \"z\\u00e9\\n\": {\n    \
    \"A\": {\n      \"units\": null, \n      \"type\": \"scalar\", \n      \"value\": 1e-05, \n      \"improvement_direction\": \
    \"down\"\n    }\n  }\n}";

#[test]
fn the_layout_is_the_originals() {
    let test = PerfRequest {
        units: Some("ms".to_owned()),
        higher_is_better: Some(true),
        ..value("Test", 1)
    };
    check([test], SCALAR);
    check([value("A", vec![1.0, 2.5])], LIST);
    check([value("A", Vec::<i32>::new())], EMPTY_LIST);
    check([], "{}");
}

#[test]
fn a_graph_holds_several_traces_and_keeps_its_name() {
    let x = PerfRequest {
        higher_is_better: Some(true),
        ..value("x", 4)
    };
    let lat = PerfRequest {
        units: Some("m/s".to_owned()),
        ..value("lat a/b", 3)
    };
    let other = on_graph("zé\n", value("A", 1e-5));
    check(
        [on_graph("My Graph!", x), other, on_graph("My Graph!", lat)],
        GRAPH,
    );
}

#[test]
fn an_empty_graph_is_none() {
    check_numbers([on_graph("", value("A", 1)), value("A", 2)], "[1.0,2.0]");
}

#[test]
fn values_of_one_metric_are_collected() {
    check_numbers([value("A", 1)], "1.0");
    check_numbers(
        [value("A", 1), value("A", 2), value("A", 3.5)],
        "[1.0,2.0,3.5]",
    );
    check_numbers([value("A", 1), value("A", vec![2, 3])], "[1.0,2.0,3.0]");
    check_numbers([value("A", vec![2, 3]), value("A", 1)], "[2.0,3.0,1.0]");
    check_numbers(
        [
            value("A", vec![2, 3]),
            value("A", vec![1]),
            value("A", Vec::<i32>::new()),
        ],
        "[2.0,3.0,1.0]",
    );
    check_numbers([value("A", 1), value("A", Vec::<i32>::new())], "[1.0]");
}

#[test]
fn a_replacing_value_stands_alone() {
    check_numbers([value("A", vec![1, 2]), replacing("A", 3)], "3.0");
    check_numbers(
        [value("A", vec![1, 2]), replacing("A", 3), value("A", 4)],
        "[3.0,4.0]",
    );
    check_numbers([value("A", 1), replacing("A", vec![3, 4])], "[3.0,4.0]");
    check_numbers([replacing("A", 1)], "1.0");
}

#[test]
fn a_chart_is_a_list_of_means() {
    assert!(Chart::default().is_empty());
    assert_eq!(Chart::default().metrics().count(), 0);
    let units = |request| PerfRequest {
        units: Some("ms".to_owned()),
        ..request
    };
    let chart = chart([
        units(value("A", vec![1, 2, 6])),
        on_graph("G", value("B", 4)),
        value("C", Value::List(vec![])),
        value("D", vec![f64::MAX, f64::MAX]),
    ]);
    assert!(!chart.is_empty());
    let metrics: Vec<_> = chart.metrics().collect();
    let expected = [
        Metric {
            chart: "A",
            trace: None,
            units: Some("ms"),
            mean: 3.0,
        },
        Metric {
            chart: "D",
            trace: None,
            units: None,
            mean: f64::MAX,
        },
        Metric {
            chart: "G",
            trace: Some("B"),
            units: None,
            mean: 4.0,
        },
    ];
    for metric in expected {
        assert!(metrics.contains(&metric), "{metrics:#?}");
    }
    assert_eq!(metrics.len(), 3);
}

#[test]
fn charts_are_equal_if_all_of_their_values_are() {
    let one = || chart([value("A", 1), on_graph("G", value("B", 2))]);
    assert_eq!(one(), one());
    assert_ne!(one(), chart([value("A", 1), on_graph("G", value("B", 3))]));
    assert_ne!(one(), chart([value("A", 1)]));
    assert_ne!(one(), Chart::default());
}

#[test]
fn names_that_collide_after_replacement_are_one_metric() {
    let both = chart([value("a b", 1), value("a/b", 2)]);
    assert_eq!(both, chart([value("a_b", 1), value("a_b", 2)]));
}

#[test]
fn the_latest_value_says_units_and_direction() {
    let first = PerfRequest {
        units: Some("ms".to_owned()),
        higher_is_better: Some(true),
        ..value("A", 1)
    };
    check_numbers([first, value("A", 2)], "[1.0,2.0]");
}

/// The naive fold: for each metric one value, combined by the table of formats §5 from all of its own.
fn naive_fold(values: &[PerfValue]) -> String {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for name in values.iter().map(name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut chart = Chart::default();
    for metric in names {
        let own: Vec<_> = values
            .iter()
            .filter(|value| name(value) == metric)
            .collect();
        chart.add(&combined(&own));
    }
    chart.render()
}

fn name(value: &PerfValue) -> (&str, &str) {
    (value.graph().unwrap_or_default(), value.description())
}

fn combined(own: &[&PerfValue]) -> PerfValue {
    let start = own
        .iter()
        .rposition(|value| value.replace_existing_values())
        .unwrap_or(0);
    let (first, rest) = own[start..].split_first().unwrap();
    let value = if rest.is_empty() {
        first.value().clone()
    } else {
        Value::List(
            own[start..]
                .iter()
                .flat_map(|value| elements(value.value()))
                .collect(),
        )
    };
    let last = own.last().unwrap();
    let request = PerfRequest {
        units: last.units().map(str::to_owned),
        higher_is_better: last.higher_is_better(),
        graph: last.graph().map(str::to_owned),
        ..PerfRequest::new(last.description(), value)
    };
    request.check().unwrap()
}

fn elements(value: &Value) -> Vec<Value> {
    match value {
        Value::List(items) => items.clone(),
        other => vec![other.clone()],
    }
}

/// Values of few names, so that they meet. A graph is never named like a description.
fn requests() -> impl Strategy<Value = PerfRequest> {
    let number = || (-1_000_000_i32..1_000_000).prop_map(|n| f64::from(n) / 1000.0);
    let value = prop_oneof![
        number().prop_map(Value::from),
        prop::collection::vec(number(), 0..3).prop_map(Value::from)
    ];
    let units = prop::option::of("[a-z%]{0,3}");
    (
        ("[a-c]", value),
        units,
        any::<Option<bool>>(),
        prop::option::of("[x-z é\"]"),
        any::<bool>(),
    )
        .prop_map(
            |((description, value), units, higher_is_better, graph, replace_existing_values)| {
                PerfRequest {
                    units,
                    higher_is_better,
                    graph,
                    replace_existing_values,
                    ..PerfRequest::new(description, value)
                }
            },
        )
}

fn fold(values: &[PerfValue]) -> Chart {
    let mut chart = Chart::default();
    values.iter().for_each(|value| chart.add(value));
    chart
}

proptest! {
    #[test]
    fn one_pass_equals_the_naive_fold(requests in prop::collection::vec(requests(), 0..20)) {
        let values: Vec<_> = requests.into_iter().map(|request| request.check().unwrap()).collect();
        prop_assert_eq!(fold(&values).render(), naive_fold(&values));
    }
}

#[test]
fn a_hundred_thousand_values_are_all_there() {
    for metrics in [1, 1000] {
        let mut chart = Chart::default();
        for n in 0..100_000 {
            chart.add(&value(&format!("m{}", n % metrics), n).check().unwrap());
        }
        let text = chart.render();
        assert_eq!(text.matches("\"values\"").count(), metrics);
        assert_eq!(text.matches(".0").count(), 100_000);
    }
}

#[cfg(feature = "serde")]
mod read {
    use super::*;

    #[test]
    fn an_empty_text_is_an_empty_chart() {
        assert_eq!(Chart::parse("").unwrap(), Chart::default());
        assert_eq!(Chart::parse("{}").unwrap(), Chart::default());
    }

    #[test]
    fn what_is_no_chart_is_refused() {
        for text in [
            "{",
            "[]",
            r#"{"a":{"s":{"units":null,"improvement_direction":"up"}}}"#,
        ] {
            let error = Chart::parse(text).unwrap_err().to_string();
            assert!(
                error.starts_with("the text is not a results chart: "),
                "{error}"
            );
        }
    }

    #[test]
    fn a_list_is_no_chart() {
        let error = Chart::parse("[]").unwrap_err().to_string();
        let expected = "the text is not a results chart: invalid type: sequence, expected an object of named entries";
        assert!(error.starts_with(expected), "{error}");
    }

    #[test]
    fn a_chart_goes_on_where_it_was_read() {
        let mut read = Chart::parse(SCALAR).unwrap();
        read.add(&value("Test", 2).check().unwrap());
        let whole = chart([value("Test", 1), value("Test", 2)]);
        assert_eq!(read, whole);
    }

    proptest! {
        #[test]
        fn a_chart_comes_back(requests in prop::collection::vec(requests(), 0..20)) {
            let values: Vec<_> = requests.into_iter().map(|request| request.check().unwrap()).collect();
            let chart = fold(&values);
            prop_assert_eq!(Chart::parse(&chart.render()).unwrap(), chart);
        }
    }
}
