#include "exp_f32.h"
#include "nn_f32.h"

NN_SHARED void nn_softmax_f32(const nn_normalize_f32 *op, const float *input, float *output)
{
    for (int32_t row = 0; row < op->rows; row++, input += op->size, output += op->size) {
        float largest = input[0], sum = 0;
        for (int32_t i = 1; i < op->size; i++)
            largest = input[i] > largest ? input[i] : largest;
        for (int32_t i = 0; i < op->size; i++) {
            output[i] = nn_exponential((input[i] - largest) * op->beta);
            sum += output[i];
        }
        for (int32_t i = 0; i < op->size; i++)
            output[i] /= sum;
    }
}
