//! Finds the tests among the items of a module; other items are not parsed.
//!
//! This module must not emit anything. The `#[autotest]` attributes are removed, so they are not expanded
//! themselves.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::Token;
use syn::parse::{ParseStream, Parser};

use crate::attribute::Attribute;
use crate::author;
use crate::editor::Reader;
use crate::errors::Errors;
use crate::function::skip_visibility;
use crate::options::{Options, Owner};
use crate::split::regroup;
use crate::test::Test;

/// The items of a suite.
#[derive(Default)]
pub(crate) struct Items {
    reader: Reader,
    /// All items, without our attributes.
    pub(crate) authors: TokenStream,
    pub(crate) tests: Vec<Test>,
    /// The paths with which the module refers to `#[autotest]`, each once. Since the attributes are removed,
    /// an import of it would be reported as unused.
    pub(crate) names: Vec<Vec<Ident>>,
}

/// Replaces the items of a module by the result of `expand`. A module without inline items is an error.
pub(crate) fn module(
    module: TokenStream,
    expand: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    match check_module.parse2(module.clone()) {
        Ok(()) => {
            let mut tokens: Vec<TokenTree> = module.into_iter().collect();
            if let Some(TokenTree::Group(items)) = tokens.pop() {
                let items = regroup(&items, expand(items.stream()));
                tokens.push(TokenTree::Group(items));
            }
            tokens.into_iter().collect()
        }
        Err(error) => {
            let mut tokens = module;
            tokens.extend(error.into_compile_error());
            tokens
        }
    }
}

/// Refuses anything but `mod name { … }`.
fn check_module(input: ParseStream<'_>) -> syn::Result<()> {
    Attribute::all(input)?;
    let start = input.span();
    skip_visibility(input)?;
    let Some(keyword) = input.parse::<Option<Token![mod]>>()? else {
        input.parse::<TokenStream>()?;
        return Err(syn::Error::new(
            start,
            "`#[suite]` takes a module: `mod x { … }`",
        ));
    };
    let name: syn::Ident = input.parse()?;
    let rest: TokenStream = input.parse()?;
    match rest.into_iter().last() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => Ok(()),
        _ => {
            let message = format!(
                "`#[suite]` cannot read the file of `mod {name};`: write \
                 `autotest::suite_file! {{ #![suite(…)] …items… }}` in that file"
            );
            Err(syn::Error::new(keyword.span, message))
        }
    }
}

/// Splits off a leading `#![suite(…)]`. Returns its options, and the remaining items.
pub(crate) fn inner_attribute(items: TokenStream) -> (TokenStream, TokenStream) {
    let read = |input: ParseStream<'_>| {
        input.parse::<Token![#]>()?;
        input.parse::<Token![!]>()?;
        let attribute = Attribute::content.parse2(input.parse::<Group>()?.stream())?;
        if !attribute.ends_with("suite") {
            return Err(input.error("another attribute"));
        }
        Ok((attribute.parse_list(|input| input.parse())?, input.parse()?))
    };
    read.parse2(items.clone())
        .unwrap_or((TokenStream::new(), items))
}

/// Extracts the tests from a module's items.
pub(crate) fn items(
    reader: Reader,
    tokens: TokenStream,
    suite: &Options,
    errors: &mut Errors,
) -> Items {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut items = Items {
        reader,
        ..Items::default()
    };
    let mut rest = &tokens[..];
    while !rest.is_empty() {
        let attributes = Attributes::at(rest);
        rest = match attributes.test {
            Some(_) => items.take_test(&attributes, rest, suite, errors),
            None => {
                let (passed, rest) = rest.split_at(attributes.len.max(1));
                items.authors.extend(passed.iter().cloned());
                rest
            }
        };
    }
    items
}

/// A sequence of attributes.
struct Attributes {
    /// Its number of tokens.
    len: usize,
    /// The offset of `#[autotest]` in it.
    test: Option<(usize, Attribute)>,
}

impl Attributes {
    fn at(tokens: &[TokenTree]) -> Attributes {
        let mut attributes = Attributes { len: 0, test: None };
        while let [TokenTree::Punct(pound), TokenTree::Group(group), ..] = &tokens[attributes.len..]
            && pound.as_char() == '#'
        {
            let attribute = Attribute::content.parse2(group.stream()).ok();
            if let Some(found) = attribute.filter(|attribute| attribute.ends_with("autotest")) {
                attributes.test.get_or_insert((attributes.len, found));
            }
            attributes.len += 2;
        }
        attributes
    }
}

impl Items {
    /// Parses the test with these `attributes`. Returns the tokens after the test.
    fn take_test<'a>(
        &mut self,
        attributes: &Attributes,
        tokens: &'a [TokenTree],
        suite: &Options,
        errors: &mut Errors,
    ) -> &'a [TokenTree] {
        let Some((at, attribute)) = &attributes.test else {
            return tokens;
        };
        let (item, rest) = tokens.split_at(attributes.len + item_len(&tokens[attributes.len..]));
        let item: TokenStream = item[..*at].iter().chain(&item[at + 2..]).cloned().collect();
        if !self.names.contains(&attribute.path) {
            self.names.push(attribute.path.clone());
        }
        let list = errors.take(attribute.parse_list(|input| input.parse()));
        let own = Options::parse(list.unwrap_or_default(), Owner::Test, errors);
        if let Some(span) = own.span("crate") {
            errors.at(span, "`crate` belongs on the suite");
        }
        let test = Test::parse(item.clone(), &own, suite, errors);
        let authors = self.reader.item_of(test.as_ref(), author::item(item));
        self.authors.extend(authors);
        self.tests.extend(test);
        rest
    }
}

/// The number of tokens of an item, up to its `;` or its body.
fn item_len(tokens: &[TokenTree]) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    tokens
        .iter()
        .position(is_end)
        .map_or(tokens.len(), |end| end + 1)
}
