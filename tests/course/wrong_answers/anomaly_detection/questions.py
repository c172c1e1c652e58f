"""Wrong choices in the concept questions of the notebooks of anomaly detection."""

from tests.course.wrong_answers import wrong_choices

QUESTIONS_AD_TRAIN = wrong_choices(
    "questions_ad_train",
    {
        "aabc": "is not easier",
        "babc": "classifier of the same size",
        "cbbc": "says so either",
        "ccbc": "may copy faults better",
        "caac": "is no threshold in it",
        "cacc": "many are found depends on",
        "caba": "training split holds no faults",
        "cabb": "holds faults of every kind",
    },
)
QUESTIONS_AD_COMPRESS = wrong_choices(
    "questions_ad_compress",
    {
        "aacb": "with the bias is exact",
        "cacb": "comparison was in float",
        "bbcb": "unit does not matter to",
        "bccb": "outputs are what is added",
        "baab": "layer's input and output must",
        "babb": "activation is free as soon",
        "baca": "a layer all units can",
        "bacc": "small convolution would become faster",
    },
)
QUESTIONS_AD_ADAPT = wrong_choices(
    "questions_ad_adapt",
    {
        "aacb": "counts is not its age",
        "cacb": "the two kinds of scores",
        "bbcb": "is another figure",
        "bccb": "differ in how hard they",
        "baab": "looks at no item's content",
        "babb": "is a ring buffer",
        "baca": "would be a pull that",
        "bacc": "stores no recordings at all",
    },
)
QUESTIONS_AD_ENERGY = wrong_choices(
    "questions_ad_energy",
    {
        "bbc": "voltage counts",
        "cbc": "voltage counts squared",
        "aac": "table learns from what it",
        "acc": "device knows the future",
        "aba": "takes any time to speak",
        "abb": "larger store makes it easier",
    },
)
