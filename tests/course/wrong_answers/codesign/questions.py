"""Wrong choices in the concept questions of the notebooks of codesign."""

from tests.course.wrong_answers import wrong_choices

QUESTIONS_SEARCH = wrong_choices(
    "questions_search",
    {
        "aacbb": "shares weights that were trained",
        "cacbb": "with its own statistics, and only",
        "bbcbb": "large networks are better",
        "bccbb": "tells these two apart",
        "baabb": "would have to be as fast",
        "babbb": "is better in one of the two",
        "bacab": "was luckier once",
        "baccb": "had as many",
        "bacba": "as many numbers as before",
        "bacbc": "look at the flash",
    },
)
QUESTIONS_BENCHMARK = wrong_choices(
    "questions_benchmark",
    {
        "abba": "narrower level of confidence makes",
        "bbba": "question is what these recordings",
        "caba": "may be quantized",
        "ccba": "weight that is not zero",
        "cbaa": "may lie on either side",
        "cbca": "have one",
        "cbbb": "",
        "cbbc": "% looks like something",
    },
)
QUESTIONS_SECURITY = wrong_choices(
    "questions_security",
    {
        "bbbc": "larger change turns more",
        "cbbc": "how well it learned",
        "aabc": "gradient turned it",
        "acbc": "scores are rounded",
        "abac": "by its own gradient it falls",
        "abcc": "same attack turns the dense",
        "abba": "lacks the maker",
        "abbb": "keeps nobody from reading",
    },
)
QUESTIONS_HEARTBEAT = wrong_choices(
    "questions_heartbeat",
    {
        "acaa": "network has met every patient",
        "ccaa": "of one patient resemble each",
        "baaa": "is their recall",
        "bbaa": "one that calls everything normal",
        "bcba": "it was not used",
        "bcca": "the recording it is",
        "bcab": "answers are now *ventricular*",
        "bcac": "number in the last layer",
    },
)
