"""The routes of the HTTP service, a module each."""
