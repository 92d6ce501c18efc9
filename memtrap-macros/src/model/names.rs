//! One name in the cases that generated items need.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;

/// The identifier as text, without `r#`.
pub(crate) fn plain(name: &Ident) -> String {
    name.unraw().to_string()
}

/// An identifier of the expansion with this text, raw if the text is a keyword.
pub(crate) fn identifier(text: &str) -> Ident {
    if syn::parse_str::<Ident>(text).is_ok() {
        Ident::new(text, Span::call_site())
    } else if matches!(text, "self" | "super" | "crate") {
        Ident::new(&format!("{text}_"), Span::call_site())
    } else {
        Ident::new_raw(text, Span::call_site())
    }
}

/// `lcr_h` → `LcrH`. Never a keyword: `self_` → `Self_`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    for word in name.split('_').filter(|word| !word.is_empty()) {
        let mut characters = word.chars();
        camel.extend(characters.next().into_iter().flat_map(char::to_uppercase));
        camel.extend(characters);
    }
    if camel.is_empty() || camel.starts_with(|first: char| first.is_ascii_digit()) {
        camel.insert(0, '_');
    }
    if camel == "Self" {
        camel.push('_');
    }
    camel
}

/// `lcr_h` → `LCR_H`.
pub(crate) fn constant_case(name: &str) -> String {
    name.to_uppercase()
}

/// `GicDistributor` → `gic_distributor`, `Pl011` → `pl011`, `UARTRegs` → `uart_regs`, `I2C` → `i2c`.
pub(crate) fn snake_case(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, &character) in characters.iter().enumerate() {
        let previous = index.checked_sub(1).map(|index| characters[index]);
        let next = characters.get(index + 1);
        let starts_word = character.is_uppercase()
            && previous.is_some_and(|previous| {
                previous.is_lowercase() || (previous != '_' && next.is_some_and(|next| next.is_lowercase()))
            });
        if starts_word {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::{camel_case, snake_case};

    #[test]
    fn names_follow_the_conventions_of_rust() {
        for (name, snake) in [
            ("Pl011", "pl011"),
            ("GicDistributor", "gic_distributor"),
            ("UARTRegs", "uart_regs"),
            ("I2C", "i2c"),
            ("UART", "uart"),
            ("Ns16550A", "ns16550a"),
            ("Gic_V2", "gic_v2"),
        ] {
            assert_eq!(snake_case(name), snake);
        }
        for (name, camel) in [("dr", "Dr"), ("lcr_h", "LcrH"), ("_3d", "_3d"), ("self_", "Self_"), ("CR", "CR")] {
            assert_eq!(camel_case(name), camel);
        }
    }
}
