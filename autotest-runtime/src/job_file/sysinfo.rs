//! The setting `sysinfo` of a job file.

use autotest_core::{Sysinfo, SysinfoRow, SysinfoSource, SysinfoTime};

use super::mistakes::{Mistakes, Piece};
use super::read::refuse_unknown;

const EXPECTED: &str = "`true`, `false` or an object with `commands` and `files`";
const TIMES: &str = "\"boot\", \"test\" or \"failure\"";

/// Reads the setting. Rows are collected after each test unless they say otherwise.
pub(super) fn read<'a>(piece: Piece<'a>, mistakes: &mut Mistakes<'a>) -> Option<Option<Sysinfo>> {
    if !piece.get().starts_with('{') {
        let is_on: bool = mistakes.value(piece, EXPECTED)?;
        return Some(is_on.then(Sysinfo::default));
    }
    let members = mistakes.object(piece, EXPECTED)?;
    refuse_unknown(&members, &["commands", "files"], mistakes);
    let mut rows = Vec::new();
    for (name, _, list) in members {
        let kind = match name.as_str() {
            "commands" => &Kind::COMMAND,
            "files" => &Kind::FILE,
            _ => continue,
        };
        let list = mistakes.list(list, kind.expected);
        rows.extend(list.into_iter().filter_map(|row| kind.row(row, mistakes)));
    }
    Some(Some(Sysinfo { rows }))
}

/// A kind of rows: commands or files.
struct Kind {
    /// A description of a list of them.
    expected: &'static str,
    /// The key of the command or path.
    key: &'static str,
    source: fn(String) -> SysinfoSource,
}

impl Kind {
    const COMMAND: Kind = Kind {
        expected: "a list of shell commands",
        key: "command",
        source: SysinfoSource::Command,
    };
    const FILE: Kind = Kind {
        expected: "a list of paths",
        key: "file",
        source: SysinfoSource::File,
    };

    /// Reads a text, or an object that may also give the file's name and the time of collection.
    fn row<'a>(&self, piece: Piece<'a>, mistakes: &mut Mistakes<'a>) -> Option<SysinfoRow> {
        let key = self.key;
        let mut row = SysinfoRow {
            source: (self.source)(String::new()),
            name: None,
            when: SysinfoTime::Test,
        };
        let expected = format!("a text, or an object with `{key}`");
        if !piece.get().starts_with('{') {
            row.source = (self.source)(mistakes.value(piece, &expected)?);
            return Some(row);
        }
        let members = mistakes.object(piece, &expected)?;
        refuse_unknown(&members, &[key, "name", "when"], mistakes);
        if !members.iter().any(|(name, ..)| name == key) {
            mistakes.at(piece, format!("it has no `{key}`"));
        }
        for (name, _, value) in members {
            match name.as_str() {
                "name" => row.name = mistakes.value(value, "the name of a file"),
                "when" => row.when = time(value, mistakes)?,
                name if name == key => row.source = (self.source)(mistakes.value(value, "a text")?),
                _ => {}
            }
        }
        Some(row)
    }
}

fn time(piece: Piece<'_>, mistakes: &mut Mistakes<'_>) -> Option<SysinfoTime> {
    let text: String = mistakes.value(piece, TIMES)?;
    let time = SysinfoTime::named(&text);
    if time.is_none() {
        mistakes.at(piece, format!("expected {TIMES}"));
    }
    time
}
