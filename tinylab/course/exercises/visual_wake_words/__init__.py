"""The exercises of `02_visual_wake_words`, a module or two a notebook."""
