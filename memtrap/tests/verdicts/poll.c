/* Waits for a bit that never comes. */
unsigned wait_until_idle(const volatile unsigned *flags)
{
    while (*flags & 0x20) {
    }
    return *flags;
}
