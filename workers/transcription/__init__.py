"""Who writes down what a caller said: nobody but the officer, the carrier, or a program on this machine."""
