"""Pure helpers over text, named for what they do."""
