"""The goodwill command: parse, call one use case, render, map the outcome to an exit code."""
