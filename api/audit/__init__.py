"""The audit log: who changed, read or let in what, in a chain that nothing can be taken out of."""
