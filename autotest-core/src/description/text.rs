//! A description as human-readable text, as `--describe NAME` and `cargo autotest describe NAME` print it.

use std::fmt::Write;
use std::time::Duration;

use super::{DescribedExpect, DescribedKind, DescribedParam, DescribedVersion, Description};
use crate::phase::Phase;
use crate::settings::LeakPolicy;
use crate::value::Value;

impl Description {
    /// Everything that is set, in lines.
    pub fn text(&self) -> String {
        let mut text = self.head();
        if !self.replaces.is_empty() {
            let _ = writeln!(
                text,
                "the site's version: it replaces that at {}",
                self.replaces
            );
        }
        if self.kind == DescribedKind::Control {
            text.push_str("a control function: `--control` calls it\n");
        }
        #[cfg(feature = "profilers")]
        if self.kind == DescribedKind::Profiler {
            text.push_str("a profiler: `--profiler` uses it\n");
        }
        for (name, value) in self.facts() {
            let _ = writeln!(text, "{name}: {value}");
        }
        self.describe_params(&mut text);
        text
    }

    /// A control function has no phases and no setup.
    fn is_control(&self) -> bool {
        #[cfg(feature = "profilers")]
        if self.kind == DescribedKind::Profiler {
            return true;
        }
        self.kind == DescribedKind::Control
    }

    /// The name, the doc comment and the place.
    fn head(&self) -> String {
        let mut text = format!("{}\n", self.id);
        for line in self.doc.lines() {
            let _ = match line {
                "" => writeln!(text),
                line => writeln!(text, "    {line}"),
            };
        }
        let _ = writeln!(text, "\nat {}:{}", self.file, self.line);
        text
    }

    /// The attributes that are set, in order.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let list = |list: &[String]| list.join(", ");
        let number = |number: Option<u32>| number.map_or_else(String::new, |it| it.to_string());
        let timeout = self.timeout_s.map(Duration::try_from_secs_f64);
        let timeout = timeout.map(|timeout| format!("{:?}", timeout.unwrap_or(Duration::MAX)));
        let mut facts = vec![
            ("phases", names(&self.phases)),
            ("author", self.author.clone()),
            ("version", self.version.to_string()),
            ("suites", list(&self.suites)),
            ("attributes", list(&self.attributes)),
            ("time", self.time.clone()),
            ("test class", self.test_class.clone()),
            ("test category", self.test_category.clone()),
            ("dependencies", list(&self.dependencies)),
            ("needs", list(&self.needs)),
            ("retries", number(self.retries)),
            ("timeout", timeout.unwrap_or_default()),
            ("iterations", number(self.iterations)),
            ("constraints", self.constraints.join("; ")),
            ("profilers", list(&self.profilers)),
            ("data files", list(&self.data)),
            ("leaks", self.leaks.map_or("", LeakPolicy::name).to_owned()),
            ("network destabilizing", yes(self.network_destabilizing)),
            ("preserve srcdir", yes(self.preserve_srcdir)),
            (
                "postprocess profiled run",
                yes(self.postprocess_profiled_run),
            ),
            (
                "ignored",
                self.ignore.as_deref().map_or_else(String::new, reason),
            ),
            (
                "expected to fail",
                yes(self.expect == DescribedExpect::Fail),
            ),
        ];
        #[cfg(feature = "sysinfo")]
        facts.push(("sysinfo", self.sysinfo.join("; ")));
        if self.is_control() {
            facts.retain(|(name, _)| *name != "phases" && *name != "version");
        }
        facts.retain(|(_, value)| !value.is_empty());
        facts
    }

    fn describe_params(&self, text: &mut String) {
        if !self.params.is_empty() {
            text.push_str("\nparameters:\n");
        }
        for param in &self.params {
            let given = self.given_by(param);
            let _ = writeln!(text, "  {}: {}{given}", param.name, param.ty);
            for line in param.doc.lines() {
                let _ = writeln!(text, "      {line}");
            }
            if !self.is_control() {
                let _ = writeln!(text, "      declared by {}", names(&param.phases));
            }
        }
        if !self.catch_all.is_empty() {
            let phases = names(&self.catch_all);
            let _ = writeln!(text, "\nany other argument is accepted, by {phases}");
        }
    }

    fn given_by(&self, param: &DescribedParam) -> String {
        let mut text = match self.args.get(param.name.as_str()) {
            Some(value) => format!(" = {value} (this case)"),
            None => match (&param.default, param.required) {
                (Some(default), _) => format!(" = {default}"),
                (None, true) => " (required)".to_owned(),
                (None, false) => " (optional)".to_owned(),
            },
        };
        if param.secret {
            text.push_str(", secret");
        }
        if let Some(range) = &param.range {
            let _ = write!(text, ", in {range}");
        }
        if !param.choices.is_empty() {
            let _ = write!(text, ", one of {}", param.choices.join(", "));
        }
        text
    }
}

impl std::fmt::Display for DescribedVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DescribedVersion::Int(int) => write!(f, "{int}"),
            DescribedVersion::Float(float) => write!(f, "{}", Value::Float(*float)),
            DescribedVersion::Text(text) => f.write_str(text),
        }
    }
}

fn names(phases: &[Phase]) -> String {
    let names: Vec<_> = phases.iter().map(|phase| phase.name()).collect();
    names.join(", ")
}

fn yes(truth: bool) -> String {
    if truth { "yes" } else { "" }.to_owned()
}

fn reason(reason: &str) -> String {
    if reason.is_empty() { "yes" } else { reason }.to_owned()
}
