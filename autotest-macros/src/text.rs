//! Renders tokens in the usual format: `Option<PathBuf>`, not `Option < PathBuf >`.
//!
//! The compiler's own rendering differs between versions. Of what it renders, this module interprets only numbers.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Lit, Token};

/// The text of a type or an expression, with normalised spacing.
pub(crate) fn readable(tokens: &TokenStream) -> String {
    let mut text = Text::default();
    text.tokens(tokens.clone());
    text.0
}

/// A text that is the same for the same value: `4` for `0x4` and `4_u64`.
pub(crate) fn identity(value: &TokenStream) -> String {
    match number.parse2(value.clone()) {
        Ok(text) => text,
        Err(_) => readable(value),
    }
}

/// A number with its sign, without `_` and type.
pub(crate) fn number(input: ParseStream<'_>) -> syn::Result<String> {
    let sign = match input.parse::<Option<Token![-]>>()? {
        Some(_) => "-",
        None => "",
    };
    match input.parse::<Lit>()? {
        Lit::Int(int) => Ok(format!("{sign}{}", int.base10_digits())),
        Lit::Float(float) => Ok(format!("{sign}{}", float.base10_digits())),
        other => Err(syn::Error::new(other.span(), "not a number")),
    }
}

/// Operators with a space at either side, if they are between two operands.
const BINARY: &[&str] = &[
    "=", "=>", "->", "+", "-", "*", "/", "%", "|", "&", "^", "&&", "||", "==", "!=", "<=", ">=",
];

#[derive(Default)]
struct Text(String);

impl Text {
    fn tokens(&mut self, tokens: TokenStream) {
        let mut operator = String::new();
        for token in tokens {
            let is_last = match &token {
                TokenTree::Punct(punct) => {
                    operator.push(punct.as_char());
                    punct.spacing() == Spacing::Alone || is_angle(&operator)
                }
                _ => !operator.is_empty(),
            };
            if is_last {
                self.operator(&std::mem::take(&mut operator));
            }
            match token {
                TokenTree::Punct(_) => {}
                TokenTree::Group(group) => self.group(&group),
                TokenTree::Ident(ident) => self.word(&ident.to_string()),
                TokenTree::Literal(literal) => self.word(&literal.to_string()),
            }
        }
    }

    fn word(&mut self, word: &str) {
        if self.ends_operand() && !self.ends_lifetime() {
            self.0.push(' ');
        }
        self.0.push_str(word);
    }

    fn operator(&mut self, operator: &str) {
        match operator {
            "," | ";" | ":" => {
                self.0.push_str(operator);
                self.0.push(' ');
            }
            "'" | "&'" | "#" | "#!" if self.ends_operand() => {
                self.0.push(' ');
                self.0.push_str(operator);
            }
            _ if BINARY.contains(&operator) && (self.ends_operand() || operator == "->") => {
                self.0 = format!("{} {operator} ", self.0.trim_end());
            }
            _ => self.0.push_str(operator),
        }
    }

    fn group(&mut self, group: &Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Brace => ("{ ", " }"),
            Delimiter::None => ("", ""),
        };
        if group.delimiter() == Delimiter::Brace && self.ends_operand() {
            self.0.push(' ');
        }
        if group.delimiter() == Delimiter::Bracket && self.0.ends_with("mut") {
            self.0.push(' ');
        }
        self.0.push_str(open);
        let mut content = Text::default();
        content.tokens(group.stream());
        self.0.push_str(content.0.trim_end());
        self.0.push_str(close);
    }

    /// Whether the text ends with a word or a closed bracket.
    fn ends_operand(&self) -> bool {
        self.0
            .ends_with(|c: char| c.is_alphanumeric() || "_\"')]}>".contains(c))
    }

    fn ends_lifetime(&self) -> bool {
        self.0.ends_with('\'') && !self.0.ends_with("''")
    }
}

/// Angle brackets are separate tokens even if they touch, as in `>>`.
fn is_angle(operator: &str) -> bool {
    operator == ">" || operator == "<"
}
