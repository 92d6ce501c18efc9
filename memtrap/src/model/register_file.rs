//! A block's stored registers and its model, as one device.

use super::{
    nestable::Nestable,
    parts::{Part, check, may_harm, parts},
};
use crate::{
    bus::{Access, Context, Device, shape::Shape},
    error::BusError,
    map::{Effects, Index, Place, Policy, RegisterMap, Width},
    mmio::Block,
    trace::Direction,
};
use std::{fmt, marker::PhantomData};

/// A register block that the model type `M` can simulate. Implemented by `#[simulated]` for every implementation of the
/// block's `Model` trait.
// What is no model of a block lacks the block's `Model`, and that says so; only what is no block lacks this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a register block",
    label = "not declared with `#[simulated]`",
    note = "put `#[memtrap::simulated]` on the struct that describes its registers; in generic code, ask for \
            `{Self}: Simulated<{M}>`"
)]
pub trait Simulated<M>: Nestable {
    /// Calls the model's method for a read of the register with this index in the map.
    #[doc(hidden)]
    fn read(model: &mut M, state: &mut Self::State, register: usize, element: usize, cx: &mut Context<'_>) -> u64;

    /// Calls the model's method for a write to the register with this index in the map.
    #[doc(hidden)]
    fn write(model: &mut M, state: &mut Self::State, register: usize, element: usize, value: u64, cx: &mut Context<'_>);

    /// The fields that conditions name, as a number.
    #[doc(hidden)]
    fn bank(state: &Self::State) -> u8;

    /// Calls the model's method for an event that is due.
    #[doc(hidden)]
    fn event(model: &mut M, state: &mut Self::State, event: u64, cx: &mut Context<'_>);

    /// Calls the model's method for what follows from its state.
    #[doc(hidden)]
    fn drive(model: &mut M, state: &mut Self::State, cx: &mut Context<'_>);

    /// Calls the model's method for a reset.
    #[doc(hidden)]
    fn reset(model: &mut M, state: &mut Self::State, cx: &mut Context<'_>);

    /// Calls the model's method for a report.
    #[doc(hidden)]
    fn describe(model: &M) -> Option<String>;
}

/// The device that simulates the block `B` with a model `M`: checks each access against the declaration and passes it
/// to the model.
pub struct RegisterFile<B: Nestable, M> {
    pub(crate) model: M,
    pub(crate) state: B::State,
    block: PhantomData<fn() -> B>,
}

impl<B: Simulated<M>, M> RegisterFile<B, M> {
    /// All registers at their reset values.
    pub fn new(model: M) -> Self {
        Self { model, state: B::State::default(), block: PhantomData }
    }

    /// Lets something happen that is no access, and then what follows from it.
    pub(crate) fn stimulate<R>(
        &mut self,
        cx: &mut Context<'_>,
        stimulus: impl FnOnce(&mut M, &mut B::State, &mut Context<'_>) -> R,
    ) -> R {
        let result = stimulus(&mut self.model, &mut self.state, cx);
        <B as Simulated<M>>::drive(&mut self.model, &mut self.state, cx);
        result
    }

    /// The fields that conditions name, as bits.
    #[inline(always)]
    fn fields(&self) -> u8 {
        if B::MAP.views.is_empty() { 0 } else { B::bank(&self.state) }
    }

    /// The registers that an access reaches, and the position of each in the map of the block if that is another one.
    #[inline(always)]
    fn reachable(&self, direction: Direction) -> (&'static RegisterMap, Option<&'static [usize]>) {
        match B::MAP.view(self.fields(), direction) {
            Some(view) => (&view.map, Some(view.indices)),
            None => (B::MAP, None),
        }
    }

    /// Where a permitted access of a whole register is, in the map of the block.
    fn plain(&self, access: &Access, direction: Direction) -> Option<Place> {
        let (map, indices) = self.reachable(direction);
        let place = map.find(access.offset)?;
        let register = &map.registers[place.register];
        let is_whole = place.within == 0 && access.width == register.width;
        let is_permitted = register.access.permits(direction) && !may_harm(register, access, direction);
        (is_whole && is_permitted).then(|| in_block(place, indices))
    }

    /// What a write brings to the register: the value, or what its window makes of it.
    fn arriving(&self, place: Place, value: u64) -> u64 {
        let Some(alias) = place.alias else { return value };
        let register = &B::MAP.registers[place.register];
        let stored = B::stored(&self.state, place.register, place.element);
        let effects = Effects::new(register.policy, register.fields);
        effects.aliased(alias.operation, stored, value) & register.width.mask()
    }

    /// A read that may break the rules.
    #[cold]
    fn read_parts(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        let (map, indices) = self.reachable(Direction::Read);
        check(map, access, Direction::Read, 0, cx)?;
        let mut value = 0;
        for part in parts(map, access) {
            let Part { place: Some(place), .. } = part else { continue };
            let place = in_block(place, indices);
            if B::MAP.registers[place.register].access.is_readable() {
                let register =
                    <B as Simulated<M>>::read(&mut self.model, &mut self.state, place.register, place.element, cx);
                value |= part.to_access(register);
            }
        }
        Ok(value)
    }

    /// A write that may break the rules.
    #[cold]
    fn write_parts(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let (map, indices) = self.reachable(Direction::Write);
        check(map, access, Direction::Write, value, cx)?;
        for part in parts(map, access) {
            let Part { place: Some(place), .. } = part else { continue };
            let place = in_block(place, indices);
            let register = &B::MAP.registers[place.register];
            if register.access.is_writable() {
                let lanes = part.lanes();
                cx.set_lanes(if lanes == register.width.mask() { u64::MAX } else { lanes });
                let value = self.arriving(place, part.to_register(value)) & lanes;
                <B as Simulated<M>>::write(&mut self.model, &mut self.state, place.register, place.element, value, cx);
            }
        }
        Ok(())
    }
}

/// Whether a write of the whole register writes reserved bits as they must be.
#[inline(always)]
fn keeps_reserved<B: Block>(place: Place, value: u64) -> bool {
    let reserved = B::MAP.registers[place.register].reserved;
    reserved.is_empty() || reserved.broken_by(value, place.alias.map(|alias| alias.operation), u64::MAX).is_empty()
}

/// The place in the map of the block.
fn in_block(place: Place, indices: Option<&[usize]>) -> Place {
    Place { register: indices.map_or(place.register, |indices| indices[place.register]), ..place }
}

impl<B: Simulated<M>, M: Send + 'static> Device for RegisterFile<B, M> {
    #[inline(never)]
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        let value = match self.plain(&access, Direction::Read) {
            Some(Place { register, element, .. }) => {
                <B as Simulated<M>>::read(&mut self.model, &mut self.state, register, element, cx)
            }
            None => self.read_parts(access, cx)?,
        };
        <B as Simulated<M>>::drive(&mut self.model, &mut self.state, cx);
        Ok(value)
    }

    #[inline(never)]
    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        match self.plain(&access, Direction::Write) {
            Some(place) if keeps_reserved::<B>(place, value) => {
                let value = self.arriving(place, value);
                <B as Simulated<M>>::write(&mut self.model, &mut self.state, place.register, place.element, value, cx);
            }
            _ => self.write_parts(access, value, cx)?,
        }
        <B as Simulated<M>>::drive(&mut self.model, &mut self.state, cx);
        Ok(())
    }

    /// One that is no array, and whose access is of all of it, through no window, and permitted. It is found without a search.
    #[inline(always)]
    fn simple_register(&self, offset: usize, shape: Shape) -> Option<usize> {
        if !B::MAP.views.is_empty() {
            return None;
        }
        let index = const { &Index::new(B::MAP) };
        let found = index.register_at(B::MAP, offset)?;
        let register = &B::MAP.registers[found];
        let direction = shape.direction();
        // The other half of a read-modify-write may break a rule; see `may_harm`.
        let is_harmless =
            !shape.is_read_modify_write() || direction == Direction::Read || register.policy == Policy::RW;
        let is_kept = direction == Direction::Read || register.reserved.is_empty();
        let is_simple = !shape.is_locked() && shape.width() == register.width && is_harmless && is_kept;
        (is_simple && register.access.permits(direction)).then_some(found)
    }

    #[inline(always)]
    fn read_simple(&mut self, register: usize, cx: &mut Context<'_>) -> u64 {
        let value = <B as Simulated<M>>::read(&mut self.model, &mut self.state, register, 0, cx);
        <B as Simulated<M>>::drive(&mut self.model, &mut self.state, cx);
        value
    }

    #[inline(always)]
    fn write_simple(&mut self, register: usize, value: u64, cx: &mut Context<'_>) {
        <B as Simulated<M>>::write(&mut self.model, &mut self.state, register, 0, value, cx);
        <B as Simulated<M>>::drive(&mut self.model, &mut self.state, cx);
    }

    fn event(&mut self, event: u64, cx: &mut Context<'_>) {
        B::event(&mut self.model, &mut self.state, event, cx);
        <B as Simulated<M>>::drive(&mut self.model, &mut self.state, cx);
    }

    fn reset(&mut self, cx: &mut Context<'_>) {
        <B as Simulated<M>>::reset(&mut self.model, &mut self.state, cx);
        <B as Simulated<M>>::drive(&mut self.model, &mut self.state, cx);
    }

    fn describe(&self) -> Option<String> {
        B::describe(&self.model)
    }

    fn bus_width(&self) -> Width {
        B::MAP.width
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(B::MAP)
    }

    #[inline(always)]
    fn bank(&self) -> u8 {
        self.fields()
    }
}

impl<B: Nestable, M: fmt::Debug> fmt::Debug for RegisterFile<B, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisterFile").field("model", &self.model).field("state", &self.state).finish()
    }
}
