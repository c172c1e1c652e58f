#include "curves_s16.h"
#include "requantize.h"

/* Rounds halves away from zero, as gemmlowp does. */
static int32_t scaled_product(int32_t a, int32_t b, int32_t shift)
{
    return nn_round_shift(a * b, shift);
}

static int32_t saturated(int32_t x)
{
    return x > INT16_MAX ? INT16_MAX : x < INT16_MIN ? INT16_MIN : x;
}

static int32_t weighted_sum(const int8_t *weights, int32_t bias, const int8_t *x, int32_t size,
                            const nn_factor *factor)
{
    for (int32_t i = 0; i < size; i++)
        bias += weights[i] * x[i];
    return nn_requantize(bias, factor->multiplier, factor->shift);
}

/* What a gate sees, with 12 bits behind the point: the new input and the last output. */
static int32_t gate_input(const nn_lstm *op, const nn_gate *gate, int32_t unit, const int8_t *x, const int8_t *last)
{
    int32_t sum = weighted_sum(gate->weights + unit * op->inputs, gate->bias[unit], x, op->inputs, &gate->factor);
    sum = saturated(sum);
    sum += weighted_sum(gate->recurrent_weights + unit * op->units, gate->recurrent_bias[unit], last, op->units,
                        &gate->recurrent_factor);
    return saturated(sum);
}

static int32_t new_cell(const nn_lstm *op, int32_t cell, int32_t input, int32_t forget, int32_t candidate)
{
    int32_t kept = scaled_product(forget, cell, 15);
    int32_t sum = saturated(kept + (int16_t)scaled_product(input, candidate, op->candidate_shift));
    if (op->cell_clip)
        sum = sum > op->cell_clip ? op->cell_clip : sum < -op->cell_clip ? -op->cell_clip : sum;
    return sum;
}

/* The output of a step is also what the next one remembers, so it is put down when all units are done. */
static void step(const nn_lstm *op, const int8_t *x, int8_t *last, int16_t *cells, int8_t *output)
{
    for (int32_t unit = 0; unit < op->units; unit++) {
        int32_t input = nn_logistic_curve_s16(gate_input(op, &op->input, unit, x, last));
        int32_t forget = nn_logistic_curve_s16(gate_input(op, &op->forget, unit, x, last));
        int32_t candidate = nn_tanh_curve_s16(gate_input(op, &op->candidate, unit, x, last), 3);
        int32_t shown = nn_logistic_curve_s16(gate_input(op, &op->shown, unit, x, last));
        int32_t cell = new_cell(op, cells[unit], input, forget, candidate);
        cells[unit] = (int16_t)cell;
        int32_t value = nn_requantize(shown * nn_tanh_curve_s16(cell, op->cell_bits), op->hidden.multiplier,
                                      op->hidden.shift);
        output[unit] = nn_clamp(value, &op->output);
    }
    for (int32_t unit = 0; unit < op->units; unit++)
        last[unit] = output[unit];
}

NN_SHARED void nn_lstm_s8(const nn_lstm *op, const int8_t *input, int8_t *last, int16_t *cells, int8_t *output)
{
    for (int32_t n = 0; n < op->steps; n++, input += op->inputs, output += op->units)
        step(op, input, last, cells, output);
}
