"""What runs inside the sandbox, each file on its own: `launcher` builds it, `kernel` is the kernel
that runs a student's code."""
