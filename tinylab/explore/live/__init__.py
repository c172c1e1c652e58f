"""Live input: a clip or a picture from the page's microphone and camera, or from a file."""
