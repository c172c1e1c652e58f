"""Augmentation: what it must not change, what it must, and that a seed repeats it."""

from dataclasses import replace

import numpy as np
import pytest

from tinylab.models.augmentation.pictures import LIGHT, NONE, STRONG, augment

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 96, 96, 3), np.uint8)


def rng():
    return np.random.default_rng(7)


def test_none_only_changes_the_scale():
    assert augment(IMAGES, NONE, rng()) == pytest.approx(IMAGES / 255, abs=1e-5)


@pytest.mark.parametrize("augmentation", [LIGHT, STRONG])
def test_results_stay_in_range_and_repeat(augmentation):
    first, again = augment(IMAGES, augmentation, rng()), augment(IMAGES, augmentation, rng())
    assert first.dtype == np.float32 and first.shape == IMAGES.shape
    assert first.min() >= 0 and first.max() <= 1
    assert np.array_equal(first, again)
    assert not np.allclose(first, IMAGES / 255, atol=0.02)


def test_a_mirror_is_a_mirror():
    got = augment(IMAGES, replace(NONE, flip=True), rng())
    plain = IMAGES / np.float32(255)
    mirrored = [
        np.allclose(augmented, original[:, ::-1], atol=1e-5)
        for augmented, original in zip(got, plain, strict=True)
    ]
    kept = [
        np.allclose(augmented, original, atol=1e-5)
        for augmented, original in zip(got, plain, strict=True)
    ]
    assert all(a != b for a, b in zip(mirrored, kept, strict=True)) and 0 < sum(mirrored) < len(
        IMAGES
    )


def test_grey_has_equal_channels():
    got = augment(IMAGES, replace(NONE, grey_share=1.0), rng())
    assert got[..., 0] == pytest.approx(got[..., 2], abs=1e-5)
    assert got[..., 0] == pytest.approx(IMAGES.mean(axis=-1) / 255, abs=1e-4)


def test_a_filter_keeps_a_flat_picture_flat():
    flat = np.full((6, 96, 96, 3), 120, np.uint8)
    got = augment(flat, replace(NONE, filter_share=1.0), rng())
    assert got[:, 10:-10, 10:-10] == pytest.approx(120 / 255, abs=0.02)


def test_hiding_covers_a_rectangle_of_one_colour():
    got = augment(IMAGES, replace(NONE, hide_share=1.0), rng())
    for augmented, plain in zip(got, IMAGES / 255, strict=True):
        covered = np.abs(augmented - plain).max(axis=-1) > 1e-4
        rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
        assert 5 <= len(rows) <= 50 and 5 <= len(columns) <= 50
        inside = augmented[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert np.ptp(inside, axis=(0, 1)) == pytest.approx(0, abs=1e-6)


def test_another_resolution_is_delivered():
    assert augment(IMAGES, STRONG, rng(), resolution=64).shape == (12, 64, 64, 3)


def test_what_hides_is_cut_out_of_the_covers():
    covers = np.random.default_rng(1).integers(0, 256, (3, 96, 96, 3), np.uint8)
    got = augment(IMAGES, replace(NONE, hide_share=1.0), rng(), covers=covers)
    for augmented, plain in zip(got, IMAGES / 255, strict=True):
        covered = np.abs(augmented - plain).max(axis=-1) > 1e-4
        assert 0 < covered.mean() < 0.3
        assert any(
            np.allclose(augmented[covered], cover[covered] / 255, atol=1e-5) for cover in covers
        )


def test_texture_brightens_and_darkens_but_keeps_the_mean():
    flat = np.full((50, 96, 96, 3), 100, np.uint8)
    got = augment(flat, replace(NONE, texture=0.4), rng()) * 255
    assert got.mean() == pytest.approx(100, rel=0.03)
    assert 2 < got.std(axis=(1, 2)).mean() < 40
    neighbours = np.abs(np.diff(got[..., 0], axis=2)).mean()
    assert neighbours < got[..., 0].std(axis=(1, 2)).mean()  # blotches, not grains
