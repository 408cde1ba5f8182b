"""In which order addresses are fetched: hosts take turns, and none holds up another."""
