"""Augmentation: what stays the same, what is bounded, and what each part does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.data.augment import (
    LIGHT,
    NONE,
    STRONG,
    Augmentation,
    augment,
    background_clip,
    render,
    render_all,
)
from tinylab.data.noise import KINDS, background_noise, coloured_noise
from tinylab.data.surroundings import surroundings

AROUND = surroundings(np.random.default_rng(0), 6)
TIME = np.arange(8000) / 16000
WORD = np.round(20000 * np.sin(2 * np.pi * 440 * TIME) * np.hanning(8000)).astype(np.int16)


def generator(seed=1):
    return np.random.default_rng(seed)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    length=st.integers(1, 40_000),
    strength=st.sampled_from([NONE, LIGHT, STRONG]),
)
def test_any_word_becomes_one_second_without_overflow(seed, length, strength):
    word = np.random.default_rng(length).integers(-32768, 32768, length).astype(np.int16)
    clip = render(word, generator(seed), strength, AROUND)
    assert clip.shape == (16000,) and clip.dtype == np.int16
    assert np.abs(clip.astype(int)).max() <= 32767 * 10 ** (strength.level_dB[1] / 20) + 1


@pytest.mark.parametrize("strength", [NONE, LIGHT, STRONG])
def test_the_same_seed_gives_the_same_clip_and_another_seed_another(strength):
    clips = [render(WORD, generator(seed), strength, AROUND) for seed in (1, 1, 2)]
    assert np.array_equal(clips[0], clips[1])
    assert np.array_equal(clips[0], clips[2]) == (strength is NONE)


@pytest.mark.parametrize("strength", [NONE, LIGHT, STRONG])
def test_many_clips_at_once_are_those_made_one_by_one(strength):
    """But for the rounding of the Fourier transform."""
    words = [None if i % 5 == 2 else WORD[: 3000 + 100 * i] for i in range(40)]
    rng = generator()
    for clip, word in zip(
        render_all(iter(words), generator(), strength, AROUND), words, strict=True
    ):
        if word is None:
            alone = background_clip(rng, strength, AROUND)
        else:
            alone = render(word, rng, strength, AROUND)
        assert np.abs(clip.astype(int) - alone).max() <= 1


def test_no_words_give_no_clips():
    assert not list(render_all([], generator(), LIGHT, AROUND))


def test_without_augmentation_the_word_is_centred_and_only_scaled():
    clip = render(WORD, generator(), NONE)
    assert not clip[:4000].any() and not clip[12000:].any()
    assert np.corrcoef(clip[4000:12000], WORD)[0, 1] > 0.99999


def test_a_word_longer_than_a_second_is_cut_not_refused():
    clip = render(np.full(30_000, 1000, np.int16), generator(), NONE)
    assert (clip > 0).all()


@pytest.mark.parametrize("ratio_dB", [20, 40])
def test_noise_is_as_loud_as_asked(ratio_dB):
    clips = [
        render(WORD, generator(seed), Augmentation(noise_dB=(ratio_dB, 0.01)), AROUND) / 32767
        for seed in range(40)
    ]
    ratios = [20 * np.log10(np.abs(clip).max() / clip[:3000].std()) for clip in clips]
    # A second, weaker noise in half of the clips and the unevenness of real noises shift the mean.
    assert np.mean(ratios) == pytest.approx(ratio_dB, abs=3)


def test_shift_moves_the_word():
    centres = []
    for seed in range(100):
        clip = render(WORD, generator(seed), Augmentation(shift_s=0.1), AROUND).astype(float) ** 2
        centres.append((clip * np.arange(16000)).sum() / clip.sum() / 16000)
    assert np.mean(centres) == pytest.approx(0.5, abs=0.03)
    assert np.std(centres) == pytest.approx(0.1, abs=0.03)


def test_a_room_rings_on_after_the_word():
    click = np.zeros(100, np.int16)
    click[50] = 30000
    dry = render(click, generator(), NONE)
    wet = render(click, generator(), Augmentation(room=1.0), AROUND)
    assert not dry[8100:].any() and np.abs(wet[8100:9000].astype(int)).max() > 20


def test_clips_of_one_second_can_be_augmented_too():
    clips = np.stack([render(WORD, generator(seed), LIGHT, AROUND) for seed in range(5)])
    louder = augment(clips, generator(), STRONG, AROUND)
    assert louder.shape == clips.shape and louder.dtype == np.int16
    assert np.array_equal(louder, augment(clips, generator(), STRONG, AROUND))
    assert not np.array_equal(louder, clips)
    with pytest.raises(ValueError, match="shape"):
        augment(clips[0], generator())


def test_silence_is_noise_at_many_levels():
    clips = [background_clip(generator(seed), STRONG, AROUND) for seed in range(30)]
    peaks = [np.abs(clip.astype(int)).max() for clip in clips]
    assert min(peaks) < 1500 and max(peaks) > 8000 and max(peaks) <= 32767


@pytest.mark.parametrize("kind", KINDS)
def test_background_noises_are_seeded_and_do_not_clip(kind):
    noise = background_noise(kind, 0.5, seed=3)
    assert noise.shape == (8000,) and noise.dtype == np.int16
    assert np.abs(noise.astype(int)).max() <= 16384
    assert np.array_equal(noise, background_noise(kind, 0.5, seed=3))
    assert not np.array_equal(noise, background_noise(kind, 0.5, seed=4))


def test_background_noise_says_what_it_knows():
    with pytest.raises(ValueError, match="pink"):
        background_noise("purple")
    with pytest.raises(ValueError, match="seconds"):
        background_noise("pink", 0.0)


@pytest.mark.parametrize("slope", [0, 1, 2])
def test_coloured_noise_has_the_slope_it_is_named_for(slope):
    power = np.mean(
        [np.abs(np.fft.rfft(coloured_noise(16000, slope, generator(s)))) ** 2 for s in range(20)], 0
    )
    low, high = power[200:400].mean(), power[1600:3200].mean()
    assert np.log2(low / high) / 3 == pytest.approx(slope, abs=0.15)
