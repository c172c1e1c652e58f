"""Wrong choices in the concept questions of the notebooks of visual wake words."""

from tests.course.wrong_answers import wrong_choices

QUESTIONS_VWW_TRAIN = wrong_choices(
    "questions_vww_train",
    {
        "aacc": "are as many layers as",
        "cacc": "has too few MACs to",
        "bbcc": "area under the curve is",
        "bccc": "area under the curve did",
        "baac": "is a share of the",
        "babc": "is a share of the",
        "baca": "scenes of the same renderer",
        "bacb": "a person looks like does",
    },
)
QUESTIONS_VWW_COMPRESS = wrong_choices(
    "questions_vww_compress",
    {
        "acac": "kernel multiplies by zero as",
        "ccac": "must be unpacked before it",
        "baac": "removes the smallest",
        "bbac": "is often so",
        "bcbc": "a fixed width is already",
        "bccc": "many there are says nothing",
        "bcaa": "here says how good the",
        "bcab": "seed may turn it round",
    },
)
QUESTIONS_VWW_ADAPT = wrong_choices(
    "questions_vww_adapt",
    {
        "aaba": "would show that adapting helps",
        "baba": "number of steps was chosen",
        "cbba": "mean can be taken of",
        "ccba": "mean difference is the same",
        "caaa": "them nothing would be adapted",
        "caca": "is Reptile",
        "cabb": "is four bytes each",
        "cabc": "bias is one number a",
    },
)
QUESTIONS_VWW_ENERGY = wrong_choices(
    "questions_vww_energy",
    {
        "bbbc": "may",
        "cbbc": "pictures that go to the",
        "aabc": "largest stays the largest",
        "acbc": "is made of the answers",
        "abac": "more is worth sending",
        "abcc": "more is worth sending",
        "abba": "is the latency of one",
        "abbb": "may finish early and wait",
    },
)
