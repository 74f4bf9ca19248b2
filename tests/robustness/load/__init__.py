"""What a server does under more than it can answer, and while its documents change."""
