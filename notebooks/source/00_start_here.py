# %% [markdown]
# # Start here
#
# In this class you meet a model that fits in a hearing aid, find out what it costs, and learn how
# this workbook works.
#
# **You will be able to**
#
# - run a notebook, move a slider, answer an exercise and read your points;
# - say what a microcontroller has too little of: flash, RAM, time and energy;
# - work out by hand what one layer, one inference and one day cost.
#
# Time: one class (45 minutes). The whole notebook runs in under a minute on two processor cores.

# %%
import numpy as np
from IPython.display import Audio, display

from tinylab import cost, doctor
from tinylab.course import Ledger, check
from tinylab.data import speech
from tinylab.deploy import litert
from tinylab.explore.train.noise import noise_explorer
from tinylab.explore.widget.predict import Prediction
from tinylab.graph import count, read_tflite
from tinylab.models import checkpoints
from tinylab.scoring.noise_study import measure_noise
from tinylab.signal.mfcc import mfcc

# %% [markdown]
# ## Is everything in place?
#
# Run the cell below with *Shift + Enter*. It looks at your Python packages, the widgets, the data
# sets and whether you may write here, and says how to fix what is wrong.

# %%
print(doctor.report())

# %% [markdown]
# ## A word, and a model that hears it
#
# Here is one second of sound from the built-in speech set. No person spoke it: all speech in this
# workbook comes from speech synthesisers, so that you need neither an internet connection
# nor anybody's permission. Once you fetch the real Speech Commands recordings, the same function loads them.

# %%
clips = speech.load("test")
example = int(np.flatnonzero(clips.words == "yes")[0])
waveform = clips.waveforms[example]
print(f"the word is “{clips.words[example]}”, the voice is {clips.speakers[example]}")
display(Audio(waveform, rate=speech.SAMPLE_RATE))

# %% [markdown]
# The workbook comes with a trained model for twelve answers: ten words, *silence*, and *unknown*
# for every other word. In the next notebook you train your own. From then on each notebook starts from
# what you saved in the one before, and says so; where it must take a bundled model, it says why.

# %%
checkpoint = checkpoints.load("keyword_spotting", "train")
print(checkpoint)
features = mfcc(waveform[np.newaxis])
scores = checkpoint.model.predict(features[..., np.newaxis], verbose=0)[0]
for k in np.argsort(scores)[::-1][:3]:
    print(f"{speech.LABELS[k]:>8}: {scores[k]:.1%}")

# %% claims=true
assert len(speech.LABELS) == 12 and speech.LABELS[-2:] == ("silence", "unknown")
assert speech.LABELS[int(scores.argmax())] == "yes"

# %% [markdown]
# ## How much noise does it tolerate?
#
# Before you look, make a guess. A guess that turns out wrong teaches more than a slider that
# moves. At a signal-to-noise ratio of 0 dB the noise is as strong as the word.

# %%
guess = Prediction("Of 100 words at 0 dB, how many does the model get right?", unit="words")
guess

# %% [markdown]
# The next cell measures it: 240 test clips, mixed with white noise at nine strengths, all answered
# by the model. Then the slider only looks up what was measured.

# %%
some = np.random.default_rng(0).permutation(len(clips.labels))[:239]
chosen = np.append(example, some)
noise_results = measure_noise(
    checkpoint.model, clips.waveforms[chosen], clips.labels[chosen], speech.LABELS
)
noise_explorer(noise_results).behind(guess)

# %%
guess.reveal(100 * float(noise_results.accuracy[noise_results.snr_dB.index(0)]))

# %% claims=true
assert len(chosen) == 240 and len(noise_results.snr_dB) == 9
assert noise_results.accuracy[noise_results.snr_dB.index(0)] < max(noise_results.accuracy) - 0.2

# %% [markdown]
# Move the slider with the mouse, or click on it and use the arrow keys; type a number into the box
# beside it if you know what you want. The sentence below the figure says what the figure shows.
#
# Every number in this workbook carries one of four words. **Measured**: computed here, on your
# machine, from your model. **Published**: by the source named. **Datasheet**: promised by a
# manufacturer. **Modelled**: calculated, with the error of the model stated.

# %% [markdown]
# ## Your first exercise: flash
#
# A microcontroller keeps the weights in flash, a memory that holds its content without power. A
# weight is a number, a number is stored in bits, and eight bits are a byte. The bits of small
# weights are packed tightly, but a byte that is partly filled still takes a whole byte.
#
# Replace the line `raise NotImplementedError(...)` by your answer, run the cell, then run the check
# below it. An exercise you leave open never stops the notebook: later cells use the workbook's own
# version.

# %% exercise="weight_bytes"
def weight_bytes(parameters, bits):
    """Bytes of flash for a model's weights.

    parameters : int, how many numbers; bits : int, bits of each number
    Returns an int. Example: weight_bytes(3, 4) is 2, for 12 bits need two bytes.
    """
    # solution
    return (parameters * bits + 7) // 8
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Whole-number division `//` rounds down. What could you add first, so that it rounds up?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("weight_bytes", weight_bytes)

# %% [markdown]
# ## Inside the model
#
# To a compiler a model is a list of operators. Here is ours, converted to 8-bit integers as a
# microcontroller runs it, and read back from the file. How that conversion works is the subject of
# *Compress*.

# %%
training = speech.load("train")
calibration = mfcc(training.waveforms[:200])[..., np.newaxis]
tflite = litert.convert(checkpoint.model, precision="int8", representative_dataset=calibration)
graph = read_tflite(tflite)
footprint = count(graph)
print(f"{'operator':<18} {'output':<16} {'MACs':>9} {'weights':>8}")
for op in footprint.per_op:
    shape = " x ".join(str(n) for n in op.output_shape)
    print(f"{op.kind:<18} {shape:<16} {op.macs:>9,} {op.parameters:>8,}")
print(f"{'all':<35} {footprint.macs:>9,} {footprint.parameters:>8,}")

# %% [markdown]
# A **multiply-accumulate** (MAC) is one multiplication and one addition, the unit of work of a
# neural network. A convolution slides a small kernel over its input; each output value is a sum of
# as many products as the kernel has weights.

# %% exercise="convolution_macs"
def convolution_macs(
    output_height, output_width, kernel_height, kernel_width, input_channels, output_channels
):
    """Multiply-accumulates of an ordinary convolution.

    All arguments are ints; the output has output_height * output_width positions.
    Returns an int. Example: convolution_macs(25, 5, 1, 1, 64, 64) is 512000.
    """
    # solution
    per_output_value = kernel_height * kernel_width * input_channels
    return output_height * output_width * output_channels * per_output_value
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Ask first: how many products make one output value? The kernel covers its height, its width and
# all input channels. Then: how many output values are there?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("convolution_macs", convolution_macs)

# %% [markdown]
# Compare your formula with the table: the first row is a 10 x 4 kernel from 1 to 64 channels.

# %% claims=true
first = footprint.per_op[0]
assert (first.kind, first.macs) == ("conv2d", 25 * 5 * 64 * 10 * 4)

# %% [markdown]
# ## From work to energy
#
# A processor needs some cycles for every MAC, and a cycle takes time. While it works the board
# draws power, and power times time is energy. For the boards in this workbook those figures were
# published by the people who ran the MLPerf Tiny benchmark (Banbury et al. 2021).

# %%
board = cost.board(cost.default_board())
latency = cost.latency(graph, board)
energy = cost.energy(graph, board)
print(board.name)
print(f"latency {latency.latency_ms:.1f} ms ({latency.kind})")
print(f"energy  {energy.energy_uJ:,.0f} uJ ({energy.kind})")

# %% claims=true
assert latency.kind == "published" and energy.kind in ("published", "modelled")

# %% exercise="inference_energy_uJ"
def inference_energy_uJ(power_mW, latency_ms):
    """Energy of one inference in microjoules.

    power_mW : float, power of the board while it computes; latency_ms : float, time of an inference
    Returns a float. Example: inference_energy_uJ(40.0, 2.0) is 80.0.
    """
    # solution
    return power_mW * latency_ms
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# A watt is a joule per second. A milliwatt times a millisecond is a thousandth of a thousandth of a
# joule: which unit is that?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("inference_energy_uJ", inference_energy_uJ)

# %% [markdown]
# ## From energy to days
#
# A device in the field lives on a battery. Batteries are sold by charge, in milliampere-hours;
# charge times voltage is energy. Here is what the workbook knows of a coin cell.

# %%
cell = cost.battery("cr2032")
for quantity in (cell.capacity, cell.voltage, cell.self_discharge):
    print(f"{quantity.value:g} {quantity.unit} ({quantity.kind}: {quantity.source})")

# %% exercise="battery_days"
def battery_days(capacity_mAh, voltage_V, average_power_mW):
    """Days a battery lasts at a constant power.

    capacity_mAh, voltage_V, average_power_mW : floats > 0
    Returns a float. Example: battery_days(225.0, 3.0, 1.0) is 28.125.
    Write it yourself: cost.battery_life and battery.battery_days may not be called.
    """
    # solution
    return capacity_mAh * voltage_V / average_power_mW / 24
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# mAh times V is mWh. How many hours does that last at the given mW, and how many days are those?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("battery_days", battery_days)

# %% [markdown]
# ## The ledger
#
# Each application has a **ledger**: one row for each thing you do to its model, with what it cost
# and what it bought. This first row is the bundled model; yours follow. A row names the stage it was made
# from, and shows a change since then only where both rows count the same thing on the same examples.

# %%
Ledger("keyword_spotting").record(
    stage="reference",
    accuracy=checkpoint.metrics["accuracy"],
    test_set="test clips",
    examples=2400,
    weight_bytes=footprint.weight_bytes,
    file_bytes=len(tflite),
    ram_bytes=footprint.peak_activation_bytes,
    macs=footprint.macs,
    latency_ms=latency.latency_ms,
    energy_uJ=energy.energy_uJ,
    board=board.name,
    kind=latency.kind,
)

# %% [markdown]
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** A layer's weights are stored in 4 bits instead of 8. What becomes half as large?
#
# - a) the RAM of its activations
# - b) its flash
# - c) its multiply-accumulates
#
# **2.** A board draws twice the power of another and needs a third of the time for the same
# network. It takes
#
# - a) more energy, because it draws more power
# - b) the same energy, because the network is the same
# - c) less energy
#
# **3.** The model answers a clip of “yes” with a score of 100 %. That shows that
#
# - a) it is right about this clip
# - b) it would be as sure in noise
# - c) its accuracy is 100 %

# %% exercise="questions_start"
def questions_start():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 3 letters. Example: "---" leaves all open.
    """
    # solution
    return "bca"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *Your first exercise: flash* (1); *From work to energy* (2); *How much noise does it
# tolerate?* (3).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_start", questions_start)

# %% [markdown]
# ## The map
#
# The workbook follows the review *TinyML on the Edge: Model Compression, On-Device Learning, and
# Energy-Latency Trade-Offs* (Patel and Al-Fayez 2025). Its four themes are the stages of each
# application.
#
# | theme of the review | what you do | where | to read |
# |---|---|---|---|
# | model compression | quantize, train with quantization, convert to integers | `01_keyword_spotting/2_compress` | Banner 2019 |
# | | prune, share weights, code them, distil, factorize | `02_visual_wake_words/2_compress` | Han 2015 and 2016, Hinton 2015, Cheng 2018, Lane 2015 |
# | | fold, fuse, plan memory, generate C: a small compiler | `03_anomaly_detection/2_compress` | Jacob 2018, Alizadeh 2021, Reddi 2020 |
# | on-device learning | teach a new word, count the memory, train inside LiteRT | `01_keyword_spotting/3_adapt` | Cai 2020, Xu C. 2020 |
# | | a hundred users teach one model: rounds, privacy, poison | `01_keyword_spotting/5_federated` | McMahan 2017, Li 2020 |
# | | learn to learn: a new camera from a few pictures | `02_visual_wake_words/3_adapt` | Finn 2017 |
# | | a machine that ages: replay, elastic weights, when not to federate | `03_anomaly_detection/3_adapt` | Parisi 2019 |
# | energy and latency | predict boards, plan a battery, find the bottleneck | `01_keyword_spotting/4_energy_latency` | Horowitz 2014, Sze 2020 |
# | | stop at an early exit, share the work with a server or a second chip, compute in patches | `02_visual_wake_words/4_energy_latency` | Teerapittayanon 2016, Kang 2017, Shi 2016, Zhu 2020 |
# | | voltage and clock, harvested energy, a governor that learns | `03_anomaly_detection/4_energy_latency` | Watkins 1992, Xu J. 2021 |
# | applications | audio, vision and industrial sound, with the networks and front ends of MLPerf Tiny | the three `1_train` | Banbury 2021, Warden 2018, Zhang 2017, Tan 2019, Lin 2017, Khan 2021 |
# | | all together: search 1,080 networks for a board | `04_codesign/1_search` | Tan 2019 |
# | benchmarks | your models by the rules of MLPerf Tiny, beside published boards | `04_codesign/2_benchmark` | Banbury 2021 |
# | | attacks on inputs, flash and answers, and what defends | `04_codesign/3_security` | Madry 2018 |
# | | the open challenge: a heart monitor within a budget | `04_codesign/4_heartbeat` | McSharry 2003 |
#
# **References**, and where each is taught
#
# - Alizadeh et al. 2021, as cited by the review, on kernels for small processors:
#   [Generate C](03_anomaly_detection/2_compress.ipynb#Generate-C)
# - Banbury et al. 2021, *MLPerf Tiny Benchmark*:
#   [Did it pass?](04_codesign/2_benchmark.ipynb#Did-it-pass?),
#   [Three boards you may look at, one you must predict](01_keyword_spotting/4_energy_latency.ipynb#Three-boards-you-may-look-at,-one-you-must-predict)
# - Banner et al. 2019, *Post Training 4-bit Quantization of Convolutional Networks for
#   Rapid-Deployment*:
#   [To clip or not to clip](01_keyword_spotting/2_compress.ipynb#To-clip-or-not-to-clip),
#   [Bits where they are needed](01_keyword_spotting/2_compress.ipynb#Bits-where-they-are-needed)
# - Cai et al. 2020, *TinyTL: Reduce Memory, Not Parameters for Efficient On-Device Learning*:
#   [The memory cost](01_keyword_spotting/3_adapt.ipynb#The-memory-cost)
# - Cheng et al. 2018, *Model Compression and Acceleration for Deep Neural Networks*:
#   [What there is to shrink](02_visual_wake_words/2_compress.ipynb#What-there-is-to-shrink)
# - Finn et al. 2017, *Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks*:
#   [Learn to learn](02_visual_wake_words/3_adapt.ipynb#Learn-to-learn)
# - Han et al. 2015, *Learning both Weights and Connections for Efficient Neural Networks*:
#   [Most weights are small](02_visual_wake_words/2_compress.ipynb#Most-weights-are-small)
# - Han et al. 2016, *Deep Compression: Compressing Deep Neural Networks with Pruning, Trained
#   Quantization and Huffman Coding*:
#   [The whole file](02_visual_wake_words/2_compress.ipynb#The-whole-file)
# - Hinton et al. 2015, *Distilling the Knowledge in a Neural Network*:
#   [Learn from a teacher](02_visual_wake_words/2_compress.ipynb#Learn-from-a-teacher)
# - Horowitz 2014, *Computing's Energy Problem (and What We Can Do about It)*:
#   [What physics asks for](01_keyword_spotting/4_energy_latency.ipynb#What-physics-asks-for)
# - Jacob et al. 2018, *Quantization and Training of Neural Networks for Efficient
#   Integer-Arithmetic-Only Inference*:
#   [Train with the noise](01_keyword_spotting/2_compress.ipynb#Train-with-the-noise),
#   [Integers](03_anomaly_detection/2_compress.ipynb#Integers)
# - Kang et al. 2017, *Neurosurgeon: Collaborative Intelligence Between the Cloud and Mobile Edge*:
#   [Or let somebody else do the rest](02_visual_wake_words/4_energy_latency.ipynb#Or-let-somebody-else-do-the-rest)
# - Khan et al. 2021, as cited by the review, on watching machines:
#   [Nothing to learn from but health](03_anomaly_detection/1_train.ipynb#Nothing-to-learn-from-but-health)
# - Lane et al. 2016, *DeepX: A Software Accelerator for Low-Power Deep Learning Inference on Mobile
#   Devices*; Lane et al. 2015, as cited by the review:
#   [Thin layers in place of wide ones](02_visual_wake_words/2_compress.ipynb#Thin-layers-in-place-of-wide-ones)
# - Li et al. 2020, *Federated Optimization in Heterogeneous Networks*:
#   [Unlike users](01_keyword_spotting/5_federated.ipynb#Unlike-users),
#   [Four machines, one model](03_anomaly_detection/3_adapt.ipynb#Four-machines,-one-model)
# - Lin et al. 2017, *Focal Loss for Dense Object Detection*:
#   [When people are rare](02_visual_wake_words/1_train.ipynb#When-people-are-rare)
# - Madry et al. 2018, *Towards Deep Learning Models Resistant to Adversarial Attacks*:
#   [A defence and its price](04_codesign/3_security.ipynb#A-defence-and-its-price)
# - McMahan et al. 2017, *Communication-Efficient Learning of Deep Networks from Decentralized Data*:
#   [A round](01_keyword_spotting/5_federated.ipynb#A-round)
# - McSharry et al. 2003, *A Dynamical Model for Generating Synthetic Electrocardiogram Signals*:
#   [The patients](04_codesign/4_heartbeat.ipynb#The-patients)
# - Parisi et al. 2019, *Continual Lifelong Learning with Neural Networks: A Review*:
#   [Train on what is there](03_anomaly_detection/3_adapt.ipynb#Train-on-what-is-there)
# - Reddi et al. 2020, *MLPerf Inference Benchmark*:
#   [How fast?](04_codesign/2_benchmark.ipynb#How-fast?)
# - Shi et al. 2016, *Edge Computing: Vision and Challenges*:
#   [Or let somebody else do the rest](02_visual_wake_words/4_energy_latency.ipynb#Or-let-somebody-else-do-the-rest)
# - Sze et al. 2020, *Efficient Processing of Deep Neural Networks*:
#   [What physics asks for](01_keyword_spotting/4_energy_latency.ipynb#What-physics-asks-for)
# - Tan and Le 2019, *EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks*:
#   [Two knobs](02_visual_wake_words/1_train.ipynb#Two-knobs),
#   [The space](04_codesign/1_search.ipynb#The-space)
# - Teerapittayanon et al. 2016, *BranchyNet: Fast Inference via Early Exiting from Deep Neural
#   Networks*:
#   [Easy pictures leave early](02_visual_wake_words/4_energy_latency.ipynb#Easy-pictures-leave-early)
# - Warden 2018, *Speech Commands: A Dataset for Limited-Vocabulary Speech Recognition*:
#   [Listen first](01_keyword_spotting/1_train.ipynb#Listen-first)
# - Watkins and Dayan 1992, *Q-Learning*:
#   [Let it learn](03_anomaly_detection/4_energy_latency.ipynb#Let-it-learn)
# - Xu C. et al. 2020 and Xu J. et al. 2021, as cited by the review, on learning and on inference at the edge:
#   [On the device itself](01_keyword_spotting/3_adapt.ipynb#On-the-device-itself),
#   [Let it learn](03_anomaly_detection/4_energy_latency.ipynb#Let-it-learn)
# - Zhang et al. 2017, *Hello Edge: Keyword Spotting on Microcontrollers*:
#   [The network](01_keyword_spotting/1_train.ipynb#The-network)
# - Zhu et al. 2020, *Toward an Intelligent Edge: Wireless Communication Meets Machine Learning*:
#   [Or let somebody else do the rest](02_visual_wake_words/4_energy_latency.ipynb#Or-let-somebody-else-do-the-rest)
#
# **Next:** `01_keyword_spotting/1_train`, where you train the model yourself.
