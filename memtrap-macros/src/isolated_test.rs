//! `#[memtrap::test]`: a test in a process of its own.

use crate::report::Report;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprLit, ItemFn, Lit, Meta, Path, Token, punctuated::Punctuated};

/// What the attribute was given.
struct Options {
    timeout: TokenStream,
    runtime: TokenStream,
}

pub(crate) fn isolated_test(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let options = parse_options(options, &mut report);
    let Some(function) = report.take(syn::parse2::<ItemFn>(item.clone())) else {
        return report.into_tokens();
    };
    check(&function, &mut report);
    if !report.is_empty() {
        // The function stays, so that what it uses is not reported as unused.
        let errors = report.into_tokens();
        return quote!(#errors #[allow(dead_code, reason = "the test has errors")] #item);
    }
    expand(&options, &function)
}

fn parse_options(tokens: TokenStream, report: &mut Report) -> Options {
    let mut options = Options { timeout: quote!(::core::option::Option::None), runtime: quote!(::memtrap) };
    let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
    let Some(list) = report.take(syn::parse::Parser::parse2(parser, tokens)) else { return options };
    for option in list {
        match &option {
            Meta::NameValue(pair) if pair.path.is_ident("timeout") => match &pair.value {
                Expr::Lit(ExprLit { lit: Lit::Int(seconds), .. })
                    if seconds.base10_parse::<u64>().is_ok_and(|seconds| seconds > 0) =>
                {
                    options.timeout = quote!(::core::option::Option::Some(#seconds));
                }
                value => report.error(value, "a timeout is a number of seconds, at least 1: `timeout = 10`"),
            },
            Meta::NameValue(pair) if pair.path.is_ident("crate") => {
                let value = &pair.value;
                match syn::parse2::<Path>(quote!(#value)) {
                    Ok(path) => options.runtime = quote!(#path),
                    Err(_) => report.error(value, "`crate` is the path of the memtrap crate: `crate = path`"),
                }
            }
            other => {
                report.error(other, "the options of `#[memtrap::test]` are `timeout = seconds` and `crate = path`")
            }
        }
    }
    options
}

fn check(function: &ItemFn, report: &mut Report) {
    let signature = &function.sig;
    if let Some(keyword) = &signature.asyncness {
        report.error(keyword, "a test is not `async`: run the future to its end inside");
    }
    if !signature.inputs.is_empty() {
        report.error(&signature.inputs, "a test has no parameters: make the simulation inside");
    }
    if !signature.generics.params.is_empty() {
        report.error(&signature.generics, "a test is not generic");
    }
    if let Some(second) = function.attrs.iter().find(|attribute| attribute.path().is_ident("test")) {
        report.error(second, "`#[memtrap::test]` takes the place of `#[test]`: remove this one");
    }
}

fn expand(options: &Options, function: &ItemFn) -> TokenStream {
    let ItemFn { attrs, vis, sig, block, .. } = function;
    let Options { timeout, runtime } = options;
    let (name, output) = (&sig.ident, &sig.output);
    quote! {
        #[::core::prelude::v1::test]
        #(#attrs)*
        #vis fn #name() {
            fn body() #output #block
            #runtime::private::isolated(
                ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)),
                #timeout,
                || #runtime::private::succeeded(body()),
            );
        }
    }
}
