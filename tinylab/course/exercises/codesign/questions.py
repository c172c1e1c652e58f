"""Concept questions of the notebooks of codesign."""

from tinylab.course.exercises.questioning import Question, concept_questions

__all__ = ["EXERCISES"]

EXERCISES = (
    concept_questions(
        "questions_search",
        Question(
            "what a slice needs of its own",
            "b",
            {
                "a": "every slice shares weights that were trained, most of all the small ones.",
                "c": "the largest one is right with its own statistics, and only with those.",
            },
        ),
        Question(
            "where a proxy is tested",
            "a",
            {
                "b": "more of the same shows once more that large networks are better.",
                "c": "every proxy tells these two apart.",
            },
        ),
        Question(
            "what a front is",
            "c",
            {
                "a": "it would have to be as fast, too.",
                "b": "each is better in one of the two.",
            },
        ),
        Question(
            "what one seed says",
            "b",
            {
                "a": "it was luckier once; the spread over seeds is what it has to beat.",
                "c": "both had as many.",
            },
        ),
        Question(
            "what four bits save",
            "b",
            {
                "a": "the kernel multiplies as many numbers as before, each of 8 bits.",
                "c": "look at the flash, not at the milliseconds.",
            },
        ),
    ),
    concept_questions(
        "questions_benchmark",
        Question(
            "what a sample can say",
            "c",
            {
                "a": (
                    "a narrower level of confidence makes the interval shorter and the answer "
                    "less sure; it decides nothing."
                ),
                "b": "the question is what these recordings say of this model.",
            },
        ),
        Question(
            "what closed means",
            "b",
            {
                "a": "weights may be quantized, not trained again.",
                "c": "a weight that is not zero may not be thrown away.",
            },
        ),
        Question(
            "why the median",
            "b",
            {
                "a": "it may lie on either side of it.",
                "c": "they have one, and one slow window would pull it down.",
            },
        ),
        Question(
            "what a figure without a threshold is",
            "a",
            {
                "b": "0.5 is what guessing is worth.",
                "c": "77 % looks like something.",
            },
        ),
    ),
    concept_questions(
        "questions_security",
        Question(
            "what a control is",
            "a",
            {
                "b": "a larger change turns more of anybody's answers.",
                "c": "that says how well it learned, not how easily it is turned.",
            },
        ),
        Question(
            "what a zero gradient says",
            "b",
            {
                "a": "the float model's gradient turned it, and so did queries.",
                "c": "its scores are rounded and stand at their end; the weights are as they were.",
            },
        ),
        Question(
            "which attacker is meant",
            "b",
            {
                "a": "under an attack by its own gradient it falls, too.",
                "c": "the same attack turns the dense model.",
            },
        ),
        Question(
            "what a signature protects",
            "c",
            {
                "a": "her image lacks the maker's signature.",
                "b": "a signature keeps nobody from reading.",
            },
        ),
    ),
    concept_questions(
        "questions_heartbeat",
        Question(
            "what to split by",
            "b",
            {
                "a": "the network has met every patient of the validation.",
                "c": "beats of one patient resemble each other, and every patient is in both.",
            },
        ),
        Question(
            "what accuracy hides",
            "c",
            {
                "a": "that is their recall, which may be zero here.",
                "b": "the one that calls everything normal has as much.",
            },
        ),
        Question(
            "what the device knows",
            "a",
            {
                "b": "then it was not used.",
                "c": "in the recording it is; on the device the next beat has not come yet.",
            },
        ),
        Question(
            "what a threshold costs",
            "a",
            {
                "b": "more answers are now *ventricular*, and not all of them are right.",
                "c": "one number in the last layer is another number, not more work.",
            },
        ),
    ),
)
