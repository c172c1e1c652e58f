"""The exercises of `01_keyword_spotting`, a module or two a notebook."""
