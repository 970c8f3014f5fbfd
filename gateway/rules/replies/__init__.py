"""Reading a consumer's free-text reply: a grammar over word classes, in English, Spanish and French."""
