/* Counts how often the emulator runs each block of code, per call made by a watched function.
 *
 * Compiled for this computer and called by the emulator at the start of every block; counting in Python
 * instead takes ten times as long.
 */
#include <stdint.h>

typedef struct {
    uint64_t code_start, code_bytes;    /* the program's .text */
    uint64_t watched_start, watched_bytes; /* a function whose calls are told apart */
    uint64_t row;                       /* the block of the watched function that runs or called */
    uint64_t last, last_end;            /* the block before this one, as a place in `executed` */
    uint64_t *executed, *left;          /* [row][halfword of code]: runs, and runs that jumped away */
    uint16_t *block_bytes;              /* [halfword of code] */
} block_counter;

void count_block(void *emulator, uint64_t address, uint32_t size, void *data)
{
    block_counter *counter = data;
    uint64_t offset = address - counter->code_start;
    uint64_t watched = address - counter->watched_start;
    (void)emulator;
    if (offset >= counter->code_bytes)
        return;
    if (watched < counter->watched_bytes)
        counter->row = watched / 2;
    if (address != counter->last_end)
        counter->left[counter->last]++;
    counter->block_bytes[offset / 2] = (uint16_t)size;
    counter->last = counter->row * (counter->code_bytes / 2) + offset / 2;
    counter->last_end = address + size;
    counter->executed[counter->last]++;
}
