//! The register block that the later phases work on.

mod bitfield;
mod clashes;
mod layout;
mod names;
mod part;
mod register;
mod storage;
mod value;

pub(crate) use bitfield::{BitField, Bitfield, FieldType, bitfield};
pub(crate) use names::{camel_case, constant_case, plain};
pub(crate) use part::Part;
pub(crate) use register::{Array, Register};
pub(crate) use storage::Storage;

use crate::{
    attributes::{Alias, BusWidth, Declaration, Layout, Number},
    report::Report,
};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Visibility};

/// A register block.
pub(crate) struct Block {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) attributes: Vec<Attribute>,
    /// Name of the block's module: its own name in snake case.
    pub(crate) module: Ident,
    /// Path of the runtime crate.
    pub(crate) runtime: TokenStream,
    pub(crate) size: Number,
    pub(crate) layout: Layout,
    pub(crate) width: BusWidth,
    /// `shared`: all accesses need the handle only shared, which stays on its thread.
    pub(crate) is_shared: bool,
    /// Further windows on all registers.
    pub(crate) aliases: Vec<Alias>,
    /// The registers in the order of their declaration.
    pub(crate) registers: Vec<Register>,
    /// The nested blocks in the order of their declaration.
    pub(crate) parts: Vec<Part>,
}

/// Builds the block of a declaration.
pub(crate) fn block(declaration: Declaration, report: &mut Report) -> Block {
    let Declaration { options, mut attributes, visibility, name, fields } = declaration;
    let errors = report.len();
    let module = clashes::module(&name, report);
    if report.len() > errors {
        // The compiler would say the same of the name again.
        attributes.push(syn::parse_quote!(#[allow(non_camel_case_types)]));
    }
    let layout = layout::resolve(&options, fields, report);
    let registers =
        layout.registers.into_iter().map(|(field, facts)| register::register(field, facts, report)).collect();
    let parts = layout.parts.into_iter().filter_map(|(field, facts)| part::part(field, facts, &name, report)).collect();
    let (registers, parts) = clashes::distinct(registers, parts, report);
    let mut block = Block {
        module,
        name,
        visibility,
        attributes,
        runtime: options.runtime,
        size: layout.size,
        layout: options.layout,
        width: options.width,
        is_shared: options.is_shared,
        aliases: options.aliases,
        registers,
        parts,
    };
    storage::resolve(&mut block, report);
    block
}

impl Block {
    /// The registers whose facts are known, for the rules.
    pub(crate) fn sound(&self) -> impl Iterator<Item = &Register> {
        self.registers.iter().filter(|register| !register.faulty)
    }

    /// The fields that conditions name, each once: position of the register, and name.
    pub(crate) fn conditions(&self) -> Vec<(usize, Ident)> {
        let mut conditions: Vec<(usize, Ident)> = Vec::new();
        for when in self.registers.iter().filter_map(|register| register.when.as_ref()) {
            let Some(position) = self.registers.iter().position(|other| other.name == when.register) else { continue };
            if !conditions.iter().any(|(other, field)| *other == position && *field == when.field) {
                conditions.push((position, when.field.clone()));
            }
        }
        conditions
    }

    /// What keeps a `shared` handle on its thread: a field behind the pointer, as a type and as a value.
    pub(crate) fn marker(&self) -> (TokenStream, TokenStream) {
        if self.is_shared {
            let cell = quote!(::core::marker::PhantomData<::core::cell::Cell<()>>);
            (quote!(, #cell), quote!(, ::core::marker::PhantomData))
        } else {
            (TokenStream::new(), TokenStream::new())
        }
    }

    /// Whether registers share bytes.
    pub(crate) fn has_alternates(&self) -> bool {
        self.registers.iter().any(|register| !register.overlaps.is_empty() || register.when.is_some())
    }

    /// Number of bytes from the start of the block to the first window behind its registers, or from one window to the
    /// next: no register ends behind that. `None` if there is no window.
    pub(crate) fn span(&self) -> Option<u64> {
        let mut offsets: Vec<_> = self.aliases.iter().map(|alias| alias.offset.value).collect();
        offsets.sort_unstable();
        let starts = std::iter::once(0).chain(offsets.iter().copied());
        starts.zip(&offsets).map(|(start, end)| end - start).min()
    }

    /// The registers in ascending order of their offsets, as the register map has them, each with its position in the
    /// order of declaration.
    pub(crate) fn by_offset(&self) -> Vec<(usize, &Register)> {
        let mut registers: Vec<_> = self.registers.iter().enumerate().collect();
        registers.sort_by_key(|(_, register)| register.offset.value);
        registers
    }
}
