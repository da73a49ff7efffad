//! Splits an attribute expression into tokens.

use super::AttrError;

/// A token and its offset in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) offset: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name(String),
    Not,
    And,
    Or,
    Open,
    Close,
    End,
}

const SIGNS: &[(&str, Kind)] = &[
    ("&&", Kind::And),
    ("||", Kind::Or),
    ("!", Kind::Not),
    ("(", Kind::Open),
    (")", Kind::Close),
];

impl Kind {
    /// The name of the token in an error message.
    pub(super) fn described(&self) -> String {
        let sign = SIGNS.iter().find(|(_, kind)| kind == self);
        match (self, sign) {
            (Kind::Name(name), _) => format!("`{name}`"),
            (_, Some((sign, _))) => format!("`{sign}`"),
            (_, None) => "the end".to_owned(),
        }
    }
}

/// All tokens; the last one is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, AttrError> {
    let mut tokens = Vec::new();
    let mut offset = 0;
    loop {
        let rest = &text[offset..];
        offset += rest.len() - rest.trim_start().len();
        let (kind, length) = token(text, offset)?;
        let is_last = kind == Kind::End;
        tokens.push(Token { kind, offset });
        if is_last {
            return Ok(tokens);
        }
        offset += length;
    }
}

/// The token that begins at `offset`, and its length in bytes.
fn token(text: &str, offset: usize) -> Result<(Kind, usize), AttrError> {
    let rest = &text[offset..];
    let Some(first) = rest.chars().next() else {
        return Ok((Kind::End, 0));
    };
    if let Some((sign, kind)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Ok((kind.clone(), sign.len()));
    }
    if first == '"' {
        return quoted(text, offset);
    }
    let length = rest.find(|c| !is_bare(c)).unwrap_or(rest.len());
    if length > 0 {
        return Ok((Kind::Name(rest[..length].to_owned()), length));
    }
    let message = match first {
        '&' | '|' => format!("expected `{first}{first}`, found `{first}`"),
        other => format!("expected an attribute, found `{other}`; put its name in double quotes"),
    };
    Err(AttrError::new(text, offset, message))
}

fn quoted(text: &str, offset: usize) -> Result<(Kind, usize), AttrError> {
    let error = |message| Err(AttrError::new(text, offset, message));
    match text[offset + 1..].split_once('"') {
        None => error("expected a closing `\"`"),
        Some(("", _)) => error("expected the name of an attribute between the quotes"),
        Some((name, _)) => Ok((Kind::Name(name.to_owned()), name.len() + 2)),
    }
}

fn is_bare(c: char) -> bool {
    c.is_alphanumeric() || "_:.-/+*".contains(c)
}
