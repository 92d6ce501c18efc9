//! Stands in for `cortex-m-macros`, by way of `[patch.crates-io]`, in the workspace of somebody who tests drivers for a
//! Cortex-M on a host.
//!
//! `cortex-m` 0.7.10 passes every function that contains assembly through one macro, which makes it panic on other
//! processors. This one has the functions that make sense for a simulated bus call memtrap, if the program contains it:
//! delays and `nop` take virtual time, `wfi` and `wfe` let it run to the next interrupt, barriers leave a mark in the trace,
//! and PRIMASK and BASEPRI mask the bus's interrupts. Everything else does nothing and returns zero, as do these in a
//! program without memtrap; a function that never returns still panics. On a Cortex-M nothing changes.

use proc_macro::{Delimiter, Group, Span, TokenStream, TokenTree};
use std::path::Path;

/// Numbers of memtrap's, by the file and the name of the function; with the argument to pass.
const FUNCTIONS: &[(&str, &str, u32, &str)] = &[
    ("asm", "nop", 0, "0"),
    ("asm", "delay", 1, "cycles"),
    ("asm", "wfi", 2, "0"),
    ("asm", "wfe", 3, "0"),
    ("asm", "sev", 4, "0"),
    ("asm", "isb", 5, "0"),
    ("asm", "dsb", 6, "0"),
    ("asm", "dmb", 7, "0"),
    ("asm", "bkpt", 8, "0"),
    ("primask", "read_raw", 9, "0"),
    ("primask", "write_raw", 10, "r"),
    ("interrupt", "disable", 10, "1"),
    ("interrupt", "enable", 10, "0"),
    ("basepri", "read", 11, "0"),
    ("basepri", "write", 12, "basepri as u32"),
    ("basepri_max", "write", 13, "basepri as u32"),
];

/// Keeps the function's body on processors that the condition names.
#[proc_macro_attribute]
pub fn asm_cfg(condition: TokenStream, function: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = function.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.pop() else { panic!("a function ends with its body") };
    let elsewhere = elsewhere(&Signature::of(&tokens));
    let choice: TokenStream = format!("#[cfg({condition})] {body} #[cfg(not({condition}))] {{ {elsewhere} }}")
        .parse()
        .expect("both are blocks");
    let allow: TokenStream = "#[allow(unused, reason = \"arguments of the assembly\")]".parse().expect("an attribute");
    let body = TokenTree::Group(Group::new(Delimiter::Brace, choice));
    allow.into_iter().chain(tokens).chain([body]).collect()
}

/// What there is to know about a function.
struct Signature {
    name: String,
    /// The type that it returns, if it is one identifier.
    returns: Option<String>,
    never_returns: bool,
}

impl Signature {
    fn of(tokens: &[TokenTree]) -> Self {
        let name = tokens.windows(2).find_map(|pair| match pair {
            [TokenTree::Ident(keyword), name] if keyword.to_string() == "fn" => Some(name.to_string()),
            _ => None,
        });
        let arrow = |token: &TokenTree| matches!(token, TokenTree::Punct(arrow) if arrow.as_char() == '>');
        let (returns, never_returns) = match tokens {
            [.., before, TokenTree::Punct(never)] if arrow(before) && never.as_char() == '!' => (None, true),
            [.., before, TokenTree::Ident(name)] if arrow(before) => (Some(name.to_string()), false),
            _ => (None, false),
        };
        Self { name: name.expect("a function has a name"), returns, never_returns }
    }
}

/// The body on other processors.
fn elsewhere(signature: &Signature) -> String {
    if signature.never_returns {
        return "unimplemented!()".to_owned();
    }
    let file = Span::call_site().file();
    let file = Path::new(&file).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let function = FUNCTIONS.iter().find(|function| (function.0, function.1) == (file, signature.name.as_str()));
    let Some((_, _, number, argument)) = function else {
        return "unsafe { ::core::mem::zeroed() }".to_owned();
    };
    let result = signature.returns.as_ref().map_or_else(|| ";".to_owned(), |name| format!(" as {name}"));
    // The reference is weak: it is null in a program without memtrap.
    format!(
        "#[cfg(all(target_os = \"linux\", target_arch = \"x86_64\", not(miri)))]
        let result = unsafe {{
            let address: usize;
            ::core::arch::asm!(
                \".weak memtrap_cortex_m_v1\",
                \"mov {{}}, qword ptr [rip + memtrap_cortex_m_v1@GOTPCREL]\",
                out(reg) address,
                options(pure, readonly, nostack, preserves_flags),
            );
            let memtrap: ::core::option::Option<extern \"C-unwind\" fn(u32, u32) -> u32> = ::core::mem::transmute(address);
            memtrap.map_or(0, |memtrap| memtrap({number}, {argument}))
        }};
        #[cfg(not(all(target_os = \"linux\", target_arch = \"x86_64\", not(miri))))]
        let result = 0_u32;
        result{result}"
    )
}
