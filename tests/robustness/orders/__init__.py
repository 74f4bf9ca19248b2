"""Requests and the server's own steps, each stopped between any two transactions, in any order."""
