//! The description of a definition.

use std::time::Duration;

use super::{
    DescribedExpect, DescribedKind, DescribedParam, DescribedVersion, Description, Format,
};
use crate::def::{Expect, TestDef, Version};
use crate::params::ParamDef;
use crate::phase::{Phase, PhaseSet};

impl Description {
    /// The description of a test or a control function with this id.
    pub fn new(kind: DescribedKind, id: &str, def: &TestDef) -> Description {
        let meta = def.meta;
        Description {
            v: Format::CURRENT,
            kind,
            id: id.to_owned(),
            name: def.name.to_owned(),
            verbatim: def.renamed.is_some(),
            module: def.module.path.to_owned(),
            case: def.case.map_or("", |case| case.name).to_owned(),
            file: def.module.file.to_owned(),
            line: def.line,
            doc: def.doc.to_owned(),
            args: owned_pairs(def.case_args()),
            author: meta.author.to_owned(),
            version: meta.version.into(),
            suites: owned(meta.suites),
            attributes: owned(meta.attributes),
            time: meta.time.to_owned(),
            test_class: meta.test_class.to_owned(),
            test_category: meta.test_category.to_owned(),
            dependencies: owned(meta.dependencies),
            retries: meta.retries,
            timeout_s: meta.timeout.map(|timeout: Duration| timeout.as_secs_f64()),
            iterations: meta.iterations,
            constraints: owned(meta.constraints),
            profilers: owned(meta.profilers),
            data: owned(meta.data),
            network_destabilizing: meta.network_destabilizing,
            preserve_srcdir: meta.preserve_srcdir,
            postprocess_profiled_run: meta.postprocess_profiled_run,
            ignore: meta.ignore.map(str::to_owned),
            expect: match meta.expect {
                Expect::Pass => DescribedExpect::Pass,
                Expect::Fail => DescribedExpect::Fail,
            },
            leaks: meta.leaks,
            #[cfg(feature = "sysinfo")]
            sysinfo: owned(meta.sysinfo),
            needs: owned(meta.needs),
            site: meta.site,
            replaces: String::new(),
            phases: phases(def.phases),
            catch_all: phases(def.catch_all),
            params: def.params.iter().map(DescribedParam::from).collect(),
        }
    }
}

impl From<&ParamDef> for DescribedParam {
    fn from(param: &ParamDef) -> DescribedParam {
        DescribedParam {
            name: param.name.to_owned(),
            ty: param.ty.to_owned(),
            required: param.required,
            default: param.default.map(str::to_owned),
            range: param.range.map(str::to_owned),
            choices: owned(param.choices),
            secret: param.secret,
            with: param.with.map(str::to_owned),
            doc: param.doc.to_owned(),
            phases: phases(param.phases),
            at: 0,
        }
    }
}

impl From<Version> for DescribedVersion {
    fn from(version: Version) -> DescribedVersion {
        match version {
            Version::Int(int) => DescribedVersion::Int(int),
            Version::Float(float) => DescribedVersion::Float(float),
            Version::Text(text) => DescribedVersion::Text(text.to_owned()),
        }
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn owned_pairs<T: FromIterator<(String, String)>>(pairs: &[(&str, &str)]) -> T {
    let pairs = pairs.iter();
    pairs
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

fn phases(set: PhaseSet) -> Vec<Phase> {
    set.iter().collect()
}
