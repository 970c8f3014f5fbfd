"""Pure rules: facts and time in, findings and numbers out."""
