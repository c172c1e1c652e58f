"""Build the patients to train on: `python -m datasets.heartbeats.build`.

Everything random comes from one seed and `tinylab.data.heartbeats.patients`, which also makes the
hidden patients, when they are asked for. These ones are stored, so that the same bytes are trained
on everywhere: another version of numpy may draw other patients. Writes beside itself

    patients.npz    signals in steps of 5 uV, where beats were found, and their classes
"""

from pathlib import Path

import numpy as np

from tinylab.data.download import checksums
from tinylab.data.heartbeats.patients import TRAINING, record_patient
from tinylab.files import replacing

SEED, PATIENTS = 7, 60
PATH = Path(__file__).resolve().parent / "patients.npz"


def main() -> None:
    recordings = [record_patient(TRAINING, SEED, number) for number in range(PATIENTS)]
    with replacing(PATH) as temporary:
        np.savez_compressed(
            temporary,
            patients=np.array([recording.patient for recording in recordings]),
            samples=np.array([len(recording.counts) for recording in recordings]),
            beats=np.array([len(recording.peaks) for recording in recordings]),
            counts=np.concatenate([recording.counts for recording in recordings]),
            peaks=np.concatenate([recording.peaks for recording in recordings]).astype(np.int32),
            labels=np.concatenate([recording.labels for recording in recordings]).astype(np.int8),
        )
    checksums.record([PATH])


if __name__ == "__main__":
    main()
