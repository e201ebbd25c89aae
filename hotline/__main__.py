"""`python -m hotline` is the same as `hotline`."""

from hotline.commands import main

main()
