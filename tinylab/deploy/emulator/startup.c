/* What runs before the program: the vector table, and the code that fills the RAM.
 *
 * The emulator starts at reset() and stops at idle(); from there it calls functions one by one.
 */
#include <stdint.h>

extern uint32_t stack_top[], data_load[], data_start[], data_end[], bss_start[], bss_end[];

void reset(void);
void idle(void);

__attribute__((section(".vectors"), used)) const void *const vectors[16] = {
    stack_top,
    (const void *)reset,
};

__attribute__((used, noinline)) void idle(void)
{
    for (;;)
        __asm__ volatile("wfi");
}

__attribute__((used)) void reset(void)
{
    const uint32_t *from = data_load;
    for (volatile uint32_t *to = data_start; to < data_end; to++)
        *to = *from++;
    for (volatile uint32_t *to = bss_start; to < bss_end; to++)
        *to = 0;
    idle();
}
