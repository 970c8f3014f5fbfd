"""What a text may say and must say: the rules on wording, links and numbers, in English, Spanish and French."""
