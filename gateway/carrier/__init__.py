"""The door to carriers: links over TCP or TLS, and the binds that keep them up."""
