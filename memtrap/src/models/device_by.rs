//! Devices that are made of another one.

/// Implements [`Device`](crate::bus::Device) for a model by the device in a field of it.
///
/// `#[simulated]` makes the device of a block; a model that is more than that has it in a field.
macro_rules! device_by {
    ($($device:ident)::+ $(<$parameter:ident: $bound:ident>)?, $field:ident) => {
        impl $(<$parameter: $bound>)? $crate::bus::Device for $($device)::+ $(<$parameter>)? {
            fn read(
                &mut self,
                access: $crate::bus::Access,
                cx: &mut $crate::bus::Context<'_>,
            ) -> Result<u64, $crate::error::BusError> {
                self.$field.read(access, cx)
            }

            fn write(
                &mut self,
                access: $crate::bus::Access,
                value: u64,
                cx: &mut $crate::bus::Context<'_>,
            ) -> Result<(), $crate::error::BusError> {
                self.$field.write(access, value, cx)
            }

            fn event(&mut self, event: u64, cx: &mut $crate::bus::Context<'_>) {
                self.$field.event(event, cx);
            }

            fn reset(&mut self, cx: &mut $crate::bus::Context<'_>) {
                self.$field.reset(cx);
            }

            fn describe(&self) -> Option<String> {
                self.$field.describe()
            }

            fn bus_width(&self) -> $crate::map::Width {
                self.$field.bus_width()
            }

            fn registers(&self) -> Option<&'static $crate::map::RegisterMap> {
                self.$field.registers()
            }

            fn bank(&self) -> u8 {
                self.$field.bank()
            }
        }
    };
}

pub(super) use device_by;
