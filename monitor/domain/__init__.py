"""Frozen value types of the field, without any input or output."""
