//! Reads a chart.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use thiserror::Error;

use super::ordered::Ordered;
use super::{Chart, Trace};
use crate::perf::Measured;

/// A text that is not a chart.
#[derive(Debug, Error)]
#[error("the text is not a results chart: {0}")]
pub struct ChartError(#[from] serde_json::Error);

impl Chart {
    /// Reads a chart that [`Chart::render`] or the original wrote. As in the original, an empty text is an
    /// empty chart.
    ///
    /// # Errors
    /// If the text is not JSON or an entry has no numbers. `NaN` and `Infinity`, which the original could
    /// write, are not JSON.
    ///
    /// ```
    /// use autotest_core::perf::{Chart, PerfRequest};
    /// let mut chart = Chart::default();
    /// chart.add(&PerfRequest::new("lat", vec![1.5, 2.0]).check()?);
    /// assert_eq!(Chart::parse(&chart.render())?, chart);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(text: &str) -> Result<Chart, ChartError> {
        if text.trim().is_empty() {
            return Ok(Chart::default());
        }
        Ok(Chart {
            charts: serde_json::from_slice(text.as_bytes())?,
        })
    }
}

/// An entry of the file. Its `type` is redundant: it has either `value` or `values`.
#[derive(Deserialize)]
struct Entry {
    units: Option<String>,
    value: Option<f64>,
    values: Option<Vec<f64>>,
    improvement_direction: String,
}

impl<'de> Deserialize<'de> for Trace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Trace, D::Error> {
        let entry = Entry::deserialize(deserializer)?;
        let measured = match (entry.values, entry.value) {
            (Some(numbers), _) => Measured::List(numbers),
            (None, Some(number)) => Measured::Scalar(number),
            (None, None) => {
                return Err(serde::de::Error::custom(
                    "an entry has neither `value` nor `values`",
                ));
            }
        };
        Ok(Trace {
            units: entry.units,
            measured,
            higher_is_better: entry.improvement_direction == "up",
        })
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Ordered<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ordered<V>, D::Error> {
        deserializer.deserialize_map(OrderedVisitor(PhantomData))
    }
}

struct OrderedVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for OrderedVisitor<V> {
    type Value = Ordered<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of named entries")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<V>, A::Error> {
        let mut entries = Ordered::default();
        while let Some((name, value)) = map.next_entry::<String, V>()? {
            entries.insert(&name, value);
        }
        Ok(entries)
    }
}
