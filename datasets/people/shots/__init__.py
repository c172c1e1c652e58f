"""The views that pictures are taken of: with people, with hands, without either."""
