//! The same functions twice: on a typed handle, and with `cfg(raw)` on a pointer. `zero_cost.rs` compiles both and
//! compares the instructions.
#![no_std]

#[cfg(not(raw))]
mod driver {
    use memtrap::{register, simulated};

    #[register(u32)]
    pub struct Control {
        #[bits(0)]
        pub enable: bool,
        #[bits(4..=7)]
        pub level: u8,
        #[bits(8, w1c)]
        pub error: bool,
    }

    #[simulated(size = 0x1000, width = 64)]
    pub struct Device {
        #[reg(0x000, rw)]
        pub data: u32,
        #[reg(0x018, ro)]
        pub flags: u32,
        #[reg(0x030, rw, reset = 0x300)]
        pub control: Control,
        #[reg(0x040, rw, write = w1c)]
        pub status: u32,
        #[reg(0x048, rw)]
        pub byte: u8,
        #[reg(0x04a, rw)]
        pub half: u16,
        #[reg(0x050, rw)]
        pub wide: u64,
        #[reg(0x100, rw, stride = 0x20)]
        pub channel: [u32; 8],
    }

    #[simulated(size = 0x20)]
    pub struct Part {
        #[reg(0x08, rw)]
        pub control: u32,
        #[reg(0x0c, ro)]
        pub status: u32,
    }

    #[simulated(size = 0x1000)]
    pub struct Outer {
        #[block(0x40)]
        pub single: Part,
        #[block(0x100, stride = 0x40)]
        pub part: [Part; 4],
    }

    #[simulated(size = 0x4000, alias(xor = 0x1000, set = 0x2000, clear = 0x3000))]
    pub struct Windowed {
        #[reg(0x18, rw)]
        pub control: u32,
        #[reg(0x40, rw)]
        pub bank: [u32; 8],
    }

    #[register(u8)]
    pub struct LineControl {
        #[bits(7)]
        pub dlab: bool,
    }

    #[simulated(size = 0x8, width = 8)]
    pub struct Uart {
        #[reg(0x0, ro, read = pop)]
        pub rbr: u8,
        #[reg(0x0, wo, write = push, overlaps(rbr))]
        pub thr: u8,
        #[reg(0x0, rw, overlaps(rbr, thr), when = lcr.dlab)]
        pub dll: u8,
        #[reg(0x3, rw)]
        pub lcr: LineControl,
    }

    #[register(u32, reserved = one)]
    pub struct Reserved {
        #[bits(0..=3)]
        pub level: u8,
    }

    #[simulated(size = 0x100, shared)]
    pub struct Shared {
        #[reg(0x00, rw, write = key(0x55, unlocks(locked)))]
        pub lock: u32,
        #[reg(0x04, rw, write = once)]
        pub locked: u32,
        #[reg(0x08, rw)]
        pub reserved: Reserved,
        #[reg(0x0c, rw, write = w1s)]
        pub enable: u32,
        #[reg(0x10, rw, write = w1t)]
        pub invert: u32,
        #[reg(0x14, rw, write = w0c)]
        pub events: u32,
    }

    pub fn alternates(uart: &mut Uart) -> u8 {
        uart.lcr().modify(|lcr| lcr.with_dlab(true));
        uart.dll().write(0x1a);
        uart.lcr().modify(|lcr| lcr.with_dlab(false));
        uart.thr().write(b'x');
        uart.rbr().read()
    }
    pub fn shared_handle(device: &Shared) {
        device.lock().write(0x55);
        device.locked().write(7);
        device.reserved().modify(|value| value.with_level(3));
        device.enable().set(4);
        device.invert().toggle(2);
        device.events().write_with(|events| events & !1);
    }
    pub fn owner_of_a_register(device: Device) -> u32 {
        let device::Split { mut data, flags, mut control, .. } = device.split();
        data.modify(|value| value | 1);
        control.modify(|control| control.with_enable(true));
        flags.read()
    }
    pub fn owners_of_elements(device: &mut Device) -> u32 {
        let [mut first, .., last] = device.exclusive().split().channel.split();
        first.write(1);
        last.read()
    }
    pub fn owners_of_nested(outer: &mut Outer) -> u32 {
        let outer::Split { mut single, part, .. } = outer.exclusive().split();
        single.control().write(1);
        let [_, second, ..] = part.split();
        let part::Split { mut control, status, .. } = second.split();
        control.write(2);
        status.read()
    }
    pub fn borrow_of_nested(outer: &mut Outer) -> u32 {
        borrowed(outer.single())
    }
    fn borrowed(mut part: part::Exclusive<'_>) -> u32 {
        part.control().write(1);
        part.exclusive().control().modify(|value| value << 1);
        part.shared().status().read()
    }

    pub fn set_and_clear(device: &mut Windowed, bits: u32) {
        device.control().set_bits(bits);
        device.shared().control().clear_bits(1);
    }
    pub fn toggle_element(device: &Windowed) {
        device.shared().bank().at(3).toggle_bits(4);
    }

    pub fn nested(outer: &mut Outer) {
        outer.single().control().modify(|value| value | 1);
    }
    pub fn nested_element(outer: &mut Outer) -> u32 {
        outer.part().at(3).control().write(7);
        outer.shared().part().at(1).status().read()
    }
    pub fn any_nested_element(outer: &mut Outer, index: usize) {
        if let Some(mut part) = outer.part().get(index) {
            part.control().write(1);
        }
    }
    pub fn all_nested_elements(outer: &mut Outer) {
        for mut part in outer.part().iter() {
            part.control().write(5);
        }
    }

    pub fn read(device: &Device) -> u32 {
        device.flags().read()
    }
    pub fn read_shared(device: &Device) -> u32 {
        device.shared().data().read()
    }
    pub fn write(device: &mut Device, value: u32) {
        device.data().write(value);
    }
    pub fn modify(device: &mut Device) {
        device.data().modify(|value| value | 0x10);
    }
    pub fn poll_and_put(device: &mut Device, byte: u8) {
        while device.flags().read() & 0x20 != 0 {}
        device.data().write(byte.into());
    }
    pub fn fields(device: &mut Device) -> bool {
        let control = device.control().read();
        device.control().write(control.with_enable(true));
        control.level() == 3
    }
    pub fn modify_fields(device: &mut Device) {
        device.control().modify(|control| control.with_enable(true));
    }
    pub fn from_reset(device: &mut Device) {
        device.control().write_with(|control| control.with_enable(true));
    }
    pub fn acknowledge(device: &Device, bits: u32) {
        device.status().clear(bits);
    }
    pub fn widths(device: &mut Device) -> u64 {
        device.byte().write(1);
        device.half().modify(|half| half + 1);
        device.wide().write(2);
        device.wide().read() + u64::from(device.byte().read())
    }
    pub fn element(device: &mut Device) -> u32 {
        device.channel().at(3).write(1);
        device.channel().at(7).read()
    }
    pub fn any_element(device: &mut Device, index: usize) -> Option<u32> {
        device.channel().get(index).map(|channel| channel.read())
    }
    pub fn all_elements(device: &mut Device) {
        for mut channel in device.channel().iter() {
            channel.write(5);
        }
    }
    pub fn fixed_address() -> u32 {
        // SAFETY: Compiled and looked at, never run.
        unsafe { Device::at(0x4000_0000) }.flags().read()
    }
}

#[cfg(raw)]
mod driver {
    /// A pointer to the registers.
    pub struct Device(core::ptr::NonNull<u8>);

    impl Device {
        fn at<T>(&self, offset: usize) -> *mut T {
            self.0.as_ptr().wrapping_add(offset).cast()
        }
        fn read<T>(&self, offset: usize) -> T {
            // SAFETY: Compiled and looked at, never run.
            unsafe { self.at::<T>(offset).read_volatile() }
        }
        fn write<T>(&self, offset: usize, value: T) {
            // SAFETY: Compiled and looked at, never run.
            unsafe { self.at::<T>(offset).write_volatile(value) }
        }
    }

    /// A pointer to a block that contains others.
    pub type Outer = Device;

    /// A pointer to a block with windows.
    pub type Windowed = Device;

    /// A pointer to a block whose registers share bytes.
    pub type Uart = Device;

    /// A pointer to a block with a lock and reserved bits.
    pub type Shared = Device;

    pub fn alternates(uart: &mut Uart) -> u8 {
        uart.write(3, uart.read::<u8>(3) | 0x80);
        uart.write(0, 0x1au8);
        uart.write(3, uart.read::<u8>(3) & 0x7f);
        uart.write(0, b'x');
        uart.read(0)
    }
    pub fn shared_handle(device: &Shared) {
        device.write(0x00, 0x55u32);
        device.write(0x04, 7u32);
        device.write(0x08, (device.read::<u32>(0x08) | 0xffff_fff0) & 0xffff_fff0 | 3);
        device.write(0x0c, 4u32);
        device.write(0x10, 2u32);
        device.write(0x14, 0xffff_fffeu32);
    }
    pub fn owner_of_a_register(device: Device) -> u32 {
        device.write(0, device.read::<u32>(0) | 1);
        device.write(0x30, device.read::<u32>(0x30) & !0x100 | 1);
        device.read(0x18)
    }
    pub fn owners_of_elements(device: &mut Device) -> u32 {
        device.write(0x100, 1u32);
        device.read(0x1e0)
    }
    pub fn owners_of_nested(outer: &mut Outer) -> u32 {
        outer.write(0x48, 1u32);
        outer.write(0x148, 2u32);
        outer.read(0x14c)
    }
    pub fn borrow_of_nested(outer: &mut Outer) -> u32 {
        outer.write(0x48, 1u32);
        outer.write(0x48, outer.read::<u32>(0x48) << 1);
        outer.read(0x4c)
    }

    pub fn set_and_clear(device: &mut Windowed, bits: u32) {
        device.write(0x2018, bits);
        device.write(0x3018, 1u32);
    }
    pub fn toggle_element(device: &Windowed) {
        device.write(0x104c, 4u32);
    }

    pub fn nested(outer: &mut Outer) {
        outer.write(0x48, outer.read::<u32>(0x48) | 1);
    }
    pub fn nested_element(outer: &mut Outer) -> u32 {
        outer.write(0x1c8, 7u32);
        outer.read(0x14c)
    }
    pub fn any_nested_element(outer: &mut Outer, index: usize) {
        let part = (index < 4).then(|| outer.at::<u32>(0x108).wrapping_byte_add(index * 0x40));
        if let Some(control) = part {
            // SAFETY: Compiled and looked at, never run.
            unsafe { control.write_volatile(1) }
        }
    }
    pub fn all_nested_elements(outer: &mut Outer) {
        for index in 0..4 {
            outer.write(0x108 + index * 0x40, 5u32);
        }
    }

    pub fn read(device: &Device) -> u32 {
        device.read(0x18)
    }
    pub fn read_shared(device: &Device) -> u32 {
        device.read(0)
    }
    pub fn write(device: &mut Device, value: u32) {
        device.write(0, value);
    }
    pub fn modify(device: &mut Device) {
        device.write(0, device.read::<u32>(0) | 0x10);
    }
    pub fn poll_and_put(device: &mut Device, byte: u8) {
        while device.read::<u32>(0x18) & 0x20 != 0 {}
        device.write(0, u32::from(byte));
    }
    pub fn fields(device: &mut Device) -> bool {
        let control = device.read::<u32>(0x30);
        device.write(0x30, control | 1);
        control >> 4 & 0xf == 3
    }
    pub fn modify_fields(device: &mut Device) {
        device.write(0x30, device.read::<u32>(0x30) & !0x100 | 1);
    }
    pub fn from_reset(device: &mut Device) {
        device.write(0x30, 0x301u32 & !0x100);
    }
    pub fn acknowledge(device: &Device, bits: u32) {
        device.write(0x40, bits);
    }
    pub fn widths(device: &mut Device) -> u64 {
        device.write(0x48, 1u8);
        device.write(0x4a, device.read::<u16>(0x4a).wrapping_add(1));
        device.write(0x50, 2u64);
        device.read::<u64>(0x50).wrapping_add(device.read::<u8>(0x48).into())
    }
    pub fn element(device: &mut Device) -> u32 {
        device.write(0x160, 1u32);
        device.read(0x1e0)
    }
    pub fn any_element(device: &mut Device, index: usize) -> Option<u32> {
        let first = device.at::<u32>(0x100);
        // SAFETY: Compiled and looked at, never run.
        (index < 8).then(|| unsafe { first.wrapping_byte_add(index * 0x20).read_volatile() })
    }
    pub fn all_elements(device: &mut Device) {
        for index in 0..8 {
            device.write(0x100 + index * 0x20, 5u32);
        }
    }
    pub fn fixed_address() -> u32 {
        // SAFETY: Compiled and looked at, never run.
        unsafe { (0x4000_0018 as *const u32).read_volatile() }
    }
}

macro_rules! exported {
    ($($name:ident($($parameter:ident: $ty:ty),*) $(-> $result:ty)?;)*) => {$(
        #[unsafe(no_mangle)]
        pub fn $name($($parameter: $ty),*) $(-> $result)? {
            driver::$name($($parameter),*)
        }
    )*};
}

exported! {
    alternates(uart: &mut driver::Uart) -> u8;
    shared_handle(device: &driver::Shared);
    owner_of_a_register(device: driver::Device) -> u32;
    owners_of_elements(device: &mut driver::Device) -> u32;
    owners_of_nested(outer: &mut driver::Outer) -> u32;
    borrow_of_nested(outer: &mut driver::Outer) -> u32;
    set_and_clear(device: &mut driver::Windowed, bits: u32);
    toggle_element(device: &driver::Windowed);
    nested(outer: &mut driver::Outer);
    nested_element(outer: &mut driver::Outer) -> u32;
    any_nested_element(outer: &mut driver::Outer, index: usize);
    all_nested_elements(outer: &mut driver::Outer);
    read(device: &driver::Device) -> u32;
    read_shared(device: &driver::Device) -> u32;
    write(device: &mut driver::Device, value: u32);
    modify(device: &mut driver::Device);
    poll_and_put(device: &mut driver::Device, byte: u8);
    fields(device: &mut driver::Device) -> bool;
    modify_fields(device: &mut driver::Device);
    from_reset(device: &mut driver::Device);
    acknowledge(device: &driver::Device, bits: u32);
    widths(device: &mut driver::Device) -> u64;
    element(device: &mut driver::Device) -> u32;
    any_element(device: &mut driver::Device, index: usize) -> Option<u32>;
    all_elements(device: &mut driver::Device);
    fixed_address() -> u32;
}
