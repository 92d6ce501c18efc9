//! The registers of nested blocks as registers of the block around them.
//!
//! A block that contains others does not know their registers when it is expanded, but the compiler does when it
//! evaluates the block's map: each nested register becomes one of the map, under a name that says where it is.

use super::{Register, RegisterMap};

/// A nested block, or an array of equal ones.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    name: &'static str,
    offset: usize,
    /// `None` for a single block.
    count: Option<usize>,
    stride: usize,
    map: &'static RegisterMap,
}

/// Where a register of a map was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// 0 for the block itself, `n` for its nested block `n - 1` in the order of declaration.
    pub item: usize,
    /// Element of an array of nested blocks.
    pub instance: usize,
    /// Index of the register among those of the block itself, or in the map of the nested block.
    pub register: usize,
}

impl Part {
    /// A nested block at `offset`, or `count` of them, `stride` bytes apart.
    pub const fn new(
        name: &'static str,
        offset: usize,
        count: Option<usize>,
        stride: usize,
        map: &'static RegisterMap,
    ) -> Self {
        Self { name, offset, count, stride, map }
    }

    const fn len(&self) -> usize {
        match self.count {
            Some(count) => count,
            None => 1,
        }
    }

    /// Length of the name that goes before those of the registers of element `instance`.
    const fn prefix_len(&self, instance: usize) -> usize {
        match self.count {
            Some(_) => self.name.len() + digits(instance) + "[].".len(),
            None => self.name.len() + ".".len(),
        }
    }
}

/// Number of registers of a block with `own` registers and these parts.
pub const fn nested_len(own: usize, parts: &[Part]) -> usize {
    let (mut total, mut part) = (own, 0);
    while part < parts.len() {
        total += parts[part].len() * parts[part].map.registers.len();
        part += 1;
    }
    total
}

/// Number of bytes of the names of all nested registers.
pub const fn nested_name_bytes(parts: &[Part]) -> usize {
    let (mut total, mut part) = (0, 0);
    while part < parts.len() {
        let Part { map, .. } = parts[part];
        let mut instance = 0;
        while instance < parts[part].len() {
            let mut register = 0;
            while register < map.registers.len() {
                total += parts[part].prefix_len(instance) + map.registers[register].name.len();
                register += 1;
            }
            instance += 1;
        }
        part += 1;
    }
    total
}

/// The names of all nested registers, one behind the other: `channel[2].control`.
pub const fn nested_names<const BYTES: usize>(parts: &[Part]) -> [u8; BYTES] {
    let (mut names, mut at, mut part) = ([0; BYTES], 0, 0);
    while part < parts.len() {
        let Part { name, count, map, .. } = parts[part];
        let mut instance = 0;
        while instance < parts[part].len() {
            let mut register = 0;
            while register < map.registers.len() {
                at = append(&mut names, at, name.as_bytes());
                if count.is_some() {
                    at = append(&mut names, at, b"[");
                    at = append_number(&mut names, at, instance);
                    at = append(&mut names, at, b"]");
                }
                at = append(&mut names, at, b".");
                at = append(&mut names, at, map.registers[register].name.as_bytes());
                register += 1;
            }
            instance += 1;
        }
        part += 1;
    }
    names
}

/// The registers of a block with its `own`, which are sorted by offset, and those of its parts, whose names are in
/// `names`; in ascending order of their offsets, each with where it was declared.
pub const fn nested<const LEN: usize>(
    own: &[Register],
    parts: &[Part],
    mut names: &'static [u8],
) -> [(Register, Route); LEN] {
    const NOTHING: (Register, Route) = (Register::NOTHING, Route { item: 0, instance: 0, register: 0 });
    let (mut all, mut at, mut register) = ([NOTHING; LEN], 0, 0);
    while register < own.len() {
        all[at] = (own[register], Route { item: 0, instance: 0, register });
        register += 1;
        at += 1;
    }
    let mut part = 0;
    while part < parts.len() {
        let Part { offset, stride, map, .. } = parts[part];
        let mut instance = 0;
        while instance < parts[part].len() {
            let mut register = 0;
            while register < map.registers.len() {
                let nested = map.registers[register];
                let (name, rest) = names.split_at(parts[part].prefix_len(instance) + nested.name.len());
                names = rest;
                let moved = Register { name: text(name), offset: offset + instance * stride + nested.offset, ..nested };
                all[at] = (moved, Route { item: part + 1, instance, register });
                register += 1;
                at += 1;
            }
            instance += 1;
        }
        part += 1;
    }
    sorted(all)
}

/// One half of what [`nested`] returns.
pub const fn nested_registers<const LEN: usize>(all: &[(Register, Route)]) -> [Register; LEN] {
    let (mut registers, mut at) = ([Register::NOTHING; LEN], 0);
    while at < LEN {
        registers[at] = all[at].0;
        at += 1;
    }
    registers
}

/// The other half.
pub const fn nested_routes<const LEN: usize>(all: &[(Register, Route)]) -> [Route; LEN] {
    let (mut routes, mut at) = ([Route { item: 0, instance: 0, register: 0 }; LEN], 0);
    while at < LEN {
        routes[at] = all[at].1;
        at += 1;
    }
    routes
}

/// Merges runs of twice the length in each round: the compiler limits how long a constant may take.
const fn sorted<const LEN: usize>(mut from: [(Register, Route); LEN]) -> [(Register, Route); LEN] {
    let (mut into, mut run) = (from, 1);
    while run < LEN {
        let mut start = 0;
        while start < LEN {
            let (middle, end) = (least(start + run, LEN), least(start + 2 * run, LEN));
            let (mut left, mut right, mut at) = (start, middle, start);
            while at < end {
                let takes_left = right >= end || left < middle && from[left].0.offset <= from[right].0.offset;
                if takes_left {
                    into[at] = from[left];
                    left += 1;
                } else {
                    into[at] = from[right];
                    right += 1;
                }
                at += 1;
            }
            start = end;
        }
        from = into;
        run *= 2;
    }
    from
}

const fn least(one: usize, other: usize) -> usize {
    if one < other { one } else { other }
}

const fn text(bytes: &[u8]) -> &str {
    match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("names were put together from names"),
    }
}

/// Copies `bytes` to `at`; where they end.
const fn append(names: &mut [u8], at: usize, bytes: &[u8]) -> usize {
    names.split_at_mut(at).1.split_at_mut(bytes.len()).0.copy_from_slice(bytes);
    at + bytes.len()
}

const fn append_number(names: &mut [u8], at: usize, number: usize) -> usize {
    let (mut rest, mut digit) = (number, digits(number));
    let end = at + digit;
    while digit > 0 {
        digit -= 1;
        names[at + digit] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    end
}

/// Number of decimal digits.
const fn digits(mut number: usize) -> usize {
    let mut digits = 1;
    while number >= 10 {
        number /= 10;
        digits += 1;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::{AccessKind, Width};

    static CHANNEL: RegisterMap = RegisterMap::new("channel", 0x8, Width::U32, {
        &[
            Register::new("control", 0x0, Width::U32, AccessKind::ReadWrite, 1),
            Register::new("count", 0x4, Width::U32, AccessKind::ReadOnly, 2),
        ]
    });

    #[test]
    fn nested_registers_are_named_moved_and_sorted() {
        const OWN: &[Register] = &[
            Register::new("first", 0x0, Width::U32, AccessKind::ReadWrite, 0),
            Register::new("between", 0x18, Width::U32, AccessKind::ReadWrite, 0),
        ];
        let parts =
            [Part::new("channel", 0x10, Some(11), 0x10, &CHANNEL), Part::new("spare", 0x8, None, 0x8, &CHANNEL)];
        const LEN: usize = 2 + 12 * 2;
        assert_eq!(nested_len(OWN.len(), &parts), LEN);
        const BYTES: usize = 10 * (18 + 16) + (19 + 17) + (13 + 11);
        assert_eq!(nested_name_bytes(&parts), BYTES);
        let names = Box::leak(Box::new(nested_names::<BYTES>(&parts)));
        let all = nested::<LEN>(OWN, &parts, names);
        let shown: Vec<_> = all.iter().map(|(register, _)| (register.name, register.offset)).collect();
        assert_eq!(
            shown[..5],
            [
                ("first", 0x0),
                ("spare.control", 0x8),
                ("spare.count", 0xc),
                ("channel[0].control", 0x10),
                ("channel[0].count", 0x14),
            ]
        );
        assert_eq!(shown[5], ("between", 0x18));
        assert_eq!(shown[LEN - 1], ("channel[10].count", 0xb4));
        assert!(shown.is_sorted_by_key(|(_, offset)| *offset));
        let routes = nested_routes::<LEN>(&all);
        assert_eq!(routes[2], Route { item: 2, instance: 0, register: 1 });
        assert_eq!(routes[5], Route { item: 0, instance: 0, register: 1 });
        assert_eq!(routes[LEN - 2], Route { item: 1, instance: 10, register: 0 });
        assert_eq!(nested_registers::<LEN>(&all)[LEN - 1].reset, 2);
    }
}
