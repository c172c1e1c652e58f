"""What runs inside the sandbox, each file on its own: `launcher` builds the walls, `kernel` is the
kernel that runs a student's code, `wire` turns values into bytes and back."""
