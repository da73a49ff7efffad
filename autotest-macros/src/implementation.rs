//! Parses an `impl` block: its type and the signatures of its functions.
//!
//! This module must not know which functions are phases.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::{Token, braced, token};

use crate::attribute::Attribute;
use crate::errors::first_span;
use crate::function::{Function, skip_visibility};
use crate::param_type::path;
use crate::split::{Angles, until, visible};

/// An `impl` block.
pub(crate) struct Implementation {
    /// The type, as written.
    pub(crate) ty: TokenStream,
    /// The last segment of the type's path.
    pub(crate) name: Ident,
    functions: Vec<Function>,
}

impl Implementation {
    /// Parses a block, starting with `impl`.
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Implementation> {
        let keyword: Token![impl] = input.parse()?;
        refuse(
            input,
            input.peek(Token![<]),
            "a test cannot be generic: name one type",
        )?;
        let ty = until(input, Angles::OfType, is_end_of_type)?;
        let is_trait = input.peek(Token![for]);
        refuse(
            input,
            is_trait,
            "a test is an inherent `impl` block, not an implementation of a trait",
        )?;
        refuse(
            input,
            input.peek(Token![where]),
            "a test cannot be generic: name one type",
        )?;
        let name = name(&ty).ok_or_else(|| {
            let message = "a test needs a type with a name: `impl Name { … }`";
            syn::Error::new(first_span(&ty).unwrap_or(keyword.span), message)
        })?;
        let content;
        braced!(content in input);
        let functions = functions(&content)?;
        Ok(Implementation {
            ty,
            name,
            functions,
        })
    }

    /// Its functions. In their parameters `Self` is replaced by the type, since the code emitted for them is
    /// outside the block.
    pub(crate) fn functions_without_self(&mut self) -> Vec<Function> {
        let mut functions = std::mem::take(&mut self.functions);
        for function in &mut functions {
            function.map_inputs(|inputs| self.without_self(inputs));
        }
        functions
    }

    fn without_self(&self, tokens: TokenStream) -> TokenStream {
        let replaced = tokens.into_iter().map(|token| match token {
            TokenTree::Ident(word) if word == "Self" => self.qualified(word.span()),
            TokenTree::Group(group) => {
                let content = self.without_self(group.stream());
                TokenTree::Group(crate::split::regroup(&group, content)).into()
            }
            token => token.into(),
        });
        replaced.collect()
    }

    /// The type in a form to which `::NAME` may be appended.
    fn qualified(&self, span: Span) -> TokenStream {
        let ty = &self.ty;
        match visible(ty.clone()).as_slice() {
            [TokenTree::Ident(_)] => quote::quote_spanned!(span=> #ty),
            _ => quote::quote_spanned!(span=> <#ty>),
        }
    }
}

fn is_end_of_type(input: ParseStream<'_>) -> bool {
    input.peek(token::Brace) || input.peek(Token![for]) || input.peek(Token![where])
}

fn refuse(input: ParseStream<'_>, is_wrong: bool, message: &str) -> syn::Result<()> {
    if is_wrong {
        Err(input.error(message))
    } else {
        Ok(())
    }
}

fn name(ty: &TokenStream) -> Option<Ident> {
    path(&visible(ty.clone())).map(|path| path.name)
}

/// Parses the functions of a block; other items are skipped.
fn functions(input: ParseStream<'_>) -> syn::Result<Vec<Function>> {
    let mut functions = Vec::new();
    while !input.is_empty() {
        if input.peek(Token![#]) && input.peek2(Token![!]) {
            input.parse::<Token![#]>()?;
            input.parse::<Token![!]>()?;
            input.parse::<TokenTree>()?;
            continue;
        }
        let attributes = Attribute::all(input)?;
        match Function::is_next(input) {
            true => functions.push(Function::parse(attributes, input)?),
            false => skip_item(input)?,
        }
    }
    Ok(functions)
}

/// Skips a constant, a type or a macro call.
fn skip_item(input: ParseStream<'_>) -> syn::Result<()> {
    skip_visibility(input)?;
    let ends_with_semicolon = input.peek(Token![const]) || input.peek(Token![type]);
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        let is_end = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => {
                !ends_with_semicolon && group.delimiter() == proc_macro2::Delimiter::Brace
            }
            _ => false,
        };
        if is_end {
            return Ok(());
        }
    }
    Ok(())
}
