//! Accesses through pointers, as a driver makes them that has its addresses built in.

/// Reads `T` at an address of the simulation.
pub(crate) fn read<T: Copy>(address: usize) -> T {
    // SAFETY: The address belongs to the simulation, whose accesses are trapped.
    unsafe { std::ptr::with_exposed_provenance::<T>(address).read_volatile() }
}

/// Writes `value` at an address of the simulation.
pub(crate) fn write<T: Copy>(address: usize, value: T) {
    // SAFETY: The address belongs to the simulation, whose accesses are trapped.
    unsafe { std::ptr::with_exposed_provenance_mut::<T>(address).write_volatile(value) }
}
