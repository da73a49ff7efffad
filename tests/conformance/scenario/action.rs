//! What a scripted phase or hook does.

use autotest_core::keyval::Tag;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::Exception;

/// One action of a phase or hook.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Action {
    /// In which calls of the phase or hook it happens, from 1; in all if absent.
    #[serde(default)]
    on_call: Option<Vec<u64>>,
    #[serde(flatten)]
    pub(crate) step: Step,
}

impl Action {
    pub(crate) fn happens_in(&self, call: u64) -> bool {
        self.on_call
            .as_ref()
            .is_none_or(|calls| calls.contains(&call))
    }
}

/// What is done.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Step {
    Raise(Exception),
    WritePerf {
        kv: Map<String, Json>,
    },
    WriteAttr {
        kv: Map<String, Json>,
    },
    WriteTestKeyval {
        kv: Map<String, Json>,
    },
    WriteIterationKeyval(IterationKeyval),
    OutputPerfValue(Arguments),
    RegisterHook(RegisterHook),
    Assert(Assert),
    Runsubtest(Subtest),
    Log {
        #[serde(default)]
        msg: String,
    },
    Try {
        actions: Vec<Action>,
    },
    AdvanceClock {
        s: f64,
    },
    SetAttr {},
    WriteSrc {
        path: String,
        #[serde(default)]
        text: String,
    },
    Chdir {
        to: String,
    },
    LogCwd,
    LogIteration,
    Call(Call),
    CallBase(Call),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct IterationKeyval {
    pub(crate) attr: Map<String, Json>,
    pub(crate) perf: Map<String, Json>,
}

/// The arguments of a call of Python.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Arguments {
    pub(crate) args: Vec<Json>,
    pub(crate) kwargs: Map<String, Json>,
}

impl Arguments {
    /// The argument at this position or of this name.
    pub(crate) fn get(&self, position: usize, name: &str) -> Option<&Json> {
        self.args.get(position).or_else(|| self.kwargs.get(name))
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RegisterHook {
    pub(crate) kind: String,
    #[serde(flatten)]
    pub(crate) hook: HookScript,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Assert {
    pub(crate) expr: Json,
    #[serde(default)]
    pub(crate) msg: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Subtest {
    pub(crate) url: String,
    #[serde(flatten)]
    pub(crate) arguments: Arguments,
}

/// A call of one of the test's own methods, or of the base class's.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Call {
    pub(crate) method: String,
    #[serde(flatten)]
    pub(crate) arguments: Arguments,
}

/// A hook.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct HookScript {
    pub(crate) id: Option<String>,
    pub(crate) actions: Vec<Action>,
    /// `init` if the constructor registers it, else runtest does.
    pub(crate) via: Option<String>,
}

impl HookScript {
    pub(crate) fn is_registered_by_constructor(&self) -> bool {
        self.via.as_deref() == Some("init")
    }
}

impl Step {
    pub(crate) fn call(&self) -> Option<&Call> {
        let (Step::Call(call) | Step::CallBase(call)) = self else {
            return None;
        };
        Some(call)
    }

    pub(crate) fn subtest(&self) -> Option<&Subtest> {
        let Step::Runsubtest(subtest) = self else {
            return None;
        };
        Some(subtest)
    }

    /// The keyvals that it writes, in the order of writing.
    pub(crate) fn keyvals(&self) -> Vec<(Option<Tag>, Map<String, Json>)> {
        if let Some(step) = self.call().and_then(Call::as_step) {
            return step.keyvals();
        }
        let (attr, perf) = (Some(Tag::Attr), Some(Tag::Perf));
        if let Step::WriteIterationKeyval(keyval) = self {
            return vec![(attr, keyval.attr.clone()), (perf, keyval.perf.clone())];
        }
        let written = |tag, kv: &Map<String, Json>| vec![(tag, kv.clone())];
        if let Step::WriteTestKeyval { kv } = self {
            return written(None, kv);
        }
        if let Step::WriteAttr { kv } = self {
            return written(attr, kv);
        }
        if let Step::WritePerf { kv } = self {
            return written(perf, kv);
        }
        Vec::new()
    }
}

impl Call {
    /// The step that does the same, if there is one.
    pub(crate) fn as_step(&self) -> Option<Step> {
        let dictionary = |position, name| match self.arguments.get(position, name) {
            Some(Json::Object(kv)) => Some(kv.clone()),
            _ => None,
        };
        Some(match self.method.as_str() {
            "write_perf_keyval" => Step::WritePerf {
                kv: dictionary(0, "perf_dict")?,
            },
            "write_attr_keyval" => Step::WriteAttr {
                kv: dictionary(0, "attr_dict")?,
            },
            "write_test_keyval" => Step::WriteTestKeyval {
                kv: dictionary(0, "attr_dict")?,
            },
            "write_iteration_keyval" => Step::WriteIterationKeyval(IterationKeyval {
                attr: dictionary(0, "attr_dict")?,
                perf: dictionary(1, "perf_dict")?,
            }),
            "output_perf_value" => Step::OutputPerfValue(self.arguments.clone()),
            "assert_" => Step::Assert(Assert {
                expr: self.arguments.get(0, "expr")?.clone(),
                msg: self
                    .arguments
                    .get(1, "msg")
                    .and_then(Json::as_str)
                    .map(str::to_owned),
            }),
            _ => return None,
        })
    }
}

/// All steps of a list, those of nested lists included.
pub(super) fn collect<'a>(actions: &'a [Action], steps: &mut Vec<&'a Step>) {
    for Action { step, .. } in actions {
        steps.push(step);
        if let Step::Try { actions } = step {
            collect(actions, steps);
        }
        if let Step::RegisterHook(registered) = step {
            collect(&registered.hook.actions, steps);
        }
    }
}
