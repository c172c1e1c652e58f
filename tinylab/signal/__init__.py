"""Features of a waveform (MFCC, log-mel), of whole clips or as a stream of frames. Plain numpy."""
