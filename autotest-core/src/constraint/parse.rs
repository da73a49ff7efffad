//! A parser for Python 3's grammar.
//!
//! One method handles all levels of operators, where the grammar has a rule for each, so that a parenthesis
//! takes few stack frames.

use super::expr::{Arithmetic, Comparison, Expr, Sign};
use super::lex::{Lexed, Lexer, Token};
use super::parse_error::ParseError;

/// How deeply operands and parentheses may nest. Parser, evaluation and drop are recursive: at this depth an
/// unoptimised build needs less than 1 MiB of stack, half of a thread's stack.
const MAX_DEPTH: usize = 100;

/// The precedence of a binary operator.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Level {
    Or,
    And,
    Compare,
    Sum,
    Product,
    Power,
}

const LEVELS: &[(&str, Level)] = &[
    ("or", Level::Or),
    ("and", Level::And),
    ("<", Level::Compare),
    ("<=", Level::Compare),
    (">", Level::Compare),
    (">=", Level::Compare),
    ("==", Level::Compare),
    ("!=", Level::Compare),
    ("in", Level::Compare),
    ("not", Level::Compare),
    ("is", Level::Compare),
    ("+", Level::Sum),
    ("-", Level::Sum),
    ("*", Level::Product),
    ("/", Level::Product),
    ("//", Level::Product),
    ("%", Level::Product),
    ("**", Level::Power),
];

const SIGNS: &[(&str, Sign)] = &[("+", Sign::Plus), ("-", Sign::Minus)];

const SUMS: &[(&str, Arithmetic)] = &[("+", Arithmetic::Add), ("-", Arithmetic::Subtract)];

const PRODUCTS: &[(&str, Arithmetic)] = &[
    ("*", Arithmetic::Multiply),
    ("/", Arithmetic::Divide),
    ("//", Arithmetic::FloorDivide),
    ("%", Arithmetic::Modulo),
];

const POWERS: &[(&str, Arithmetic)] = &[("**", Arithmetic::Power)];

const COMPARISONS: &[(&str, Comparison)] = &[
    ("<", Comparison::Less),
    ("<=", Comparison::LessOrEqual),
    (">", Comparison::Greater),
    (">=", Comparison::GreaterOrEqual),
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    ("in", Comparison::In),
];

/// Parses a constraint. Returns its tree and its names in the order of the text.
pub(super) fn parse(source: &str) -> Result<(Expr, Vec<String>), ParseError> {
    let mut lexer = Lexer::new(source);
    let current = lexer.next()?;
    let mut parser = Parser {
        source,
        lexer,
        current,
        previous: None,
        depth: 0,
        names: Vec::new(),
    };
    let expr = parser.expression()?;
    parser.end()?;
    Ok((expr, parser.names))
}

struct Parser<'s> {
    source: &'s str,
    lexer: Lexer<'s>,
    current: Lexed<'s>,
    /// The text of the previous token.
    previous: Option<&'s str>,
    depth: usize,
    names: Vec<String>,
}

type Parsed = Result<Expr, ParseError>;

impl Parser<'_> {
    fn expression(&mut self) -> Parsed {
        let mut branches = Vec::new();
        let mut value = self.operation(Level::Or)?;
        while self.take("if")? {
            let condition = self.operation(Level::Or)?;
            if !self.take("else")? {
                return Err(self.expected("`else`"));
            }
            branches.push((condition, value));
            value = self.operation(Level::Or)?;
        }
        Ok(if branches.is_empty() {
            value
        } else {
            Expr::Conditional(branches, Box::new(value))
        })
    }

    /// Parses an operand and the operators after it whose precedence is at least `lowest`. All recursion goes
    /// through this method.
    fn operation(&mut self, lowest: Level) -> Parsed {
        if self.depth > MAX_DEPTH {
            return Err(self.error(format!("more than {MAX_DEPTH} levels")));
        }
        self.depth += 1;
        let mut expr = self.operand(lowest)?;
        while let Some(level) = self.level().filter(|level| *level >= lowest) {
            expr = self.chain(level, expr)?;
        }
        self.depth -= 1;
        Ok(expr)
    }

    fn level(&self) -> Option<Level> {
        LEVELS
            .iter()
            .find(|(symbol, _)| self.is_at(symbol))
            .map(|(_, level)| *level)
    }

    /// Parses all operators of this level that follow `first`.
    fn chain(&mut self, level: Level, first: Expr) -> Parsed {
        match level {
            Level::Or => self.joined(first, "or", Level::And).map(Expr::Or),
            Level::And => self.joined(first, "and", Level::Compare).map(Expr::And),
            Level::Compare => self.compared(first),
            Level::Sum => self.calculated(first, SUMS, Level::Product),
            Level::Product => self.calculated(first, PRODUCTS, Level::Power),
            // A power associates to the right, so further powers belong to the exponent.
            Level::Power => self.calculated(first, POWERS, Level::Power),
        }
    }

    fn joined(&mut self, first: Expr, word: &str, operand: Level) -> Result<Vec<Expr>, ParseError> {
        let mut operands = vec![first];
        while self.take(word)? {
            operands.push(self.operation(operand)?);
        }
        Ok(operands)
    }

    fn compared(&mut self, first: Expr) -> Parsed {
        let mut rest = Vec::new();
        while let Some(comparison) = self.take_comparison()? {
            rest.push((comparison, self.operation(Level::Sum)?));
        }
        Ok(Expr::Compare(Box::new(first), rest))
    }

    fn take_comparison(&mut self) -> Result<Option<Comparison>, ParseError> {
        if self.is_at("is") {
            return Err(self.error("`is` is not supported: write `==`"));
        }
        if !self.take("not")? {
            return self.take_one_of(COMPARISONS);
        }
        if self.take("in")? {
            Ok(Some(Comparison::NotIn))
        } else {
            Err(self.expected("`in`"))
        }
    }

    fn calculated(
        &mut self,
        first: Expr,
        operators: &[(&str, Arithmetic)],
        operand: Level,
    ) -> Parsed {
        let mut rest = Vec::new();
        while let Some(operator) = self.take_one_of(operators)? {
            rest.push((operator, self.operation(operand)?));
        }
        Ok(Expr::Arithmetic(Box::new(first), rest))
    }

    /// A sign binds less tightly than a power on its right: `-2 ** -2` is `-(2 ** (-2))`. `not` binds less
    /// tightly than a comparison, so it cannot be the operand of one.
    fn operand(&mut self, lowest: Level) -> Parsed {
        if let Some(sign) = self.take_one_of(SIGNS)? {
            return Ok(Expr::Signed(sign, Box::new(self.operation(Level::Power)?)));
        }
        if lowest <= Level::Compare && self.take("not")? {
            return Ok(Expr::Not(Box::new(self.operation(Level::Compare)?)));
        }
        if self.take("(")? {
            return self.parenthesised();
        }
        if self.take("[")? {
            return self.items("]").map(|(items, _)| Expr::List(items));
        }
        self.atom()
    }

    fn atom(&mut self) -> Parsed {
        let expr = match &self.current.token {
            Token::Literal(value) => Expr::Literal(value.clone()),
            Token::Name(name) => Expr::Name((*name).to_owned()),
            Token::Symbol(_) | Token::End => return Err(self.expected("a value")),
        };
        if let Expr::Name(name) = &expr
            && !self.names.contains(name)
        {
            self.names.push(name.clone());
        }
        self.advance()?;
        Ok(expr)
    }

    /// `(x)` is the value itself, `(x,)` is a tuple.
    fn parenthesised(&mut self) -> Parsed {
        let (mut items, has_comma) = self.items(")")?;
        match items.pop() {
            Some(item) if items.is_empty() && !has_comma => Ok(item),
            last => {
                items.extend(last);
                Ok(Expr::List(items))
            }
        }
    }

    /// Parses values up to the closing bracket. Also returns whether a comma precedes the bracket.
    fn items(&mut self, close: &str) -> Result<(Vec<Expr>, bool), ParseError> {
        let mut items = Vec::new();
        let mut has_comma = false;
        while !self.take(close)? {
            if !items.is_empty() && !has_comma {
                return Err(self.expected(&format!("an operator, `,` or `{close}`")));
            }
            items.push(self.expression()?);
            has_comma = self.take(",")?;
        }
        Ok((items, has_comma))
    }

    fn end(&self) -> Result<(), ParseError> {
        match self.current.token {
            Token::End => Ok(()),
            Token::Symbol(",") => Err(self.error("a tuple is always true: write `and` for `,`")),
            Token::Symbol(close @ (")" | "]")) => {
                Err(self.error(format!("`{close}` closes no bracket")))
            }
            Token::Literal(_) | Token::Name(_) | Token::Symbol(_) => {
                Err(self.expected("an operator"))
            }
        }
    }
}

/// Access to the tokens.
impl Parser<'_> {
    fn is_at(&self, symbol: &str) -> bool {
        matches!(self.current.token, Token::Symbol(current) if current == symbol)
    }

    fn take(&mut self, symbol: &str) -> Result<bool, ParseError> {
        let is_at = self.is_at(symbol);
        if is_at {
            self.advance()?;
        }
        Ok(is_at)
    }

    fn take_one_of<T: Copy>(&mut self, table: &[(&str, T)]) -> Result<Option<T>, ParseError> {
        let row = table.iter().find(|(symbol, _)| self.is_at(symbol));
        if row.is_some() {
            self.advance()?;
        }
        Ok(row.map(|(_, meaning)| *meaning))
    }

    fn advance(&mut self) -> Result<(), ParseError> {
        let next = self.lexer.next()?;
        self.previous = Some(self.current_text());
        self.current = next;
        Ok(())
    }
}

/// Errors, all at the current token.
impl<'s> Parser<'s> {
    fn current_text(&self) -> &'s str {
        &self.source[self.current.start..self.current.end]
    }

    fn error(&self, message: impl Into<String>) -> ParseError {
        self.lexer.error(self.current.start, message)
    }

    fn expected(&self, what: &str) -> ParseError {
        let after = self
            .previous
            .map(|text| format!(" after `{text}`"))
            .unwrap_or_default();
        let found = match self.current.token {
            Token::End => String::new(),
            Token::Literal(_) | Token::Name(_) | Token::Symbol(_) => {
                format!(", found `{}`", self.current_text())
            }
        };
        self.error(format!("expected {what}{after}{found}"))
    }
}
