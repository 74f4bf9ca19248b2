"""The second stage: question and passages are read together, token by token."""
