//! Tokens to options with spans. Nothing here knows what the options mean together.

mod alias;
mod argument;
mod banked;
mod bits;
mod block;
mod effects;
mod field_enum;
mod key;
mod keyword;
mod number;
mod part;
mod policy;
mod reg;
mod slot;
mod value;

pub(crate) use alias::{Alias, Operation};
pub(crate) use banked::When;
pub(crate) use bits::{BitRange, BitsOptions};
pub(crate) use block::{BlockOptions, BusWidth, Layout};
pub(crate) use effects::{ReadEffect, Word, WriteEffect};
pub(crate) use field_enum::{EnumDeclaration, NamedValue, field_enum};
pub(crate) use key::Key;
pub(crate) use keyword::nearest;
pub(crate) use number::{Number, literal};
pub(crate) use part::PartOptions;
pub(crate) use policy::is_bitwise;
pub(crate) use reg::{AccessKind, RegOptions, Reset};
pub(crate) use value::{BitsField, ValueDeclaration, value};

use crate::report::Report;
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Attribute, Error, Expr, ExprBlock, Fields, Item, Meta, Stmt, Type, Visibility, spanned::Spanned};

/// A struct under `#[simulated]`, with its options.
pub(crate) struct Declaration {
    pub(crate) options: BlockOptions,
    /// Attributes that go to the handle.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) fields: Vec<Field>,
}

/// A field with its options.
pub(crate) struct Field {
    /// Attributes that go to the accessor.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) facts: Facts,
}

/// What a field is.
pub(crate) enum Facts {
    /// A register, or an array of registers.
    Register(Box<RegOptions>),
    /// A nested block, or an array of them.
    Part(PartOptions),
    /// A gap in a block whose offsets come from the order of its fields.
    Gap,
}

impl Facts {
    fn mark_faulty(&mut self) {
        match self {
            Self::Register(options) => options.faulty = true,
            Self::Part(_) | Self::Gap => {}
        }
    }
}

/// Reads the attribute's options and the item under it; `None` if there is nothing to make a handle of.
pub(crate) fn block(options: TokenStream, item: TokenStream, report: &mut Report) -> Option<Declaration> {
    let options = BlockOptions::parse(options, report);
    let item: Item = report.take(syn::parse2(item))?;
    let (attributes, visibility, name) = match &item {
        Item::Struct(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Enum(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Union(item) => (&item.attrs, &item.vis, &item.ident),
        other => {
            report.error(first_token(other), "`#[simulated]` describes a register block: put it on a struct");
            return None;
        }
    };
    let mut declaration = Declaration {
        options,
        attributes: block_attributes(attributes, report),
        visibility: visibility.clone(),
        name: name.clone(),
        fields: Vec::new(),
    };
    let expected = "a register block is a struct with named fields: `struct Uart { #[reg(0x00, rw)] data: u32 }`";
    match item {
        Item::Struct(item) => {
            if !item.generics.params.is_empty() {
                report.error(
                    &item.generics,
                    "a register block cannot be generic: its layout is the same for all types, and the handle has no \
                     lifetime",
                );
            }
            let layout = declaration.options.layout;
            match item.fields {
                Fields::Named(fields) => {
                    declaration.fields =
                        fields.named.into_iter().map(|field| self::field(field, layout, report)).collect();
                }
                Fields::Unnamed(fields) => report.error(fields, expected),
                Fields::Unit => report.error(item.ident, expected),
            }
        }
        Item::Enum(item) => report.error(item.enum_token, expected),
        Item::Union(item) => report.error(item.union_token, expected),
        _ => {}
    }
    Some(declaration)
}

fn first_token(item: &impl ToTokens) -> TokenStream {
    item.to_token_stream().into_iter().take(1).collect()
}

/// Attributes of the struct that its handle keeps; those that would have no effect are errors.
fn block_attributes(attributes: &[Attribute], report: &mut Report) -> Vec<Attribute> {
    let mut kept = Vec::new();
    for attribute in attributes {
        let path = attribute.path();
        if path.is_ident("repr") {
            report
                .error(attribute, "the struct becomes a handle, which is one pointer: `repr` has no effect, remove it");
        } else if path.is_ident("derive") {
            report.error(
                attribute,
                "the struct becomes a handle with exclusive access to the registers, for which nothing can be derived \
                 (`Debug` it has): remove the `derive`",
            );
        } else {
            kept.push(attribute.clone());
        }
    }
    kept
}

fn field(field: syn::Field, layout: Layout, report: &mut Report) -> Field {
    let name = field.ident.expect("the fields are named");
    let ty = written(field.ty);
    let errors = report.len();
    let (mut facts, mut kept): (Option<Facts>, _) = (None, Vec::new());
    for attribute in field.attrs {
        let path = attribute.path();
        if path.is_ident("reg") || path.is_ident("block") {
            let read = if path.is_ident("reg") {
                |attribute: &Attribute, name: &Ident, layout, report: &mut Report| {
                    Facts::Register(Box::new(reg(attribute, name, layout, report)))
                }
            } else {
                |attribute: &Attribute, name: &Ident, _, report: &mut Report| {
                    Facts::Part(PartOptions::parse(attribute, name, report))
                }
            };
            match &facts {
                Some(Facts::Register(_)) if path.is_ident("reg") => {
                    report.error(&attribute, format!("`{name}` has a second `#[reg(..)]`: a field is one register"))
                }
                Some(_) => report.error(
                    &attribute,
                    format!("`{name}` has a second declaration: a field is one register or one nested block"),
                ),
                None => facts = Some(read(&attribute, &name, layout, report)),
            }
        } else if FORWARDED.iter().any(|known| path.is_ident(known)) {
            kept.push(attribute);
        } else if path.is_ident("cfg") {
            report.error(
                &attribute,
                "a register cannot be conditional: declare two blocks under `#[cfg(..)]`, one for each device",
            );
        } else {
            report.error(
                path,
                format!(
                    "an attribute that has no effect on a register: known are `#[reg(..)]`, `#[block(..)]`, documentation, {}",
                    FORWARDED[1..].iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
                ),
            );
        }
    }
    if facts.is_none() && layout == Layout::FieldOrder && name.to_string().starts_with('_') {
        return Field { attributes: kept, visibility: field.vis, name, ty, facts: Facts::Gap };
    }
    let mut facts = facts.unwrap_or_else(|| {
        let is_gap = name.to_string().starts_with('_');
        let message = match layout {
            Layout::Explicit if is_gap => format!("registers with explicit offsets need no gaps: remove `{name}`"),
            Layout::Explicit => {
                format!("`{name}` has no `#[reg(..)]`: give its offset and access, for example `#[reg(0x00, rw)]`")
            }
            Layout::FieldOrder => {
                format!("`{name}` has no `#[reg(..)]`: give its access, `#[reg(rw)]`, or name a gap `_{name}`")
            }
        };
        report.error(ty.span_tokens(&name), message);
        Facts::Register(Box::new(RegOptions::faulty()))
    });
    if report.len() > errors {
        facts.mark_faulty();
    }
    Field { attributes: kept, visibility: field.vis, name, ty, facts }
}

/// A type as it was written before a macro or parentheses made one token of it; the length of an array without braces of its own.
fn written(ty: Type) -> Type {
    match ty {
        Type::Group(group) => written(*group.elem),
        Type::Paren(paren) => written(*paren.elem),
        Type::Array(mut array) => {
            array.elem = Box::new(written(*array.elem));
            array.len = match array.len {
                Expr::Block(block) => unbraced(block),
                other => other,
            };
            Type::Array(array)
        }
        other => other,
    }
}

/// The expression in a block that has nothing else: the expansion has braces of its own, and two would be linted.
fn unbraced(mut block: ExprBlock) -> Expr {
    let is_plain = block.attrs.is_empty() && block.label.is_none() && block.block.stmts.len() == 1;
    match block.block.stmts.pop() {
        Some(Stmt::Expr(expression, None)) if is_plain => expression,
        statement => {
            block.block.stmts.extend(statement);
            Expr::Block(block)
        }
    }
}

/// Attributes of a field that its accessor keeps.
const FORWARDED: [&str; 6] = ["doc", "deprecated", "allow", "expect", "warn", "deny"];

fn reg(attribute: &Attribute, name: &Ident, layout: Layout, report: &mut Report) -> RegOptions {
    match &attribute.meta {
        Meta::List(list) => RegOptions::parse(attribute, list.tokens.clone(), name, layout, report),
        Meta::Path(_) => RegOptions::parse(attribute, TokenStream::new(), name, layout, report),
        Meta::NameValue(pair) => {
            report.push(Error::new(pair.span(), "write the facts in parentheses: `#[reg(0x00, rw)]`"));
            RegOptions::faulty()
        }
    }
}

/// A field's name and type, as one span.
trait SpanTokens {
    fn span_tokens(&self, name: &Ident) -> TokenStream;
}

impl SpanTokens for Type {
    fn span_tokens(&self, name: &Ident) -> TokenStream {
        let mut tokens = name.to_token_stream();
        self.to_tokens(&mut tokens);
        tokens
    }
}
