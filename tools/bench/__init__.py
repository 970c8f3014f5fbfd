"""Measures the gateway, and Kannel beside it, under the same load and the same carrier."""
