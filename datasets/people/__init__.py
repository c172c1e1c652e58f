"""Pictures with and without people, and the renderer that made them."""
