"""The front end in C against the numpy one, and from the sound to the word on the emulated chip."""

import numpy as np
import pytest

from tinylab.deploy import toolchain
from tinylab.deploy.codegen import convert
from tinylab.deploy.emulator import Emulator
from tinylab.signal.mfcc import KWS, MfccConfig, mfcc


def sounds() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    t = np.arange(16_000) / 16_000
    chirp = 12_000 * np.sin(2 * np.pi * (100 + 1500 * t) * t) * np.exp(-3 * t)
    vowel = sum(4000 / k * np.sin(2 * np.pi * 140 * k * t) for k in range(1, 20))
    step = np.where(t < 0.5, 0, 25_000 * np.sin(2 * np.pi * 440 * t))
    return {
        "chirp": chirp,
        "vowel": vowel + rng.normal(0, 20, t.size),
        "loud noise": rng.normal(0, 8000, t.size),
        "faint noise": rng.normal(0, 3, t.size),
        "full scale": np.where(rng.random(t.size) < 0.5, -32_768, 32_767),
        "starts late": step,
        "click": np.where(np.arange(t.size) == 8000, 30_000, 0),
        "never positive": -np.abs(rng.normal(0, 500, t.size)),
        "silence": np.zeros(t.size),
    }


def features_program(model_builder, config=KWS, frames=49):
    """A program that is only the front end."""
    builder = model_builder((1, frames, config.coefficients, 1), scale=0.584703, zero_point=83)
    content = builder.reshape((1, frames * config.coefficients)).tflite()
    return convert(content, front_end=config, name="features"), convert(content).input


@pytest.fixture(scope="module")
def front_end(model_builder):
    return features_program(model_builder)


@pytest.mark.parametrize("name", sounds())
def test_equals_numpy(front_end, name):
    program, port = front_end
    sound = np.clip(sounds()[name], -32_768, 32_767).astype(np.int16)
    expected = port.quantize(mfcc(sound)).ravel().astype(int)
    difference = np.abs(program.predict_quantized(sound).ravel() - expected)
    assert difference.max() <= 1
    assert (difference > 0).mean() <= 0.02


def test_any_gain_gives_the_same_features(front_end):
    program, _ = front_end
    sound = sounds()["vowel"]
    loud, soft = ((sound * gain).astype(np.int16) for gain in (2.0, 0.25))
    loud, soft = (program.predict_quantized(x).astype(int) for x in (loud, soft))
    assert (np.abs(loud - soft) <= 1).mean() > 0.99


def test_other_settings(model_builder):
    config = MfccConfig(
        frame_length=256, frame_step=128, fft_length=256, mel_bins=20, coefficients=13, high_Hz=8000
    )
    program, port = features_program(model_builder, config, frames=30)
    assert program.input.elements == 29 * 128 + 256
    sound = sounds()["chirp"][: program.input.elements].astype(np.int16)
    expected = port.quantize(mfcc(sound, config)).ravel().astype(int)
    difference = np.abs(program.predict_quantized(sound).ravel() - expected)
    assert difference.max() <= 1 and (difference > 0).mean() <= 0.02


def test_from_sound_to_word_on_the_emulated_chip(real_data):
    if not toolchain.has_zig():
        pytest.skip("needs the ziglang wheel")
    pytest.importorskip("unicorn")
    soundfile = pytest.importorskip("soundfile")
    model = real_data / "reference_models" / "kws_ref_model.tflite"
    program = convert(model, kernels="dsp", front_end=KWS, name="kws")
    names = ("yes", "no", "silence")
    clips = [
        soundfile.read(real_data / f"real_clips/wav/{n}_1000ms.wav", dtype="int16")[0]
        for n in names
    ]
    clips = np.stack([clip[:16_000] for clip in clips])
    result = Emulator(program).run(clips)
    words = result.outputs.argmax(axis=1)
    assert words[0] == 9 and words[2] == 10, "yes, silence"
    expected = convert(model).predict(mfcc(clips))
    np.testing.assert_array_equal(words, expected.argmax(axis=1))
    np.testing.assert_allclose(program.output.dequantize(result.outputs), expected, atol=0.05)
    assert result.per_op[0].kind == "front_end" and result.per_op[0].op == -1
    assert result.arena_bytes <= program.arena_bytes < result.ram_bytes - 32_000


def test_what_does_not_fit_is_refused(models, model_builder):
    with pytest.raises(ValueError, match="cannot hold frames of 10 int8 coefficients"):
        convert(models["dense"].graph(), front_end=KWS)
    builder = model_builder((1, 49, 10, 1)).flatten()
    with pytest.raises(ValueError, match="power of two"):
        convert(builder.graph(), front_end=MfccConfig(fft_length=480))
