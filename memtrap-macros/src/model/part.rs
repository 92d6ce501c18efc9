//! A nested block, or an array of equal ones.

use super::{Array, layout::Declared, names};
use crate::{
    attributes::{self, Number, PartOptions},
    report::Report,
};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Type, Visibility};

/// A nested block, or an array of equal ones.
pub(crate) struct Part {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) offset: Number,
    /// The handle of the nested block, of an array that of an element.
    pub(crate) ty: Type,
    pub(crate) array: Option<Array>,
}

/// Builds the nested block of a field of the block `owner`; `None` if it is none.
pub(super) fn part(field: Declared, options: PartOptions, owner: &Ident, report: &mut Report) -> Option<Part> {
    let Declared { attributes, visibility, name, ty } = field;
    let (ty, array) = match ty {
        Type::Array(array) => {
            let known_count = attributes::literal(&array.len);
            if known_count == Some(0) {
                report.error(&array.len, format!("the array `{}` has no elements: remove it", names::plain(&name)));
            }
            (*array.elem, Some(Array { count: array.len, known_count, stride: options.stride }))
        }
        other => {
            if let Some(stride) = options.stride {
                report.error(
                    stride,
                    format!(
                        "`stride` is the distance between the elements of an array, and `{name}` is a single block"
                    ),
                );
            }
            (other, None)
        }
    };
    let errors = report.len();
    match &ty {
        Type::Path(path) if path.path.is_ident(owner) || path.path.is_ident("Self") => {
            report.error(&ty, format!("`{owner}` would contain itself: a block has a size"));
        }
        Type::Path(path) if ["u8", "u16", "u32", "u64"].iter().any(|word| path.path.is_ident(word)) => {
            report.error(&ty, format!("`{name}` is a register, not a block: declare it with `#[reg(..)]`"));
        }
        Type::Path(_) | Type::Macro(_) | Type::Paren(_) | Type::Group(_) => {}
        Type::Array(_) => {
            report.error(&ty, "an array of arrays has no single stride: declare a block for the inner one")
        }
        _ => report.error(&ty, "a nested block is a struct with `#[simulated]`: name it here"),
    }
    let placeholder = name.clone();
    // A faulty offset matters to nobody: with errors, nothing that uses it is expanded.
    (report.len() == errors).then(|| Part {
        name,
        visibility,
        attributes,
        offset: options.offset.unwrap_or_else(|| Number::placeholder(0, &placeholder)),
        ty,
        array,
    })
}

impl Part {
    /// The name without `r#`.
    pub(crate) fn plain_name(&self) -> String {
        names::plain(&self.name)
    }

    /// The number of elements as a constant expression.
    pub(crate) fn count(&self) -> TokenStream {
        self.array.as_ref().map_or_else(|| quote!(1), |array| array.count.to_token_stream())
    }
}
