"""The words that every floor shares: numbers, ids, messages, consent, inbound texts, events."""
