//! The value type of a register, and its fields.

use super::{names, value::is_ident};
use crate::{
    attributes::{BitRange, BitsField, BitsOptions, ValueDeclaration},
    report::Report,
};
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Attribute, Type, Visibility};

/// Methods of every value type, and of the traits it implements.
const METHODS: [&str; 6] = ["new", "bits", "from_bits", "into_bits", "default", "clone"];

/// The value type of a register.
pub(crate) struct Bitfield {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) runtime: TokenStream,
    /// The integer it stands for.
    pub(crate) integer: Ident,
    pub(crate) bits: u64,
    pub(crate) deny_reserved: Option<Ident>,
    /// What bits without a field are written as, if that is declared.
    pub(crate) reserved_as: Option<bool>,
    /// The fields in the order of their declaration.
    pub(crate) fields: Vec<BitField>,
}

/// A field.
pub(crate) struct BitField {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) range: BitRange,
    pub(crate) policy: Option<Ident>,
    /// Whether the bits are those of other fields, seen in another way.
    pub(crate) is_alias: bool,
    pub(crate) ty: FieldType,
    /// Whether an error was found, so that the facts may be placeholders.
    pub(crate) faulty: bool,
}

/// The type of a field.
pub(crate) enum FieldType {
    Bool(Type),
    /// An unsigned integer of so many bits.
    Integer(Type, u64),
    /// A type with `FieldValue`.
    Other(Type),
}

impl ToTokens for FieldType {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Bool(ty) | Self::Integer(ty, _) | Self::Other(ty) => ty.to_tokens(tokens),
        }
    }
}

impl BitField {
    pub(crate) fn plain_name(&self) -> String {
        names::plain(&self.name)
    }
}

/// Builds the value type of a declaration. Fields whose names clash are left out.
pub(crate) fn bitfield(declaration: ValueDeclaration, report: &mut Report) -> Bitfield {
    let ValueDeclaration { options, attributes, visibility, name, fields } = declaration;
    let mut distinct: Vec<BitField> = Vec::new();
    for field in fields {
        let text = names::plain(&field.name);
        let stem = text.trim_start_matches("set_").trim_start_matches("with_").trim_start_matches("try_with_");
        if distinct.iter().any(|other| other.plain_name() == text) {
            report.error(&field.name, format!("a second field called `{text}`: rename one of them"));
        } else if METHODS.contains(&text.as_str()) {
            report.error(
                &field.name,
                format!(
                    "`{text}` is a method of every register: give the field another name, for example `{text}_field`"
                ),
            );
        } else if stem != text && distinct.iter().any(|other| other.plain_name() == stem) {
            report.error(&field.name, format!("`{text}` is a method for the field `{stem}`: rename one of them"));
        } else {
            distinct.push(self::field(field));
        }
    }
    Bitfield {
        name,
        visibility,
        attributes,
        runtime: options.runtime,
        integer: options.integer,
        bits: options.bits,
        deny_reserved: options.deny_reserved,
        reserved_as: options.reserved_as,
        fields: distinct,
    }
}

fn field(field: BitsField) -> BitField {
    let BitsField { attributes, visibility, name, ty, options } = field;
    let integer = ["u8", "u16", "u32", "u64"].iter().position(|word| is_ident(&ty, word));
    let ty = match integer {
        Some(position) => FieldType::Integer(ty, 8 << position),
        None if is_ident(&ty, "bool") => FieldType::Bool(ty),
        None => FieldType::Other(ty),
    };
    let BitsOptions { range, policy, is_alias, faulty } = options;
    BitField { name, visibility, attributes, range, policy, is_alias, ty, faulty }
}
