"""Archives to one dump, on a distributed engine or in this process."""
