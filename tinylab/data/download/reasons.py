"""Why a download failed, in a few words."""

import requests

__all__ = ["reason"]


def reason(error: requests.RequestException) -> str:
    """The cause as far as whoever sits before the computer can do something about it."""
    if error.response is not None:
        return f"HTTP status {error.response.status_code}"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate was not accepted; is the clock of this computer right?"
    return "no connection" if isinstance(error, requests.ConnectionError) else str(error)
