"""Concept questions of the notebooks of keyword spotting."""

from tinylab.course.exercises.questioning import Question, concept_questions

__all__ = ["EXERCISES"]

EXERCISES = (
    concept_questions(
        "questions_kws_train",
        Question(
            "what repeats",
            "a",
            {
                "b": (
                    "clips of one voice are right or wrong together, so more clips of few "
                    "voices do not narrow what you want to know."
                ),
                "c": (
                    "new voices make the figure fair, not certain: other new voices would "
                    "give another figure."
                ),
            },
        ),
        Question(
            "why a depthwise separable block is cheap",
            "b",
            {
                "a": "it has as many; they are made from 1 x 1 products.",
                "c": "it writes as many positions as the ordinary convolution.",
            },
        ),
        Question(
            "what a false accept rate needs",
            "c",
            {
                "a": "an event that happens ten times an hour is easily missed in ten minutes.",
                "b": "0 events have an interval, too: it begins at 0 and does not end there.",
            },
        ),
        Question(
            "what smoothing costs",
            "c",
            {
                "a": "they are computed before anything is averaged.",
                "b": "one wrong window weighs less in a longer mean.",
            },
        ),
    ),
    concept_questions(
        "questions_kws_compress",
        Question(
            "what a bit is worth",
            "b",
            {
                "a": (
                    "how much accuracy it brings depends on the model; the noise of a uniform "
                    "quantizer follows its step."
                ),
                "c": "half the step is half the error, and power is its square.",
            },
        ),
        Question(
            "when a scale for each channel helps",
            "a",
            {
                "b": "how many there are does not change what one scale does to each.",
                "c": "that is what a zero point is for.",
            },
        ),
        Question(
            "why to clip",
            "c",
            {
                "a": "they matter more, each; there are only few of them.",
                "b": "each weight takes as many bits as before.",
            },
        ),
        Question(
            "what straight-through is",
            "c",
            {
                "a": "the exact one is zero almost everywhere, and nothing would be learned.",
                "b": "forward, everything is rounded as on the device.",
            },
        ),
    ),
    concept_questions(
        "questions_kws_adapt",
        Question(
            "what needs the memory",
            "a",
            {
                "b": "every optimizer needs a gradient for each trained weight.",
                "c": "weights that are trained change by less than a step of int8.",
            },
        ),
        Question(
            "what forgetting is measured from",
            "c",
            {
                "a": (
                    "the owner does not care which step lost the words; the device had them "
                    "when it left the factory."
                ),
                "b": (
                    "what comes back later makes the loss smaller; it does not change where "
                    "one counts from."
                ),
            },
        ),
        Question(
            "why rehearsal works",
            "b",
            {
                "a": "it is the same in both runs.",
                "c": "the words were learned long before; they only have to be held.",
            },
        ),
    ),
    concept_questions(
        "questions_kws_energy",
        Question(
            "what limits a life",
            "b",
            {
                "a": "that matters to devices that live for years.",
                "c": "the network is about an eighth of what the battery pays for.",
            },
        ),
        Question(
            "when hurrying pays",
            "a",
            {
                "b": "if the board must stay awake afterwards, being over sooner brings nothing.",
                "c": "then slowing down saves more than time costs.",
            },
        ),
        Question(
            "what an interval of a prediction says",
            "c",
            {
                "a": "overlap leaves a probability, and here it is far from one half.",
                "b": "the interval of B reaches below A.",
            },
        ),
        Question(
            "what the stack does",
            "c",
            {
                "a": "floats cost a few times more on such a core, not thirty.",
                "b": "wait states cost tens of per cent, not a factor of thirty.",
            },
        ),
    ),
    concept_questions(
        "questions_kws_federated",
        Question(
            "what is averaged",
            "b",
            {
                "a": (
                    "that would be an ensemble, and would need every user's model at each answer."
                ),
                "c": "no recording leaves a device: that is the point.",
            },
        ),
        Question(
            "what masks protect",
            "a",
            {
                "b": "the sum, and the model, still tell: that needs noise.",
                "c": (
                    "they hide those as well as all others, and a robust rule cannot look at them."
                ),
            },
        ),
        Question(
            "what skew costs",
            "b",
            {
                "a": "learning together, where nobody pulls, lost as much.",
                "c": "no bit was left out in that comparison.",
            },
        ),
        Question(
            "what robust rules do",
            "c",
            {
                "a": "it loses far more than noise would.",
                "b": "so does counting all users alike, which costs nothing here.",
            },
        ),
    ),
)
