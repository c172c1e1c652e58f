"""Any piece of an Opus file: the oracle is libsndfile, which decodes from front to back."""

import numpy as np
import pytest
import soundfile

from tinylab.data import opus
from tinylab.data.opus import OpusFile
from tinylab.data.word_bank import read_bank
from tinylab.paths import datasets_dir

needs_library = pytest.mark.skipif(opus.libopus is None, reason="no libopus for this machine")


def difference_dB(decoded: np.ndarray, expected: np.ndarray) -> float:
    """Power of the difference, relative to that of what was expected."""
    decoded, expected = decoded.astype(float), expected.astype(float)
    return 10 * np.log10(np.sum((decoded - expected) ** 2) / np.sum(expected**2) + 1e-12)


@pytest.fixture(scope="module")
def noise(tmp_path_factory):
    """Three seconds of noise at a high rate, so that many frames are longer than 251 bytes."""
    path = tmp_path_factory.mktemp("opus") / "noise.opus"
    rng = np.random.default_rng(0)
    sound = np.round(2000 * rng.standard_normal(48_000)).astype(np.int16)
    with soundfile.SoundFile(
        path, "w", 16_000, 1, "OPUS", format="OGG", compression_level=0.0
    ) as file:
        file.write(sound)
    return path


@needs_library
def test_from_the_start_on_the_samples_are_libsndfiles(noise):
    expected, _ = soundfile.read(noise, 40_000, dtype="int16")
    decoded = OpusFile(noise).read(0, 40_000)
    assert np.abs(decoded.astype(int) - expected).max() <= 1


@needs_library
def test_this_holds_for_the_bank_too():
    path = datasets_dir() / "speech" / "words.opus"
    expected, _ = soundfile.read(path, 100_000, dtype="int16")
    assert np.abs(OpusFile(path).read(0, 100_000).astype(int) - expected).max() <= 1


@needs_library
@pytest.mark.parametrize("split", ["train", "validation", "test", "test_engine"])
def test_a_word_by_itself_is_the_word_in_the_whole_stream(split):
    """Within a small error: the decoder has not heard the words before, only the silence."""
    bank = read_bank(split)
    first, count = len(bank) // 2, 80
    # Ten words earlier: long enough for libsndfile's decoder to have heard what it must.
    start = int(bank.starts[first - 10])
    length = int(bank.starts[first + count]) - start
    stream, _ = soundfile.read(
        datasets_dir() / "speech" / "words.opus", length, start, dtype="int16"
    )
    errors = []
    for recording in range(first, first + count):
        offset = int(bank.starts[recording]) - start
        errors.append(
            difference_dB(bank[recording], stream[offset : offset + bank.lengths[recording]])
        )
    assert np.median(errors) < -45 and max(errors) < -30


@needs_library
def test_a_piece_does_not_depend_on_what_was_read_before(noise):
    file = OpusFile(noise)
    piece = file.read(20_000, 5_000)
    file.read(0, 30_000)
    assert np.array_equal(file.read(20_000, 5_000), piece)


@needs_library
@pytest.mark.parametrize("count", [1, 2, 7, 8, 50])
def test_pieces_read_together_are_those_read_alone(noise, count):
    """Several lengths, some twice, and the bank, where frames of several kinds alternate."""
    bank = read_bank("train")
    recordings = np.random.default_rng(count).integers(len(bank), size=count)
    columns = (bank.starts, bank.lengths, bank.leads)
    words = [tuple(int(column[i]) for column in columns) for i in recordings]
    pieces = [(700 * i, 300 + 3000 * (i % 5), i % 3) for i in range(count)]
    for file, wanted in ((bank.stream, words), (OpusFile(noise), [*pieces, pieces[0]])):
        for decoded, piece in zip(file.read_all(wanted), wanted, strict=True):
            assert np.array_equal(decoded, file.read(*piece))


def test_a_machine_without_the_library_reads_the_same_words(monkeypatch):
    bank = read_bank("test")
    extents = [(int(bank.starts[i]), int(bank.lengths[i])) for i in range(3, 60, 7)]
    fast = [bank.stream.read(*extent) for extent in extents]
    monkeypatch.setattr(opus, "libopus", None)
    for extent, expected in zip(extents, fast, strict=True):
        assert difference_dB(bank.stream.read(*extent), expected) < -25


def test_the_end_of_the_file_is_told(noise):
    if opus.libopus is not None:
        with pytest.raises(ValueError, match="ends too early"):
            OpusFile(noise).read(47_000, 5_000)


def test_another_kind_of_file_is_refused(tmp_path, noise):
    wav = tmp_path / "sound.wav"
    soundfile.write(wav, np.zeros(5_000, np.int16), 16_000)
    stereo = tmp_path / "stereo.opus"
    soundfile.write(stereo, np.zeros((5_000, 2)), 16_000, "OPUS", format="OGG")
    empty = tmp_path / "empty.opus"
    empty.write_bytes(b"")
    cut = tmp_path / "cut.opus"
    cut.write_bytes(noise.read_bytes()[:-1000])
    for path in (wav, stereo, empty, cut):
        with pytest.raises(ValueError, match="restore it"):
            OpusFile(path)
