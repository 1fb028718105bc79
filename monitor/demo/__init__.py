"""A made-up company's year as ordinary input files, with the truth that was planted in them."""
