"""A person of a picture: body, head, hands and what they look like."""
