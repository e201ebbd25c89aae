"""What the text says: folding, language, indicators, places and the Finding they add up to."""
