//! Makes definitions from descriptions. They live until the process ends, like those of a binary.

use autotest_core::{
    Call, CaseDef, DescribedParam, Description, Details, Module, ParamDef, Phase, PhaseSet, TestDef,
};

use super::{Described, values};
use crate::__private::{ControlDef, HookDef};
use crate::registry::{Others, RegistrationError, Registry, Test};

/// Makes a registry of the described items.
///
/// # Errors
/// If a binary cannot have tests with these names.
pub(super) fn registry(described: Described<'_>) -> Result<&'static Registry, RegistrationError> {
    let tests = described.tests.iter().map(|test| Test {
        id: text(&test.id),
        def: leak(definition(test)),
    });
    let controls = described.controls.iter().map(|control| ControlDef {
        def: definition(control),
        run: |_, _| Ok(()),
    });
    let hooks = described.hooks.iter().map(|hook| HookDef {
        name: text(&hook.name),
        line: hook.line,
        module: module(hook),
        call: |_| Ok(()),
    });
    let others = Others {
        controls: controls.collect(),
        hooks: hooks.collect(),
        #[cfg(feature = "profilers")]
        profilers: described.profilers.iter().map(definition).collect(),
    };
    Registry::described(tests.collect(), others)
}

/// The definition of a test, as far as checking a job file needs it: without options and code.
fn definition(test: &Description) -> TestDef {
    let params = test.params.iter().map(param).collect::<Vec<_>>();
    TestDef {
        name: text(&test.name),
        line: test.line,
        call: Call::Unit(|| ()),
        details: leak(Details {
            renamed: test.verbatim.then_some(""),
            case: case(test),
            module: module(test),
            doc: text(&test.doc),
            params: params.leak(),
            phases: phases(&test.phases),
            catch_all: phases(&test.catch_all),
            ..Details::DEFAULT
        }),
    }
}

fn case(test: &Description) -> Option<&'static CaseDef> {
    let args = test.args.iter();
    let args = args.map(|(name, value)| (text(name), text(value)));
    (!test.case.is_empty()).then(|| {
        leak(CaseDef {
            name: text(&test.case),
            index: 1,
            args: args.collect::<Vec<_>>().leak(),
        })
    })
}

fn param(param: &DescribedParam) -> ParamDef {
    let choices = param.choices.iter().map(|choice| text(choice));
    ParamDef {
        name: text(&param.name),
        ty: text(&param.ty),
        doc: text(&param.doc),
        required: param.required,
        default: param.default.as_deref().map(text),
        range: param.range.as_deref().map(text),
        choices: choices.collect::<Vec<_>>().leak(),
        secret: param.secret,
        with: param.with.as_deref().map(text),
        phases: phases(&param.phases),
        check: values::check,
    }
}

fn module(described: &Description) -> &'static Module {
    leak(Module {
        path: text(&described.module),
        file: text(&described.file),
    })
}

fn phases(phases: &[Phase]) -> PhaseSet {
    PhaseSet::of(phases)
}

fn text(text: &str) -> &'static str {
    String::from(text).leak()
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
