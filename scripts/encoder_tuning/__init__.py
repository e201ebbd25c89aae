"""Tuning the sentence model: what is learned from, the encoder, the training, the measuring."""

# Which labels a text teaches: all, those read from it with one sex, or those read from it as written.
ALL, NEUTRAL, WRITTEN = 0, 1, 2
