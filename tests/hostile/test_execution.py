"""C: whatever a submission does to what runs it, each question gets the result it deserves."""


def test_required_outcome(execution_case, attempt, meets):
    meets(execution_case, attempt(execution_case))
