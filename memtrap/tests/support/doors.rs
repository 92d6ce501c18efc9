//! One access of a driver that declares nothing, through either door.

use memtrap::{Bus, Width, simulated};
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    sync::Once,
};

/// How an access gets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// By an accessor of a handle whose declaration is not the device's.
    Typed,
    /// By an instruction.
    #[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
    Trapped,
}

impl Door {
    /// Those that are on this host.
    pub(crate) const ALL: &[Self] = &[
        Self::Typed,
        #[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
        Self::Trapped,
    ];

    /// Reads `width` at `offset` bytes into the simulated block at `base`.
    #[track_caller]
    pub(crate) fn read(self, base: *mut u8, offset: usize, width: Width) -> u64 {
        let at = base.wrapping_add(offset);
        match self {
            Self::Typed => match width {
                Width::U8 => handle::<One8>(at).value().read().into(),
                Width::U16 => handle::<One16>(at).value().read().into(),
                Width::U32 => handle::<One32>(at).value().read().into(),
                Width::U64 => handle::<One64>(at).value().read(),
            },
            #[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
            Self::Trapped => trapped::read(at, width),
        }
    }

    /// Writes the low bits of `value` at `offset` bytes into the simulated block at `base`.
    #[track_caller]
    pub(crate) fn write(self, base: *mut u8, offset: usize, width: Width, value: u64) {
        let at = base.wrapping_add(offset);
        match self {
            Self::Typed => match width {
                Width::U8 => handle::<One8>(at).value().write(value as u8),
                Width::U16 => handle::<One16>(at).value().write(value as u16),
                Width::U32 => handle::<One32>(at).value().write(value as u32),
                Width::U64 => handle::<One64>(at).value().write(value),
            },
            #[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
            Self::Trapped => trapped::write(at, width, value),
        }
    }

    /// Sets bits of the 32-bit register at `offset` in one operation: `modify`, or a `LOCK`ed instruction.
    #[track_caller]
    pub(crate) fn set_bits(self, base: *mut u8, offset: usize, bits: u32) {
        let at = base.wrapping_add(offset);
        match self {
            Self::Typed => handle::<One32>(at).value().modify(|value| value | bits),
            #[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
            Self::Trapped => trapped::set_bits(at, bits),
        }
    }
}

macro_rules! one {
    ($($name:ident: $ty:ty;)*) => {$(
        /// A register at any aligned address.
        #[simulated(size = 8, width = 64)]
        pub(crate) struct $name {
            #[reg(0, rw)]
            value: $ty,
        }

        impl At for $name {
            fn at(base: *mut u8) -> Self {
                // SAFETY: The address is in a region, aligned for the register, and stays reserved.
                unsafe { $name::new(base) }
            }
        }
    )*};
}

one! {
    One8: u8;
    One16: u16;
    One32: u32;
    One64: u64;
}

trait At {
    fn at(base: *mut u8) -> Self;
}

fn handle<H: At>(base: *mut u8) -> H {
    H::at(base)
}

/// The instructions, whatever the compiler would make of a volatile access, and whatever its alignment is.
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
mod trapped {
    use memtrap::Width;
    use std::arch::asm;

    macro_rules! instruction {
        ($($operand:tt)*) => {
            // SAFETY: The address is in a region, where each access is carried out by its device.
            unsafe { asm!($($operand)*) }
        };
    }

    pub(super) fn read(at: *mut u8, width: Width) -> u64 {
        let value: u64;
        match width {
            Width::U8 => instruction!("movzx {:e}, byte ptr [{}]", out(reg) value, in(reg) at),
            Width::U16 => instruction!("movzx {:e}, word ptr [{}]", out(reg) value, in(reg) at),
            Width::U32 => instruction!("mov {:e}, dword ptr [{}]", out(reg) value, in(reg) at),
            Width::U64 => instruction!("mov {}, qword ptr [{}]", out(reg) value, in(reg) at),
        }
        value
    }

    pub(super) fn write(at: *mut u8, width: Width, value: u64) {
        match width {
            Width::U8 => instruction!("mov byte ptr [{}], {}", in(reg) at, in(reg_byte) value as u8),
            Width::U16 => instruction!("mov word ptr [{}], {:x}", in(reg) at, in(reg) value),
            Width::U32 => instruction!("mov dword ptr [{}], {:e}", in(reg) at, in(reg) value),
            Width::U64 => instruction!("mov qword ptr [{}], {}", in(reg) at, in(reg) value),
        }
    }

    pub(super) fn set_bits(at: *mut u8, bits: u32) {
        instruction!("lock or dword ptr [{}], {:e}", in(reg) at, in(reg) bits);
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// What `access` returns, or the first line of the report that it ends with.
pub(crate) fn outcome<T>(bus: &Bus, access: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |info| {
            if !QUIET.get() {
                others(info);
            }
        }));
    });
    QUIET.set(true);
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let value = access();
        // Raises what the trapped door has kept.
        drop(bus.trace());
        value
    }));
    QUIET.set(false);
    ended.map_err(|panic| {
        let report = panic.downcast::<String>().expect("a report is a string");
        report.lines().next().unwrap_or_default().to_owned()
    })
}
