"""The exercises of `04_codesign`, a module or two a notebook."""
