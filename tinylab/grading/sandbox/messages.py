"""What is read out of a kernel's messages: whatever stands in them, the result is harmless."""

import json

__all__ = ["answers", "clean_text", "is_idle", "printed", "read_message", "says_zero"]

TEXT_LIMIT = 400


def answers(message: dict, wanted: str, kind: str | None = None) -> bool:
    """Whether a message is about the request asked."""
    about = message["parent_header"].get("msg_id") == wanted
    return about and (kind is None or message["header"].get("msg_type") == kind)


def is_idle(message: dict) -> bool:
    return message["content"].get("execution_state") == "idle"


def printed(message: dict) -> str:
    """The text of an output message, else nothing."""
    content = message["content"]
    data = content.get("data")
    text = content.get("text", data.get("text/plain", "") if isinstance(data, dict) else "")
    return text if isinstance(text, str) and message["header"].get("msg_type") != "status" else ""


def clean_text(value) -> str:
    """Text from a kernel, cut and without control characters."""
    shown = str(value)[: 4 * TEXT_LIMIT] if isinstance(value, str) else ""
    return "".join(c if c.isprintable() else " " for c in shown).strip()[:TEXT_LIMIT]


def says_zero(expressions) -> bool:
    """Whether the exit code of the last command was 0; no command leaves no code."""
    try:
        reply = expressions["command"]
        return reply["status"] != "ok" or json.loads(reply["data"]["text/plain"]) == 0
    except (KeyError, TypeError, ValueError):
        return False


def read_message(session, frames: list[bytes]) -> dict | None:
    """The message that frames hold, or None where it is forged or broken."""
    try:
        _, frames = session.feed_identities(frames, copy=True)
        message = session.deserialize(frames, content=True, copy=True)
        for part in ("header", "parent_header", "content"):
            message[part].get("status")  # an AttributeError where it is no dict
        return message
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        OverflowError,
        RecursionError,
    ):
        return None
