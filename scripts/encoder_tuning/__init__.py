"""Tuning the sentence model: what is learned from, the encoder, the training, the measuring."""
