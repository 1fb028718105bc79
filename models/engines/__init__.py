"""Scoring engines: ``onnx`` (default), ``torch`` (any Hugging Face classifier), ``lexicon`` (floor)."""
