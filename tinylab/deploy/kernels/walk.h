/* A walk through the elements that a reduction joins: some axes stay, the others go. */
#ifndef NN_WALK_H
#define NN_WALK_H

#include "requantize.h"

#ifndef NN_REDUCED
#define NN_REDUCED int8_t /* the type of the elements */
#endif

/* Takes one step along the axes; returns how far it leads, and 0 in *more at the end of the walk. */
static inline int32_t nn_step(int32_t at[], const int32_t sizes[], const int32_t strides[], int32_t last,
                              int32_t *more)
{
    int32_t moved = 0;
    for (int32_t axis = last; axis >= 0; axis--) {
        moved += strides[axis];
        if (++at[axis] < sizes[axis])
            return moved;
        moved -= at[axis] * strides[axis];
        at[axis] = 0;
    }
    *more = 0;
    return moved;
}

/* The sum of all elements that become one: row by row along the innermost axis that goes. */
static inline int32_t nn_sum_of(const nn_walk *walk, const NN_REDUCED *input)
{
    const int32_t last = NN_MAX_AXES - 1, step = walk->reduced_strides[last];
    int32_t at[NN_MAX_AXES] = {0}, sum = 0, more = 1;
    while (more) {
        const NN_REDUCED *x = input;
        for (int32_t n = walk->reduced[last]; n > 0; n--, x += step)
            sum += *x;
        input += nn_step(at, walk->reduced, walk->reduced_strides, last - 1, &more);
    }
    return sum;
}

#endif
