"""A figure of an explorer: its state as plain data, the widget that draws it, its axes."""
