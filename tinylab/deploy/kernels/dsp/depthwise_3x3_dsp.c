#include "nn_dsp_common.h"

/* Windows of 3 x 3 with the same stride of one or two both ways, four channels at a time. Two rows of the image
 * become one row of words for each channel, the upper value below the lower one, so that one instruction
 * multiplies two taps. Two such rows are in sight of a window: x[0] and x[1] of the first, x[2] and x[3] of the
 * second. With a stride of one, x[3] serves the output row below, and two output rows are computed at once. */

/* A row of output values of four channels, two columns (and two rows, with a stride of one) at a time. The
 * offsets of the fields are written out below. */
typedef struct {
    const nn_word *upper, *lower;  /* rows of the image in pairs, at the first column of a window */
    const nn_word *last;           /* where upper is at the last two output columns */
    const nn_dsp_channel *channel;
    int8_t *output;
    int32_t step;                  /* from an output column to the next */
    int32_t row_step;              /* from an output row to the next */
    const nn_word *weights;        /* a word a column: its three weights and a zero */
    int32_t plane;                 /* bytes from a channel's rows to those of the next */
    int32_t count;                 /* channels */
} nn_sweep;

#if defined(__ARM_FEATURE_DSP)

/* The weights of the window's columns, in the registers a and b: weights 0 and 1, weights 1 and 2. */
#define LOAD_WEIGHTS(offset, a, b)                    \
    "   ldr    r2, [r3, #" offset "]              \n" \
    "   sxtb16 r4, r2, ror #8                     \n" \
    "   sxtb16 r2, r2                             \n" \
    "   pkhbt  " a ", r2, r4, lsl #16             \n" \
    "   pkhtb  " b ", r2, r4                      \n"

#define LOAD_COLUMN(offset)                           \
    "   ldr    r2, [r0, #" offset "]              \n" \
    "   ldr    r3, [r1, #" offset "]              \n"

/* A column of the image on the sums of two output rows. */
#define ADD_BOTH(s0, s1, a, b)                        \
    "   smlad  " s0 ", " a ", r2, " s0 "          \n" \
    "   smlatb " s0 ", " b ", r3, " s0 "          \n" \
    "   smlabt " s1 ", " a ", r2, " s1 "          \n" \
    "   smlad  " s1 ", " b ", r3, " s1 "          \n"

/* The same on the sum of one. */
#define ADD_ONE(s0, a, b)                             \
    "   smlad  " s0 ", " a ", r2, " s0 "          \n" \
    "   smlatb " s0 ", " b ", r3, " s0 "          \n"

#define BEGIN                                         \
    "   push   {r4-r11, lr}                       \n" \
    "   ldm    r0, {r0-r9}                        \n" \
    "   sub    sp, sp, #44                        \n" \
    "   stm    sp, {r0-r9}                        \n" \
    "0: ldr    r3, [sp, #28]                      \n" \
    "   ldr    r1, [sp, #16]                      \n" \
    "   str    r1, [sp, #40]                      \n" /* the output of this channel */ \
    LOAD_WEIGHTS("0", "r8", "r9")                     \
    LOAD_WEIGHTS("4", "r10", "r11")                   \
    LOAD_WEIGHTS("8", "r12", "lr")                    \
    "   ldr    r0, [sp]                           \n" \
    "   ldr    r1, [sp, #4]                       \n"

/* The next two columns, `width` bytes of a row further; r2 is where they go, r3 the step. Of an odd number of
 * columns, the last one is computed with the one before. Then the next channel. */
#define AGAIN(width, half)                            \
    "   add    r2, r2, r3, lsl #1                 \n" \
    "   ldr    r4, [sp, #8]                       \n" \
    "   add    r0, r0, #" width "                 \n" \
    "   add    r1, r1, #" width "                 \n" \
    "   str    r2, [sp, #40]                      \n" \
    "   cmp    r0, r4                             \n" \
    "   bls    1b                                 \n" \
    "   sub    r4, r0, r4                         \n" \
    "   cmp    r4, #" half "                      \n" \
    "   bne    2f                                 \n" \
    "   sub    r0, r0, #" half "                  \n" \
    "   sub    r1, r1, #" half "                  \n" \
    "   sub    r2, r2, r3                         \n" \
    "   str    r2, [sp, #40]                      \n" \
    "   b      1b                                 \n" \
    "2: add    r2, sp, #28                        \n" \
    "   ldm    r2, {r7-r9}                        \n" \
    "   ldm    sp, {r0-r4}                        \n" \
    "   add    r7, r7, #12                        \n" \
    "   add    r0, r0, r8                         \n" \
    "   add    r1, r1, r8                         \n" \
    "   add    r2, r2, r8                         \n" \
    "   add    r3, r3, #16                        \n" \
    "   add    r4, r4, #1                         \n" \
    "   subs   r9, r9, #1                         \n" \
    "   stm    sp, {r0-r4}                        \n" \
    "   str    r7, [sp, #28]                      \n" \
    "   str    r9, [sp, #36]                      \n" \
    "   bne    0b                                 \n" \
    "   add    sp, sp, #44                        \n" \
    "   pop    {r4-r11, pc}                       \n"

#define SCALE(s) "   lsl    " s ", " s ", #1               \n" \
                 "   smmulr " s ", " s ", r2               \n" \
                 "   add    " s ", " s ", " s ", asr #31   \n"
#define ROUND(s) "   add    " s ", " s ", r2               \n" \
                 "   asr    " s ", " s ", r3               \n" \
                 "   ssat   " s ", #8, " s "               \n"

/* In assembly, because it takes all fourteen registers: r0 and r1 the rows, r2 and r3 the values of a column, r4
 * to r7 the sums, the others the weights. Thirty-six multiply-accumulates in twenty-four instructions. */
__attribute__((naked, noinline)) static void sweep_1(const nn_sweep *sweep __attribute__((unused)))
{
    __asm__ volatile(
        BEGIN
        "1: ldr    r2, [sp, #12]         \n"
        "   ldr    r4, [r2]              \n"
        "   mov    r5, r4                \n"
        "   mov    r6, r4                \n"
        "   mov    r7, r4                \n"
        LOAD_COLUMN("0")
        ADD_BOTH("r4", "r5", "r8", "r9")
        LOAD_COLUMN("4")
        ADD_BOTH("r4", "r5", "r10", "r11")
        ADD_BOTH("r6", "r7", "r8", "r9")
        LOAD_COLUMN("8")
        ADD_BOTH("r4", "r5", "r12", "lr")
        ADD_BOTH("r6", "r7", "r10", "r11")
        LOAD_COLUMN("12")
        ADD_BOTH("r6", "r7", "r12", "lr")
        "   ldr    r3, [sp, #12]         \n"
        "   ldr    r2, [r3, #4]          \n"
        SCALE("r4") SCALE("r5") SCALE("r6") SCALE("r7")
        "   ldr    r2, [r3, #8]          \n"
        "   ldr    r3, [r3, #12]         \n"
        ROUND("r4") ROUND("r5") ROUND("r6") ROUND("r7")
        "   ldr    r2, [sp, #40]         \n"
        "   ldr    r3, [sp, #20]         \n"
        "   strb   r4, [r2]              \n"
        "   strb   r6, [r2, r3]          \n"
        "   ldr    r4, [sp, #24]         \n"
        "   add    r4, r4, r2            \n"
        "   strb   r5, [r4]              \n"
        "   strb   r7, [r4, r3]          \n"
        AGAIN("8", "4"));
}

__attribute__((naked, noinline)) static void sweep_2(const nn_sweep *sweep __attribute__((unused)))
{
    __asm__ volatile(
        BEGIN
        "1: ldr    r2, [sp, #12]         \n"
        "   ldr    r4, [r2]              \n"
        "   mov    r5, r4                \n"
        LOAD_COLUMN("0")
        ADD_ONE("r4", "r8", "r9")
        LOAD_COLUMN("4")
        ADD_ONE("r4", "r10", "r11")
        LOAD_COLUMN("8")
        ADD_ONE("r4", "r12", "lr")
        ADD_ONE("r5", "r8", "r9")
        LOAD_COLUMN("12")
        ADD_ONE("r5", "r10", "r11")
        LOAD_COLUMN("16")
        ADD_ONE("r5", "r12", "lr")
        "   ldr    r3, [sp, #12]         \n"
        "   ldr    r2, [r3, #4]          \n"
        SCALE("r4") SCALE("r5")
        "   ldr    r2, [r3, #8]          \n"
        "   ldr    r3, [r3, #12]         \n"
        ROUND("r4") ROUND("r5")
        "   ldr    r2, [sp, #40]         \n"
        "   ldr    r3, [sp, #20]         \n"
        "   strb   r4, [r2]              \n"
        "   strb   r5, [r2, r3]          \n"
        AGAIN("16", "8"));
}

#else

/* Output value x of channel c, of the lower one of two output rows if `below`. */
static int8_t value(const nn_sweep *sweep, int32_t c, int32_t x, int32_t below)
{
    const nn_word *upper = sweep->upper + c * sweep->plane / 4 + x;
    const nn_word *lower = sweep->lower + c * sweep->plane / 4 + x;
    const nn_word *weights = sweep->weights + 3 * c;
    int32_t sum = sweep->channel[c].bias;
    for (int32_t j = 0; j < 3; j++) {
        uint32_t even = nn_bytes_02(weights[j]), odd = nn_bytes_13(weights[j]);
        sum = nn_smlabb(below ? upper[j] >> 16 : upper[j], even, sum);
        sum = nn_smlabb(below ? lower[j] : upper[j] >> 16, odd, sum);
        sum = nn_smlabb(below ? lower[j] >> 16 : lower[j], even >> 16, sum);
    }
    return nn_dsp_finish(sum, &sweep->channel[c]);
}

static void sweep_1(const nn_sweep *sweep)
{
    int32_t columns = (int32_t)(sweep->last - sweep->upper) + 2;
    for (int32_t c = 0; c < sweep->count; c++)
        for (int32_t x = 0; x < columns; x++)
            for (int32_t below = 0; below < 2; below++)
                sweep->output[c + x * sweep->step + below * sweep->row_step] = value(sweep, c, x, below);
}

static void sweep_2(const nn_sweep *sweep)
{
    int32_t columns = (int32_t)(sweep->last - sweep->upper) / 2 + 2;
    for (int32_t c = 0; c < sweep->count; c++)
        for (int32_t x = 0; x < columns; x++)
            sweep->output[c + x * sweep->step] = value(sweep, c, 2 * x, 0);
}

#endif

/* Words of a row in pairs: what two output columns at a time see. */
static int32_t row_words(const nn_dsp_convolution *op)
{
    return (op->output_shape.width - 1) * op->window.stride_width + 3;
}

static void fill(nn_word *row, int32_t plane, int32_t count, uint32_t pair)
{
    for (; count > 0; count--, row++)
        row[0] = row[plane] = row[2 * plane] = row[3 * plane] = pair;
}

/* Rows y and y + 1 of four channels; the words of a channel lie `plane` words behind those of the one before. */
static void pair_rows(const nn_dsp_convolution *op, const int8_t *input, int32_t y, nn_word *row, int32_t plane)
{
    const nn_shape *image = &op->input_shape;
    int32_t channels = image->channels, width = row_words(op), left = op->window.pad_left;
    int32_t inside = width - left < image->width ? width - left : image->width;
    uint32_t zero = (uint8_t)op->input_zero_point * 0x01010101u, pair = nn_bytes_02(zero);
    const int8_t *x[2], *outside = (const int8_t *)&zero;
    int32_t step[2];
    for (int32_t i = 0; i < 2; i++) {
        int32_t is_row = y + i >= 0 && y + i < image->height;
        x[i] = is_row ? input + (y + i) * image->width * channels : outside;
        step[i] = is_row ? channels : 0;
    }
    fill(row, plane, left, pair);
    row += left;
    const int8_t *a = x[0], *b = x[1];
    for (int32_t n = inside; n > 0; n--, a += step[0], b += step[1], row++) {
        uint32_t upper = *(const nn_unaligned_word *)a, lower = *(const nn_unaligned_word *)b;
        uint32_t even = nn_bytes_02(upper), odd = nn_bytes_13(upper);
        uint32_t even_lower = nn_bytes_02(lower), odd_lower = nn_bytes_13(lower);
        row[0] = (even & 0xffffu) | even_lower << 16;
        row[plane] = (odd & 0xffffu) | odd_lower << 16;
        row[2 * plane] = even >> 16 | (even_lower & 0xffff0000u);
        row[3 * plane] = odd >> 16 | (odd_lower & 0xffff0000u);
    }
    fill(row, plane, width - left - inside, pair);
}

NN_SHARED void nn_depthwise_3x3_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output,
                                    int16_t *scratch)
{
    int32_t channels = op->output_shape.channels, height = op->output_shape.height;
    int32_t row_step = op->output_shape.width * channels, stride = op->window.stride_height;
    int32_t rows = stride == 1 ? 2 : 1, width = row_words(op), plane = 2 * width;
    for (int32_t c = 0; c < channels; c += 4) {
        int32_t first = c + 4 > channels ? channels - 4 : c; /* the last four may overlap */
        int32_t ready = -op->window.pad_top - 2; /* the lower pair of rows that lies in scratch */
        int32_t slot = 0;
        for (int32_t row = 0; row < height; row += rows) {
            int32_t y = row + rows > height ? height - rows : row;
            int32_t top = y * stride - op->window.pad_top;
            nn_word *upper = (nn_word *)scratch + slot * width, *lower = (nn_word *)scratch + (slot ^ 1) * width;
            if (ready != top)
                pair_rows(op, input + first, top, upper, plane);
            pair_rows(op, input + first, top + 2, lower, plane);
            ready = top + 2;
            slot ^= 1;
            nn_sweep sweep = {upper, lower, upper + (op->output_shape.width - 2) * stride, op->channels + first,
                              output + y * row_step + first, channels, row_step,
                              (const nn_word *)op->weights + 3 * first, 4 * plane, 4};
            if (stride == 1)
                sweep_1(&sweep);
            else
                sweep_2(&sweep);
        }
    }
    nn_dsp_limit(&op->output, output, height * row_step);
}
