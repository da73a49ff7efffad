//! Parses the signature of a function; its body is a single token.
//!
//! This module must not decide which signatures a test may have: [`crate::test`] does.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token, braced, parenthesized, token};

use crate::attribute::Attribute;
use crate::split::{Angles, at_commas, regroup, until, visible};

/// The signature of a function.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    /// `const`, `async`, `unsafe`, `extern`.
    pub(crate) qualifiers: Vec<Ident>,
    pub(crate) name: Ident,
    /// The span of the `<` or the `where` of generics.
    pub(crate) generics: Option<Span>,
    inputs: TokenStream,
    /// The return type, empty if there is none.
    pub(crate) output: TokenStream,
}

/// An element of a parameter list.
pub(crate) enum Input {
    /// `self`, in any form.
    Receiver {
        /// Whether it is `&self` or `&mut self`.
        is_borrowed: bool,
        span: Span,
    },
    /// `pattern: Type`.
    Typed(Typed),
}

/// `pattern: Type`
pub(crate) struct Typed {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) pattern: Vec<TokenTree>,
    pub(crate) ty: TokenStream,
    pub(crate) span: Span,
}

impl Function {
    /// Parses a function, starting with its visibility.
    pub(crate) fn parse(attributes: Vec<Attribute>, input: ParseStream<'_>) -> syn::Result<Self> {
        skip_visibility(input)?;
        let qualifiers = qualifiers(input)?;
        input.parse::<Token![fn]>()?;
        let name = input.call(Ident::parse_any)?;
        let less_than = input.peek(Token![<]).then(|| input.span());
        until(input, Angles::OfType, |input| input.peek(token::Paren))?;
        let content;
        parenthesized!(content in input);
        let inputs = content.parse()?;
        let output = output(input)?;
        let generics = less_than.or_else(|| input.peek(Token![where]).then(|| input.span()));
        until(input, Angles::OfType, |input| input.peek(token::Brace))?;
        let _body;
        braced!(_body in input);
        _body.parse::<TokenStream>()?;
        Ok(Function {
            attributes,
            qualifiers,
            name,
            generics,
            inputs,
            output,
        })
    }

    /// Empties the body of a function, which syn would parse otherwise. Any other item is returned unchanged.
    pub(crate) fn without_body(item: TokenStream) -> TokenStream {
        let mut tokens: Vec<TokenTree> = item.into_iter().collect();
        let is_fn = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "fn");
        if tokens.iter().any(is_fn)
            && let Some(TokenTree::Group(body)) = tokens.last_mut()
            && body.delimiter() == Delimiter::Brace
        {
            *body = regroup(body, TokenStream::new());
        }
        tokens.into_iter().collect()
    }

    /// Whether a function follows; its attributes have been parsed.
    pub(crate) fn is_next(input: ParseStream<'_>) -> bool {
        let ahead = input.fork();
        skip_visibility(&ahead).is_ok() && qualifiers(&ahead).is_ok() && ahead.peek(Token![fn])
    }

    /// Changes the tokens of its parameter list.
    pub(crate) fn map_inputs(&mut self, map: impl FnOnce(TokenStream) -> TokenStream) {
        self.inputs = map(std::mem::take(&mut self.inputs));
    }

    /// The qualifier, if the function has it.
    pub(crate) fn qualifier(&self, name: &str) -> Option<&Ident> {
        self.qualifiers.iter().find(|qualifier| *qualifier == name)
    }

    /// Parses its parameters.
    pub(crate) fn inputs(&self) -> Vec<syn::Result<Input>> {
        let pieces = |input: ParseStream<'_>| at_commas(input, Angles::OfType);
        match pieces.parse2(self.inputs.clone()) {
            Ok(pieces) => pieces
                .into_iter()
                .map(|piece| Input::parse.parse2(piece))
                .collect(),
            Err(error) => vec![Err(error)],
        }
    }
}

impl Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Input> {
        let attributes = Attribute::all(input)?;
        let span = input.span();
        let mut pattern = visible(until(input, Angles::OfExpression, is_type_colon)?);
        let ty = match input.parse::<Option<Token![:]>>()? {
            Some(_) => input.parse()?,
            None => TokenStream::new(),
        };
        if matches!(pattern.last(), Some(TokenTree::Ident(last)) if last == "self") {
            let borrows = if ty.is_empty() { pattern } else { visible(ty) };
            return Ok(Input::Receiver {
                is_borrowed: starts_with_and(&borrows),
                span,
            });
        }
        if ty.is_empty() {
            return Err(syn::Error::new(span, "expected a parameter `name: Type`"));
        }
        if matches!(pattern.first(), Some(TokenTree::Ident(first)) if first == "mut") {
            pattern.remove(0);
        }
        Ok(Input::Typed(Typed {
            attributes,
            pattern,
            ty,
            span,
        }))
    }
}

impl Typed {
    /// Its name, if its pattern is a name.
    pub(crate) fn name(&self) -> Option<&Ident> {
        match self.pattern.as_slice() {
            [TokenTree::Ident(name)] if name != "_" => Some(name),
            _ => None,
        }
    }
}

fn is_type_colon(input: ParseStream<'_>) -> bool {
    input.peek(Token![:]) && !input.peek(Token![::])
}

/// Whether the tokens are a reference.
pub(crate) fn starts_with_and(tokens: &[TokenTree]) -> bool {
    matches!(tokens.first(), Some(TokenTree::Punct(punct)) if punct.as_char() == '&')
}

/// Skips `pub`, `pub(crate)` and the like.
pub(crate) fn skip_visibility(input: ParseStream<'_>) -> syn::Result<()> {
    if input.parse::<Option<Token![pub]>>()?.is_some() && input.peek(token::Paren) {
        input.parse::<Group>()?;
    }
    Ok(())
}

fn qualifiers(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let mut qualifiers = Vec::new();
    while !input.peek(Token![fn]) {
        let qualifier = input.call(Ident::parse_any)?;
        let is_known = ["const", "async", "unsafe", "safe", "extern", "default"]
            .iter()
            .any(|known| qualifier == known);
        if !is_known {
            return Err(syn::Error::new(qualifier.span(), "expected a function"));
        }
        input.parse::<Option<LitStr>>()?;
        qualifiers.push(qualifier);
    }
    Ok(qualifiers)
}

fn output(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    if input.parse::<Option<Token![->]>>()?.is_none() {
        return Ok(TokenStream::new());
    }
    until(input, Angles::OfType, |input| {
        input.peek(token::Brace) || input.peek(Token![where])
    })
}
