"""Training of the shipped model: data sets in, ``weights/<model id>/`` out."""
