"""Operators with weights: convolutions, dense layers, recurrent layers."""
