"""The class's board: models that students chose to hand in, measured anew, under pseudonyms."""
