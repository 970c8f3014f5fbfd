"""The door to disk: verbs that are each one transaction, and the task that commits many of them at once."""
