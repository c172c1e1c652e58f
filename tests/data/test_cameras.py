"""Cameras: determinism, each effect against arithmetic of its own, and disjoint families."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, map_coordinates

from tinylab.data.cameras import (
    CAMERAS,
    FAMILIES,
    INFRARED,
    LOW_LIGHT,
    SPLITS,
    STANDARD,
    WIDE_ANGLE,
    Camera,
    photograph,
    random_camera,
)


def scenes(count=3, size=32, seed=0):
    """Smooth random pictures with all grey levels."""
    rng = np.random.default_rng(seed)
    rough = gaussian_filter(rng.normal(size=(count, size, size, 3)), (0, 3, 3, 0.5))
    rough -= rough.min(axis=(1, 2, 3), keepdims=True)
    return np.round(255 * rough / rough.max(axis=(1, 2, 3), keepdims=True)).astype(np.uint8)


def linear(images):
    return (images / 255.0) ** 2.2


SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=30)
@given(
    seed=SEEDS, split=st.sampled_from(SPLITS), height=st.integers(8, 40), width=st.integers(8, 40)
)
def test_any_camera_returns_pictures_of_the_same_shape(seed, split, height, width):
    images = np.random.default_rng(seed).integers(0, 256, (2, height, width, 3)).astype(np.uint8)
    camera = random_camera(np.random.default_rng(seed), split=split)
    before = images.copy()
    seen = photograph(images, camera, seed=seed % 7)
    assert seen.shape == images.shape and seen.dtype == np.uint8
    assert np.array_equal(images, before)


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS)
def test_the_same_seed_gives_the_same_pictures_and_more_pictures_change_none(camera):
    images = scenes(5)
    seen = photograph(images, camera, seed=3)
    assert np.array_equal(seen, photograph(images, camera, seed=3))
    assert np.array_equal(seen[:2], photograph(images[:2], camera, seed=3))
    noisy = camera.noise > 0
    assert np.array_equal(seen, photograph(images, camera, seed=4)) == (not noisy)


def test_chunks_leave_no_trace(monkeypatch):
    images = scenes(7)
    whole = photograph(images, LOW_LIGHT, seed=1)
    monkeypatch.setattr("tinylab.data.photograph._CHUNK", 2)
    assert np.array_equal(whole, photograph(images, LOW_LIGHT, seed=1))


def test_the_standard_camera_changes_nothing_and_returns_a_copy():
    images = scenes()
    seen = photograph(images, STANDARD)
    assert np.array_equal(seen, images) and not np.shares_memory(seen, images)
    assert photograph(images[:0], INFRARED).shape == (0, 32, 32, 3)


def test_an_infrared_picture_is_grey_and_likes_red():
    red, blue = np.zeros((2, 1, 8, 8, 3), np.uint8)
    red[..., 0], blue[..., 2] = 200, 200
    noisy = photograph(scenes(), INFRARED)
    assert np.array_equal(noisy[..., 0], noisy[..., 1]) and np.array_equal(
        noisy[..., 0], noisy[..., 2]
    )
    silent = dataclasses.replace(INFRARED, noise=0, full_well=np.inf)
    seen = photograph(np.concatenate([red, blue]), silent)
    assert seen[0].min() > 100 and seen[1].max() == 0


def test_one_stop_less_halves_the_light():
    images = scenes()
    seen = photograph(images, Camera(exposure_stops=-1))
    np.testing.assert_allclose(linear(seen), linear(images) / 2, atol=0.01)


def test_distortion_reads_where_scipy_reads():
    images, amount, zoom = scenes(1, size=33), 0.4, 0.9
    y, x = np.meshgrid(np.linspace(-1, 1, 33), np.linspace(-1, 1, 33), indexing="ij")
    stretch = (1 + amount * (x**2 + y**2)) / zoom
    where = [(axis * stretch + 1) / 2 * 32 for axis in (y, x)]
    seen = photograph(images, Camera(distortion=amount, zoom=zoom))
    for channel in range(3):
        read = map_coordinates(linear(images)[0, ..., channel], where, order=1, mode="nearest")
        np.testing.assert_allclose(seen[0, ..., channel], 255 * read ** (1 / 2.2), atol=1.01)


def test_a_wide_angle_keeps_the_middle():
    images = scenes(1, size=33)
    seen = photograph(images, Camera(distortion=WIDE_ANGLE.distortion))
    assert np.array_equal(seen[0, 16, 16], images[0, 16, 16])
    assert np.array_equal(seen[0, 0, 0], images[0, 0, 0])  # stretched out of the picture: border


def test_vignetting_darkens_the_corners_only():
    grey = np.full((1, 33, 33, 3), 200, np.uint8)
    light = linear(photograph(grey, Camera(vignetting=0.6)))
    assert light[0, 16, 16] == pytest.approx(linear(200), abs=0.01)
    np.testing.assert_allclose(light[0, 0, 0], 0.4 * linear(200), atol=0.01)


def test_noise_is_as_strong_as_asked():
    grey = np.full((4, 64, 64, 3), 188, np.uint8)  # half of full scale
    level = linear(188)
    read = linear(photograph(grey, Camera(noise=0.03)))
    shot = linear(photograph(grey, Camera(full_well=500)))
    assert read.std() == pytest.approx(0.03, rel=0.1)
    assert shot.std() == pytest.approx(np.sqrt(level / 500), rel=0.1)
    assert read.mean() == pytest.approx(level, abs=0.01)


def test_columns_are_those_of_the_sensor():
    grey = np.full((2, 16, 40, 3), 150, np.uint8)
    seen = photograph(grey, Camera(column_noise=0.05, sensor=1))
    assert np.array_equal(seen[0], seen[1]) and (seen == seen[:, :1]).all()
    assert seen[0, 0].std() > 0
    assert not np.array_equal(seen, photograph(grey, Camera(column_noise=0.05, sensor=2)))


def test_a_heat_camera_shows_dark_for_light():
    images = scenes(1)
    seen = photograph(images, random_camera(np.random.default_rng(0), "heat"))
    assert np.corrcoef(seen.mean(axis=3).ravel(), images.mean(axis=3).ravel())[0, 1] < -0.8


def test_haze_takes_contrast_and_few_levels_are_few():
    images = scenes(1)
    assert linear(photograph(images, Camera(haze=0.7))).std() < 0.4 * linear(images).std()
    assert len(np.unique(photograph(images, Camera(levels=5)))) <= 5


@pytest.mark.parametrize("family", FAMILIES)
def test_ranges_of_the_splits_do_not_overlap(family):
    train, validation, test = (FAMILIES[family][split] for split in SPLITS)
    assert train[0] < train[1] < validation[0] < validation[1] < test[0] < test[1]


@pytest.mark.parametrize(
    "family, parameter",
    [
        ("infrared", lambda camera: camera.colour_mix[0][0]),
        ("wide_angle", lambda camera: camera.distortion),
        ("low_light", lambda camera: -camera.exposure_stops),
        ("haze", lambda camera: camera.haze),
        ("soft", lambda camera: camera.blur_px),
        ("tint", lambda camera: abs(np.log2(camera.white_balance[0]))),
        ("heat", lambda camera: camera.tone),
    ],
)
def test_drawn_cameras_keep_to_their_splits_range(family, parameter):
    for split in SPLITS:
        low, high = FAMILIES[family][split]
        drawn = [random_camera(np.random.default_rng(seed), family, split) for seed in range(40)]
        values = np.array([parameter(camera) for camera in drawn])
        assert (values >= low - 1e-9).all() and (values <= high + 1e-9).all()
        assert len(set(drawn)) == 40 and {camera.family for camera in drawn} == {family}


def test_named_cameras_are_as_strange_as_test_cameras():
    assert FAMILIES["infrared"]["test"][0] <= INFRARED.colour_mix[0][0]
    assert FAMILIES["wide_angle"]["test"][0] <= WIDE_ANGLE.distortion
    assert FAMILIES["low_light"]["test"][0] <= -LOW_LIGHT.exposure_stops


def test_the_same_generator_draws_the_same_camera():
    drawn = [random_camera(np.random.default_rng(seed)) for seed in range(60)]
    assert drawn == [random_camera(np.random.default_rng(seed)) for seed in range(60)]
    assert {camera.family for camera in drawn} == set(FAMILIES)


@pytest.mark.parametrize(
    "images, message",
    [
        (np.zeros((4, 4, 3), np.uint8), "shape"),
        (np.zeros((1, 4, 4, 1), np.uint8), "shape"),
        (np.zeros((1, 4, 4, 3), np.float32), "float32"),
    ],
)
def test_other_pictures_are_refused(images, message):
    with pytest.raises(ValueError, match=message):
        photograph(images, INFRARED)


def test_cameras_that_cannot_be():
    for wrong in (
        {"zoom": 0.0},
        {"vignetting": 1.2},
        {"noise": -1.0},
        {"levels": 1},
        {"haze": -0.1},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Camera(**wrong)
    with pytest.raises(ValueError, match="three"):
        Camera(colour_mix=((1, 0, 0),))
    with pytest.raises(ValueError, match="infrared, wide_angle"):
        random_camera(np.random.default_rng(0), "pinhole")
    with pytest.raises(ValueError, match="train, validation, test"):
        random_camera(np.random.default_rng(0), split="exam")
