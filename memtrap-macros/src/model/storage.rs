//! Where a register's value comes from in a simulation.

use super::{Block, Register};
use crate::{
    attributes::{ReadEffect, WriteEffect, nearest},
    report::Report,
};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Expr;

/// Where a register's value comes from in a simulation.
pub(crate) enum Storage {
    /// A stored value of its own.
    Own,
    /// Two queues of its own.
    Fifo,
    /// The stored value of the register at this position.
    View(usize),
    /// An expression of the registers at these positions, each with the name under which the expression uses it.
    Computed(Expr, Vec<(Ident, usize)>),
    /// Values that never change, one for each element.
    Constant(Vec<Expr>),
}

/// Resolves the storage of every register, once the names of all are known.
pub(super) fn resolve(block: &mut Block, report: &mut Report) {
    let storages: Vec<_> = block.registers.iter().map(|register| resolve_one(block, register, report)).collect();
    for (register, storage) in block.registers.iter_mut().zip(storages) {
        match storage {
            Some(storage) => register.storage = storage,
            None => register.faulty = true,
        }
    }
}

fn resolve_one(block: &Block, register: &Register, report: &mut Report) -> Option<Storage> {
    let name = register.plain_name();
    let sources: Vec<(&str, TokenStream)> = [
        ("state", register.state.as_ref().map(ToTokens::to_token_stream)),
        ("value", register.computed.as_ref().map(ToTokens::to_token_stream)),
        ("constant", register.constant.as_ref().map(ToTokens::to_token_stream)),
        ("reset", register.reset.as_ref().map(ToTokens::to_token_stream)),
    ]
    .into_iter()
    .filter_map(|(key, tokens)| Some((key, tokens?)))
    .collect();
    if let [(first, _), (second, tokens), ..] = sources.as_slice() {
        report
            .error(tokens, format!("`{name}` has its value from `{first} = ..` already: remove it or `{second} = ..`"));
        return None;
    }
    let fifo = register.read.as_ref().filter(|read| read.meaning == ReadEffect::Pop).map(|read| &read.word);
    let fifo =
        fifo.or(register.write.as_ref().filter(|write| write.meaning == WriteEffect::Push).map(|write| &write.word));
    if let (Some(word), Some((source, _))) = (fifo, sources.iter().find(|(key, _)| *key != "reset")) {
        report.error(word, format!("a FIFO has values of its own, and `{name}` has `{source} = ..`: remove one"));
        return None;
    }
    let effects = register.read.as_ref().map(|read| &read.word).or(register.write.as_ref().map(|write| &write.word));
    if let (Some(word), true) = (effects, register.computed.is_some() || register.constant.is_some()) {
        report.error(word, format!("`{name}` stores nothing that an access could change: remove the effect"));
        return None;
    }
    if let (Some(expression), true) =
        (register.computed.as_ref().or(register.constant.as_ref()), register.access.is_writable() && !register.faulty)
    {
        report.error(expression, format!("`{name}` stores nothing that could be written: declare it `ro`"));
        return None;
    }
    if fifo.is_some() {
        return Some(Storage::Fifo);
    }
    if let Some(state) = &register.state {
        return view(block, register, state, report).map(Storage::View);
    }
    if let Some(expression) = &register.computed {
        return computed(block, register, expression, report);
    }
    if let Some(expression) = &register.constant {
        return constant(register, expression, report);
    }
    Some(Storage::Own)
}

/// The register that a view shows.
fn view(block: &Block, register: &Register, state: &Ident, report: &mut Report) -> Option<usize> {
    let name = register.plain_name();
    let Some(position) = block.registers.iter().position(|other| other.name == *state) else {
        let names: Vec<_> = block.registers.iter().map(Register::plain_name).collect();
        let hint = nearest(&state.to_string(), names.iter().map(String::as_str).filter(|other| *other != name));
        let hint = hint.map(|hint| format!(": did you mean `{hint}`?")).unwrap_or_default();
        report.error(state, format!("no register of this block is called `{state}`{hint}"));
        return None;
    };
    let other = &block.registers[position];
    let problem = if other.name == register.name {
        "a register is no view of itself: remove `state = ..`".to_owned()
    } else if let Some(further) = &other.state {
        format!("`{state}` is a view itself, of `{further}`: write `state = {further}`")
    } else if other.computed.is_some() || other.constant.is_some() {
        format!("`{state}` stores no value that could be shared")
    } else if other.is_fifo() {
        format!("`{state}` is a FIFO, which has no single value to share")
    } else if other.array.is_some() != register.array.is_some()
        || other.least_count() != register.least_count() && other.is_counted() && register.is_counted()
    {
        format!("`{state}` and `{name}` have different numbers of elements")
    } else if let (Some(mine), Some(theirs)) = (register.value.bytes, other.value.bytes)
        && mine != theirs
    {
        format!("`{state}` has {} bits and `{name}` has {}: a view is as wide as what it shows", 8 * theirs, 8 * mine)
    } else {
        return Some(position);
    };
    report.error(state, problem);
    None
}

/// The registers that an expression names.
fn computed(block: &Block, register: &Register, expression: &Expr, report: &mut Report) -> Option<Storage> {
    if register.array.is_some() {
        report.error(expression, "the value of an array cannot be computed: declare its registers one by one");
        return None;
    }
    let mut used: Vec<(Ident, usize)> = Vec::new();
    let mut is_sound = true;
    for name in names(expression.to_token_stream()) {
        let Some(position) = block.registers.iter().position(|other| other.name == name) else { continue };
        let other = &block.registers[position];
        let problem = if other.name == register.name {
            Some(format!("`{name}` would be computed from itself"))
        } else if other.computed.is_some() {
            Some(format!("`{name}` is computed itself: use the registers it is computed from"))
        } else if !other.access.is_readable() && !other.faulty {
            let shown = other.state.as_ref().map(|state| format!(": use `{state}`, whose value it writes"));
            Some(format!("`{name}` is write-only, so nobody sees a value of it{}", shown.unwrap_or_default()))
        } else if other.array.is_some() {
            Some(format!("`{name}` is an array, and the expression takes single values"))
        } else if other.is_fifo() {
            Some(format!("`{name}` is a FIFO, which has no single value"))
        } else {
            None
        };
        if let Some(problem) = problem {
            report.error(&name, problem);
            is_sound = false;
        } else if used.iter().all(|(_, other)| *other != position) {
            used.push((name, position));
        }
    }
    if used.is_empty() && is_sound {
        report
            .error(expression, "the expression names no register of this block: use `constant = ..` for a fixed value");
        return None;
    }
    is_sound.then(|| Storage::Computed(expression.clone(), used))
}

/// The identifiers of an expression that are not a field, a method or a part of a longer path.
fn names(tokens: TokenStream) -> Vec<Ident> {
    let mut found = Vec::new();
    let trees: Vec<_> = tokens.into_iter().collect();
    let is_punct = |tree: Option<&TokenTree>, wanted: char| matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted);
    for (index, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => found.extend(names(group.stream())),
            TokenTree::Ident(name) => {
                let previous = index.checked_sub(1).and_then(|index| trees.get(index));
                let is_path = is_punct(previous, ':')
                    || is_punct(trees.get(index + 1), ':') && is_punct(trees.get(index + 2), ':');
                if !is_punct(previous, '.') && !is_path {
                    found.push(name.clone());
                }
            }
            _ => {}
        }
    }
    found
}

/// One expression for each element.
fn constant(register: &Register, expression: &Expr, report: &mut Report) -> Option<Storage> {
    let name = register.plain_name();
    match (&register.array, expression) {
        (None, Expr::Array(_)) => {
            report.error(expression, format!("`{name}` is a single register: give one value"));
            None
        }
        (None, single) => Some(Storage::Constant(vec![single.clone()])),
        (Some(array), Expr::Array(list)) => {
            let given = list.elems.len();
            match array.known_count {
                Some(count) if usize::try_from(count) != Ok(given) => {
                    report.error(expression, format!("`{name}` has {count} elements, and {given} values are given"));
                    None
                }
                Some(_) => Some(Storage::Constant(list.elems.iter().cloned().collect())),
                None => {
                    report.error(
                        &array.count,
                        "write the number of elements as a literal, to be compared with the values",
                    );
                    None
                }
            }
        }
        (Some(_), _) => {
            report.error(expression, format!("`{name}` is an array: give one value for each element, `[0x11, 0x10]`"));
            None
        }
    }
}
