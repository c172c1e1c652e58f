"""The boot loader in C on the emulated chip, against images made with Python's hashlib."""

from hashlib import sha256

import pytest

from tinylab.security.firmware.device import Device, models_in
from tinylab.security.firmware.signing import HEIGHT, SigningKey, image_overhead, version_of

pytest.importorskip("unicorn")
pytest.importorskip("ziglang")

MAKER, THIEF = (SigningKey(sha256(name).digest()) for name in (b"maker", b"thief"))
PAYLOAD = b"\x1c\0\0\0TFL3" + bytes(range(200))
SLOT = 8192


@pytest.fixture(scope="module")
def compiled():
    return Device(MAKER.root, slot_bytes=SLOT)


@pytest.fixture
def device(compiled):
    """The device as it left the factory."""
    for slot in (0, 1):
        compiled.update(b"", slot)
    compiled._machine.write(compiled._address("least_version"), bytes(4))
    return compiled


def verdict(device, image: bytes) -> str:
    device.update(image, 0)
    return device.boot().verdicts[0]


@pytest.mark.parametrize("key", range(2**HEIGHT))
def test_every_key_of_the_tree_signs(device, key):
    assert verdict(device, MAKER.signed(PAYLOAD, 1, key)) == "valid"
    assert device.running_model() == PAYLOAD


def test_the_newest_valid_image_runs(device):
    device.update(MAKER.signed(PAYLOAD, 1, 0), 0)
    device.update(MAKER.signed(PAYLOAD + b"2", 2, 1), 1)
    found = device.boot()
    assert (found.slot, found.version) == (1, 2) and found.verdicts[0] == "valid"


@pytest.mark.parametrize("payload", [b"", b"x" * 55, b"x" * 56, b"x" * 64, b"x" * 1000])
def test_payloads_of_any_length_are_hashed_as_by_hashlib(device, payload):
    assert verdict(device, MAKER.signed(payload, 1, 2)) == "valid"


def test_an_image_by_another_maker_is_refused(device):
    assert verdict(device, THIEF.signed(PAYLOAD, 5, 0)) == "wrong signature"
    assert device.boot().slot is None
    with pytest.raises(RuntimeError, match="nothing may run: wrong signature, empty"):
        device.running_model()


@pytest.mark.parametrize("at", [4, 5, 16, 16 + 96, 16 + 96 + 66 * 32, image_overhead(), -1])
def test_no_byte_may_change(device, at):
    image = bytearray(MAKER.signed(PAYLOAD, 1, 0))
    image[at] ^= 1
    assert verdict(device, bytes(image)) == "wrong signature"


@pytest.mark.parametrize(("at", "value"), [(8, b"\xff\xff\xff\xff"), (12, b"\x08\0\0\0")])
def test_damaged_headers_are_refused_before_anything_is_read(device, at, value):
    image = bytearray(MAKER.signed(PAYLOAD, 1, 0))
    image[at : at + 4] = value
    assert verdict(device, bytes(image)) == "damaged header"


def test_a_cut_image_and_an_empty_slot_are_refused(device):
    assert verdict(device, MAKER.signed(PAYLOAD, 1, 0)[:-3]) == "wrong signature"
    assert verdict(device, b"") == "empty"


def test_there_is_no_way_back(device):
    old, new = MAKER.signed(PAYLOAD, 1, 0), MAKER.signed(PAYLOAD, 2, 1)
    assert verdict(device, old) == "valid"
    assert verdict(device, new) == "valid"
    assert verdict(device, old) == "older than what ran before"
    assert device.boot().slot is None
    assert verdict(device, new) == "valid"


def test_a_new_image_that_never_ran_bars_nothing(device):
    device.update(MAKER.signed(PAYLOAD, 1, 0), 0)
    assert device.boot().version == 1
    device.update(THIEF.signed(PAYLOAD, 9, 0), 1)
    assert device.boot().version == 1


def test_flash_gives_the_model_but_no_secret(device):
    device.update(MAKER.signed(PAYLOAD, 1, 0), 0)
    flash = device.read_out()
    assert models_in(flash)[0].startswith(PAYLOAD)
    assert MAKER.secret not in flash and MAKER.root in flash


def test_a_locked_port_gives_nothing(device):
    device.locked = True
    try:
        with pytest.raises(PermissionError, match="locked"):
            device.read_out()
    finally:
        device.locked = False


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda d: d.update(b"x" * (SLOT + 1), 0), "a slot 8,192"),
        (lambda d: d.update(b"", 2), "slots 0 and 1"),
        (lambda d: MAKER.signed(b"", 1, 8), "keys 0 to 7"),
        (lambda d: MAKER.signed(b"", 0, 1), "above 0"),
        (lambda d: SigningKey(b"short"), "32 bytes, not 5"),
        (lambda d: Device(b"short"), "32 bytes, not 5"),
    ],
)
def test_wrong_arguments_get_a_sentence(device, call, says):
    with pytest.raises(ValueError, match=says):
        call(device)


def test_images_state_their_version():
    assert version_of(MAKER.signed(PAYLOAD, 77, 0)) == 77
    assert len(MAKER.signed(PAYLOAD, 77, 0)) == image_overhead() + len(PAYLOAD)
