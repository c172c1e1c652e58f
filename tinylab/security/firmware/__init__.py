"""Firmware updates: a model goes in, signed; a boot loader on the emulated chip takes it or not."""
