"""Concept questions of the notebooks of anomaly detection."""

from tinylab.course.exercises.questioning import Question, concept_questions

__all__ = ["EXERCISES"]

EXERCISES = (
    concept_questions(
        "questions_ad_train",
        Question(
            "why health alone",
            "c",
            {
                "a": "it is not easier; it is what there is.",
                "b": "a classifier of the same size would fit as well.",
            },
        ),
        Question(
            "what the loss says",
            "a",
            {
                "b": "nothing says so either.",
                "c": "it may copy faults better, too.",
            },
        ),
        Question(
            "what an AUC is",
            "b",
            {
                "a": "there is no threshold in it, so nothing is judged right or wrong.",
                "c": "how many are found depends on where the threshold is put.",
            },
        ),
        Question(
            "where the threshold comes from",
            "c",
            {
                "a": "the training split holds no faults to choose with.",
                "b": "it holds faults of every kind.",
            },
        ),
    ),
    concept_questions(
        "questions_ad_compress",
        Question(
            "why the mistake hid",
            "b",
            {
                "a": "folding with the bias is exact; without it, it is not.",
                "c": "the comparison was in float.",
            },
        ),
        Question(
            "why a score is harder",
            "a",
            {
                "b": "their unit does not matter to rounding.",
                "c": "the outputs are what is added up, each with its rounding.",
            },
        ),
        Question(
            "what the arena holds",
            "c",
            {
                "a": "a layer's input and output must be there at once.",
                "b": "an activation is free as soon as the next layer has read it.",
            },
        ),
        Question(
            "why the accelerator waits",
            "b",
            {
                "a": "within a layer all units can.",
                "c": "a small convolution would become faster.",
            },
        ),
    ),
    concept_questions(
        "questions_ad_adapt",
        Question(
            "when a new threshold is enough",
            "b",
            {
                "a": "what counts is not its age but whether the scores still tell.",
                "c": "if the two kinds of scores overlap, quieting the alarm loses the faults.",
            },
        ),
        Question(
            "what backward transfer compares",
            "a",
            {
                "b": "that is another figure, forward of the task.",
                "c": "tasks differ in how hard they are.",
            },
        ),
        Question(
            "what a reservoir promises",
            "c",
            {
                "a": "it looks at no item's content.",
                "b": "that is a ring buffer.",
            },
        ),
        Question(
            "what Fisher information is for",
            "b",
            {
                "a": "that would be a pull that is equally strong for all.",
                "c": "it stores no recordings at all.",
            },
        ),
    ),
    concept_questions(
        "questions_ad_energy",
        Question(
            "what voltage does",
            "a",
            {
                "b": "the voltage counts, too.",
                "c": "the voltage counts squared, and the clock once.",
            },
        ),
        Question(
            "what a bound is for",
            "b",
            {
                "a": "the table learns from what it meets.",
                "c": "no device knows the future.",
            },
        ),
        Question(
            "when learning pays",
            "c",
            {
                "a": "neither takes any time to speak of.",
                "b": "a larger store makes it easier for both.",
            },
        ),
    ),
)
