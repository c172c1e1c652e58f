"""The record book in, tables, feedback pages and the similarity report out."""
