"""Wrong choices in the concept questions of the notebooks of keyword spotting."""

from tests.course.wrong_answers import wrong_choices

QUESTIONS_KWS_TRAIN = wrong_choices(
    "questions_kws_train",
    {
        "bbcc": "of one voice are right",
        "cbcc": "voices make the figure fair",
        "aacc": "has as many",
        "accc": "writes as many positions as",
        "abac": "event that happens ten times",
        "abbc": "events have an interval",
        "abca": "are computed before anything is",
        "abcb": "wrong window weighs less in",
    },
)
QUESTIONS_KWS_COMPRESS = wrong_choices(
    "questions_kws_compress",
    {
        "aacc": "much accuracy it brings depends",
        "cacc": "the step is half the",
        "bbcc": "many there are does not",
        "bccc": "is what a zero point",
        "baac": "matter more",
        "babc": "weight takes as many bits",
        "baca": "exact one is zero almost",
        "bacb": "",
    },
)
QUESTIONS_KWS_ADAPT = wrong_choices(
    "questions_kws_adapt",
    {
        "bcb": "optimizer needs a gradient for",
        "ccb": "that are trained change by",
        "aab": "owner does not care which",
        "abb": "comes back later makes the",
        "aca": "is the same in both",
        "acc": "words were learned long before",
    },
)
QUESTIONS_KWS_ENERGY = wrong_choices(
    "questions_kws_energy",
    {
        "aacc": "matters to devices that live",
        "cacc": "network is about an eighth",
        "bbcc": "the board must stay awake",
        "bccc": "slowing down saves more than",
        "baac": "leaves a probability",
        "babc": "interval of B reaches below",
        "baca": "cost a few times more",
        "bacb": "states cost tens of per",
    },
)
QUESTIONS_KWS_FEDERATED = wrong_choices(
    "questions_kws_federated",
    {
        "aabc": "would be an ensemble",
        "cabc": "recording leaves a device",
        "bbbc": "sum",
        "bcbc": "hide those as well as",
        "baac": "together",
        "bacc": "bit was left out in",
        "baba": "loses far more than noise",
        "babb": "does counting all users alike",
    },
)
