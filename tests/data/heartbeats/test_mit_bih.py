"""The reader of the MIT-BIH Arrhythmia Database, on miniatures written here byte by byte."""

import numpy as np
import pytest
from scipy.signal import resample_poly

from tinylab.data import heartbeats
from tinylab.data.heartbeats import mit_bih

HEADER = """\
{name} 2 360 {samples}
{name}.dat 212 200 11 1024 {first[0]} {checksum[0]} 0 V5
{name}.dat 212 200 11 1024 {first[1]} {checksum[1]} 0 MLII
# 69 M 1085 1629 x1
"""


def packed(samples: np.ndarray) -> bytes:
    """Format 212, pair by pair, as the WFDB manual words it."""
    first, second = (samples.reshape(-1, 2) & 0xFFF).T
    triples = [first & 0xFF, (first >> 8) | ((second >> 8) << 4), second & 0xFF]
    return np.stack(triples, axis=1).astype(np.uint8).tobytes()


def word(code: int, value: int) -> bytes:
    return (code << 10 | value).to_bytes(2, "little")


def annotations(beats: list[tuple[int, int]]) -> bytes:
    """An .atr file: beats as (sample, code), a rhythm label with text before them."""
    content, now = word(28, 3) + word(63, 3) + b"(N\0\0", 3
    for sample, code in beats:
        step = sample - now
        if step > 1023:
            high, low = step >> 16, step & 0xFFFF
            content += word(59, 0) + high.to_bytes(2, "little") + low.to_bytes(2, "little")
            step = 0
        content += word(code, step) + word(62, 1)  # the channel changes, the time does not
        now = sample
    return content + word(0, 0)


def write(folder, name: str, beats, samples: int = 72_000):
    rng = np.random.default_rng(int(name))
    counts = rng.integers(-900, 1000, (samples, 2)) + 20
    (folder / f"{name}.dat").write_bytes(packed(counts))
    (folder / f"{name}.atr").write_bytes(annotations(beats))
    checksum = counts.sum(axis=0) % 65536
    checksum = np.where(checksum > 32767, checksum - 65536, checksum)
    text = HEADER.format(name=name, samples=samples, first=counts[0], checksum=checksum)
    (folder / f"{name}.hea").write_text(text)
    return counts


BEATS = [(370, 1), (662, 8), (946, 5), (70_000, 6), (70_300, 2), (70_600, 12), (70_900, 34)]


def test_a_miniature_record(tmp_path):
    counts = write(tmp_path, "100", BEATS)
    record = mit_bih.read_record(tmp_path / "100")
    expected_mV = resample_poly((counts[:, 1] - 1024) / 200, 25, 72)
    np.testing.assert_allclose(record.signal_mV, np.clip(expected_mV, -10.235, 10.235), atol=0.0026)
    assert record.labels.tolist() == [0, 1, 2, -1, 0, -1, 0]
    np.testing.assert_allclose(record.peaks, [s * 125 / 360 for s, _ in BEATS], atol=0.5)
    assert record.patient == "MIT-BIH 100"


def test_samples_of_twelve_bits():
    """The example of the WFDB manual's bit layout: lowest, highest and minus one."""
    samples = np.array([-2048, 2047, -1, 0, 1, -2])
    np.testing.assert_array_equal(
        mit_bih.unpack_212(np.frombuffer(packed(samples), np.uint8)), samples
    )
    np.testing.assert_array_equal(mit_bih.unpack_212(np.array([0xE3, 0x33, 0xF3])), [995, 1011])


def test_the_two_sets_are_disjoint_patients_without_pacemakers():
    sets = mit_bih.SETS
    assert len(set(sets["DS1"])) == len(set(sets["DS2"])) == 22
    assert not set(sets["DS1"]) & set(sets["DS2"])
    assert not {102, 104, 107, 217} & (set(sets["DS1"]) | set(sets["DS2"]))


def test_the_same_function_loads_them(tmp_path):
    inside = tmp_path / "mit-bih-arrhythmia-database-1.0.0"
    inside.mkdir()
    for number in mit_bih.SETS["DS2"]:
        write(inside, str(number), BEATS, samples=72_000)
    recordings = heartbeats.load("hidden", source=tmp_path, patients=3)
    assert [one.patient for one in recordings] == ["MIT-BIH 100", "MIT-BIH 103", "MIT-BIH 105"]
    beats = heartbeats.beat_inputs(recordings)
    assert set(beats.labels.tolist()) == {0}, "early beats and other kinds are left out"
    with pytest.raises(FileNotFoundError, match="101"):
        heartbeats.load("train", source=tmp_path)


@pytest.mark.parametrize("suffix", [".dat", ".atr"])
def test_a_file_that_was_cut_off_is_refused(tmp_path, suffix):
    write(tmp_path, "100", BEATS)
    path = (tmp_path / "100").with_suffix(suffix)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ValueError, match="fetch"):
        mit_bih.read_record(tmp_path / "100")


def test_a_damaged_signal_is_refused(tmp_path):
    write(tmp_path, "100", BEATS)
    content = bytearray((tmp_path / "100.dat").read_bytes())
    content[5] ^= 1
    (tmp_path / "100.dat").write_bytes(content)
    with pytest.raises(ValueError, match="checksum"):
        mit_bih.read_record(tmp_path / "100")


@pytest.mark.parametrize("line", ["nonsense", "100 2 360", "100.dat 16 200 11 1024 0 0 0 MLII"])
def test_another_header_is_refused(tmp_path, line):
    write(tmp_path, "100", BEATS)
    (tmp_path / "100.hea").write_text(line)
    with pytest.raises(ValueError, match="format 212"):
        mit_bih.read_record(tmp_path / "100")


def test_nothing_fetched_says_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_DATASETS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="tinylab fetch mit-bih"):
        heartbeats.load("hidden", source="mit-bih")
