"""The bundled data sets and the programs that made them; README.md is their datasheet."""
