"""Concept questions of the notebooks of visual wake words."""

from tinylab.course.exercises.questioning import Question, concept_questions

__all__ = ["EXERCISES"]

EXERCISES = (
    concept_questions(
        "questions_vww_train",
        Question(
            "what the width does",
            "b",
            {
                "a": "there are as many layers as before.",
                "c": "it has too few MACs to be seen, and it shrinks as well.",
            },
        ),
        Question(
            "what weights in a loss do",
            "a",
            {
                "b": "its area under the curve is the same, and its threshold moved less.",
                "c": (
                    "the area under the curve did not change: the order of the pictures is "
                    "the same."
                ),
            },
        ),
        Question(
            "what precision depends on",
            "c",
            {
                "a": "it is a share of the pictures with people, however many there are.",
                "b": "it is a share of the pictures without people.",
            },
        ),
        Question(
            "what a test on rendered pictures shows",
            "c",
            {
                "a": "new scenes of the same renderer are still rendered.",
                "b": "what a person looks like does not change altogether.",
            },
        ),
    ),
    concept_questions(
        "questions_vww_compress",
        Question(
            "what a zero saves",
            "b",
            {
                "a": "the kernel multiplies by zero as by anything else.",
                "c": (
                    "it must be unpacked before it runs, and the activations are as large as ever."
                ),
            },
        ),
        Question(
            "which weights go",
            "c",
            {
                "a": "it removes the smallest, wherever they are.",
                "b": "that is often so, but no rule says it: what it looks at is magnitude.",
            },
        ),
        Question(
            "what a code needs",
            "a",
            {
                "b": "then a fixed width is already the best.",
                "c": "how many there are says nothing about how unlike their frequencies are.",
            },
        ),
        Question(
            "what two trainings show",
            "c",
            {
                "a": "nothing here says how good the teacher was.",
                "b": (
                    "another seed may turn it round: the intervals overlap, and each was "
                    "trained once."
                ),
            },
        ),
    ),
    concept_questions(
        "questions_vww_adapt",
        Question(
            "what a fair comparison is",
            "c",
            {
                "a": "that would show that adapting helps.",
                "b": (
                    "the number of steps was chosen for each; what differs is what was seen before."
                ),
            },
        ),
        Question(
            "why to pair",
            "a",
            {
                "b": (
                    "a mean can be taken of any number; it is its interval that pairing narrows."
                ),
                "c": "the mean difference is the same; it scatters less.",
            },
        ),
        Question(
            "what first-order MAML leaves out",
            "b",
            {
                "a": "without them nothing would be adapted.",
                "c": "that is Reptile.",
            },
        ),
        Question(
            "what a trained bias costs",
            "a",
            {
                "b": "that is four bytes each, and there are few.",
                "c": "a bias is one number a channel.",
            },
        ),
    ),
    concept_questions(
        "questions_vww_energy",
        Question(
            "what early exits save",
            "a",
            {
                "b": "it may: they save energy; only the worst case stays.",
                "c": "the pictures that go to the end take as long as ever, and a little longer.",
            },
        ),
        Question(
            "what a temperature changes",
            "b",
            {
                "a": "the largest stays the largest.",
                "c": "it is made of the answers, which stay the same.",
            },
        ),
        Question(
            "where to cut",
            "b",
            {
                "a": "then more is worth sending.",
                "c": "then more is worth sending.",
            },
        ),
        Question(
            "what sets the pace",
            "c",
            {
                "a": "that is the latency of one picture.",
                "b": "it may finish early and wait for a slower one behind it.",
            },
        ),
    ),
)
