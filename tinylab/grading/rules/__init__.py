"""`course.toml`, the released notebooks and the limits in, what grading goes by out."""
