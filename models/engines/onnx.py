"""The default engine: the shipped model on ONNX Runtime, no network, two threads."""
