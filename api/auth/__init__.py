"""Who asks, and what they may do: keys, sign-in, permissions, rate limits."""
