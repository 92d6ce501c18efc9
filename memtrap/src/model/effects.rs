//! What the default methods of a block's `Model` do: they carry out the declared effects on the stored values.

use super::Fifo;
use crate::bus::Context;
use crate::mmio::{RegisterType, effects_of, from_u64, reset_of, to_u64};

/// The registers that were written since their reset, for those that take the first write only.
#[derive(Clone, Debug, Default)]
pub struct Written(Vec<(usize, usize)>);

impl Written {
    /// Whether element `index` of register `register` was written before; from now on it was.
    fn mark(&mut self, register: usize, index: usize) -> bool {
        let key = (register, index);
        let was_written = self.0.contains(&key);
        if !was_written {
            self.0.push(key);
        }
        was_written
    }
}

type Value<X, const INDEX: usize> = <X as RegisterType<INDEX>>::Value;

/// Remarks on a read of a register that nobody has written since its reset, after which it may hold anything.
pub fn undefined<const INDEX: usize>(name: &str, written: &Written, index: usize, cx: &mut Context<'_>) {
    if !written.0.contains(&(INDEX, index)) {
        cx.note(format!("`{name}` is read before it is written, and its bits after reset are undefined"));
    }
}

/// Carries out a read of register `INDEX`, whose value is stored in register `STORE`.
pub fn read<X, const INDEX: usize, const STORE: usize>(stored: &mut Value<X, STORE>) -> Value<X, INDEX>
where
    X: RegisterType<INDEX> + RegisterType<STORE>,
{
    let (value, left) = effects_of::<X, INDEX>().read(to_u64::<X, STORE>(*stored));
    *stored = from_u64::<X, STORE>(left);
    from_u64::<X, INDEX>(value)
}

/// The bits of a stored value, if there is one.
pub fn held<X: RegisterType<STORE>, const STORE: usize>(stored: Option<&Value<X, STORE>>) -> u64 {
    stored.map_or(0, |stored| to_u64::<X, STORE>(*stored))
}

/// The value that a write to register `INDEX` brings, in which the bits that the access does not carry leave the register
/// alone. `stored` is what register `STORE` holds, if it holds anything.
pub fn arriving<X, const INDEX: usize, const STORE: usize>(
    stored: Option<&Value<X, STORE>>,
    bits: u64,
    cx: &Context<'_>,
) -> Value<X, INDEX>
where
    X: RegisterType<INDEX> + RegisterType<STORE>,
{
    let lanes = cx.lanes();
    let bits = match stored {
        Some(stored) if lanes != u64::MAX => {
            effects_of::<X, INDEX>().left_alone(to_u64::<X, STORE>(*stored)) & !lanes | bits
        }
        _ => bits,
    };
    from_u64::<X, INDEX>(bits)
}

/// Carries out a write to element `index` of register `INDEX`, whose value is stored in register `STORE`.
pub fn write<X, const INDEX: usize, const STORE: usize>(
    stored: &mut Value<X, STORE>,
    value: Value<X, INDEX>,
    written: &mut Written,
    index: usize,
    cx: &Context<'_>,
) where
    X: RegisterType<INDEX> + RegisterType<STORE>,
{
    let effects = effects_of::<X, INDEX>();
    let was_written = (effects.has_once() || <X as RegisterType<INDEX>>::IS_UNDEFINED) && written.mark(INDEX, index);
    if <X as RegisterType<STORE>>::IS_UNDEFINED && STORE != INDEX {
        written.mark(STORE, index);
    }
    let before = to_u64::<X, STORE>(*stored);
    let after = effects.write(before, to_u64::<X, INDEX>(value), was_written);
    // Some bits act whatever is written, but not those whose bytes the access does not carry.
    *stored = from_u64::<X, STORE>(after & cx.lanes() | before & !cx.lanes());
}

/// Carries out a read that pops.
pub fn pop<X: RegisterType<INDEX>, const INDEX: usize>(fifo: &mut Fifo<X::Value>, cx: &mut Context<'_>) -> X::Value {
    let popped = fifo.to_driver.pop_front();
    if popped.is_some() {
        cx.progress();
    }
    popped.unwrap_or_else(reset_of::<X, INDEX>)
}

/// Carries out a write that pushes.
pub fn push<X: RegisterType<INDEX>, const INDEX: usize>(fifo: &mut Fifo<X::Value>, value: X::Value) {
    fifo.from_driver.push_back(value);
}

/// Element `index` of a register whose values never change.
pub fn constant<X: RegisterType<INDEX>, const INDEX: usize>(index: usize) -> X::Value {
    from_u64::<X, INDEX>(X::CONSTANT[index])
}
