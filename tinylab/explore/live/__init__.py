"""Live input: the page's microphone and camera, or a file, in; a clip or a picture out."""
