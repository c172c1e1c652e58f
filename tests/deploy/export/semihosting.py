"""What a firmware needs on QEMU's mps2-an386: a vector table, and an exit by semihosting."""

STARTUP = """
#include <stdint.h>
int main(void);
static void finish(int code)
{
    const uint32_t block[2] = {0x20026u, (uint32_t)code}; /* ADP_Stopped_ApplicationExit */
    register uint32_t operation __asm__("r0") = 0x20u;    /* SYS_EXIT_EXTENDED */
    register const uint32_t *argument __asm__("r1") = block;
    __asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(argument) : "memory");
}
static void reset(void)
{
    finish(main());
    for (;;)
        ;
}
__attribute__((section(".vectors"), used)) void *const vectors[2] = {
    (void *)0x20400000u,
    (void *)reset,
};
"""

LINKER_SCRIPT = """
MEMORY { code : ORIGIN = 0x00000000, LENGTH = 4M  ram : ORIGIN = 0x20000000, LENGTH = 3M }
SECTIONS {
    .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) *(.ARM.*) } > code
    .data : { *(.data*) } > ram
    .bss : { *(.bss*) *(COMMON) } > ram
}
"""
