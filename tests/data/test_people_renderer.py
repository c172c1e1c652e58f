"""The renderer of the pictures, against geometry: silhouettes, depth, light, what a tag means."""

import importlib

import numpy as np
import pytest

DISTANCE_M, TANGENT = 5.0, 0.4


@pytest.fixture(scope="module")
def scripts():
    """The modules that draw the pictures, by name."""
    pytest.importorskip("ziglang", reason="the pinned C compiler is not installed")
    names = ("scene", "marcher", "figure.person", "picture")
    modules = (importlib.import_module(f"datasets.people.{name}") for name in names)
    return {module.__name__.rpartition(".")[2]: module for module in modules}


def looking_down_z(marcher, sun=(0, 0, 1)):
    view = np.zeros((), marcher.VIEW)
    view["position"], view["forward"] = (0, 0, DISTANCE_M), (0, 0, -1)
    view["right"], view["up"], view["tangent"] = (1, 0, 0), (0, 1, 0), TANGENT
    view["sun_direction"], view["sun"], view["softness"] = sun, 1, 8
    view["sky"] = view["ground"] = 0.1
    return view


def rendered(scripts, build, width=128, **view):
    scene = scripts["scene"].Scene(np.random.default_rng(0))
    white = scene.material((1, 1, 1), gloss=0)
    build(scene, white)
    parts = (scene.primitives, scene.planes, scene.materials, np.zeros((width, width, 3)))
    return scripts["marcher"].render(looking_down_z(scripts["marcher"], **view), *parts)


def test_a_sphere_has_the_silhouette_of_its_cone_of_rays(scripts):
    def sphere(scene, white):
        with scene.thing("person"):
            scene.ball((0, 0, 0), 0.7, white)

    seen = rendered(scripts, sphere)
    radius = (
        0.7 / np.sqrt(DISTANCE_M**2 - 0.7**2) / TANGENT
    )  # of the tangent cone, of the half width
    assert (seen.tags == 1).mean() == pytest.approx(np.pi * radius**2 / 4, rel=0.02)
    assert seen.depth_m[63:65, 63:65].mean() == pytest.approx(DISTANCE_M - 0.7, abs=0.01)
    assert np.all(seen.image[seen.tags == 0] == 0)


def test_a_box_faces_the_camera_with_its_front(scripts):
    def box(scene, white):
        with scene.thing("furniture"):
            scene.box((0, 0, 0), (0.8, 0.5, 0.3), white, rounding=0.001)

    seen = rendered(scripts, box)
    front = DISTANCE_M - 0.3
    area = (0.8 / front / TANGENT) * (0.5 / front / TANGENT)
    assert (seen.tags == scripts["scene"].TAGS["furniture"]).mean() == pytest.approx(area, rel=0.03)


def test_light_falls_with_the_cosine_and_shadows_are_dark(scripts):
    def wall(scene, white):
        scene.plane((0, 0, 1), 0, white)

    straight = rendered(scripts, wall, sun=(0, 0, 1)).image[64, 64, 0]
    slanted = rendered(scripts, wall, sun=(0, np.sqrt(0.75), 0.5)).image[64, 64, 0]
    assert straight - slanted == pytest.approx(0.5, abs=0.02)

    def shaded_wall(scene, white):
        wall(scene, white)
        with scene.thing("object"):
            scene.box((0, 2.9, 2), (3, 0.9, 0.05), white)  # above the camera's view

    slanted_sun = (0, np.sqrt(0.5), np.sqrt(0.5))
    open_light = rendered(scripts, wall, sun=slanted_sun).image[64, 64, 0]
    shadow = rendered(scripts, shaded_wall, sun=slanted_sun).image
    assert shadow[:64, 64, 0].min() < 0.5 * open_light


def test_taking_people_away_leaves_the_rest(scripts):
    scene = scripts["scene"].Scene(np.random.default_rng(1))
    scripts["person"].person(scene, (0, 0, 0), 0.3)
    with scene.thing("furniture", (1, 0, 0)):
        scene.box((0, 0.5, 0), (0.2, 0.5, 0.2), scene.material((1, 0, 0)))
    left = scene.without(("person", "held"))
    assert len(left) == 1 and len(scene.primitives) > 30


def test_a_number_and_a_seed_give_the_same_pair(scripts):
    pair_of = scripts["picture"].pair_of
    first, again = pair_of(8, 5), pair_of(8, 5)
    for pair, repeated in zip(first, again, strict=True):
        assert np.array_equal(pair.image, repeated.image)
    occupied, emptied = first
    assert occupied.image.shape == (96, 96, 3) and occupied.image.dtype == np.uint8
    assert occupied.person_share >= 0.03 and emptied.person_share == 0
    assert not np.array_equal(pair_of(9, 5)[0].image, occupied.image)


def test_people_of_every_pose_stand_on_the_ground(scripts):
    for legs in ("stand", "walk", "run", "crouch", "board", "lunge"):
        scene = scripts["scene"].Scene(np.random.default_rng(3))
        scripts["person"].person(scene, (0, 0, 0), 0.0, legs=legs)
        rows = scene.primitives
        capsules = rows[rows["kind"] == 0]
        ends = np.stack(
            (
                capsules["centre"] - capsules["size"][:, :3],
                capsules["centre"] + capsules["size"][:, :3],
            )
        )
        assert -0.12 < (ends[..., 1] - capsules["size"][:, 3:5].max(axis=1)).min() < 0.06, legs
