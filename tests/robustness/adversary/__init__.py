"""Clients that hold, drip, flood and abandon on every route, while another one asks questions."""
