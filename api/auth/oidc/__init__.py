"""Signing in with an account of another server's, by OpenID Connect."""
