"""Wrong answers to the exercises of `start_here`: the mistakes learners make."""

from tests.course.wrong_answers import wrong_answer


@wrong_answer("weight_bytes", says="number of bits")
def forgets_the_eight(parameters, bits):
    return parameters * bits


@wrong_answer("weight_bytes", says="round down")
def rounds_down(parameters, bits):
    return parameters * bits // 8


@wrong_answer("weight_bytes", says="return an int")
def leaves_a_float(parameters, bits):
    return parameters * bits / 8


@wrong_answer("weight_bytes", says="round up once")
def rounds_each_parameter(parameters, bits):
    return parameters * ((bits + 7) // 8)


@wrong_answer("convolution_macs", says="counts the weights")
def counts_weights(rows, columns, height, width, inputs, outputs):
    return height * width * inputs * outputs


@wrong_answer("convolution_macs", says="input_channels")
def forgets_the_input_channels(rows, columns, height, width, inputs, outputs):
    return rows * columns * height * width * outputs


@wrong_answer("convolution_macs", says="not two operations")
def counts_operations(rows, columns, height, width, inputs, outputs):
    return 2 * rows * columns * height * width * inputs * outputs


@wrong_answer("inference_energy_uJ", says="divided by time")
def divides(power_mW, latency_ms):
    return power_mW / max(latency_ms, 1e-9)


@wrong_answer("inference_energy_uJ", says="millijoules")
def answers_in_millijoules(power_mW, latency_ms):
    return power_mW * latency_ms / 1000


@wrong_answer("inference_energy_uJ", says="no factor is needed")
def scales_twice(power_mW, latency_ms):
    return power_mW * latency_ms * 1000


@wrong_answer("battery_days", says="in hours")
def answers_in_hours(capacity_mAh, voltage_V, average_power_mW):
    return capacity_mAh * voltage_V / average_power_mW


@wrong_answer("battery_days", says="multiply by the voltage")
def forgets_the_voltage(capacity_mAh, voltage_V, average_power_mW):
    return capacity_mAh / average_power_mW / 24


@wrong_answer("battery_days", says="divide the battery's energy")
def multiplies_by_power(capacity_mAh, voltage_V, average_power_mW):
    return capacity_mAh * voltage_V * average_power_mW / 24
