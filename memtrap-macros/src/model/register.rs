//! A register, or an array of equal registers.

use super::{
    Storage,
    layout::Declared,
    names,
    value::{ValueType, is_ident},
};
use crate::{
    attributes::{self, AccessKind, Key, Number, ReadEffect, RegOptions, Reset, When, Word, WriteEffect},
    report::Report,
};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, Type, Visibility};

/// A register, or an array of equal registers.
pub(crate) struct Register {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) offset: Number,
    pub(crate) access: AccessKind,
    /// Whether the accessor of the handle takes `&self`: no access that is permitted has a side effect.
    pub(crate) is_shared: bool,
    pub(crate) value: ValueType,
    pub(crate) array: Option<Array>,
    pub(crate) reset: Option<Reset>,
    pub(crate) read: Option<Word<ReadEffect>>,
    pub(crate) write: Option<Word<WriteEffect>>,
    /// `state = ..`, as written.
    pub(super) state: Option<Ident>,
    /// `value = ..`, as written.
    pub(super) computed: Option<Expr>,
    /// `constant = ..`, as written.
    pub(super) constant: Option<Expr>,
    /// What these three mean.
    pub(crate) storage: Storage,
    /// What `write = key(..)` says.
    pub(crate) key: Option<Key>,
    /// The widths of accesses in bits that are legal, if they are declared.
    pub(crate) widths: Vec<Number>,
    /// The registers that are declared to share bytes with this one.
    pub(crate) overlaps: Vec<Ident>,
    /// When the register is there, if it is not always.
    pub(crate) when: Option<When>,
    /// Whether an error was found, so that the facts may be placeholders.
    pub(crate) faulty: bool,
}

/// What makes a register an array.
pub(crate) struct Array {
    /// Number of elements, as it is written.
    pub(crate) count: Expr,
    /// Number of elements, if that is written with literals.
    pub(crate) known_count: Option<u64>,
    /// Distance between the starts of two elements, in bytes, if it is not their width.
    pub(crate) stride: Option<Number>,
}

/// Builds the register of a field.
pub(super) fn register(field: Declared, options: RegOptions, report: &mut Report) -> Register {
    let Declared { attributes, visibility, name, ty } = field;
    let errors = report.len();
    effects_fit(&options, &name, report);
    let is_shared = is_shared(&options);
    let (value, array) = match ty {
        Type::Array(array) => {
            let known_count = attributes::literal(&array.len);
            (*array.elem, Some(Array { count: array.len, known_count, stride: options.stride }))
        }
        other => {
            if let Some(stride) = options.stride {
                report.error(
                    stride,
                    format!(
                        "`stride` is the distance between the elements of an array, and `{name}` is a single register"
                    ),
                );
            }
            (other, None)
        }
    };
    let value = match unsuitable(&value) {
        Some(problem) => {
            report.error(&value, problem);
            syn::parse_quote!(u32)
        }
        None => value,
    };
    let faulty = options.faulty || report.len() > errors;
    let placeholder = name.clone();
    Register {
        name,
        visibility,
        attributes,
        offset: options.offset.unwrap_or_else(|| Number::placeholder(0, &placeholder)),
        // The access that permits most, so that uses of the register cause no follow-up errors.
        is_shared,
        access: if faulty { AccessKind::ReadWrite } else { options.access },
        value: ValueType::new(value),
        array,
        reset: options.reset.filter(|_| !faulty),
        read: options.read.filter(|_| !faulty),
        write: options.write.filter(|_| !faulty),
        state: options.state.filter(|_| !faulty),
        computed: options.value.filter(|_| !faulty),
        constant: options.constant.filter(|_| !faulty),
        storage: Storage::Own,
        key: options.key.filter(|_| !faulty),
        widths: options.widths,
        overlaps: options.overlaps,
        when: options.when.filter(|_| !faulty),
        faulty,
    }
}

/// A register that is only read has no effect of writes, and the other way round.
fn effects_fit(options: &RegOptions, name: &Ident, report: &mut Report) {
    if let (Some(_), AccessKind::ReadOnly) = (&options.write, options.access) {
        report.error(
            options.access_and("write"),
            format!("`{name}` is declared `ro`, so no write does anything: `rw` or `wo`?"),
        );
    }
    if let (Some(_), AccessKind::WriteOnly) = (&options.read, options.access) {
        report.error(
            options.access_and("read"),
            format!("`{name}` is declared `wo`, so no read does anything: `rw` or `ro`?"),
        );
    }
}

/// Whether no permitted access needs the handle exclusively: reads are pure, and writes, if any, act on single bits.
fn is_shared(options: &RegOptions) -> bool {
    let writes_bits = options.write.as_ref().is_some_and(|write| write.meaning.is_bitwise());
    options.read.is_none() && (options.access == AccessKind::ReadOnly || writes_bits)
}

/// Why a type cannot be a register's value, where that shows in how it is written. Of all other types the compiler asks
/// whether they implement `RegisterValue`.
fn unsuitable(ty: &Type) -> Option<String> {
    let holds = "a register holds `u8`, `u16`, `u32`, `u64` or a type that implements `RegisterValue`";
    let signed = ["i8", "i16", "i32", "i64"].into_iter().find(|word| is_ident(ty, word));
    if let Some(signed) = signed {
        return Some(format!("a register holds bits, not a signed number: use `u{}` and convert", &signed[1..]));
    }
    if ["usize", "isize"].into_iter().any(|word| is_ident(ty, word)) {
        return Some(
            "the width of this type depends on the target, a register's does not: use `u32` or `u64`".to_owned(),
        );
    }
    if ["u128", "i128"].into_iter().any(|word| is_ident(ty, word)) {
        return Some("no access transfers 128 bits: use `[u64; 2]` or `[u32; 4]`".to_owned());
    }
    let other = ["bool", "char", "f32", "f64"].into_iter().any(|word| is_ident(ty, word));
    let shape = !matches!(ty, Type::Path(_) | Type::Macro(_) | Type::Paren(_) | Type::Group(_));
    match ty {
        Type::Array(_) => {
            Some("an array of arrays has no single stride: declare one array, and compute the index".to_owned())
        }
        _ if other || shape => Some(format!("not the value of a register: {holds}")),
        _ => None,
    }
}

impl Register {
    /// The name without `r#`.
    pub(crate) fn plain_name(&self) -> String {
        names::plain(&self.name)
    }

    /// Whether one of the two is declared to overlap the other.
    pub(crate) fn may_overlap(&self, other: &Self) -> bool {
        self.overlaps.contains(&other.name) || other.overlaps.contains(&self.name)
    }

    /// Whether reads have no side effect.
    pub(crate) fn is_pure(&self) -> bool {
        self.access.is_readable() && self.read.is_none()
    }

    /// Whether it stores queues.
    pub(crate) fn is_fifo(&self) -> bool {
        self.read.as_ref().is_some_and(|read| read.meaning == ReadEffect::Pop)
            || self.write.as_ref().is_some_and(|write| write.meaning == WriteEffect::Push)
    }

    /// Whether the number of elements is known.
    pub(crate) fn is_counted(&self) -> bool {
        self.array.as_ref().is_none_or(|array| array.known_count.is_some())
    }

    /// Bytes of one element; at least these if the width is not known.
    fn least(&self) -> u64 {
        self.value.least()
    }

    /// Number of elements, at least.
    pub(crate) fn least_count(&self) -> u64 {
        self.array.as_ref().map_or(1, |array| array.known_count.unwrap_or(1))
    }

    /// Distance between elements, at least.
    pub(crate) fn least_stride(&self) -> u64 {
        let declared = self.array.as_ref().and_then(|array| array.stride.as_ref()).map(|stride| stride.value);
        declared.unwrap_or_else(|| self.least())
    }

    /// First byte behind the last element: it ends there or later. `None` if that is beyond 64 bits.
    pub(crate) fn least_end(&self) -> Option<u64> {
        let last = self.least_count().checked_sub(1)?.checked_mul(self.least_stride())?;
        self.offset.value.checked_add(last)?.checked_add(self.least())
    }

    /// Whether the number of bytes it covers is known.
    pub(crate) fn is_sized(&self) -> bool {
        self.value.bytes.is_some() && self.is_counted()
    }

    /// The number of elements as a constant expression.
    pub(crate) fn count(&self) -> TokenStream {
        self.array.as_ref().map_or_else(|| quote!(1), |array| array.count.to_token_stream())
    }
}
