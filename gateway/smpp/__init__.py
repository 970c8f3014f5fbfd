"""SMPP 3.4 without input or output: octets in, events out. Begin with `connection.Connection`."""
