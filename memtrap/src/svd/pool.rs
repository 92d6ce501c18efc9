//! Names and tables that live as long as the process, each once: regions, whose records are permanent, refer to them.

use crate::map::{Field, NamedValue, Register, RegisterMap};
use std::{
    collections::{BTreeMap, HashSet},
    hash::Hash,
    sync::{Mutex, PoisonError},
};

/// Values that were made permanent.
struct Pool<T: ?Sized + 'static>(Mutex<Option<HashSet<&'static T>>>);

impl<T: ?Sized + Eq + Hash> Pool<T> {
    const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The permanent value that equals `value`; `leak` makes it if there is none.
    fn get(&self, value: &T, leak: impl FnOnce() -> &'static T) -> &'static T {
        let mut pool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = pool.get_or_insert_default();
        known.get(value).copied().unwrap_or_else(|| {
            let leaked = leak();
            known.insert(leaked);
            leaked
        })
    }
}

static TEXTS: Pool<str> = Pool::new();
static VALUES: Pool<[NamedValue]> = Pool::new();
static FIELDS: Pool<[Field]> = Pool::new();
static REGISTERS: Pool<[Register]> = Pool::new();
static MAPS: Mutex<BTreeMap<&'static str, Vec<&'static RegisterMap>>> = Mutex::new(BTreeMap::new());

pub(super) fn text(text: &str) -> &'static str {
    TEXTS.get(text, || text.to_owned().leak())
}

pub(super) fn values(values: &[NamedValue]) -> &'static [NamedValue] {
    VALUES.get(values, || values.to_vec().leak())
}

pub(super) fn fields(fields: &[Field]) -> &'static [Field] {
    FIELDS.get(fields, || fields.to_vec().leak())
}

pub(super) fn registers(registers: &[Register]) -> &'static [Register] {
    REGISTERS.get(registers, || registers.to_vec().leak())
}

pub(super) fn map(map: RegisterMap) -> &'static RegisterMap {
    let mut maps = MAPS.lock().unwrap_or_else(PoisonError::into_inner);
    let same_name = maps.entry(map.name).or_default();
    if let Some(known) = same_name.iter().find(|known| ***known == map) {
        return known;
    }
    let leaked: &'static RegisterMap = Box::leak(Box::new(map));
    same_name.push(leaked);
    leaked
}
