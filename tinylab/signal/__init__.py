"""Waveform in, features out (MFCC, log-mel): numpy, whole clips or a stream of frames."""
