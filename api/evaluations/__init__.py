"""The operator's question file, asked beside the readers' questions, and its figures over time."""
